"""One shop's project, told through the verbs: a conductor, a studio, a CRM contractor, a customer, an observer."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from tests.telling.answers import in_progress, promise
from tracker.db import Database
from tracker.domain.terms import Role, WaitKind, Way
from tracker.services.access.sessions import hash_password
from tracker.services.ground.journal import Actor
from tracker.services.integrations.deadlocks import DeadlockInput, open_deadlock
from tracker.services.integrations.passports import IntegrationInput, create_integration
from tracker.services.people.memberships import Place, add_member
from tracker.services.people.parties import PartyInput, create_party
from tracker.services.people.persons import PersonInput, found_house
from tracker.services.people.projects import ProjectInput, create_project
from tracker.services.tasks.editing import create_task
from tracker.services.tasks.fields import TaskInput, WaitInput

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
"""Monday, 11:30 in Moscow."""
LONG_AGO = datetime(2026, 11, 10, 8, 0, tzinfo=UTC)
PASSWORD = "a quiet morning song"
KEPT = hash_password(PASSWORD)


class World(NamedTuple):
    project: int
    conductor: int
    ann: int
    """Decides for the customer."""
    pete: int
    """CRM contractor, owner of task 1."""
    mary: int
    """Leads the studio."""
    lev: int
    """Watches."""
    stranger: int
    """Conducts another project."""
    crm: int
    studio: int
    joint: int
    tasks: dict[int, int]
    """number -> id"""


def lay(database: Database, now: datetime = NOW) -> World:
    """The world as of `now`; everything in it began two weeks earlier."""
    then = now - (NOW - LONG_AGO)
    with database.writing() as session:
        me = found_house(session, PersonInput("Вера Лунина", "vera@conductor.example"), KEPT, now=then)
        actor = Actor(me.id, Way.WEB)
        project = create_project(session, actor, ProjectInput("Лён и нить", "LEN"), now=then)
        crm, studio, shop = (
            create_party(session, actor, project.id, PartyInput(name, kind), now=then).id
            for name, kind in (
                ("CRM-подрядчик", "contractor"),
                ("Студия сайта", "contractor"),
                ("Заказчик", "customer"),
            )
        )

        def joins(name: str, email: str, place: Place) -> int:
            person = add_member(session, actor, project.id, PersonInput(name, email), place, now=then)
            person.password_hash = KEPT
            return person.id

        ann = joins("Анна Белова", "anna@shop.example", Place(Role.CONTRIBUTOR, shop, can_decide=True))
        pete = joins("Пётр Соколов", "petr@crm.example", Place(Role.CONTRIBUTOR, crm))
        mary = joins("Марина Ким", "marina@studio.example", Place(Role.LEAD, studio))
        lev = joins("Лев Гринберг", "lev@look.example", Place(Role.OBSERVER))
        joint = create_integration(session, actor, project.id, IntegrationInput("Форма сайта → CRM"), now=then).id

        def asks(title: str, at: datetime, **facts: object) -> int:
            return create_task(session, actor, project.id, TaskInput(title=title, **facts), now=at).id  # type: ignore[arg-type]

        tasks = [
            asks(
                "Добавить поле «телефон» в форму и передать в CRM",
                then,
                owner=pete,
                integration=joint,
                done_means="заявка с тестового сайта видна в CRM с телефоном",
                needed_by=date(2026, 11, 27),
            ),
            asks(
                "Одна кнопка «Заказать звонок» или две",
                now - timedelta(days=3),
                kind="question",
                owner=ann,
                integration=joint,
            ),
            asks("Макет формы для телефона", now - timedelta(hours=2), owner=mary, needed_by=date(2026, 12, 1)),
            asks(
                "Доступ к тестовой CRM",
                now - timedelta(days=4),
                owner=mary,
                integration=joint,
                priority="high",
                waiting=WaitInput(WaitKind.PERSON, person_id=pete),
            ),
            asks("Кто отвечает за рассылки", now - timedelta(hours=1)),
        ]
        open_deadlock(
            session,
            actor,
            project.id,
            DeadlockInput("Одна кнопка или две", "block", decider=ann, tasks=[tasks[1]]),
            now=now,
        )
        in_progress(session, Actor(pete, Way.WEB), tasks[0], now=then + timedelta(hours=3))
        promise(session, Actor(mary, Way.WEB), tasks[2], date(2026, 11, 30), now=now - timedelta(minutes=30))
        strange = add_member(
            session, actor, project.id, PersonInput("Олег Чужой", "oleg@other.example"), Place(), now=then
        )
        strange.may_found, strange.password_hash = True, KEPT
        other = create_project(session, Actor(strange.id, Way.WEB), ProjectInput("Другой", "OTHER"), now=then)
        from tracker.services.people.memberships import remove_member

        remove_member(session, actor, project.id, strange.id, now=then)
        assert other.key == "OTHER"
        return World(project.id, me.id, ann, pete, mary, lev, strange.id, crm, studio, joint, dict(enumerate(tasks, 1)))
