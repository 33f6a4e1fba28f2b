"""Walking the journal's chains: gaps, changed rows, changed or missing texts."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session

from tracker.services.ground.journal import digest_of, hash_of
from tracker.tables import Event, EventPayload, ProjectChain


class Problem(NamedTuple):
    """Something `verify` found."""

    rule: str
    object: str
    detail: str


class ChainReport(NamedTuple):
    checked: int
    erased: int
    problems: list[Problem]


def verify_journal(session: Session, batch: int = 2000) -> ChainReport:
    """Walk every chain: gaps, changed rows, changed or missing payloads; erased payloads are counted apart."""
    problems: list[Problem] = []
    checked = erased = 0
    chains = session.connection().execute(select(ProjectChain.project_id, ProjectChain.seq, ProjectChain.head)).all()
    known = {chain.project_id for chain in chains}
    strays = session.connection().execute(select(Event.project_id).distinct()).scalars()
    problems += [Problem("journal.chain_missing", f"project:{stray}", "") for stray in strays if stray not in known]
    for chain in chains:
        seq, head = 0, ""
        while rows := _page(session, chain.project_id, seq, batch):
            for row in rows:
                where = f"event:{chain.project_id}/{row['seq']}"
                if row["seq"] != seq + 1:
                    problems.append(Problem("journal.missing", where, f"after {seq}"))
                elif row["prev"] != head:
                    problems.append(Problem("journal.broken", where, "prev"))
                if hash_of(row) != row["hash"]:
                    problems.append(Problem("journal.tampered", where, "row"))
                if row["erased_at"] is not None:
                    erased += 1
                elif row["salt"] is None or row["body"] is None:
                    problems.append(Problem("journal.payload_missing", where, ""))
                elif digest_of(row["salt"], row["body"]) != row["digest"]:
                    problems.append(Problem("journal.tampered", where, "payload"))
                seq, head = row["seq"], row["hash"]
                checked += 1
        if (seq, head) != (chain.seq, chain.head):
            problems.append(Problem("journal.missing", f"project:{chain.project_id}", f"{chain.seq} != {seq}"))
    return ChainReport(checked, erased, problems)


def _page(session: Session, project_id: int, after: int, batch: int) -> list[Mapping[str, Any]]:
    columns = Event.__table__.columns  # type: ignore[attr-defined]
    query = (
        select(*columns, EventPayload.salt, EventPayload.body, EventPayload.erased_at)
        .outerjoin(EventPayload, EventPayload.event_id == Event.id)
        .where(Event.project_id == project_id, Event.seq > after)
        .order_by(Event.seq)
        .limit(batch)
    )
    return [dict(row._mapping) for row in session.connection().execute(query)]
