"""An integration on its way to *live*."""

from sqlmodel import select

from tests.telling.checks import pass_check
from tests.worlds.integrations import NOW, by
from tracker.domain.acceptance import missing_to_launch
from tracker.services.integrations.launch import (
    accept_accountability,
    agree_to_checks,
    facts_of_launch,
)
from tracker.services.integrations.signatures import (
    sign,
)
from tracker.tables import Event, Integration

SHOT = "https://shots.example/1"


def facts(session, world):
    return facts_of_launch(session, session.get_one(Integration, world.form))


def missing(session, world):
    return [one.code for one in missing_to_launch(facts(session, world))]


def kinds(session, object_type):
    query = select(Event.kind).where(Event.object_type == object_type).order_by(Event.id)
    return [kind for kind in session.exec(query) if kind.startswith(object_type)]


def make_ready(session, world, check):
    accept_accountability(session, by(world.pavel), world.form, now=NOW)
    agree_to_checks(session, by(world.pavel), world.form, now=NOW)
    pass_check(session, by(world.gleb), check, url=SHOT, now=NOW)
    sign(session, by(world.pavel), world.form, now=NOW)
    sign(session, by(world.anna, behalf=world.olga), world.form, now=NOW)
