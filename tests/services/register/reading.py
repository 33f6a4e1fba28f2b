"""The register as somebody reads it."""

from tests.worlds.integrations import LATER, NOW, by
from tracker.services.access.loading import project_by_id
from tracker.services.register.filters import from_query
from tracker.services.register.page import register_page
from tracker.services.tasks.editing import TaskInput, create_task


def ask(db, world, title, owner=None, **named):
    with db.writing() as session:
        return create_task(session, by(world.anna), world.project, TaskInput(title, owner=owner, **named), now=NOW).id


def look(db, world, who="anna", now=LATER, **query):
    with db.reading() as session:
        project, mine = project_by_id(session, by(getattr(world, who)), world.project)
        return register_page(session, project, mine, from_query(query, getattr(world, who)), now)


def titles(page):
    return [row.title for row in page.rows]
