"""The page of messages: read before the project speaks; approve, stop, reword, pass on by hand; what went out."""

import html
import re
from datetime import date, timedelta

import pytest
from sqlmodel import select

from tests.web.test_place_queries import asked
from tests.worlds.shop import NOW
from tracker.domain.nudging.sending import Delivered
from tracker.services.engine.clock import tick
from tracker.services.engine.delivery import deliver
from tracker.tables import Event, Message, MessageTask, Person, Project, Task

PAGE = "/projects/LEN/messages"
LATER = NOW + timedelta(days=1)


@pytest.fixture
def known(db, world):
    """Everybody knows of the bot and has a chat with it."""
    with db.writing() as session:
        for number, person in enumerate(session.exec(select(Person))):
            person.knows_bot, person.telegram_chat_id, person.telegram_id = True, 900 + number, 900 + number


@pytest.fixture
def held(db, vera, known):
    """A round of the clock, the project speaking with approval; returns the ids of what waits."""
    assert vera.post(f"{PAGE}/switch", data={"messages": "approve", "seen": "1"}).status_code == 303
    tick(db, NOW, channels=("telegram",))
    with db.reading() as session:
        found = session.exec(select(Message.id).where(Message.state == "held").order_by(Message.id)).all()
    assert len(found) >= 2
    return list(found)


def message(db, message_id):
    with db.reading() as session:
        return session.get_one(Message, message_id)


def test_a_silent_project_shows_what_it_would_say_and_to_whom_and_why(vera, known):
    page = vera.get(PAGE).text
    assert "What would go out" in page
    assert "Пётр Соколов" in page
    assert "why: no answer for a while" in page
    assert "Добавить поле «телефон»" in page
    assert "добрый день!" in page.lower(), "in the reader's own words"
    assert "No, not yet." in page


def test_before_anybody_is_invited_there_is_nobody_to_write_to(vera):
    page = vera.get(PAGE).text
    assert page.count("Nothing goes out on this day.") == 3
    assert "Only who was invited or knows of the bot is written to." in page
    assert 'class="prose letter"' not in page


def test_it_is_switched_beside_what_would_be_sent(vera, db, world):
    def state():
        with db.reading() as session:
            return session.get_one(Project, world.project).messages

    assert vera.post(f"{PAGE}/switch", data={"messages": "on"}).status_code == 409, "not from somewhere else"
    assert state() == "off"
    assert vera.post(f"{PAGE}/switch", data={"messages": "on", "seen": "1"}).headers["location"] == PAGE
    with db.reading() as session:
        project = session.get_one(Project, world.project)
        assert (project.preview_seen_at, project.preview_seen_by_id) == (NOW, world.conductor)
    assert state() == "approve", "the first working days go through the conductor's hands"
    assert "Each message waits for it" in vera.get(PAGE).text
    assert vera.post(f"{PAGE}/switch", data={"messages": "off"}).status_code == 303
    assert state() == "off"
    assert vera.post(f"{PAGE}/switch", data={"messages": "loud"}).status_code == 422


def test_only_who_conducts_reads_and_decides(sign_in, anybody, held):
    for who, status in (("mary", 403), ("pete", 403), ("lev", 403), ("stranger", 404)):
        assert sign_in(who).get(PAGE).status_code == status, who
        for verb in ("approve", "stop", "reword", "text", "by-hand"):
            assert sign_in(who).post(f"/messages/{held[0]}/{verb}", data={"text": "x"}).status_code == status, (
                who,
                verb,
            )
    assert anybody.get(PAGE).status_code == 303
    assert sign_in("conductor").post("/messages/999999/approve").status_code == 404


def test_what_is_approved_goes_out_as_it_stands(vera, db, held):
    assert "waits for approval" in vera.get(PAGE).text
    assert vera.post(f"/messages/{held[0]}/approve").headers["location"] == PAGE
    assert vera.post(f"/messages/{held[0]}/approve").status_code == 303, "twice is once"
    sent = []

    def send(one):
        sent.append(one.message_id)
        return Delivered(1, 1)

    deliver(db, LATER, {"telegram": send})
    assert sent == [held[0]]
    page = vera.get(PAGE).text
    assert "What was said" in page
    assert "approved by Вера Лунина" in page
    assert vera.post(f"/messages/{held[0]}/stop").status_code == 409, "it has gone"


