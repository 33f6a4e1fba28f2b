"""`make bench`: pages and changes per second as ratios to the reference of the same run, memory, start, first load.

Several rounds, each measuring everything once between two measurements of the reference; the medians of the rounds'
ratios count. Load goes to loopback and ends by itself.
"""

import argparse
import json
import statistics
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from bench import engine, scripts, wrk
from bench.serving import Site, reference_server, site

Measured = TypeVar("Measured")
OUT = Path(__file__).resolve().parent / "out"
WANTED = {
    "register": 3.5,
    "register beside writes": 3.0,
    "status change": 3.0,
    "unchanged page": 10.0,
}
"""Per cent of the reference's requests a second."""
SHARE = 0.1
"""Of changes among all requests where both are measured together; what comes of it is printed."""


class Figures:
    """What was measured: name -> a value for each round."""

    def __init__(self) -> None:
        self.rates: defaultdict[str, list[float]] = defaultdict(list)
        self.ratios: defaultdict[str, list[float]] = defaultdict(list)
        self.p95: defaultdict[str, list[float]] = defaultdict(list)
        self.bad = self.lost = 0

    def add(self, name: str, load: wrk.Load, beside: Sequence[wrk.Load]) -> None:
        """`beside`: the reference just before and just after."""
        self.rates[name].append(load.rate)
        self.ratios[name].append(100 * load.rate / statistics.mean(one.rate for one in beside))
        self.p95[name].append(load.p95)
        self.bad += load.bad + sum(one.bad for one in beside)
        self.lost += load.lost + sum(one.lost for one in beside)


class Reference:
    """Answers of a length from the same framework, measured again between all that is compared with it: a shared
    machine is twice as fast in one quarter of a minute as in the next."""

    def __init__(self, url: str, seconds: int) -> None:
        self.url, self.seconds = url, max(seconds // 2, 1)

    def run(self, length: int) -> wrk.Load:
        return wrk.run(f"{self.url}/{length}", seconds=self.seconds)

    def around(self, length: int, measured: Callable[[], Measured]) -> tuple[Measured, list[wrk.Load]]:
        before = self.run(length)
        found = measured()
        return found, [before, self.run(length)]


def one_round(place: Site, reference: Reference, figures: Figures, seconds: int) -> None:
    """Everything once, each beside the reference with a body of its own length."""
    register = scripts.register(place.cookie, place.key, place.owners, place.integrations)
    page = f"/projects/{place.key}/register"
    body, _etag = place.page(page)
    row = place.row_length()

    def measure(name: str, length: int, script: str) -> wrk.Load:
        load, beside = reference.around(length, lambda: wrk.run(place.url, script, seconds=seconds))
        figures.add(name, load, beside)
        return load

    alone = measure("register", len(body), register)
    measure("one page again", len(body), scripts.one_page(place.cookie, page))
    measure("status change", row, scripts.edits(place.cookie, place.url, place.versions()))
    _body, etag = place.page(page)
    measure("unchanged page", 0, scripts.one_page(place.cookie, page, etag))
    # Changes have a thread of their own and would come as often as they can: people change one page in ten. Beside
    # them pages come a little slower than alone.
    pause = round(1000 / max(0.9 * alone.rate * SHARE / (1 - SHARE), 1))
    edits = scripts.edits(place.cookie, place.url, place.versions(), pause)

    def together() -> tuple[wrk.Load, wrk.Load]:
        readers = wrk.start(place.url, register, seconds=seconds, connections=7)
        writer = wrk.start(place.url, edits, seconds=seconds, connections=1)
        return wrk.result(readers), wrk.result(writer)

    (read, written), beside = reference.around(len(body), together)
    figures.add("register beside writes", read, beside)
    figures.add("writes beside", written, [reference.run(row)])
    figures.rates["share of writes, %"].append(100 * written.requests / (read.requests + written.requests))


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=100_000, help="0 leaves the large register out")
    parser.add_argument("--only", choices=("pages", "engine"), help="one half of it")
    asked = parser.parse_args()
    missed = 0 if asked.only == "pages" else tell_engine(engine.measure(rounds=asked.rounds))
    return missed if asked.only == "engine" else missed | pages(asked)


def tell_engine(found: engine.Figures) -> int:
    """Print the engine's figures beside the bare database's; exit status 1 when one was missed."""
    values = [found.quiet * 1000, found.busy, found.held * 1000]
    bare = [f"{found.look * 1000:.2f} ms for a bare look", f"{found.insert:.3f} s for {engine.DUE:,} bare rows", ""]
    missed = False
    print("a round of the clock over 100,000 open tasks of 10,000 people")
    for (name, wanted), value, beside in zip(engine.WANTED.items(), values, bare, strict=True):
        missed |= value > wanted
        print(f"  {name:36}{value:>8.2f}   ≤ {wanted:g}{'  MISSED' if value > wanted else ''}   {beside}")
    return int(missed)


def pages(asked: argparse.Namespace) -> int:
    """What the server does: pages, changes, start, memory."""
    wrk.require_wrk()
    OUT.mkdir(exist_ok=True)
    figures = Figures()
    facts: dict[str, object] = {}
    with reference_server() as reference:
        with site(asked.tasks) as place:
            facts["ready after, s"] = place.ready_after
            facts["first load"] = place.first_load()
            for _ in range(asked.rounds):
                one_round(place, Reference(reference, asked.seconds), figures, asked.seconds)
            facts["RssAnon after the load, MB"] = place.anonymous_memory()
        if asked.large:
            with site(asked.large) as place:
                large = scripts.register(place.cookie, place.key, place.owners, place.integrations)
                load = wrk.run(place.url, large, seconds=asked.seconds)
                facts[f"register of {asked.large} tasks, pages/s"] = round(load.rate, 1)
                facts[f"register of {asked.large} tasks, p95 ms"] = round(load.p95, 1)
    return tell(figures, facts)


def tell(figures: Figures, facts: dict[str, object]) -> int:
    """Print the table; exit status 1 when a wanted ratio was missed or answers were bad."""
    missed = figures.bad > 0
    print(f"{'':26}{'per second':>12}{'p95 ms':>9}{'% of ref.':>11}{'wanted':>9}")
    for name, ratios in figures.ratios.items():
        ratio, wanted = statistics.median(ratios), WANTED.get(name)
        verdict = "" if wanted is None else f"≥ {wanted}" + ("" if ratio >= wanted else "  MISSED")
        missed |= wanted is not None and ratio < wanted
        rate, p95 = statistics.median(figures.rates[name]), statistics.median(figures.p95[name])
        print(f"{name:26}{rate:>12.1f}{p95:>9.1f}{ratio:>11.2f}   {verdict}")
    slower = statistics.median(figures.p95["writes beside"]) / statistics.median(figures.p95["register beside writes"])
    missed |= slower > 3
    print(f"\nwrite p95 / read p95 beside one another: {slower:.2f} (wanted ≤ 3)")
    print(f"share of writes beside reads: {statistics.median(figures.rates['share of writes, %']):.0f} %")
    print(f"answers that were no 2xx or 3xx: {figures.bad}; lost or later than 2 s: {figures.lost}")
    for name, value in facts.items():
        print(f"{name}: {value}")
    kept = {"rates": figures.rates, "ratios": figures.ratios, "p95": figures.p95, "facts": facts}
    (OUT / "bench.json").write_text(json.dumps(kept, indent=1, default=str))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
