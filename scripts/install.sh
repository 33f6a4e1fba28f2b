#!/bin/sh
# Makes .venv and installs a hashed lock, then the project itself: scripts/install.sh run|test
set -eu
cd "$(dirname "$0")/.."
lock=requirements/$1.txt

if [ ! -x .venv/bin/python ]; then
    for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi
        python=
    done
    [ -n "$python" ] || { echo "Auftakt needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
    "$python" -m venv .venv || { echo "Could not make .venv; on Debian: apt-get install python3-venv" >&2; exit 1; }
fi

# uv installs three times faster than pip; where it cannot be had, pip does the same work.
if [ -x .venv/bin/uv ] || .venv/bin/python -m pip install --quiet --require-hashes -r requirements/uv.txt; then
    install() { VIRTUAL_ENV="$PWD/.venv" .venv/bin/uv pip install --quiet "$@"; }
else
    install() { .venv/bin/python -m pip install --quiet "$@"; }
fi
# Without looking at what each package asks for: scripts/lock.sh leaves some of it out.
install --no-deps --require-hashes -r "$lock" || {
    echo "uv could not install; trying pip" >&2
    install() { .venv/bin/python -m pip install --quiet "$@"; }
    install --no-deps --require-hashes -r "$lock"
}
# Apart: pip refuses an editable install beside hashes. Its build tools are in the lock.
install --no-deps --no-build-isolation -e .
