"""Projects in the browser: opened, set up, let speak, put away."""

from tests.worlds.pages import one, said
from tracker.tables import Project


def test_the_settings_of_a_project_are_kept_and_a_stale_form_shows_both(vera, world, db):
    form = {
        "name": "Лён и нить", "purpose": "", "timezone": "Europe/Moscow", "language": "ru", "country": "RU",
        "stall_days": "3", "second_days": "2", "escalate_days": "1", "own_1": "Ссылка", "own_2": "", "own_3": "",
        "version": str(one(db, Project, id=world.project).version),
    }  # fmt: skip
    assert vera.post("/projects/LEN/settings", data=form).status_code == 303
    project = one(db, Project, id=world.project)
    assert (project.stall_days, project.own_columns) == (3, ["Ссылка"])
    stale = vera.post("/projects/LEN/settings", data={**form, "stall_days": "4"})
    assert stale.status_code == 409
    said(stale, "<b>3</b>")
    for wrong in ({"stall_days": "many"}, {"stall_days": "99"}, {"timezone": "Mars/North"}):
        assert vera.post("/projects/LEN/settings", data=wrong).status_code == 422


def test_messages_begin_with_approval_and_a_pause_holds_them(vera, world, db):
    said(vera.get("/projects/LEN/settings"), "Read what would go out")
    over_there = vera.post("/projects/LEN/messages-policy", data={"messages": "on"})
    assert (over_there.status_code, over_there.headers["location"]) == (303, "/projects/LEN/messages")
    said(vera.get("/projects/LEN/messages"), "Read what would go out first")
    assert one(db, Project, id=world.project).messages == "off"
    assert vera.post("/projects/LEN/messages/switch", data={"messages": "off", "seen": "1"}).status_code == 303
    assert vera.post("/projects/LEN/messages-policy", data={"messages": "on"}).status_code == 303
    assert one(db, Project, id=world.project).messages == "approve"
    said(vera.get("/projects/LEN/settings"), "Each message waits for your approval")
    assert vera.post("/projects/LEN/messages-policy", data={"messages": "loud"}).status_code == 422
    for paused, there in (("1", True), ("1", True), ("0", False)):
        vera.post("/projects/LEN/pause", data={"paused": paused})
        assert (one(db, Project, id=world.project).paused_at is not None) is there
    assert vera.post("/projects/LEN/days", data={"day": "2026-12-31", "working": "no"}).status_code == 303
    said(vera.get("/projects/LEN/settings"), "31 Dec, Thu: a day off")
    assert vera.post("/projects/LEN/days", data={"day": "когда-нибудь", "working": "no"}).status_code == 422


def test_a_project_is_put_away_and_brought_back(vera, world):
    assert vera.post("/projects/LEN/archive").status_code == 303
    away = vera.get("/projects").text
    assert 'action="/projects/LEN/restore"' in away
    assert vera.post("/projects/LEN/restore").status_code == 303
    assert 'href="/projects/LEN"' in vera.get("/projects").text


def test_new_projects_are_opened_by_who_may_found_them(sign_in, world):
    pete = sign_in("pete")
    assert pete.get("/projects/new").status_code == 403
    assert pete.post("/projects", data={"name": "X", "key": "XX", "timezone": "Europe/Moscow"}).status_code == 403
