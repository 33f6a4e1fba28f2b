"""The buttons under a task: each press is checked against how things stand, done once, shown in its message."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

from bot import buttons, texts
from bot.replies import Pressed, Reply, Tap
from tracker.domain.errors import DomainError, Invalid, NotFound, Refused
from tracker.domain.permissions import Sight
from tracker.domain.terms import AnswerKind
from tracker.services.access.loading import SeenTask
from tracker.services.channels import chats
from tracker.services.podium.steps import (
    AskedTask,
    days_ahead,
    find_step,
    later_days,
    step_of,
    step_seen,
    steps_of,
    told_as_deputy,
)
from tracker.services.tasks.answers import Given, Outcome, give
from tracker.services.tasks.inbox import send_to_inbox
from tracker.wording.marking import N_
from tracker.wording.refusals import field_sentence, sentence
from tracker.wording.say import say
from tracker.wording.words import word

ANSWERS = {
    "done": AnswerKind.DONE,
    "work": AnswerKind.IN_PROGRESS,
    "on": AnswerKind.PROMISE,
    "help": AnswerKind.HELP,
    "call": AnswerKind.HELP,
    "no": AnswerKind.NOT_MINE,
    "sleep": AnswerKind.LATER,
}
"""The buttons that answer. Their names stand in messages that were sent long ago."""
SHOWING = frozenset({"card", "date", "later", "other", "next"})
"""These change nothing but the message."""


class TaskCard(NamedTuple):
    """A press on a task's card: the task as it was found, and as it is shown."""

    press: Tap
    seen: SeenTask
    step: AskedTask

    @property
    def language(self) -> str:
        return self.press.who.language


def press_task(press: Tap) -> Pressed:
    """A press on a task's button. Nothing of the data is trusted: person, right and state are asked anew."""
    language, action, session = press.who.language, press.action, press.session
    shows = action.act in SHOWING
    try:
        # Held against other writers before anything is decided: an impatient second tap sees what the first one did.
        seen = find_step(session, press.who.actor, action.id, lock=not shows)
    except NotFound:
        return _instead_of(_remembered(press)) or Pressed(say(language, N_("This task is not with you.")))
    press = _remembered(press)
    card = TaskCard(press, seen, step_seen(session, seen))
    if not shows and (again := _repeated(press, card.step)) is not None:
        return again
    if action.act in ("card", "next"):
        return show_next(card) if action.act == "next" else Pressed("", _card(press, card.step))
    if is_stale(press, card.step):
        text = texts.moved_on(language, card.step, press.who.person_id)
        reply = Reply(text, _keys(press, card.step), card.step.id)
        return Pressed(say(language, N_("This has changed meanwhile.")), _kept(press, reply))
    try:
        pressed = ACTS[action.act](card)
    except Invalid as error:
        first = error.errors[0] if error.errors else None
        said = field_sentence(language, first) if first else sentence(language, error)
        return Pressed(said, _card(press, card.step))
    except DomainError as error:
        return Pressed(sentence(language, error), _card(press, card.step))
    if pressed.reply is not None:
        (_kept if shows else _noted)(press, pressed.reply)
    return pressed


def _remembered(press: Tap) -> Tap:
    return press._replace(message=chats.message_at(press.session, press.chat_id, press.message_id))


def _instead_of(press: Tap) -> Pressed | None:
    """A deputy's press after the other has come back, or the turn has gone on: what they say reaches the conductor.

    None: this message has never told them of the task.
    """
    language, action = press.who.language, press.action
    if action.id not in chats.tasks_of_message(press.session, press.chat_id, press.message_id):
        return None
    if action.act in SHOWING:
        said = say(language, N_("Write it in words here: whoever conducts the project gets it."))
        return Pressed(said)
    again = _repeated(press, None)
    if again is not None:
        return again
    told = told_as_deputy(press.session, action.id)
    answer = word(language, "answer", ANSWERS[action.act])
    note = " · ".join(part for part in (told.name, answer, action.arg) if part)
    send_to_inbox(press.session, press.who.actor, told.project_id, note, now=press.now)
    passed_on = texts.value(told.conductor)
    text = say(language, N_("Thank you, passed on. {conductor} will read it."), conductor=passed_on)
    return Pressed(_toast(press), _noted(press, Reply(text, _after(press, None))))


