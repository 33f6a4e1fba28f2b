"""The project's journal: what happened, in words, newest first."""

from datetime import date
from itertools import groupby
from typing import NamedTuple

from tracker.domain.events import Happened
from tracker.domain.worktime import day_in
from tracker.services.facts.history import EventsWanted, history_of_project
from tracker.services.facts.subjects import Subject, subjects_of
from tracker.services.ground.directory import directory_of
from tracker.web.http.guards import Guard
from tracker.web.http.request import Ask
from tracker.web.http.responses import Answer, page
from tracker.web.http.routes import get
from tracker.wording.events import EventLine, event_line
from tracker.wording.marking import N_

PAGE = 50
TYPES = {
    "task": N_("Tasks"), "integration": N_("Integrations"), "check": N_("Checks"), "deadlock": N_("Deadlocks"),
    "meeting": N_("Meetings"), "message": N_("Messages"), "card": N_("What needs the conductor"),
    "person": N_("People"), "party": N_("Parties"), "system": N_("Systems"), "project": N_("The project itself"),
}  # fmt: skip


class ToldEvent(NamedTuple):
    """An event as the page shows it."""

    event: Happened
    line: EventLine
    subject: Subject


@get("/projects/{key:str}/journal", guard=Guard.MEMBER, cached=True)
def journal(ask: Ask, key: str) -> Answer:
    """Who sees the whole project reads all of it, the others what happened to their own tasks."""
    wanted, before = wanted_of(ask)
    with ask.reading() as session:
        found = history_of_project(session, ask.standing, wanted, before=before, limit=PAGE + 1)
        names = directory_of(session, ask.project.id)
        subjects = subjects_of(session, found[:PAGE])
    told = [
        ToldEvent(
            one,
            event_line(ask.language, one, names, ask.today),
            subjects.get((one.object_type, one.object_id), Subject("")),
        )
        for one in found[:PAGE]
    ]
    days = [(day, list(events)) for day, events in groupby(told, key=lambda one: day_of_event(ask, one.event))]
    return page(
        ask,
        "journal/page.html",
        days=days,
        wanted=wanted,
        before=before,
        earlier=ask.with_query(before=str(found[PAGE - 1].seq)) if len(found) > PAGE else "",
        newest=ask.with_query(before=None),
        filtered=wanted != EventsWanted(),
        types={name: ask.gettext(text) for name, text in TYPES.items()},
        people=names.persons,
        integrations=names.integrations,
    )


def wanted_of(ask: Ask) -> tuple[EventsWanted, int | None]:
    """What the address asks for; what can't be read is left out."""

    def number(name: str) -> int | None:
        text = ask.query.get(name, "").strip().lstrip("№# ")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    kind = ask.query.get("about", "")
    wanted = EventsWanted(kind if kind in TYPES else "", number("person"), number("task"), number("integration"))
    return wanted, number("before")


def day_of_event(ask: Ask, event: Happened) -> date:
    return day_in(ask.zone, event.at)


ROUTES = [journal]
