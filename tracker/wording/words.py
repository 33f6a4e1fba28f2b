"""What people call the closed lists of `tracker.domain.terms`: one word for each value, wherever it is shown."""

from collections.abc import Mapping

from tracker.domain.terms import (
    CheckResult,
    DeadlockKind,
    IntegrationState,
    MeetingState,
    MemberWhy,
    Messages,
    MessageState,
    PartyKind,
    Priority,
    Role,
    Rsvp,
    Status,
    TaskKind,
    WaitKind,
    Way,
)
from tracker.wording.marking import N_
from tracker.wording.say import say

WORDS: Mapping[str, Mapping[str, str]] = {
    "status": {
        Status.DRAFT: N_("unclear"),
        Status.OPEN: N_("not started"),
        Status.IN_PROGRESS: N_("in progress"),
        Status.REVIEW: N_("in review"),
        Status.DONE: N_("done"),
        Status.DROPPED: N_("not needed"),
    },
    "priority": {Priority.HIGH: N_("high"), Priority.NORMAL: N_("normal"), Priority.LOW: N_("low")},
    "kind": {TaskKind.TASK: N_("task"), TaskKind.QUESTION: N_("question")},
    "role": {
        Role.CONDUCTOR: N_("conductor"),
        Role.LEAD: N_("lead of a party"),
        Role.CONTRIBUTOR: N_("contributor"),
        Role.OBSERVER: N_("observer"),
    },
    "party": {
        PartyKind.CUSTOMER: N_("customer"),
        PartyKind.CONTRACTOR: N_("contractor"),
        PartyKind.IN_HOUSE: N_("in-house"),
        PartyKind.VENDOR: N_("vendor support"),
        PartyKind.FREELANCER: N_("freelancer"),
    },
    "waiting": {
        WaitKind.PERSON: N_("a person"),
        WaitKind.PARTY: N_("a party"),
        WaitKind.TASK: N_("another task"),
        WaitKind.OUTSIDE: N_("something outside"),
    },
    "answer": {
        "done": N_("Done"),
        "in_progress": N_("In progress"),
        "promise": N_("By a date…"),
        "help": N_("Need help"),
        "not_mine": N_("Not mine"),
        "later": N_("Later"),
    },
    "messages": {Messages.OFF: N_("off"), Messages.APPROVE: N_("after approval"), Messages.ON: N_("on")},
    "integration": {
        IntegrationState.PLANNED: N_("planned"),
        IntegrationState.BUILDING: N_("being built"),
        IntegrationState.TESTING: N_("being tested"),
        IntegrationState.LIVE: N_("live"),
        IntegrationState.INHERITED: N_("works, was never accepted"),
        IntegrationState.BYPASSED: N_("launched around the gate"),
        IntegrationState.STOPPED: N_("stopped"),
    },
    "member": {
        MemberWhy.OWNER: N_("owner of a task"),
        MemberWhy.CHECKER: N_("checker"),
        MemberWhy.TESTER: N_("tester"),
        MemberWhy.ACCOUNTABLE: N_("accountable for the whole"),
        MemberWhy.GUEST: N_("guest"),
    },
    "meeting": {
        MeetingState.PLANNED: N_("planned"),
        MeetingState.CLOSED: N_("held"),
        MeetingState.NOT_HELD: N_("not held"),
    },
    "rsvp": {Rsvp.ASKED: N_("no answer yet"), Rsvp.YES: N_("will come"), Rsvp.NO: N_("can't come")},
    "check": {
        CheckResult.PENDING: N_("not checked yet"),
        CheckResult.PASSED: N_("works"),
        CheckResult.FAILED: N_("does not work"),
        CheckResult.NOT_APPLICABLE: N_("not applicable"),
        CheckResult.WAIVED: N_("waived"),
    },
    "deadlock": {DeadlockKind.BLOCK: N_("a block on one side"), DeadlockKind.CONTRADICTION: N_("a contradiction")},
    "message": {
        MessageState.QUEUED: N_("queued"),
        MessageState.HELD: N_("waits for approval"),
        MessageState.SENDING: N_("being sent"),
        MessageState.SENT: N_("sent"),
        MessageState.UNKNOWN: N_("unknown whether delivered"),
        MessageState.FAILED: N_("not delivered"),
        MessageState.CANCELLED: N_("cancelled"),
    },
    "rule": {
        "turn_came": N_("the turn has come"),
        "promise_eve": N_("the eve of the named date"),
        "promise_passed": N_("the named date has come"),
        "silence": N_("no answer for a while"),
        "second": N_("asked once more"),
        "flood": N_("many things stand at once; you have a card about it"),
        "ignored": N_("several questions had no answer; you have a card about it"),
        "meeting": N_("a meeting has changed"),
        "reminder": N_("the conductor asked to remind"),
        "podium": N_("something waits for a decision"),
    },
    "way": {
        Way.WEB: N_("in the browser"),
        Way.TELEGRAM: N_("by Telegram"),
        Way.LINK: N_("by private link"),
        Way.EMAIL: N_("by e-mail"),
        Way.API: N_("by the API"),
        Way.IMPORT: N_("by import"),
        Way.CLI: N_("from the command line"),
        Way.ENGINE: N_("by the clock"),
    },
    "reason": {
        "stopped": N_("you have stopped it"),
        "let_go": N_("you stopped it and took that back"),
        "nothing_due": N_("there was nothing left to say"),
        "not_approved": N_("it waits for approval; the rest has left without it"),
        "archived": N_("the task is put away"),
        "finished": N_("the task is finished"),
        "draft": N_("the task is not clear yet"),
        "nobodys_turn": N_("it is nobody's turn"),
        "not_their_turn": N_("it is no longer their turn"),
        "blocked": N_("the task waits for another one"),
        "muted": N_("messages about the task are switched off"),
        "escalated": N_("it is with the conductor now"),
        "conductors_own": N_("the conductor sees it on the podium"),
        "opted_out": N_("the person asked for no messages"),
        "paused": N_("the person asked for a pause"),
        "not_invited": N_("the person is not invited yet"),
        "channel_dead": N_("there is no way to reach the person"),
        "no_slot": N_("the person has no working hours ahead"),
        "project_paused": N_("the project is on pause"),
        "messages_off": N_("messages of the project are off"),
        "past": N_("it was too late for it"),
        "snoozed": N_("it was put off"),
        "promised": N_("a day was named"),
        "two_sent": N_("two questions were asked already"),
        "fresh_activity": N_("others have just been at it"),
        "fresh_progress": N_("there was an answer"),
        "asked_lately": N_("it was asked a little while ago"),
        "absent": N_("the person is away"),
        "quiet": N_("outside the person's working hours"),
        "budget_used": N_("one message a day is enough"),
        "restored": N_("a backup was restored: it may have left before that"),
        "late_friday": N_("no first question on a Friday evening"),
        "day_of_return": N_("the first day after an absence is left in peace"),
        "cadence": N_("the person has asked for fewer messages"),
        "not connected": N_("nobody was reached; it will be tried again"),
        "asked to wait": N_("the messenger asked to wait"),
        "the chat has moved": N_("the chat has moved"),
    },
    "channel": {"telegram": N_("Telegram"), "email": N_("e-mail"), "copied": N_("passed on by hand")},
}
"""What people call each value, by kind. A rule is why something is told, a reason why it is not, or not yet."""


def word(language: str, kind: str, value: str) -> str:
    """What people call `value` of the list `kind`. KeyError: there is no such list, or no such value in it."""
    return say(language, WORDS[kind][value])


def known_word(language: str, kind: str, value: str) -> str:
    """The same where a channel or a newer version may have put words of its own: those stand as they are."""
    return word(language, kind, value) if value in WORDS[kind] else value
