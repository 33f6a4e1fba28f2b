"""How Alembic meets our database."""

from typing import Any

from alembic import context
from sqlalchemy import create_engine as plain_engine
from sqlalchemy import pool

from tracker.tables import SQLModel


def include_object(thing: Any, name: str | None, type_: str, reflected: bool, _other: Any) -> bool:
    """The trigram index exists on PostgreSQL only, and so not in the models."""
    return not (type_ == "index" and reflected and name is not None and name.endswith("_trgm"))


def run() -> None:
    # An engine of its own without our listeners: a batch rebuild with foreign keys on would cascade into children.
    engine = plain_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            render_as_batch=True,
            compare_type=True,
            transaction_per_migration=True,
            include_object=include_object,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
