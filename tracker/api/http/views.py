"""The shapes that are given out. They are a contract: fields are added with care and never renamed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tracker.services.facts.tasks import Awaited, Reference, TaskFacts


@dataclass(frozen=True)
class Ref:
    """A reference."""

    id: int
    name: str


def ref(named: Reference | None) -> Ref | None:
    return Ref(named.id, named.name) if named is not None else None


@dataclass(frozen=True)
class WaitingView:
    """What a task waits for: a person, a party, another task, or something outside (which has no id).

    `agreed` is false while a wait on another party has not been passed on by the conductor.
    """

    kind: str
    id: int | None
    name: str
    note: str
    agreed: bool


@dataclass(frozen=True)
class TaskView:
    id: int
    number: int
    project: Ref
    integration: Ref | None
    party: Ref | None
    kind: str
    title: str
    plain_title: str
    done_means: str
    status: str
    owner: Ref | None
    turn: Ref | None
    waiting_on: WaitingView | None
    waiting_since: datetime | None
    needed_by: date | None
    promised_on: date | None
    stalls_at: datetime | None
    priority: str
    version: int
    created_at: datetime
    updated_at: datetime


def task_view(facts: TaskFacts) -> TaskView:
    return TaskView(
        id=facts.id,
        number=facts.number,
        project=Ref(*facts.project),
        integration=ref(facts.integration),
        party=ref(facts.party),
        kind=facts.kind,
        title=facts.title,
        plain_title=facts.plain_title,
        done_means=facts.done_means,
        status=facts.status,
        owner=ref(facts.owner),
        turn=ref(facts.turn),
        waiting_on=_waiting(facts.waiting_on),
        waiting_since=facts.waiting_since,
        needed_by=facts.needed_by,
        promised_on=facts.promised_on,
        stalls_at=facts.stalls_at,
        priority=facts.priority,
        version=facts.version,
        created_at=facts.created_at,
        updated_at=facts.updated_at,
    )


def _waiting(awaited: Awaited | None) -> WaitingView | None:
    return WaitingView(*awaited) if awaited is not None else None


@dataclass(frozen=True)
class AnsweredView:
    """What became of an answer. `task` is null where it has left the caller's sight by it."""

    outcome: str
    task: TaskView | None


@dataclass(frozen=True)
class CommentView:
    id: int
    at: datetime
    person: str
    noted_by: str
    way: str
    text: str
    private: bool


@dataclass(frozen=True)
class EvidenceView:
    """A piece of evidence, on a task or on a check. `file`: the name of a stored file."""

    id: int
    task: int | None
    check: int | None
    kind: str
    url: str
    file: str
    caption: str
    by: Ref | None
    way: str
    at: datetime


@dataclass(frozen=True)
class ProjectView:
    id: int
    key: str
    name: str
    messages: str
    timezone: str


@dataclass(frozen=True)
class PartyView:
    id: int
    project: Ref
    name: str
    kind: str
    lead: Ref | None


@dataclass(frozen=True)
class PersonView:
    """`email` is null where the caller may not see contacts. `parties`, `roles`: in projects shared with the caller."""

    id: int
    name: str
    email: str | None
    salutation: str
    timezone: str
    language: str
    parties: Sequence[Ref]
    roles: Sequence[str]
    knows_bot: bool
    reachable_by: Sequence[str]


@dataclass(frozen=True)
class SystemView:
    id: int
    project: Ref
    name: str
    kind: str
    owner: Ref | None
    current_version: str
    note: str
    version: int


@dataclass(frozen=True)
class Readiness:
    """How many of the conditions of going live are met."""

    done: int
    of: int


@dataclass(frozen=True)
class IntegrationView:
    id: int
    project: Ref
    name: str
    purpose: str
    accountable: Ref | None
    state: str
    launch_on: date | None
    readiness: Readiness
    version: int


@dataclass(frozen=True)
class CheckView:
    id: int
    integration: Ref
    section: str
    title: str
    method: str
    expected: str
    required: bool
    tester: Ref | None
    result: str
    evidence: Sequence[EvidenceView]
    version: int
