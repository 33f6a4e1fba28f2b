"""The set of answers as forms say it: on the page of a task and on the private page alike."""

from datetime import date

from tracker.domain.dates import date_of
from tracker.domain.errors import FieldError, Invalid
from tracker.domain.terms import AnswerKind
from tracker.services.tasks.answers import Given
from tracker.web.http.request import Ask

DAYS = {AnswerKind.PROMISE: "on", AnswerKind.LATER: "until"}
"""The field in which each answer names its day."""


def given_of(ask: Ask, chosen: str) -> Given:
    """The `chosen` answer, with what the form says to it; raises Invalid for one that there is not."""
    if chosen not in set(AnswerKind):
        raise Invalid(FieldError("answer", "unknown_choice"))
    form, kind = ask.form, AnswerKind(chosen)
    day = day_named(ask, DAYS[kind]) if kind in DAYS else None
    note = form.text("note")
    if kind is AnswerKind.NOT_MINE:
        # The private page has both fields in sight, so that the second has a name of its own.
        note = form.text("reason") or note
    return Given(kind, day, note, form.number("unblocker"))


def day_named(ask: Ask, name: str) -> date:
    """The day of a button, else of the field beside it."""
    text = ask.form.text(f"{name}_day") or ask.form.text(name)
    found = date_of(text, ask.today)
    if found is None:
        raise Invalid(FieldError(name, "not_a_date" if text.strip() else "required"))
    return found
