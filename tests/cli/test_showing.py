"""The demo by command: the same on every run, apart from real projects."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.shell import DEMO
from tracker.services.ground.working_calendars import public_days


def test_the_demo_brings_its_schema_along_when_asked(shell, tmp_path):
    empty = f"sqlite:///{tmp_path}/empty.db"
    assert "auftakt migrate" in shell.says("demo", status=1, AUFTAKT_DATABASE_URL=empty, **DEMO)
    loaded = [shell.json("demo", "--migrate", AUFTAKT_DATABASE_URL=empty, **DEMO) for _ in range(2)]
    assert loaded[0] == loaded[1] and loaded[0]["project"]
    assert shell.json("project", "list", AUFTAKT_DATABASE_URL=empty)[0]["key"] == loaded[0]["project"]


def a_working_morning() -> str:
    """The next one after today, shortly before eleven in Moscow: the demo's past is laid before the real today."""
    day = datetime.now(UTC).date() + timedelta(days=1)
    days_off = public_days("RU", day.year, day.year + 1)[0]
    while day.weekday() > 4 or day in days_off:
        day += timedelta(days=1)
    return f"{day}T07:50:00Z"


def test_the_demo_is_told_the_same_on_every_run_and_its_person_is_asked(shell):
    first = shell.json("demo", **DEMO)
    assert set(first) == {"project", "url", "sign_in"} and set(first["sign_in"]) == {"email", "password"}
    assert shell.json("demo", **DEMO) == first
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


def test_the_demo_leaves_real_projects_alone(project):
    assert "projects here already" in project.says("demo", status=1, **DEMO)
    assert "projects here already" in project.says("demo", "--tasks", "10", status=1, **DEMO)


@pytest.mark.parametrize("size", [(), ("--tasks", "10")])
def test_the_demo_is_not_loaded_where_nobody_has_asked_for_one(shell, size):
    assert "AUFTAKT_DEMO=1" in shell.says("demo", *size, status=2)
    assert shell.json("project", "list") == []


def test_a_synthetic_project_is_sound_and_the_same_for_a_seed(shell):
    made = shell.json("demo", "--tasks", "120", "--people", "15", "--seed", "7", **DEMO)
    assert made["project"] == "BENCH"
    found = shell.json("verify")
    assert found["ok"], found["problems"]
    assert found["checked"] > 120 * 4
    rows = list(csv.reader(io.StringIO(shell.run("export", "--project", "BENCH").stdout)))
    assert len(rows) == 121 and len({row[2] for row in rows}) == 121
    assert {row[5] for row in rows[1:]} == {"not started", "in progress", "in review", "done", "unclear", "not needed"}
    assert shell.json("tick", "--dry-run")["evaluated"] > 40
    assert shell.json("demo", "--tasks", "5", **DEMO) == made
