"""«Напомнить сейчас»: the button, and when it says that the reminder goes out."""

from zoneinfo import ZoneInfo

from tracker.domain.errors import Refused
from tracker.services.messages.reminders import Reminder, nudge_now
from tracker.web.http.guards import Guard
from tracker.web.http.request import Ask
from tracker.web.http.responses import Answer, see_other
from tracker.web.http.routes import post
from tracker.web.tasks.edit import address_of, enter
from tracker.web.tasks.page import again
from tracker.wording.dates import near_day
from tracker.wording.refusals import sentence


@post("/tasks/{task_id:int}/remind", guard=Guard.OBJECT)
def remind(ask: Ask, task_id: int) -> Answer:
    """`back`: messages, or the task's own page."""
    try:
        with ask.writing() as session:
            seen = enter(ask, session, task_id)
            found = nudge_now(session, ask.actor, task_id, now=ask.now)
    except Refused as error:
        return again(ask, task_id, {"remind": sentence(ask.language, error)}, "remind", status=409)
    if ask.form.text("back") == "messages":
        return see_other(ask, f"/projects/{ask.project.key}/messages", said_of(ask, found))
    return see_other(ask, address_of(ask, seen.task), said_of(ask, found))


def said_of(ask: Ask, found: Reminder) -> str:
    """«Уйдёт завтра в 10:30. Кому: Ольга Ветрова.»"""
    said = [_when(ask, found), ask.gettext("To: {person}.", person=found.person)]
    if found.held:
        said.append(ask.gettext("It stands in a message that waits for your approval."))
    return " ".join(said)


def _when(ask: Ask, found: Reminder) -> str:
    if found.at <= ask.now:
        return ask.gettext("The reminder goes out now.")
    local, there = found.at.astimezone(ask.zone), found.at.astimezone(ZoneInfo(found.timezone))
    day = near_day(ask.language, local.date(), ask.today)
    if f"{there:%H:%M}" != f"{local:%H:%M}":
        return ask.gettext(
            "The reminder goes out {day} at {time} (there it is {there}).",
            day=day,
            time=f"{local:%H:%M}",
            there=f"{there:%H:%M}",
        )
    return ask.gettext("The reminder goes out {day} at {time}.", day=day, time=f"{local:%H:%M}")


ROUTES = [remind]
