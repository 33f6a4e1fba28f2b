"""All routes of the web client: each page family adds its `ROUTES` here."""

from typing import Any

from tracker.web import (
    calendars,
    checks,
    deadlocks,
    house,
    importing,
    integrations,
    launch,
    me,
    meeting_room,
    meetings,
    parties,
    people,
    projects,
    register,
    signing,
    static,
    systems,
    task_edit,
    task_page,
)

HANDLERS: list[Any] = [
    static.static,
    static.favicon,
    *house.ROUTES,
    *signing.ROUTES,
    *register.ROUTES,
    *task_edit.ROUTES,
    *task_page.ROUTES,
    *projects.ROUTES,
    *parties.ROUTES,
    *people.ROUTES,
    *systems.ROUTES,
    *integrations.ROUTES,
    *launch.ROUTES,
    *checks.ROUTES,
    *deadlocks.ROUTES,
    *meetings.ROUTES,
    *meeting_room.ROUTES,
    *calendars.ROUTES,
    *importing.ROUTES,
    *me.ROUTES,
]
