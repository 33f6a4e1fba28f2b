"""`python -m tests.simulation`: one run or several, and the table of messages by policy."""

import argparse
import tempfile
import time
from datetime import date
from pathlib import Path

from tests.simulation.counts import table
from tests.simulation.life import Life
from tracker.migrations import upgrade


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.simulation")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--runs", type=int, default=1)
    asked.add_argument("--start", type=date.fromisoformat, default=date(2026, 12, 7))
    asked.add_argument("--weeks", type=int, default=6)
    asked.add_argument("--people", type=int, default=40)
    given = asked.parse_args()
    lives = []
    for seed in range(given.seed, given.seed + given.runs):
        begun = time.process_time()
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder) / 'town.db'}"
            upgrade(url)
            life = Life(url, seed, given.start, weeks=given.weeks, people=given.people).run()
        lives.append(life)
        watch = life.watch
        print(
            f"{life}: {len(watch.seen)} messages, {life.deeds} deeds ({len(life.refused)} refused), "
            f"{life.rounds} rounds, {life.births - 1} restarts, {life.person_days} person-days, "
            f"{time.process_time() - begun:.1f} s"
        )
        print(
            f"  steps {dict(watch.steps)}\n  handed over {dict(watch.cards)}\n  late by {dict(life.vigil.lateness)}, "
            f"stalled at most {dict(life.vigil.delays)} working days"
        )
    print(f"\n{table([life.counts for life in lives])}")


if __name__ == "__main__":
    main()
