"""Walking the journal's chains: gaps, changed rows, changed or missing texts, erasures that nobody has told of.

Who writes the database has neither the key that its rows are sealed with nor the file of anchors. So a row that they
have made anew, with all that follow, does not fit its key; a tail that they have cut off with the head fits neither the
head's own seal nor the last anchor.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import or_, select
from sqlmodel import Session, col

from tracker.db import connection_of
from tracker.services.ground.journal import ERASED, HOUSE, KEYED, digest_of, hash_of, seal_of_head
from tracker.services.ground.journal_keys import KEYS, NO_KEYS, UNKEYED, Keys
from tracker.services.house.findings import Problem, in_ranges
from tracker.services.house.row_check import Lines, lineage_of
from tracker.tables import Event, EventPayload, House, Project, ProjectChain, Task

Anchored = Mapping[int, Mapping[int, str]]
"""Chain -> number -> head, as it was once written down outside the database."""


class ChainReport(NamedTuple):
    """`unanchored`: events that came after the last anchor of their chain. `lines`: what they say of rows."""

    checked: int
    erased: int
    problems: list[Problem]
    unanchored: int
    lines: Lines


def verify_journal(session: Session, anchored: Anchored | None = None, batch: int = 2000) -> ChainReport:
    """Walk every chain; erased payloads are counted apart."""
    anchored = anchored or {}
    lines = Lines(lineage_of(session))
    report = ChainReport(0, 0, [], 0, lines)
    walks = []
    for chain in connection_of(session).execute(select(ProjectChain.__table__).order_by(ProjectChain.project_id)):  # type: ignore[attr-defined]
        walk = _Walk(session.info.get(KEYS, NO_KEYS), lines, chain.project_id, anchored.get(chain.project_id, {}))
        while rows := _page(session, chain.project_id, walk.seq, batch):
            for row in rows:
                walk.step(row)
        walk.end(chain)
        walks.append(walk)
    known = {walk.project_id: walk.seq for walk in walks}
    problems = [*_without_chain(session, known, anchored), *(one for walk in walks for one in walk.problems)]
    return report._replace(
        checked=sum(walk.checked for walk in walks),
        erased=sum(len(walk.erased) for walk in walks),
        problems=[*problems, *_without_key(walks)],
        unanchored=sum(max(0, walk.seq - max(walk.anchors, default=0)) for walk in walks),
    )


def _without_chain(session: Session, known: Mapping[int, int], anchored: Anchored) -> Iterator[Problem]:
    """Chains that should be there: each project's journal begins with its opening."""
    connection = connection_of(session)
    strays = set(connection.execute(select(Event.project_id).distinct()).scalars()) - known.keys()
    yield from (Problem("journal.chain_missing", f"project:{stray}", "") for stray in sorted(strays))
    if not known.get(HOUSE) and connection.execute(select(House.id)).first() is not None:
        yield Problem("journal.truncated", f"project:{HOUSE}", "it has no events")
    opened = select(Event.object_id).where(Event.project_id == HOUSE, Event.kind == "project.created")
    worked_in = select(Task.project_id).distinct()
    begun = select(Project.id).where(or_(col(Project.id).in_(opened), col(Project.id).in_(worked_in)))
    there = connection.execute(begun.order_by(Project.id)).scalars().all()
    for project_id in (one for one in there if one not in strays and not known.get(one)):
        yield Problem("journal.truncated", f"project:{project_id}", "it has no events")
    for project_id in sorted(anchored.keys() - known.keys() - strays - set(there)):
        yield Problem("journal.truncated", f"project:{project_id}", f"anchored up to {max(anchored[project_id])}")


def _without_key(walks: Sequence["_Walk"]) -> Iterator[Problem]:
    found: dict[str, list[str]] = {}
    for walk in walks:
        for key_id, (first, last) in walk.unknown.items():
            found.setdefault(key_id, []).append(f"event:{walk.project_id}/{first}-{last}")
    for key_id, places in found.items():
        shown = ", ".join(places[:5]) + (" …" if len(places) > 5 else "")
        yield Problem("journal.key_missing", f"key:{key_id}", f"{shown} can't be checked without it")


class _Row(NamedTuple):
    """A row that does not fit its key. `linked`: the one after it would go on from it; `unsealed`: it needs none."""

    seq: int
    linked: bool
    unsealed: bool


