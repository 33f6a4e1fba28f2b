#!/bin/sh
# The tests start a PostgreSQL of their own: install its programs where that can be done, else say what is missing.
set -eu
missing() {
    echo "PostgreSQL is missing. Install it (Debian: apt-get install postgresql), name the folder of its programs in" >&2
    echo "AUFTAKT_TEST_POSTGRESQL, or name a server where databases may be made in AUFTAKT_TEST_DATABASE_URL." >&2
    exit 1
}
[ -z "${AUFTAKT_TEST_DATABASE_URL:-}" ] || exit 0
[ -z "${AUFTAKT_TEST_POSTGRESQL:-}" ] || { [ -x "$AUFTAKT_TEST_POSTGRESQL/initdb" ] && exit 0 || missing; }
for initdb in /usr/lib/postgresql/*/bin/initdb $(command -v initdb); do
    # Root may not start a server; the package makes the user that may.
    [ -x "$initdb" ] && { [ "$(id -u)" != 0 ] || id postgres >/dev/null 2>&1; } && exit 0
done
"$(dirname "$0")/debian.sh" postgresql || missing
