"""What the bot says in reply to a person's own act, as Telegram's HTML: every value escaped, titles bold.

The tone is product policy: kind, one ask, nobody blamed; names in the nominative only, no gender.
"""

from collections.abc import Sequence
from datetime import date
from html import escape

from tracker.services.channels.telegram import Offer
from tracker.services.podium.steps import AskedTask
from tracker.wording.dates import full_day
from tracker.wording.marking import N_
from tracker.wording.messages import day_words
from tracker.wording.say import say
from tracker.wording.words import word

TITLE_SHOWN = 200
TEXT_SHOWN = 600


def value(text: str, limit: int = TEXT_SHOWN) -> str:
    """Somebody's words inside our markup. Cut before it is escaped, so that no entity is cut in two."""
    shown = text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
    return escape(shown, quote=False)


def bold(text: str) -> str:
    return f"<b>{value(text, TITLE_SHOWN)}</b>"


def which_step(language: str) -> str:
    """Below a list, whose buttons are the first step's."""
    return say(language, N_("The buttons below are about step 1."))


def lines(*parts: str) -> str:
    """A line whose fact is missing is dropped."""
    return "\n".join(part for part in parts if part)


def dates_of(language: str, step: AskedTask) -> str:
    if step.promised_on is not None:
        return say(language, N_("planned for {date}"), date=day_words(language, step.promised_on))
    if step.needed_by is not None:
        return say(language, N_("needed by {date}"), date=day_words(language, step.needed_by))
    return ""


def card(language: str, step: AskedTask, person_id: int) -> str:
    """A task as it stands, for the person who looks."""
    status = word(language, "status", step.status)
    turn = ""
    if not step.is_over and step.turn_id is not None and step.turn_id != person_id:
        turn = say(language, N_("For: {name}") if step.covered else N_("Whose move: {name}"), name=value(step.turn))
    return lines(
        f"{step.project_key}-{step.number} {bold(step.title)}",
        " · ".join(part for part in (status, dates_of(language, step)) if part),
        say(language, N_("Done when: {fact}"), fact=value(step.done_means)) if step.done_means else "",
        say(language, N_("Why: {fact}"), fact=value(step.reason)) if step.reason else "",
        turn,
    )


def my_steps(language: str, steps: Sequence[AskedTask], shown: int) -> str:
    """The list of /today; more than a few are counted, not told."""
    if not steps:
        return say(language, N_("Nothing waits for you at the moment. Thank you."))
    parts = [say(language, N_("What waits for you:"))]
    for place, step in enumerate(steps[:shown], 1):
        dates = dates_of(language, step)
        behalf = say(language, N_("For: {name}"), name=value(step.turn)) if step.covered else ""
        named = f"{place}. {step.project_key}-{step.number} {bold(step.title)}"
        parts.append(" · ".join(part for part in (named, dates, behalf) if part))
    if len(steps) > shown:
        parts.append(say(language, N_("The rest ({count}) can wait."), count=len(steps) - shown))
    if len(steps) > 1:
        parts.append(which_step(language))
    return lines(*parts)


def promised(language: str, step: AskedTask, day: date) -> str:
    return say(
        language,
        N_("Thank you. Noted: “{task}”, {date}. Until then all is quiet."),
        task=bold(step.title),
        date=day_words(language, day),
    )


def done(language: str, step: AskedTask, outcome: str) -> str:
    """After «Готово», by what it led to (see `services.tasks.answers`)."""
    task = bold(step.title)
    if outcome == "evidence_needed":
        return show_it(language, step)
    if outcome == "review":
        checks = say(language, N_("{name} will check."), name=value(step.checker)) if step.checker else ""
        return lines(say(language, N_("Thank you. In review: “{task}”."), task=task), checks)
    if outcome == "passed_back":
        next_ = say(language, N_("Whose move: {name}"), name=value(step.turn)) if step.turn else ""
        return lines(say(language, N_("Thank you. Passed on: “{task}”."), task=task), next_)
    return say(language, N_("Thank you. Done: “{task}”."), task=task)


def show_it(language: str, step: AskedTask) -> str:
    checks = say(language, N_("{name} will check."), name=value(step.checker)) if step.checker else ""
    return lines(
        say(language, N_("Thank you. “{task}”: please send a screenshot or a test link."), task=bold(step.title)),
        checks,
    )


