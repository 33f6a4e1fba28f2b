"""What a message says, in the person's language: for the preview, and again at delivery.

The tone is product policy: kind, one ask, nobody blamed. Names stand in the nominative, no sentence needs a gender, and
a line whose fact is missing is dropped.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from html import escape
from typing import NamedTuple

from tracker.domain.needs import APPROVAL, LATE_DEADLOCK, OPEN_MEETING, place_of
from tracker.domain.nudging.cases import NudgeStep
from tracker.domain.terms import ABOUT_TASKS, CardKind, MessageKind
from tracker.wording.dates import day_of_month
from tracker.wording.marking import N_
from tracker.wording.say import say


class LetterLine(NamedTuple):
    """A task as a message tells of it. Empty texts are facts that are missing."""

    step: str
    number: int
    project: str
    title: str
    needed_by: date | None = None
    promised_on: date | None = None
    before: str = ""
    """Who acted before."""
    waiter: str = ""
    reason: str = ""
    """Why it matters, in plain words."""
    covers: str = ""
    """Who is away, where the reader stands in for them."""


class Letter(NamedTuple):
    """All that a message is worded from. `rest`: due tasks that it does not name."""

    language: str
    kind: str
    salutation: str
    conductor: str
    lines: tuple[LetterLine, ...]
    rest: int = 0
    own_text: str = ""
    """The conductor's own words instead of ours."""
    foreword: str = ""
    """The conductor's own words in front of ours."""
    meeting: "MeetingNews | None" = None
    podium: tuple[tuple[str, int], ...] = ()
    """What waits for the reader's decision as a conductor: kind of a need, how many."""


class MeetingNews(NamedTuple):
    """A change of a meeting within the next day. `change`: planned, moved, place, cancelled."""

    change: str
    title: str
    when: datetime
    """Wall time of the reader."""
    place: str = ""


ASKS = {
    NudgeStep.NOTICE: N_("Your move now: “{task}”."),
    NudgeStep.HEADS_UP: N_("“{task}” is planned for {promised}. If all is on track, no reply needed."),
    NudgeStep.N1_PROMISE: N_("“{task}” was planned for {promised}. How is it going?"),
    NudgeStep.N1_NEEDED: N_("“{task}”. Would {needed} work?"),
    NudgeStep.N1_NODATE: N_("“{task}”: which day would suit you? Even a week is helpful."),
    NudgeStep.N1_CHECK: N_("“{task}” is ready to be checked. Which day would suit you to look at it?"),
    NudgeStep.N1_DECIDE: N_("“{task}” waits for your decision. Which day could it be?"),
    NudgeStep.N2: N_("Coming back to “{task}”. Maybe it is not yours, or something is missing? One tap is enough."),
}

PODIUM = {
    CardKind.HELP: N_("Help is asked for: {n}"),
    CardKind.ESCALATION: N_("No answer yet: {n}"),
    CardKind.OVERLOAD: N_("Many questions with one person: {n}"),
    CardKind.HANDOVER: N_("To be passed on: {n}"),
    CardKind.NOT_MINE: N_("Belongs to somebody else: {n}"),
    CardKind.DEADLOCK: N_("A decision is needed: {n}"),
    LATE_DEADLOCK: N_("The day to decide by has passed: {n}"),
    CardKind.SNOOZE_CAP: N_("Put off several times: {n}"),
    CardKind.PROMISE_MOVES: N_("The date moves: {n}"),
    CardKind.INBOX: N_("In the inbox: {n}"),
    CardKind.UNREACHABLE: N_("Messages do not arrive: {n}"),
    CardKind.OPT_OUT: N_("No messages, please: {n}"),
    CardKind.PAUSE: N_("A pause was asked for: {n}"),
    CardKind.UNMATCHED: N_("Names that are not known yet: {n}"),
    OPEN_MEETING: N_("Meetings without a noted outcome: {n}"),
    APPROVAL: N_("Messages that wait for your approval: {n}"),
}

