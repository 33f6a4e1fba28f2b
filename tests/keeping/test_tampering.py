"""Whoever writes the database, and has neither the journal's key nor the file of anchors, is found: each way that we
know of, with the row or the range that it concerns. On both databases.
"""

import json
import secrets
import shutil

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.worlds.integrations import by
from tests.worlds.tampering import HOUSE, KEYS, LATER, NOW, OTHER_KEYS, as_before, furnish, put_house
from tracker.keeping.anchors import anchor
from tracker.services.ground.journal import erase_payloads
from tracker.services.ground.journal_keys import keys_of, mac
from tracker.services.ground.opening import open_database
from tracker.services.tasks.editing import edit_task


@pytest.fixture(scope="module")
def furnished(sqlite_template, tmp_path_factory):
    """Told once, on SQLite: the file that holds it, its rows and its ids."""
    file = tmp_path_factory.mktemp("furnished") / "house.db"
    shutil.copyfile(sqlite_template, file)
    database = open_database(f"sqlite:///{file}", keys=KEYS)
    made = furnish(database)
    with database.engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    database.close()
    return file, *made


@pytest.fixture
def house(database_url, furnished, tmp_path):
    file, rows, ids = furnished
    if database_url.startswith("sqlite"):
        shutil.copyfile(file, tmp_path / "auftakt.db")
    made = put_house(database_url, rows, ids, tmp_path / "anchors.jsonl")
    yield made
    made.database.close()


def test_an_untouched_house_verifies(house):
    found = house.verified()
    assert found.problems == [] and found.unanchored == 0


