"""The command line as people type it: its JSON, its exit status, its one line when something is wrong."""

import csv
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result
from python_calamine import CalamineWorkbook

from tests.places import DATA
from tests.worlds.house import NOW
from tests.worlds.programs import PROGRAMS
from tracker.cli import COMMANDS, main
from tracker.cli.desk import instant
from tracker.domain.terms import Scope
from tracker.services.access.entrance import enter
from tracker.services.access.sessions import sign_in
from tracker.services.access.tokens import find_token
from tracker.services.ground.opening import open_database
from tracker.services.ground.working_calendars import public_days
from tracker.services.house.leases import SERVER, release, take

SHEETS = DATA


class Shell:
    """Runs `auftakt` in this process, over one database and a data folder of its own."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.variables = {
            "AUFTAKT_DATABASE_URL": database_url,
            "AUFTAKT_DATA_DIR": str(folder / "var"),
            "AUFTAKT_SECRET_KEY": "k" * 40,
            "AUFTAKT_LANGUAGE": "en",
            "AUFTAKT_TIMEZONE": "Europe/Moscow",
        }
        self.database_url = database_url

    def run(self, *words: str, status: int = 0, stdin: str | None = None, **variables: str) -> Result:
        result = CliRunner(env={**self.variables, **variables}).invoke(main, words, input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == status, result.output
        return result

    def json(self, *words: str, status: int = 0, stdin: str | None = None, **variables: str):
        return json.loads(self.run(*words, "--json", status=status, stdin=stdin, **variables).stdout)

    def says(self, *words: str, status: int, **variables: str) -> str:
        """The one line of an end that is not well."""
        text = self.run(*words, status=status, **variables).stderr
        assert text.count("\n") == 1 and "Traceback" not in text
        return text.strip()

    def reading(self):
        return open_database(self.database_url)


@pytest.fixture
def shell(database_url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Shell(database_url, tmp_path)


@pytest.fixture
def project(shell):
    shell.run("project", "add", "--name", "Лён и нить", "--key", "LEN")
    return shell


def test_help_names_every_command_and_takes_no_time():
    begun = time.perf_counter()
    answer = subprocess.run([sys.executable, "-m", "tracker.cli", "--help"], capture_output=True, text=True, check=True)
    assert time.perf_counter() - begun < 5
    assert [name for name in COMMANDS if f"\n  {name}" not in answer.stdout] == []
    heavy = "import sys, tracker.cli; assert not {'sqlalchemy', 'litestar', 'telegram', 'holidays'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", heavy], check=True)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(shell, name):
    assert "Usage:" in shell.run(name, "--help").stdout


def test_a_bad_setting_ends_in_one_line_with_status_2(shell):
    said = shell.says("verify", status=2, AUFTAKT_PORT="eighty")
    assert said == "AUFTAKT_PORT: write a number from 1 to 65535"
    assert shell.says("verify", status=2, AUFTAKT_PORT="eighty", AUFTAKT_LANGUAGE="ru").startswith(
        "AUFTAKT_PORT: укажите"
    )


def test_a_dead_database_ends_in_one_line_with_status_1(shell):
    said = shell.says("project", "list", status=1, AUFTAKT_DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert said.startswith("The database does not answer")


def test_an_old_schema_ends_with_the_cure(shell, tmp_path):
    empty = f"sqlite:///{tmp_path}/empty.db"
    for command in (["project", "list"], ["serve"], ["tick"]):
        assert "auftakt migrate" in shell.says(*command, status=1, AUFTAKT_DATABASE_URL=empty)
    assert shell.json("migrate", AUFTAKT_DATABASE_URL=empty)["from"] is None
    first = shell.json("migrate", AUFTAKT_DATABASE_URL=empty)
    assert first["from"] == first["to"]
    assert shell.json("project", "list", AUFTAKT_DATABASE_URL=empty) == []


def test_the_demo_brings_its_schema_along_when_asked(shell, tmp_path):
    empty = f"sqlite:///{tmp_path}/empty.db"
    assert "auftakt migrate" in shell.says("demo", status=1, AUFTAKT_DATABASE_URL=empty)
    loaded = [shell.json("demo", "--migrate", AUFTAKT_DATABASE_URL=empty) for _ in range(2)]
    assert loaded[0] == loaded[1] and loaded[0]["project"]
    assert shell.json("project", "list", AUFTAKT_DATABASE_URL=empty)[0]["key"] == loaded[0]["project"]


def test_several_workers_need_postgresql(shell, tmp_path):
    empty = f"sqlite:///{tmp_path}/empty.db"
    shell.run("migrate", AUFTAKT_DATABASE_URL=empty)
    assert "PostgreSQL" in shell.says("serve", "--workers", "2", status=2, AUFTAKT_DATABASE_URL=empty)


# --- projects, persons, tokens


def test_projects_are_added_and_listed(shell):
    made = shell.json("project", "add", "--name", "Лён и нить", "--key", "len", "--messages", "on")
    assert made == {"id": made["id"], "key": "LEN", "name": "Лён и нить"}
    assert shell.json("project", "list") == [made]
    assert shell.says("project", "add", "--name", "Ещё", "--key", "LEN", status=2) == "key: This is taken already."


def test_a_person_with_a_password_signs_in_and_the_first_conductor_may_found(project):
    made = project.json(
        "person", "add", "--name", "Марина Ким", "--email", "Kim@agency.example", "--role", "conductor",
        "--project", "LEN", "--party", "Агентство", "--timezone", "Asia/Omsk", "--knows-bot",
        stdin="correct horse battery\n",
    )  # fmt: skip
    assert made == {
        "id": made["id"], "name": "Марина Ким", "email": "kim@agency.example", "salutation": "",
        "timezone": "Asia/Omsk", "language": "en", "knows_bot": True,
        "projects": [{"project": "LEN", "role": "conductor", "party": "Агентство"}],
    }  # fmt: skip
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


# --- sheets


def test_a_sheet_is_tried_then_applied_then_known(project):
    sheet = str(SHEETS / "register-utf8-bom.csv")
    tried = project.json("import", sheet, "--project", "LEN")
    assert (tried["applied"], tried["rows"]) == (False, tried["created"] + tried["updated"] + tried["skipped"])
    done = project.json("import", sheet, "--project", "LEN", "--apply")
    assert done["applied"] and done["created"] == tried["created"] > 0
    again = project.json("import", sheet, "--project", "LEN")
    assert again["created"] == 0 and again["skipped"] == again["rows"]
    assert "rows:" in project.run("import", sheet, "--project", "LEN").stdout


def test_what_can_not_be_read_ends_with_status_1_and_writes_nothing(project, tmp_path):
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 not a workbook")
    project.says("import", str(broken), "--project", "LEN", "--apply", status=1)
    project.says("import", str(SHEETS / "register-utf8-bom.csv"), "--project", "NONE", status=2)
    project.run("import", str(tmp_path / "absent.csv"), "--project", "LEN", status=2)
    assert len(project.run("export", "--project", "LEN").stdout.splitlines()) == 1


def test_the_register_is_taken_away_as_csv_and_xlsx(project, tmp_path):
    project.run("import", str(SHEETS / "register-utf8-bom.csv"), "--project", "LEN", "--apply")
    rows = list(csv.reader(io.StringIO(project.run("export", "--project", "LEN").stdout)))
    assert rows[0][:3] == ["№", "Integration", "What is needed"]
    assert len(rows) > 30 and [row[0] for row in rows[1:4]] == ["1", "2", "3"]
    target = tmp_path / "register.xlsx"
    assert project.json("export", "--project", "LEN", "--output", str(target)) == {
        "file": str(target),
        "rows": len(rows) - 1,
    }
    sheet = CalamineWorkbook.from_path(target).get_sheet_by_index(0).to_python()
    assert [row[2] for row in sheet] == [row[2] for row in rows]
    excel = tmp_path / "register.csv"
    project.run("export", "--project", "LEN", "--excel", "--output", str(excel))
    assert excel.read_bytes().startswith(b"\xef\xbb\xbf") and ";" in excel.read_text("utf-8-sig").splitlines()[0]
    project.run("export", "--project", "LEN", "--json", status=2)


# --- messages and the demo


def a_working_morning() -> str:
    """The next one after today, shortly before eleven in Moscow: the demo's past is laid before the real today."""
    day = datetime.now(UTC).date() + timedelta(days=1)
    days_off = public_days("RU", day.year, day.year + 1)[0]
    while day.weekday() > 4 or day in days_off:
        day += timedelta(days=1)
    return f"{day}T07:50:00Z"


