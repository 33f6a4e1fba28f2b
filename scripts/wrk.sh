#!/bin/sh
# The benchmarks load the server with wrk: install it where that can be done, else say what is missing.
set -eu
missing() {
    echo "wrk is missing. Install it (Debian: apt-get install wrk)." >&2
    exit 1
}
command -v wrk >/dev/null && exit 0
command -v apt-get >/dev/null || missing
sudo=
[ "$(id -u)" = 0 ] || { sudo -n true 2>/dev/null && sudo="sudo -n" || missing; }
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get -o DPkg::Lock::Timeout=120 -qq update
$sudo apt-get -o DPkg::Lock::Timeout=120 -qq -y --no-install-recommends install wrk >/dev/null || missing