CHANGED = {
    "task:{task_id}": [
        "UPDATE task SET status = 'done' WHERE id = {task_id}",
        "UPDATE task SET title = 'Другое' WHERE id = {task_id}",
        "UPDATE task SET owner_id = {conductor_id}, turn_id = {conductor_id} WHERE id = {task_id}",
        "UPDATE task SET promised_on = '2027-01-11' WHERE id = {task_id}",
        "UPDATE task SET needed_by = '2026-10-01' WHERE id = {task_id}",
        "UPDATE task SET waiting_kind = 'outside', waiting_note = 'их' WHERE id = {task_id}",
        "UPDATE task SET progress_at = '2026-11-23 08:00:01' WHERE id = {task_id}",
        "UPDATE task SET archived_at = '2026-11-23 08:00:00' WHERE id = {task_id}",
        "UPDATE task SET project_id = 2, number = 99 WHERE id = {task_id}",
        "UPDATE task SET created_by_id = {guest_id} WHERE id = {task_id}",
    ],
    "check:{check_id}": [
        "UPDATE \"check\" SET result = 'passed' WHERE id = {check_id}",
        'UPDATE "check" SET required = false WHERE id = {check_id}',
        "UPDATE \"check\" SET expected = 'что угодно' WHERE id = {check_id}",
    ],
    "integration:{integration_id}": [
        "UPDATE integration SET state = 'live' WHERE id = {integration_id}",
        "UPDATE integration SET accountable_at = '2026-11-23 08:00:00' WHERE id = {integration_id}",
        "UPDATE integration SET accountable_id = {guest_id} WHERE id = {integration_id}",
    ],
    "meeting:{meeting_id}": [
        "UPDATE meeting SET state = 'closed' WHERE id = {meeting_id}",
        "UPDATE meeting SET starts_at = '2026-11-30 09:00:00' WHERE id = {meeting_id}",
        "UPDATE meeting SET notes = 'решили иначе' WHERE id = {meeting_id}",
    ],
    "meetingitem:{item_id}": ["UPDATE meetingitem SET outcome = 'moved' WHERE id = {item_id}"],
    "meetingperson:": ["UPDATE meetingperson SET rsvp = 'yes', decides = true WHERE meeting_id = {meeting_id}"],
    "deadlock:{deadlock_id}": [
        "UPDATE deadlock SET decision = 'одна', decided_at = '2026-11-23 08:00:00' WHERE id = {deadlock_id}",
        "UPDATE deadlock SET decider_id = {guest_id} WHERE id = {deadlock_id}",
    ],
    "deadlocktask:": ["DELETE FROM deadlocktask WHERE deadlock_id = {deadlock_id}"],
    "position:": ["UPDATE position SET text = 'мы согласны' WHERE deadlock_id = {deadlock_id}"],
    "membership:": [
        "UPDATE membership SET role = 'conductor' WHERE person_id = {guest_id}",
        "UPDATE membership SET can_decide = true WHERE person_id = {person_id} AND project_id = {project_id}",
        "UPDATE membership SET archived_at = '2026-11-23 08:00:00' WHERE person_id = {guest_id}",
        "DELETE FROM membership WHERE person_id = {guest_id}",
    ],
    "person:{person_id}": [
        "UPDATE person SET email = 'else@example.org' WHERE id = {person_id}",
        "UPDATE person SET password_hash = 'x' WHERE id = {person_id}",
        "UPDATE person SET telegram_chat_id = 666 WHERE id = {person_id}",
        "UPDATE person SET may_found = true WHERE id = {person_id}",
        "UPDATE person SET opted_out_at = '2026-11-23 08:00:00' WHERE id = {person_id}",
    ],
    "party:{party_id}": ["UPDATE party SET lead_id = {guest_id} WHERE id = {party_id}"],
    "system:{system_id}": ["UPDATE system SET note = 'x' WHERE id = {system_id}"],
    "project:{project_id}": [
        "UPDATE project SET messages = 'on' WHERE id = {project_id}",
        "UPDATE project SET stall_days = 20 WHERE id = {project_id}",
    ],
    "comment:{comment_id}": [
        "UPDATE comment SET text = 'Готово' WHERE id = {comment_id}",
        "UPDATE comment SET private = true WHERE id = {comment_id}",
        "UPDATE comment SET person_id = {guest_id} WHERE id = {comment_id}",
        "DELETE FROM comment WHERE id = {comment_id}",
    ],
    "evidence:{evidence_id}": [
        "UPDATE evidence SET url = 'https://else.example' WHERE id = {evidence_id}",
        "UPDATE evidence SET removed_at = '2026-11-23 08:00:00' WHERE id = {evidence_id}",
        "DELETE FROM evidence WHERE id = {evidence_id}",
    ],
    "card:{card_id}": ["UPDATE card SET settled_at = '2026-11-23 08:00:00' WHERE id = {card_id}"],
    "message:{message_id}": [
        "UPDATE message SET approved_by_id = {conductor_id} WHERE id = {message_id}",
        "UPDATE message SET own_text = 'Срочно' WHERE id = {message_id}",
        "UPDATE message SET state = 'sent', sent_at = '2026-11-23 08:00:00' WHERE id = {message_id}",
    ],
    "token:{token_id}": ["UPDATE token SET person_id = {guest_id} WHERE id = {token_id}"],
    "sign_in:{session_id}": ["UPDATE sign_in SET expires_at = '2036-11-23 08:00:00' WHERE id = {session_id}"],
    "absence:{absence_id}": ["UPDATE absence SET last = '2026-12-30' WHERE id = {absence_id}"],
    "import:{import_id}": ["UPDATE import SET file_name = 'x' WHERE id = {import_id}"],
    "stretch:": ["UPDATE stretch SET started_at = '2026-11-01 08:00:00' WHERE task_id = {task_id}"],
    "integrationmember:": ["DELETE FROM integrationmember WHERE person_id = {person_id}"],
    "integrationsystem:": ["DELETE FROM integrationsystem WHERE integration_id = {integration_id}"],
    "house:1": ["UPDATE house SET bot_username = 'another_bot' WHERE id = 1"],
}


@pytest.mark.parametrize(("row", "statement"), [(row, one) for row, several in CHANGED.items() for one in several])
def test_a_row_that_was_changed_past_the_verbs_is_named(house, row, statement):
    house.tampered(statement)
    assert any(rule == "state.differs" and name.startswith(row.format(**house.ids)) for rule, name in house.found()), (
        house.found()
    )


ADDED = {
    "person": "name, search, language, timezone, is_role, may_found, opens, closes, weekdays, country, cadence, "
    "salutation, knows_bot, telegram_name, telegram_dead_reason, created_at, updated_at, version",
    "comment": "task_id, person_id, at, way, text, private, search",
    "evidence": "project_id, task_id, kind, url, caption, by_id, way, at",
    "card": "project_id, kind, note, facts, at, settled_how",
    "absence": "person_id, first, last, note",
    "stretch": "project_id, task_id, person_id, started_at, ended_by",
    "meetingitem": "meeting_id, position, title, reason, step_title, step_needed_by",
}


