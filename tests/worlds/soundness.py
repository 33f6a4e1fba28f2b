"""Whether a database is as its journal says: asked after whatever was done to it."""

from sqlmodel import select

from tracker.db import Database
from tracker.services.house.findings import Problem
from tracker.services.house.journal_check import verify_journal
from tracker.services.house.row_check import verify_rows
from tracker.tables import Event


def unsound(database: Database) -> list[Problem]:
    """What `verify` has to say of journal and rows."""
    with database.steady() as session:
        found = verify_journal(session)
        return [*found.problems, *verify_rows(session, found.lines)]


def unsaid(database: Database) -> int:
    """How many transactions have changed rows without an event of their own: verbs never do."""
    with database.reading() as session:
        return len(session.exec(select(Event.id).where(Event.kind == "journal.noted")).all())
