"""The register: looks and edits like the sheet it replaces."""

from collections.abc import Mapping
from functools import cache, partial
from typing import Any, NamedTuple

from markupsafe import Markup, escape
from sqlmodel import Session

from tracker.domain.terms import Role
from tracker.services.ground.directory import directory_of
from tracker.services.ground.kept import while_structure_stands
from tracker.services.register.filters import NOBODY, UNFINISHED, Filters, from_query
from tracker.services.register.page import FoundPage, counts_of, find_page, next_stall
from tracker.web.http.guards import Guard
from tracker.web.http.request import Ask
from tracker.web.http.responses import SLOT, Answer, page, see_other
from tracker.web.http.routes import get
from tracker.web.register.rows import RowContext, drawn_rows
from tracker.wording.fields import label
from tracker.wording.marking import N_
from tracker.wording.say import say
from tracker.wording.words import WORDS

FILTERS = ("status", "party", "turn", "owner", "integration", "kind", "stalled", "waiting_days", "turn_party", "sort",
           "waiting_on")  # fmt: skip


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
        shown = find_page(session, ask.project, ask.standing, filters, ask.now)
        counts = counts_of(session, ask.standing, ask.now)
        choices = choices_of(ask, session)
        stalls = next_stall(session, ask.project.id, ask.now)
    columns = tuple(ask.project.own_columns)
    drawn = drawn_rows(
        shown.rows, RowContext(shown.context, ask.project.key, columns, ask.language, ask.today), ask.now
    )
    # Until then no row looks different by itself, and the head counts the same.
    ask.fresh_until = min([row.until for row in drawn] + ([stalls] if stalls else []), default=None)
    counted = [
        ask.ngettext("{n} open", "{n} open", counts.unfinished),
        ask.gettext("waiting: {n}", n=counts.waiting) if counts.waiting else "",
        ask.gettext("from nobody yet: {n}", n=counts.unclear) if counts.unclear else "",
        ask.gettext("standing still: {n}", n=counts.stalled) if counts.stalled else "",
    ]
    asked = {name for name in FILTERS if ask.query.get(name)}
    hidden = {choice.name for choice in choices}
    return page(
        ask,
        "register/page.html",
        filters=filters,
        shown=shown,
        columns=columns,
        choices=choices,
        counted=" · ".join(part for part in counted if part),
        chips=chips_of(ask, filters),
        rows=SLOT,
        inner=b"".join([row.html for row in drawn]),
        kept=sorted(asked - hidden),
        filtered=bool(asked - {"sort"} or filters.q),
        more_open=bool(asked & hidden - {"status"}),
        empty=is_bare(shown, filters),
    )


def is_bare(shown: FoundPage, filters: Filters) -> bool:
    """Whether nothing is here at all, not merely nothing that fits."""
    return shown.total == 0 and filters == Filters(sort=filters.sort)


def chips_of(ask: Ask, filters: Filters) -> list[Chip]:
    """The filters that are asked for daily, one press each; a second press takes it away."""
    me = str(ask.signed_in.person_id)

    def chip(text: str, name: str, value: str, on: bool) -> Chip:
        return Chip(ask.gettext(text), ask.with_query(**{name: None if on else value}), on)

    found = [
        chip(N_("Open"), "status", UNFINISHED, filters.status == UNFINISHED),
        chip(N_("My turn"), "turn", me, filters.turn == int(me)),
        chip(N_("Standing still"), "stalled", "1", filters.stalled),
        chip(N_("Waiting for over 3 days"), "waiting_days", "3", filters.waiting_days == 3),
        chip(N_("From nobody yet"), "owner", NOBODY, filters.owner == NOBODY),
        chip(N_("Questions"), "kind", "question", filters.kind == "question"),
    ]
    return [one for one in found if ask.standing.role != Role.OBSERVER or f"turn={me}" not in one.url]


class FilterList(NamedTuple):
    """A list of «more filters»: its name in the address, its label, its options as HTML."""

    name: str
    label: str
    options: Markup


def choices_of(ask: Ask, session: Session) -> list[FilterList]:
    """Who sees little filters by little."""
    found = [FilterList("status", label(ask.language, "status"), status_options(ask.language))]
    if ask.standing.sees_all:
        directory = directory_of(session, ask.project.id)
        for name, said, names in (
            ("turn", label(ask.language, "turn"), directory.persons),
            ("turn_party", ask.gettext("Turn of the party"), directory.parties),
            ("party", label(ask.language, "party"), directory.parties),
            ("integration", label(ask.language, "integration"), directory.integrations),
        ):
            # Hundreds of options of which none changes from page to page: a third of a page's time otherwise.
            options = while_structure_stands(session, ask.project.id, ("options", name), partial(options_html, names))
            found.append(FilterList(name, said, options))
    return [choice._replace(options=selected(choice.options, ask.query.get(choice.name, ""))) for choice in found]


def options_html(names: Mapping[Any, str]) -> Markup:
    return Markup("").join(
        Markup('<option value="{}">{}</option>').format(value, text) for value, text in names.items()
    )


def selected(options: Markup, value: str) -> Markup:
    """The same options with one of them chosen."""
    mark = f'value="{escape(value)}">'
    # As plain text: Markup's own `replace` escapes what it puts in.
    return Markup(str(options).replace(mark, f"{mark[:-1]} selected>", 1)) if value else options


@cache
def status_options(language: str) -> Markup:
    words = {UNFINISHED: N_("open ones"), **WORDS["status"]}
    return options_html({value: say(language, text) for value, text in words.items()})


ROUTES = [project_start, register]