def test_all_that_were_on_the_page_are_approved_at_once_and_no_other(vera, db, held):
    shown = re.findall(r'name="message" value="(\d+)"', vera.get(PAGE).text)
    assert [int(one) for one in shown] == held
    assert vera.post(f"{PAGE}/approve-all", data={"message": shown[:1]}).status_code == 303
    assert [message(db, one).state for one in held[:2]] == ["queued", "held"]
    assert vera.post(f"{PAGE}/approve-all", data={"message": [*shown, "999999"]}).status_code == 303
    assert {message(db, one).state for one in held} == {"queued"}


def test_what_is_stopped_does_not_go_out_and_the_page_says_so(vera, db, held):
    assert vera.post(f"/messages/{held[0]}/stop").status_code == 303
    assert message(db, held[0]).state == "cancelled"
    assert "you have stopped it" in vera.get(PAGE).text


def test_the_conductors_words_go_out_and_an_empty_text_brings_ours_back(vera, db, held):
    assert vera.post(f"/messages/{held[0]}/reword", data={"text": "Пётр, как дела с телефоном?"}).status_code == 303
    assert "Пётр, как дела с телефоном?" in vera.get(PAGE).text
    too_long = vera.post(f"/messages/{held[0]}/reword", data={"text": "а" * 3600})
    assert too_long.status_code == 422
    assert "Too long" in too_long.text
    assert vera.post(f"/messages/{held[0]}/reword", data={"text": ""}).status_code == 303
    assert message(db, held[0]).own_text == ""


def test_what_was_passed_on_by_hand_counts_as_told(vera, db, world, held):
    assert vera.post(f"/messages/{held[0]}/by-hand").status_code == 303
    assert vera.post(f"/messages/{held[0]}/by-hand").status_code == 303, "twice is once"
    sent = message(db, held[0])
    assert (sent.state, sent.channel, bool(sent.text)) == ("sent", "copied", True)
    with db.reading() as session:
        events = session.exec(select(Event).where(Event.kind == "message.sent")).all()
        assert [(one.actor_id, one.object_id) for one in events] == [(world.conductor, held[0])]
        told = [task.told_turn_at for task in session.exec(select(Task)) if task.turn_id == sent.person_id]
        assert NOW in told, "it counts as said"
    assert "passed on by hand" in vera.get(PAGE).text
    tick(db, NOW + timedelta(minutes=5), channels=("telegram",))
    with db.reading() as session:
        mine = session.exec(select(Message).where(Message.person_id == sent.person_id)).all()
    assert len(mine) == 1, "the day is spent"


def test_looking_changes_nothing(vera, db, held):
    def heads():
        with db.reading() as session:
            return [(one.id, one.seq) for one in session.exec(select(Event).order_by(Event.id))]

    before = heads()
    for path in (PAGE, f"{PAGE}?before=3", f"{PAGE}?before=nonsense"):
        assert vera.get(path).status_code == 200
    assert heads() == before


def test_three_days_are_shown_and_what_is_only_foreseen_says_so(vera, db, held):
    page = vera.get(PAGE).text
    days = re.findall(r'<h3 class="muted">(.*?)</h3>', page)
    assert days == ["today · Monday, 23 November", "tomorrow · Tuesday, 24 November", "Wednesday, 25 November"]
    assert page.count('<span class="tag">foreseen</span>') >= 1
    assert "their turn since" in page, "the facts of the rule, in words"


def test_the_page_asks_no_more_of_the_database_for_twice_as_many_messages(vera, db, world, held):
    """Words and reasons are read for all of them together."""
    few = asked(db, vera, PAGE)
    with db.writing() as session:
        message = session.get_one(Message, held[0])
        line = session.exec(select(MessageTask).where(MessageTask.message_id == message.id)).first()
        for number in range(10):
            more = Message(**message.model_dump(exclude={"id", "local_day"}), local_day=date(2026, 12, 1 + number))
            session.add(more)
            session.flush()
            session.add(MessageTask(**line.model_dump(exclude={"id", "message_id"}), message_id=more.id))
    assert asked(db, vera, PAGE) == few


