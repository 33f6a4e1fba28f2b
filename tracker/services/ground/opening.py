"""Opening the database together with the journal's seal: no transaction ends without its entries."""

from pathlib import Path

from tracker.db import Database, lock_for, make_engine, normal_url
from tracker.services.ground.journal import seal


def open_database(url: str, pool_size: int = 5) -> Database:
    """Open the database at `url`; it is not migrated (see `tracker.migrations`)."""
    parsed = normal_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    return Database(make_engine(parsed, pool_size), seal, lock_for(parsed))
