"""What the bot has said in the demo's past: composed by the engine at its moment, and taken for delivered.

A composition-level module beside `tracker.demo.story`.
"""

from datetime import datetime

from sqlmodel import Session

from tracker.domain.nudging.digests import compose
from tracker.domain.terms import MessageState
from tracker.services.ground.journal import ENGINE
from tracker.services.messages.outcomes import delivered
from tracker.services.messages.queue import open_rows, put_digests, would_put
from tracker.services.nudging.cases import load_cases, surroundings
from tracker.services.nudging.message_facts import letter_of
from tracker.services.nudging.reach import circle_of
from tracker.tables import Message
from tracker.wording.messages import plain_of


def tell(session: Session, person_id: int, now: datetime) -> Message:
    """The person's message of that day, sent by Telegram at `now`. Raises ValueError if nothing was due then."""
    session.flush()
    cases = load_cases(session, surroundings(session, now), circle_of(session, [person_id]).all, now)
    told = {stored.case.id: (stored, one) for stored, one in cases.decisions(now) if one.person == person_id}
    readers = [
        turns if turns.id == person_id or turns.deputy is None else turns.deputy for turns in cases.people.values()
    ]
    reader = next((one for one in readers if one.id == person_id), None)
    digest = compose(reader, [one for _stored, one in told.values()], now) if reader is not None else None
    row = open_rows(session, [person_id]).get(person_id)
    put = would_put(digest, {key: one for key, (one, _) in told.items()}, cases.policies, row) if digest else None
    written = put_digests(session, ENGINE, [put], now) if put is not None else []
    if not written or written[0].send_after > now:
        raise ValueError(f"seed_data/demo.toml: nothing to tell person {person_id} at {now}")
    message = session.get_one(Message, written[0].id)
    message.text, message.channel = plain_of(letter_of(session, message)), "telegram"
    message.state, message.claimed_at, message.updated_at = MessageState.SENDING, now, now
    session.add(message)
    delivered(session, message, now)
    session.flush()
    return message
