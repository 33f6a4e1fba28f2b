"""What people send besides pressing buttons: bound to its task with a way back, asked for, or put into the inbox.

Nothing is dropped, and nothing is put twice: each message has a row that says where it went.
"""

from contextlib import suppress
from datetime import date, datetime
from typing import NamedTuple

from sqlmodel import Session

from bot import buttons, texts
from bot.placing import about, ask_where, bind, kept_at, links_in, project_of_card, step_project, to_inbox
from bot.replies import Reply
from tracker.domain.dates import date_of
from tracker.domain.errors import Forbidden, NotFound
from tracker.domain.permissions import Sight
from tracker.domain.terms import AnswerKind
from tracker.services.access.loading import SeenTask
from tracker.services.channels import chats
from tracker.services.channels.telegram import Linked
from tracker.services.ground.journal import HOUSE
from tracker.services.ground.uploads import Kept, name_upload
from tracker.services.podium.steps import days_ahead, find_step, step_of, step_seen, steps_of, today_of
from tracker.services.tasks.answers import Given, give
from tracker.services.tasks.comments import add_comment, edit_comment
from tracker.services.tasks.evidence import add_evidence
from tracker.services.tasks.inbox import send_to_inbox
from tracker.tables import ChatMessage
from tracker.wording.marking import N_
from tracker.wording.say import say

DATE_WORDS = 40
"""A text no longer than this may be a date and nothing else."""


class Sent(NamedTuple):
    """One message of a person. `files` lie in their place already; `reply_to`: the message it answers, or 0."""

    chat_id: int
    message_id: int
    text: str = ""
    files: tuple[Kept, ...] = ()
    album: str = ""
    reply_to: int = 0


def take(session: Session, who: Linked, sent: Sent, *, now: datetime) -> Reply | None:
    """None: nothing to say (a further picture of an album)."""
    uploads = [name_upload(session, who.actor, kept, project_id=HOUSE, now=now).id for kept in sent.files]
    row = chats.take_in(
        session,
        sent.chat_id,
        sent.message_id,
        who.person_id,
        now=now,
        text=sent.text,
        uploads=uploads,
        album=sent.album,
    )
    if row is None:  # it came once more after we were killed: only the word about it may be missing
        known = chats.message_at(session, sent.chat_id, sent.message_id)
        return None if known is None else about(session, who, known)
    first = chats.of_album(session, row)[0]
    if first.id != row.id:
        _follow(session, who, row, first, now)
        return None
    asked = chats.asked(session, sent.chat_id, now=now)
    ours = asked is not None and asked.person_id == who.person_id and asked.task_id is not None
    if asked and ours and sent.reply_to in (0, asked.facts.get("message")):
        reply = _answer(session, who, row, asked, now)
        if reply is not None:
            return reply
    task_id = _likely(session, who, sent, now)
    if task_id is not None and (seen := bind(session, who, row, task_id, now)):
        return _bound(session, who, row, seen, now)
    return ask_where(session, who, row, now)


def _likely(session: Session, who: Linked, sent: Sent, now: datetime) -> int | None:
    """The task that is spoken of: the message answered, else the card shown last, else the only open step."""
    if sent.reply_to and (answered := chats.task_at(session, sent.chat_id, sent.reply_to)) is not None:
        return answered
    for task_id in chats.shown_tasks(session, sent.chat_id, now=now):
        with suppress(NotFound):
            return find_step(session, who.actor, task_id).task.id
    mine = steps_of(session, who.person_id, now=now)
    return mine[0].id if len(mine) == 1 else None


def _follow(session: Session, who: Linked, row: ChatMessage, first: ChatMessage, now: datetime) -> None:
    """The rest of an album goes where its first picture went."""
    if first.task_id is not None and bind(session, who, row, first.task_id, now):
        return
    if first.card_id is not None:
        to_inbox(session, who, row, project_of_card(session, first), now)


