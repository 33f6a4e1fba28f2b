"""What a form says, as typed values; and a form once more, with what is wrong and what others wrote meanwhile."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

from sqlmodel import Session

from tracker.domain.dates import date_of
from tracker.domain.errors import Conflict, FieldError, Invalid
from tracker.domain.names import Directory
from tracker.domain.permissions import Standing
from tracker.domain.terms import Role
from tracker.services.ground.directory import directory_of
from tracker.services.people.memberships import members_of
from tracker.web.http.request import Ask, Form
from tracker.web.http.responses import Answer, page
from tracker.wording.fields import NOBODY, in_words, label, names_somebody
from tracker.wording.refusals import field_sentences, sentence
from tracker.wording.words import WORDS

Choice = tuple[str, str]
"""(value, what is shown) of a select."""

ZONES = (
    "Europe/Kaliningrad", "Europe/Moscow", "Europe/Samara", "Asia/Yekaterinburg", "Asia/Omsk", "Asia/Novosibirsk",
    "Asia/Krasnoyarsk", "Asia/Irkutsk", "Asia/Yakutsk", "Asia/Vladivostok", "Asia/Kamchatka", "Europe/Minsk",
    "Asia/Almaty", "Asia/Tashkent", "Asia/Tbilisi", "Asia/Yerevan", "Europe/Belgrade", "Europe/Berlin",
    "Europe/London", "Asia/Dubai", "Asia/Shanghai", "America/New_York", "UTC",
)  # fmt: skip
"""What the field for a time zone suggests; it takes every other one as well."""


PLACELESS = ("behalf", "result", "version")
"""What a form sends besides its fields, by buttons and lists that have no place for a word about them."""


def typed(form: Form, *names: str) -> dict[str, str]:
    """The named fields as they were typed; without names, all of them."""
    return {name: form.text(name) for name in (names or form.values)}


def sent(form: Form, names: Sequence[str]) -> dict[str, str]:
    """Those of the names that the form has sent: what it leaves out stays as it is."""
    return {name: form.text(name) for name in names if name in form}


def day_of(form: Form, name: str, today: date) -> date | None:
    """2026-11-27 of a date field, or «к пятнице» of a hand; None for an empty one."""
    text = form.text(name).strip()
    if not text:
        return None
    found = date_of(text, today)
    if found is None:
        raise Invalid(FieldError(name, "not_a_date"))
    return found


def time_of_day(form: Form, name: str) -> time:
    text = form.text(name).strip()
    try:
        return time.fromisoformat(text).replace(tzinfo=None, microsecond=0)
    except ValueError:
        raise Invalid(FieldError(name, "not_a_time" if text else "required")) from None


def count_of(form: Form, name: str) -> int:
    found = form.number(name)
    if found is None:
        raise Invalid(FieldError(name, "not_a_number" if form.text(name).strip() else "required"))
    return found


def id_of(form: Form, name: str) -> int | None:
    """An id chosen in a select, None for «nobody»; what is no id is nobody's choice."""
    if form.text(name).strip() and form.number(name) is None:
        raise Invalid(FieldError(name, "unknown_choice"))
    return form.number(name)


def people_choices(session: Session, mine: Standing, *, acting: bool = True) -> list[Choice]:
    """The project's people by party. `acting`: those who may be asked for something."""
    found = [one for one in members_of(session, mine) if not acting or one.role != Role.OBSERVER]
    return [(str(one.person_id), f"{one.name} · {one.party}" if one.party else one.name) for one in found]


def word_choices(ask: Ask, kind: str, values: Sequence[str] = ()) -> list[Choice]:
    return [(value, ask.gettext(text)) for value, text in WORDS[kind].items() if not values or value in values]


def form_page(
    ask: Ask,
    template: str,
    values: Mapping[str, Any],
    *,
    error: Invalid | Conflict | None = None,
    version: int | None = None,
    of: str = "",
    **context: Any,
) -> Answer:
    """The page of a form. After a refusal `values` is what was typed; a conflict shows theirs beside it, in the words
    for the fields `of` this noun.
    """
    errors = field_sentences(ask.language, error) if isinstance(error, Invalid) else {}
    # What is wrong with no field of the form is said above it.
    wrong = " ".join(text for name, text in errors.items() if name not in values or name in PLACELESS)
    if isinstance(error, Invalid) and not errors:
        wrong = sentence(ask.language, error)
    theirs = theirs_of(ask, error, of) if isinstance(error, Conflict) else []
    status = 200 if error is None else 409 if isinstance(error, Conflict) else 422
    if isinstance(error, Conflict):
        version = error.version
    return page(
        ask,
        template,
        status=status,
        values=values,
        errors=errors,
        wrong=wrong,
        theirs=theirs,
        version=version,
        **context,
    )


def theirs_of(ask: Ask, conflict: Conflict, of: str) -> list[Choice]:
    """What stands there now, in words: (field, value)."""
    found = []
    for name, (theirs, _) in conflict.both.items():
        names = _names(ask) if theirs and names_somebody(name) else NOBODY
        said = in_words(ask.language, name, theirs, names, ask.today, of=of)
        found.append((label(ask.language, name, of) or name, said))
    return found


def _names(ask: Ask) -> Directory:
    with ask.reading() as session:
        return directory_of(session, ask.project.id)
