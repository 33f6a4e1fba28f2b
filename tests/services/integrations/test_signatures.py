"""Who signs an acceptance, and in whose words."""

import pytest
from sqlmodel import select

from tests.services.integrations.launching import SHOT, kinds, missing
from tests.worlds.integrations import LATER, NOW, by, members_of
from tracker.domain.errors import Forbidden, Invalid, NotFound
from tracker.services.integrations.signatures import (
    default_signers,
    set_signers,
    sign,
    sign_by_letter,
    signatures_of,
    signers_of,
)
from tracker.tables import Integration, Membership


def test_the_accountable_person_and_the_customers_decider_sign_by_default(db, world, check):
    with db.reading() as session:
        integration = session.get_one(Integration, world.form)
        assert [one.person for one in signers_of(session, integration)] == [world.pavel, world.olga]
    assert default_signers(7, 7) == [7]
    assert default_signers(7, None) == [7, None]
    assert default_signers(None, 8) == [8]


def test_without_a_decider_at_the_customers_nobody_signs_alone(db, world, check):
    with db.writing() as session:
        place = session.exec(select(Membership).where(Membership.person_id == world.olga)).one()
        place.can_decide = False
        session.add(place)
        assert "no_customer_decider" in missing(session, world)
        with pytest.raises(Invalid):
            sign(session, by(world.pavel), world.form, now=NOW)


def test_who_may_sign(db, world, check):
    with db.writing() as session:
        for actor, refusal in (
            (by(world.ira), Forbidden),
            (by(world.anna), Forbidden),
            (by(world.pavel, behalf=world.olga), Forbidden),
            (by(world.lena), NotFound),
            (by(world.stas), NotFound),
        ):
            with pytest.raises(refusal):
                sign(session, actor, world.form, now=NOW)
        sign(session, by(world.pavel), world.form, now=NOW)
        sign(session, by(world.pavel), world.form, now=LATER)
        assert [one.signed_at for one in signatures_of(session, world.form)] == [NOW, None]
        assert world.olga in members_of(session, world.form), "who is to sign sees what they sign"
    with db.reading() as session:
        assert kinds(session, "integration").count("integration.signed") == 1


def test_named_signers_and_a_vendors_letter(db, world, check):
    with db.writing() as session:
        with pytest.raises(Forbidden):
            set_signers(session, by(world.pavel), world.form, [world.pavel], now=NOW)
        with pytest.raises(Invalid):
            set_signers(session, by(world.anna), world.form, [world.stas], now=NOW)
        set_signers(session, by(world.anna), world.form, [world.pavel, world.lena], now=NOW)
        sign(session, by(world.pavel), world.form, now=NOW)
        with pytest.raises(Invalid):
            sign_by_letter(session, by(world.anna), world.form, world.lena, now=NOW)
        with pytest.raises(Invalid):
            sign_by_letter(session, by(world.anna), world.form, world.olga, url=SHOT, now=NOW)
        with pytest.raises(Forbidden):
            sign_by_letter(session, by(world.pavel), world.form, world.lena, url=SHOT, now=NOW)
        sign_by_letter(session, by(world.anna), world.form, world.lena, url=SHOT, now=NOW)
        rows = signatures_of(session, world.form)
        assert [(one.person_id, one.noted_by_id, one.letter_id is not None) for one in rows] == [
            (world.pavel, None, False),
            (world.lena, world.anna, True),
        ]
        assert "unsigned" not in missing(session, world)
        set_signers(session, by(world.anna), world.form, [world.pavel], now=LATER)
        assert [one.signed_at for one in signatures_of(session, world.form)] == [NOW]
        set_signers(session, by(world.anna), world.form, [], now=LATER)
        integration = session.get_one(Integration, world.form)
        assert [one.signed for one in signers_of(session, integration)] == [False, False], "back to the default"
