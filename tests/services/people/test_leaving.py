"""Who holds something that others wait for does not leave before it is handed over."""

import pytest

from tests.worlds.house import NOW, by
from tracker.domain.errors import Refused
from tracker.domain.terms import WaitKind
from tracker.services.integrations import deadlocks
from tracker.services.integrations.passports import IntegrationInput, create_integration
from tracker.services.people import memberships
from tracker.services.people.leaving import work_of
from tracker.services.tasks.editing import TaskInput, WaitInput, create_task, edit_task


def test_who_holds_work_stays_until_it_is_handed_over(db, house):
    with db.writing() as session:
        task = create_task(session, by(house.marina), house.len, TaskInput("Форма", owner=house.petr), now=NOW)
        create_integration(
            session, by(house.marina), house.len, IntegrationInput("Оплата", accountable=house.petr), now=NOW
        )
        with pytest.raises(Refused) as caught:
            memberships.remove_member(session, by(house.marina), house.len, house.petr, now=NOW)
        assert [row["code"] for row in caught.value.missing] == ["owns_task", "answers_for"]
        edit_task(session, by(house.marina), task.id, None, {"owner": house.timur}, now=NOW)
        assert len(work_of(session, house.len, house.petr)) == 1


def test_who_is_awaited_or_decides_stays_too(db, house):
    """Else the turn would be with somebody who is gone, and who can't be written to."""
    with db.writing() as session:
        waiting = WaitInput(WaitKind.PERSON, person_id=house.petr)
        awaited = create_task(
            session, by(house.marina), house.len, TaskInput("Форма", owner=house.timur, waiting=waiting), now=NOW
        )
        given = deadlocks.DeadlockInput("Одна или две", decider=house.petr, parties=(house.shop, house.studio))
        deadlock = deadlocks.open_deadlock(session, by(house.marina), house.len, given, now=NOW)
        with pytest.raises(Refused) as caught:
            memberships.remove_member(session, by(house.marina), house.len, house.petr, now=NOW)
        assert caught.value.missing == [
            {"code": "awaited", "number": awaited.number},
            {"code": "decides", "deadlock": deadlock.id, "title": "Одна или две"},
        ]
