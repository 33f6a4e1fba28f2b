"""What the fields are called and what stands in them, in words: for pages, journal, reports and sheets alike."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from tracker.domain.names import Directory
from tracker.wording.dates import short_day
from tracker.wording.marking import N_
from tracker.wording.say import say
from tracker.wording.words import WORDS, word

LABELS: Mapping[str, str] = {
    "title": N_("What is needed"), "plain_title": N_("In plain words"), "notes": N_("Description"),
    "done_means": N_("How we will know it is done"), "external_url": N_("The owner's own ticket"),
    "status": N_("Status"), "priority": N_("Priority"), "kind": N_("Kind"), "owner": N_("From whom"),
    "checker": N_("Checker"), "party": N_("Party"), "integration": N_("Integration"), "turn": N_("Whose turn"),
    "needed_by": N_("Needed by"), "promised_on": N_("Promised for"), "asks_evidence": N_("Asks for evidence"),
    "waiting": N_("Waiting for"), "confirmed": N_("Confirmed"), "own_1": N_("Own column 1"),
    "own_2": N_("Own column 2"), "own_3": N_("Own column 3"), "name": N_("Name"), "purpose": N_("What it is for"),
    "state": N_("State"), "note": N_("Note"), "messages": N_("Messages"), "role": N_("Role"),
    "decision": N_("Decision"), "decide_by": N_("Decide by"), "paused_until": N_("No messages through"),
    "timezone": N_("Time zone"), "language": N_("Language"), "country": N_("Whose holidays"),
}  # fmt: skip
"""By the names that the verbs take. What nobody speaks of is not here."""

LABELS_OF: Mapping[str, Mapping[str, str]] = {
    "integration": {
        "name": N_("What is joined"),
        "impact": N_("What stops if it breaks"),
        "launch_on": N_("Launch"),
        "accountable": N_("Who answers for the launch as a whole"),
    },
    "check": {
        "section": N_("Section"),
        "title": N_("What is checked"),
        "method": N_("How it is done"),
        "expected": N_("What must be seen"),
        "required": N_("Required"),
        "tester": N_("Who checks"),
        "result": N_("Result"),
    },
    "deadlock": {"title": N_("What is to be decided"), "decider": N_("Who decides")},
    "meeting": {
        "title": N_("What about"),
        "starts_at": N_("When"),
        "minutes": N_("Minutes"),
        "place": N_("Place"),
        "notes": N_("Notes"),
        "reason": N_("Why"),
    },
    "party": {"name": N_("Name of the party"), "lead": N_("Who speaks for it")},
    "system": {
        "name": N_("Name of the system"),
        "current_version": N_("Version that runs"),
        "owner_party": N_("Whose it is"),
    },
    "project": {
        "name": N_("Name of the project"),
        "own_columns": N_("Own columns"),
        "stall_days": N_("Quiet before the first question"),
        "second_days": N_("Then before the second"),
        "escalate_days": N_("Then before it reaches you"),
    },
    "person": {
        "email": N_("E-mail"),
        "phone": N_("Phone"),
        "salutation": N_("Salutation"),
        "opens": N_("Works from"),
        "closes": N_("until"),
        "weekdays": N_("Working days"),
        "cadence": N_("Answers on"),
        "deputy": N_("Who stands in"),
        "is_role": N_("Stands for a role"),
        "knows_bot": N_("Knows of the bot"),
    },
    # «От кого» of a sheet is the party: who of them stands in a column of its own.
    "sheet": {
        "number": N_("№"),
        "party": N_("From whom"),
        "owner": N_("Owner"),
        "waiting": N_("Waiting on"),
        "waiting_since": N_("Waiting since"),
        "version": N_("Version"),
    },
}
"""Of what else than a task, as far as it is called otherwise there."""

WITHIN: Mapping[str, str] = {
    "title": N_("what is needed"), "integration": N_("integration"), "party": N_("from whom"), "owner": N_("owner"),
    "status": N_("status"), "waiting": N_("waiting on"), "needed_by": N_("needed by"), "notes": N_("notes"),
    "done_means": N_("how we will know"), "sheet_ref": N_("the sheet's №"), "own_1": N_("own column 1"),
    "own_2": N_("own column 2"), "own_3": N_("own column 3"),
}  # fmt: skip
"""The columns of a sheet, as they are called inside a sentence."""

PERSONS = frozenset({"owner", "checker", "tester", "accountable", "decider", "lead", "deputy"})
PARTIES = frozenset({"party", "owner_party"})
DAYS = frozenset({"needed_by", "promised_on", "launch_on", "decide_by", "paused_until"})
LISTS: Mapping[str, str] = {
    "status": "status", "priority": "priority", "kind": "kind", "messages": "messages", "role": "role",
    "state": "integration", "result": "check",
}  # fmt: skip
"""Field -> the list of `WORDS` that its values are of."""
LISTS_OF: Mapping[str, Mapping[str, str]] = {
    "party": {"kind": "party"},
    "deadlock": {"kind": "deadlock"},
    "meeting": {"state": "meeting"},
}

NOBODY = Directory({}, {}, {}, {})
"""For values that name nobody."""


def label(language: str, field: str, of: str = "task") -> str:
    """What a field is called, by its name with or without `_id`; nothing for one that nobody speaks of."""
    name = field.removesuffix("_id")
    text = LABELS_OF.get(of, {}).get(name) or LABELS.get(name)
    return say(language, text) if text else ""


def label_within(language: str, field: str) -> str:
    """What a column of a sheet is called inside a sentence."""
    return say(language, WITHIN[field])


def names_somebody(field: str) -> bool:
    """Whether the value is an id, of which a directory knows the name."""
    return field.removesuffix("_id") in PERSONS | PARTIES | {"integration", "waiting"}


def in_words(
    language: str,
    field: str,
    value: Any,
    names: Directory,
    today: date,
    *,
    of: str = "task",
    numbers: Mapping[int, str] | None = None,
) -> str:
    """What stands in a field, stored or as the journal keeps it (days as ISO text, a wait as its facts).

    `numbers`: «№ 17» of the tasks that may be waited for.
    """
    name = field.removesuffix("_id")
    if value in (None, "", []):
        return say(language, "nothing")
    if isinstance(value, bool):
        return say(language, "yes") if value else say(language, "no")
    if name in PERSONS:
        return names.person(int(value)) or say(language, "somebody")
    if name in PARTIES:
        return names.party(int(value))
    if name == "integration":
        return names.integration(int(value))
    if name == "waiting":
        return _wait_in_words(language, value, names, numbers or {})
    if name in DAYS:
        return short_day(language, value if isinstance(value, date) else date.fromisoformat(str(value)), today)
    list_ = LISTS_OF.get(of, {}).get(name) or LISTS.get(name, "")
    return word(language, list_, value) if value in WORDS.get(list_, ()) else str(value)


def _wait_in_words(language: str, wait: Mapping[str, Any], names: Directory, numbers: Mapping[int, str]) -> str:
    if wait.get("task"):
        return numbers.get(int(wait["task"])) or say(language, "another task")
    named = names.person(wait.get("person")) or names.party(wait.get("party"))
    return named or str(wait.get("note") or "") or say(language, "something outside")
