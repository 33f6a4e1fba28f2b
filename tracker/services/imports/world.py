"""What an import meets in the project: its parties, integrations, people and tasks, and what earlier imports wrote."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from tracker.db import rows
from tracker.domain.names import Directory, candidates, names_several, one_person
from tracker.domain.sheets.columns import Column
from tracker.domain.sheets.own_export import OWN
from tracker.domain.sheets.rows import Note, folded, is_somebody
from tracker.domain.terms import Role
from tracker.services.ground.directory import directory_of
from tracker.services.tasks.editing import today_in
from tracker.tables import Import, Integration, Membership, Party, Person, Project, Task


class KnownTask(NamedTuple):
    """A task that is there already."""

    id: int
    number: int
    sheet_ref: str
    title: str
    integration_id: int | None
    party_id: int | None
    owner_id: int | None
    status: str
    needed_by: date | None
    notes: str
    done_means: str
    waiting_kind: str | None
    asks_evidence: bool
    archived_at: datetime | None
    version: int
    own_1: str
    own_2: str
    own_3: str


class KnownMember(NamedTuple):
    id: int
    name: str
    email: str | None
    party_id: int | None


class Owner(NamedTuple):
    """Who an owner's cell means, and what the report says about it."""

    id: int | None
    name: str
    notes: tuple[Note, ...]


NO_OWNER = Owner(None, "", ())


@dataclass
class SheetWorld:
    """The project as a sheet is compared with it. `written`: task -> what the last import read for it."""

    project: Project
    today: date
    parties: dict[str, tuple[int, str]]
    integrations: dict[str, tuple[int, str]]
    integration_keys: Mapping[int, str]
    """Of those put away too: their tasks are known all the same."""
    members: list[KnownMember]
    tasks: list[KnownTask]
    written: Mapping[int, Mapping[str, Any]]
    names: Directory
    owners: dict[tuple[str, int | None, bool], Owner] = field(default_factory=dict)

    def shown(self, task: KnownTask) -> dict[Column, str]:
        """The task's cells as our own export shows them now."""
        return {
            Column.TITLE: task.title,
            Column.INTEGRATION: self.names.integration(task.integration_id),
            Column.PARTY: self.names.party(task.party_id),
            Column.OWNER: self.names.person(task.owner_id),
            Column.STATUS: task.status,
            Column.DUE: "" if task.needed_by is None else task.needed_by.isoformat(),
            Column.DONE_MEANS: task.done_means,
            **{own: getattr(task, own) for own in OWN},
        }

    def party_of_person(self, written: str) -> tuple[Owner, str]:
        """Somebody of the project who is named where a party is asked for, and their party's name; else nobody."""
        owner = self.owner(written, "")
        party_id = next((member.party_id for member in self.members if member.id == owner.id), None)
        return owner, self.names.party(party_id) if owner.id is not None else ""

    def integration_key(self, task: KnownTask) -> str:
        return "" if task.integration_id is None else self.integration_keys[task.integration_id]

    def owner(self, written: str, party: str) -> Owner:
        """Who is meant by `written` within the party of that name; without a party's name, in the whole project."""
        key = folded(party)
        party_id = self.parties[key][0] if key in self.parties else None
        found = self.owners.get((written, party_id, bool(key)))
        if found is None:
            found = self.owners[written, party_id, bool(key)] = self._owner(written, party_id, bool(key))
        return found

    def _owner(self, written: str, party_id: int | None, within: bool) -> Owner:
        if not is_somebody(written):
            return NO_OWNER
        pools: list[list[KnownMember]] = [self.members]
        if within:  # who belongs to no party may be of any
            pools = [[m for m in self.members if m.party_id == wanted] for wanted in dict.fromkeys((party_id, None))]
        for pool in pools:
            people = [(member.id, member.name) for member in pool]
            found = [m.id for m in pool if m.email and m.email == written.casefold()] or one_person(written, people)
            several = candidates(written, people) if not found and names_several(written) else found
            names = {member.id: member.name for member in pool}
            if len(found) == 1:
                name = names[found[0]]
                return Owner(found[0], name, (Note("owner_taken", {"written": written, "name": name}),))
            if several:
                listed = ", ".join(names[one] for one in several)
                return Owner(None, "", (Note("owner_several", {"written": written, "names": listed}),))
        return Owner(None, "", (Note("owner_none", {"written": written}),))


