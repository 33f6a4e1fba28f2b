"""What people send besides pressing buttons: nothing is dropped, everything can be taken back."""

from datetime import date, timedelta

from sqlmodel import col, select

from bot.placing import PATIENCE, sweep
from tests.worlds.stage import NOW
from tracker.domain.terms import Status
from tracker.services.access.persons import person_by_email
from tracker.services.ground.uploads import path_of
from tracker.services.people.memberships import Place, add_member
from tracker.services.people.persons import PersonInput
from tracker.tables import ChatMessage, Comment, Evidence, Person, Upload


def comments(stage):
    return [(row.task_id, row.text, row.way) for row in stage.rows(select(Comment).order_by(col(Comment.id)))]


def evidence(stage):
    query = select(Evidence).where(col(Evidence.removed_at).is_(None)).order_by(col(Evidence.id))
    return [(row.task_id, row.kind, row.url or row.caption) for row in stage.rows(query)]


def test_a_text_goes_to_the_one_open_step_and_can_be_taken_back(stage, chat):
    task_id = stage.ask("Прислать поля формы")
    stage.tell(chat, "Поля пришлю отдельным письмом")
    assert comments(stage) == [(task_id, "Поля пришлю отдельным письмом", "telegram")]
    assert stage.task(task_id).progress_at is not None, "it is an answer"
    assert stage.last(chat).text == "Записано в задаче «Прислать поля формы»."
    assert stage.press(chat, "Отменить") == "Убрано."
    assert comments(stage) == []


def test_what_was_taken_back_finds_its_place_by_one_tap(stage, chat):
    first, second = stage.ask("Прислать поля формы"), stage.ask("Проверить обмен")
    stage.tell(chat, "/task 1")
    stage.tell(chat, "Обмен проверен")
    assert comments(stage)[0][0] == first
    stage.press(chat, "Отменить")
    assert stage.last(chat).text == "К какой задаче это относится?"
    assert stage.labels(stage.last(chat)) == ["LAVKA-2 Проверить обмен", "Ни к одной: передать дальше"]
    assert stage.press(chat, "LAVKA-2 Проверить обмен") == "Записано. Спасибо."
    assert comments(stage) == [(second, "Обмен проверен", "telegram")]


def test_a_reply_goes_to_the_task_of_the_message_it_answers(stage, chat):
    first, second = stage.ask("Прислать поля формы"), stage.ask("Проверить обмен")
    stage.tell(chat, "/task 1")
    card = stage.last(chat)
    stage.tell(chat, "/task 2")
    stage.tell(chat, "Это об обмене")
    stage.tell(chat, "Это о полях", reply_to=card.message_id)
    stage.tell(chat, "И ещё о полях")
    assert [(task_id, text) for task_id, text, _ in comments(stage)] == [
        (second, "Это об обмене"),
        (first, "Это о полях"),
        (first, "И ещё о полях"),
    ], "what was spoken of last is what is spoken of"


def test_with_several_steps_and_no_card_it_is_asked_where_it_belongs(stage, chat):
    stage.ask("Прислать поля формы")
    second = stage.ask("Проверить обмен")
    stage.tell(chat, "Готово наполовину")
    assert comments(stage) == []
    assert stage.labels(stage.last(chat)) == [
        "LAVKA-1 Прислать поля формы",
        "LAVKA-2 Проверить обмен",
        "Ни к одной: передать дальше",
    ]
    asked = stage.last(chat)
    stage.press(chat, "LAVKA-2 Проверить обмен", times=2)
    assert comments(stage) == [(second, "Готово наполовину", "telegram")]
    assert stage.last(chat).message_id == asked.message_id


def test_what_fits_nowhere_goes_to_the_conductors_inbox_and_adds_up(stage, chat):
    stage.tell(chat, "Кому теперь звонить?")
    assert stage.last(chat).text == "Спасибо, передано. Прочитает Анна Белова."
    stage.tell(chat, "И ещё вопрос")
    [card] = stage.cards()
    assert (card.kind, card.person_id) == ("inbox", stage.ids["olga"])
    assert card.note == "Кому теперь звонить?\nИ ещё вопрос"


def test_a_place_that_nobody_chooses_is_the_conductors_inbox(stage, chat):
    stage.ask("Прислать поля формы")
    stage.ask("Проверить обмен")
    stage.tell(chat, "Что-то важное")
    with stage.db.writing() as session:
        assert sweep(session, now=NOW + PATIENCE - timedelta(seconds=1)) == 0
        assert sweep(session, now=NOW + PATIENCE + timedelta(seconds=1)) == 1
        assert sweep(session, now=NOW + PATIENCE + timedelta(seconds=1)) == 0
    assert [card.note for card in stage.cards()] == ["Что-то важное"]
    assert stage.press(chat, "LAVKA-2 Проверить обмен") == "Уже записано."


def test_links_become_evidence_and_words_beside_them_a_comment(stage, chat):
    task_id = stage.ask("Прислать поля формы")
    stage.tell(chat, "https://test.example/form?a=1")
    stage.tell(chat, "Смотрите: https://test.example/two. И (https://test.example/three)")
    assert evidence(stage) == [
        (task_id, "link", "https://test.example/form?a=1"),
        (task_id, "link", "https://test.example/two"),
        (task_id, "link", "https://test.example/three"),
    ]
    assert len(comments(stage)) == 1


