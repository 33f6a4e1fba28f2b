"""The podium: the conductor's home over all own projects."""

from datetime import UTC, datetime, time, timedelta

from tracker import need_texts
from tracker.services.needs import act_on_card, needs_of
from tracker.services.podium import calls_between, conducted, next_messages, standstills
from tracker.web.answers import Answer, page, see_other
from tracker.web.asking import Ask
from tracker.web.guards import Guard
from tracker.web.navigation import my_projects
from tracker.web.routes import get, post

MESSAGES = 6
LAUNCHES = 8
SAID = {"settle": "Seen to.", "take": "It is yours now.", "pass": "The turn is passed on."}


@get("/", guard=Guard.PERSON)
def podium(ask: Ask) -> Answer:
    """Whoever conducts nothing goes on to their project, or to the list of them."""
    with ask.reading() as session:
        projects = conducted(session, ask.signed_in.person_id)
        if not projects:
            return _onwards(ask)
        ids = [project.id for project in projects]
        stills = standstills(session, projects, ask.now, ask.today)
        needs = needs_of(session, ids, now=ask.now, today=ask.today)
        first, last = (_midnight(ask, days) for days in (0, 2))
        calls = calls_between(session, ids, first, last)
        messages = next_messages(session, ids, MESSAGES)
    launches = sorted(
        (one for still in stills for one in still.launches),
        key=lambda one: (not one.soon, one.launch_on is None, one.launch_on or ask.today, one.name),
    )
    turns = sorted((one for still in stills for one in still.turns), key=lambda one: -one.hours)
    risky = [one for one in launches if one.soon]
    me = ask.signed_in.person_id
    alone = {one.project for one in turns if one.party_id is None and one.person == me}
    my_turn = [
        (project, still.mine[me])
        for project, still in zip(projects, stills, strict=True)
        if me in still.mine and project.id not in alone
    ]
    return page(
        ask, "podium/page.html", mine=[(one.id, one.key, one.name) for one in projects], needs=needs, risky=risky,
        by_id={one.id: one for one in projects}, several=len(projects) > 1, number=len(needs) + len(risky),
        turns=turns, most=max((one.hours for one in turns), default=0), calls=calls, launches=launches[:LAUNCHES],
        messages=[(one, need_texts.topic(ask.language, one)) for one in messages],
        my_turn=my_turn,
        head=lambda need: need_texts.head(ask.language, need), tone=need_texts.tone,
    )  # fmt: skip


@post("/cards/{card_id:int}/act", guard=Guard.OBJECT)
def act(ask: Ask, card_id: int) -> Answer:
    chosen = ask.form.text("act")
    with ask.writing() as session:
        act_on_card(session, ask.actor, card_id, chosen, now=ask.now)
    return see_other(ask, "/", ask.gettext(SAID.get(chosen, "Seen to.")))


def _onwards(ask: Ask) -> Answer:
    projects = my_projects(ask)
    if len(projects) == 1:
        return see_other(ask, f"/projects/{projects[0].key}")
    return see_other(ask, "/projects")


def _midnight(ask: Ask, days: int) -> datetime:
    """When that day begins where the reader is."""
    return datetime.combine(ask.today + timedelta(days=days), time.min, tzinfo=ask.zone).astimezone(UTC)


ROUTES = [podium, act]
