#!/bin/sh
# The browser tests drive the system's Chromium: install it where that can be done, else say what is missing.
set -eu
cd "$(dirname "$0")/.."
missing() {
    echo "Chromium is missing. Install it (Debian: apt-get install chromium) or name one in AUFTAKT_TEST_CHROMIUM." >&2
    exit 1
}
# Playwright brings its own Node, which wants a library that a bare Debian has not got.
for node in .venv/lib/python3*/site-packages/playwright/driver/node; do
    [ ! -x "$node" ] || "$node" --version >/dev/null 2>&1 || scripts/debian.sh libatomic1 ||
        { echo "Playwright can't start: $("$node" --version 2>&1)" >&2; exit 1; }
done
[ -z "${AUFTAKT_TEST_CHROMIUM:-}" ] || { [ -x "$AUFTAKT_TEST_CHROMIUM" ] && exit 0 || missing; }
command -v chromium >/dev/null || command -v google-chrome >/dev/null && exit 0
scripts/debian.sh chromium fonts-dejavu-core || missing