def in_progress(language: str, step: AskedTask) -> str:
    return say(language, N_("Thank you. Noted: “{task}” is in progress."), task=bold(step.title))


def joins(language: str, step: AskedTask) -> str:
    return say(language, N_("{conductor} joins."), conductor=value(step.conductor)) if step.conductor else ""


def help_asked(language: str, step: AskedTask) -> str:
    return lines(
        say(language, N_("Thank you, passed on: “{task}”."), task=bold(step.title)),
        joins(language, step),
        say(language, N_("What is missing, and who could help? One message here is enough.")),
    )


def call_asked(language: str, step: AskedTask) -> str:
    return lines(say(language, N_("Thank you, passed on: “{task}”."), task=bold(step.title)), joins(language, step))


def not_mine(language: str, step: AskedTask) -> str:
    takes = say(
        language,
        N_("{conductor} takes it from here; no more messages about this one."),
        conductor=value(step.conductor),
    )
    return lines(
        say(language, N_("Thank you for telling: “{task}”."), task=bold(step.title)),
        takes if step.conductor else "",
        say(language, N_("If you know whose it is, write it here.")),
    )


def snoozed(language: str, step: AskedTask, until: date) -> str:
    return say(
        language, N_("Fine: “{task}” comes back on {date}."), task=bold(step.title), date=day_words(language, until)
    )


def which_day(language: str, step: AskedTask) -> str:
    return say(language, N_("“{task}”: which day would suit you?"), task=bold(step.title))


def type_a_day(language: str, step: AskedTask) -> str:
    return say(language, N_("“{task}”: write a day, such as “27 November” or “in a week”."), task=bold(step.title))


def is_it_this_day(language: str, day: date) -> str:
    return say(language, N_("I read this as {date}. Right?"), date=full_day(language, day))


def moved_on(language: str, step: AskedTask, person_id: int) -> str:
    """A button of yesterday: how it stands today."""
    said = say(language, N_("This has changed meanwhile. Here is how it stands."))
    return f"{said}\n\n{card(language, step, person_id)}"


def kept(language: str, step: AskedTask, what: str) -> str:
    """`what`: comment, evidence, both."""
    text = {
        "comment": N_("Noted under “{task}”."),
        "evidence": N_("Thank you, added to “{task}”."),
        "edited": N_("Corrected under “{task}”."),
    }[what]
    return say(language, text, task=bold(step.title))


def confirm_link(offer: Offer, now_linked: str = "") -> str:
    """«Вы Ольга Ветрова, 1С-франчайзи?» `now_linked`: whom this account belongs to so far."""
    who = ", ".join(part for part in (offer.name, offer.party) if part)
    other = say(offer.language, N_("So far this Telegram belongs here to: {name}."), name=value(now_linked))
    return lines(say(offer.language, N_("Are you {name}?"), name=value(who)), other if now_linked else "")


def welcome(offer: Offer) -> str:
    language = offer.language
    hello = say(
        language, N_("Hello. This is Auftakt, the bot of the project “{project}”."), project=value(offer.project)
    )
    led = say(language, N_("The project is led by: {conductor}."), conductor=value(offer.conductor))
    return lines(
        hello if offer.project else say(language, N_("Hello. This is Auftakt.")),
        led if offer.conductor else "",
        say(
            language,
            N_(
                "I write only about your own tasks, in working hours, once a day at most; "
                "meeting changes at once. Settings: /settings"
            ),
        ),
    )


COMMANDS = {
    "today": N_("what waits for me"),
    "task": N_("one task by its number"),
    "settings": N_("language, hours, pause"),
    "pause": N_("no messages for a while"),
    "stop": N_("no messages at all"),
    "help": N_("what this bot does"),
}


def help_text(language: str) -> str:
    told = [f"/{name}: {say(language, text)}" for name, text in COMMANDS.items()]
    return lines(
        say(
            language,
            N_(
                "Buttons under a task are the quickest answer. A text, a photo, a file or a voice message "
                "goes to the task it belongs to."
            ),
        ),
        *told,
    )
