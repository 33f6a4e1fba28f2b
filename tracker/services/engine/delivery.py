"""Delivery: claim, ask once more whether it is still due, commit, send outside any transaction, record what came of it.

At most once, whatever dies when: a row is `sending` before anything leaves, and a row found `sending` after its
process died is `unknown` and never sent again; its tasks simply come up in the next digest.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col

from tracker.db import Database, rows
from tracker.domain.nudging.cases import FIRST_NUDGES, REMINDER, NudgeAction, NudgeDecision, PersonCase
from tracker.domain.nudging.digests import digest_slot, holds, is_late_friday, order
from tracker.domain.nudging.policy import needs_approval
from tracker.domain.nudging.sending import Moved, Outgoing, Send
from tracker.domain.terms import ABOUT_TASKS, FINISHED, MessageKind, MessageState
from tracker.domain.worktime import local_day
from tracker.services.engine.morning import podium_verdict, renew_counts
from tracker.services.ground.journal import ENGINE, record
from tracker.services.house.installation import is_paused
from tracker.services.meetings.news import news_verdict
from tracker.services.messages.outcomes import card_unreachable, settle, settle_unknown
from tracker.services.messages.queue import WAITING, cancel, due_now
from tracker.services.nudging.cases import load_cases, policy_of, surroundings
from tracker.services.nudging.forewords import Carrier, carry
from tracker.services.nudging.message_facts import PODIUM, letter_of, outgoing_tasks
from tracker.services.nudging.reach import addresses_of, circle_of
from tracker.tables import Message, MessageTask, Person, Project, Task
from tracker.wording.messages import html_of, plain_of, subject_of

DEAD_AFTER = timedelta(minutes=5)
"""A claim older than this belongs to a process that has died."""
ROUND = 200
"""Messages a round at most: the next one follows at once."""


class DeliveryReport(NamedTuple):
    sent: int = 0
    held: int = 0
    unknown: int = 0
    failed: int = 0
    cancelled: int = 0


def deliver(database: Database, now: datetime, channels: Mapping[str, Send], *, holder: str = "") -> DeliveryReport:
    """Send what is due. `channels` maps telegram and email to what sends; without one its messages stay queued."""
    with database.reading() as session:
        paused = is_paused(session)
    counts = dict.fromkeys(DeliveryReport._fields, 0)
    counts["unknown"] += _bury(database, now)
    if paused or not channels:
        return DeliveryReport(**counts)
    with database.reading() as session:
        due = _due(session, now)
    for message_id in due:
        # Twice at most: a chat that has moved is tried at its new address at once.
        for _ in range(2):
            claimed = _claim(database, message_id, now, channels, holder)
            if isinstance(claimed, str):
                if claimed:
                    counts[claimed] += 1
                break
            outcome = channels[claimed.channel](claimed)
            counts[settle(database, claimed, outcome, now)] += 1
            if not isinstance(outcome, Moved):
                break
            counts["held"] -= 1
    return DeliveryReport(**counts)


def _due(session: Session, now: datetime) -> list[int]:
    query = sa.select(col(Message.id)).where(col(Message.state).in_(WAITING), col(Message.send_after) <= now)
    return [one for (one,) in rows(session, query.order_by(col(Message.send_after), col(Message.id)).limit(ROUND))]


def _bury(database: Database, now: datetime) -> int:
    """Rows left `sending` by a dead process: nobody knows what became of them."""
    lost = sa.select(col(Message.id)).where(
        col(Message.state) == MessageState.SENDING, col(Message.claimed_at) <= now - DEAD_AFTER
    )
    with database.reading() as session:
        if not rows(session, lost.limit(1)):
            return 0
    with database.writing() as session:
        ids = [one for (one,) in rows(session, lost.with_for_update(skip_locked=True))]
        for message_id in ids:
            settle_unknown(session, session.get_one(Message, message_id), "the process died while sending", now)
        return len(ids)


def _claim(
    database: Database, message_id: int, now: datetime, channels: Mapping[str, Send], holder: str
) -> Outgoing | str:
    """The message, now `sending`; or the name of the count it falls under (empty: none of ours)."""
    with database.writing() as session:
        message = session.get(Message, message_id, with_for_update={"skip_locked": True})
        if message is None or message.state not in WAITING or message.send_after > now:
            return ""
        person = session.get_one(Person, message.person_id)
        if verdict := _verdict(session, message, person, now):
            return verdict
        addresses = addresses_of(person)
        channel = next((one for one in addresses if one in channels), None)
        if not addresses:
            card_unreachable(session, message, "channel_dead", now)
            cancel(session, ENGINE, message, "channel_dead", now)
            return "cancelled"
        if channel is None:
            return ""
        return _sending(session, message, channel, addresses[channel], now, holder)


def _sending(session: Session, message: Message, channel: str, address: str, now: datetime, holder: str) -> Outgoing:
    letter = letter_of(session, message)
    plain = plain_of(letter)
    message.state, message.state_reason, message.channel, message.text = MessageState.SENDING, "", channel, plain
    message.claimed_at, message.claimed_by, message.updated_at = now, holder, now
    session.add(message)
    return Outgoing(
        message.id,
        message.person_id,
        letter.language,
        channel,
        address,
        message.kind,
        subject_of(letter),
        html_of(letter),
        plain,
        outgoing_tasks(session, message),
        tuple(sorted(message.facts.items())),
    )


def _verdict(session: Session, message: Message, person: Person, now: datetime) -> str:
    """Why it does not leave now: held, cancelled; empty if it may. Writes the reason, or the later moment."""
    ask = VERDICTS.get(message.kind)
    if ask is None:
        # Of a newer version: nobody here can ask whether it still holds.
        cancel(session, ENGINE, message, "nothing_due", now)
        return "cancelled"
    return ask(session, message, person, now)


def _steps_verdict(session: Session, message: Message, _person: Person, now: datetime) -> str:
    case, reasons, approval = _ask_again(session, message, now)
    fixed = message.approved_at is not None or message.own_text != ""
    # It was for the morning, and the network or we were down: by now it is the evening of a week.
    late = case is not None and is_late_friday(case.calendar, now) and any(_asks_first(line) for line, _why in reasons)
    if late and not fixed:
        reasons = [(line, reason or ("late_friday" if _asks_first(line) else "")) for line, reason in reasons]
    for line, reason in reasons:
        line.cancelled = reason
        session.add(line)
    if message.own_text and len({reason == "" for _line, reason in reasons}) > 1:
        # They were written of all that it named, and can't be taken apart: of what is left we tell in our words.
        message.own_text = ""
        record(session, ENGINE, "message.reworded", message, now=now, person=message.person_id)
    session.flush()
    # The next round decides anew about what was taken out.
    due_now(session, [line.task_id for line, reason in reasons if reason], now)
    if case is None or all(reason for _line, reason in reasons):
        cancel(session, ENGINE, message, reasons[0][1] if reasons else "nothing_due", now)
        return "cancelled"
    if approval and message.approved_at is None and (message.own_text or not _leave_out(session, message, case, now)):
        message.state = MessageState.HELD
        session.add(message)
        return "held"
    # Another message of theirs may wait for a day: the conductor's own of a morning does.
    case = case._replace(told_days=case.told_days | _other_days(session, message))
    held = holds(case, now) or ("late_friday" if late and fixed else "")
    if held:
        return _postpone(session, message, held, digest_slot(case, now), local_day_of=case, now=now)
    # The day that it spends is the one on which it leaves: after a day of our own silence, or of the network's, the
    # one it was meant for would leave room for a second message today.
    message.local_day = local_day(case.calendar, now)
    if PODIUM in message.facts:
        renew_counts(session, message, now)
    return ""


VERDICTS: Mapping[str, Callable[[Session, Message, Person, datetime], str]] = {
    **dict.fromkeys(ABOUT_TASKS, _steps_verdict),
    MessageKind.MEETING: news_verdict,
    MessageKind.PODIUM: podium_verdict,
}
"""Kind of a message -> who is asked once more whether it holds."""


def _leave_out(session: Session, message: Message, case: PersonCase, now: datetime) -> bool:
    """Take out what nobody has approved, if the rest may leave now without it: one project does not wait for another's
    conductor. What is taken out comes in the person's next message, and waits there."""
    if holds(case, now):
        return False
    query = (
        sa.select(MessageTask, Project)
        .join(Task, col(Task.id) == col(MessageTask.task_id))
        .join(Project, col(Project.id) == col(Task.project_id))
        .where(col(MessageTask.message_id) == message.id, col(MessageTask.cancelled) == "")
        .order_by(col(MessageTask.position))
    )
    found = [
        (line, project, needs_approval(policy_of(project), message.local_day)) for line, project in rows(session, query)
    ]
    free = [project.id for _line, project, waits in found if not waits]
    if not free:
        return False
    for line, _project, waits in found:
        line.cancelled = "not_approved" if waits else ""
        session.add(line)
    message.project_id = free[0]
    session.flush()
    due_now(session, [line.task_id for line, _project, waits in found if waits], now)
    return True


