"""How many messages a person gets a day: from us, and by two policies that other trackers have, over the same life."""

from collections import Counter, defaultdict
from datetime import date, datetime
from typing import NamedTuple

from tests.simulation.shadow import Case, Citizen, Shadow

OURS, EVERY_TASK, EVERY_EVENT = "Auftakt", "every task every day", "a mail for every event"
POLICIES = (OURS, EVERY_TASK, EVERY_EVENT)


class Figures(NamedTuple):
    """Of one policy: messages per person and working day; `outside`: the share that came outside working hours."""

    mean: float
    p95: int
    most: int
    outside: float


class Counts:
    """The conductors are left out: they get cards."""

    def __init__(self, shadow: Shadow) -> None:
        self.shadow = shadow
        self.got: dict[str, Counter[tuple[int, date]]] = {policy: Counter() for policy in POLICIES}
        self.outside: Counter[str] = Counter()
        self.days: set[tuple[int, date]] = set()

    def _count(self, policy: str, person: int, now: datetime) -> None:
        hours = self.shadow.people[person].hours
        self.got[policy][person, hours.day(now)] += 1
        self.outside[policy] += not hours.is_open(now)

    def message(self, person: int, now: datetime) -> None:
        self._count(OURS, person, now)

    def event(self, case: Case, before: set[int], actor: int | None, now: datetime) -> None:
        """A tracker that writes to everybody concerned but the one who did it."""
        for person in before | self.shadow.concerned(case):
            if person != actor and not self.shadow.people[person].conducts:
                self._count(EVERY_EVENT, person, now)

    def close_day(self, person: Citizen, day: date) -> None:
        if person.conducts or not person.hours.works(day):
            return
        self.days.add((person.id, day))
        mine = sum(case.turn == person.id and case.facts.status != "draft" for case in self.shadow.cases.values())
        self.got[EVERY_TASK][person.id, day] += mine

    def figures(self) -> dict[str, Figures]:
        return figures([self])


def figures(all_of_them: list[Counts]) -> dict[str, Figures]:
    """Over several lives together."""
    values: dict[str, list[int]] = defaultdict(list)
    for counts in all_of_them:
        for policy in POLICIES:
            values[policy] += [counts.got[policy][key] for key in counts.days]
    found = {}
    for policy in POLICIES:
        ordered = sorted(values[policy])
        total = sum(sum(counts.got[policy].values()) for counts in all_of_them)
        outside = sum(counts.outside[policy] for counts in all_of_them)
        found[policy] = Figures(
            sum(ordered) / len(ordered), ordered[int(len(ordered) * 0.95)], ordered[-1], outside / max(total, 1)
        )
    return found


def table(all_of_them: list[Counts]) -> str:
    """As the README shows it."""
    lines = [
        "| messages per person and working day | mean | p95 | most | outside working hours |",
        "|---|---|---|---|---|",
    ]
    for policy, found in figures(all_of_them).items():
        lines.append(f"| {policy} | {found.mean:.2f} | {found.p95} | {found.most} | {found.outside:.0%} |")
    return "\n".join(lines)
