"""The tests' own PostgreSQL: the system's programs, and one server for all the processes of a run.

Whoever uses the server holds a shared lock; a keeper waits until nobody does and takes everything away. The kernel lets
go for those who died, too, so no server outlives its run.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.places import ROOT

GIVEN = "AUFTAKT_TEST_DATABASE_URL"
MISSING = "No PostgreSQL: run `make test`, which installs it, or name the folder of its programs in {}"
NAMED = "AUFTAKT_TEST_POSTGRESQL"
MEMORY = Path("/dev/shm")
ENOUGH = 1 << 30
"""Bytes. Each test's database is a few hundred small files; a container's memory folder may hold only 64 MB."""
# Nothing here outlives the run, so nothing has to outlive a power cut: a third of the time of each test.
SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "300",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


@cache
def programs() -> Path:
    """The folder of PostgreSQL's programs: a named one, else the newest of Debian's, else the one on the path."""
    named = os.environ.get(NAMED)
    needed = ["pg_dump", "pg_restore", *(() if os.environ.get(GIVEN) else ("initdb", "pg_ctl"))]
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    on_path = shutil.which(needed[-1])
    found = [Path(named)] if named else [*reversed(debian), *([Path(on_path).resolve().parent] if on_path else [])]
    for folder in found:
        if all((folder / name).exists() for name in needed):
            return folder
    raise FileNotFoundError(MISSING.format(NAMED))


def program(name: str) -> str:
    return str(programs() / name)


@contextmanager
def shared_server(folder: Path) -> Iterator[str]:
    """The address of the server of all who name the same folder: started by the first, stopped after the last."""
    address = folder / "address"
    with (folder / "users").open("a") as users:
        with (folder / "starting").open("a") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            fcntl.flock(users, fcntl.LOCK_SH)
            if not address.exists():
                subprocess.run([sys.executable, "-m", __name__, str(folder)], cwd=ROOT, check=True, timeout=120)
        yield address.read_text()


def run(*command: str) -> None:
    """PostgreSQL refuses to work for root: there, Debian's own user of it does the work."""
    user = "postgres" if os.geteuid() == 0 else None
    subprocess.run(
        command,
        check=True,
        cwd="/",
        stdout=subprocess.DEVNULL,
        timeout=60,
        user=user,
        group=user,
        extra_groups=[] if user else None,
    )


def start(home: Path) -> str:
    """Makes a server in an empty folder of its own and starts it; its address."""
    home.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")
    data = str(home / "data")
    run(program("initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
    run(program("pg_ctl"), "-D", data, "-l", str(home / "log"), "-o", f"{options} -k {home}", "-w", "start")
    return f"postgresql://postgres@/postgres?host={home}"


def stop_after_the_last(folder: Path, home: Path) -> None:
    with (folder / "users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_EX)
        (folder / "address").unlink(missing_ok=True)
        run(program("pg_ctl"), "-D", str(home / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(home, ignore_errors=True)


def keep(folder: Path) -> None:
    """Returns when the server can be used; a process of its own stays behind and watches."""
    memory = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH
    # A short path either way: a socket's address may have a hundred letters.
    home = Path(tempfile.mkdtemp(prefix="auftakt-pg-", dir=MEMORY if memory else "/tmp"))
    try:
        address = start(home)
    except BaseException:
        print((home / "log").read_text() if (home / "log").exists() else "", file=sys.stderr)
        shutil.rmtree(home, ignore_errors=True)
        raise
    (folder / "address").write_text(address)
    if os.fork():
        return
    os.setsid()  # what ends the run by a key must not end the keeper
    for standard in range(3):
        os.dup2(os.open(os.devnull, os.O_RDWR), standard)
    stop_after_the_last(folder, home)


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
