"""The fields of a task as they are given: their types, limits and names. Shared by creating, editing and importing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from sqlmodel import Session

from tracker.domain.errors import FieldError
from tracker.domain.lines import in_one_line, legible
from tracker.domain.terms import OWN_COLUMNS, Priority, Status, TaskKind, WaitKind
from tracker.services.ground.belonging import belongs_problem, member_problem
from tracker.services.ground.fields import day_problem, is_link
from tracker.tables import Integration, Party, Task

TITLE_LIMIT = 300
TEXT_LIMIT = 10_000
LINE_LIMIT = 500
LINK_LIMIT = 2_000


class Input(StrEnum):
    """What a field is filled in with."""

    TEXT = "text"
    LINK = "link"
    WORD = "word"
    """One of a closed list."""
    PERSON = "person"
    PARTY = "party"
    INTEGRATION = "integration"
    DAY = "day"
    YES = "yes"
    WAIT = "wait"


class Field(NamedTuple):
    """A field of a task. `name`: as the outside says it, and the key of its label (`wording.fields`)."""

    name: str
    input: Input
    limit: int = 0
    """Characters of a text or a link."""
    words: type[StrEnum] | None = None
    """The closed list."""
    theirs: bool = False
    """The person of the turn changes it in place; everything else is the conductor's."""
    on_forms: bool = True
    part_of: str = ""
    """It only says more about that field: who may change that, says both in one."""
    several_lines: bool = False
    """Of a text: it may have them; each other one is a line."""

    @property
    def column(self) -> str:
        names = self.input in (Input.PERSON, Input.PARTY, Input.INTEGRATION)
        return f"{self.name}_id" if names else self.name


FIELDS = (
    Field("title", Input.TEXT, TITLE_LIMIT),
    Field("plain_title", Input.TEXT, TITLE_LIMIT),
    Field("notes", Input.TEXT, TEXT_LIMIT, several_lines=True),
    Field("done_means", Input.TEXT, TEXT_LIMIT, several_lines=True),
    Field("external_url", Input.LINK, LINK_LIMIT, theirs=True),
    Field("sheet_ref", Input.TEXT, LINE_LIMIT, on_forms=False),
    *(Field(name, Input.TEXT, LINE_LIMIT) for name in OWN_COLUMNS),
    Field("waiting_note", Input.TEXT, TEXT_LIMIT, on_forms=False, part_of="waiting", several_lines=True),
    Field("status", Input.WORD, words=Status, theirs=True),
    Field("priority", Input.WORD, words=Priority),
    Field("kind", Input.WORD, words=TaskKind),
    Field("owner", Input.PERSON),
    Field("checker", Input.PERSON),
    Field("party", Input.PARTY),
    Field("integration", Input.INTEGRATION),
    Field("needed_by", Input.DAY),
    Field("promised_on", Input.DAY, theirs=True),
    Field("asks_evidence", Input.YES),
    Field("waiting", Input.WAIT, theirs=True),
    Field("confirmed", Input.YES),
)
"""The one list of them: rights, forms, limits and programs ask it."""

BY_NAME: Mapping[str, Field] = {one.name: one for one in FIELDS}
EDITABLE = tuple(BY_NAME)
SEVERAL_LINES = frozenset(one.name for one in FIELDS if one.several_lines)
TEXTS: Mapping[str, int] = {one.name: one.limit for one in FIELDS if one.limit}
WORDS: Mapping[str, type[StrEnum]] = {one.name: one.words for one in FIELDS if one.words is not None}
PERSONS = tuple(one.name for one in FIELDS if one.input is Input.PERSON)
DAYS = tuple(one.name for one in FIELDS if one.input is Input.DAY)


@dataclass(frozen=True)
class WaitInput:
    """Whom or what a task waits for: exactly the id of its kind, or a note for something outside."""

    kind: WaitKind
    person_id: int | None = None
    party_id: int | None = None
    task_id: int | None = None
    note: str = ""


@dataclass(frozen=True)
class TaskInput:
    """A new task. Ids are checked against the project; texts are stripped."""

    title: str
    kind: str = TaskKind.TASK
    status: str = Status.OPEN
    priority: str = Priority.NORMAL
    integration: int | None = None
    party: int | None = None
    owner: int | None = None
    checker: int | None = None
    plain_title: str = ""
    notes: str = ""
    done_means: str = ""
    external_url: str = ""
    needed_by: date | None = None
    promised_on: date | None = None
    asks_evidence: bool = False
    confirmed: bool = True
    sheet_ref: str = ""
    own_1: str = ""
    own_2: str = ""
    own_3: str = ""
    waiting: WaitInput | None = None
    import_id: int | None = None
    meeting_id: int | None = None


def column_of(name: str) -> str:
    return BY_NAME[name].column


def cleaned(name: str, value: Any) -> Any:
    """Texts as they can be read, titles and the like in one line; everything else as it is."""
    if name not in TEXTS:
        return value
    text = "" if value is None else str(value)
    return legible(text) if name in SEVERAL_LINES else in_one_line(text)


def problems_of(
    session: Session, project_id: int, values: Mapping[str, Any], today: date, task: Task | None = None
) -> list[FieldError]:
    """Everything wrong with these (cleaned) values, a field each."""
    found: list[FieldError | None] = [FieldError(name, "unknown_field") for name in values if name not in EDITABLE]
    if "title" in values and not values["title"]:
        found.append(FieldError("title", "required"))
    for name, limit in TEXTS.items():
        if len(values.get(name) or "") > limit:
            found.append(FieldError(name, "too_long", {"limit": limit}))
    found += [
        FieldError(name, "unknown_word")
        for name, words in WORDS.items()
        if name in values and values[name] not in set(words)
    ]
    found += [member_problem(session, project_id, values.get(name), name) for name in PERSONS]
    found.append(belongs_problem(session, Party, project_id, values.get("party"), "party"))
    found.append(belongs_problem(session, Integration, project_id, values.get("integration"), "integration"))
    found += [day_problem(name, values.get(name), today) for name in DAYS]
    found.append(url_problem("external_url", values.get("external_url") or ""))
    found += waiting_problems(session, project_id, values.get("waiting"), task)
    return [problem for problem in found if problem is not None]


def url_problem(name: str, value: str) -> FieldError | None:
    return FieldError(name, "not_a_link") if value and not is_link(value) else None


def waiting_problems(
    session: Session, project_id: int, waiting: WaitInput | None, task: Task | None
) -> list[FieldError | None]:
    if waiting is None:
        return []
    if waiting.kind == WaitKind.PERSON:
        if waiting.person_id is None:
            return [FieldError("waiting", "required")]
        return [member_problem(session, project_id, waiting.person_id, "waiting")]
    if waiting.kind == WaitKind.PARTY:
        if waiting.party_id is None:
            return [FieldError("waiting", "required")]
        return [belongs_problem(session, Party, project_id, waiting.party_id, "waiting")]
    if waiting.kind == WaitKind.TASK:
        other = session.get(Task, waiting.task_id) if waiting.task_id is not None else None
        if other is None or other.project_id != project_id:
            return [FieldError("waiting", "unknown")]
        return [FieldError("waiting", "itself")] if task is not None and other.id == task.id else []
    return [] if legible(waiting.note) else [FieldError("waiting_note", "required")]