def _answer(session: Session, who: Linked, row: ChatMessage, asked: chats.Asked, now: datetime) -> Reply | None:
    """What we have asked for. None: this is no answer to it, and is taken as any other word."""
    assert asked.task_id is not None
    try:
        seen = find_step(session, who.actor, asked.task_id, lock=True)
    except NotFound:
        return None
    step = step_seen(session, seen)
    if asked.kind == "date" and not row.uploads:
        return _read_day(session, who, row, seen, now)
    if asked.kind in ("help", "not_mine") and row.text and not row.uploads:
        give(session, who.actor, seen, Given(AnswerKind(asked.kind), note=row.text), now=now)
        row.task_id, row.settled = step.id, True
        session.add(row)
        chats.answered(session, row.chat_id)
        return Reply(texts.call_asked(who.language, step), (), step.id)
    shows = row.uploads or links_in(row.text)
    if asked.kind == "evidence" and shows and (shown := bind(session, who, row, seen, now)):
        chats.answered(session, row.chat_id)
        answer = give(session, who.actor, shown, Given(AnswerKind.DONE), now=now)
        # The turn may have gone on, and with it the sight of the task.
        after = step_seen(session, answer.seen) if answer.seen.sight is Sight.FULL else step
        return Reply(texts.done(who.language, after, answer.outcome), (), step.id)
    return None


def _read_day(session: Session, who: Linked, row: ChatMessage, seen: SeenTask, now: datetime) -> Reply:
    day, step = _day_in(session, who, row.text, now), step_seen(session, seen)
    if day is not None:
        row.task_id, row.settled = step.id, True
        session.add(row)
        chats.answered(session, row.chat_id)
        return Reply(texts.is_it_this_day(who.language, day), buttons.confirm_day(who.language, step, day), step.id)
    bind(session, who, row, seen, now)
    offered = days_ahead(session, who.person_id, step, now=now)
    said = say(who.language, N_("No day could be read here, so it is noted as a comment. Which day would suit you?"))
    return Reply(said, buttons.days(who.language, step, offered), step.id)


def _day_in(session: Session, who: Linked, text: str, now: datetime) -> date | None:
    """A day that is ahead, if the text says nothing else."""
    if not text or len(text) > DATE_WORDS:
        return None
    today = today_of(session, who.person_id, now=now)
    day = date_of(text, today)
    return day if day is not None and today <= day and (day - today).days <= 366 else None


def _bound(session: Session, who: Linked, row: ChatMessage, seen: SeenTask, now: datetime) -> Reply:
    reply = kept_at(session, who, row, seen)
    if reply.task_id is None:
        return reply
    step = step_seen(session, seen)
    day = _day_in(session, who, row.text, now) if row.comment_id is not None and not row.uploads else None
    if day is None or not step.asks(who.person_id) or day == step.promised_on:
        return reply
    # «К пятнице» as a plain word is most likely a promise: one tap makes it one.
    keyboard = (*buttons.confirm_day(who.language, step, day)[:1], *reply.keyboard)
    return Reply(texts.lines(reply.text, texts.is_it_this_day(who.language, day)), keyboard, step.id)


def edited(session: Session, who: Linked, sent: Sent, *, now: datetime) -> Reply | None:
    """A message that was mended: what was made of it is mended too, and the journal keeps both."""
    row = chats.message_at(session, sent.chat_id, sent.message_id)
    if row is None or not row.incoming:
        return take(session, who, sent, now=now)
    if row.text == sent.text:
        return None
    row.text = sent.text
    session.add(row)
    if row.task_id is not None:
        step = step_of(session, who.actor, row.task_id)
        _mend(session, who, row, now)
        return Reply(texts.kept(who.language, step, "edited"), (), step.id)
    if row.card_id is not None:
        corrected = say(who.language, N_("(corrected) {text}"), text=sent.text)
        send_to_inbox(session, who.actor, project_of_card(session, row), corrected, now=now)
        return about(session, who, row)
    return None


def _mend(session: Session, who: Linked, row: ChatMessage, now: datetime) -> None:
    assert row.task_id is not None
    try:
        if row.comment_id is not None and row.text:
            edit_comment(session, who.actor, row.comment_id, row.text, now=now)
        elif row.text:
            row.comment_id = add_comment(session, who.actor, row.task_id, row.text, now=now).id
        pieces = [add_evidence(session, who.actor, row.task_id, url=link, now=now).id for link in links_in(row.text)]
        row.evidence = list(dict.fromkeys([*row.evidence, *pieces]))
    except (Forbidden, NotFound):
        # The task has gone to somebody else since; the mended words still reach a human.
        send_to_inbox(session, who.actor, step_project(session, row.task_id), row.text, now=now)
    session.add(row)