MEETING = {
    "planned": N_("A meeting: “{title}”, {when}."),
    "moved": N_("The meeting “{title}” has a new time: {when}."),
    "place": N_("The meeting “{title}” ({when}) has a new place."),
    "cancelled": N_("The meeting “{title}” ({when}) will not take place."),
}


def day_words(language: str, day: date | None) -> str:
    """«10 декабря», "10 December"."""
    return "" if day is None else day_of_month(language, day)


def subject_of(letter: Letter) -> str:
    """One line, for lists."""
    return _told(letter).subject(letter)


def plain_of(letter: Letter) -> str:
    """The text without markup."""
    return _words(letter, html=False)


def with_link(language: str, text: str, link: str) -> str:
    """With the reader's own page, where they answer."""
    where = say(language, N_("You can answer here: {link}"), link=link)
    return f"{text}\n{where}"


def podium_line(language: str, link: str) -> str:
    """Where the conductor decides."""
    return say(language, N_("Podium: {link}"), link=link)


def html_of(letter: Letter) -> str:
    """The same for Telegram's HTML: every value escaped, titles bold."""
    return _words(letter, html=True)


def _say(letter: Letter, text: str, **facts: object) -> str:
    return say(letter.language, text, **facts)


def _words(letter: Letter, *, html: bool) -> str:
    if letter.own_text:
        return escape(letter.own_text, quote=False) if html else letter.own_text
    return "\n".join(part for part in _told(letter).parts(letter, html) if part)


def _value(text: str, html: bool) -> str:
    return escape(text, quote=False) if html else text


def _bold(text: str, html: bool) -> str:
    return f"<b>{escape(text, quote=False)}</b>" if html else text


def _greeting(letter: Letter, html: bool) -> str:
    if not letter.salutation:
        return _say(letter, N_("Good day!"))
    return _say(letter, N_("{salutation}, good day!"), salutation=_value(letter.salutation, html))


def _ask(letter: Letter, line: LetterLine, html: bool) -> str:
    return _say(
        letter,
        ASKS[NudgeStep(line.step)],
        task=_bold(line.title, html),
        promised=day_words(letter.language, line.promised_on),
        needed=day_words(letter.language, line.needed_by),
    )


def _about(letter: Letter, line: LetterLine, html: bool) -> list[str]:
    """Who acted before, who waits, and why it matters."""
    facts = (
        (N_("Before this: {fact}."), line.before if line.step == NudgeStep.NOTICE else ""),
        (N_("Waiting: {fact}."), line.waiter),
        (N_("Why: {fact}"), line.reason),
    )
    return [_say(letter, text, fact=_value(fact, html)) for text, fact in facts if fact]


def _single(letter: Letter, line: LetterLine, html: bool) -> list[str]:
    if line.step == NudgeStep.HEADS_UP:
        return [_ask(letter, line, html)]
    parts = [_greeting(letter, html), _ask(letter, line, html), _covers(letter, line, html)]
    if line.step == NudgeStep.NOTICE and line.needed_by is not None:
        parts.append(_say(letter, N_("Needed by: {date}."), date=day_words(letter.language, line.needed_by)))
    if line.step != NudgeStep.N2:
        parts += _about(letter, line, html)
    elif letter.conductor:
        joins = N_("If there is no answer, on the next working day {conductor} joins: a call may be easier.")
        parts.append(_say(letter, joins, conductor=_value(letter.conductor, html)))
    return [*parts, _rest(letter)]


