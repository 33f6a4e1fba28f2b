#!/bin/sh
# The benchmarks load the server with wrk: install it where that can be done, else say what is missing.
set -eu
command -v wrk >/dev/null && exit 0
"$(dirname "$0")/debian.sh" wrk || { echo "wrk is missing. Install it (Debian: apt-get install wrk)." >&2; exit 1; }
