"""The buttons under a task: each press is checked against how things stand, done once, shown in its message."""

from collections.abc import Callable, Mapping

from bot import buttons, texts
from bot.replies import Press, Pressed, Reply
from tracker.domain.errors import DomainError, Invalid, NotFound, Refused
from tracker.services.channels import chats
from tracker.services.podium.steps import Step, days_ahead, later_days, step_of, steps_of, told_as_deputy
from tracker.services.tasks import answers
from tracker.services.tasks.inbox import send_to_inbox
from tracker.tables import ChatMessage
from tracker.wording.marking import N_
from tracker.wording.refusals import field_sentence, sentence
from tracker.wording.say import say
from tracker.wording.words import word

ANSWERED = {"done": "done", "work": "in_progress", "help": "need_help", "call": "need_help", "no": "not_mine",
            "sleep": "later"}  # fmt: skip
SHOWING = frozenset({"card", "date", "later", "other", "next"})
"""These change nothing but the message."""


def press_task(press: Press) -> Pressed:
    """A press on a task's button. Nothing of the data is trusted: person, right and state are asked anew."""
    language, action = press.who.language, press.action
    try:
        step = step_of(press.session, press.who.actor, action.id)
    except NotFound:
        return _instead_of(press) or Pressed(say(language, N_("This task is not with you.")))
    if action.act not in SHOWING and (again := _repeated(press)) is not None:
        return again
    if action.act in ("card", "next"):
        return show_next(press, step) if action.act == "next" else Pressed("", _card(press, step))
    if is_stale(press, step):
        text = texts.moved_on(language, step, press.who.person_id)
        return Pressed(
            say(language, N_("This has changed meanwhile.")), _kept(press, Reply(text, _keys(press, step), step.id))
        )
    try:
        pressed = ACTS[action.act](press, step)
    except Invalid as error:
        first = error.errors[0] if error.errors else None
        said = field_sentence(language, first) if first else sentence(language, error)
        return Pressed(said, _card(press, step))
    except DomainError as error:
        return Pressed(sentence(language, error), _card(press, step))
    if action.act in SHOWING and pressed.reply is not None:
        _kept(press, pressed.reply)
    elif pressed.reply is not None:
        pressed = Pressed(pressed.toast, _noted(press, pressed.reply))
    return pressed


def _instead_of(press: Press) -> Pressed | None:
    """A deputy's press after the other has come back, or the turn has gone on: what they say reaches the conductor.

    None: this message has never told them of the task.
    """
    language, action = press.who.language, press.action
    if action.id not in chats.tasks_of_message(press.session, press.chat_id, press.message_id):
        return None
    if action.act in SHOWING:
        said = say(language, N_("Write it in words here: whoever conducts the project gets it."))
        return Pressed(said)
    again = _repeated(press)
    if again is not None:
        return again
    told = told_as_deputy(press.session, action.id)
    answer = word(language, "answer", ANSWERED.get(action.act, "promise"))
    note = " · ".join(part for part in (told.name, answer, action.arg) if part)
    send_to_inbox(press.session, press.who.actor, told.project_id, note, now=press.now)
    passed_on = texts.value(told.conductor)
    text = say(language, N_("Thank you, passed on. {conductor} will read it."), conductor=passed_on)
    return Pressed(_toast(press), _noted(press, Reply(text)))


def is_stale(press: Press, step: Step) -> bool:
    """The task is over, is somebody else's now, or another question than the one that was asked."""
    other_episode = press.action.guard not in (0, step.episode)
    return not step.asks(press.who.person_id) or other_episode


def _repeated(press: Press) -> Pressed | None:
    """An impatient second tap, or an update that came twice: said again, not done again."""
    row = chats.message_at(press.session, press.chat_id, press.message_id)
    if row is None or row.incoming:
        return None
    data, _, shown = row.text.partition("\n")
    if data != press.data:
        return None
    return Pressed(say(press.who.language, N_("Noted already.")), Reply(shown, _after(press), row.task_id))


def _noted(press: Press, reply: Reply) -> Reply:
    """The result, with what the message can go on with; kept for the second tap."""
    shown = Reply(reply.text, reply.keyboard or _after(press), reply.task_id)
    row = _remember(press, shown)
    row.text = f"{press.data}\n{reply.text}"
    press.session.add(row)
    return shown


def _kept(press: Press, reply: Reply) -> Reply:
    row = _remember(press, reply)
    row.text = ""
    press.session.add(row)
    return reply


def _remember(press: Press, reply: Reply) -> ChatMessage:
    chats.show_card(press.session, press.chat_id, press.message_id, press.who.person_id, reply.task_id, now=press.now)
    row = chats.message_at(press.session, press.chat_id, press.message_id)
    assert row is not None
    return row


def _after(press: Press) -> buttons.Keyboard:
    """After an answer: a date where work goes on without one, and the next task of the message."""
    rows: list[tuple[buttons.Button, ...]] = []
    task_id = press.action.id
    if press.action.act == "work":
        step = _fresh(press, task_id)
        if step is not None and step.promised_on is None:
            rows.append((buttons.answers_to(press.who.language, step)[1][0],))
    if _others(press, task_id):
        rows.append((buttons.button(say(press.who.language, N_("Next →")), "next", task_id),))
    return tuple(rows)


def _fresh(press: Press, task_id: int) -> Step | None:
    """None: an answer may end that the person sees the task."""
    try:
        return step_of(press.session, press.who.actor, task_id)
    except NotFound:
        return None