@pytest.mark.parametrize("table", ADDED)
def test_a_row_that_was_put_in_past_the_verbs_is_named(house, table):
    house.tampered(
        f"INSERT INTO {table} (id, {ADDED[table]}) SELECT 90001, {ADDED[table]} FROM {table} ORDER BY id LIMIT 1"
    )
    assert house.found() == {("state.differs", f"{table}:90001")}


def test_many_rows_that_were_put_in_are_told_as_a_range(house):
    columns = ADDED["comment"]
    house.tampered(*(
        f"INSERT INTO comment (id, {columns}) SELECT {number}, {columns} FROM comment ORDER BY id LIMIT 1"
        for number in range(90001, 90041)
    ))  # fmt: skip
    assert house.found() == {("state.differs", "comment:90001-90040")}


def test_a_session_of_ones_own_making_is_named(house):
    house.tampered(
        "INSERT INTO sign_in (id, token_sha256, person_id, created_at, seen_at, expires_at, agent) "
        "VALUES (90001, 'x', {conductor_id}, '2026-11-23 08:00:00', '2026-11-23 08:00:00', '2036-11-23 08:00:00', '')"
    )
    assert house.found() == {("state.differs", "sign_in:90001")}


def test_what_differs_is_told_with_its_columns(house):
    house.tampered("UPDATE task SET status = 'done', notes = 'x' WHERE id = {task_id}")
    (problem,) = house.verified().problems
    assert problem.object == f"task:{house.ids['task_id']}"
    assert problem.detail.startswith('status: "done", event:') and problem.detail.endswith('says "open"')


def test_a_task_that_was_deleted_with_its_events_left_is_named(house):
    house.tampered("DELETE FROM task WHERE id = {task_id}")
    assert ("state.differs", f"task:{house.ids['task_id']}") in house.found()


def test_what_a_verb_has_changed_once_more_stays_found(house):
    """The verb takes over what it meets; the journal knows that it has never been so."""
    house.tampered("UPDATE task SET owner_id = {guest_id} WHERE id = {task_id}")
    task = house.ids["task_id"]
    with house.database.writing() as session:
        edit_task(session, by(house.ids["conductor_id"]), task, None, {"title": "Иначе"}, now=LATER)
    (problem,) = house.verified().problems
    assert (problem.rule, problem.object) == ("state.differs", f"task:{task}")
    assert problem.detail.startswith("was changed without an event before event:")


def test_a_row_that_was_put_back_as_it_was_is_well_again(house):
    house.tampered(
        "UPDATE task SET muted = true WHERE id = {task_id}", "UPDATE task SET muted = false WHERE id = {task_id}"
    )
    assert house.found() == set()


# --- the journal itself


def event(house, seq, project=None):
    return f"event:{house.project if project is None else project}/{seq}"


def test_tail_and_head_cut_together_are_missed(house):
    with house.tampering() as intruder:
        left = intruder.last(house.project) - 3
        intruder.cut_tail(house.project, 3)
    found = [one for one in house.verified().problems if one.rule == "journal.truncated"]
    assert {one.object for one in found} == {f"project:{house.project}"}
    assert any(f"nothing after {left}" in one.detail for one in found)
    assert any("anchored up to" in one.detail for one in found)


def test_a_tail_that_was_never_anchored_is_missed_by_the_heads_own_seal(house):
    house.file.unlink()
    house.tampered("DELETE FROM pulse")
    with house.tampering() as intruder:
        intruder.cut_tail(house.project, 1)
    assert ("journal.truncated", f"project:{house.project}") in house.found()


def test_an_old_head_with_its_seal_is_missed_by_the_anchors(house):
    """Somebody has kept an older copy of the whole database, and puts it back: only what is outside can tell."""
    chain = "SELECT seq, head, seal FROM project_chain WHERE project_id = {project_id}"
    with house.tampering() as intruder:
        seq, head, seal = intruder.run(chain).one()
    task = house.ids["task_id"]
    with house.database.writing() as session:
        edit_task(session, by(house.ids["conductor_id"]), task, None, {"title": "Иначе"}, now=LATER)
    anchor(house.database, house.file, now=LATER)
    assert house.verified().ok
    with house.tampering() as intruder:
        intruder.cut_tail(house.project, intruder.last(house.project) - seq)
        intruder.run("UPDATE project_chain SET head = :head, seal = :seal WHERE project_id = {project_id}",
                     head=head, seal=seal)  # fmt: skip
        intruder.run("UPDATE task SET title = :title WHERE id = {task_id}", title="Прислать поля Ласточкин")
    assert house.found() == {("journal.truncated", f"project:{house.project}")}