def is_stale(press: Tap, step: AskedTask) -> bool:
    """The task is over, is somebody else's now, or another question than the one that was asked."""
    other_episode = press.action.guard not in (0, step.episode)
    return not step.asks(press.who.person_id) or other_episode


def _repeated(press: Tap, step: AskedTask | None) -> Pressed | None:
    """An impatient second tap, or an update that came twice: said again, not done again."""
    row = press.message
    if row is None or row.incoming:
        return None
    data, _, shown = row.text.partition("\n")
    if data != press.data:
        return None
    return Pressed(say(press.who.language, N_("Noted already.")), Reply(shown, _after(press, step), row.task_id))


def _noted(press: Tap, reply: Reply) -> Reply:
    """The result, kept for the second tap."""
    return _remember(press, reply, f"{press.data}\n{reply.text}")


def _kept(press: Tap, reply: Reply) -> Reply:
    return _remember(press, reply, "")


def _remember(press: Tap, reply: Reply, text: str) -> Reply:
    row = press.message or chats.card_row(press.chat_id, press.message_id, press.who.person_id, press.now)
    row.person_id, row.task_id, row.at, row.text = press.who.person_id, reply.task_id, press.now, text
    press.session.add(row)
    return reply


def _after(press: Tap, step: AskedTask | None) -> buttons.Keyboard:
    """After an answer: a date where work goes on without one, and the next task of the message.

    `step`: as it is now; None: an answer may end that the person sees the task.
    """
    rows: list[tuple[buttons.Button, ...]] = []
    if press.action.act == "work" and step is not None and step.promised_on is None:
        rows.append((buttons.answers_to(press.who.language, step)[1][0],))
    if _others(press, press.action.id):
        rows.append((buttons.button(say(press.who.language, N_("Next →")), "next", press.action.id),))
    return tuple(rows)


def _others(press: Tap, task_id: int) -> list[int]:
    """The tasks of this message that still wait for this person, in the order after `task_id`, round and round."""
    mine = [step.id for step in steps_of(press.session, press.who.person_id, now=press.now)]
    if not {*mine} - {task_id}:
        return []
    # A message that delivery has sent leads through its own tasks, any other card through all that wait.
    named = chats.tasks_of_message(press.session, press.chat_id, press.message_id) or mine
    place = named.index(task_id) + 1 if task_id in named else 0
    return [one for one in named[place:] + named[:place] if one in mine and one != task_id]


def _keys(press: Tap, step: AskedTask) -> buttons.Keyboard:
    if not step.asks(press.who.person_id):
        return _after(press, step) if press.action.act != "work" else ()
    return buttons.answers_to(press.who.language, step, next_one=bool(_others(press, step.id)))


def _card(press: Tap, step: AskedTask) -> Reply:
    """The task as it stands, with fresh buttons."""
    return _kept(press, Reply(texts.card(press.who.language, step, press.who.person_id), _keys(press, step), step.id))


def show_next(card: TaskCard) -> Pressed:
    press = card.press
    others = _others(press, card.step.id)
    if not others:
        return Pressed(say(card.language, N_("That was all for now.")), _card(press, card.step))
    return Pressed("", _card(press, step_of(press.session, press.who.actor, others[0])))


def _give(card: TaskCard, day: date | None = None, note: str = "") -> tuple[Outcome, AskedTask | None]:
    """Answer as the button says: what became of it, and the step as it is now, if they see it still."""
    press = card.press
    given = Given(ANSWERS[press.action.act], day, note)
    answer = give(press.session, press.who.actor, card.seen, given, now=press.now)
    after = step_seen(press.session, answer.seen) if answer.seen.sight is Sight.FULL else None
    return answer.outcome, after


