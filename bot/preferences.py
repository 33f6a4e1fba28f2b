"""/settings and /pause: language, hours, and days without messages."""

import re
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from bot import buttons, texts
from bot.replies import Pressed, Reply, Tap
from tracker.domain.errors import Invalid
from tracker.services.access.persons import find_person
from tracker.services.channels import chats
from tracker.services.channels.telegram import Linked
from tracker.services.people import pauses
from tracker.services.people.persons import edit_person
from tracker.services.podium.steps import today_of
from tracker.wording.languages import languages, named_languages, own_name
from tracker.wording.marking import N_
from tracker.wording.messages import day_words
from tracker.wording.refusals import field_sentence
from tracker.wording.say import say

HOURS = ("9-18", "10-18", "10-19", "11-20")
CLOCK = r"(\d{1,2})(?:[:.](\d{2}))?"
WRITTEN = re.compile(rf"\s*(?:с|from)?\s*{CLOCK}\s*(?:-|–|—|до|to|till|until)\s*{CLOCK}\s*", re.IGNORECASE)
PAUSES = {"monday": N_("Until Monday"), "1w": N_("A week"), "2w": N_("Two weeks")}
PREFERENCE_ACTS = frozenset({"lang", "hours", "myhours", "pause", "goon", "set"})


def settings(session: Session, who: Linked, *, now: datetime) -> Reply:
    """What holds now, with a button for each change."""
    person = find_person(session, who.actor, who.person_id).person
    language = person.language
    away = _pause_until(session, who, now)
    text = texts.lines(
        say(language, N_("Language: {name}"), name=own_name(language)),
        say(
            language,
            N_("Hours: {opens}–{closes}, zone {zone}"),
            opens=f"{person.opens:%H:%M}",
            closes=f"{person.closes:%H:%M}",
            zone=texts.value(person.timezone),
        ),
        say(language, N_("No messages through {date}"), date=day_words(language, away)) if away else "",
    )
    pause = buttons.button(say(language, N_("End the pause")), "goon") if away else _pause_button(language)
    hours = buttons.button(say(language, N_("Other hours")), "myhours")
    others = (buttons.button(name, "lang", arg=code) for code, name in named_languages() if code != language)
    return Reply(text, ((*others, hours), (pause,)))


def _pause_button(language: str) -> buttons.Button:
    return buttons.button(say(language, N_("Pause")), "pause")


def pause(session: Session, who: Linked, *, now: datetime) -> Reply:
    """/pause: for how long."""
    choices = tuple((buttons.button(say(who.language, text), "pause", arg=choice),) for choice, text in PAUSES.items())
    away = _pause_until(session, who, now)
    ended = ((buttons.button(say(who.language, N_("End the pause")), "goon"),),) if away else ()
    said = N_("No messages for how long? The conductor sees it; your tasks stay with you.")
    return Reply(say(who.language, said), (*choices, *ended))


def press_preference(press: Tap) -> Pressed:
    act, arg, who = press.action.act, press.action.arg, press.who
    session, now = press.session, press.now
    done = say(who.language, N_("Noted. Thank you."))
    if act == "lang" and arg in languages():
        edit_person(session, who.actor, who.person_id, None, {"language": arg}, now=now)
        who = who._replace(language=arg)
        return Pressed(say(arg, N_("Noted. Thank you.")), settings(session, who, now=now))
    if act == "hours" and (hours := read_hours(arg)) is not None:
        return Pressed(done, _set_hours(session, who, hours, now))
    if act == "myhours":
        chats.ask(session, press.chat_id, "hours", now=now, person_id=who.person_id)
        usual = tuple(buttons.button(text.replace("-", "–"), "hours", arg=text) for text in HOURS)
        said = say(who.language, N_("Choose, or write your hours, such as 9:30–18:00."))
        return Pressed("", Reply(said, (usual[:2], usual[2:])))
    if act == "pause" and not arg:
        return Pressed("", pause(session, who, now=now))
    if act == "pause" and arg in PAUSES:
        return Pressed(done, _pause_for(session, who, arg, now))
    if act == "goon":
        pauses.end_pause(session, who.actor, who.person_id, now=now)
        return Pressed(done, settings(session, who, now=now))
    if act == "set":
        return Pressed("", settings(session, who, now=now))
    return Pressed(say(who.language, N_("This button is out of date.")))


def take_hours(session: Session, who: Linked, text: str, chat_id: int, *, now: datetime) -> Reply | None:
    """The hours that were asked for. None: this text is about something else."""
    asked = chats.asked(session, chat_id, now=now)
    if asked is None or asked.kind != "hours" or asked.person_id != who.person_id:
        return None
    hours = read_hours(text)
    if hours is None:
        return None
    chats.answered(session, chat_id)
    return _set_hours(session, who, hours, now)


def read_hours(text: str) -> tuple[time, time] | None:
    """«9-18», «с 9:30 до 18», "from 9 to 18"."""
    found = WRITTEN.fullmatch(text)
    if found is None:
        return None
    try:
        return time(int(found[1]), int(found[2] or 0)), time(int(found[3]), int(found[4] or 0))
    except ValueError:
        return None


def _set_hours(session: Session, who: Linked, hours: tuple[time, time], now: datetime) -> Reply:
    try:
        edit_person(session, who.actor, who.person_id, None, {"opens": hours[0], "closes": hours[1]}, now=now)
    except Invalid as error:
        return Reply(field_sentence(who.language, error.errors[0]))
    return settings(session, who, now=now)


def _pause_for(session: Session, who: Linked, choice: str, now: datetime) -> Reply:
    """It quiets the bot. Days away are something else: those the conductor notes, and they stop the turn's clock."""
    today = today_of(session, who.person_id, now=now)
    days = {"monday": 6 - today.weekday(), "1w": 6, "2w": 13}[choice]
    last = today + timedelta(days=max(days, 0))
    pauses.pause(session, who.actor, who.person_id, last, now=now)
    said = say(who.language, N_("Fine, no messages through {date}."), date=day_words(who.language, last))
    return Reply(said, ((buttons.button(say(who.language, N_("End the pause")), "goon"),),))


def _pause_until(session: Session, who: Linked, now: datetime) -> date | None:
    return pauses.paused_through(find_person(session, who.actor, who.person_id).person, now)
