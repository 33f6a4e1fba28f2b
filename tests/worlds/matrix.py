"""Two furnished projects and everybody's keys: what the matrix of routes, roles and objects is walked over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session

from tests.telling.checks import pass_check
from tests.worlds.integrations import NOW, by, lay
from tracker.db import Database
from tracker.domain.terms import CardKind, MessageKind, Role, Scope, Way
from tracker.formats.sheet_reader import read_pasted
from tracker.services.access.entrance import enter
from tracker.services.access.sessions import open_session
from tracker.services.access.tokens import issue
from tracker.services.ground.journal import Actor
from tracker.services.house.installation import ensure_house
from tracker.services.imports import applying as importing
from tracker.services.integrations.checks import CheckInput, add_check
from tracker.services.integrations.deadlocks import DeadlockInput, open_deadlock
from tracker.services.integrations.passports import IntegrationInput, create_integration, edit_integration, set_systems
from tracker.services.integrations.systems import SystemInput, create_system
from tracker.services.meetings.agenda import ItemInput, add_items
from tracker.services.meetings.guests import Invited
from tracker.services.meetings.planning import MeetingInput, plan_meeting
from tracker.services.messages.handling import queue
from tracker.services.people.absences import add_absence
from tracker.services.people.memberships import Place, add_member
from tracker.services.people.parties import PartyInput, create_party
from tracker.services.people.persons import PersonInput
from tracker.services.tasks.cards import open_card
from tracker.services.tasks.comments import add_comment
from tracker.services.tasks.editing import create_task
from tracker.services.tasks.evidence import add_evidence
from tracker.services.tasks.fields import TaskInput
from tracker.tables import Integration, Project

ROLES = ("conductor", "lead", "contributor", "observer", "outsider", "nobody")
INSIDE = ROLES[:4]
OURS, THEIRS = "Ласточкин", "Журавлин"
"""In the texts of everything that belongs to the one project, and to the other."""

Ids = Mapping[str, int | str]
"""What stands in an address or a body for each kind of object: by the names of the path's parameters."""

UNKNOWN: Ids = {"key": "NOPE", "project": "NOPE", "number": 99_999, "token": "x" * 40, "name": "x" * 40 + ".ics"}
"""Parameters that are not named here are ids: 999999."""


@dataclass(frozen=True)
class Keys:
    """How somebody comes in: by the cookie of a browser, by the token of a program."""

    cookie: str
    bearer: str


@dataclass(frozen=True)
class MatrixWorld:
    ours: Ids
    theirs: Ids
    keys: Mapping[str, Keys]
    """Role -> keys; nobody has none."""


def lay_matrix(database: Database, *, key: bytes) -> MatrixWorld:
    """Everything of our project is seen by all four inside; all of the other one by its conductor, the outsider."""
    with database.writing() as session:
        ensure_house(session, now=NOW)
        small = lay(session)
        people = {
            "conductor": small.anna,
            "lead": small.pavel,
            "contributor": small.ira,
            "observer": small.vera,
            "outsider": small.stas,
        }
        for project_id, mark in ((small.project, OURS), (small.other, THEIRS)):
            session.get_one(Project, project_id).name = f"Лавка {mark}"
        session.get_one(Integration, small.form).name = f"Форма {OURS}"
        session.flush()
        nest = create_party(
            session, by(small.stas), small.other, PartyInput(f"Студия {THEIRS}", "customer"), now=NOW
        ).id
        crane = add_member(
            session,
            by(small.stas),
            small.other,
            PersonInput(f"Глеб {THEIRS}", "crane@example.org"),
            Place(party=nest, can_decide=True),
            now=NOW,
        ).id
        ours = _furnish(
            session, small.project, OURS, small.anna, small.ira, small.form, small.studio, key, (small.pavel,)
        )
        theirs = _furnish(session, small.other, THEIRS, small.stas, crane, None, nest, key)
        keys = {role: _keys(session, person_id, key) for role, person_id in people.items()}
        ours |= {"key": "LAVKA", "project": "LAVKA"}
        theirs |= {"key": "OTHER", "project": "OTHER"}
    ours |= {"import_id": _import(database, small.project, people["conductor"], OURS)}
    theirs |= {"import_id": _import(database, small.other, people["outsider"], THEIRS)}
    return MatrixWorld(ours, theirs, keys)


def _import(database: Database, project: int, person: int, mark: str) -> int:
    sheet = read_pasted(f"Что нужно\tСтатус\nПозвонить {mark}\tв работе")
    done = importing.apply(database, by(person), project, sheet, file_name="", sha256=mark, now=NOW)
    assert done.import_id is not None
    return done.import_id


