#!/bin/sh
# The browser tests drive the system's Chromium: install it where that can be done, else say what is missing.
set -eu
missing() {
    echo "Chromium is missing. Install it (Debian: apt-get install chromium) or name one in AUFTAKT_TEST_CHROMIUM." >&2
    exit 1
}
[ -z "${AUFTAKT_TEST_CHROMIUM:-}" ] || { [ -x "$AUFTAKT_TEST_CHROMIUM" ] && exit 0 || missing; }
command -v chromium >/dev/null || command -v google-chrome >/dev/null && exit 0
"$(dirname "$0")/debian.sh" chromium fonts-dejavu-core || missing
