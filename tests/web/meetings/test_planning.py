"""Meetings in the browser: planned, doubted, answered, moved; nothing typed is ever lost."""

from tests.worlds.pages import rows, version_in
from tracker.tables import Meeting, MeetingPerson


def page(vera, meeting):
    return vera.get(f"/projects/LEN/meetings/{meeting}").text


def test_a_planned_meeting_shows_who_comes_why_and_what_about(vera, world, db, meeting):
    text = page(vera, meeting)
    for shown in ("решает о кнопках", "Кто даёт ключи", "tomorrow, 11:00", "Форма сайта → CRM"):
        assert shown in text
    assert rows(db, Meeting)[0].starts_at.hour == 8
    assert "Форма и CRM" in vera.get("/projects/LEN/meetings").text
    file = vera.get(f"/meetings/{meeting}/calendar.ics")
    assert file.headers["content-type"].startswith("text/calendar")
    assert b"DTSTART:20261124T080000Z" in file.content


def test_many_people_or_no_decider_are_asked_about_once(vera, world, db):
    form = {"title": "Сбор", "day": "2026-11-24", "time": "11:00", "minutes": "30", "timezone": "Europe/Moscow",
            "people": [str(world.pete)], "agenda": "Вопрос"}  # fmt: skip
    asked = vera.post("/projects/LEN/meetings", data=form)
    assert asked.status_code == 422
    assert "Nobody here can decide" in asked.text
    assert "Вопрос</textarea>" in asked.text
    assert rows(db, Meeting) == []
    made = vera.post("/projects/LEN/meetings", data={**form, "accepted": "1"})
    assert "Nobody here can decide" in vera.get(made.headers["location"]).text


def test_wrong_times_are_said_and_the_rest_stays(vera, world):
    bad = vera.post(
        "/projects/LEN/meetings",
        data={
            "title": "",
            "day": "когда-то",
            "time": "25:99",
            "minutes": "x",
            "timezone": "Mars/North",
            "agenda": "Вопрос",
        },
    )
    assert bad.status_code == 422
    assert "Вопрос</textarea>" in bad.text
    assert "This is not a day that can be read" in bad.text
    assert "This is not a time of day" in bad.text
    assert "This time zone is not known" in bad.text


def test_people_answer_themselves_and_the_conductor_notes_an_answer(sign_in, vera, world, db, meeting):
    pete = sign_in("pete")
    assert "Will you come?" in page(pete, meeting)
    for _ in range(2):
        assert pete.post(f"/meetings/{meeting}/rsvp", data={"rsvp": "yes"}).status_code == 303
    assert vera.post(f"/meetings/{meeting}/rsvp", data={"rsvp": "no", "behalf": str(world.ann)}).status_code == 303
    said = {one.person_id: one.rsvp for one in rows(db, MeetingPerson)}
    assert (said[world.pete], said[world.ann]) == ("yes", "no")
    assert pete.post(f"/meetings/{meeting}/rsvp", data={"rsvp": "perhaps"}).status_code == 422
    assert pete.post(f"/meetings/{meeting}/rsvp", data={"rsvp": "no", "behalf": str(world.ann)}).status_code == 403
    assert vera.post(f"/meetings/{meeting}/people", data={"person": str(world.mary), "why": "макет"}).status_code == 303
    assert "макет" in page(vera, meeting)
    assert vera.post(f"/meetings/{meeting}/people/{world.mary}/remove").status_code == 303
    assert "макет" not in page(vera, meeting)


def test_who_is_not_invited_finds_nothing_and_who_does_not_conduct_changes_nothing(sign_in, anybody, world, meeting):
    acts = {"close": {}, "keep": {}, "items": {"new_line": "X"}, "drop": {"drop_reason": "x"}, "edit": {"title": "X"},
            "archive": {}, "people": {"person": str(world.mary)}}  # fmt: skip
    expected = {"pete": (200, 403), "lev": (200, 403), "mary": (404, 404), "stranger": (404, 404)}
    for who, (seen, changed) in expected.items():
        browser = sign_in(who)
        assert browser.get(f"/projects/LEN/meetings/{meeting}").status_code == seen
        assert browser.get(f"/meetings/{meeting}/calendar.ics").status_code == seen
        for act, form in acts.items():
            assert browser.post(f"/meetings/{meeting}/{act}", data=form).status_code == changed, (who, act)
    assert {anybody.post(f"/meetings/{meeting}/{act}", data=form).status_code for act, form in acts.items()} == {303}


def test_a_meeting_is_moved_put_away_and_brought_back(vera, world, db, meeting):
    form = {"title": "Форма", "day": "2026-11-25", "time": "12:00", "minutes": "45", "timezone": "Asia/Omsk",
            "place": "", "version": version_in(vera.get(f"/meetings/{meeting}/edit").text)}  # fmt: skip
    assert vera.post(f"/meetings/{meeting}/edit", data=form).status_code == 303
    assert rows(db, Meeting)[0].starts_at.hour == 6
    stale = vera.post(f"/meetings/{meeting}/edit", data={**form, "title": "Третье"})
    assert stale.status_code == 409
    assert 'value="Третье"' in stale.text
    for _ in range(2):
        assert vera.post(f"/meetings/{meeting}/archive").status_code == 303
    assert f'action="/meetings/{meeting}/restore"' in vera.get("/projects/LEN/meetings").text
    assert vera.post(f"/meetings/{meeting}/restore").status_code == 303
