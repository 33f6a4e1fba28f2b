"""Days away: they move what is stored, and come back out."""

from datetime import date, timedelta

import pytest

from tests.worlds.house import LATER, NOBODY, NOW, by
from tests.worlds.refused import codes
from tracker.domain.errors import Forbidden, Invalid, NotFound
from tracker.services.people import absences
from tracker.services.tasks.editing import TaskInput, create_task
from tracker.tables import Task


def test_an_absence_moves_the_moment_and_comes_back_out(db, house):
    with db.writing() as session:
        task = create_task(session, by(house.marina), house.len, TaskInput("Форма", owner=house.timur), now=NOW)
        before = task.stalls_at
        first, last = date(2026, 11, 24), date(2026, 11, 30)
        away = absences.add_absence(session, by(house.timur), house.timur, first, last, now=NOW, note="отпуск")
        assert absences.add_absence(session, by(house.marina), house.timur, first, last, now=NOW).id == away.id
        assert session.get_one(Task, task.id).stalls_at > before
        listed = absences.absences_of(session, by(house.marina), house.timur, since=last)
        assert [(one.first, one.last, one.note) for one in listed] == [(first, last, "отпуск")]
        absences.remove_absence(session, by(house.timur), away.id, now=LATER)
        assert session.get_one(Task, task.id).stalls_at == before
        with pytest.raises(NotFound):
            absences.remove_absence(session, by(house.timur), away.id, now=LATER)


def test_absences_by_role_outsider_and_nonsense(db, house):
    day = date(2026, 11, 24)
    with db.writing() as session:
        kept = absences.add_absence(session, by(house.timur), house.timur, day, day, now=NOW).id
        with pytest.raises(Forbidden):
            absences.add_absence(session, by(house.petr), house.timur, day, day, now=NOW)
        with pytest.raises(Forbidden):
            absences.remove_absence(session, by(house.petr), kept, now=NOW)
        for who, whom in [(house.gleb, house.timur), (house.marina, NOBODY)]:
            with pytest.raises(NotFound):
                absences.add_absence(session, by(who), whom, day, day, now=NOW)
        for who, which in [(house.gleb, kept), (house.marina, NOBODY)]:
            with pytest.raises(NotFound):
                absences.remove_absence(session, by(who), which, now=NOW)
        for last, code in [
            (day - timedelta(days=1), "ends_before_it_begins"),
            (day + timedelta(days=400), "too_long_away"),
        ]:
            with pytest.raises(Invalid) as caught:
                absences.add_absence(session, by(house.timur), house.timur, day, last, now=NOW)
            assert codes(caught) == {("last", code)}