def test_the_text_to_pass_on_holds_the_persons_link_and_is_marked_by_a_plain_form(vera, db, held, anybody):
    page = vera.get(PAGE).text
    assert f'action="/messages/{held[0]}/text"' in page
    shown = vera.post(f"/messages/{held[0]}/text")
    assert (shown.status_code, shown.headers["cache-control"]) == (200, "no-store")
    ready = html.unescape(re.search(r'<textarea id="ready"[^>]*>(.*?)</textarea>', shown.text, re.DOTALL)[1])
    link = re.search(r"/my/\S+", ready)[0]
    assert "Ответить можно здесь: " in ready
    assert anybody.get(link).status_code == 200
    assert message(db, held[0]).state == "held", "taken is not sent"
    assert vera.post(f"/messages/{held[0]}/by-hand").status_code == 303
    assert "/my/" not in message(db, held[0]).text, "the outbox keeps no private address"
    assert vera.post(f"/messages/{held[0]}/text").status_code == 409
    with db.reading() as session:
        taken = session.exec(select(Event).where(Event.kind == "message.text_taken")).all()
    assert [one.object_id for one in taken] == [held[0]]


def test_the_log_has_pages_and_says_why_and_what_became_of_it(vera, db, world, held):
    with db.writing() as session:
        first = session.get_one(Message, held[0])
        line = session.exec(select(MessageTask).where(MessageTask.message_id == first.id)).first()
        for number in range(35):
            sent = Message(
                project_id=world.project, person_id=first.person_id, kind="nudge", rule="silence", channel="telegram",
                local_day=date(2026, 9, 1) + timedelta(days=number), queued_at=NOW, send_after=NOW, sent_at=NOW,
                state="unknown" if number == 34 else "sent", text=f"Слова {number}", updated_at=NOW,
            )  # fmt: skip
            session.add(sent)
            session.flush()
            session.add(MessageTask(**line.model_dump(exclude={"id", "message_id"}), message_id=sent.id))
        number = session.get_one(Task, line.task_id).number
    page = vera.get(PAGE).text
    assert "Слова 34" in page and "Слова 4<" not in page
    assert "unknown whether delivered" in page
    older = vera.get(re.search(r'href="(/projects/LEN/messages\?before=\d+)"', page)[1]).text
    assert "Слова 4<" in older and "Слова 34" not in older
    task = vera.get(f"/projects/LEN/t/{number}").text
    assert "unknown whether delivered" in task and "their turn since" in task
    assert task.count("Слова ") < 6
    further = vera.get(re.search(r'href="(/projects/LEN/t/\d+\?told=\d+)#told"', task)[1]).text
    assert "Слова 29<" in further and "Слова 34" not in further


def test_words_about_a_project_that_one_does_not_conduct_are_not_handed_out(vera, db, world, held):
    with db.writing() as session:
        other = session.exec(select(Project.id).where(Project.key == "OTHER")).one()
        task = Task(
            project_id=other, number=900, title="Чужая тайна", created_at=NOW, updated_at=NOW, owner_id=world.pete
        )  # fmt: skip
        session.add(task)
        session.flush()
        session.add(MessageTask(message_id=held[0], task_id=task.id, step="notice", position=5))
    assert "Чужая тайна" not in vera.get(PAGE).text
    answer = vera.post(f"/messages/{held[0]}/text")
    assert answer.status_code == 403 and "Чужая тайна" not in answer.text


