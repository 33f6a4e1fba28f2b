#!/bin/sh
# Writes the hashed locks: what a running Auftakt needs, what its tests need on top, and the installer itself.
# They name no registry, so that each machine installs from the one it is set up for.
set -eu
cd "$(dirname "$0")/.."
compile() {
    .venv/bin/uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.11 \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links "$@" >/dev/null
}
compile --extra build pyproject.toml -o requirements/run.txt
compile --extra test --constraint requirements/run.txt pyproject.toml -o requirements/test.txt
echo uv | compile - -o requirements/uv.txt
