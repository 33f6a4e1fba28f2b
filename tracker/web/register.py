"""The register: looks and edits like the sheet it replaces."""

from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.db import rows
from tracker.domain.terms import Role
from tracker.services.directory import directory_of
from tracker.services.register import RegisterPage, counts_of, register_page
from tracker.services.register_filters import NOBODY, UNFINISHED, Filters, from_query
from tracker.tables import Task
from tracker.web.answers import Answer, page, see_other
from tracker.web.asking import Ask
from tracker.web.guards import Guard
from tracker.web.routes import get
from tracker.web.rows import row_html
from tracker.words import WORDS

FILTERS = ("status", "party", "turn", "owner", "integration", "kind", "stalled", "waiting_days", "sort")


class Chip(NamedTuple):
    text: str
    url: str
    on: bool


@get("/projects/{key:str}", guard=Guard.MEMBER)
def project_start(ask: Ask, key: str) -> Answer:
    return see_other(ask, f"/projects/{ask.project.key}/register?status={UNFINISHED}")


@get("/projects/{key:str}/register", guard=Guard.MEMBER, cached=True)
def register(ask: Ask, key: str) -> Answer:
    filters = from_query(ask.query, ask.signed_in.person_id)
    with ask.reading() as session:
        shown = register_page(session, ask.project, ask.standing, filters, ask.now)
        counts = counts_of(session, ask.standing, ask.now)
        choices = choices_of(ask, session)
        ask.fresh_until = next_change(session, ask)
    columns = tuple(ask.project.own_columns)
    counted = [
        ask.ngettext("{n} open", "{n} open", counts.unfinished),
        ask.gettext("waiting: {n}", n=counts.waiting) if counts.waiting else "",
        ask.gettext("from nobody yet: {n}", n=counts.unclear) if counts.unclear else "",
        ask.gettext("standing still: {n}", n=counts.stalled) if counts.stalled else "",
    ]
    asked = {name for name in FILTERS if ask.query.get(name)}
    hidden = {name for name, _, _ in choices}
    return page(
        ask, "register/page.html", filters=filters, shown=shown, columns=columns, choices=choices,
        counted=" · ".join(part for part in counted if part), chips=chips_of(ask, filters),
        rows=[row_html(row, ask.project.key, columns, ask.language, ask.today) for row in shown.rows],
        kept=sorted(asked - hidden), filtered=bool(asked - {"sort"} or filters.q),
        more_open=bool(asked & hidden - {"status"}), empty=is_bare(shown, filters),
    )  # fmt: skip


def is_bare(shown: RegisterPage, filters: Filters) -> bool:
    """Whether nothing is here at all, not merely nothing that fits."""
    return shown.total == 0 and filters == Filters(sort=filters.sort)


def chips_of(ask: Ask, filters: Filters) -> list[Chip]:
    """The filters that are asked for daily, one press each; a second press takes it away."""
    me = str(ask.signed_in.person_id)

    def chip(text: str, name: str, value: str, on: bool) -> Chip:
        return Chip(ask.gettext(text), ask.with_query(**{name: None if on else value}), on)

    found = [
        chip("Open", "status", UNFINISHED, filters.status == UNFINISHED),
        chip("My turn", "turn", me, filters.turn == int(me)),
        chip("Standing still", "stalled", "1", filters.stalled),
        chip("Waiting for over 3 days", "waiting_days", "3", filters.waiting_days == 3),
        chip("From nobody yet", "owner", NOBODY, filters.owner == NOBODY),
        chip("Questions", "kind", "question", filters.kind == "question"),
    ]
    return [one for one in found if ask.standing.role != Role.OBSERVER or f"turn={me}" not in one.url]


def choices_of(ask: Ask, session: Session) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The lists of «more filters»: (name in the address, label, options). Who sees little filters by little."""
    statuses = [
        (UNFINISHED, ask.gettext("open ones")),
        *((v, ask.gettext(text)) for v, text in WORDS["status"].items()),
    ]
    found = [("status", ask.gettext("Status"), statuses)]
    if ask.standing.sees_all:
        directory = directory_of(session, ask.project.id)
        for name, label, names in (
            ("turn", ask.gettext("Whose turn"), directory.persons),
            ("party", ask.gettext("Party"), directory.parties),
            ("integration", ask.gettext("Integration"), directory.integrations),
        ):
            found.append((name, label, [(str(one), text) for one, text in names.items()]))
    return found


def next_change(session: Session, ask: Ask) -> datetime:
    """When a row would look different although nothing happened: the next task stalls, or its hours are counted anew.

    Hours are counted in steps of five minutes (see `services.register`).
    """
    step = ask.now.replace(minute=ask.now.minute // 5 * 5, second=0, microsecond=0) + timedelta(minutes=5)
    query = sa.select(sa.func.min(col(Task.stalls_at))).where(
        col(Task.project_id) == ask.project.id, col(Task.stalls_at) > ask.now
    )
    stalls: datetime | None = rows(session, query)[0][0]
    return min(step, stalls) if stalls else step


ROUTES = [project_start, register]
