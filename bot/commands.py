"""The commands: what waits for me, one task, settings, a pause, no more messages, help."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session

from bot import buttons, linking, preferences, texts
from bot.placing import OFFERED
from bot.replies import LinkBase, Reply
from tracker.domain.errors import NotFound
from tracker.services.channels.telegram import Linked
from tracker.services.podium.steps import step_named, steps_of
from tracker.wording.marking import N_
from tracker.wording.say import say

LISTED = 5


class Ordered(NamedTuple):
    """A command of a linked person, inside a writing transaction. `rest`: what stands after its name."""

    session: Session
    who: Linked
    rest: str
    place: LinkBase
    now: datetime


def command_named(word: str) -> Callable[[Ordered], Reply]:
    """«/today», "/today@auftakt_bot"; what is none is answered with help."""
    return COMMANDS.get(word.lstrip("/").partition("@")[0].lower(), help_)


def today(order: Ordered) -> Reply:
    """The open steps, with answers to the first; the next ones follow in the same message."""
    language = order.who.language
    steps = steps_of(order.session, order.who.person_id, now=order.now)
    text = texts.my_steps(language, steps, LISTED)
    if not steps:
        return Reply(text)
    return Reply(text, buttons.answers_to(language, steps[0], next_one=len(steps) > 1), steps[0].id)


def task(order: Ordered) -> Reply:
    """One task by its number, or the list to choose from."""
    language, person_id = order.who.language, order.who.person_id
    if not order.rest.strip():
        steps = steps_of(order.session, person_id, now=order.now)
        if not steps:
            return Reply(texts.my_steps(language, steps, 0))
        return Reply(say(language, N_("Which task?")), buttons.step_list(language, steps[:OFFERED]))
    try:
        step = step_named(order.session, order.who.actor, order.rest)
    except NotFound:
        return Reply(say(language, N_("There is no such task with you. All that waits: /today")))
    mine = step.asks(person_id)
    return Reply(texts.card(language, step, person_id), buttons.answers_to(language, step) if mine else (), step.id)


def settings(order: Ordered) -> Reply:
    return preferences.settings(order.session, order.who, now=order.now)


def pause(order: Ordered) -> Reply:
    return preferences.pause(order.session, order.who, now=order.now)


def stop(order: Ordered) -> Reply:
    return linking.stop(order.session, order.who, order.place, now=order.now)


def help_(order: Ordered) -> Reply:
    return Reply(texts.help_text(order.who.language))


COMMANDS: dict[str, Callable[[Ordered], Reply]] = {
    "today": today,
    "task": task,
    "settings": settings,
    "pause": pause,
    "stop": stop,
    "help": help_,
}