def test_the_demo_is_told_the_same_on_every_run_and_its_person_is_asked(shell):
    first = shell.json("demo")
    assert set(first) == {"project", "url", "sign_in"} and set(first["sign_in"]) == {"email", "password"}
    assert shell.json("demo") == first
    morning = a_working_morning()
    dry = shell.json("tick", "--at", morning, "--dry-run")
    told = shell.json("outbox")
    assert {row["state"] for row in told} == {"sent"}, "the demo has a past; the dry run has added nothing to it"
    wet = shell.json("tick", "--at", morning)
    assert set(wet) == {"at", "evaluated", "queued", "cancelled", "escalated"} and wet["at"] == morning
    assert [one["person"] for one in dry["queued"]] == [one["person"] for one in wet["queued"]]
    rows = shell.json("outbox", "--since", morning)
    assert shell.json("outbox") == told + rows
    contract = {
        "id",
        "person",
        "timezone",
        "channel",
        "kind",
        "tasks",
        "rule",
        "queued_at",
        "send_after",
        "state",
        "text",
    }
    assert contract <= set(rows[0]) and rows[0]["queued_at"] == morning
    assert shell.json("outbox", "--since", "2030-01-01T00:00:00Z") == []
    sent = shell.json("deliver", "--at", morning)
    assert sent == {"sent": 0, "held": 0, "unknown": 0, "failed": 0, "cancelled": 0}  # no token, no server
    assert [row["state"] for row in shell.json("outbox", "--since", morning)] == ["queued"] * len(rows)
    assert shell.json("verify")["ok"]


