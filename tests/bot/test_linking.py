"""Who writes: invitations, strangers, two accounts, leaving off, coming back, blocking."""

from datetime import timedelta

from sqlmodel import select

from tests.worlds.stage import NOW
from tracker.domain.terms import Scope
from tracker.services.access.tokens import find_token
from tracker.services.engine.clock import tick
from tracker.services.engine.delivery import deliver
from tracker.tables import Event, Message, Token


def test_an_invitation_is_confirmed_by_name_and_welcomed_once(stage):
    chat = stage.telegram.add_user("Ольга", "В", "olga_v")
    stage.telegram.start(chat, stage.invite("olga"))
    stage.settled()
    assert stage.last(chat).text == "Вы Ольга Ветрова, 1С-франчайзи?"
    assert stage.labels(stage.last(chat)) == ["Да", "Нет, это не я"]
    assert stage.person("olga").telegram_id is None, "nothing happens before the answer"

    assert stage.press(chat, "Да") == "Спасибо."
    confirmed, welcome = stage.said(chat)
    assert confirmed.text == "Вы на связи как Ольга Ветрова."
    assert confirmed.buttons == ()
    assert welcome.text.startswith("Здравствуйте. Это Auftakt, бот проекта «Лавка и 1С».\nПроект ведёт Анна Белова.")
    person = stage.person("olga")
    assert (person.telegram_id, person.telegram_chat_id, person.knows_bot) == (chat, chat, True)
    assert person.telegram_name == "Ольга В (@olga_v)"

    stage.tell(chat, "/start")
    assert stage.last(chat).text == "Вы на связи как Ольга Ветрова."
    assert len(stage.said(chat)) == 3


def test_what_the_journal_of_the_project_tells_names_no_account(stage):
    chat = stage.link("olga")
    from tracker.tables import EventPayload

    linked = stage.rows(select(Event).where(Event.kind == "person.linked"))
    assert {event.project_id for event in linked} == {0, stage.ids["project"]}
    for payload in stage.rows(select(EventPayload)):
        assert str(chat) not in str(payload.body)


def test_an_invitation_works_once(stage):
    payload = stage.invite("olga")
    first, second = stage.telegram.add_user("Ольга"), stage.telegram.add_user("Чужой")
    stage.telegram.start(first, payload)
    stage.settled()
    stage.press(first, "Да")
    stage.telegram.start(second, payload)
    stage.settled()
    assert stage.last(second).text == "Эта ссылка больше не действует. Новую даст тот, кто ведёт проект."
    assert stage.person("olga").telegram_id == first
    stage.telegram.start(first, payload)
    stage.settled()
    assert stage.last(first).text == "Вы на связи как Ольга Ветрова.", "her own link, opened again, is no trouble"


def test_an_expired_or_withdrawn_invitation_connects_nobody_even_after_the_question(stage):
    chat = stage.telegram.add_user("Ольга")
    stage.telegram.start(chat, stage.invite("olga"))
    stage.settled()
    with stage.db.writing() as session:
        for token in session.exec(select(Token)):
            token.revoked_at = NOW
            session.add(token)
    stage.press(chat, "Да")
    assert stage.last(chat).text.startswith("Эта ссылка больше не действует.")
    assert stage.person("olga").telegram_id is None


def test_somebody_else_says_so_and_the_conductor_learns_it(stage):
    chat = stage.telegram.add_user("Иван", "", "ivan")
    payload = stage.invite("olga")
    stage.telegram.start(chat, payload)
    stage.settled()
    stage.press(chat, "Нет, это не я")
    assert stage.last(chat).text.startswith("Спасибо, что сообщили. Ничего не связано")
    [card] = stage.cards()
    assert (card.kind, card.person_id, card.note) == ("unmatched", stage.ids["olga"], "Иван (@ivan)")
    with stage.db.reading() as session:
        assert find_token(session, Scope.START, payload, now=NOW).person_id == stage.ids["olga"], "the link stays good"


def test_nobody_links_by_a_button_they_were_not_asked_with(stage):
    stage.invite("olga")
    chat = stage.telegram.add_user("Чужой")
    stage.telegram.start(chat)
    stage.settled()
    for data in ("v1:yes:1:0", "v1:yes:2:0"):
        assert stage.forge(chat, stage.last(chat).message_id, data) == "Эта кнопка устарела."
    assert stage.person("olga").telegram_id is None


