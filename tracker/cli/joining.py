"""`project`, `person`, `token`: who is here, and by which keys."""

import os
import select
import stat
import sys
from typing import Any

import click
import sqlalchemy as sa
from sqlmodel import Session

from tracker.cli.desk import as_json, desk, now_of, person_named, project_named, report
from tracker.db import rows
from tracker.domain.terms import Messages, Role, Scope
from tracker.services.access import persons as person_rights
from tracker.services.access import sessions, tokens
from tracker.services.access.loading import standing
from tracker.services.channels import invitations
from tracker.services.ground.journal import CLI
from tracker.services.ground.search import normalise
from tracker.services.people import memberships, parties, projects
from tracker.services.people import persons as people
from tracker.tables import Membership, Party, Person, Project
from tracker.wording.marking import N_


@click.group()
def project() -> None:
    """Add and list projects."""


@project.command("add")
@click.option("--name", required=True, help="What people call it.")
@click.option("--key", required=True, help="Short key in links: 2 to 10 Latin letters and digits.")
@click.option("--messages", type=click.Choice([str(word) for word in Messages]), default="off", show_default=True)
@click.option("--timezone", help="Such as Europe/Moscow; else AUFTAKT_TIMEZONE.")
@as_json
def add_project(name: str, key: str, messages: str, timezone: str | None, as_json: bool) -> None:
    """Open a project. Add its conductor next: person add --role conductor."""
    with desk() as opened, opened.database.writing() as session:
        settings = opened.settings
        given = projects.ProjectInput(name, key, timezone=timezone or settings.timezone, language=settings.language)
        made = projects.create_project(session, CLI, given, now=now_of(session), messages=messages)
        row = {"id": made.id, "key": made.key, "name": made.name}
    report(row, as_json)


@project.command("list")
@as_json
def list_projects(as_json: bool) -> None:
    """List the projects that are not put away."""
    with desk() as opened, opened.database.reading() as session:
        found = [{"id": one.id, "key": one.key, "name": one.name} for one in projects.my_projects(session, CLI)]
    report(found, as_json)


@click.group()
def person() -> None:
    """Add, list and invite persons."""


@person.command("add")
@click.option("--name", required=True)
@click.option("--email", help="Needed to sign in.")
@click.option("--project", "key", help="Key of the project they join.")
@click.option("--role", type=click.Choice([str(word) for word in Role]), default="contributor", show_default=True)
@click.option("--party", help="Name of their party; made if the project has none of that name.")
@click.option("--timezone", help="Such as Asia/Yekaterinburg; else AUFTAKT_TIMEZONE.")
@click.option("--knows-bot", is_flag=True, help="They were told of the messages, so they may be written to.")
@click.option("--can-decide", is_flag=True, help="They decide for their party.")
@as_json
def add_person(
    name: str,
    email: str | None,
    key: str | None,
    role: str,
    party: str | None,
    timezone: str | None,
    knows_bot: bool,
    can_decide: bool,
    as_json: bool,
) -> None:
    """Add a person, or give a known one (by e-mail) a place in a project.

    A password may come on standard input; without one they can't sign in, which a contributor need not.
    """
    password = password_on_stdin()
    hashed = sessions.hash_password(password) if password else None
    with desk() as opened, opened.database.writing() as session:
        now = now_of(session)
        settings = opened.settings
        given = people.PersonInput(
            name, email, timezone=timezone or settings.timezone, language=settings.language, knows_bot=knows_bot
        )
        if key is None:
            if party or can_decide:
                raise opened.misused(N_("A party belongs to a project: say --project too."))
            known = person_rights.person_by_email(session, email) if email else None
            made = known or people.add_person(session, CLI, given, now=now)
        else:
            home = project_named(session, opened, key)
            place = memberships.Place(role, _party(session, home, party, now), can_decide)
            made = memberships.add_member(session, CLI, home.id, given, place, now=now)
        if knows_bot:
            people.mark_knows_bot(session, CLI, made.id, True, now=now)
        if hashed is not None:
            people.set_password(session, CLI, made.id, hashed, now=now)
        if role == Role.CONDUCTOR and not _has_founder(session):
            # Somebody has to be able to open projects in the browser: the first conductor.
            people.edit_person(session, CLI, made.id, None, {"may_found": True}, now=now)
        session.flush()
        row = _people(session, made.id)[0]
    report(row, as_json)


