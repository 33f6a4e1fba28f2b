"""A journal that is closed with a key: at the upgrade, and when the key is changed for another one."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from tests.worlds.shop import NOW, lay
from tests.worlds.soundness import unsound
from tests.worlds.tampering import KEYS, OTHER_KEYS, as_before
from tracker.domain.terms import Way
from tracker.services.ground.journal import Actor, erase_payloads
from tracker.services.ground.journal_keys import NO_KEYS, UNKEYED, id_of, keys_of
from tracker.services.ground.opening import open_database
from tracker.services.house.keying import is_sealed_here, key_in_use, key_journal
from tracker.services.tasks.comments import add_comment
from tracker.services.tasks.editing import edit_task
from tracker.tables import Event, ProjectChain

LATER = NOW + timedelta(hours=1)
BOTH = keys_of([OTHER_KEYS.key.decode(), KEYS.key.decode()])
"""The new key, and the former one behind it."""


@pytest.fixture
def world(db):
    return lay(db)


@pytest.fixture
def opened(database_url):
    """Opens the same database with keys."""
    made = []

    def with_keys(keys):
        made.append(open_database(database_url, keys=keys))
        return made[-1]

    yield with_keys
    for one in made:
        one.close()


def as_version_0_1(db):
    """Chains as they were written before there were keys and seals."""
    with db.engine.connect() as connection:
        if db.is_sqlite:
            for name in ("event_no_update", "chain_no_way_back"):
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("SET session_replication_role = replica"))
        table = Event.__table__  # type: ignore[attr-defined]
        heads: dict[int, str] = {}
        for found in connection.execute(table.select().order_by(table.c.project_id, table.c.seq)).all():
            row = {**found._mapping, "key_id": None, "chained": None, "prev": heads.get(found.project_id, "")}
            row["hash"] = heads[found.project_id] = as_before(row)
            connection.execute(table.update().where(table.c.id == found.id).values(row))
        for project, head in heads.items():
            chain = ProjectChain.__table__  # type: ignore[attr-defined]
            connection.execute(chain.update().where(chain.c.project_id == project).values(head=head, seal=""))
        if not db.is_sqlite:
            connection.execute(text("SET session_replication_role = DEFAULT"))
        connection.commit()


def retitle(db, world, title):
    with db.writing() as session:
        edit_task(session, Actor(world.conductor, Way.WEB), world.tasks[1], None, {"title": title}, now=LATER)


def behind_the_verbs(db, statement):
    with db.engine.begin() as connection:
        connection.execute(text(statement))


def kinds(db, project=0):
    with db.reading() as session:
        return [row.kind for row in session.exec(select(Event).where(Event.project_id == project).order_by(Event.seq))]


def test_a_key_is_known_by_an_id_that_does_not_tell_it():
    assert keys_of([]) == NO_KEYS and NO_KEYS.current == UNKEYED
    assert BOTH.current == OTHER_KEYS.current and BOTH.known.keys() == {UNKEYED, KEYS.current, OTHER_KEYS.current}
    assert id_of(KEYS.key) == KEYS.current and KEYS.key.decode() not in KEYS.current


def test_an_old_journal_is_checked_and_closed_with_the_key(db, world, opened):
    as_version_0_1(db)
    assert unsound(db) == []
    keyed = opened(KEYS)
    assert is_sealed_here(keyed, now=LATER)
    assert kinds(keyed)[-1] == kinds(keyed, world.project)[-1] == "journal.keyed"
    with keyed.reading() as session:
        assert key_in_use(session) == KEYS.current
        last = session.exec(select(Event).where(Event.kind == "journal.keyed", Event.project_id == world.project)).one()
    assert last.key_id == KEYS.current and f'"task:{world.tasks[1]}"' in last.chained
    retitle(keyed, world, "Иначе")
    assert unsound(keyed) == []
    assert key_journal(keyed, now=LATER) is None, "it is in use already"


def test_after_that_what_came_before_is_guarded_too(db, world, opened):
    as_version_0_1(db)
    keyed = opened(KEYS)
    key_journal(keyed, now=LATER)
    behind_the_verbs(keyed, f"UPDATE task SET status = 'done' WHERE id = {world.tasks[1]}")
    assert ("state.differs", f"task:{world.tasks[1]}") in {(one.rule, one.object) for one in unsound(keyed)}
    if db.is_sqlite:
        behind_the_verbs(keyed, f"UPDATE event SET actor_id = 99 WHERE project_id = {world.project} AND seq = 3")
        assert ("journal.tampered", f"event:{world.project}/3") in {(one.rule, one.object) for one in unsound(keyed)}


def test_what_was_wrong_before_is_counted_when_it_is_closed_and_stays_found(db, world, opened):
    as_version_0_1(db)
    if db.is_sqlite:
        behind_the_verbs(db, f"UPDATE event SET actor_id = 99 WHERE project_id = {world.project} AND seq = 3")
    else:
        with db.engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(f"UPDATE event SET actor_id = 99 WHERE project_id = {world.project} AND seq = 3"))
    keyed = opened(KEYS)
    assert key_journal(keyed, now=LATER) == 1
    assert ("journal.tampered", f"event:{world.project}/3") in {(one.rule, one.object) for one in unsound(keyed)}


def test_an_erasure_from_before_the_keys_is_explained_by_its_text(db, world, opened):
    with db.writing() as session:
        ids = session.exec(select(Event.id).where(Event.project_id == world.project, Event.seq == 3)).all()
        erase_payloads(session, Actor(world.conductor, Way.WEB), list(ids), now=LATER, project_id=world.project)
    as_version_0_1(db)
    keyed = opened(KEYS)
    assert key_journal(keyed, now=LATER) == 0
    assert unsound(keyed) == []


def test_a_journal_without_a_key_that_this_version_has_begun_goes_on_with_one(db, world, opened):
    """Its rows have seals; what was changed behind the verbs before is still found after."""
    behind_the_verbs(db, f"UPDATE task SET notes = 'x' WHERE id = {world.tasks[2]}")
    keyed = opened(KEYS)
    key_journal(keyed, now=LATER)
    assert [(one.rule, one.object) for one in unsound(keyed)] == [("state.differs", f"task:{world.tasks[2]}")]


def test_a_changed_key_goes_on_from_the_former_one(db, world, opened):
    first = opened(KEYS)
    key_journal(first, now=LATER)
    retitle(first, world, "Раз")
    assert not is_sealed_here(opened(OTHER_KEYS), now=LATER), "nobody changes the key unasked"
    behind_the_verbs(first, f"UPDATE task SET notes = 'x' WHERE id = {world.tasks[2]}")
    second = opened(BOTH)
    assert key_journal(second, now=LATER) == 0
    retitle(second, world, "Два")
    found = {(one.rule, one.object) for one in unsound(second)}
    assert found == {("state.differs", f"task:{world.tasks[2]}")}, "a new key hides nothing"


def test_with_a_lost_key_it_goes_on_and_says_what_nobody_can_tell(db, world, opened):
    first = opened(KEYS)
    key_journal(first, now=LATER)
    retitle(first, world, "Раз")
    after = opened(OTHER_KEYS)
    assert key_journal(after, now=LATER) == 0
    retitle(after, world, "Два")
    assert {(one.rule, one.object) for one in unsound(after)} == {("journal.key_missing", f"key:{KEYS.current}")}
    behind_the_verbs(after, f"UPDATE task SET notes = 'x' WHERE id = {world.tasks[2]}")
    assert ("state.differs", f"task:{world.tasks[2]}") in {(one.rule, one.object) for one in unsound(after)}
    assert unsound(opened(BOTH))[0].rule == "state.differs", "with the old key behind the new one all can be told again"


def test_who_seals_with_another_key_beside_is_found(db, world, opened):
    """Two servers that have each made a key of their own."""
    first, other = opened(KEYS), opened(OTHER_KEYS)
    key_journal(first, now=LATER)
    with other.writing() as session:
        add_comment(session, Actor(world.conductor, Way.WEB), world.tasks[1], "Другой сервер", now=LATER)
    rules = {one.rule for one in unsound(first)}
    assert "journal.key_missing" in rules and "state.differs" in rules
