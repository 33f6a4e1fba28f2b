"""`import` and `export`: registers from and into the sheets that people keep."""

import hashlib
import sys
from pathlib import Path

import click

from tracker.cli.desk import CLI, as_json, desk, now_of, project_named, report
from tracker.cli.failing import Ended
from tracker.domain.errors import Invalid
from tracker.formats.import_report import report as report_of
from tracker.formats.sheet_worker import read_file
from tracker.formats.sheet_writer import as_csv, as_xlsx, register_table
from tracker.services.access.loading import standing
from tracker.services.imports.applying import apply
from tracker.services.imports.plan import plan
from tracker.wording.refusals import sentence


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
            made = apply(opened.database, CLI, home, sheet, file_name=file.name, sha256=digest, now=now)
    found = report_of(language, made)
    if as_json:
        report(found, as_json)
        return
    for item in found["items"]:
        click.echo(f"{item['row'] or '-':>5}  {item['action']:<8} {item['reason']}")
    click.echo(" ".join(f"{name}: {found[name]}" for name in ("rows", "created", "updated", "skipped", "applied")))


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