def load_world(session: Session, project: Project, now: datetime) -> SheetWorld:
    return SheetWorld(
        project=project,
        today=today_in(project, now),
        parties=named(session, Party, project.id),
        integrations=named(session, Integration, project.id),
        integration_keys={
            number: folded(name)
            for number, name in session.exec(
                select(Integration.id, Integration.name).where(Integration.project_id == project.id)
            )
        },
        members=_members(session, project.id),
        tasks=_tasks(session, project.id),
        names=directory_of(session, project.id),
        written=_written(session, project.id),
    )


def named(session: Session, table: type[Party] | type[Integration], project_id: int) -> dict[str, tuple[int, str]]:
    """Folded name -> id and name."""
    found = rows(
        session,
        sa.select(col(table.id), col(table.name))
        .where(col(table.project_id) == project_id, col(table.archived_at).is_(None))
        .order_by(col(table.id).desc()),
    )
    return {folded(name): (number, name) for number, name in found}


def _members(session: Session, project_id: int) -> list[KnownMember]:
    """Whom a task may be given to."""
    found = rows(
        session,
        sa.select(col(Person.id), col(Person.name), col(Person.email), col(Membership.party_id))
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(
            col(Membership.project_id) == project_id,
            col(Membership.role) != Role.OBSERVER,
            col(Membership.archived_at).is_(None),
            col(Person.archived_at).is_(None),
        )
        .order_by(col(Membership.id)),
    )
    return [KnownMember(*row) for row in found]


def _tasks(session: Session, project_id: int) -> list[KnownTask]:
    columns: Sequence[Any] = [col(getattr(Task, name)) for name in KnownTask._fields]
    found = rows(session, sa.select(*columns).where(col(Task.project_id) == project_id).order_by(col(Task.number)))
    return [KnownTask(*row) for row in found]


def _written(session: Session, project_id: int) -> dict[int, Mapping[str, Any]]:
    reports = session.exec(select(Import.report).where(Import.project_id == project_id).order_by(col(Import.id)))
    written: dict[int, Mapping[str, Any]] = {}
    for report in reports:
        written |= {int(task_id): read for task_id, read in report.get("written", {}).items()}
    return written


class Index:
    """Finds the task that a row means: by integration and title, then by the sheet's № where the title was mended."""

    def __init__(self, world: SheetWorld, with_integration: bool) -> None:
        self._with_integration = with_integration
        self._by_title: dict[tuple[str, str], list[KnownTask]] = defaultdict(list)
        self._by_ref: dict[tuple[str, str], list[KnownTask]] = defaultdict(list)
        self.by_number = {str(task.number): task for task in world.tasks}
        # Living tasks first, so that one put away is met only where no other is there.
        for task in sorted(world.tasks, key=lambda one: (one.archived_at is not None, one.number)):
            integration = world.integration_key(task) if with_integration else ""
            self._by_title[integration, folded(task.title)].append(task)
            if task.sheet_ref:
                self._by_ref[integration, folded(task.sheet_ref)].append(task)

    def by_title(self, integration: str, title: str, ref: str) -> KnownTask | None:
        found = self._by_title.get((integration if self._with_integration else "", title), [])
        if not self._with_integration and len([one for one in found if one.archived_at is None]) > 1:
            return None  # without its integration a title that stands twice means neither
        return next((one for one in found if ref and folded(one.sheet_ref) == ref), found[0] if found else None)

    def by_ref(self, integration: str, ref: str) -> list[KnownTask]:
        found = self._by_ref.get((integration if self._with_integration else "", ref), [])
        return [one for one in found if one.archived_at is None]
