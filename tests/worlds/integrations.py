"""A small named world for what stands round an integration: a shop, its studio, a CRM integrator, and an outsider."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import col, select

from tracker.domain.terms import Way
from tracker.services.ground.journal import Actor, start_chain
from tracker.tables import Integration, IntegrationMember, Membership, Party, Person, Project, Task

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@dataclass(frozen=True)
class World:
    """Ids. Anna conducts; Olga owns the shop and decides; Pavel leads the studio, Ira works there; Gleb and Lena are
    the CRM integrator's; Vera looks on; Stas belongs to another project."""

    project: int
    other: int
    shop: int
    studio: int
    crm: int
    anna: int
    olga: int
    pavel: int
    ira: int
    gleb: int
    lena: int
    vera: int
    stas: int
    form: int
    """An integration that Ira (owner) and Gleb (tester) are on."""
    bank: int
    """Another one, with nobody on it."""


def members_of(session, integration_id):
    query = select(IntegrationMember.person_id).where(
        IntegrationMember.integration_id == integration_id, col(IntegrationMember.removed_at).is_(None)
    )
    return session.exec(query).all()


def by(person_id, behalf=None, way=Way.WEB):
    return Actor(person_id, way, behalf)


def change(db, kind, key, **values):
    """Set columns of a row past the verbs: what time, an old version or another machine has left there."""
    with db.writing() as session:
        row = session.get_one(kind, key)
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)


def lay(session) -> World:
    """Rows put in directly: the verbs under test need them to exist, not to be made by other verbs."""

    def put(row):
        session.add(row)
        session.flush()
        return row.id

    def project(key):
        made = put(Project(key=key, name=key, created_at=NOW, updated_at=NOW))
        start_chain(session, made)
        return made

    def person(name, project_id, role, party=None, decides=False):
        made = put(Person(name=name, email=f"{name.lower()}@example.org", created_at=NOW, updated_at=NOW))
        put(
            Membership(
                project_id=project_id, person_id=made, party_id=party, role=role, can_decide=decides, created_at=NOW
            )
        )
        return made

    def party(name, kind):
        return put(Party(project_id=main, name=name, kind=kind, created_at=NOW, updated_at=NOW))

    def integration(name):
        return put(Integration(project_id=main, name=name, created_at=NOW, updated_at=NOW))

    main, other = project("LAVKA"), project("OTHER")
    shop, studio, crm = party("Лавка", "customer"), party("Студия", "contractor"), party("Интегратор", "contractor")
    people = {
        "anna": person("Anna", main, "conductor", shop),
        "olga": person("Olga", main, "contributor", shop, decides=True),
        "pavel": person("Pavel", main, "lead", studio),
        "ira": person("Ira", main, "contributor", studio),
        "gleb": person("Gleb", main, "contributor", crm),
        "lena": person("Lena", main, "contributor", crm),
        "vera": person("Vera", main, "observer", shop),
        "stas": person("Stas", other, "conductor"),
    }
    form, bank = integration("Поле «телефон»"), integration("Оплата")
    for name, why in (("ira", "owner"), ("gleb", "tester")):
        put(IntegrationMember(integration_id=form, person_id=people[name], why=why, created_at=NOW))
    return World(main, other, shop, studio, crm, form=form, bank=bank, **people)


def put_task(session, world, owner, *, integration=None, party=None, number=100):
    task = Task(
        project_id=world.project,
        number=number,
        title="Прислать поля формы",
        owner_id=owner,
        turn_id=owner,
        integration_id=integration,
        party_id=party,
        created_at=NOW,
        updated_at=NOW,
    )
    session.add(task)
    session.flush()
    return task.id
