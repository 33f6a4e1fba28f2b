"""Projects, people and tokens by command."""

from datetime import UTC, datetime

from tests.worlds.house import NOW
from tracker.domain.terms import Scope
from tracker.services.access.entrance import enter
from tracker.services.access.sessions import sign_in
from tracker.services.access.tokens import find_token


def test_projects_are_added_and_listed(shell):
    made = shell.json("project", "add", "--name", "Лён и нить", "--key", "len", "--messages", "on")
    assert made == {"id": made["id"], "key": "LEN", "name": "Лён и нить"}
    assert shell.json("project", "list") == [made]
    assert shell.says("project", "add", "--name", "Ещё", "--key", "LEN", status=2) == "key: This is taken already."


def test_a_person_with_a_password_signs_in_and_the_first_conductor_may_found(project):
    made = project.json(
        "person",
        "add",
        "--name",
        "Марина Ким",
        "--email",
        "Kim@agency.example",
        "--role",
        "conductor",
        "--project",
        "LEN",
        "--party",
        "Агентство",
        "--timezone",
        "Asia/Omsk",
        "--knows-bot",
        stdin="correct horse battery\n",
    )
    assert made == {
        "id": made["id"],
        "name": "Марина Ким",
        "email": "kim@agency.example",
        "salutation": "",
        "timezone": "Asia/Omsk",
        "language": "en",
        "knows_bot": True,
        "projects": [{"project": "LEN", "role": "conductor", "party": "Агентство"}],
    }
    db = project.reading()
    opened = sign_in(db, "kim@agency.example", "correct horse battery", address="192.0.2.1", agent="", now=NOW)
    with db.reading() as session:
        signed = enter(session, opened.token, "", NOW, demo=False).person
    db.close()
    assert signed is not None and signed.may_found


def test_parties_are_made_once_by_name_and_persons_are_known_by_address(project):
    add = ["person", "add", "--project", "LEN", "--party"]
    one = project.json(*add, "Студия", "--name", "Пётр", "--email", "petr@studio.example", stdin="")
    two = project.json(*add, "студия", "--name", "Тимур", stdin="")
    assert two["projects"] == [{"project": "LEN", "role": "contributor", "party": "Студия"}]
    again = project.json(*add, "Студия", "--name", "Ещё раз", "--email", "PETR@studio.example", stdin="")
    assert (again["id"], again["name"]) == (one["id"], "Пётр")
    assert [row["name"] for row in project.json("person", "list")] == ["Пётр", "Тимур"]
    assert project.json("person", "list", "--project", "LEN") == project.json("person", "list")


def test_wrong_use_of_persons_is_told_with_status_2(project):
    assert "email" in project.says("person", "add", "--name", "Анна", "--email", "anna", status=2)
    assert "no project" in project.says("person", "add", "--name", "Анна", "--project", "NONE", status=2)
    assert "--project" in project.says("person", "add", "--name", "Анна", "--party", "Банк", status=2)
    project.run("person", "add", status=2)
    project.run("person", "add", "--name", "Анна", "--role", "king", status=2)
    short = project.run("person", "add", "--name", "Анна", stdin="short\n", status=2)
    assert "12" in short.stderr
    assert project.json("person", "list") == []


def test_an_invitation_and_a_token_open_what_they_say(project):
    project.run("person", "add", "--name", "Тимур", "--email", "timur@studio.example", "--project", "LEN")
    invited = project.json("person", "invite", "timur@studio.example", "--project", "LEN")
    token = project.json("token", "create", "--person", "timur@studio.example", "--scope", "calendar")
    assert set(invited) == {"start", "telegram_url", "my_url"} and set(token) == {"id", "token", "url"}
    assert token["url"] == f"http://127.0.0.1:8000/cal/{token['token']}.ics"
    db = project.reading()
    with db.reading() as session:
        now = datetime.now(UTC)
        assert find_token(session, Scope.START, invited["start"], now=now).name == "Тимур"
        assert find_token(session, Scope.PAGE, invited["my_url"].rsplit("/", 1)[1], now=now).name == "Тимур"
        assert find_token(session, Scope.CALENDAR, token["token"], now=now).name == "Тимур"
    db.close()
    assert project.json("token", "revoke", str(token["id"])) == project.json("token", "revoke", str(token["id"]))
    project.says("token", "revoke", "999", status=2)
    project.says("token", "create", "--person", "nobody@studio.example", "--scope", "api", status=2)
    project.says("person", "invite", "999", "--project", "LEN", status=2)
