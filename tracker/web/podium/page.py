"""The podium: the conductor's home over all own projects, or one of them."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from urllib.parse import urlencode

from tracker.domain.alphabet import by_name
from tracker.services.house.self_watch import troubles
from tracker.services.messages.next import next_messages, queues_of
from tracker.services.podium.needs import act_on_card, needs_of
from tracker.services.podium.overview import Standstill, calls_between, conducted, standstills
from tracker.tables import Project
from tracker.web.http.frame import my_projects
from tracker.web.http.guards import Guard
from tracker.web.http.request import Ask
from tracker.web.http.responses import Answer, page, see_other
from tracker.web.http.routes import get, post
from tracker.wording import needs as need_texts
from tracker.wording import self_watch as watch_texts
from tracker.wording.marking import N_

MESSAGES = 4
LAUNCHES = 4
NEEDS = 3
TURNS = 5
CALLS = 2
"""How much of each stands open: the rest is one press away, so that a usual day is one screen."""
SAID = {"settle": N_("Seen to."), "take": N_("It is yours now."), "pass": N_("The turn is passed on.")}


@get("/", guard=Guard.PERSON)
def podium(ask: Ask) -> Answer:
    """Whoever conducts nothing goes on to their project, or to the list of them. `?project=KEY`: one of several."""
    with ask.reading() as session:
        everything = conducted(session, ask.signed_in.person_id)
        if not everything:
            return _onwards(ask)
        projects = [one for one in everything if one.key == ask.query.get("project")] or everything
        ids, mine = [project.id for project in projects], [project.id for project in everything]
        stills = standstills(session, projects, ask.now, ask.today)
        queues = queues_of(session, ids, conducted=mine)
        needs = needs_of(session, ids, now=ask.now, today=ask.today, queues=queues.by_project)
        first, last = (_midnight(ask, days) for days in (0, 2))
        calls = calls_between(session, ids, first, last)
        messages = next_messages(session, ids, MESSAGES, conducted=mine)
        unwell = troubles(session, now=ask.running.wall())
    launches = sorted(
        (one for still in stills for one in still.launches),
        key=lambda one: (not one.soon, one.launch_on is None, one.launch_on or ask.today, by_name(one.name)),
    )
    turns = sorted((one for still in stills for one in still.turns), key=lambda one: -one.hours)
    risky = [one for one in launches if one.soon]
    several = len(projects) > 1
    return page(
        ask,
        "podium/page.html",
        troubles=[watch_texts.line(ask.language, one, ask.zone) for one in unwell],
        mine=everything,
        needs=needs,
        risky=risky,
        shown=projects,
        only=projects[0].key if len(everything) > 1 and not several else "",
        by_id={one.id: one for one in projects},
        several=several,
        number=len(needs) + len(risky),
        turns=turns,
        most=max((one.hours for one in turns), default=0),
        calls=calls,
        launches=launches,
        messages=[(one, need_texts.topic(ask.language, one)) for one in messages],
        queues=queues,
        my_turn=_my_turn(ask, projects, stills),
        weeks=list(zip(projects, (one.weeks for one in stills), strict=True)),
        limits={
            "needs": NEEDS,
            "turns": _unfolded(turns, TURNS),
            "launches": _unfolded(launches, LAUNCHES),
            "calls": _unfolded(calls, CALLS),
        },
        head=lambda need: need_texts.head(ask.language, need, ask.signed_in.person_id),
        tone=need_texts.tone,
    )


def _unfolded(found: Sequence[object], limit: int) -> int:
    """A single one is shorter than the line that would hide it."""
    return limit + 1 if len(found) == limit + 1 else limit


def _my_turn(ask: Ask, projects: list[Project], stills: list[Standstill]) -> list[tuple[Project, int]]:
    """Where it is the reader's turn and no line of the list is theirs alone."""
    me = ask.signed_in.person_id
    alone = {one.project for still in stills for one in still.turns if one.party_id is None and one.person == me}
    return [
        (project, still.mine[me])
        for project, still in zip(projects, stills, strict=True)
        if me in still.mine and project.id not in alone
    ]


@post("/cards/{card_id:int}/act", guard=Guard.OBJECT)
def act(ask: Ask, card_id: int) -> Answer:
    chosen = ask.form.text("act")
    with ask.writing() as session:
        act_on_card(session, ask.actor, card_id, chosen, now=ask.now)
    only = ask.form.text("project")
    back = f"/?{urlencode({'project': only})}" if only else "/"
    return see_other(ask, back, ask.gettext(SAID.get(chosen, SAID["settle"])))


def _onwards(ask: Ask) -> Answer:
    projects = my_projects(ask)
    if len(projects) == 1:
        return see_other(ask, f"/projects/{projects[0].key}")
    return see_other(ask, "/projects")


def _midnight(ask: Ask, days: int) -> datetime:
    """When that day begins where the reader is."""
    return datetime.combine(ask.today + timedelta(days=days), time.min, tzinfo=ask.zone).astimezone(UTC)


ROUTES = [podium, act]
