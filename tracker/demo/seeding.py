"""The demo: plays `seed_data/demo.toml` through the verbs, each step at its own past moment.

A composition-level module, as `tracker.demo.story` is: it may use every service, and has no rules of its own.
"""

from datetime import datetime

from tracker.db import Database
from tracker.demo.sign_in import Loaded, is_there, read_story, ways_in
from tracker.domain.errors import Refused
from tracker.services.access.sessions import HASHER
from tracker.services.house.installation import clock, has_projects, mark_demo
from tracker.settings import Settings


def load_demo(database: Database, settings: Settings, *, wall_now: datetime) -> Loaded:
    """Load the demo into an empty house; once it is there, say how to get in. Refused beside real projects.

    Everything in it is told from the house's own clock, which the settings may have moved."""
    story = read_story()
    loaded = ways_in(story)
    with database.reading() as session:
        if is_there(session, loaded):
            return loaded
        if has_projects(session):
            raise Refused("real_projects", [])
    from tracker.demo.story import Play

    password_hash = HASHER.hash(loaded.password)  # not judged: everybody may read it
    with database.writing() as session:
        mark_demo(session, settings.clock_offset, now=wall_now)
        Play(session, story, clock(session, wall_now), settings.key, password_hash).run()
    return loaded
