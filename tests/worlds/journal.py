"""The journal as tests look at it and change it: its last number, and texts that were erased."""

from sqlmodel import col, select, update

from tracker.tables import EventPayload, ProjectChain


def seq_of(session, project_id):
    """The number of the project's last entry; 0 where there is none."""
    return session.exec(select(ProjectChain.seq).where(ProjectChain.project_id == project_id)).first() or 0


def erase(session, event_ids, *, now):
    """The one change of its texts that the database allows: they are emptied for good."""
    emptied = update(EventPayload).where(col(EventPayload.event_id).in_(event_ids))
    session.connection().execute(emptied.values(body=None, salt=None, erased_at=now))
