"""Seals of changed rows: whatever way a verb writes a row, the journal ends with what stands there."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import event, text
from sqlmodel import select

from tests.worlds.shop import NOW, lay
from tests.worlds.soundness import unsaid, unsound
from tracker.domain.terms import Way
from tracker.services.ground.journal import About, Actor, record
from tracker.services.ground.row_seals import PASSING, SEALED, seal_of
from tracker.services.integrations.passports import set_systems
from tracker.services.integrations.systems import SystemInput, create_system
from tracker.services.tasks.comments import add_comment, remove_comment
from tracker.services.tasks.editing import edit_task
from tracker.tables import Comment, Event, IntegrationSystem, Project, SQLModel, Task

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def world(db):
    return lay(db)


def by(person):
    return Actor(person, Way.WEB)


def note(session, world):
    record(session, by(world.conductor), "task.changed", About("task", world.tasks[1], world.project), now=LATER)


def test_what_is_sealed_is_a_table_of_ours_with_columns_that_are_there():
    assert {name for model, passing in PASSING.items() for name in passing} <= {
        name for model in PASSING for name in model.model_fields
    }
    for model, passing in PASSING.items():
        assert passing <= model.model_fields.keys(), model


def test_each_table_is_sealed_or_known_to_be_the_engines_own():
    """A new table has to say which it is."""
    own = {
        "attempt", "chat_message", "chat_state", "event", "event_payload", "lease", "messagetask", "press",
        "project_chain", "pulse", "telegram_update",
    }  # fmt: skip
    assert {one.table for one in SEALED.values()} | own == set(SQLModel.metadata.tables)


def test_a_new_column_with_its_default_leaves_every_seal_as_it_was():
    sealed = SEALED[Task]
    whole = {name: default for name, (_shape, default) in sealed.shapes.items()} | {"title": "Поля", "number": 1}
    fewer = {name: value for name, value in whole.items() if name not in ("muted", "own_3", "priority", "confirmed")}
    assert seal_of(sealed, 1, whole, b"k") == seal_of(sealed, 1, fewer, b"k")
    assert seal_of(sealed, 1, {**whole, "priority": "high"}, b"k") != seal_of(sealed, 1, whole, b"k")
    assert seal_of(sealed, 2, whole, b"k") != seal_of(sealed, 1, whole, b"k") != seal_of(sealed, 1, whole, b"other")


def test_a_world_made_by_verbs_is_as_its_journal_says(db, world):
    assert unsound(db) == []


def test_several_flushes_are_one_change(db, world):
    with db.writing() as session:
        task = session.get_one(Task, world.tasks[1])
        for title in ("Раз", "Два", "Три"):
            task.title = title
            session.flush()
        note(session, world)
    assert unsound(db) == []


def test_what_is_taken_back_within_a_transaction_leaves_nothing(db, world):
    with db.writing() as session:
        task = session.get_one(Task, world.tasks[1])
        was, task.title = task.title, "Иначе"
        session.flush()
        task.title = was
        note(session, world)
    with db.reading() as session:
        last = session.exec(select(Event).where(Event.project_id == world.project).order_by(Event.seq.desc())).first()
    assert last.chained is None
    assert unsound(db) == []


def test_a_savepoint_that_is_rolled_back_takes_its_changes_along(db, world):
    with db.writing() as session:
        task = session.get_one(Task, world.tasks[1])
        task.title = "Останется"
        session.flush()
        with pytest.raises(RuntimeError), session.begin_nested():
            task.notes = "Пропадёт"
            session.add(Comment(task_id=task.id, at=NOW, way="web", text="Пропадёт"))
            session.flush()
            raise RuntimeError
        note(session, world)
    with db.reading() as session:
        assert (session.get_one(Task, world.tasks[1]).title, session.exec(select(Comment)).all()) == ("Останется", [])
    assert unsound(db) == []


def test_a_row_that_takes_the_number_of_a_deleted_one_is_another(db, world):
    """SQLite gives numbers anew."""
    with db.writing() as session:
        first = add_comment(session, by(world.conductor), world.tasks[1], "Раз", now=LATER).id
    with db.writing() as session:
        remove_comment(session, by(world.conductor), first, now=LATER)
    with db.writing() as session:
        second = add_comment(session, by(world.conductor), world.tasks[1], "Два", now=LATER).id
    assert (first == second) == db.is_sqlite
    with db.writing() as session:
        systems = [
            create_system(session, by(world.conductor), world.project, SystemInput(name), now=LATER).id
            for name in ("1С", "Сайт", "CRM")
        ]
        set_systems(session, by(world.conductor), world.joint, systems, now=LATER)
    with db.writing() as session:
        set_systems(session, by(world.conductor), world.joint, [systems[2], systems[0]], now=LATER)
        rows = session.exec(select(IntegrationSystem.system_id).order_by(IntegrationSystem.position)).all()
    assert rows == [systems[2], systems[0]]
    assert unsound(db) == []


def test_a_partly_loaded_row_is_known_in_full(db, world):
    with db.writing() as session:
        task = session.get_one(Task, world.tasks[1])
        session.expire(task, ["notes", "title"])
        task.notes = "Новое"  # set without having been read
        note(session, world)
    assert unsound(db) == []


def test_what_no_verb_has_told_of_is_told_by_the_journal_itself(db, world):
    before = unsaid(db)
    with db.writing() as session:
        session.get_one(Project, world.project).purpose = "Просто так"
    assert unsaid(db) == before + 1 and unsound(db) == []


def test_columns_of_the_engine_need_no_event(db, world):
    before = unsaid(db)
    with db.writing() as session:
        task = session.get_one(Task, world.tasks[1])
        task.nudges, task.next_at = 2, LATER
        session.add(task)
    assert unsaid(db) == before and unsound(db) == []


def test_two_who_have_read_a_row_without_a_lock_leave_one_line(db, world):
    """PostgreSQL: the second one's idea of the row is old by the time it writes. On SQLite it can't have begun."""
    read, written = threading.Event(), threading.Event()
    failures = []

    def slow():
        try:
            with db.writing() as session:
                project = session.get_one(Project, world.project)
                assert project.purpose == ""
                read.set()
                written.wait(0.5 if db.is_sqlite else 10)
                project.name, project.stall_days = "Медленно", 3
                note(session, world)
        except Exception as error:  # whatever it was
            failures.append(error)

    thread = threading.Thread(target=slow)
    thread.start()
    read.wait(10)
    with db.writing() as session:
        project = session.get_one(Project, world.project)
        project.purpose, project.name = "Быстро", "Быстро"
        note(session, world)
    written.set()
    thread.join()
    assert failures == []
    assert unsound(db) == []


def statements(db, deed):
    asked = []

    def note(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    with db.writing() as session:
        session.connection()
        event.listen(db.engine, "before_cursor_execute", note)
        deed(session)
    event.remove(db.engine, "before_cursor_execute", note)
    return asked


def test_a_change_of_status_takes_as_many_statements_as_without_seals(db, world):
    """Locked row, waiting tasks, the task, the event, its text, the chain; PostgreSQL takes the chain's row first."""
    task, actor = world.tasks[3], by(world.conductor)
    statements(db, lambda session: edit_task(session, actor, task, None, {"status": "in_progress"}, now=LATER))
    asked = statements(db, lambda session: edit_task(session, actor, task, None, {"status": "open"}, now=LATER))
    assert len(asked) == (6 if db.is_sqlite else 7), asked


def test_the_seal_of_a_row_is_found_wrong_where_the_database_gives_something_else_back(db, world):
    """That this file can fail."""
    with db.engine.begin() as connection:
        connection.execute(text(f"UPDATE task SET notes = 'x' WHERE id = {world.tasks[1]}"))
    assert [(one.rule, one.object) for one in unsound(db)] == [("state.differs", f"task:{world.tasks[1]}")]
