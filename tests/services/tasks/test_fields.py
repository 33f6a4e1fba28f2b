"""The fields of a task: kept as they can be read, and all that is wrong told at once."""

import dataclasses
from datetime import date
from typing import Any, get_type_hints

import pytest
from sqlmodel import select

from tests.worlds.integrations import NOW, by
from tests.worlds.tasks import change
from tracker.api.http.inputs import Day, Id, Yes
from tracker.api.tasks import TaskChanges, TaskFields
from tracker.domain.errors import Invalid
from tracker.domain.sheets.columns import Column
from tracker.domain.terms import OWN_COLUMNS, WaitKind
from tracker.services.imports.world import Known
from tracker.services.tasks.editing import WaitInput, create_task
from tracker.services.tasks.fields import FIELDS, TEXTS, Input, TaskInput
from tracker.tables import Membership, Task


@pytest.mark.parametrize(
    "names",
    [
        Task.__table__.c.keys(),  # type: ignore[attr-defined]
        [field.name for field in dataclasses.fields(TaskInput)],
        TaskFields.model_fields,
        TEXTS,
        Known._fields,
        [str(column) for column in Column],
    ],
)
def test_a_project_has_the_same_own_columns_everywhere(names):
    assert tuple(name for name in names if name.startswith("own_")) == OWN_COLUMNS


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        (TaskInput(""), "title", "required"),
        (TaskInput("  \u0000 "), "title", "required"),
        (TaskInput("х" * 301), "title", "too_long"),
        (TaskInput("х", notes="х" * 10_001), "notes", "too_long"),
        (TaskInput("х", status="waiting"), "status", "unknown_word"),
        (TaskInput("х", kind="epic"), "kind", "unknown_word"),
        (TaskInput("х", owner=999), "owner", "not_a_member"),
        (TaskInput("х", party=999), "party", "unknown"),
        (TaskInput("х", integration=999), "integration", "unknown"),
        (TaskInput("х", external_url="javascript:alert(1)"), "external_url", "not_a_link"),
        (TaskInput("х", needed_by=date(2126, 1, 1)), "needed_by", "date_out_of_range"),
        (TaskInput("х", waiting=WaitInput(WaitKind.OUTSIDE)), "waiting_note", "required"),
        (TaskInput("х", waiting=WaitInput(WaitKind.TASK, task_id=999)), "waiting", "unknown"),
    ],
)
def test_bad_input_names_its_field(db, world, given, field, code):
    with pytest.raises(Invalid) as refused, db.writing() as session:
        create_task(session, by(world.anna), world.project, given, now=NOW)
    assert [(error.field, error.code) for error in refused.value.errors] == [(field, code)]


KINDS: dict[Input, Any] = {
    Input.TEXT: str, Input.LINK: str, Input.PERSON: Id, Input.PARTY: Id, Input.INTEGRATION: Id, Input.DAY: Day,
    Input.YES: Yes,
}  # fmt: skip


def test_a_program_says_the_fields_that_are_declared_each_as_what_it_is():
    shape = dict(TaskChanges.model_fields)
    shape["waiting"] = shape.pop("waiting_on")
    said = {name: get_type_hints(TaskChanges, include_extras=True).get(name) for name in shape}
    declared = [one for one in FIELDS if one.name not in ("sheet_ref", "waiting_note", "confirmed")]
    assert shape.keys() - {"version", "behalf", "accept"} == {one.name for one in declared}
    for one in declared:
        wanted: Any = one.words or KINDS.get(one.input)
        assert one.input is Input.WAIT or said[one.name] in (wanted, wanted | None), one.name


def test_what_a_new_task_is_given_are_the_fields_that_are_declared():
    given = {one.name for one in dataclasses.fields(TaskInput)}
    assert given - {"import_id", "meeting_id"} == {one.name for one in FIELDS} - {"waiting_note"}
    assert {one.column for one in FIELDS} - {"waiting"} <= set(Task.__table__.c.keys())  # type: ignore[attr-defined]


def test_who_is_asked_changes_how_it_goes_and_not_what_is_asked():
    assert {one.name for one in FIELDS if one.theirs} == {"status", "promised_on", "waiting", "external_url"}


def test_a_text_is_kept_as_it_can_be_read(db, world, asked):
    notes = "  10\xa0000\u202f₽\r\nсемья \U0001f469\u200d\U0001f467\x07\rа\tб\u200b\ufeff "
    task = change(db, world.anna, asked, {"notes": notes})
    assert task.notes == "10 000 ₽\nсемья \U0001f469\u200d\U0001f467\nа\tб"


def test_all_errors_of_a_form_are_told_at_once(db, world):
    with pytest.raises(Invalid) as refused, db.writing() as session:
        create_task(session, by(world.anna), world.project, TaskInput("", owner=999, status="x"), now=NOW)
    assert {error.field for error in refused.value.errors} == {"title", "owner", "status"}


def test_a_member_of_another_project_is_nobody_here(db, world):
    with pytest.raises(Invalid), db.writing() as session:
        create_task(session, by(world.anna), world.project, TaskInput("х", owner=world.stas), now=NOW)


def test_somebody_who_left_the_project_can_not_be_named(db, world):
    with db.writing() as session:
        place = session.exec(select(Membership).where(Membership.person_id == world.ira)).one()
        place.archived_at = NOW
        session.add(place)
    with pytest.raises(Invalid), db.writing() as session:
        create_task(session, by(world.anna), world.project, TaskInput("х", owner=world.ira), now=NOW)


def test_an_unknown_field_is_refused(db, world, asked):
    with pytest.raises(Invalid):
        change(db, world.anna, asked, {"turn": world.anna})
