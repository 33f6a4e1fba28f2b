"""Who is invited to a meeting, what they answer, and who is not to be."""

import pytest

from tests.worlds.integrations import LATER, NOW, by
from tests.worlds.meetings import events
from tracker.domain.errors import Forbidden, Invalid
from tracker.services.meetings.guests import Invited, guests_of
from tracker.services.meetings.inviting import answer_invitation, invite


def test_an_invitation_is_answered_by_the_person_or_in_their_words(db, world, call):
    with db.writing() as session:
        answer_invitation(session, by(world.ira), call, "yes", now=LATER)
        answer_invitation(session, by(world.ira), call, "yes", now=LATER)
        answer_invitation(session, by(world.anna, behalf=world.gleb), call, "no", now=LATER)
        with pytest.raises(Forbidden):
            answer_invitation(session, by(world.ira, behalf=world.gleb), call, "yes", now=LATER)
        with pytest.raises(Forbidden):
            answer_invitation(session, by(world.vera), call, "yes", now=LATER)
        with pytest.raises(Invalid):
            answer_invitation(session, by(world.ira), call, "perhaps", now=LATER)
    with db.reading() as session:
        assert [guest.rsvp for guest in guests_of(session, call)] == ["yes", "no", "asked"]
        assert events(session).count("meeting.answered") == 2


def test_nobody_from_outside_is_invited(db, world, call):
    with db.writing() as session, pytest.raises(Invalid) as refused:
        invite(session, by(world.anna), call, [Invited(world.stas)], now=NOW)
    assert refused.value.errors[0].code == "not_a_member"
