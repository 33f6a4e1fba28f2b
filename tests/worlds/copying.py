"""All rows of one database put into another: a world that was told once serves every test."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Integer, insert, select, text, update

from tracker.db import Database
from tracker.services.ground.journal import HOUSE
from tracker.tables import SQLModel

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def rows_of(database: Database) -> Rows:
    with database.engine.connect() as connection:
        return {
            name: [dict(row._mapping) for row in connection.execute(select(table))]
            for name, table in SQLModel.metadata.tables.items()
        }


def put_rows(database: Database, rows: Rows) -> None:
    """Into an empty database. Their order does not matter: references are not looked at meanwhile."""
    off, on = (
        ("PRAGMA foreign_keys=OFF", "PRAGMA foreign_keys=ON")
        if database.is_sqlite
        else ("SET session_replication_role = replica", "SET session_replication_role = DEFAULT")
    )
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(off))
        for name, found in rows.items():
            table = SQLModel.metadata.tables[name]
            if name == "project_chain":
                # The house's chain is there from the first migration on.
                house = next(row for row in found if row["project_id"] == HOUSE)
                connection.execute(update(table).where(table.c.project_id == HOUSE).values(house))
                found = [row for row in found if row["project_id"] != HOUSE]
            if found:
                connection.execute(insert(table), list(found))
                if not database.is_sqlite and "id" in table.columns and isinstance(table.c.id.type, Integer):
                    connection.execute(
                        text(f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), max(id)) FROM \"{name}\"")
                    )
        connection.execute(text(on))
