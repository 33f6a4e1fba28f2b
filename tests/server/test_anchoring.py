"""The journal's heads are written down beside the server: by the clock's holder, once in ten minutes of change."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.worlds.integrations import NOW
from tests.worlds.outbox import ask, settle_in
from tests.worlds.tampering import KEYS
from tracker.keeping.anchors import read_anchors
from tracker.server.loops import ANCHOR_EVERY, anchor_rest, anchor_rounds, holder
from tracker.services.ground.opening import open_database
from tracker.services.house.leases import CLOCK, release, take
from tracker.services.house.self_watch import signs

SECOND = timedelta(seconds=1)


class Wall:
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)

    def __call__(self):
        return self.now


@pytest.fixture
def db(database_url):
    database = open_database(database_url, keys=KEYS)
    yield database
    database.close()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "anchors.jsonl"


def hold_the_clock(db, wall):
    with db.writing() as session:
        assert take(session, CLOCK, holder(), now=wall.now, term=timedelta(days=1))


def lines(file):
    return len(file.read_text().splitlines())


def test_heads_are_written_down_at_the_start_and_then_once_in_ten_minutes_of_change(db, file):
    world, wall = settle_in(db), Wall()
    ask(db, world, "Прислать поля", world.ira)
    hold_the_clock(db, wall)
    work = anchor_rounds(db, file, wall)
    work()
    begun = lines(file)
    assert set(read_anchors(file, KEYS).last) == {0, world.project}
    ask(db, world, "Прислать ключи", world.ira)
    wall.now += ANCHOR_EVERY - SECOND
    work()
    assert lines(file) == begun
    wall.now += SECOND
    work()
    assert lines(file) == begun + 1, "only what has moved"
    wall.now += ANCHOR_EVERY
    work()
    assert lines(file) == begun + 1


def test_after_a_new_start_only_what_is_not_there_yet_is_written(db, file):
    world, wall = settle_in(db), Wall()
    hold_the_clock(db, wall)
    anchor_rounds(db, file, wall)()
    before = lines(file)
    anchor_rounds(db, file, wall)()
    assert lines(file) == before
    ask(db, world, "Прислать поля", world.ira)
    anchor_rest(db, file)
    assert lines(file) == before + 1


def test_who_has_not_got_the_clock_writes_nothing(db, file):
    settle_in(db)
    wall = Wall()
    work = anchor_rounds(db, file, wall)
    work()
    assert not file.exists()
    hold_the_clock(db, wall)
    work()
    assert file.exists()
    with db.writing() as session:
        release(session, CLOCK, holder())


def test_a_file_that_can_not_be_written_is_told_of_once_in_ten_minutes(db, tmp_path):
    settle_in(db)
    wall = Wall()
    hold_the_clock(db, wall)
    (tmp_path / "anchors.jsonl").mkdir()
    work = anchor_rounds(db, tmp_path / "anchors.jsonl", wall)
    with pytest.raises(OSError, match="directory"):
        work()
    work()  # the log is not filled with it
    with db.reading() as session:
        [sign] = [one for one in signs(session, now=NOW) if one.name == "anchor"]
    assert not sign.well and "anchors.jsonl" in sign.detail
