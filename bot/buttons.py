"""Buttons as data: a label and what it does, so that another messenger can show the same ones.

What a button does fits into 64 bytes and proves nothing: a modified client sends any data it likes. Who presses, what
they may and how things stand is asked anew at each press.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from tracker.domain.nudging.cases import NudgeStep as Ask
from tracker.services.podium.steps import AskedTask
from tracker.wording.dates import named_day
from tracker.wording.marking import N_
from tracker.wording.messages import day_words
from tracker.wording.say import say
from tracker.wording.words import word

LIMIT = 64
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
DATA = re.compile(r"v1:([a-z]{1,8}):([0-9a-z]{1,12}):([0-9a-z]{1,12})(?::([0-9a-z-]{1,24}))?")


class Button(NamedTuple):
    label: str
    action: str


Keyboard = tuple[tuple[Button, ...], ...]


class Action(NamedTuple):
    """`guard`: for a task its episode when the button was drawn, 0 where any will do; for others a second id."""

    act: str
    id: int = 0
    guard: int = 0
    arg: str = ""


def base36(number: int) -> str:
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = DIGITS[rest] + digits
        if not number:
            return digits


def written(action: Action) -> str:
    data = f"v1:{action.act}:{base36(action.id)}:{base36(action.guard)}" + (f":{action.arg}" if action.arg else "")
    assert len(data) <= LIMIT and DATA.fullmatch(data), data
    return data


def read(data: str) -> Action | None:
    """None: no button of ours says that."""
    found = DATA.fullmatch(data)
    if found is None:
        return None
    return Action(found[1], int(found[2], 36), int(found[3], 36), found[4] or "")


def button(label: str, act: str, number: int = 0, guard: int = 0, arg: str = "") -> Button:
    return Button(label, written(Action(act, number, guard, arg)))


def day_arg(day: date) -> str:
    return day.isoformat()


def day_of(arg: str) -> date | None:
    try:
        return date.fromisoformat(arg)
    except ValueError:
        return None


def _answer(language: str, name: str) -> str:
    return word(language, "answer", name)


def answers(
    language: str,
    task_id: int,
    episode: int,
    *,
    ask: str = "",
    needed_by: date | None = None,
    may_snooze: bool = True,
    next_one: bool = False,
) -> Keyboard:
    """The one set of answers. Asked whether a date works, «yes» stands first."""

    def one(label: str, act: str, arg: str = "") -> Button:
        return button(label, act, task_id, episode, arg)

    done, help_ = one(_answer(language, "done"), "done"), one(_answer(language, "help"), "help")
    not_mine = one(_answer(language, "not_mine"), "no")
    # After three times «later» a call is what helps.
    last = one(_answer(language, "later"), "later") if may_snooze else one(say(language, N_("A call")), "call")
    rows: list[tuple[Button, ...]]
    if ask == Ask.N1_NEEDED and needed_by is not None:
        yes = one(say(language, N_("Yes, by {date}"), date=day_words(language, needed_by)), "on", day_arg(needed_by))
        rows = [(yes, one(say(language, N_("Another date")), "date")), (done, help_), (not_mine, last)]
    else:
        date_ = one(_answer(language, "promise"), "date")
        rows = [(done, one(_answer(language, "in_progress"), "work")), (date_, help_), (not_mine, last)]
    if next_one:
        rows.append((one(say(language, N_("Next →")), "next"),))
    return tuple(rows)


def answers_to(language: str, step: AskedTask, *, next_one: bool = False) -> Keyboard:
    return answers(language, step.id, step.episode, may_snooze=step.may_snooze, next_one=next_one)


def days(language: str, step: AskedTask, offered: Iterable[date]) -> Keyboard:
    """The days a person is likely to name, two in a row."""
    named = [button(named_day(language, day), "on", step.id, step.episode, day_arg(day)) for day in offered]
    return (*_pairs(named), (_other(language, step), _back(language, step)))


def snoozes(language: str, step: AskedTask, offered: Iterable[date]) -> Keyboard:
    named = [button(named_day(language, day), "sleep", step.id, step.episode, day_arg(day)) for day in offered]
    return (*_pairs(named), (_back(language, step),))


def confirm_day(language: str, step: AskedTask, day: date) -> Keyboard:
    yes = button(say(language, N_("Yes")), "on", step.id, step.episode, day_arg(day))
    return ((yes, button(say(language, N_("Another date")), "date", step.id, step.episode)),)


def date_or_call(language: str, step: AskedTask) -> Keyboard:
    choose = button(say(language, N_("Choose a date")), "date", step.id, step.episode)
    return ((choose, button(say(language, N_("A call")), "call", step.id, step.episode)),)


def step_list(language: str, steps: Iterable[AskedTask], act: str = "card", guard: int = 0) -> Keyboard:
    """One task a row. For `put` the guard is the message that looks for its place."""
    return tuple((button(titled(step), act, step.id, guard),) for step in steps)


def titled(step: AskedTask) -> str:
    """A button's worth of a title."""
    text = f"{step.project_key}-{step.number} {step.title}"
    return text if len(text) <= 60 else f"{text[:59].rstrip()}…"


def my_steps(language: str) -> Keyboard:
    """The one button of a message without tasks."""
    return ((button(say(language, N_("What waits for me")), "today"),),)


def _other(language: str, step: AskedTask) -> Button:
    return button(say(language, N_("Another date")), "other", step.id, step.episode)


def _back(language: str, step: AskedTask) -> Button:
    return button(say(language, N_("← Back")), "card", step.id, step.episode)


def _pairs(buttons: list[Button]) -> Keyboard:
    return tuple(tuple(buttons[start : start + 2]) for start in range(0, len(buttons), 2))