def test_a_whole_journal_that_was_deleted_is_missed(house):
    gone = "(SELECT id FROM event WHERE project_id = {project_id})"
    house.tampered(
        f"DELETE FROM event_payload WHERE event_id IN {gone}", "DELETE FROM event WHERE project_id = {project_id}",
        "DELETE FROM project_chain WHERE project_id = {project_id}",
    )  # fmt: skip
    assert ("journal.truncated", f"project:{house.project}") in house.found()


def test_a_journal_that_was_emptied_and_begins_anew_is_missed(house):
    house.file.unlink()
    gone = "(SELECT id FROM event WHERE project_id = {project_id})"
    house.tampered(
        f"DELETE FROM event_payload WHERE event_id IN {gone}", "DELETE FROM event WHERE project_id = {project_id}",
        "UPDATE project_chain SET seq = 0, head = '', seal = '' WHERE project_id = {project_id}",
    )  # fmt: skip
    assert ("journal.truncated", f"project:{house.project}") in house.found()


def test_a_project_that_was_deleted_with_all_that_is_its_own_is_missed(house):
    gone = "(SELECT id FROM event WHERE project_id = {project_id})"
    of_project = ["task", "card", "membership", "party", "evidence", "stretch", "meeting", "deadlock", "integration"]
    house.tampered(
        f"DELETE FROM event_payload WHERE event_id IN {gone}", "DELETE FROM event WHERE project_id = {project_id}",
        "DELETE FROM project_chain WHERE project_id = {project_id}",
        *(f"DELETE FROM {table} WHERE project_id = {{project_id}}" for table in of_project),
        "DELETE FROM project WHERE id = {project_id}",
    )  # fmt: skip
    assert {("journal.truncated", f"project:{house.project}"), ("state.differs", f"project:{house.project}")} <= set(
        house.found()
    )


def test_the_houses_own_journal_is_missed_too(house):
    gone = f"(SELECT id FROM event WHERE project_id = {HOUSE})"
    house.tampered(
        f"DELETE FROM event_payload WHERE event_id IN {gone}", f"DELETE FROM event WHERE project_id = {HOUSE}",
        f"UPDATE project_chain SET seq = 0, head = '', seal = '' WHERE project_id = {HOUSE}",
    )  # fmt: skip
    assert ("journal.truncated", f"project:{HOUSE}") in house.found()


ERASE = (
    "UPDATE event_payload SET body = NULL, salt = NULL, erased_at = '2026-11-23 08:00:00' "
    "WHERE event_id = (SELECT id FROM event WHERE project_id = {project_id} AND seq = 2)"
)


def test_a_text_that_was_erased_by_hand_is_found_though_the_triggers_allow_it(house):
    with house.database.engine.begin() as connection:
        connection.execute(text(ERASE.format(**house.ids)))
    assert house.found() == {("journal.unexplained_erasure", event(house, 2))}


def test_an_erasure_that_explains_itself_without_the_key_explains_nothing(house):
    house.tampered(ERASE)
    with house.tampering() as intruder:
        body = json.dumps({"events": [2]}).replace("{", "{{").replace("}", "}}")
        intruder.append(house.project, "journal.erased", body)
    found = house.found()
    assert ("journal.unexplained_erasure", event(house, 2)) in found
    assert "journal.rechained" in {rule for rule, _ in found}


def test_an_erasure_by_the_verb_is_explained(house):
    with house.tampering() as intruder:
        ids = intruder.run("SELECT id FROM event WHERE project_id = {project_id} AND seq IN (2, 3)").scalars().all()
    with house.database.writing() as session:
        erase_payloads(session, by(house.ids["conductor_id"]), list(ids), now=LATER, project_id=house.project)
    assert house.verified().problems == []
    # The erasing itself may be erased: which ones it was stands in the chained row.
    with house.tampering() as intruder:
        last = intruder.run("SELECT max(id) FROM event WHERE project_id = {project_id}").scalars().all()
    with house.database.writing() as session:
        erase_payloads(session, by(house.ids["conductor_id"]), list(last), now=LATER, project_id=house.project)
    assert house.verified().problems == []


