"""The set of answers as forms say it: on the page of a task and on the private page alike."""

from datetime import date

from sqlmodel import Session

from tracker.domain.dates import date_of
from tracker.domain.errors import FieldError, Invalid
from tracker.services.ground.journal import Actor
from tracker.services.tasks import answers
from tracker.web.http.request import Ask


def answer_of(ask: Ask, session: Session, actor: Actor, task_id: int, chosen: str) -> answers.Answer:
    """What became of the `chosen` answer; raises Invalid for one that there is not."""
    form, now = ask.form, ask.now
    match chosen:
        case "done":
            return answers.done(session, actor, task_id, now=now)
        case "in_progress":
            return answers.in_progress(session, actor, task_id, now=now)
        case "promise":
            return answers.promise(session, actor, task_id, day_named(ask, "on"), now=now)
        case "later":
            return answers.later(session, actor, task_id, day_named(ask, "until"), now=now)
        case "need_help":
            return answers.need_help(session, actor, task_id, form.text("note"), form.number("unblocker"), now=now)
        case "not_mine":
            # The private page has both fields in sight, so that the second has a name of its own.
            return answers.not_mine(session, actor, task_id, form.text("reason") or form.text("note"), now=now)
    raise Invalid(FieldError("answer", "unknown_choice"))


def day_named(ask: Ask, name: str) -> date:
    """The day of a button, else of the field beside it."""
    text = ask.form.text(f"{name}_day") or ask.form.text(name)
    found = date_of(text, ask.today)
    if found is None:
        raise Invalid(FieldError(name, "not_a_date" if text.strip() else "required"))
    return found
