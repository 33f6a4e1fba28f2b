#!/bin/sh
# Writes the hashed locks: what a running Auftakt needs, what its tests need on top, and the installer itself.
# They name no registry, so that each machine installs from the one it is set up for.
#
# Left out: what Litestar asks for and imports only where an application wants made-up examples in its schema, which
# ours does not. Therefore locks are installed without looking at what packages ask for (scripts/install.sh), and a test
# does so instead (tests/architecture/test_locks.py). A plain `pip install auftakt` still draws them: 15 MB.
set -eu
cd "$(dirname "$0")/.."
compile() {
    .venv/bin/uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.11 \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
        --no-emit-package polyfactory --no-emit-package faker "$@" >/dev/null
}
compile --extra build pyproject.toml -o requirements/run.txt
compile --extra test --constraint requirements/run.txt pyproject.toml -o requirements/test.txt
echo uv | compile - -o requirements/uv.txt