def test_a_text_that_is_said_to_be_erased_and_stands_there_is_found(house):
    house.tampered(
        "UPDATE event_payload SET erased_at = '2026-11-23 08:00:00' "
        "WHERE event_id = (SELECT id FROM event WHERE project_id = {project_id} AND seq = 2)"
    )
    assert house.found() == {("journal.tampered", event(house, 2))}


def test_texts_that_were_swapped_between_two_events_are_found(house):
    with house.tampering() as intruder:
        one, two = intruder.run(
            "SELECT p.event_id, p.salt, p.body FROM event_payload p JOIN event e ON e.id = p.event_id "
            "WHERE e.project_id = {project_id} AND e.seq IN (2, 3) ORDER BY e.seq"
        ).all()
        for row, other in ((one, two), (two, one)):
            body = other.body if isinstance(other.body, str) else json.dumps(other.body)
            intruder.run("UPDATE event_payload SET salt = :salt, body = :body WHERE event_id = :id",
                         salt=other.salt, body=body, id=row.event_id)  # fmt: skip
    assert house.found() == {("journal.tampered", event(house, 2)), ("journal.tampered", event(house, 3))}


@pytest.mark.parametrize(
    "change",
    ["actor_id = 99", "behalf_id = 99", "way = 'link'", "kind = 'task.archived'", "object_id = 99",
     "at = '2026-01-01 08:00:00'", "chained = NULL", "hash = 'x'", "key_id = 'x'"],
)  # fmt: skip
def test_an_event_that_was_changed_is_named(house, change):
    with house.tampering() as intruder:
        seq = intruder.run(
            "SELECT min(seq) FROM event WHERE project_id = {project_id} AND chained IS NOT NULL"
        ).scalar_one()
        intruder.run(f"UPDATE event SET {change} WHERE project_id = {{project_id}} AND seq = :seq", seq=seq)
    wanted = ("journal.key_missing", "key:x") if "key_id" in change else ("journal.tampered", event(house, seq))
    assert wanted in house.found()


def test_a_chain_that_was_made_anew_after_a_changed_actor_is_named_as_a_range(house):
    with house.tampering() as intruder:
        last = intruder.last(house.project)
        intruder.run("UPDATE event SET actor_id = 99 WHERE project_id = {project_id} AND seq = 5")
        intruder.make_anew(house.project, 5, as_before)
    found = house.found()
    assert ("journal.rechained", f"event:{house.project}/5-{last}") in found
    assert ("journal.rechained", event(house, last)) in found, "the anchor tells too"


def test_a_chain_that_was_made_anew_with_a_key_of_ones_own_is_found(house):
    own = secrets.token_bytes(16)
    with house.tampering() as intruder:
        last = intruder.last(house.project)
        intruder.run("UPDATE event SET actor_id = 99 WHERE project_id = {project_id} AND seq = 5")
        intruder.make_anew(house.project, 5, lambda row: mac(own, "event", str(sorted(row))))
    assert ("journal.rechained", f"event:{house.project}/5-{last}") in house.found()


def test_a_chain_that_was_made_anew_as_if_it_had_no_key_is_found(house):
    house.file.unlink()
    with house.tampering() as intruder:
        last = intruder.last(house.project)
        intruder.run("UPDATE event SET key_id = NULL, chained = NULL WHERE project_id = {project_id}")
        intruder.make_anew(house.project, 1, as_before)
        intruder.run("UPDATE project_chain SET seal = '' WHERE project_id = {project_id}")
    assert ("journal.rechained", f"event:{house.project}/1-{last}") in house.found()


def test_a_chain_under_a_key_that_we_do_not_know_is_told_of(house):
    with house.tampering() as intruder:
        last = intruder.last(house.project)
        intruder.run("UPDATE event SET key_id = 'abcdef' WHERE project_id = {project_id}")
        intruder.make_anew(house.project, 1, lambda row: mac(b"own", "event", str(row["seq"])))
        intruder.run("UPDATE project_chain SET seal = 'abcdef:1' WHERE project_id = {project_id}")
    found = house.found()
    assert ("journal.key_missing", "key:abcdef") in found
    assert ("journal.rechained", event(house, last)) in found, "it is not as it was anchored"


