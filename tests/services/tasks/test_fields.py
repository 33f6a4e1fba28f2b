"""The fields of a task: what is spelled out for the sake of its types is spelled alike."""

import dataclasses

import pytest

from tracker.api.tasks import TaskFields
from tracker.domain.sheets.columns import Column
from tracker.domain.terms import OWN_COLUMNS
from tracker.services.imports.world import Known
from tracker.services.tasks.fields import TEXTS, TaskInput
from tracker.tables import Task


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