def _several(letter: Letter, html: bool) -> list[str]:
    parts = [_greeting(letter, html), _say(letter, N_("What matters most today:"))]
    for place, line in enumerate(letter.lines, 1):
        covers = _covers(letter, line, html)
        parts.append(f"{place}. {_bold(line.title, html)}{_mark(letter, line)}{f' · {covers}' if covers else ''}")
    if letter.conductor and any(line.step == NudgeStep.N2 for line in letter.lines):
        joins = N_("If there is no answer, on the next working day {conductor} joins: a call may be easier.")
        parts.append(_say(letter, joins, conductor=_value(letter.conductor, html)))
    return [*parts, _rest(letter)]


def _covers(letter: Letter, line: LetterLine, html: bool) -> str:
    return _say(letter, N_("For: {name}"), name=_value(line.covers, html)) if line.covers else ""


def _mark(letter: Letter, line: LetterLine) -> str:
    """The date that belongs to a line of the list."""
    if line.promised_on is not None:
        return " · " + _say(letter, N_("planned for {date}"), date=day_words(letter.language, line.promised_on))
    if line.needed_by is not None:
        return " · " + _say(letter, N_("needed by {date}"), date=day_words(letter.language, line.needed_by))
    return " · " + _say(letter, N_("your move")) if line.step == NudgeStep.NOTICE else ""


def _podium(letter: Letter) -> list[str]:
    needs = sorted(letter.podium, key=lambda need: place_of(need[0]))
    known = [_say(letter, PODIUM[kind], n=count) for kind, count in needs if kind in PODIUM]
    other = sum(count for kind, count in needs if kind not in PODIUM)
    lines = [*known, _say(letter, N_("Other: {n}"), n=other)] if other else known
    return [_say(letter, N_("Waiting for your decision:")), *lines] if lines else []


def _rest(letter: Letter) -> str:
    return _say(letter, N_("The rest ({count}) can wait."), count=letter.rest) if letter.rest else ""


def _subject_of_steps(letter: Letter) -> str:
    if not letter.lines:
        return _subject_of_podium(letter) if letter.podium else ""
    first = letter.lines[0]
    return (
        f"{first.project}-{first.number}: {first.title}" if len(letter.lines) == 1 else _say(letter, N_("Your steps"))
    )


def _steps(letter: Letter, html: bool) -> list[str]:
    if not letter.lines:
        return _morning(letter, html)
    said = _single(letter, letter.lines[0], html) if len(letter.lines) == 1 else _several(letter, html)
    if letter.foreword:
        said.insert(1 if said[:1] == [_greeting(letter, html)] else 0, _value(letter.foreword, html))
    return [*said, *_podium(letter)]


def _subject_of_podium(letter: Letter) -> str:
    return _say(letter, N_("Your podium"))


def _morning(letter: Letter, html: bool) -> list[str]:
    return [_greeting(letter, html), *_podium(letter)] if letter.podium else []


def _subject_of_meeting(letter: Letter) -> str:
    return "" if letter.meeting is None else letter.meeting.title


def _meeting(letter: Letter, html: bool) -> list[str]:
    news = letter.meeting
    if news is None:
        return []
    when = f"{day_words(letter.language, news.when.date())}, {news.when:%H:%M}"
    told = _say(letter, MEETING[news.change], title=_bold(news.title, html), when=when)
    place = _say(letter, N_("Where: {place}"), place=_value(news.place, html)) if news.place else ""
    return [_greeting(letter, html), told, place]


class MessageWords(NamedTuple):
    """How a kind of message is said. `subject`: in one line; `parts`: the lines of its text, some of them empty."""

    subject: Callable[[Letter], str]
    parts: Callable[[Letter, bool], list[str]]


_OF_TASKS = MessageWords(_subject_of_steps, _steps)
TOLD: Mapping[str, MessageWords] = {
    **dict.fromkeys(ABOUT_TASKS, _OF_TASKS),
    MessageKind.MEETING: MessageWords(_subject_of_meeting, _meeting),
    MessageKind.PODIUM: MessageWords(_subject_of_podium, _morning),
}


def _told(letter: Letter) -> MessageWords:
    return TOLD.get(letter.kind, _OF_TASKS)
