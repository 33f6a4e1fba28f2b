"""A furnished house whose journal is sealed and anchored, and what somebody does to it who writes the database alone:
without the key, and without the file of anchors.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from tests.worlds.copying import Rows, put_rows, rows_of
from tests.worlds.integrations import NOW
from tests.worlds.matrix import lay_matrix
from tracker.db import Database
from tracker.keeping.anchors import anchor, missed, read_anchors
from tracker.keeping.verifying import Verified, verify
from tracker.services.ground.journal import HOUSE, plain
from tracker.services.ground.journal_keys import Keys, keys_of
from tracker.services.ground.opening import open_database
from tracker.tables import Event

KEYS = keys_of(["the-key-of-the-tests-is-long-enough"])
OTHER_KEYS = keys_of(["another-key-of-the-tests-long-enough"])
LATER = NOW + timedelta(hours=1)


@dataclass(frozen=True)
class House:
    """`ids`: of the matrix' first project. `file`: where the heads are anchored."""

    database: Database
    ids: Mapping[str, Any]
    file: Path

    @property
    def project(self) -> int:
        return int(self.ids["project_id"])

    def verified(self, keys: Keys = KEYS) -> Verified:
        url = self.database.engine.url.render_as_string(hide_password=False)
        opened = self.database if keys == KEYS else open_database(url, keys=keys)
        anchors = read_anchors(self.file, keys)
        with opened.steady() as session:
            anchors.problems.extend(missed(session, self.file, anchors))
            # Stored moments and people are made up in this world; they have tests of their own.
            found = verify(session, self.file.parent / "uploads", now=NOW, anchors=anchors)
        if opened is not self.database:
            opened.close()
        ours = [one for one in found.problems if one.rule.startswith(("journal.", "state."))]
        return found._replace(problems=ours, ok=not ours)

    def found(self, keys: Keys = KEYS) -> set[tuple[str, str]]:
        return {(one.rule, one.object) for one in self.verified(keys).problems}

    @contextmanager
    def tampering(self) -> Iterator["Intruder"]:
        """Without triggers and without foreign keys; what is written is committed."""
        with self.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if self.database.is_sqlite:
                connection.execute(text("PRAGMA foreign_keys=OFF"))
                triggers = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars()
                for name in triggers.all():
                    connection.execute(text(f"DROP TRIGGER {name}"))
            else:
                connection.execute(text("SET session_replication_role = replica"))
            try:
                yield Intruder(connection, self)
            finally:
                back = "PRAGMA foreign_keys=ON" if self.database.is_sqlite else "SET session_replication_role = DEFAULT"
                connection.execute(text(back))

    def tampered(self, *statements: str) -> None:
        with self.tampering() as intruder:
            for statement in statements:
                intruder.run(statement)


def furnish(database: Database) -> tuple[Rows, Mapping[str, Any]]:
    """To be done once, on any database opened with KEYS."""
    world = lay_matrix(database, key=b"k" * 32)
    with database.reading() as session:
        project = session.connection().execute(text("SELECT id FROM project WHERE key = 'LAVKA'")).scalar_one()
    return rows_of(database), {**world.ours, "project_id": project}


def put_house(url: str, rows: Rows, ids: Mapping[str, Any], file: Path) -> House:
    """The furnished house at `url`; a SQLite file holds it already. `file`: for its anchors."""
    database = open_database(url, keys=KEYS)
    if not database.is_sqlite:
        put_rows(database, rows)
    anchor(database, file, now=NOW)
    return House(database, ids, file)


@dataclass(frozen=True)
class Intruder:
    connection: Connection
    house: House

    def run(self, statement: str, **values: Any) -> Any:
        """`{task_id}` and the like are filled in from the world."""
        return self.connection.execute(text(statement.format(**self.house.ids)), values)

    def last(self, project: int) -> int:
        return int(self.run("SELECT max(seq) FROM event WHERE project_id = :of", of=project).scalar_one())

    def cut_tail(self, project: int, count: int) -> None:
        """The last events, and the chain's row set back to what is left."""
        left = self.last(project) - count
        gone = "SELECT id FROM event WHERE project_id = :of AND seq > :left"
        self.run(f"DELETE FROM event_payload WHERE event_id IN ({gone})", of=project, left=left)
        self.run("DELETE FROM event WHERE project_id = :of AND seq > :left", of=project, left=left)
        self.set_head(project)

    def set_head(self, project: int) -> None:
        newest = "(SELECT {} FROM event WHERE project_id = :of ORDER BY seq DESC LIMIT 1)"
        columns = ", ".join(f"{name} = {newest.replace('{}', column)}" for name, column in HEAD)
        self.connection.execute(text(f"UPDATE project_chain SET {columns} WHERE project_id = :of"), {"of": project})

    def rows(self, project: int) -> list[dict[str, Any]]:
        table = Event.__table__  # type: ignore[attr-defined]
        query = table.select().where(table.c.project_id == project).order_by(table.c.seq)
        return [dict(row._mapping) for row in self.connection.execute(query)]

    def make_anew(self, project: int, begin: int, hashed: Callable[[dict[str, Any]], str]) -> None:
        """Chain the rows from `begin` on once more, each hashed as the intruder can, and set the head."""
        head = ""
        for row in self.rows(project):
            if row["seq"] >= begin:
                row["prev"] = head
                row["hash"] = hashed(row)
                self.connection.execute(
                    text("UPDATE event SET prev = :prev, hash = :hash WHERE id = :id"),
                    {"prev": row["prev"], "hash": row["hash"], "id": row["id"]},
                )
            head = row["hash"]
        self.set_head(project)

    def append(self, project: int, kind: str, body: str = "{{}}") -> None:
        """An event of the intruder's own, as version 0.1 would have hashed it."""
        last = self.rows(project)[-1]
        salt = "ab"
        digest = hashlib.sha256(f"{salt}\n{body.replace('{{', '{').replace('}}', '}')}".encode()).hexdigest()
        row = {**last, "seq": last["seq"] + 1, "prev": last["hash"], "kind": kind, "digest": digest, "key_id": None,
               "chained": None}  # fmt: skip
        row["hash"] = as_before(row)
        del row["id"]
        made = self.connection.execute(Event.__table__.insert().values(row))  # type: ignore[attr-defined]
        self.run(
            f"INSERT INTO event_payload (event_id, salt, body) VALUES (:id, '{salt}', '{body}')",
            id=made.inserted_primary_key[0],
        )
        self.set_head(project)


HEAD = (("seq", "seq"), ("head", "hash"))


def as_before(row: Mapping[str, Any]) -> str:
    """The hash of version 0.1, which needs no key."""
    parts = (
        row["prev"], row["project_id"], row["seq"], plain(row["at"]), row["actor_id"], row["way"],
        row["behalf_id"], row["kind"], row["object_type"], row["object_id"], row["digest"],
    )  # fmt: skip
    return hashlib.sha256("\n".join("" if part is None else str(part) for part in parts).encode()).hexdigest()


__all__ = ["HOUSE", "KEYS", "LATER", "NOW", "OTHER_KEYS", "House", "Intruder", "as_before", "furnish", "put_house"]
