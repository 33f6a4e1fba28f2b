"""A project into which sheets are imported, and sheets to import."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import select

from tests.places import DATA
from tracker.db import Database
from tracker.domain.sheets.columns import Sheet
from tracker.domain.terms import Way
from tracker.formats.sheet_reader import read_pasted, read_sheet
from tracker.services.ground.journal import Actor
from tracker.services.imports import applying as importing
from tracker.services.imports.plan import Plan, PlannedRow, RowAction, plan
from tracker.services.tasks.editing import edit_task
from tracker.tables import Card, Task

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)  # a Sunday
LATER = NOW + timedelta(days=1)
HOUSE = Actor(None, Way.CLI)
FILES = ["register-cp1251.csv", "register-utf8-bom.csv", "register.xlsx"]
PEOPLE = {
    "Студия сайта": ["Тимур Ахметов", "Марина Ким"],
    "CRM-подрядчик": ["Пётр Соколов", "Лев Гринберг"],
    "1С-франчайзи": ["Ольга Ветрова"],
    "Банк (эквайринг)": ["Руслан Ахметов"],
    "Заказчик": ["Анна Белова"],
}


@dataclass
class Shop:
    """A project with its conductor and everybody of the sheets but a role or two."""

    db: Database
    project: int
    conductor: Actor
    people: dict[str, int]

    def plan(self, sheet: Sheet, now: datetime = NOW) -> Plan:
        with self.db.reading() as session:
            return plan(session, self.conductor, self.project, sheet, now=now)

    def apply(self, sheet: Sheet, now: datetime = NOW) -> Plan:
        return importing.apply(
            self.db, self.conductor, self.project, sheet, file_name="register.csv", sha256="0" * 64, now=now
        )

    def task(self, line: PlannedRow) -> Task:
        assert line.task_id is not None
        with self.db.reading() as session:
            return session.get_one(Task, line.task_id)

    def card_note(self) -> str | None:
        """What the open card of unknown names says; None: there is no open one."""
        with self.db.reading() as session:
            return session.exec(select(Card.note).where(Card.settled_at == None)).one_or_none()  # noqa: E711

    def edit(self, line: PlannedRow, **changes: object) -> None:
        assert line.task_id is not None
        with self.db.writing() as session:
            edit_task(session, self.conductor, line.task_id, None, changes, now=NOW)


def shipped(name: str) -> Sheet:
    return read_sheet((DATA / name).read_bytes(), name)


def pasted(*lines: str) -> Sheet:
    return read_pasted("\n".join("\t".join(cell.strip() for cell in line.split("|")) for line in lines))


def counts(done: Plan) -> dict[str, int]:
    return {str(action): done.count(action) for action in RowAction}


def codes(line: PlannedRow) -> list[str]:
    return [note.code for note in line.notes]


HEAD = "№ | Интеграция | Что нужно | От кого | Ответственный | Статус | Срок"