def test_an_event_put_in_at_the_end_is_found(house):
    with house.tampering() as intruder:
        intruder.append(house.project, "task.changed")
        last = intruder.last(house.project)
    assert ("journal.rechained", event(house, last)) in house.found()


def test_an_event_put_into_the_middle_is_found(house):
    with house.tampering() as intruder:
        last = intruder.last(house.project)
        intruder.run("UPDATE event SET seq = seq + 1000 WHERE project_id = {project_id} AND seq > 4")
        intruder.run("UPDATE event SET seq = seq - 999 WHERE project_id = {project_id} AND seq > 1000")
        columns = "at, actor_id, way, behalf_id, kind, object_type, object_id, digest, prev, hash, key_id"
        intruder.run(
            f"INSERT INTO event (id, project_id, seq, {columns}) "
            f"SELECT 90001, project_id, 5, {columns} FROM event WHERE project_id = {{project_id}} AND seq = 4"
        )
        intruder.run("INSERT INTO event_payload (event_id, salt, body) SELECT 90001, salt, body FROM event_payload p "
                     "JOIN event e ON e.id = p.event_id WHERE e.project_id = {project_id} AND e.seq = 4")  # fmt: skip
        intruder.make_anew(house.project, 5, as_before)
    assert ("journal.rechained", f"event:{house.project}/5-{last + 1}") in house.found()


def test_events_that_were_moved_to_another_project_are_missed_here_and_do_not_fit_there(house):
    with house.tampering() as intruder:
        other = intruder.run("SELECT id FROM project WHERE key = 'OTHER'").scalar_one()
        there = intruder.last(other)
        intruder.run("UPDATE event SET project_id = :other, seq = :seq WHERE project_id = {project_id} AND seq = 4",
                     other=other, seq=there + 1)  # fmt: skip
        intruder.set_head(other)
    found = house.found()
    assert ("journal.missing", event(house, 5)) in found
    assert ("journal.tampered", event(house, there + 1, other)) in found


def test_events_that_were_deleted_with_their_task_left_are_missed(house):
    theirs = "(SELECT id FROM event WHERE object_type = 'task' AND object_id = {task_id})"
    house.tampered(
        f"DELETE FROM event_payload WHERE event_id IN {theirs}",
        "DELETE FROM event WHERE object_type = 'task' AND object_id = {task_id}",
    )
    found = house.found()
    assert "journal.missing" in {rule for rule, _ in found}


def test_a_head_that_was_set_back_alone_is_found(house):
    house.tampered("UPDATE project_chain SET seq = seq - 1 WHERE project_id = {project_id}")
    assert ("journal.missing", f"project:{house.project}") in house.found()


def test_seals_of_rows_that_were_changed_along_with_the_row_do_not_help(house):
    """The intruder has seen the seal of «done» at another task's event and puts it here."""
    with house.tampering() as intruder:
        seq, chained = intruder.run(
            "SELECT seq, chained FROM event WHERE project_id = {project_id} AND chained LIKE '%\"task:{task_id}\"%' "
            "ORDER BY seq DESC LIMIT 1"
        ).one()
        rows = json.loads(chained)
        rows["rows"][f"task:{house.ids['task_id']}"][1] = "0123456789abcdef"
        intruder.run("UPDATE event SET chained = :to WHERE project_id = {project_id} AND seq = :seq",
                     to=json.dumps(rows, sort_keys=True, separators=(",", ":")), seq=seq)  # fmt: skip
    assert ("journal.tampered", event(house, seq)) in house.found()