def _said(card: TaskCard, text: str, after: AskedTask | None) -> Pressed:
    return Pressed(_toast(card.press), Reply(text, _after(card.press, after), card.step.id))


def _done(card: TaskCard) -> Pressed:
    outcome, after = _give(card)
    if outcome == "evidence_needed":
        _ask(card, "evidence")
        return _said(card, texts.show_it(card.language, after or card.step), after)
    return _said(card, texts.done(card.language, after or card.step, outcome), after)


def _work(card: TaskCard) -> Pressed:
    _outcome, after = _give(card)
    return _said(card, texts.in_progress(card.language, card.step), after)


def _which_day(card: TaskCard) -> Pressed:
    press, step = card.press, card.step
    offered = days_ahead(press.session, press.who.person_id, step, now=press.now)
    return Pressed("", Reply(texts.which_day(card.language, step), buttons.days(card.language, step, offered), step.id))


def _type_a_day(card: TaskCard) -> Pressed:
    _ask(card, "date")
    back = buttons.days(card.language, card.step, ())[0][1:]
    return Pressed("", Reply(texts.type_a_day(card.language, card.step), (back,), card.step.id))


def _promise(card: TaskCard) -> Pressed:
    day = _day_named(card)
    _outcome, after = _give(card, day)
    chats.answered(card.press.session, card.press.chat_id, "date")
    return _said(card, texts.promised(card.language, card.step, day), after)


def _help(card: TaskCard) -> Pressed:
    # At once, since what is missing may never be written: the conductor knows already that help is needed.
    _outcome, after = _give(card)
    _ask(card, "help")
    return _said(card, texts.help_asked(card.language, card.step), after)


def _call(card: TaskCard) -> Pressed:
    _outcome, after = _give(card, note=say(card.language, N_("A call would be easier.")))
    return _said(card, texts.call_asked(card.language, card.step), after)


def _not_mine(card: TaskCard) -> Pressed:
    _outcome, after = _give(card)
    _ask(card, "not_mine")
    return _said(card, texts.not_mine(card.language, card.step), after)


def _until_when(card: TaskCard) -> Pressed:
    press, step = card.press, card.step
    if not step.may_snooze:
        return _date_or_call(card)
    offered = later_days(press.session, press.who.person_id, step, now=press.now)
    text = say(card.language, N_("“{task}”: when to come back?"), task=texts.bold(step.title))
    return Pressed("", Reply(text, buttons.snoozes(card.language, step, offered), step.id))


def _later(card: TaskCard) -> Pressed:
    day = _day_named(card)
    outcome, after = _give(card, day)
    if outcome == "snooze_cap":
        return _date_or_call(card)
    return _said(card, texts.snoozed(card.language, card.step, day), after)


def _day_named(card: TaskCard) -> date:
    day = buttons.day_of(card.press.action.arg)
    if day is None:
        raise Refused("unknown_button", [])
    return day


def _date_or_call(card: TaskCard) -> Pressed:
    text = say(card.language, N_("“{task}”: would a date or a call be easier?"), task=texts.bold(card.step.title))
    return Pressed("", Reply(text, buttons.date_or_call(card.language, card.step), card.step.id))


def _toast(press: Tap) -> str:
    return say(press.who.language, N_("Noted. Thank you."))


def _ask(card: TaskCard, kind: str) -> None:
    press, who = card.press, card.press.who.person_id
    about = {"task_id": card.step.id, "message": press.message_id}
    chats.ask(press.session, press.chat_id, kind, now=press.now, person_id=who, **about)


ACTS: Mapping[str, Callable[[TaskCard], Pressed]] = {
    "done": _done,
    "work": _work,
    "date": _which_day,
    "other": _type_a_day,
    "on": _promise,
    "help": _help,
    "call": _call,
    "no": _not_mine,
    "later": _until_when,
    "sleep": _later,
}
TASK_ACTS = frozenset({*ACTS, "card", "next"})
