"""Where a message of a person goes: a comment or evidence under a task, or the conductor's inbox; and the way back."""

import re
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot import buttons, texts
from bot.replies import Pressed, Reply, Tap
from tracker.domain.errors import DomainError, Forbidden, Invalid, NotFound
from tracker.domain.permissions import Sight
from tracker.services.access.loading import SeenTask, seen_again
from tracker.services.access.persons import projects_of
from tracker.services.channels import chats
from tracker.services.channels.telegram import Linked, conductor_name
from tracker.services.ground.fields import LINE, is_link
from tracker.services.podium.steps import find_step, step_seen, steps_of
from tracker.services.tasks.acts import held
from tracker.services.tasks.comments import add_comment, remove_comment
from tracker.services.tasks.evidence import add_evidence, remove_evidence
from tracker.services.tasks.inbox import send_to_inbox
from tracker.tables import Card, ChatMessage, Project, Task
from tracker.wording.marking import N_
from tracker.wording.say import say

LINK = re.compile(r"https?://[^\s<>«»\"]+", re.IGNORECASE)
LINKS = 5
OFFERED = 6
PATIENCE = timedelta(hours=1)
"""After that a message whose place nobody has chosen goes to the conductor."""
WORD_ACTS = frozenset({"undo", "put", "inbox"})


def links_in(text: str) -> list[str]:
    found = [link.rstrip(".,;:!?)]}'…") for link in LINK.findall(text)]
    return [link for link in dict.fromkeys(found) if is_link(link)][:LINKS]


def bind(session: Session, who: Linked, row: ChatMessage, task: int | SeenTask, now: datetime) -> SeenTask | None:
    """Words become a comment, links and files evidence; returns the task as they see it afterwards.

    None: the person may not say anything there.
    """
    links = links_in(row.text)
    rest = LINK.sub("", row.text).strip(" \n.,;:—-")
    caption = row.text if row.uploads and len(row.text) <= LINE and not links else ""
    try:
        seen = held(session, who.actor, task)
        if rest and not caption:
            row.comment_id = add_comment(session, who.actor, seen, row.text, now=now).id
        named = " ".join(caption.split())
        shows: list[dict[str, Any]] = [{"url": link} for link in links]
        shows += [{"upload_id": upload, "caption": named} for upload in row.uploads]
        pieces: list[int] = []
        for shown in shows:
            # Each act may pass the turn on, and with it what may be said there.
            seen = seen_again(session, seen)
            pieces.append(add_evidence(session, who.actor, seen, **shown, now=now).id)
    except (NotFound, Forbidden):
        return None
    row.task_id, row.evidence, row.settled = seen.task.id, pieces, True
    session.add(row)
    session.flush()
    return seen_again(session, seen)


def to_inbox(session: Session, who: Linked, row: ChatMessage, project_id: int, now: datetime) -> None:
    row.card_id = send_to_inbox(session, who.actor, project_id, row.text, row.uploads, now=now).id
    row.settled = True
    session.add(row)
    session.flush()


def about(session: Session, who: Linked, row: ChatMessage) -> Reply:
    """Where a message went."""
    language = who.language
    if row.task_id is not None:
        try:
            return kept_at(session, who, row, find_step(session, who.actor, row.task_id))
        except NotFound:
            return Reply(say(language, N_("Noted. Thank you.")))
    if row.card_id is not None:
        conductor = conductor_name(session, project_of_card(session, row), who.person_id)
        return Reply(_passed_on(language, conductor))
    return Reply(say(language, N_("Noted. Thank you.")))


def kept_at(session: Session, who: Linked, row: ChatMessage, seen: SeenTask) -> Reply:
    """Under which task a message went, with the way back; without them where it is out of their sight now."""
    if seen.sight < Sight.FULL:
        return Reply(say(who.language, N_("Noted. Thank you.")))
    step = step_seen(session, seen)
    undo = buttons.button(say(who.language, N_("Undo")), "undo", row.id)
    what = "comment" if row.comment_id is not None or not row.evidence else "evidence"
    return Reply(texts.kept(who.language, step, what), ((undo,),) if row.comment_id or row.evidence else (), step.id)


