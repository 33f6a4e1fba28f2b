"""The closed lists of the field's words, as they are stored. What a screen calls them is `tracker.wording`'s work."""

from enum import StrEnum


class Way(StrEnum):
    """By which way a change came."""

    WEB = "web"
    TELEGRAM = "telegram"
    LINK = "link"
    EMAIL = "email"
    API = "api"
    IMPORT = "import"
    CLI = "cli"
    ENGINE = "engine"


class Role(StrEnum):
    CONDUCTOR = "conductor"
    LEAD = "lead"
    CONTRIBUTOR = "contributor"
    OBSERVER = "observer"


class PartyKind(StrEnum):
    CUSTOMER = "customer"
    CONTRACTOR = "contractor"
    IN_HOUSE = "in_house"
    VENDOR = "vendor"
    FREELANCER = "freelancer"


class TaskKind(StrEnum):
    TASK = "task"
    QUESTION = "question"


class Status(StrEnum):
    """Waiting, snoozed and stalled are data or derived: they are not statuses."""

    DRAFT = "draft"
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    REVIEW = "review"
    DONE = "done"
    DROPPED = "dropped"


FINISHED = frozenset({Status.DONE, Status.DROPPED})
OWN_COLUMNS = ("own_1", "own_2", "own_3")
"""A task's columns that a project may name for itself; the project's names stand in this order."""


class AnswerKind(StrEnum):
    """The one set of answers, whichever way they come."""

    DONE = "done"
    IN_PROGRESS = "in_progress"
    PROMISE = "promise"
    HELP = "help"
    NOT_MINE = "not_mine"
    LATER = "later"


class Priority(StrEnum):
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class WaitKind(StrEnum):
    PERSON = "person"
    PARTY = "party"
    TASK = "task"
    OUTSIDE = "outside"


class Messages(StrEnum):
    """Whether a project's people are written to: not yet, each message after approval, or yes."""

    OFF = "off"
    APPROVE = "approve"
    ON = "on"


class IntegrationState(StrEnum):
    """`inherited` (works, never accepted) and `bypassed` (launched past the gate) never count as accepted."""

    PLANNED = "planned"
    BUILDING = "building"
    TESTING = "testing"
    LIVE = "live"
    INHERITED = "inherited"
    BYPASSED = "bypassed"
    STOPPED = "stopped"


class MemberWhy(StrEnum):
    OWNER = "owner"
    CHECKER = "checker"
    TESTER = "tester"
    ACCOUNTABLE = "accountable"
    GUEST = "guest"


class MeetingState(StrEnum):
    PLANNED = "planned"
    CLOSED = "closed"
    NOT_HELD = "not_held"


class Outcome(StrEnum):
    """What became of an agenda item."""

    STEP = "step"
    MOVED = "moved"
    NO_STEP = "no_step"


class Rsvp(StrEnum):
    ASKED = "asked"
    YES = "yes"
    NO = "no"


class CheckResult(StrEnum):
    PENDING = "pending"
    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"
    WAIVED = "waived"


class EvidenceKind(StrEnum):
    LINK = "link"
    FILE = "file"


class DeadlockKind(StrEnum):
    BLOCK = "block"
    CONTRADICTION = "contradiction"


class MessageState(StrEnum):
    QUEUED = "queued"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    CANCELLED = "cancelled"


class MessageKind(StrEnum):
    """What a message is: about one task (notice, heads_up, nudge) or several (digest), news of a meeting, or what
    waits on the reader's own podium."""

    NOTICE = "notice"
    HEADS_UP = "heads_up"
    NUDGE = "nudge"
    DIGEST = "digest"
    MEETING = "meeting"
    PODIUM = "podium"


ABOUT_TASKS = frozenset({MessageKind.NOTICE, MessageKind.HEADS_UP, MessageKind.NUDGE, MessageKind.DIGEST})
"""Kinds that the nudge policy puts together; each of the others has a ground of its own."""


class Scope(StrEnum):
    """What a private token opens. `start` is Telegram's deep link."""

    API = "api"
    CALENDAR = "calendar"
    PAGE = "page"
    START = "start"


class CardKind(StrEnum):
    """What is put before the conductor."""

    ESCALATION = "escalation"
    HELP = "help"
    NOT_MINE = "not_mine"
    HANDOVER = "handover"
    UNREACHABLE = "unreachable"
    OPT_OUT = "opt_out"
    PAUSE = "pause"
    SNOOZE_CAP = "snooze_cap"
    OVERLOAD = "overload"
    INBOX = "inbox"
    UNMATCHED = "unmatched"
    PROMISE_MOVES = "promise_moves"
    DEADLOCK = "deadlock"
