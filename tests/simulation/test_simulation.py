"""Weeks of a town of forty people in six zones on the real engine, which dies now and then: whatever happens, nobody
is written to at night, on days off, after "done", twice, or for somebody else, and nothing that is due is lost.

A failure ends with the line that shows it again. `python -m tests.simulation` runs a town by itself.
"""

import shutil
from datetime import date

import pytest

from tests.simulation.counts import EVERY_EVENT, EVERY_TASK, OURS, figures, table
from tests.simulation.life import Life
from tests.simulation.shadow import Wrong
from tracker.domain.nudging import digests
from tracker.domain.nudging import policy as nudging
from tracker.services.engine import clock
from tracker.services.engine import delivery as outbox
from tracker.services.ground import working_calendars as calendars

CHUNKS, LIVES = 6, 11
PERSON_DAYS = 100_000
WINTER, SPRING = date(2026, 12, 7), date(2027, 3, 1)
"""Across the New Year's holidays; across the clock changes of New York and Berlin."""


@pytest.fixture
def live(sqlite_template, tmp_path):
    """Runs a life on a database of its own: on SQLite, since the rules are the same and there are many lives."""

    def run(seed, start, *, weeks=6, people=40):
        file = tmp_path / f"{seed}.db"
        shutil.copyfile(sqlite_template, file)
        try:
            return Life(f"sqlite:///{file}", seed, start, weeks=weeks, people=people).run()
        finally:
            file.unlink()

    return run


@pytest.mark.parametrize(("seed", "start", "people"), [(1, date(2026, 12, 21), 40), (2, date(2027, 3, 8), 24)])
def test_three_weeks_across_holidays_and_clock_changes_hurt_nobody(live, seed, start, people):
    life = live(seed, start, weeks=3, people=people)
    # It was a life, and no silence: all steps were said, the engine died, people answered.
    assert {"notice", "n1_nodate", "n1_needed", "n2"} <= set(life.watch.steps)
    # The last days end after it in the west, and what has not ended is not judged.
    assert 19 * people < life.person_days <= 21 * people
    assert life.births > 3 and life.deeds > 100 and len(life.watch.seen) > 40
    found = figures([life.counts])
    assert found[OURS].most == 1 and found[OURS].outside == 0
    assert found[OURS].mean < found[EVERY_EVENT].mean < found[EVERY_TASK].mean


@pytest.mark.long
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_hundred_thousand_person_days_hurt_nobody(live, chunk, capsys):
    seeds = range(1000 + chunk * LIVES, 1000 + (chunk + 1) * LIVES)
    lives = [live(seed, SPRING if seed % 2 else WINTER) for seed in seeds]
    assert sum(life.person_days for life in lives) * CHUNKS >= PERSON_DAYS
    with capsys.disabled():
        print(f"\nseeds {seeds.start} to {seeds.stop - 1}\n{table([life.counts for life in lives])}")


KEPT = calendars._calendar


def sent_again(session, message, _detail, _now):
    message.state = "queued"
    session.add(message)


BREAKS = {
    "window": (outbox, "holds", lambda _person, _now: "", "invariant 1|first day back|agreed day"),
    "absences": (calendars, "_calendar", lambda *parts: KEPT(*parts[:-1], ()), "away|first day back"),
    "stops": (nudging, "_never", lambda _task, _person: "", "has taken over|the wrong person|after it was done"),
    "a human": (clock, "hand_over", lambda *_args: False, "was not told|no human knows"),
}
MORE = {
    "at most once": (outbox, "settle_unknown", sent_again, "never twice"),
    "holidays": (calendars, "public_days", lambda *_args: (frozenset(), frozenset()), "on a day off|too early"),
    "three tasks": (digests, "NAMED", 5, "three tasks at most"),
    "two questions": (nudging, "NUDGES", 3, "said before|the third question"),
}


@pytest.mark.parametrize("rule", [*BREAKS, *(pytest.param(rule, marks=pytest.mark.long) for rule in MORE)])
def test_the_judges_see_what_goes_wrong(live, monkeypatch, rule):
    """A judge that finds nothing proves nothing: each of these breaks one rule of the engine, and is seen."""
    module, name, instead, said = {**BREAKS, **MORE}[rule]
    monkeypatch.setattr(module, name, instead)
    with pytest.raises(Wrong, match=said):
        for seed in (1, 2, 3):  # in a small town not every rule is put to the proof in each month
            live(seed, date(2026, 12, 14), weeks=4, people=16)
