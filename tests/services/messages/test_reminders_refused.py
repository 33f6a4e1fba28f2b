"""«Remind now»: once a working day, and when it says why not."""

from datetime import date

import pytest

from tests.services.messages.reminding import ASKED, refusal, remind
from tests.telling.answers import later, promise
from tests.worlds.integrations import by, change
from tests.worlds.outbox import Wire, ask, at, pass_time
from tests.worlds.rounds import task
from tracker.domain.errors import Forbidden, NotFound
from tracker.domain.terms import WaitKind
from tracker.services.engine.clock import tick
from tracker.services.engine.delivery import deliver
from tracker.services.tasks.fields import WaitInput
from tracker.tables import Person, Project, Task


def send(db, now):
    wire = Wire()
    tick(db, now)
    deliver(db, now, {"telegram": wire})
    return wire.got


def test_a_weekend_belongs_to_monday(db, world, one):
    first = remind(db, world, one, at("2026-11-28T12:00"))
    send(db, first.at)
    assert refusal(db, world, one, at("2026-11-30T12:00")) == "reminded_today"
    assert remind(db, world, one, at("2026-12-01T12:00")).at == at("2026-12-01T12:00")


def test_what_the_bot_asked_today_is_not_asked_again_today(db, world, one):
    pass_time(db, Wire(), at("2026-11-24T10:00"), at("2026-11-26T11:00"))
    assert task(db, one).nudges == 1
    assert refusal(db, world, one, at("2026-11-26T12:00")) == "reminded_today"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"status": "draft", "stalls_at": None}, "draft"),
        ({"status": "done"}, "finished"),
        ({"archived_at": ASKED}, "archived"),
        ({"turn_id": None}, "nobodys_turn"),
        ({"muted": True}, "muted"),
    ],
)
def test_a_task_that_nobody_is_to_be_asked_about_is_refused(db, world, one, values, code):
    change(db, Task, one, **values)
    assert refusal(db, world, one) == code
    assert task(db, one).reminder_at is None


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"knows_bot": False}, "not_invited"),
        ({"opted_out_at": ASKED}, "opted_out"),
        ({"paused_until": date(2026, 12, 1)}, "paused"),
        ({"telegram_chat_id": None, "email": None}, "channel_dead"),
    ],
)
def test_a_person_who_can_not_or_will_not_be_written_to_is_named_as_the_reason(db, world, one, values, code):
    change(db, Person, world.ira, **values)
    assert refusal(db, world, one) == code


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"messages": "off"}, "messages_off"),
        ({"paused_at": ASKED}, "project_paused"),
        ({"archived_at": ASKED}, "archived"),
    ],
)
def test_a_silent_project_stays_silent(db, world, one, values, code):
    change(db, Project, world.project, **values)
    assert refusal(db, world, one) == code


def test_the_conductors_own_is_on_their_podium(db, world):
    mine = ask(db, world, "Позвать всех на созвон", world.anna)
    assert refusal(db, world, mine) == "conductors_own"


def test_a_named_day_and_a_pause_of_the_task_are_kept(db, world, one):
    with db.writing() as session:
        promise(session, by(world.ira), one, date(2026, 11, 27), now=at("2026-11-24T11:00"))
    assert refusal(db, world, one) == "promised"
    assert refusal(db, world, one, at("2026-11-26T12:00")) == "promised", "on its eve too"
    with db.writing() as session:
        later(session, by(world.ira), one, date(2026, 12, 3), now=at("2026-11-30T11:00"))
    assert refusal(db, world, one, at("2026-11-30T12:00")) == "snoozed"


def test_what_waits_for_another_task_is_asked_there(db, world, one):
    behind = ask(db, world, "Настроить приём заявок", world.gleb, waiting=WaitInput(WaitKind.TASK, task_id=one))
    assert refusal(db, world, behind) == "blocked"


def test_only_who_conducts_reminds_and_an_outsider_finds_nothing(db, world, one):
    with pytest.raises(Forbidden):
        remind(db, world, one, who=world.pavel)
    with pytest.raises(NotFound):
        remind(db, world, one, who=world.stas)
    with pytest.raises(NotFound):
        remind(db, world, 999_999)