class _Walk:
    """One chain, as far as it has been read."""

    def __init__(self, keys: Keys, lines: Lines, project_id: int, anchors: Mapping[int, str]) -> None:
        self.keys, self.lines, self.project_id, self.anchors = keys, lines, project_id, anchors
        self.seq, self.head, self.checked = 0, "", 0
        self.problems: list[Problem] = []
        self.forged: list[_Row] = []
        self.open: list[int] = []
        """Numbers of rows without a key that no `journal.keyed` has closed yet."""
        self.sealed = False
        self.unknown: dict[str, tuple[int, int]] = {}
        self.erased: dict[int, int] = {}
        """Number -> id of the events whose texts are gone."""
        self.explained: set[int] = set()
        self.explained_ids: set[int] = set()

    def step(self, row: Mapping[str, Any]) -> None:
        seq = row["seq"]
        if seq != self.seq + 1:
            self._found("journal.missing", seq, f"after {self.seq}")
        elif row["prev"] != self.head:
            self._found("journal.broken", seq, "prev")
        chained: Mapping[str, Any] = json.loads(row["chained"]) if row["chained"] else {}
        if self._fits(row, chained.get(KEYED)):
            self.explained |= set(chained.get(ERASED, ()))
        self._look_at_texts(row)
        if seq in self.anchors and self.anchors[seq] != row["hash"]:
            self._found("journal.rechained", seq, "another head was anchored")
        self.lines.read(row["key_id"], chained, f"event:{self.project_id}/{seq}")
        self.seq, self.head = seq, row["hash"]
        self.checked += 1

    def _found(self, rule: str, seq: int, detail: str) -> None:
        self.problems.append(Problem(rule, f"event:{self.project_id}/{seq}", detail))

    def _fits(self, row: Mapping[str, Any], keyed: Mapping[str, Any] | None) -> bool:
        """Whether the row is as its key has sealed it, as far as can be told. `keyed`: what it closes, if it does."""
        key_id, seq = row["key_id"] or UNKEYED, row["seq"]
        closes = bool(keyed and (keyed["seq"], keyed["head"]) == (self.seq, self.head) and not self.sealed)
        if key_id not in self.keys.known:
            # Whether it really closes what came before nobody can tell without its key, as is said of the key.
            self.open = [] if closes else self.open
            first, _last = self.unknown.get(key_id, (seq, seq))
            self.unknown[key_id] = first, seq
            self.sealed = True
            return False
        if key_id == UNKEYED:
            self.open.append(seq)
        if hash_of(row, self.keys) != row["hash"]:
            bare = hash_of({**row, "key_id": None, "chained": None}, self.keys) == row["hash"]
            self.forged.append(_Row(seq, row["prev"] == self.head, bare))
            return False
        if key_id != UNKEYED:
            self.open = [] if closes else self.open
            self.sealed = True
        return True

    def _look_at_texts(self, row: Mapping[str, Any]) -> None:
        if row["salt"] is not None and row["body"] is not None:
            if digest_of(row["salt"], row["body"]) != row["digest"]:
                self._found("journal.tampered", row["seq"], "payload")
            elif row["kind"] == "journal.erased" and row["key_id"] is None:
                # Before there were keys only the text said which ones.
                self.explained_ids |= set(row["body"].get("events", ()))
            if row["erased_at"] is not None:
                self._found("journal.tampered", row["seq"], "said to be erased, and its text is there")
        elif row["erased_at"] is not None:
            self.erased[row["seq"]] = row["id"]
        else:
            self._found("journal.payload_missing", row["seq"], "")

    def end(self, chain: Any) -> None:
        """`chain`: its own row, which says where it ends."""
        for seq, event_id in self.erased.items():
            if seq not in self.explained and event_id not in self.explained_ids:
                self._found("journal.unexplained_erasure", seq, "no event says that its text was erased")
        self._end_forged()
        if self.keys.current != UNKEYED and self.open:
            self._rechained(self.open, "without a seal")
        if (self.seq, self.head) != (chain.seq, chain.head):
            where = f"project:{self.project_id}"
            self.problems.append(Problem("journal.missing", where, f"{chain.seq} != {self.seq}"))
        elif not self._head_fits(chain):
            self._truncated(f"nothing after {self.seq} is there, and the head is not the last one that was sealed")
        if last := max((seq for seq in self.anchors if seq > self.seq), default=0):
            self._truncated(f"anchored up to {last}, it ends with {self.seq}")

    def _head_fits(self, chain: Any) -> bool:
        key_id = str(chain.seal).partition(":")[0]
        if self.keys.current == UNKEYED:
            return True
        if key_id and key_id not in self.keys.known:
            return True  # told of the key itself
        if not self.sealed:
            return chain.seq == 0 or bool(self.open)
        return bool(chain.seal == seal_of_head(self.project_id, chain.seq, chain.head, self.keys, key_id) and key_id)

    def _end_forged(self) -> None:
        """One row that does not fit was changed; several up to the head, or rows that need no key, were made anew."""
        runs: list[list[_Row]] = []
        for row in self.forged:
            if runs and runs[-1][-1].seq == row.seq - 1:
                runs[-1].append(row)
            else:
                runs.append([row])
        for run in runs:
            anew = len(run) > 1 and run[-1].seq == self.seq and all(row.linked for row in run)
            if anew or all(row.unsealed for row in run):
                self._rechained([row.seq for row in run], "made anew")
            else:
                for row in run:
                    self._found("journal.tampered", row.seq, "row")

    def _rechained(self, seqs: Sequence[int], detail: str) -> None:
        named = ((f"event:{self.project_id}/{seq}", detail) for seq in seqs)
        self.problems += [Problem("journal.rechained", name, what) for name, what in in_ranges(named)]

    def _truncated(self, detail: str) -> None:
        self.problems.append(Problem("journal.truncated", f"project:{self.project_id}", detail))


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
