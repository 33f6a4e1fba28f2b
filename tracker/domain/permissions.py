"""Who may see and do what: pure predicates over a person's standing.

The SQL scopes beside the verbs mirror `sight_of_task`; a property test holds the two together.
"""

from enum import IntEnum
from typing import NamedTuple

from tracker.domain.errors import Forbidden
from tracker.domain.terms import Role

HOUSE_ROLE = "house"
"""The engine and the command line: they act for the installation, not for a person."""


class Standing(NamedTuple):
    """What somebody is in a project. `integrations`: those they are on; `parties`: those they lead."""

    person_id: int | None
    project_id: int
    role: str
    party_id: int | None = None
    can_decide: bool = False
    integrations: frozenset[int] = frozenset()
    parties: frozenset[int] = frozenset()
    stands_for: frozenset[int] = frozenset()
    """Whom they stand in for today: those are away, and named them their deputy."""

    @property
    def runs(self) -> bool:
        """Conducts it: may do everything in the project."""
        return self.role in (Role.CONDUCTOR, HOUSE_ROLE)

    @property
    def sees_all(self) -> bool:
        return self.runs or self.role == Role.OBSERVER


class Sight(IntEnum):
    """How much of a task somebody sees: not at all, number and title and status and dates, or everything."""

    NONE = 0
    OUTLINE = 1
    FULL = 2


class TaskPeople(NamedTuple):
    """Who a task belongs to, as far as seeing it is concerned."""

    project_id: int
    integration_id: int | None
    party_id: int | None
    owner_id: int | None
    checker_id: int | None
    turn_id: int | None
    turn_party_id: int | None
    waiting_person_id: int | None
    blocks_persons: frozenset[int] = frozenset()
    """Owners and persons of the turn of unfinished tasks that wait on this one."""

    @property
    def persons(self) -> frozenset[int | None]:
        return frozenset({self.owner_id, self.checker_id, self.turn_id, self.waiting_person_id}) - {None}


def sight_of_task(standing: Standing, task: TaskPeople) -> Sight:
    """Rule 9: all tasks of one's integrations in outline; one's own in full; what blocks one's own in outline."""
    if standing.project_id != task.project_id:
        return Sight.NONE
    if standing.sees_all or standing.person_id in task.persons or task.turn_id in standing.stands_for:
        return Sight.FULL
    if task.party_id in standing.parties or task.turn_party_id in standing.parties:
        return Sight.FULL
    if task.integration_id is not None and task.integration_id in standing.integrations:
        return Sight.OUTLINE
    return Sight.OUTLINE if standing.person_id in task.blocks_persons else Sight.NONE


def may_see_note(standing: Standing, *, private: bool) -> bool:
    """Of a task that they may see in full. Private ones are the conductors' own, to write as to read."""
    return standing.runs or not private


def may_see_contacts(standing: Standing, person_id: int) -> bool:
    return standing.runs or standing.role == Role.OBSERVER or standing.person_id == person_id


def may_edit_task(standing: Standing, task: TaskPeople) -> bool:
    """Change what is asked, from whom and by when."""
    return standing.runs


def may_reassign(standing: Standing, task: TaskPeople, new_party_id: int | None) -> bool:
    """A lead hands over within the own party."""
    if standing.runs:
        return True
    return standing.role == Role.LEAD and task.party_id in standing.parties and new_party_id in standing.parties


def may_answer(standing: Standing, task: TaskPeople) -> bool:
    """Say how it goes: who may by themself, and who stands in for the person of the turn."""
    return may_answer_alone(standing, task) or may_stand_in(standing, task)


def may_answer_alone(standing: Standing, task: TaskPeople) -> bool:
    """The person of the turn, the owner, who is awaited, the checker; a lead for their party."""
    if standing.runs:
        return True
    if standing.role == Role.OBSERVER:
        return False
    if standing.person_id in task.persons:
        return True
    return standing.role == Role.LEAD and (task.party_id in standing.parties or task.turn_party_id in standing.parties)


def may_stand_in(standing: Standing, task: TaskPeople) -> bool:
    """A deputy acts on the turn of who is away, and on nothing else of theirs: not on signatures, not on checks."""
    return task.turn_id != standing.person_id and task.turn_id in standing.stands_for


def may_be_deputy(role: str) -> bool:
    """Who only looks on is asked nothing, and stands in for nobody."""
    return role != Role.OBSERVER


def may_comment(standing: Standing, task: TaskPeople) -> bool:
    return may_answer(standing, task)


def may_act_for(standing: Standing, behalf_id: int | None) -> bool:
    """«Со слов»: only who conducts notes somebody else's answer."""
    return behalf_id is None or behalf_id == standing.person_id or standing.runs


class IntegrationPeople(NamedTuple):
    """Who an integration belongs to. `parties`: those of its members, of its tasks and of its systems' owners."""

    project_id: int
    integration_id: int
    parties: frozenset[int] = frozenset()


def may_see_integration(standing: Standing, integration: IntegrationPeople) -> bool:
    """Its members; who leads a party in it; conductors and observers."""
    if standing.project_id != integration.project_id:
        return False
    if standing.sees_all or integration.integration_id in standing.integrations:
        return True
    return not standing.parties.isdisjoint(integration.parties)


def may_record_check(standing: Standing, tester_id: int | None, accountable_id: int | None) -> bool:
    """Say how a check went: its tester, the accountable person, the conductor."""
    if standing.runs:
        return True
    return standing.role != Role.OBSERVER and standing.person_id in (tester_id, accountable_id)


def is_named(standing: Standing, mover_id: int | None, named_id: int | None) -> bool:
    """For what only one named person can say: themself, or the conductor noting their word («со слов»)."""
    return named_id is not None and mover_id == named_id and may_act_for(standing, mover_id)


class MeetingPeople(NamedTuple):
    project_id: int
    invited: frozenset[int]


def may_see_meeting(standing: Standing, meeting: MeetingPeople) -> bool:
    if standing.project_id != meeting.project_id:
        return False
    return standing.sees_all or standing.person_id in meeting.invited


class DeadlockPeople(NamedTuple):
    """Who a deadlock is between. `persons`: its decider, and owners and persons of the turn of what it blocks."""

    project_id: int
    integration_id: int | None
    parties: frozenset[int]
    persons: frozenset[int]


def may_see_deadlock(standing: Standing, deadlock: DeadlockPeople) -> bool:
    if standing.project_id != deadlock.project_id:
        return False
    if standing.sees_all or standing.person_id in deadlock.persons or standing.party_id in deadlock.parties:
        return True
    if deadlock.integration_id is not None and deadlock.integration_id in standing.integrations:
        return True
    return not standing.parties.isdisjoint(deadlock.parties)


def may_state_position(standing: Standing, party_id: int) -> bool:
    """Each party words its own position only; the conductor notes any of them."""
    if standing.runs:
        return True
    return standing.role != Role.OBSERVER and (party_id == standing.party_id or party_id in standing.parties)


def require(allowed: bool, code: str = "forbidden") -> None:
    """The second question: visible, but may they?"""
    if not allowed:
        raise Forbidden(code)


def require_conductor(standing: Standing) -> None:
    """To change the project itself: people, parties, integrations, meetings, messages, settings."""
    require(standing.runs, "conductor_only")
