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


def N_(text: str) -> str:
    """Marks a text that is said later."""
    return text


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
        "need_help": N_("Need help"),
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
}
