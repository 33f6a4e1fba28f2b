#!/bin/sh
# The browser tests drive the system's Chromium: install it where that can be done, else say what is missing.
set -eu
missing() {
    echo "Chromium is missing. Install it (Debian: apt-get install chromium) or name one in AUFTAKT_TEST_CHROMIUM." >&2
    exit 1
}
[ -z "${AUFTAKT_TEST_CHROMIUM:-}" ] || { [ -x "$AUFTAKT_TEST_CHROMIUM" ] && exit 0 || missing; }
command -v chromium >/dev/null || command -v google-chrome >/dev/null && exit 0
command -v apt-get >/dev/null || missing
sudo=
[ "$(id -u)" = 0 ] || { sudo -n true 2>/dev/null && sudo="sudo -n" || missing; }
export DEBIAN_FRONTEND=noninteractive
echo "Installing Chromium"
# A machine that has just started may still hold the lock of its package manager.
$sudo apt-get -o DPkg::Lock::Timeout=120 -qq update
$sudo apt-get -o DPkg::Lock::Timeout=120 -qq -y --no-install-recommends install chromium fonts-dejavu-core >/dev/null || missing
