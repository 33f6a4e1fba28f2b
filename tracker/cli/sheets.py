"""`import` and `export`: registers from and into the sheets that people keep."""

import hashlib
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import click

from tracker.cli.desk import as_json, desk, now_of, project_named, report
from tracker.cli.failing import Ended
from tracker.domain.errors import Invalid
from tracker.formats.import_report import report as report_of
from tracker.formats.sheet_worker import read_file
from tracker.formats.sheet_writer import as_csv, as_xlsx, register_table
from tracker.services.access.loading import standing
from tracker.services.ground.journal import CLI
from tracker.services.imports.applying import apply
from tracker.services.imports.plan import plan
from tracker.wording.marking import N_
from tracker.wording.refusals import sentence
from tracker.wording.say import say


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--project", "key", required=True, help="Key of the project.")
@click.option("--apply", "apply_it", is_flag=True, help="Write it; without this only the report is made.")
@as_json
def import_sheet(file: Path, key: str, apply_it: bool, as_json: bool) -> None:
    """Read a register out of a CSV, TSV or XLSX FILE. Nobody is told; a dry run unless --apply."""
    content = file.read_bytes()
    with desk() as opened:
        language = opened.settings.language
        try:
            sheet = read_file(content, file.name)
        except Invalid as unreadable:
            raise Ended(sentence(language, unreadable)) from None
        with opened.database.reading() as session:
            home, now = project_named(session, opened, key).id, now_of(session)
            made = None if apply_it else plan(session, CLI, home, sheet, now=now)
        if made is None:
            digest = hashlib.sha256(content).hexdigest()
            with told_to_end() as ending:
                made = apply(
                    opened.database, CLI, home, sheet, file_name=file.name, sha256=digest, now=now, ending=ending.is_set
                )
    found = report_of(language, made)
    if as_json:
        report(found, as_json)
        sys.exit(1 if made.not_reached else 0)
    for item in found["items"]:
        click.echo(f"{item['row'] or '-':>5}  {item['action']:<8} {item['reason']}")
    click.echo(" ".join(f"{name}: {found[name]}" for name in ("rows", "created", "updated", "skipped", "applied")))
    if made.not_reached:
        raise Ended(say(language, N_("Ended before {rows} rows. Import the same file again."), rows=made.not_reached))


@contextmanager
def told_to_end() -> Iterator[Event]:
    """Set by the first signal to end, so that a long import leaves off after the batch it is at; a second one kills."""
    ending = Event()

    def end(number: int, _frame: object) -> None:
        ending.set()
        signal.signal(number, signal.SIG_DFL)

    before = {one: signal.signal(one, end) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield ending
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@click.command()
@click.option("--project", "key", required=True, help="Key of the project.")
@click.option("--format", "kind", type=click.Choice(["csv", "xlsx"]), help="Else by the ending of --output, else csv.")
@click.option("--output", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Else standard output.")
@click.option("--excel", is_flag=True, help="CSV as Excel in Russian opens it: marked UTF-8, semicolons.")
@as_json
def export(key: str, kind: str | None, output: Path | None, excel: bool, as_json: bool) -> None:
    """Write a project's register as CSV or XLSX."""
    if as_json and output is None:
        raise click.UsageError("--json reports about a file: say --output too")
    kind = kind or ("xlsx" if output is not None and output.suffix.lower() == ".xlsx" else "csv")
    with desk() as opened, opened.database.reading() as session:
        home = project_named(session, opened, key)
        mine = standing(session, CLI, home.id)
        rows = list(register_table(session, home, mine, opened.settings.language, now=now_of(session)))
    content = as_xlsx(iter(rows)) if kind == "xlsx" else as_csv(iter(rows), for_excel=excel)
    if output is None:
        sys.stdout.buffer.write(content)
        return
    output.write_bytes(content)
    report({"file": str(output), "rows": len(rows) - 1}, as_json)