def test_a_day_with_very_many_messages_shows_the_first_and_counts_the_others(vera, db, world, held):
    with db.writing() as session:
        first = session.get_one(Message, held[0])
        for number in range(110):
            day = NOW.date() + timedelta(days=20 + number)
            session.add(Message(**first.model_dump(exclude={"id", "local_day"}), local_day=day))
    page = vera.get(PAGE).text
    with db.reading() as session:
        waiting = len(session.exec(select(Message.id).where(Message.state.in_(["held", "queued"]))).all())
    assert f"{waiting - 100} more messages wait behind these." in page
    approved = re.findall(r'name="message" value="(\d+)"', page)
    assert waiting > 110 and 97 < len(approved) <= 100, "nothing is approved unread"


@pytest.fixture
def speaking(db, world, known):
    """The project speaks by itself; no round of the clock has been yet, so that everything is only foreseen."""
    with db.writing() as session:
        project = session.get_one(Project, world.project)
        project.messages, project.preview_seen_at = "on", NOW
        session.add(project)


def first_foreseen(page):
    """(person, day) of the first one that can be stopped."""
    found = re.search(r'foreseen/stop">\s*<input type="hidden" name="person" value="(\d+)">\s*'
                      r'<input type="hidden" name="day" value="([\d-]+)">', page)  # fmt: skip
    return {"person": found[1], "day": found[2]}


def test_what_is_only_foreseen_is_stopped_on_its_day_and_that_is_taken_back(vera, db, speaking):
    page = vera.get(PAGE).text
    given = first_foreseen(page)
    for _ in range(2):
        assert vera.post(f"{PAGE}/foreseen/stop", data=given).headers["location"] == PAGE, "twice is once"
    page = vera.get(PAGE).text
    assert first_foreseen(page) != given
    assert page.count("nothing on this day: you have stopped it") == 1
    with db.reading() as session:
        [row] = session.exec(select(Message)).all()
    assert (row.person_id, row.local_day.isoformat(), row.state) == (int(given["person"]), given["day"], "cancelled")
    assert vera.post(f"/messages/{row.id}/let-go").headers["location"] == PAGE
    page = vera.get(PAGE).text
    assert first_foreseen(page) == given
    assert "nothing on this day: you have stopped it" not in page


def test_own_words_are_put_in_front_of_what_is_only_foreseen(vera, db, speaking):
    given = first_foreseen(vera.get(PAGE).text)
    assert vera.post(f"{PAGE}/foreseen/words", data={**given, "text": "Завтра показ заказчику."}).status_code == 303
    page = vera.get(PAGE).text
    letter = next(one for one in re.findall(r'<p class="prose letter">(.*?)</p>', page, re.DOTALL) if "показ" in one)
    assert letter.splitlines()[1] == "Завтра показ заказчику.", "under the greeting"
    assert ">Завтра показ заказчику.</textarea>" in page
    wrong = vera.post(f"{PAGE}/foreseen/words", data={**given, "text": "я" * 1001})
    assert wrong.status_code == 422
    assert "Too long" in wrong.text and "я" * 1001 in wrong.text, "what was typed comes back"
    assert vera.post(f"{PAGE}/foreseen/words", data={**given, "text": ""}).status_code == 303
    assert "Завтра показ заказчику." not in vera.get(PAGE).text


def test_what_nobody_foresees_is_refused_in_words(vera, speaking):
    for data in ({"person": "1", "day": "2027-12-01"}, {"person": "", "day": "2026-11-24"}):
        answer = vera.post(f"{PAGE}/foreseen/stop", data=data)
        assert answer.status_code == 409
        assert "Nothing is foreseen for this person on that day any more" in answer.text
    assert vera.post(f"{PAGE}/foreseen/stop", data={"person": "1", "day": "soon"}).status_code == 404


def test_what_has_left_is_said_to_have_left(vera, db, held):
    with db.writing() as session:
        row = session.get_one(Message, held[0])
        row.state = "sent"
        session.add(row)
    answer = vera.post(f"/messages/{held[0]}/stop")
    assert answer.status_code == 409
    assert "This message has left, or was taken out" in html.unescape(answer.text)


def test_a_silent_project_offers_nothing_to_stop(vera, known):
    page = vera.get(PAGE).text
    assert 'class="prose letter"' in page
    assert "foreseen/stop" not in page and "foreseen/words" not in page
