"""The import wizard: looked at first, then applied; what can't be read is said, and the paste stays."""

import re

from sqlmodel import select

from tests.worlds.shop import NOW
from tracker.domain.terms import Way
from tracker.services.ground.journal import Actor
from tracker.services.people.memberships import Place, add_member
from tracker.services.people.persons import PersonInput
from tracker.tables import Task

SHEET = """Что нужно;От кого;Статус;Срок;Цвет
Прислать поля;Пётр Соколов;в работе;27.11.2026;красный
;;;;
Дать ключи;;;скоро;
"""


def titles(db):
    with db.reading() as session:
        return list(session.exec(select(Task.title).order_by(Task.id)))


def looked_at(vera, content, name="реестр.csv"):
    return vera.post("/projects/LEN/import", files={"sheet": (name, content, "text/csv")}, data={"pasted": ""})


def applied(vera, shown):
    form = dict(re.findall(r'name="(digest|file_name)" value="([^"]*)"', shown.text))
    return vera.post("/projects/LEN/import/apply", data=form)


def test_a_sheet_is_shown_row_by_row_and_changes_nothing_until_it_is_applied(vera, world, db):
    before = titles(db)
    shown = looked_at(vera, SHEET.encode("cp1251"))
    assert shown.status_code == 200, shown.text
    for text in ("Прислать поля", "An empty row.", "“скоро” is no date", "“Цвет” is not known here"):
        assert text in shown.text
    assert titles(db) == before
    done = applied(vera, shown)
    assert done.status_code == 303
    assert titles(db) == [*before, "Прислать поля", "Дать ключи"]
    report = vera.get(done.headers["location"]).text
    assert 'href="/projects/LEN/t/6"' in report
    assert "“Цвет” is not known here" in report
    assert done.headers["location"] in vera.get("/projects/LEN/import").text
    again = applied(vera, looked_at(vera, SHEET.encode()))
    assert len(titles(db)) == len(before) + 2
    assert "nothing has changed" in vera.get(again.headers["location"]).text


def test_names_that_nobody_has_lead_from_the_podium_to_the_report_and_to_a_new_person(vera, world, db):
    sheet = "Что нужно;Ответственный\nПоля формы;Зоя Новая\nКлючи;Зоя Новая\nДоступ;Гость Один\n".encode()
    report = applied(vera, looked_at(vera, sheet)).headers["location"]
    text = re.sub(r"\s+", " ", vera.get(report).text)
    assert "Зоя Новая — rows 2, 3" in text and "Гость Один — row 4" in text
    assert "bring the same sheet once more" in text and 'href="/projects/LEN/people/new"' in text
    needs = re.search(r'id="needs".*?</section>', vera.get("/").text, re.DOTALL)[0]
    assert f'<a href="{report}">Names from the sheet</a>' in needs
    assert 'href="/projects/LEN/people/new"' in needs
    with db.writing() as session:
        actor = Actor(world.conductor, Way.WEB)
        new = add_member(session, actor, world.project, PersonInput("Зоя Новая"), Place(), now=NOW).id
    applied(vera, looked_at(vera, sheet))
    with db.reading() as session:
        owners = session.exec(select(Task.owner_id).where(Task.title.in_(("Поля формы", "Ключи")))).all()
    assert owners == [new, new]


def test_rows_are_pasted(vera, world, db):
    shown = vera.post("/projects/LEN/import", data={"pasted": "Что нужно\tСтатус\nПоля формы\tв работе"})
    assert "Поля формы" in shown.text
    assert applied(vera, shown).status_code == 303
    assert titles(db)[-1] == "Поля формы"


def test_what_cannot_be_read_is_said(vera, world, db):
    before = titles(db)
    for content, said in (
        (b"PK\x03\x04 broken", "damaged"),
        (b"\xd0\xcf\x11\xe0 old", "before 2007"),
        (b"   ", "empty"),
        (b"\x00\x01\x02", "not a sheet"),
    ):
        answer = looked_at(vera, content)
        assert answer.status_code == 422
        assert said in answer.text
    nothing = vera.post("/projects/LEN/import", data={"pasted": ""})
    assert nothing.status_code == 422
    assert "Choose a file or paste rows." in nothing.text
    kept = vera.post("/projects/LEN/import", data={"pasted": "просто слова"})
    assert kept.status_code == 422
    assert "просто слова</textarea>" in kept.text
    assert titles(db) == before


def test_a_paste_for_which_there_is_no_room_is_still_there(vera, world, db, settings):
    settings.uploads.parent.mkdir(parents=True, exist_ok=True)
    settings.uploads.write_text("no folder")
    pasted = "Что нужно\tСтатус\nПоля формы\tв работе"
    answer = vera.post("/projects/LEN/import", data={"pasted": pasted})
    assert answer.status_code == 422
    assert "no room for the file" in answer.text
    assert "Поля формы" in answer.text


def test_a_sheet_that_is_not_kept_any_more_is_asked_for_again(vera, world, db):
    for digest in ("", "../../etc/passwd", "0" * 64):
        answer = vera.post("/projects/LEN/import/apply", data={"digest": digest, "file_name": "x.csv"})
        assert answer.status_code == 422
        assert "Send it once more" in answer.text


def test_only_who_conducts_imports(sign_in, anybody, world):
    for who, status in {"pete": 403, "mary": 403, "lev": 403, "stranger": 404}.items():
        browser = sign_in(who)
        assert browser.get("/projects/LEN/import").status_code == status
        assert looked_at(browser, SHEET.encode()).status_code == status
        assert browser.post("/projects/LEN/import/apply", data={}).status_code == status
        assert browser.get("/projects/LEN/import/1").status_code == status
    assert looked_at(anybody, SHEET.encode()).status_code == 303


def test_a_report_that_is_not_there_is_not_found(vera, world):
    assert vera.get("/projects/LEN/import/999").status_code == 404
