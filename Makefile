# Two commands matter: `make run` shows Auftakt, `make check` says whether it is well. The rest is listed by `make help`.
# A machine may forbid byte code; a start would then compile every library anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run programs test check structure long bench messages lock
BIN := .venv/bin
LOCKED := pyproject.toml CHANGELOG.md requirements/uv.txt scripts/install.sh

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' $(MAKEFILE_LIST)

.venv/.run-ready: requirements/run.txt $(LOCKED)
	@scripts/install.sh run
	@touch $@

.venv/.test-ready: requirements/test.txt $(LOCKED)
	@scripts/install.sh test
	@touch $@ .venv/.run-ready

run: export AUFTAKT_DEMO = 1
run: .venv/.run-ready ## show the demo at http://127.0.0.1:8000
	@$(BIN)/auftakt demo --migrate
	@exec $(BIN)/auftakt serve

# What the tests need beside Python, from the system's packages.
programs:
	@scripts/chromium.sh
	@scripts/postgresql.sh

test: .venv/.test-ready programs ## every test, on SQLite and PostgreSQL and in a browser
	$(BIN)/pytest -n auto --maxprocesses 4 --dist worksteal

check: .venv/.test-ready ## what CI runs: format, lint, types, architecture, then the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/messages.py --check
	$(MAKE) --no-print-directory test

structure: .venv/.test-ready ## the house in numbers
	$(BIN)/python scripts/structure.py

long: .venv/.test-ready programs ## the long forms: kills, simulations, load
	$(BIN)/pytest -m long -n auto --maxprocesses 4 --dist worksteal

bench: .venv/.test-ready ## the benchmarks
	@scripts/chromium.sh
	@scripts/wrk.sh
	$(BIN)/python -m bench

messages: .venv/.test-ready ## draw the texts out of the code, bring the catalogs up to date, list what is not translated
	$(BIN)/python scripts/messages.py

.PHONY: drawing
drawing: .venv/.test-ready ## draw docs/house.svg out of the imports
	$(BIN)/python -m scripts.drawing

lock: .venv/.test-ready ## pin the newest versions that pyproject.toml allows
	@scripts/lock.sh