def test_a_stranger_gets_a_polite_word_whatever_they_send(stage):
    chat = stage.telegram.add_user("Кто-то", language_code="en")
    stage.telegram.start(chat, "no-such-payload")
    stage.settled()
    assert stage.last(chat).text == "This link does not work any more. Ask the conductor for a new one."
    for send in (
        lambda: stage.telegram.send_text(chat, "hello"),
        lambda: stage.telegram.send_text(chat, "/today"),
        lambda: stage.telegram.send_text(chat, "/stop"),
        lambda: stage.telegram.send_photo(chat, b"picture"),
    ):
        send()
        stage.settled()
        assert stage.last(chat).text.startswith("Hello. This is Auftakt, a bot that helps joint projects")
    assert stage.cards() == []


def test_a_new_telegram_takes_over_and_the_old_one_is_told(stage):
    old = stage.link("olga")
    new = stage.telegram.add_user("Ольга", "", "new_olga")
    stage.telegram.start(new, stage.invite("olga"))
    stage.settled()
    stage.press(new, "Да")
    assert stage.person("olga").telegram_id == new
    assert stage.last(old).text == "Теперь сообщения приходят в другой Telegram: Ольга (@new_olga)."
    stage.tell(old, "/today")
    assert stage.last(old).text.startswith("Здравствуйте. Это Auftakt, бот, который помогает")


def test_one_telegram_is_one_person(stage):
    chat = stage.link("olga")
    stage.telegram.start(chat, stage.invite("petr"))
    stage.settled()
    assert stage.last(chat).text == (
        "Вы Пётр Седов, Студия?\nСейчас этот Telegram связан здесь с другим именем: Ольга Ветрова."
    )
    stage.press(chat, "Да")
    assert stage.person("petr").telegram_id == chat
    assert stage.person("olga").telegram_id is None


def test_stop_works_at_once_and_start_resumes(stage):
    chat = stage.link("olga")
    stage.ask("Прислать поля формы")
    stage.tell(chat, "/stop")
    assert "Хорошо, больше не пишу. Ваши задачи: https://auftakt.example/my/" in stage.last(chat).text
    assert stage.person("olga").opted_out_at is not None
    [card] = stage.cards()
    assert (card.kind, card.person_id, card.settled_at) == ("opt_out", stage.ids["olga"], None)
    later = NOW + timedelta(days=2)
    tick(stage.db, later)
    deliver(stage.db, later, {"telegram": stage.bot.send})
    assert "больше не пишу" in stage.last(chat).text, "nothing comes after that"

    stage.tell(chat, "/start")
    assert stage.last(chat).text == "Хорошо, сообщения снова включены."
    assert stage.person("olga").opted_out_at is None
    assert stage.cards()[0].settled_at is not None


def test_blocking_is_told_to_the_conductor_once_and_unblocking_heals(stage):
    chat = stage.link("olga")
    stage.telegram.block(chat)
    stage.settled()
    stage.telegram.repeat_update()
    person = stage.person("olga")
    assert (person.telegram_dead_reason, person.telegram_dead_at is not None) == ("blocked", True)
    [card] = stage.cards()
    assert (card.kind, card.person_id) == ("unreachable", stage.ids["olga"])

    stage.telegram.unblock(chat)
    stage.settled()
    assert stage.person("olga").telegram_dead_at is None
    assert stage.cards()[0].settled_at is not None


def test_a_blocked_bot_is_found_out_by_sending_as_well(stage):
    chat = stage.link("olga")
    task_id = stage.ask("Прислать поля формы")
    stage.telegram.fail("sendMessage", "blocked", times=None, chat_id=chat)
    for hours in range(40):
        now = NOW + timedelta(hours=hours)
        tick(stage.db, now)
        deliver(stage.db, now, {"telegram": stage.bot.send})
    assert stage.person("olga").telegram_dead_reason == "blocked"
    assert [card.kind for card in stage.cards()] == ["unreachable"]
    assert len(stage.telegram.calls("sendMessage", chat)) - len(stage.said(chat)) == 1, "tried once"
    assert stage.task(task_id).turn_id == stage.ids["olga"]
    [message] = stage.rows(select(Message))
    assert message.state == "failed"


def test_in_a_group_the_bot_says_why_it_leaves(stage):
    chat = stage.link("olga")
    group = stage.telegram.add_group("Лавка", [chat])
    stage.settled()
    assert stage.last(group).text.startswith("Здравствуйте. Я пишу каждому лично и никогда в группе")
    assert len(stage.telegram.calls("leaveChat", group)) == 1