def _keys(session: Session, person_id: int, key: bytes) -> Keys:
    cookie = open_session(session, by(person_id), person_id, agent="matrix", now=NOW).token
    return Keys(cookie, issue(session, Actor(None, Way.CLI), person_id, Scope.API, key=key, now=NOW).secret)


def _furnish(
    session: Session,
    project: int,
    mark: str,
    conductor: int,
    helper: int,
    integration: int | None,
    party: int,
    key: bytes,
    also: tuple[int, ...] = (),
) -> dict[str, int | str]:
    """One object of each kind, made by the verbs; the helper owns, tests, comes and answers."""
    me, them = by(conductor), by(helper)
    second = create_party(session, me, project, PartyInput(f"Бухгалтерия {mark}"), now=NOW).id
    spare = create_party(session, me, project, PartyInput(f"Запас {mark}"), now=NOW).id
    guest = add_member(
        session,
        me,
        project,
        PersonInput(f"Гость {mark}", f"guest{project}@example.org"),
        Place(Role.CONTRIBUTOR, second),
        now=NOW,
    ).id
    system = create_system(session, me, project, SystemInput(f"Сайт {mark}", owner_party=party), now=NOW).id
    integration = integration or create_integration(session, me, project, IntegrationInput(f"Форма {mark}"), now=NOW).id
    set_systems(session, me, integration, [system], now=NOW)
    edit_integration(session, me, integration, 1, {"accountable": helper}, now=NOW)

    def task(title: str) -> tuple[int, int]:
        given = TaskInput(title=f"{title} {mark}", owner=helper, party=party, integration=integration)
        made = create_task(session, me, project, given, now=NOW)
        return made.id, made.number

    task_id, number = task("Прислать поля")
    blocked, _ = task("Решить про кнопку")
    comment = add_comment(session, them, task_id, f"Скоро {mark}", now=NOW).id
    evidence = add_evidence(session, them, task_id, url="https://shop.example/1", caption=mark, now=NOW).id
    check = add_check(
        session, me, integration, CheckInput(f"Заявка дошла {mark}", expected="видна", tester=helper), now=NOW
    ).id
    passed = add_check(
        session, me, integration, CheckInput(f"Письмо дошло {mark}", expected="видно", tester=helper), now=NOW
    ).id
    pass_check(session, them, passed, url="https://shop.example/2", caption=mark, now=NOW)
    meeting = plan_meeting(
        session,
        me,
        project,
        MeetingInput(
            f"Созвон {mark}",
            NOW + timedelta(days=2),
            integrations=[integration],
            people=[Invited(conductor, decides=True), Invited(helper), *map(Invited, also)],
        ),
        now=NOW,
    ).id
    items = add_items(session, me, meeting, [ItemInput(f"Кнопка {mark}")], now=NOW)
    deadlock = open_deadlock(
        session,
        me,
        project,
        DeadlockInput(
            f"Одна или две {mark}", "block", integration=integration, decider=helper, tasks=[blocked], parties=[party]
        ),
        now=NOW,
    ).id
    message = queue(
        session,
        me,
        project,
        helper,
        MessageKind.MEETING,
        {"meeting": meeting, "change": "moved"},
        send_after=NOW + timedelta(hours=2),
        now=NOW,
    ).id
    card = open_card(session, me, project, CardKind.HELP, now=NOW, task_id=task_id, person_id=helper, note=mark).id
    absence = add_absence(session, me, guest, NOW.date(), NOW.date(), note=mark, now=NOW).id
    opened = open_session(session, them, helper, agent="another browser", now=NOW).token
    sitting = enter(session, opened, "", NOW, demo=False).person
    page = issue(session, Actor(None, Way.CLI), helper, Scope.PAGE, key=key, now=NOW)
    calendar = issue(session, Actor(None, Way.CLI), helper, Scope.CALENDAR, key=key, now=NOW)
    return {
        "number": number,
        "task_id": task_id,
        "blocked_id": blocked,
        "comment_id": comment,
        "evidence_id": evidence,
        "check_id": check,
        "meeting_id": meeting,
        "item_id": items[0].id,
        "deadlock_id": deadlock,
        "message_id": message,
        "card_id": card,
        "party_id": party,
        "spare_id": spare,
        "system_id": system,
        "integration_id": integration,
        "person_id": helper,
        "guest_id": guest,
        "conductor_id": conductor,
        "token_id": calendar.id,
        "absence_id": absence,
        "session_id": sitting.id if sitting else 0,
        "token": page.secret,
        "name": f"{calendar.secret}.ics",
    }