def _passed_on(language: str, conductor: str) -> str:
    if not conductor:
        return say(language, N_("Thank you, passed on."))
    return say(language, N_("Thank you, passed on. {conductor} will read it."), conductor=texts.value(conductor))


def ask_where(session: Session, who: Linked, row: ChatMessage, now: datetime, but: int | None = None) -> Reply:
    """A short list; with nothing to choose from it goes to the conductor at once."""
    language = who.language
    steps = [step for step in steps_of(session, who.person_id, now=now) if step.id != but][:OFFERED]
    projects = projects_of(session, who.person_id)
    if not steps and len(projects) == 1 and but is None:
        to_inbox(session, who, row, projects[0], now)
        return about(session, who, row)
    if not steps and not projects:
        return Reply(say(language, N_("You are in no project here any more, so there is nobody to pass this on to.")))
    inbox = [_inbox_button(session, who, row, project_id, len(projects) > 1) for project_id in projects[:OFFERED]]
    return Reply(
        say(language, N_("Which task is this about?")),
        (*buttons.step_list(language, steps, "put", row.id), *((one,) for one in inbox)),
    )


def _inbox_button(
    session: Session, who: Linked, row: ChatMessage, project_id: int, several: bool
) -> buttons.Button:  # the project is named only where there are several
    label = say(who.language, N_("None of these: pass it on"))
    if several:
        label = say(who.language, N_("Pass on: {project}"), project=session.get_one(Project, project_id).name[:40])
    return buttons.button(label, "inbox", project_id, row.id)


def project_of_card(session: Session, row: ChatMessage) -> int:
    return session.get_one(Card, row.card_id).project_id


def step_project(session: Session, task_id: int) -> int:
    return session.get_one(Task, task_id).project_id


def press_word(press: Tap) -> Pressed:
    """[Undo], or the place that was chosen for a message."""
    session, who, language = press.session, press.who, press.who.language
    row_id = press.action.id if press.action.act == "undo" else press.action.guard
    row = chats.incoming(session, row_id, who.person_id)
    if row is None or row.chat_id != press.chat_id:
        return Pressed(say(language, N_("This button is out of date.")))
    if press.action.act == "undo":
        return _undo(press, row)
    if row.task_id is not None or row.card_id is not None:
        return Pressed(say(language, N_("Noted already.")), about(session, who, row))
    try:
        for one in chats.of_album(session, row):
            if press.action.act == "inbox":
                to_inbox(session, who, one, press.action.id, press.now)
            elif bind(session, who, one, press.action.id, press.now) is None:
                return Pressed(say(language, N_("This task is not with you.")))
    except (NotFound, Invalid):
        return Pressed(say(language, N_("This button is out of date.")))
    return Pressed(say(language, N_("Noted. Thank you.")), about(session, who, row))


def _undo(press: Tap, row: ChatMessage) -> Pressed:
    session, who = press.session, press.who
    was = row.task_id
    if was is None:
        return Pressed(say(who.language, N_("Noted already.")))
    for one in chats.of_album(session, row):
        _take_back(session, who, one, press.now)
    return Pressed(say(who.language, N_("Taken back.")), ask_where(session, who, row, press.now, but=was))


def _take_back(session: Session, who: Linked, row: ChatMessage, now: datetime) -> None:
    comment_id, pieces = row.comment_id, list(row.evidence)
    row.task_id = row.comment_id = None
    row.evidence = []
    session.add(row)
    session.flush()
    try:
        if comment_id is not None:
            remove_comment(session, who.actor, comment_id, now=now)
        for piece in pieces:
            remove_evidence(session, who.actor, piece, now=now)
    except DomainError:
        return  # no longer theirs to take back: it stays where it is, and is said once more where it is put now


def sweep(session: Session, *, now: datetime) -> int:
    """Messages that were asked about and got no answer reach the conductor. Returns how many."""
    swept = 0
    for row, who in chats.loose(session, now - PATIENCE, now=now):
        shown = chats.shown_tasks(session, row.chat_id, now=now)
        projects = projects_of(session, who.person_id)
        of_card = [step_project(session, task_id) for task_id in shown]
        project = next((one for one in of_card if one in projects), next(iter(projects), None))
        if project is None:
            row.settled = True
            session.add(row)
            continue
        to_inbox(session, who, row, project, now)
        swept += 1
    return swept
