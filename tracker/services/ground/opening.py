"""Opening the database together with the journal's seal: no transaction ends without its entries."""

from pathlib import Path

from tracker.db import Database, lock_for, make_engine, normal_url
from tracker.owner_only import private_database
from tracker.services.ground.journal import seal
from tracker.services.ground.journal_keys import KEYS, NO_KEYS, Keys


def open_database(url: str, pool_size: int = 5, keys: Keys = NO_KEYS) -> Database:
    """Open the database at `url`; it is not migrated (see `tracker.migrations`). `keys`: what its journal is sealed
    with."""
    parsed = normal_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        private_database(Path(parsed.database))
    return Database(make_engine(parsed, pool_size), seal, lock_for(parsed), marks={KEYS: keys})
