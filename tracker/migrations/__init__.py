"""Alembic, driven from code: the same call serves the command line, the tests and the wheel."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from tracker.db import make_engine, normal_url
from tracker.owner_only import private_database

HERE = Path(__file__).resolve().parent


def alembic_config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["url"] = normal_url(url)
    return config


def upgrade(url: str) -> None:
    """Bring the schema at `url` to the newest revision. Foreign keys are off meanwhile on SQLite (see `env.py`)."""
    parsed = normal_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        private_database(Path(parsed.database))
    command.upgrade(alembic_config(url), "head")


def newest() -> str:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    return ScriptDirectory.from_config(config).get_current_head() or ""


def current(engine: Engine) -> str:
    """The revision that the database has; empty: none yet."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def is_current(engine: Engine) -> bool:
    return current(engine) == newest()


__all__ = ["alembic_config", "current", "is_current", "make_engine", "newest", "upgrade"]