def _asks_first(line: MessageTask) -> bool:
    return line.step in FIRST_NUDGES and line.rule != REMINDER


def _other_days(session: Session, message: Message) -> set[date]:
    """The days that the person's other messages have taken."""
    query = sa.select(col(Message.local_day)).where(
        col(Message.person_id) == message.person_id,
        col(Message.id) != message.id,
        col(Message.unasked).is_(True),
        col(Message.state) != MessageState.CANCELLED,
        col(Message.local_day) >= message.local_day,
    )
    return {day for (day,) in rows(session, query)}


def _ask_again(
    session: Session, message: Message, now: datetime
) -> tuple[PersonCase | None, list[tuple[MessageTask, str]], bool]:
    """(the reader, each line with why it is no longer due, whether the conductor's approval is needed)."""
    lines = session.scalars(
        sa.select(MessageTask)
        .where(col(MessageTask.message_id) == message.id, col(MessageTask.cancelled) == "")
        .order_by(col(MessageTask.position))
    ).all()
    tasks = {
        task.id: task
        for task in session.scalars(sa.select(Task).where(col(Task.id).in_([line.task_id for line in lines])))
    }
    # Those on pause too: the reason is theirs to give. One that is put away has nothing more to say.
    projects = {one: session.get_one(Project, one) for one in {task.project_id for task in tasks.values()}}
    projects = {key: project for key, project in projects.items() if project.archived_at is None}
    circle = circle_of(session, [message.person_id])
    cases = load_cases(session, surroundings(session, now, projects), circle.all, now, without_message=message.id)
    decisions = {decision.task: (stored, decision) for stored, decision in cases.decisions(now)}
    reader: PersonCase | None = None
    reasons: list[tuple[MessageTask, str]] = []
    told: list[tuple[NudgeDecision, MessageTask]] = []
    approval = False
    for line in lines:
        found = decisions.get(line.task_id)
        if found is None:
            reasons.append((line, _gone(tasks.get(line.task_id), projects)))
            continue
        stored, decision = found
        if decision.action != NudgeAction.TELL:
            reasons.append((line, "escalated" if decision.action == NudgeAction.ESCALATE else decision.rule))
        elif decision.person != message.person_id:
            reasons.append((line, "not_their_turn"))
        else:
            reasons.append((line, ""))
            # What was a notice when it was queued may be a question by now, or the other way round.
            line.step, line.rule, line.episode = str(decision.step), decision.rule, stored.episode
            told.append((decision, line))
            turns = cases.people[stored.project_id, stored.case.turn or 0]
            reader = turns if turns.id == message.person_id else turns.deputy
            approval = approval or needs_approval(policy_of(projects[stored.project_id]), message.local_day)
    for place, (_decision, line) in enumerate(sorted(told, key=lambda both: order(both[0]))):
        line.position = place
    return reader, reasons, approval


def _gone(task: Task | None, projects: Collection[int]) -> str:
    if task is None or task.archived_at is not None or task.project_id not in projects:
        return "archived"
    if task.status in FINISHED:
        return "finished"
    return "not_their_turn" if task.stalls_at is not None else "draft"


def _postpone(
    session: Session, message: Message, reason: str, slot: datetime | None, *, local_day_of: PersonCase, now: datetime
) -> str:
    if slot is None:
        cancel(session, ENGINE, message, "no_slot", now)
        return "cancelled"
    message.send_after, message.local_day = slot, local_day(local_day_of.calendar, slot)
    message.state_reason, message.updated_at = reason, now
    session.add(message)
    session.flush()
    if message.approved_at is None and not message.own_text:
        named = sa.select(col(MessageTask.task_id)).where(
            col(MessageTask.message_id) == message.id, col(MessageTask.cancelled) == ""
        )
        tasks = [task for (task,) in rows(session, named)]
        carry(session, {message.id: Carrier(message.person_id, message.local_day, tasks)})
    return "held"