def test_files_of_all_kinds_are_kept_as_they_came(stage, chat):
    task_id = stage.ask("Прислать поля формы")
    stage.telegram.send_document(chat, "Поля формы.xlsx", b"PK-table", caption="Поля, версия 2")
    stage.settled()
    stage.telegram.send_photo(chat, b"picture")
    stage.settled()
    stage.telegram.send_voice(chat, b"voice")
    stage.settled()
    assert [kind for _, kind, _ in evidence(stage)] == ["file"] * 3
    assert evidence(stage)[0] == (task_id, "file", "Поля, версия 2")
    uploads = stage.rows(select(Upload).order_by(col(Upload.id)))
    assert [upload.media_type for upload in uploads][1:] == ["image/jpeg", "audio/ogg"]
    assert uploads[0].name == "Поля формы.xlsx"
    contents = [path_of(stage.settings.uploads, upload.sha256).read_bytes() for upload in uploads]
    assert contents == [b"PK-table", b"picture", b"voice"]
    assert stage.last(chat).text == "Спасибо, добавлено к задаче «Прислать поля формы»."


def test_an_album_is_one_answer_and_one_way_back(stage, chat):
    stage.ask("Прислать поля формы")
    before = len(stage.said(chat))
    for number in range(3):
        stage.telegram.send_photo(chat, f"picture {number}".encode(), album="77")
    stage.settled()
    assert len(evidence(stage)) == 3
    assert len(stage.said(chat)) == before + 1
    stage.press(chat, "Отменить")
    assert evidence(stage) == []


def test_files_that_can_not_be_taken_are_refused_in_words(stage, chat):
    stage.ask("Прислать поля формы")
    stage.telegram.send_document(chat, "setup.exe", b"MZ")
    stage.settled()
    assert stage.last(chat).text.startswith("Такой файл принять нельзя.")
    stage.telegram.send_document(chat, "video.mp4", b"0" * 20_000_001)
    stage.settled()
    assert stage.last(chat).text.startswith("Сюда можно прислать файл до 20 МБ.")
    stage.telegram.fail("getFile", "server_error", times=1)
    stage.telegram.send_document(chat, "акт.pdf", b"%PDF", caption="Вот акт")
    stage.settled()
    texts = [line.text for line in stage.said(chat)]
    assert "Файл не удалось получить. Пришлите, пожалуйста, ещё раз." in texts
    assert [text for _, text, _ in comments(stage)] == ["Вот акт"], "what was written with it is kept"
    assert evidence(stage) == []


def test_a_mended_message_mends_the_comment(stage, chat):
    task_id = stage.ask("Прислать поля формы")
    number = stage.tell(chat, "Пришлю в среду")
    stage.telegram.edit_text(chat, number, "Пришлю в четверг https://test.example/x")
    stage.settled()
    assert comments(stage) == [(task_id, "Пришлю в четверг https://test.example/x", "telegram")]
    assert evidence(stage) == [(task_id, "link", "https://test.example/x")]
    assert stage.last(chat).text == "Исправлено в задаче «Прислать поля формы»."
    said = len(stage.said(chat))
    stage.telegram.edit_text(chat, number, "Пришлю в четверг https://test.example/x")
    stage.settled()
    assert len(stage.said(chat)) == said


def test_a_message_mended_after_it_was_passed_on_is_passed_on_too(stage, chat):
    number = stage.tell(chat, "Кому звонить?")
    stage.telegram.edit_text(chat, number, "Кому теперь звонить?")
    stage.settled()
    assert stage.cards()[0].note == "Кому звонить?\n(исправлено) Кому теперь звонить?"


def test_a_date_that_is_written_just_so_is_one_tap_from_a_promise(stage, chat):
    task_id = stage.ask("Прислать поля формы")
    stage.tell(chat, "к пятнице")
    assert "Понимаю так: пятница, 27 ноября. Верно?" in stage.last(chat).text
    assert stage.task(task_id).promised_on is None
    stage.press(chat, "Да")
    assert stage.task(task_id).promised_on == date(2026, 11, 27)
    assert len(comments(stage)) == 1


def test_a_picture_after_done_is_evidence_of_the_task_just_done(stage, chat):
    task_id = stage.ask("Прислать поля формы")
    stage.tell(chat, "/today")
    stage.press(chat, "Готово")
    assert stage.task(task_id).status == Status.DONE
    stage.telegram.send_photo(chat, b"picture")
    stage.settled()
    assert [one[0] for one in evidence(stage)] == [task_id]


def test_the_same_message_delivered_twice_is_noted_once(stage, chat):
    stage.ask("Прислать поля формы")
    stage.tell(chat, "Пришлю в среду")
    said = len(stage.said(chat))
    for _ in range(3):
        stage.telegram.repeat_update()
    stage.tell(chat, "/help")
    assert len(comments(stage)) == 1
    assert len(stage.said(chat)) == said + 1


def test_a_person_of_two_projects_says_to_whom_it_goes(stage, chat):
    with stage.db.writing() as session:
        person = session.get_one(Person, stage.ids["olga"])
        person.email = "olga@example.org"
        session.add(person)
        session.flush()
        assert person_by_email(session, "olga@example.org") is not None
        given = PersonInput("Ольга Ветрова", "olga@example.org")
        add_member(session, stage.by("anna"), stage.ids["other"], given, Place(), now=NOW)
    stage.tell(chat, "Кому звонить?")
    assert stage.labels(stage.last(chat)) == ["Передать: Лавка и 1С", "Передать: Другое дело"]
    stage.press(chat, "Передать: Другое дело")
    [card] = stage.cards()
    assert (card.project_id, card.note) == (stage.ids["other"], "Кому звонить?")


def test_every_message_of_a_person_has_a_row_that_says_where_it_went(stage, chat):
    stage.ask("Прислать поля формы")
    stage.tell(chat, "Раз")
    stage.telegram.send_photo(chat, b"picture", caption="Два")
    stage.settled()
    rows = stage.rows(select(ChatMessage).where(col(ChatMessage.incoming).is_(True)))
    assert len(rows) == 2
    assert all(row.settled and row.task_id is not None for row in rows)
