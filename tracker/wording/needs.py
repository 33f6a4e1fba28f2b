"""What needs the conductor, in words: one short head for each kind, in the reader's language."""

from collections.abc import Mapping

from tracker.domain.needs import LATE_DEADLOCK, OPEN_MEETING, Need, NextMessage
from tracker.domain.nudging.cases import NudgeStep
from tracker.domain.terms import CardKind, MessageKind
from tracker.wording.marking import N_
from tracker.wording.say import say, say_n

HEADS: Mapping[str, str] = {
    CardKind.HELP: N_("asks for help"),
    CardKind.ESCALATION: N_("no answer yet"),
    CardKind.HANDOVER: N_("asks to wait for somebody else"),
    CardKind.NOT_MINE: N_("says that it belongs to somebody else"),
    CardKind.DEADLOCK: N_("a decision is needed"),
    LATE_DEADLOCK: N_("the day to decide by has passed"),
    CardKind.SNOOZE_CAP: N_("put off three times"),
    CardKind.PROMISE_MOVES: N_("the date moves again"),
    CardKind.OVERLOAD: N_("many questions stand with one person"),
    CardKind.INBOX: N_("wrote something that fits no task"),
    CardKind.UNREACHABLE: N_("messages do not arrive"),
    CardKind.OPT_OUT: N_("asks for no messages"),
    CardKind.PAUSE: N_("asks for no messages for a while"),
    CardKind.UNMATCHED: N_("a name that is not known yet"),
    OPEN_MEETING: N_("the meeting is over; its outcome is not noted"),
}
AMBER = frozenset({CardKind.ESCALATION, CardKind.SNOOZE_CAP, CardKind.PROMISE_MOVES, CardKind.OVERLOAD})
RED = frozenset({CardKind.DEADLOCK, LATE_DEADLOCK, CardKind.UNREACHABLE})

STEPS: Mapping[str, str] = {
    NudgeStep.NOTICE: N_("now it is their turn"),
    NudgeStep.HEADS_UP: N_("the date is near"),
    NudgeStep.N1_PROMISE: N_("whether the named date holds"),
    NudgeStep.N1_NEEDED: N_("whether it will be there in time"),
    NudgeStep.N1_NODATE: N_("by when it can be expected"),
    NudgeStep.N1_CHECK: N_("whether the check is done"),
    NudgeStep.N1_DECIDE: N_("what is decided"),
    NudgeStep.N2: N_("once more, whether something is in the way"),
}

NEWS: Mapping[str, str] = {
    MessageKind.MEETING: N_("news of a meeting"),
    MessageKind.PODIUM: N_("what waits for a decision"),
}

UNKNOWN_NEED, UNKNOWN_STEP, UNKNOWN_NEWS = N_("to be looked at"), N_("a question"), N_("a message")
"""What is said of a kind that a newer version has stored."""


def head(language: str, need: Need, reader: int) -> str:
    """What it is, as its reader is told: nobody owes themself an answer."""
    if need.kind == CardKind.ESCALATION and need.turn_id == reader:
        return say(language, N_("your own step stands still"))
    return say(language, HEADS.get(need.kind, UNKNOWN_NEED))


def tone(need: Need) -> str:
    """The colour of the head: amber stands still, red is a question that nobody has answered or a broken channel."""
    return "slow" if need.kind in AMBER else "asks" if need.kind in RED else "now"


def topic(language: str, message: NextMessage) -> str:
    """What a message is about, in a few words."""
    if message.step:
        first, rest = message.tasks[0], len(message.tasks) - 1
        said = say(language, STEPS.get(message.step, UNKNOWN_STEP))
        more = say_n(language, "and {n} more", "and {n} more", rest) if rest else ""
        return f"{said}: № {first} {more}".rstrip()
    return say(language, NEWS.get(message.kind, UNKNOWN_NEWS))
