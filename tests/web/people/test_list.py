"""Setting up in the browser: a project and its people, from an empty database on; who may, what is refused."""

import re

import pytest
from litestar.testing import TestClient
from sqlmodel import select

from tests.web.conftest import Browser
from tests.worlds.pages import one, said
from tests.worlds.shop import NOW, PASSWORD
from tracker.server.app import create_app
from tracker.tables import Event, Membership, Party, Person, Task, Token


def test_an_empty_database_becomes_a_project_with_people_and_a_task(db, settings):
    with TestClient(create_app(settings, db, wall=lambda: NOW), base_url="http://auftakt.example") as client:
        client.headers["host"] = "auftakt.example"
        browser = Browser(client)
        assert browser.get("/sign-in").headers["location"] == "/set-up"
        code = ""
        if 'name="code"' in browser.get("/set-up").text:
            from tracker.services.house.installation import new_setup_code

            with db.writing() as session:
                code = new_setup_code(session, now=NOW)
        form = {"name": "Вера", "email": "vera@x.example", "password": PASSWORD, "code": code}
        assert browser.post("/set-up", data=form).headers["location"] == "/"
        said(browser.get("/projects"), "Begin with its name")
        made = browser.post(
            "/projects", data={"name": "Лавка", "key": "lav", "timezone": "Europe/Moscow", "language": "ru"}
        )
        assert made.headers["location"] == "/projects/LAV/people"
        said(browser.get("/projects/LAV/people"), "Begin with the parties")
        party = browser.post("/projects/LAV/parties", data={"name": "Студия", "kind": "contractor", "lead": ""})
        assert party.status_code == 303
        studio = one(db, Party).id
        person = browser.post(
            "/projects/LAV/people",
            data={
                "name": "Пётр",
                "email": "petr@x.example",
                "party": str(studio),
                "role": "lead",
                "can_decide": "1",
                "timezone": "Asia/Omsk",
                "language": "en",
                "salutation": "Пётр Ильич",
                "knows_bot": "1",
            },
        )
        pete = one(db, Person, email="petr@x.example")
        assert person.headers["location"] == f"/projects/LAV/people/{pete.id}"
        assert (pete.timezone, pete.salutation, pete.knows_bot) == ("Asia/Omsk", "Пётр Ильич", True)
        place = one(db, Membership, person_id=pete.id)
        assert (place.role, place.party_id, place.can_decide) == ("lead", studio, True)
        task = browser.post("/projects/LAV/tasks", data={"title": "Прислать поля", "owner": str(pete.id)})
        assert task.status_code == 303
        assert one(db, Task).turn_id == pete.id
        said(browser.get("/projects/LAV/register"), "Прислать поля")


def test_what_was_typed_stays_in_a_form_that_is_refused(vera, world):
    bad = vera.post("/projects", data={"name": "Ещё один", "key": "?!", "timezone": "Mars/North", "language": "ru"})
    assert bad.status_code == 422
    said(bad, 'value="Ещё один"')
    said(bad, "Two to ten Latin letters")
    taken = vera.post("/projects", data={"name": "X", "key": "LEN", "timezone": "Europe/Moscow", "language": "ru"})
    assert taken.status_code == 422
    said(taken, "This is taken already.")
    person = vera.post(
        "/projects/LEN/people",
        data={"name": "", "email": "not an address", "phone": "abc", "role": "king", "party": "x", "why": "ведёт 1С"},
    )
    assert person.status_code == 422
    said(person, 'value="ведёт 1С"')
    person = vera.post("/projects/LEN/people", data={"name": "", "email": "not an address", "phone": "abc"})
    for text in ("This has to be filled in.", "This is not an e-mail address.", "This is not a phone number."):
        said(person, text)


def test_the_caret_stands_in_the_field_that_is_wrong(vera):
    assert re.search(r'<input id="name"[^>]* autofocus', vera.get("/projects/new").text)
    sent = {"name": "Лавка", "key": "?!", "timezone": "Europe/Moscow", "language": "ru"}
    html = vera.post("/projects", data=sent).text
    assert re.search(r'<input id="key"[^>]* autofocus', html)
    assert html.count(" autofocus") == 1
    html = vera.post("/projects/LEN/integrations", data={"name": "Оплата", "purpose": "ю" * 30_000}).text
    assert re.search(r'<textarea id="purpose"[^>]* autofocus', html)
    assert html.count(" autofocus") == 1


