"""Through whom a person is reached, and who is not."""

from datetime import date

import sqlalchemy as sa

from tests.worlds.integrations import NOW, change
from tests.worlds.outbox import Wire, ask, at, pass_time
from tests.worlds.rounds import task
from tracker.services.engine.clock import tick
from tracker.tables import Absence, Membership, Person


def test_an_invitation_is_enough_to_be_written_to(db, world):
    change(db, Person, world.ira, knows_bot=False)
    with db.writing() as session:
        session.execute(sa.update(Membership).where(Membership.person_id == world.ira).values(invited_at=NOW))
    ask(db, world, "Прислать поля формы", world.ira)
    assert len(tick(db, NOW).queued) == 1


def test_a_deputy_who_is_a_member_gets_the_messages_of_both(db, world):
    with db.writing() as session:
        session.add(Absence(person_id=world.gleb, first=date(2026, 11, 23), last=date(2026, 11, 27)))
    change(db, Person, world.gleb, deputy_id=world.lena)
    own = ask(db, world, "Своя", world.lena)
    stood_in = ask(db, world, "За Глеба", world.gleb)
    sent = pass_time(db, Wire(), NOW, at("2026-11-24T18:00"))
    assert [(outgoing.person_id, [one.id for one in outgoing.tasks]) for _now, outgoing in sent] == [
        (world.lena, [own, stood_in])
    ]
    assert task(db, stood_in).turn_id == world.gleb


def test_a_deputy_from_outside_the_project_gets_nothing(db, world):
    with db.writing() as session:
        session.add(Absence(person_id=world.gleb, first=date(2026, 11, 23), last=date(2026, 11, 27)))
    change(db, Person, world.stas, telegram_chat_id=5, knows_bot=True)
    change(db, Person, world.gleb, deputy_id=world.stas)
    ask(db, world, "За Глеба", world.gleb)
    assert pass_time(db, Wire(), NOW, at("2026-11-27T18:00")) == []
