"""Tests mirror the code: the tests of `tracker/services/tasks/editing.py` are `tests/services/tasks/test_editing.py`.

A second file about a module is named `test_editing_<topic>.py`. A module without a file of its own stands in the first
table, with a module that imports it and whose tests try it: what is only read is tried by the page that shows it. A
test of several modules stands in the second table.
"""

import ast
from functools import cache

import pytest

from tests.places import ROOT

THROUGH = {
    "api/answers": "api/guarded",
    "api/evidence": "api/checks",
    "api/guarded": "api/http/schema",
    "api/http/created": "api/tasks",
    "api/http/errors": "api/http/problems",
    "api/http/inputs": "api/tasks",
    "api/http/views": "api/tasks",
    "api/http/measure": "api/guarded",
    "api/mounting": "server/app",
    "api/systems": "api/guarded",
    "api/views_meeting": "api/meetings",
    "demo/sign_in": "demo/seeding",
    "demo/story": "demo/seeding",
    "demo/synthetic": "cli/showing",
    "demo/told": "demo/story",
    "domain/nudging/cases": "domain/nudging/policy",
    "domain/nudging/foresight": "services/messages/preview",
    "domain/nudging/sending": "services/messages/outcomes",
    "domain/nudging/silence": "services/nudging/silence",
    "domain/sheets/columns": "formats/sheet_reader",
    "keeping/archives": "keeping/backup",
    "paths": "services/integrations/packs",
    "server/emulator_address": "server/telegram",
    "server/threshold": "server/app",
    "services/access/entrance": "web/http/routes",
    "services/access/voice": "services/tasks/answers",
    "services/facts/events": "api/journal",
    "services/facts/evidence": "api/evidence",
    "services/facts/files": "web/tasks/files",
    "services/facts/history": "web/podium/journal",
    "services/facts/integrations": "api/integrations",
    "services/facts/meetings": "api/meetings",
    "services/facts/people": "api/people",
    "services/facts/subjects": "web/podium/journal",
    "services/facts/tasks": "api/tasks",
    "services/ground/directory": "services/register/page",
    "services/ground/opening": "keeping/backup",
    "services/ground/presses": "web/http/double_press",
    "services/ground/working_calendars": "services/turns/sums",
    "services/house/journal_check": "keeping/verifying",
    "services/integrations/check_evidence": "services/integrations/checks",
    "services/meetings/guests": "services/meetings/inviting",
    "services/messages/by_hand": "web/messages/page",
    "services/messages/next": "web/podium/page",
    "services/messages/overview": "web/messages/page",
    "services/nudging/message_facts": "services/engine/delivery",
    "services/podium/my_page": "web/podium/my_steps",
    "services/podium/overview": "web/podium/page",
    "services/podium/steps": "web/podium/my_steps",
    "services/tasks/acts": "services/tasks/answers",
    "services/tasks/following": "services/tasks/editing",
    "web/handlers": "server/app",
    "web/http/request": "web/http/forms",
    "web/http/routes": "web/register/page",
    "web/people/forms": "web/people/list",
    "web/register/rows": "web/register/page",
    "web/tasks/answers": "web/tasks/page",
    "web/tasks/forms": "web/tasks/edit",
    "wording/events": "web/podium/journal",
    "wording/marking": "wording/messages",
    "wording/needs": "web/podium/page",
    "wording/refusals": "web/http/refusals",
    "wording/say": "wording/messages",
    "wording/self_watch": "web/podium/page",
    "wording/why": "web/messages/page",
    "wording/words": "web/register/page",
    "bot/emulator/own_methods": "bot/emulator/methods",
    "bot/emulator/records": "bot/emulator/state",
    "bot/emulator/server": "bot/emulator/state",
    "bot/files": "bot/handlers",
    "bot/handlers": "bot/run",
    "bot/placing": "bot/free_text",
    "bot/preferences": "bot/commands",
    "bot/texts": "bot/presses",
    "bot/wire/threads": "bot/run",
}
ACROSS = {
    "api/deputies", "api/mounted", "api/shapes", "api/verbs", "bot/emulator/with_python_telegram_bot", "bot/story",
    "cli/cli", "demo/six_weeks", "services/messages/kinds", "web/a_third_language", "web/bad_input",
    "web/bad_input_dead_database", "web/http/threshold", "web/matrix", "web/place_queries",
}  # fmt: skip
# Closed lists, shapes of facts, and roots that only put together: nothing in them can be right or wrong by itself.
NOTHING_TO_TRY = {"domain/events", "domain/self_watch", "domain/terms", "domain/errors", "bot/replies"}
UNMIRRORED = ("tables", "migrations")
"""Rows, and changes of them: tried by everything, and by tests/migrations."""


@cache
def modules() -> dict[str, str]:
    """Name as in the tables above -> text."""
    files = [file for top in ("tracker", "bot") for file in sorted((ROOT / top).rglob("*.py"))]
    named = {str(file.relative_to(ROOT).with_suffix("")).removeprefix("tracker/"): file for file in files}
    return {
        name: file.read_text()
        for name, file in named.items()
        if not file.stem.startswith("__") and name.split("/")[0] not in UNMIRRORED
    }


@cache
def named_files() -> set[str]:
    """Name without `test_`: services/tasks/editing."""
    found = (file.relative_to(ROOT / "tests").with_suffix("") for file in (ROOT / "tests").rglob("test_*.py"))
    return {str(file.with_name(file.name.removeprefix("test_"))) for file in found}


def files_about(module: str) -> list[str]:
    return [test for test in named_files() if test == module or test.startswith(f"{module}_")]


def dotted(module: str) -> str:
    return module.replace("/", ".") if module.startswith("bot/") else f"tracker.{module.replace('/', '.')}"


def imported_by(module: str) -> set[str]:
    """Dotted names, those of packages among them."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(modules()[module])):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def test_every_module_is_tried_where_its_name_says_or_where_the_table_does():
    left = {module for module in modules() if not files_about(module)}
    assert left == {*THROUGH, *NOTHING_TO_TRY}


@pytest.mark.parametrize("module", sorted(THROUGH))
def test_who_tries_a_module_for_another_uses_it_and_has_tests(module):
    through = THROUGH[module]
    assert dotted(module) in imported_by(through)
    asked = {module}
    while through in THROUGH:
        assert through not in asked, "nobody tries it"
        asked.add(through)
        through = THROUGH[through]
    assert files_about(through)


def test_every_test_file_has_its_module_or_tells_of_several():
    tried = {test for module in modules() for test in files_about(module)}
    rooms = {module.rpartition("/")[0] for module in modules()}
    assert {test for test in named_files() - tried if test.rpartition("/")[0] in rooms} == ACROSS


def test_no_folder_of_tests_is_a_hall():
    folders = {folder: len([*folder.glob("*.py")]) for folder in (ROOT / "tests").rglob("*") if folder.is_dir()}
    assert {str(folder): files for folder, files in folders.items() if files > 20} == {}
