"""A person's own fields between form and verb; the same for who conducts and for the person themself."""

from typing import Any

from tracker.domain.errors import FieldError, Invalid
from tracker.tables import Person
from tracker.web.http.forms import Choice, id_of, sent, time_of_day, typed
from tracker.web.http.request import Ask, Form
from tracker.wording.dates import weekday_names

TEXTS = ("name", "email", "phone", "salutation", "language", "timezone", "country")
TIMES = ("opens", "closes")
SETS = ("weekdays", "cadence")
FLAGS = ("is_role", "knows_bot")


def changes_of(form: Form) -> dict[str, Any]:
    """The fields that the form names, as `persons.edit_person` takes them. A set of ticks names itself by `has_…`,
    since an empty one sends nothing. Raises Invalid with all that is not a time of day.
    """
    found: dict[str, Any] = sent(form, TEXTS)
    wrong: list[FieldError] = []
    for name in TIMES:
        try:
            found |= {name: time_of_day(form, name)} if name in form else {}
        except Invalid as error:
            wrong += error.errors
    if wrong:
        raise Invalid(*wrong)
    found |= {name: "".join(form.texts(name)) for name in SETS if f"has_{name}" in form}
    found |= {name: form.text(name) == "1" for name in FLAGS if f"has_{name}" in form}
    if "deputy" in form:
        found["deputy"] = id_of(form, "deputy")
    return found


def values_of(person: Person) -> dict[str, Any]:
    return {
        **{name: getattr(person, name) or "" for name in TEXTS},
        **{name: f"{getattr(person, name):%H:%M}" for name in TIMES},
        **{name: list(getattr(person, name)) for name in SETS},
        **{name: "1" if getattr(person, name) else "" for name in FLAGS},
        "deputy": person.deputy_id or "",
    }


def typed_values(form: Form) -> dict[str, Any]:
    """What was typed, with sets of ticks as lists. A tick that was taken away sends nothing, and stays away."""
    flags = {name: form.text(name) for name in FLAGS if f"has_{name}" in form}
    return {**typed(form), **{name: form.texts(name) for name in SETS}, **flags}


def weekday_choices(ask: Ask) -> list[Choice]:
    return [(str(day), name) for day, name in enumerate(weekday_names(ask.language))]
