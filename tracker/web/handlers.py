"""All routes of the web client: each page family adds its `ROUTES` here."""

from typing import Any

from tracker.web import demo, house, importing
from tracker.web.http import static
from tracker.web.integrations import checks, deadlocks, launch, systems
from tracker.web.integrations import passport as integrations
from tracker.web.meetings import feed as calendars
from tracker.web.meetings import planning as meetings
from tracker.web.meetings import room as meeting_room
from tracker.web.messages import page as messages
from tracker.web.messages import reminders
from tracker.web.people import list as people
from tracker.web.people import me, parties, projects, signing
from tracker.web.podium import journal as journal_page
from tracker.web.podium import ledger, my_steps
from tracker.web.podium import page as podium
from tracker.web.register import page as register
from tracker.web.tasks import edit as task_edit
from tracker.web.tasks import files
from tracker.web.tasks import page as task_page

HANDLERS: list[Any] = [
    static.static,
    static.favicon,
    *house.ROUTES,
    *podium.ROUTES,
    *signing.ROUTES,
    *register.ROUTES,
    *task_edit.ROUTES,
    *task_page.ROUTES,
    *reminders.ROUTES,
    *projects.ROUTES,
    *parties.ROUTES,
    *people.ROUTES,
    *systems.ROUTES,
    *integrations.ROUTES,
    *launch.ROUTES,
    *checks.ROUTES,
    *files.ROUTES,
    *deadlocks.ROUTES,
    *meetings.ROUTES,
    *meeting_room.ROUTES,
    *calendars.ROUTES,
    *importing.ROUTES,
    *journal_page.ROUTES,
    *me.ROUTES,
    *my_steps.ROUTES,
    *demo.ROUTES,
    *messages.ROUTES,
    *ledger.ROUTES,
]
