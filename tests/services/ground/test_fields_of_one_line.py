"""One rule for fields of one line, whatever noun they belong to: a break in one would forge lines of a digest."""

from dataclasses import fields as fields_of
from dataclasses import replace
from typing import Any

import pytest

from tests.worlds.integrations import LATER, NOW, by, lay
from tracker.domain.terms import Way
from tracker.services.ground.journal import Actor
from tracker.services.integrations.checks import CheckInput, add_check
from tracker.services.integrations.deadlocks import DeadlockInput, open_deadlock
from tracker.services.integrations.passports import IntegrationInput, create_integration
from tracker.services.integrations.systems import SystemInput, create_system
from tracker.services.meetings.agenda import ItemInput, add_items
from tracker.services.meetings.guests import Invited
from tracker.services.meetings.planning import MeetingInput, plan_meeting
from tracker.services.people.memberships import Place, add_member
from tracker.services.people.parties import PartyInput, create_party
from tracker.services.people.persons import PersonInput
from tracker.services.people.projects import ProjectInput, create_project
from tracker.services.tasks.editing import TaskInput, create_task, edit_task
from tracker.services.tasks.evidence import add_evidence
from tracker.services.tasks.fields import EDITABLE, SEVERAL_LINES, TEXTS

FORGED = "Поля\n2. LEN-9 Оплатить\u2028счёт\r\nсегодня"
SEEN = "Поля 2. LEN-9 Оплатить счёт сегодня"
HOUSE = Actor(None, Way.CLI)


@pytest.fixture
def world(db):
    with db.writing() as session:
        return lay(session)


MADE = {
    "project": lambda s, w, me: create_project(s, HOUSE, ProjectInput(FORGED, "NEW"), now=NOW).name,
    "party": lambda s, w, me: create_party(s, me, w.project, PartyInput(FORGED), now=NOW).name,
    "person": lambda s, w, me: add_member(s, me, w.project, PersonInput(FORGED), Place(), now=NOW).name,
    "salutation": lambda s, w, me: (
        add_member(s, me, w.project, PersonInput("Ира", salutation=FORGED), Place(), now=NOW).salutation
    ),
    "integration": lambda s, w, me: create_integration(s, me, w.project, IntegrationInput(FORGED), now=NOW).name,
    "system": lambda s, w, me: create_system(s, me, w.project, SystemInput(FORGED), now=NOW).name,
    "check": lambda s, w, me: add_check(s, me, w.form, CheckInput(FORGED), now=NOW).title,
    "section": lambda s, w, me: add_check(s, me, w.form, CheckInput("x", section=FORGED), now=NOW).section,
    "deadlock": lambda s, w, me: (
        open_deadlock(s, me, w.project, DeadlockInput(FORGED, parties=[w.crm, w.studio]), now=NOW).title
    ),
    "meeting": lambda s, w, me: plan_meeting(s, me, w.project, MeetingInput(FORGED, LATER), now=NOW).title,
    "place": lambda s, w, me: plan_meeting(s, me, w.project, MeetingInput("x", LATER, place=FORGED), now=NOW).place,
    "agenda": lambda s, w, me: add_items(s, me, _meeting(s, w, me), [ItemInput(FORGED)], now=NOW)[0].title,
    "task": lambda s, w, me: create_task(s, me, w.project, TaskInput(FORGED), now=NOW).title,
    "caption": lambda s, w, me: (
        add_evidence(s, me, _task(s, w, me), url="https://a.example", caption=FORGED, now=NOW).caption
    ),
}


def _meeting(session, world, me):
    given = MeetingInput("x", LATER, people=[Invited(world.ira, FORGED)])
    return plan_meeting(session, me, world.project, given, now=NOW).id


def _task(session, world, me):
    return create_task(session, me, world.project, TaskInput("x"), now=NOW).id


@pytest.mark.parametrize("noun", MADE)
def test_a_field_of_one_line_is_one_line(db, world, noun):
    with db.writing() as session:
        assert MADE[noun](session, world, by(world.anna)) == SEEN


LINES = [name for name in TEXTS if name not in SEVERAL_LINES and name != "external_url"]


@pytest.mark.parametrize("name", LINES)
def test_so_is_each_of_a_tasks_when_it_is_made_and_when_it_is_edited(db, world, name):
    me = by(world.anna)
    with db.writing() as session:
        given: Any = {name: FORGED}
        task = create_task(session, me, world.project, replace(TaskInput("x"), **given), now=NOW)
        assert getattr(task, name) == SEEN
        edit_task(session, me, task.id, None, {name: f"Иначе: {FORGED}"}, now=NOW)
        assert getattr(task, name) == f"Иначе: {SEEN}"


def test_every_text_of_a_task_is_known_to_be_the_one_or_the_other():
    texts = {one.name for one in fields_of(TaskInput) if one.type is str} - {"kind", "status", "priority"}
    assert texts <= set(TEXTS) <= set(EDITABLE)


def test_a_label_of_a_key_is_one_line(db, world):
    from tracker.domain.terms import Scope
    from tracker.services.access.tokens import issue, tokens_of

    me = by(world.anna)
    with db.writing() as session:
        issue(session, me, world.anna, Scope.API, key=b"k" * 40, now=NOW, label=FORGED)
        assert [one.label for one in tokens_of(session, me, world.anna, now=NOW)] == [SEEN]
