"""The wait ledger: where answers were waited for and how long, by party and person, with every stretch behind a sum."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from sqlmodel import Session

from tracker.services.ground.directory import directory_of
from tracker.services.ground.kept import while_structure_stands
from tracker.services.turns.ledger import Ledger, ledger_of, ledger_rows
from tracker.services.turns.scope import NOBODY, LedgerFilters, ledger_filters
from tracker.web.http.guards import Guard
from tracker.web.http.request import Ask
from tracker.web.http.responses import Answer, page
from tracker.web.http.routes import get
from tracker.web.register.page import options_html, selected
from tracker.wording.marking import N_

PERIODS: Mapping[str, str] = {
    "now": N_("Waiting now"),
    "week": N_("This week"),
    "weeks": N_("Four weeks"),
    "all": N_("All the time"),
}
LISTED = 40
IN_SHORT = 5
"""Parties or persons of the short form on other pages."""


@get("/projects/{key:str}/waiting", guard=Guard.MEMBER)
def ledger(ask: Ask, key: str) -> Answer:
    filters = ledger_filters(ask.query, ask.signed_in.person_id)
    with ask.reading() as session:
        sums = ledger_of(session, ask.project, ask.standing, filters, ask.now)
        shown = ledger_rows(session, ask.project, ask.standing, filters, ask.now)
        choices = choices_of(ask, session, filters) if ask.standing.sees_all else []
    address = f"/projects/{ask.project.key}/waiting"
    asked = {name: value for name, value in filters._replace(after=None)._asdict().items() if value}
    return page(
        ask,
        "ledger/page.html",
        filters=filters,
        sums=sums,
        shown=shown,
        choices=choices,
        address=address,
        periods=[
            (name, ask.gettext(text), f"{address}?{urlencode({**asked, 'period': name})}")
            for name, text in PERIODS.items()
        ],
        narrowed=filters._replace(after=None, period="") != LedgerFilters(period=""),
        to=lambda **more: f"{address}?{urlencode({name: one for name, one in {**asked, **more}.items() if one})}",
        limit=LISTED,
        most=max((one.minutes for one in (*sums.parties, *sums.persons)), default=0),
    )


def choices_of(ask: Ask, session: Session, filters: LedgerFilters) -> list[tuple[str, str, Markup]]:
    """(name in the address, label, options) of each select; drawn once while the structure stands."""
    names = directory_of(session, ask.project.id)
    nobody = {NOBODY: ask.gettext("without a party")}
    tables: list[tuple[str, str, Mapping[Any, str], str]] = [
        ("party", ask.gettext("Party"), {**names.parties, **nobody}, filters.party),
        ("person", ask.gettext("Person"), names.persons, str(filters.person or "")),
        ("integration", ask.gettext("Integration"), names.integrations, str(filters.integration or "")),
    ]
    found = []
    for name, label, options, chosen in tables:
        key = ("ledger options", name, ask.language)
        drawn = while_structure_stands(session, ask.project.id, key, partial(options_html, options))
        found.append((name, label, selected(drawn, chosen)))
    return found


def in_short(
    ask: Ask, session: Session, *, integration: int | None = None, party: int | None = None
) -> dict[str, Any] | None:
    """What the last four weeks' ledger says of one integration or party, for a card on its page.

    None for who does not see all of it: a part of a sum would pass for the whole.
    """
    if not ask.standing.sees_all:
        return None
    filters = LedgerFilters(integration=integration, party=str(party) if party else "")
    sums: Ledger = ledger_of(session, ask.project, ask.standing, filters, ask.now)
    asked = {name: value for name, value in filters._asdict().items() if value}
    return {
        "sums": sums,
        "listed": (sums.persons if party else sums.parties)[:IN_SHORT],
        "url": f"/projects/{ask.project.key}/waiting?{urlencode(asked)}",
        "by": "person" if party else "party",
    }


ROUTES = [ledger]
