"""Where the PostgreSQL programs of the tests stand."""

from importlib.util import find_spec
from pathlib import Path

FOUND = find_spec("pgserver")  # not imported: it looks for a runtime folder while it is
assert FOUND is not None and FOUND.origin is not None
PROGRAMS = Path(FOUND.origin).parent / "pginstall" / "bin"


def program(name: str) -> str:
    return str(PROGRAMS / name)
