"""What waits for the conductor: one order on the podium and in the morning's message."""

from tests.worlds.integrations import NOW, by, lay
from tracker.domain.needs import ORDER
from tracker.domain.terms import CardKind
from tracker.services.podium.needs import needs_of
from tracker.services.tasks.cards import open_card
from tracker.wording.messages import PODIUM, Letter, plain_of


def test_the_podium_and_the_message_name_the_kinds_in_the_same_order(db):
    with db.writing() as session:
        world = lay(session)
        for kind in reversed(CardKind):
            open_card(session, by(world.anna), world.project, kind, now=NOW, person_id=world.ira)
    with db.reading() as session:
        shown = [need.kind for need in needs_of(session, [world.project], now=NOW, today=NOW.date())]
    assert shown == [kind for kind in ORDER if kind in set(CardKind)]
    said = plain_of(Letter("en", "podium", "", "", (), podium=tuple((kind, 1) for kind in reversed(ORDER))))
    assert said.splitlines()[2:] == [PODIUM[kind].format(n=1) for kind in ORDER]