def _others(press: Press, task_id: int) -> list[int]:
    """The tasks of this message that still wait for this person, in the order after `task_id`, round and round."""
    mine = [step.id for step in steps_of(press.session, press.who.person_id, now=press.now)]
    # A message that delivery has sent leads through its own tasks, any other card through all that wait.
    named = chats.tasks_of_message(press.session, press.chat_id, press.message_id) or mine
    place = named.index(task_id) + 1 if task_id in named else 0
    return [one for one in named[place:] + named[:place] if one in mine and one != task_id]


def _keys(press: Press, step: Step) -> buttons.Keyboard:
    if not step.asks(press.who.person_id):
        return _after(press) if press.action.act != "work" else ()
    return buttons.answers_to(press.who.language, step, next_one=bool(_others(press, step.id)))


def _card(press: Press, step: Step) -> Reply:
    """The task as it stands, with fresh buttons."""
    return _kept(press, Reply(texts.card(press.who.language, step, press.who.person_id), _keys(press, step), step.id))


def show_next(press: Press, step: Step) -> Pressed:
    others = _others(press, step.id)
    if not others:
        return Pressed(say(press.who.language, N_("That was all for now.")), _card(press, step))
    following = step_of(press.session, press.who.actor, others[0])
    return Pressed("", _card(press, following))


def _done(press: Press, step: Step) -> Pressed:
    answer = answers.done(press.session, press.who.actor, step.id, now=press.now)
    after = _fresh(press, step.id) or step
    if answer.outcome == "evidence_needed":
        _ask(press, "evidence", step)
        return Pressed(_toast(press), Reply(texts.show_it(press.who.language, after), (), step.id))
    return Pressed(_toast(press), Reply(texts.done(press.who.language, after, answer.outcome), (), step.id))


def _work(press: Press, step: Step) -> Pressed:
    answers.in_progress(press.session, press.who.actor, step.id, now=press.now)
    return Pressed(_toast(press), Reply(texts.in_progress(press.who.language, step), (), step.id))


def _which_day(press: Press, step: Step) -> Pressed:
    offered = days_ahead(press.session, press.who.person_id, step, now=press.now)
    keyboard = buttons.days(press.who.language, step, offered)
    return Pressed("", Reply(texts.which_day(press.who.language, step), keyboard, step.id))


def _type_a_day(press: Press, step: Step) -> Pressed:
    _ask(press, "date", step)
    back = buttons.days(press.who.language, step, ())[0][1:]
    return Pressed("", Reply(texts.type_a_day(press.who.language, step), (back,), step.id))


def _promise(press: Press, step: Step) -> Pressed:
    day = buttons.day_of(press.action.arg)
    if day is None:
        raise Refused("unknown_button", [])
    answers.promise(press.session, press.who.actor, step.id, day, now=press.now)
    _settle_question(press, "date")
    return Pressed(_toast(press), Reply(texts.promised(press.who.language, step, day), (), step.id))


def _help(press: Press, step: Step) -> Pressed:
    # At once, since what is missing may never be written: the conductor knows already that help is needed.
    answers.need_help(press.session, press.who.actor, step.id, "", now=press.now)
    _ask(press, "help", step)
    return Pressed(_toast(press), Reply(texts.help_asked(press.who.language, step), (), step.id))


def _call(press: Press, step: Step) -> Pressed:
    note = say(press.who.language, N_("A call would be easier."))
    answers.need_help(press.session, press.who.actor, step.id, note, now=press.now)
    return Pressed(_toast(press), Reply(texts.call_asked(press.who.language, step), (), step.id))


def _not_mine(press: Press, step: Step) -> Pressed:
    answers.not_mine(press.session, press.who.actor, step.id, now=press.now)
    _ask(press, "not_mine", step)
    return Pressed(_toast(press), Reply(texts.not_mine(press.who.language, step), (), step.id))


def _until_when(press: Press, step: Step) -> Pressed:
    if not step.may_snooze:
        return _date_or_call(press, step)
    offered = later_days(press.session, press.who.person_id, step, now=press.now)
    text = say(press.who.language, N_("“{task}”: when to come back?"), task=texts.bold(step.title))
    return Pressed("", Reply(text, buttons.snoozes(press.who.language, step, offered), step.id))


def _later(press: Press, step: Step) -> Pressed:
    day = buttons.day_of(press.action.arg)
    if day is None:
        raise Refused("unknown_button", [])
    answer = answers.later(press.session, press.who.actor, step.id, day, now=press.now)
    if answer.outcome == "snooze_cap":
        return _date_or_call(press, step)
    return Pressed(_toast(press), Reply(texts.snoozed(press.who.language, step, day), (), step.id))


def _date_or_call(press: Press, step: Step) -> Pressed:
    text = say(press.who.language, N_("“{task}”: would a date or a call be easier?"), task=texts.bold(step.title))
    return Pressed("", Reply(text, buttons.date_or_call(press.who.language, step), step.id))


def _toast(press: Press) -> str:
    return say(press.who.language, N_("Noted. Thank you."))


def _ask(press: Press, kind: str, step: Step) -> None:
    chats.ask(
        press.session, press.chat_id, kind, now=press.now, person_id=press.who.person_id, task_id=step.id,
        message=press.message_id,
    )  # fmt: skip


def _settle_question(press: Press, kind: str) -> None:
    asked = chats.asked(press.session, press.chat_id, now=press.now)
    if asked is not None and asked.kind == kind:
        chats.answered(press.session, press.chat_id)


ACTS: Mapping[str, Callable[[Press, Step], Pressed]] = {
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