@pytest.mark.parametrize(
    "statement",
    [
        (
            "INSERT OR REPLACE INTO event SELECT id, project_id, seq, at, 99, way, behalf_id, kind, object_type, "
            "object_id, digest, prev, hash, key_id, chained FROM event WHERE project_id = {project_id} AND seq = 2"
        ),
        (
            "INSERT OR REPLACE INTO event (project_id, seq, at, way, kind, object_type, object_id, digest, prev, hash)"
            " SELECT project_id, seq, at, way, kind, object_type, object_id, digest, prev, hash FROM event LIMIT 1"
        ),
        "INSERT OR REPLACE INTO event_payload SELECT event_id, salt, '{{}}', erased_at FROM event_payload LIMIT 1",
        "INSERT OR REPLACE INTO project_chain (project_id, seq, head) VALUES ({project_id}, 1, '')",
        "UPDATE OR REPLACE project_chain SET seq = 1 WHERE project_id = {project_id}",
        "UPDATE OR REPLACE event SET seq = 3 WHERE project_id = {project_id} AND seq = 2",
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_replacing_is_refused_by_the_triggers(house, statement):
    with pytest.raises(DBAPIError, match="append-only"), house.database.engine.begin() as connection:
        connection.execute(text(statement.format(**house.ids)))
    assert house.verified().ok


@pytest.mark.parametrize(
    "statement",
    ["TRUNCATE event CASCADE", "TRUNCATE event_payload", "TRUNCATE project_chain",
     "UPDATE project_chain SET seq = seq - 1",
     ("INSERT INTO event_payload (event_id, body) SELECT event_id, '{{}}' FROM event_payload LIMIT 1 "
     "ON CONFLICT (event_id) DO UPDATE SET body = '{{}}'")],
)  # fmt: skip
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_emptying_is_refused_by_the_triggers(house, statement):
    with pytest.raises(DBAPIError, match="append-only"), house.database.engine.begin() as connection:
        connection.execute(text(statement.format(**house.ids)))
    assert house.verified().ok


# --- key and anchors


def test_without_the_key_it_is_said_that_nothing_can_be_told(house):
    found = house.found(OTHER_KEYS)
    assert ("journal.key_missing", f"key:{KEYS.current}") in found
    assert {rule for rule, _ in found} == {"journal.key_missing"}


def test_the_former_key_behind_the_present_one_is_enough(house):
    words = [OTHER_KEYS.key.decode(), KEYS.key.decode()]
    assert house.found(keys_of(words)) == set()


def lines_of(house):
    return house.file.read_text().splitlines()


def write(house, lines):
    house.file.write_text("".join(f"{line}\n" for line in lines))


def more_anchors(house):
    """A second and a third time, each with something new."""
    for number in (1, 2):
        with house.database.writing() as session:
            edit_task(session, by(house.ids["conductor_id"]), house.ids["task_id"], None, {"title": f"{number}"},
                      now=LATER)  # fmt: skip
        anchor(house.database, house.file, now=LATER)
    assert house.verified().ok
    return lines_of(house)


def test_anchors_that_were_cut_are_missed(house):
    lines = more_anchors(house)
    write(house, lines[:-1])
    assert ("journal.anchor", f"line:{len(lines)}-{len(lines)}") in house.found()


def test_anchors_that_are_gone_are_missed(house):
    house.file.unlink()
    assert ("journal.anchor", f"file:{house.file.name}") in house.found()


def test_an_anchor_that_was_taken_out_of_the_middle_is_missed(house):
    lines = more_anchors(house)
    write(house, [*lines[:1], *lines[2:]])
    assert ("journal.anchor", "line:2") in house.found()


def test_an_anchor_that_was_changed_is_found(house):
    lines = lines_of(house)
    told = json.loads(lines[0])
    write(house, [json.dumps({**told, "seq": told["seq"] - 1}), *lines[1:]])
    assert ("journal.anchor", "line:1") in house.found()


def test_what_is_no_line_of_ours_is_found(house):
    write(house, [*lines_of(house), "anything", "[]"])
    assert {
        ("journal.anchor", f"line:{len(lines_of(house)) - 1}"),
        ("journal.anchor", f"line:{len(lines_of(house))}"),
    } <= (house.found())


def test_a_line_that_was_half_written_when_the_power_went_is_no_harm(house):
    whole = house.file.read_text()
    house.file.write_text(whole + whole.splitlines()[0][:40])
    assert house.verified().ok
    with house.database.writing() as session:
        edit_task(session, by(house.ids["conductor_id"]), house.ids["task_id"], None, {"title": "x"}, now=LATER)
    anchor(house.database, house.file, now=LATER)
    assert house.verified().ok and house.verified().unanchored == 0


def test_what_came_after_the_last_anchor_is_counted(house):
    with house.database.writing() as session:
        edit_task(session, by(house.ids["conductor_id"]), house.ids["task_id"], None, {"title": "x"}, now=LATER)
    found = house.verified()
    assert found.ok and found.unanchored == 1
    anchor(house.database, house.file, now=NOW)
    assert house.verified().unanchored == 0
