"""`demo`: something to look at, or something large to measure."""

from datetime import UTC, datetime

import click

from tracker.cli.desk import N_, as_json, desk, report
from tracker.cli.serving import brought_up
from tracker.wording.say import say


@click.command()
@click.option("--tasks", type=click.IntRange(1, 1_000_000), help="A synthetic project of this size, for benchmarks.")
@click.option("--people", type=click.IntRange(2, 10_000), default=200, show_default=True, help="With --tasks.")
@click.option("--seed", type=int, default=1, show_default=True, help="With --tasks: the same seed, the same project.")
@click.option("--migrate", "migrates", is_flag=True, help="Bring the schema up first: a start of Python less.")
@as_json
def demo(tasks: int | None, people: int, seed: int, migrates: bool, as_json: bool) -> None:
    """Load the demo project into an empty database; says how to sign in, the same on every run."""
    with desk(any_schema=migrates) as opened:
        if migrates:
            brought_up(opened)
        wall_now = datetime.now(UTC)
        if tasks is None:
            from tracker.demo.seeding import load_demo

            loaded = load_demo(opened.database, opened.settings, wall_now=wall_now)
        else:
            from tracker.demo.synthetic import load_synthetic

            loaded = load_synthetic(
                opened.database, opened.settings, tasks=tasks, people=people, seed=seed, wall_now=wall_now
            )
        url = f"{opened.settings.public_url}/projects/{loaded.project}/register"
        opened.anchor_all()
    found = {"project": loaded.project, "url": url, "sign_in": {"email": loaded.email, "password": loaded.password}}
    if as_json:
        report(found, as_json)
    else:
        language = opened.settings.language
        for text, value in ((N_("Address"), url), (N_("E-mail"), loaded.email), (N_("Password"), loaded.password)):
            click.echo(f"{say(language, text)}: {value}")
