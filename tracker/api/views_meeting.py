"""The shapes of meetings and deadlocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tracker.api.http.views import Ref, ref
from tracker.services.facts.meetings import DeadlockFacts, MeetingFacts


@dataclass(frozen=True)
class GuestView:
    person: Ref
    why: str
    decides: bool
    rsvp: str


@dataclass(frozen=True)
class ItemView:
    """A line of the agenda. `task`: the next step that it ended in, else what it is about."""

    id: int
    title: str
    task: Ref | None
    outcome: str | None
    reason: str


@dataclass(frozen=True)
class MeetingView:
    id: int
    project: Ref
    integrations: Sequence[Ref]
    title: str
    starts_at: datetime
    minutes: int
    place: str
    people: Sequence[GuestView]
    items: Sequence[ItemView]
    state: str
    version: int


@dataclass(frozen=True)
class PositionView:
    """What a party holds; the text is empty until they have spoken."""

    party: Ref
    text: str
    at: datetime


@dataclass(frozen=True)
class DeadlockView:
    id: int
    project: Ref
    integration: Ref | None
    kind: str
    title: str
    decider: Ref | None
    decide_by: date | None
    positions: Sequence[PositionView]
    tasks: Sequence[Ref]
    decision: str
    decided_at: datetime | None
    version: int


def meeting_view(facts: MeetingFacts) -> MeetingView:
    return MeetingView(
        id=facts.id,
        project=Ref(*facts.project),
        integrations=[Ref(*one) for one in facts.integrations],
        title=facts.title,
        starts_at=facts.starts_at,
        minutes=facts.minutes,
        place=facts.place_text,
        people=[GuestView(Ref(*one.person), one.why, one.decides, one.rsvp) for one in facts.people],
        items=[ItemView(one.id, one.title, ref(one.task), one.outcome, one.reason) for one in facts.items],
        state=facts.state,
        version=facts.version,
    )


def deadlock_view(facts: DeadlockFacts) -> DeadlockView:
    return DeadlockView(
        id=facts.id,
        project=Ref(*facts.project),
        integration=ref(facts.integration),
        kind=facts.kind,
        title=facts.title,
        decider=ref(facts.decider),
        decide_by=facts.decide_by,
        positions=[PositionView(Ref(*one.party), one.text, one.at) for one in facts.positions],
        tasks=[Ref(*one) for one in facts.tasks],
        decision=facts.decision,
        decided_at=facts.decided_at,
        version=facts.version,
    )