@person.command("list")
@click.option("--project", "key", help="Only those of this project.")
@as_json
def list_persons(key: str | None, as_json: bool) -> None:
    """List persons with their places in projects."""
    with desk() as opened, opened.database.reading() as session:
        home = project_named(session, opened, key) if key else None
        found = [
            row
            for row in _people(session)
            if home is None or any(place["project"] == home.key for place in row["projects"])
        ]
    report(found, as_json)


@person.command("invite")
@click.argument("who", metavar="EMAIL-OR-ID")
@click.option("--project", "key", required=True)
@as_json
def invite_person(who: str, key: str, as_json: bool) -> None:
    """New links for a member: the bot's start payload, and their private page."""
    with desk() as opened, opened.database.writing() as session:
        home = project_named(session, opened, key)
        member = person_named(session, opened, who)
        made = invitations.invite(
            session,
            CLI,
            home.id,
            member.id,
            key=opened.settings.key,
            public_url=opened.settings.public_url,
            now=now_of(session),
        )
    report(made._asdict(), as_json)


@click.group()
def token() -> None:
    """Create and revoke API keys and private addresses."""


@token.command("create")
@click.option("--person", "who", required=True, metavar="EMAIL-OR-ID")
@click.option("--scope", type=click.Choice(["api", "calendar", "page"]), required=True)
@click.option("--label", default="", help="What it is for.")
@as_json
def create_token(who: str, scope: str, label: str, as_json: bool) -> None:
    """A new key or address. It is shown once."""
    with desk() as opened, opened.database.writing() as session:
        owner = person_named(session, opened, who)
        made = tokens.issue(
            session, CLI, owner.id, Scope(scope), key=opened.settings.key, now=now_of(session), label=label
        )
        url = tokens.url_of(made.scope, made.secret, opened.settings.public_url)
    report({"id": made.id, "token": made.secret, "url": url or f"{opened.settings.public_url}/api/v1/"}, as_json)


@token.command("revoke")
@click.argument("token_id", metavar="ID", type=int)
@as_json
def revoke_token(token_id: int, as_json: bool) -> None:
    """End a key or an address. Twice is once."""
    with desk() as opened, opened.database.writing() as session:
        tokens.revoke(session, CLI, token_id, now=now_of(session))
    report({"id": token_id, "revoked": True}, as_json)


def password_on_stdin() -> str:
    """The first line of standard input, if somebody gave one: a terminal or an idle pipe is not waited for."""
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        return ""
    try:
        number = sys.stdin.fileno()
        waits = stat.S_ISFIFO(os.fstat(number).st_mode) or stat.S_ISSOCK(os.fstat(number).st_mode)
        if waits and not select.select([number], [], [], 1)[0]:
            return ""
    except (OSError, ValueError):
        pass  # a stand-in for standard input has no number; it does not wait either
    return sys.stdin.readline().rstrip("\r\n")


def _party(session: Session, home: Project, name: str | None, now: Any) -> int | None:
    """A party of the project by its name; there is no other command to make one with."""
    if not name:
        return None
    mine = standing(session, CLI, home.id)
    known = [one for one in parties.parties_of(session, mine) if normalise(one.name) == normalise(name)]
    return (known[0] if known else parties.create_party(session, CLI, home.id, parties.PartyInput(name), now=now)).id


def _has_founder(session: Session) -> bool:
    return bool(rows(session, sa.select(Person.id).where(Person.may_found, Person.archived_at.is_(None)).limit(1)))


def _people(session: Session, only: int | None = None) -> list[dict[str, Any]]:
    query = sa.select(
        Person.id, Person.name, Person.email, Person.salutation, Person.timezone, Person.language, Person.knows_bot
    ).where(Person.archived_at.is_(None))
    places = (
        sa.select(Membership.person_id, Project.key, Membership.role, Party.name)
        .join(Project, Project.id == Membership.project_id)
        .outerjoin(Party, Party.id == Membership.party_id)
        .where(Membership.archived_at.is_(None))
        .order_by(Project.key)
    )
    if only is not None:
        query, places = query.where(Person.id == only), places.where(Membership.person_id == only)
    found: dict[int, list[dict[str, Any]]] = {}
    for person_id, key, role, party in rows(session, places):
        found.setdefault(person_id, []).append({"project": key, "role": role, "party": party})
    return [row._asdict() | {"projects": found.get(row.id, [])} for row in rows(session, query.order_by(Person.id))]
