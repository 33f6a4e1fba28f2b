"""The journal: numbered in commit order, chained, append-only, and honest about what was erased."""

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from tests.worlds.integrations import NOW, by
from tests.worlds.journal import erase, seq_of
from tracker.services.ground.journal import CHAINS, About, record, start_chain
from tracker.services.ground.kept import sequences
from tracker.services.house.journal_check import verify_journal
from tracker.tables import Event, EventPayload


@pytest.fixture
def project(db):
    with db.writing() as session:
        start_chain(session, 7)
    note(db, "task.created", changes={"title": (None, "Поле «телефон»")})
    note(db, "task.changed", changes={"owner_id": (1, 2)})
    note(db, "task.changed", changes={"needed_by": (None, NOW)})
    return 7


def note(db, kind, project_id=7, **facts):
    with db.writing() as session:
        record(session, by(1), kind, About("task", 1, project_id), now=NOW, **facts)


def problems(db):
    with db.reading() as session:
        return [(problem.rule, problem.object) for problem in verify_journal(session).problems]


def behind_our_back(db, *statements):
    """As somebody with the database's own client would: triggers dropped first."""
    with db.engine.connect() as connection:
        begin = connection.begin()
        for statement in statements:
            connection.execute(text(statement))
        begin.commit()


def without_triggers(db, table, statement):
    if db.is_sqlite:
        names = {
            "event": ("event_no_update", "event_no_delete"),
            "event_payload": ("event_payload_no_delete", "event_payload_only_erased"),
        }[table]
        behind_our_back(db, *(f"DROP TRIGGER {name}" for name in names), statement)
    else:
        behind_our_back(db, f"ALTER TABLE {table} DISABLE TRIGGER USER", statement)


def test_an_untouched_journal_verifies(db, project):
    with db.reading() as session:
        report = verify_journal(session)
    assert (report.checked, report.erased, report.problems) == (3, 0, [])


def test_sequence_numbers_have_no_gaps_even_after_a_rollback(db, project):
    with pytest.raises(RuntimeError), db.writing() as session:
        record(session, by(1), "task.changed", About("task", 1, 7), now=NOW)
        raise RuntimeError
    note(db, "task.changed")
    with db.reading() as session:
        assert seq_of(session, 7) == 4
    assert problems(db) == []


def test_a_change_that_knows_the_chain_as_it_was_is_numbered_after_what_came_since(db, project):
    with db.writing() as session:
        session.info[CHAINS] = {7: (2, "as it was read before somebody else's change")}
        record(session, by(1), "task.changed", About("task", 1, 7), now=NOW)
        record(session, by(1), "task.passed_on", About("task", 1, 7), now=NOW)
    with db.reading() as session:
        assert seq_of(session, 7) == 5
        kinds = session.exec(select(Event.kind).where(Event.project_id == 7).order_by(Event.seq)).all()
    assert kinds[3:] == ["task.changed", "task.passed_on"]
    assert problems(db) == []


def test_parallel_writers_that_have_read_the_chain_number_without_gaps(db, project):
    failures = []

    def write():
        try:
            for _ in range(5):
                with db.writing() as session:
                    sequences(session, 7)
                    record(session, by(1), "task.changed", About("task", 1, 7), now=NOW)
        except Exception as error:  # any failure at all is what this test looks for
            failures.append(error)

    writers = [threading.Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    with db.reading() as session:
        assert seq_of(session, 7) == 43
    assert problems(db) == []


def test_parallel_writers_number_without_gaps_and_without_locked_errors(db, project):
    failures = []

    def write():
        try:
            for _ in range(5):
                note(db, "task.changed")
        except Exception as error:  # any failure at all is what this test looks for
            failures.append(error)

    writers = [threading.Thread(target=write) for _ in range(16)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    with db.reading() as session:
        assert seq_of(session, 7) == 83
    assert problems(db) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET kind = 'x' WHERE seq = 2",
        "DELETE FROM event WHERE seq = 2",
        "DELETE FROM event_payload",
        "DELETE FROM project_chain",
        "UPDATE event_payload SET salt = 'x' WHERE event_id = 2",
    ],
)
def test_the_database_itself_refuses_to_change_the_journal(db, project, statement):
    with pytest.raises(DBAPIError):
        behind_our_back(db, statement)


@pytest.mark.parametrize(
    ("table", "statement", "rule"),
    [
        ("event", "UPDATE event SET actor_id = 9 WHERE seq = 2 AND project_id = 7", "journal.tampered"),
        ("event", "UPDATE event SET hash = 'x' WHERE seq = 2 AND project_id = 7", "journal.tampered"),
        ("event_payload", "UPDATE event_payload SET salt = 'x' WHERE event_id = 2", "journal.tampered"),
        ("event_payload", "DELETE FROM event_payload WHERE event_id = 2", "journal.payload_missing"),
        (
            "event_payload",
            "UPDATE event_payload SET body = NULL, salt = NULL WHERE event_id = 2",
            "journal.payload_missing",
        ),
    ],
)
def test_a_tampered_row_is_found(db, project, table, statement, rule):
    without_triggers(db, table, statement)
    assert (rule, "event:7/2") in problems(db)


@pytest.mark.parametrize(("seq", "found"), [(2, "event:7/3"), (3, "project:7")])
def test_a_missing_row_is_found_in_the_middle_and_at_the_end(db, project, seq, found):
    gone = f"SELECT id FROM event WHERE seq = {seq} AND project_id = 7"
    without_triggers(db, "event_payload", f"DELETE FROM event_payload WHERE event_id = ({gone})")
    without_triggers(db, "event", f"DELETE FROM event WHERE seq = {seq} AND project_id = 7")
    assert ("journal.missing", found) in problems(db)


def test_an_erased_text_is_told_apart_from_a_tampered_one(db, project):
    with db.writing() as session:
        erase(session, [2], now=NOW)
    with db.reading() as session:
        report = verify_journal(session)
        assert (report.erased, report.problems) == (1, [])
        assert session.get_one(EventPayload, 2).body is None
        assert session.get_one(Event, 2).kind == "task.changed"


def test_what_was_erased_can_not_come_back(db, project):
    with db.writing() as session:
        erase(session, [2], now=NOW)
    with pytest.raises(DBAPIError):
        behind_our_back(db, "UPDATE event_payload SET erased_at = NULL, salt = 'x' WHERE event_id = 2")
