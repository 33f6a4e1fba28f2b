"""The facts that the nudge policy decides over, and its answer: read by the services, judged by `policy`."""

from datetime import date, datetime, time
from enum import StrEnum
from typing import NamedTuple, Optional

from tracker.domain.terms import Messages, Priority
from tracker.domain.turns.stalling import Gaps
from tracker.domain.worktime import Calendar


class NudgeAction(StrEnum):
    REST = "rest"
    TELL = "tell"
    ESCALATE = "escalate"


class NudgeStep(StrEnum):
    """Which text a task gets. Steps that begin with `n` are nudges and are counted; the others are not."""

    NOTICE = "notice"
    HEADS_UP = "heads_up"
    N1_PROMISE = "n1_promise"
    N1_NEEDED = "n1_needed"
    N1_NODATE = "n1_nodate"
    N1_CHECK = "n1_check"
    N1_DECIDE = "n1_decide"
    N2 = "n2"


FIRST_NUDGES = frozenset(
    {NudgeStep.N1_PROMISE, NudgeStep.N1_NEEDED, NudgeStep.N1_NODATE, NudgeStep.N1_CHECK, NudgeStep.N1_DECIDE}
)
NUDGING = FIRST_NUDGES | {NudgeStep.N2}
REMINDER = "reminder"
"""The rule of what goes out because the conductor asked for it, and not because it was due."""


class Policy(NamedTuple):
    """A project's settings. `approve_until`: through this day messages wait for approval (None: until switched on)."""

    messages: str = Messages.ON
    approve_until: date | None = None
    paused: bool = False
    gaps: Gaps = Gaps()
    second_days: int = 2
    escalate_days: int = 1


class TaskCase(NamedTuple):
    """A task as the policy sees it.

    What was told, asked or escalated before the turn came, or before its person last acted, belongs to a past episode
    and does not count, whoever forgot to reset it.

    `root`: where the waiting chain ends; another id than the task's own means that somebody else is asked there.
    `announce`: the turn came by an act worth telling, not by an import or a bulk edit. `event_on`: the nearest meeting
    or launch. `decide_by`: of the deadlock that gave the turn to its decider. `reminder_at`: when the conductor
    asked to remind now.
    """

    id: int
    status: str
    turn: int | None
    turn_since: datetime
    stalls_at: datetime | None
    root: int | None = None
    archived: bool = False
    via: str = "owner"
    priority: str = Priority.NORMAL
    progress_at: datetime | None = None
    others_at: datetime | None = None
    needed_by: date | None = None
    promised_on: date | None = None
    promised_at: datetime | None = None
    event_on: date | None = None
    decide_by: date | None = None
    snoozed_until: date | None = None
    muted: bool = False
    announce: bool = True
    told_turn_at: datetime | None = None
    heads_up_told: bool = False
    tried_at: datetime | None = None
    nudges: int = 0
    last_nudge_at: datetime | None = None
    escalated_at: datetime | None = None
    reminder_at: datetime | None = None
    blocks: int = 0


class PersonCase(NamedTuple):
    """A person as the policy sees them. `told_days`: local days whose one unasked message has gone out already.

    `ignored`: nudges of the last 10 working days without an answer. `deputy`: gets the messages while they are away.
    `paused_until`: through this day they want no messages.
    """

    id: int
    calendar: Calendar
    knows_bot: bool = True
    reachable: bool = True
    opted_out: bool = False
    paused_until: date | None = None
    is_conductor: bool = False
    ignored: int = 0
    told_days: frozenset[date] = frozenset()
    digest_at: time = time(10, 30)
    deputy: Optional["PersonCase"] = None


class NudgeDecision(NamedTuple):
    """What the policy says of one task. `person`: the addressee. `next_at`: when to ask again if nothing happens.

    `reasons`: for rest, the stops that hold (codes of the stop list); for the others, what the rule stands on.
    """

    task: int
    person: int | None
    action: NudgeAction
    rule: str
    reasons: tuple[str, ...] = ()
    step: NudgeStep | None = None
    due_at: datetime | None = None
    next_at: datetime | None = None
    past_promise: bool = False
    blocks: int = 0
    deadline: date | None = None
    since: datetime | None = None
    asked: int = 0