def test_messages_leave_through_the_emulator_of_the_running_demo_server(sqlite_template, unused_port, tmp_path):
    """On SQLite alone: what is tried here is the way from process to process, not the database."""
    shutil.copyfile(sqlite_template, tmp_path / "auftakt.db")
    shell = Shell(f"sqlite:///{tmp_path}/auftakt.db", tmp_path)
    shell.variables |= {"AUFTAKT_DEMO": "1", "AUFTAKT_PORT": str(unused_port)}
    environment = {**os.environ, **shell.variables}
    auftakt = [sys.executable, "-m", "tracker.cli"]
    shell.run("demo")
    at = ["--at", a_working_morning(), "--json"]
    server = subprocess.Popen([*auftakt, "serve", "--no-bot"], env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{unused_port}/healthz", server)
        assert "Another server" in shell.says("serve", status=1)
        shell.run("tick", *at)
        sent = subprocess.run([*auftakt, "deliver", *at], env=environment, capture_output=True, check=True).stdout
        assert json.loads(sent)["sent"] >= 1
        assert {"telegram": "sent"}.items() <= {row["channel"]: row["state"] for row in shell.json("outbox")}.items()
    finally:
        server.terminate()
    begun = time.monotonic()
    assert server.wait(timeout=30) == 0
    assert time.monotonic() - begun < 5


def wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    """Until the server answers, or a minute has passed on a busy machine."""
    for _ in range(600):
        assert server.poll() is None, "the server has ended"
        try:
            if httpx.get(url, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_the_demo_leaves_real_projects_alone(project):
    assert "projects here already" in project.says("demo", status=1)
    assert "projects here already" in project.says("demo", "--tasks", "10", status=1)


def test_a_synthetic_project_is_sound_and_the_same_for_a_seed(shell):
    made = shell.json("demo", "--tasks", "120", "--people", "15", "--seed", "7")
    assert made["project"] == "BENCH"
    found = shell.json("verify")
    assert found["ok"], found["problems"]
    assert found["checked"] > 120 * 4
    rows = list(csv.reader(io.StringIO(shell.run("export", "--project", "BENCH").stdout)))
    assert len(rows) == 121 and len({row[2] for row in rows}) == 121
    assert {row[5] for row in rows[1:]} == {"not started", "in progress", "in review", "done", "unclear", "not needed"}
    assert shell.json("tick", "--dry-run")["evaluated"] > 40
    assert shell.json("demo", "--tasks", "5") == made


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", ""])
def test_an_instant_is_iso_8601(shell, text):
    shell.run("tick", "--at", text, status=2)


def test_instants_without_an_offset_are_utc():
    assert instant("2026-11-23T08:00:00") == instant("2026-11-23T11:00:00+03:00") == instant("2026-11-23T08:00:00Z")


# --- keeping


@pytest.mark.own_database
def test_backup_restore_and_resume(project, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(PROGRAMS), prepend=os.pathsep)
    archive = str(tmp_path / "one.tar.gz")
    made = project.json("backup", archive)
    project.run("project", "add", "--name", "Позже", "--key", "LATER")
    db = project.reading()
    with db.writing() as session:
        take(session, SERVER, "somebody", now=datetime.now(UTC))
    assert "is running" in project.says("restore", archive, status=1)
    with db.writing() as session:
        release(session, SERVER, "somebody")
    db.close()
    back = project.json("restore", archive)
    assert (back["heads"], back["sending"]) == (made["heads"], "paused")
    assert [row["key"] for row in project.json("project", "list")] == ["LEN"]
    doctor = {row["check"]: row["ok"] for row in project.json("doctor", status=1)}
    assert not doctor["sending"] and doctor["schema"]
    assert project.json("resume") == {"sending": "on", "was_paused": True}
    assert project.json("resume")["was_paused"] is False
    found = project.json("verify")
    assert found == {"ok": True, "checked": found["checked"], "unanchored": 0, "problems": []}


def test_a_failed_backup_is_told_and_remembered(project, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("")
    project.run("backup", str(tmp_path / "folder"), status=2)
    project.says("restore", str(tmp_path / "text"), status=1)


def test_verify_and_doctor_find_what_is_wrong(project):
    assert project.json("doctor")[0]["check"] == "data_dir"
    db = project.reading()
    with db.writing() as session:
        session.connection().exec_driver_sql("UPDATE project_chain SET seq = seq + 1 WHERE project_id > 0")
    db.close()
    found = project.json("verify", status=1)
    assert not found["ok"] and found["problems"][0]["rule"] == "journal.missing"
