"""Whose turn it is: the ONE person who is expected to move a task now."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from tracker.domain.terms import FINISHED, Status, WaitKind

Via = Literal[
    "finished",
    "deadlock",
    "unconfirmed",
    "waiting_person",
    "waiting_party",
    "outside",
    "checker",
    "owner",
    "conductor",
    "cycle",
    "unclear",
]
"""By which rule somebody has the turn. A turn that came over a chain keeps the rule that holds at its root."""


class WaitingOn(NamedTuple):
    """Whom or what a task waits for.

    `party` is the awaited party, or the awaited person's party: a wait inside the task's own party needs nobody's
    leave. `confirmed`: the conductor has passed it on across parties.
    """

    kind: str
    person: int | None = None
    party: int | None = None
    task: int | None = None
    confirmed: bool = True


class TurnFacts(NamedTuple):
    """What the rule needs to know of a task. `decider`: of the open deadlock that blocks it, if any has one."""

    id: int
    status: str
    owner: int | None
    checker: int | None = None
    party: int | None = None
    waiting: WaitingOn | None = None
    archived: bool = False
    decider: int | None = None


class Turn(NamedTuple):
    """`person` is None when the task is finished, or when a project has no conductor. `root`: where the chain ends."""

    person: int | None
    via: Via
    root: int | None
    cycle: bool = False


def is_finished(facts: TurnFacts) -> bool:
    return facts.archived or facts.status in FINISHED


def looks_the_same(before: TurnFacts, after: TurnFacts) -> bool:
    """Whether the turns of those who wait on a task stay where they are, whatever has changed of it."""
    return _as_awaited(before) == _as_awaited(after)


def _as_awaited(facts: TurnFacts) -> TurnFacts | None:
    """What a chain reads of a task on its way to the root: begun or not is the same to it; None: it is over."""
    if is_finished(facts):
        return None
    return facts._replace(status=Status.OPEN) if facts.status == Status.IN_PROGRESS else facts


def turn_of(
    task_id: int, tasks: Mapping[int, TurnFacts], leads: Mapping[int, int | None], conductor: int | None
) -> Turn:
    """Product rule 1. `leads` maps a party to its lead; `tasks` holds the task and every task of its chain."""
    facts = tasks[task_id]
    if is_finished(facts):
        return Turn(None, "finished", None)
    seen = {task_id}
    while (ahead := _chained(facts, tasks)) is not None:
        if ahead.id in seen:
            # Nobody in a circle can move first: a person has to cut it.
            return Turn(conductor, "cycle", facts.id, cycle=True)
        seen.add(ahead.id)
        facts = ahead
    if facts.id != task_id and facts.status == Status.DRAFT and facts.decider is None:
        # Nobody is asked about what is not clear yet, so whoever waits for it would wait in silence.
        return Turn(conductor, "unclear", facts.id)
    return _at_root(facts, tasks, leads, conductor)


def _chained(facts: TurnFacts, tasks: Mapping[int, TurnFacts]) -> TurnFacts | None:
    """The unfinished task that this one really waits on."""
    waiting = facts.waiting
    if facts.decider is not None or waiting is None or waiting.kind != WaitKind.TASK or waiting.task is None:
        return None
    ahead = tasks.get(waiting.task)
    if ahead is None or is_finished(ahead) or not _agreed(facts, waiting, ahead.party):
        return None
    return ahead


def _agreed(facts: TurnFacts, waiting: WaitingOn, party: int | None) -> bool:
    return waiting.confirmed or party == facts.party


def _at_root(
    facts: TurnFacts, tasks: Mapping[int, TurnFacts], leads: Mapping[int, int | None], conductor: int | None
) -> Turn:
    if facts.decider is not None:
        return Turn(facts.decider, "deadlock", facts.id)
    if facts.waiting is not None and (found := _awaited(facts, facts.waiting, tasks, leads, conductor)) is not None:
        return found
    if facts.status == Status.REVIEW:
        # Not the owner without a checker: nobody is asked to accept their own work.
        return _or_conductor(facts.checker, "checker", facts, conductor)
    return _or_conductor(facts.owner, "owner", facts, conductor)


def _awaited(
    facts: TurnFacts,
    waiting: WaitingOn,
    tasks: Mapping[int, TurnFacts],
    leads: Mapping[int, int | None],
    conductor: int | None,
) -> Turn | None:
    """Who is awaited; None where the wait is over or names nobody."""
    if waiting.kind == WaitKind.TASK:
        ahead = tasks.get(waiting.task) if waiting.task is not None else None
        if ahead is None or is_finished(ahead):
            return None
        return Turn(conductor, "unconfirmed", facts.id)
    if waiting.kind == WaitKind.OUTSIDE:
        return _or_conductor(facts.owner, "outside", facts, conductor)
    if not _agreed(facts, waiting, waiting.party):
        return Turn(conductor, "unconfirmed", facts.id)
    if waiting.kind == WaitKind.PERSON:
        return None if waiting.person is None else Turn(waiting.person, "waiting_person", facts.id)
    lead = leads.get(waiting.party) if waiting.party is not None else None
    return _or_conductor(lead, "waiting_party", facts, conductor)


def _or_conductor(person: int | None, via: Via, facts: TurnFacts, conductor: int | None) -> Turn:
    if person is None:
        return Turn(conductor, "conductor", facts.id)
    return Turn(person, via, facts.id)