def test_all_that_is_wrong_with_a_new_person_is_said_at_once(vera, world):
    sent = {"name": "Ы" * 400, "salutation": "э" * 400, "email": "нет", "why": "ю" * 400}
    answer = vera.post("/projects/LEN/people", data=sent)
    assert answer.status_code == 422
    assert answer.text.count("Too long: ") == 3
    assert "This is not an e-mail address." in answer.text
    assert all(text in answer.text for text in sent.values())


def test_the_list_shows_people_by_party_and_contacts_only_to_whom_they_belong(sign_in, vera, world):
    listed = vera.get("/projects/LEN/people").text
    assert listed.index("CRM-подрядчик") < listed.index("Пётр Соколов")
    assert "Last answer" in listed
    for who, sees in (("lev", True), ("pete", False), ("mary", False)):
        page = sign_in(who).get(f"/projects/LEN/people/{world.ann}").text
        assert ("anna@shop.example" in page) is sees
        assert 'action="/projects/LEN/people' not in page
    own = sign_in("pete").get(f"/projects/LEN/people/{world.pete}").text
    assert "petr@crm.example" in own


def test_only_who_conducts_changes_people_and_parties(sign_in, anybody, world):
    acts = [
        ("/projects/LEN/people", {"name": "X"}),
        ("/projects/LEN/parties", {"name": "X", "kind": "vendor"}),
        (f"/projects/LEN/people/{world.pete}/place", {"role": "observer"}),
        (f"/projects/LEN/people/{world.pete}/edit", {"name": "X"}),
        (f"/projects/LEN/people/{world.pete}/invite", {}),
        (f"/projects/LEN/people/{world.pete}/remove", {}),
        (f"/projects/LEN/people/{world.pete}/absences", {"first": "2026-12-01"}),
        (f"/parties/{world.crm}/edit", {"name": "X"}),
        (f"/parties/{world.crm}/archive", {}),
        ("/projects/LEN/settings", {"name": "X"}),
        ("/projects/LEN/messages-policy", {"messages": "on"}),
        ("/projects/LEN/pause", {"paused": "1"}),
        ("/projects/LEN/archive", {}),
        ("/projects/LEN/days", {"day": "2026-12-31", "working": "no"}),
    ]
    expected = {"mary": 403, "pete": 403, "lev": 403, "stranger": 404}
    for who, status in expected.items():
        browser = sign_in(who)
        for path, form in acts:
            assert browser.post(path, data=form).status_code == status, (who, path)
    for path, form in acts:
        answer = anybody.post(path, data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in"), path


@pytest.mark.parametrize("path", ["/projects/LEN/people/99999", "/parties/99999/edit", "/projects/NONE/people"])
def test_what_is_not_there_is_not_found(vera, world, path):
    assert vera.get(path).status_code == 404


def test_a_person_without_an_address_sent_twice_is_one(vera, world, db):
    form = {"name": "Бухгалтерия", "role": "contributor", "is_role": "1"}
    first, second = (vera.post("/projects/LEN/people", data=form) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert one(db, Person, name="Бухгалтерия").is_role


def test_a_persons_record_hours_and_place_are_changed(vera, world, db):
    page = vera.get(f"/projects/LEN/people/{world.pete}").text
    assert "keeps their own record" not in page
    form = {
        "name": "Пётр Соколов", "email": "petr@crm.example", "phone": "+7 900 000-00-00", "salutation": "Пётр Ильич",
        "timezone": "Asia/Omsk", "language": "ru", "country": "RU", "opens": "09:00", "closes": "17:30",
        "has_weekdays": "1", "weekdays": ["0", "1", "2", "3"], "has_cadence": "1", "deputy": str(world.ann),
        "version": str(one(db, Person, id=world.pete).version),
    }  # fmt: skip
    assert vera.post(f"/projects/LEN/people/{world.pete}/edit", data=form).status_code == 303
    pete = one(db, Person, id=world.pete)
    assert (f"{pete.closes:%H:%M}", pete.weekdays, pete.deputy_id) == ("17:30", "0123", world.ann)
    again = vera.post(f"/projects/LEN/people/{world.pete}/edit", data={**form, "salutation": "Пётр"})
    assert again.status_code == 409
    said(again, "Пётр Ильич")
    bad = vera.post(f"/projects/LEN/people/{world.pete}/edit", data={"opens": "soon", "closes": "08:00"})
    assert bad.status_code == 422
    said(bad, "This is not a time of day")
    place = {"role": "lead", "party": str(world.studio), "why": "переехал"}
    assert vera.post(f"/projects/LEN/people/{world.pete}/place", data=place).status_code == 303
    assert one(db, Membership, person_id=world.pete, project_id=world.project).role == "lead"
    last = vera.post(f"/projects/LEN/people/{world.conductor}/place", data={"role": "observer"})
    assert last.status_code == 409


def test_an_invitation_shows_its_links_once_and_they_can_be_withdrawn(vera, world, db):
    url = f"/projects/LEN/people/{world.pete}"
    shown = vera.post(f"{url}/invite")
    assert shown.status_code == 200
    assert shown.headers["cache-control"] == "no-store"
    said(shown, "/my/")
    said(shown, "<svg")
    later = vera.get(url).text
    assert "/my/" not in later.replace("/projects", "")
    assert one(db, Person, id=world.pete).knows_bot
    page = one(db, Token, person_id=world.pete, scope="page")
    assert vera.post(f"{url}/tokens/{page.id}/revoke").status_code == 303
    assert one(db, Token, id=page.id).revoked_at is not None


def test_days_away_are_noted_and_taken_back(vera, world):
    url = f"/projects/LEN/people/{world.pete}"
    assert vera.post(f"{url}/absences", data={"first": "2026-12-01", "last": "2026-11-01"}).status_code == 422
    assert vera.post(f"{url}/absences", data={"first": ""}).status_code == 422
    assert vera.post(f"{url}/absences", data={"first": "2026-11-23", "last": "2026-11-25"}).status_code == 303
    said(vera.get("/projects/LEN/people"), "away through 25 Nov, Wed")
    remove = re.search(r'action="(/projects/LEN/people/\d+/absences/\d+/remove)"', vera.get(url).text)
    assert vera.post(remove[1]).status_code == 303
    assert "away through" not in vera.get("/projects/LEN/people").text


def test_nobody_leaves_with_work_in_their_hands(vera, world, db):
    held = vera.post(f"/projects/LEN/people/{world.pete}/remove")
    assert held.status_code == 409
    said(held, 'href="/projects/LEN/t/1"')
    decides = vera.post(f"/projects/LEN/people/{world.ann}/remove")
    assert decides.status_code == 409
    said(decides, 'decides: <a href="/projects/LEN/deadlocks/1"')
    said(held, ": waits for this person")
    assert vera.post(f"/projects/LEN/people/{world.lev}/remove").status_code == 303
    assert vera.get(f"/projects/LEN/people/{world.lev}").status_code == 404


def gone_again(vera, db) -> tuple[int, int]:
    """Зоя of a party of her own, who has left. Returns their ids."""
    vera.post("/projects/LEN/parties", data={"name": "Почта", "kind": "contractor"})
    party = one(db, Party, name="Почта").id
    vera.post("/projects/LEN/people", data={"name": "Зоя", "party": str(party), "role": "lead", "why": "Рассылки"})
    zoya = one(db, Person, name="Зоя").id
    assert vera.post(f"/projects/LEN/people/{zoya}/remove").status_code == 303
    return zoya, party


def test_who_has_left_is_brought_back_to_the_place_they_had(vera, sign_in, db):
    zoya, party = gone_again(vera, db)
    url = f"/projects/LEN/people/{zoya}/restore"
    said(vera.get("/projects/LEN/people"), "No longer taking part: ")
    said(vera.get("/projects/LEN/people"), url)
    assert url not in sign_in("mary").get("/projects/LEN/people").text
    for _ in range(2):  # the second time nothing is left to do
        assert vera.post(url).headers["location"] == f"/projects/LEN/people/{zoya}"
    back = one(db, Membership, person_id=zoya)
    assert (back.role, back.party_id, back.why, back.archived_at) == ("lead", party, "Рассылки", None)
    with db.reading() as session:
        told = session.exec(
            select(Event.kind).filter_by(object_type="person", object_id=zoya).order_by(Event.seq)
        ).all()
    assert [kind for kind in told if kind.startswith("member.")] == ["member.joined", "member.left", "member.joined"]
    assert url not in vera.get("/projects/LEN/people").text
    assert vera.post("/projects/LEN/people/999999/restore").status_code == 404


def test_who_comes_back_after_their_party_was_put_away_has_none(vera, db):
    zoya, party = gone_again(vera, db)
    assert vera.post(f"/parties/{party}/archive").status_code == 303
    assert vera.post(f"/projects/LEN/people/{zoya}/restore").status_code == 303
    assert one(db, Membership, person_id=zoya).party_id is None


def test_the_list_says_how_when_and_through_whom_each_one_is_reached(vera, sign_in, world):
    url = f"/projects/LEN/people/{world.pete}"
    form = {
        "salutation": "Пётр Ильич", "timezone": "Asia/Omsk", "opens": "09:00", "closes": "17:30", "has_weekdays": "1",
        "weekdays": ["0", "1", "2", "3"], "has_cadence": "1", "cadence": ["1", "3"], "deputy": str(world.ann),
    }  # fmt: skip
    assert vera.post(f"{url}/edit", data=form).status_code == 303
    vera.post(f"{url}/absences", data={"first": "2026-12-01", "last": "2026-12-03"})
    vera.post(f"{url}/knows-bot", data={"knows_bot": "1"})
    told = ("“Пётр Ильич”", "09:00–17:30, Mon–Thu", "Asia/Omsk", "there 14:30", "answers on: Tue, Thu",
            "away 1 Dec, Tue – 3 Dec, Thu", "stands in: Анна Белова", "knows of the bot", "E-mail")  # fmt: skip
    listed = vera.get("/projects/LEN/people").text
    for text in told:
        assert text in listed, text
    one = vera.get(url).text
    for text in ("Пётр Ильич", "09:00–17:30, Mon–Thu", "answers on: Tue, Thu", "Анна Белова", "1 Dec, Tue"):
        assert text in one, text
    seen = sign_in("mary").get("/projects/LEN/people").text
    assert "09:00–17:30" in seen and "Пётр Ильич" not in seen and "knows of the bot" not in seen


def test_a_pause_is_noted_shown_and_ended(vera, world, db):
    url = f"/projects/LEN/people/{world.pete}"
    for wrong in ("2026-11-01", "когда-нибудь", "2028-01-01"):
        refused = vera.post(f"{url}/pause", data={"paused_until": wrong})
        assert refused.status_code == 422
        said(refused, f'value="{wrong}"')
    assert vera.post(f"{url}/pause", data={"paused_until": "2026-11-27"}).status_code == 303
    assert f"{one(db, Person, id=world.pete).paused_until}" == "2026-11-27"
    said(vera.get("/projects/LEN/people"), "no messages through 27 Nov, Fri")
    said(vera.get(url), 'value="2026-11-27"')
    for _ in range(2):
        assert vera.post(f"{url}/pause", data={"paused_until": ""}).status_code == 303
    assert one(db, Person, id=world.pete).paused_until is None


def test_all_that_was_typed_comes_back_with_all_that_is_wrong(vera, world):
    form = {
        "name": "Пётр", "email": "petr@crm.example", "opens": "рано", "closes": "поздно", "has_is_role": "1",
        "has_cadence": "1", "cadence": ["4"], "salutation": "Пётр Ильич", "timezone": "Asia/Omsk",
    }  # fmt: skip
    bad = vera.post(f"/projects/LEN/people/{world.pete}/edit", data=form)
    assert bad.status_code == 422
    assert bad.text.count("This is not a time of day") == 2
    for typed in ('type="text" value="рано"', 'type="text" value="поздно"', 'value="Пётр Ильич"', 'value="Asia/Omsk"'):
        said(bad, typed)
    assert re.search(r'name="cadence" value="4" checked', bad.text)
    vera.post(f"/projects/LEN/people/{world.pete}/edit", data={"has_is_role": "1", "is_role": "1"})
    taken_away = vera.post(f"/projects/LEN/people/{world.pete}/edit", data={"has_is_role": "1", "closes": "x"})
    assert not re.search(r'name="is_role" value="1" checked', taken_away.text)
