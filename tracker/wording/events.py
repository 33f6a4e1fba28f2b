"""The journal in words: one line for an event, and what changed from what to what, in the reader's language."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from tracker.domain.events import Happened
from tracker.domain.names import Directory
from tracker.wording.dates import short_day
from tracker.wording.say import say
from tracker.wording.words import N_, WORDS


class EventLine(NamedTuple):
    """`who`: whose act it was, by which way. `details`: «Status: open → done», a text, a reason."""

    who: str
    what: str
    details: tuple[str, ...]


KINDS: Mapping[str, str] = {
    "task.created": N_("put into the register"),
    "task.changed": N_("changed"),
    "task.archived": N_("put away"),
    "task.restored": N_("brought back"),
    "task.claimed": N_("taken on"),
    "task.confirmed_in_progress": N_("said to be in progress"),
    "task.promise_confirmed": N_("the date was confirmed"),
    "task.wait_confirmed": N_("said to be waiting still"),
    "task.passed_back": N_("the turn was passed back"),
    "task.passed_on": N_("the wait was passed on"),
    "task.help_asked": N_("help was asked for"),
    "task.not_mine": N_("said to belong to somebody else"),
    "task.snoozed": N_("put off for a while"),
    "task.reminder_asked": N_("a reminder was asked for"),
    "comment.added": N_("a comment"),
    "evidence.added": N_("evidence was added"),
    "evidence.removed": N_("evidence was taken away"),
    "import.applied": N_("a sheet was imported"),
    "import.begun": N_("a sheet began to be imported"),
    "integration.created": N_("an integration was put down"),
    "integration.changed": N_("an integration was changed"),
    "integration.signed": N_("the acceptance was signed"),
    "integration.member_joined": N_("somebody joined an integration"),
    "integration.member_left": N_("somebody left an integration"),
    "check.created": N_("a check was added"),
    "check.changed": N_("a check was changed"),
    "check.reset": N_("checks were opened again"),
    "deadlock.opened": N_("a deadlock was put down"),
    "deadlock.changed": N_("a deadlock was changed"),
    "deadlock.decided": N_("a deadlock was decided"),
    "deadlock.position_stated": N_("a party stated its position"),
    "meeting.created": N_("a meeting was planned"),
    "meeting.changed": N_("a meeting was changed"),
    "meeting.closed": N_("a meeting was closed"),
    "meeting.not_held": N_("a meeting was not held"),
    "integration.archived": N_("an integration was put away"),
    "integration.restored": N_("an integration was brought back"),
    "integration.accepted": N_("somebody took on the launch as a whole"),
    "integration.list_agreed": N_("the list of checks was confirmed"),
    "integration.list_reopened": N_("the list of checks waits to be confirmed again"),
    "integration.went_live": N_("an integration went live"),
    "integration.bypassed": N_("an integration was launched around the gate"),
    "integration.inherited": N_("an integration works, there was no acceptance"),
    "integration.signers_named": N_("the signers were named"),
    "integration.signatures_lifted": N_("signatures were lifted: the list has changed"),
    "check.passed": N_("a check was passed"),
    "check.failed": N_("a check does not pass yet"),
    "check.not_applicable": N_("a check does not apply here"),
    "check.waived": N_("a check was waived"),
    "check.archived": N_("a check was taken out of the list"),
    "deadlock.reopened": N_("a deadlock was opened again"),
    "meeting.people_changed": N_("the people of a meeting were changed"),
    "meeting.answered": N_("an invitation was answered"),
    "meeting.archived": N_("a meeting was put away"),
    "meeting.restored": N_("a meeting was brought back"),
    "meeting.item_added": N_("a point was added to the agenda"),
    "meeting.item_noted": N_("a point of the agenda was noted"),
    "meeting.item_removed": N_("a point was taken off the agenda"),
    "meeting.items_moved": N_("points were moved to the next meeting"),
    "system.archived": N_("a system was put away"),
    "system.restored": N_("a system was brought back"),
    "member.joined": N_("somebody joined the project"),
    "member.changed": N_("somebody's place in the project was changed"),
    "member.left": N_("somebody left the project"),
    "party.created": N_("a party was added"),
    "party.changed": N_("a party was changed"),
    "system.created": N_("a system was added"),
    "system.changed": N_("a system was changed"),
    "person.created": N_("a person was added"),
    "person.changed": N_("a person's details were changed"),
    "person.invited": N_("somebody was invited"),
    "person.paused": N_("somebody asked for no messages for a while"),
    "person.resumed": N_("messages are welcome again"),
    "person.opted_out": N_("somebody asked for no messages"),
    "person.opted_in": N_("messages are welcome again"),
    "absence.added": N_("days away were noted"),
    "absence.removed": N_("days away were taken back"),
    "project.created": N_("the project was opened"),
    "project.changed": N_("the project's settings were changed"),
    "project.messages_switched": N_("messages were switched"),
    "project.preview_seen": N_("what would go out was read"),
    "message.queued": N_("a message was prepared"),
    "message.sent": N_("a message was sent"),
    "message.failed": N_("a message could not be delivered"),
    "message.unknown": N_("a message may or may not have arrived"),
    "message.approved": N_("a message was approved"),
    "message.reworded": N_("a message was put in other words"),
    "message.text_taken": N_("a message's text was taken to be passed on"),
    "message.cancelled": N_("a message was cancelled"),
    "message.let_go": N_("the stop of a message was taken back"),
    "message.foreword": N_("own words were put in front of a message"),
    "message.foreword_dropped": N_("own words in front of a message were taken back"),
    "card.settled": N_("seen to by the conductor"),
    "journal.erased": N_("texts were erased"),
    "journal.keyed": N_("the journal was sealed with a key"),
    "journal.migrated": N_("a new version has carried over what was there"),
    "journal.noted": N_("something was changed that nothing told of"),
}
NOUNS: Mapping[str, str] = {
    "task": N_("a task was changed"),
    "card": N_("put before the conductor"),
    "meeting": N_("a meeting was changed"),
    "message": N_("a message"),
    "integration": N_("an integration was changed"),
    "check": N_("a check was changed"),
    "token": N_("a private address was changed"),
}

FIELDS: Mapping[str, str] = {
    "title": N_("What is needed"), "plain_title": N_("In plain words"), "notes": N_("Description"),
    "done_means": N_("How we will know it is done"), "external_url": N_("The owner's own ticket"),
    "status": N_("Status"), "priority": N_("Priority"), "kind": N_("Kind"), "owner_id": N_("From whom"),
    "checker_id": N_("Checker"), "party_id": N_("Party"), "integration_id": N_("Integration"),
    "needed_by": N_("Needed by"), "promised_on": N_("Promised for"), "asks_evidence": N_("Asks for evidence"),
    "waiting": N_("Waiting for"), "confirmed": N_("Confirmed"), "name": N_("Name"), "purpose": N_("What it is for"),
    "state": N_("State"), "launch_on": N_("Launch"), "accountable_id": N_("Accountable for the whole"),
    "result": N_("Result"), "expected": N_("Expected"), "method": N_("Method"), "tester_id": N_("Tester"),
    "messages": N_("Messages"), "role": N_("Role"), "decision": N_("Decision"), "decide_by": N_("Decide by"),
    "paused_until": N_("No messages through"),
    "starts_at": N_("Begins"), "place": N_("Place"), "own_1": N_("Own column 1"), "own_2": N_("Own column 2"),
    "own_3": N_("Own column 3"),
}  # fmt: skip
WORDED = {"status": "status", "priority": "priority", "messages": "messages", "role": "role", "state": "integration",
          "result": "check"}  # fmt: skip
PEOPLE = frozenset({"owner_id", "checker_id", "tester_id", "accountable_id", "decider_id", "lead_id"})
SELF_EVIDENT = frozenset({"title", "kind", "status", "priority", "confirmed", "integration_id", "party_id"})
"""Told of a change, but not of a beginning: they stand on the page."""
LONG = frozenset({"notes", "done_means", "purpose", "method", "expected"})
TOLD = ("note", "text", "reason", "how", "url", "caption")


def event_line(language: str, event: Happened, names: Directory, today: date) -> EventLine:
    """An event in words. An erased text is told as such; an unknown kind still tells who, when and on what."""
    what = KINDS.get(event.kind) or NOUNS.get(event.object_type) or N_("changed")
    return EventLine(_who(language, event), say(language, what), tuple(_details(language, event, names, today)))


def _who(language: str, event: Happened) -> str:
    way = say(language, WORDS["way"][event.way]) if event.way in WORDS["way"] else event.way
    if event.behalf and (event.body is None or event.body.get("deputy")):
        # Where the text was erased nobody can tell a deputy's act from a noted word: this says only what is certain.
        return f"{say(language, '{deputy}, for {person}', deputy=event.actor, person=event.behalf)} · {way}"
    if event.behalf:
        return say(language, "{person}, as told to {noter}", person=event.behalf, noter=event.actor)
    return f"{event.actor} · {way}" if event.actor else way


def _details(language: str, event: Happened, names: Directory, today: date) -> list[str]:
    if event.body is None:
        return [say(language, "The text was erased.")]
    changes: Mapping[str, Any] = event.body.get("changes", {})
    found = []
    for name, (old, new) in changes.items():
        if name not in FIELDS or (old is None and name in SELF_EVIDENT):
            continue
        field = say(language, FIELDS[name])
        if name in LONG:
            found.append(say(language, "{field}: a new text", field=field))
        elif event.kind.endswith((".created", ".opened", ".added")) or old in (None, ""):
            found.append(f"{field}: {_value(language, name, new, names, today)}")
        else:
            was, now = (_value(language, name, value, names, today) for value in (old, new))
            found.append(f"{field}: {was} → {now}")
    found += [str(event.body[name]) for name in TOLD if isinstance(event.body.get(name), str) and event.body[name]]
    return found


def _value(language: str, name: str, value: Any, names: Directory, today: date) -> str:
    if value in (None, ""):
        return say(language, "nothing")
    if isinstance(value, bool):
        return say(language, "yes") if value else say(language, "no")
    if name in PEOPLE:
        return names.person(int(value)) or say(language, "somebody")
    if name == "party_id":
        return names.party(int(value))
    if name == "integration_id":
        return names.integration(int(value))
    if name in WORDED and value in WORDS[WORDED[name]]:
        return say(language, WORDS[WORDED[name]][value])
    if name == "state" and value in WORDS["meeting"]:
        return say(language, WORDS["meeting"][value])
    if name == "kind" and value in WORDS["kind"]:
        return say(language, WORDS["kind"][value])
    if isinstance(value, dict):
        return _wait(language, value, names)
    try:
        return short_day(language, date.fromisoformat(str(value)), today)
    except ValueError:
        return str(value)


def _wait(language: str, wait: Mapping[str, Any], names: Directory) -> str:
    if wait.get("task"):
        return say(language, "another task")
    named = names.person(wait.get("person")) or names.party(wait.get("party"))
    return named or str(wait.get("note") or "") or say(language, "something outside")
