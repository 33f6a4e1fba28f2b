"""What is only foreseen, on the page of messages: stopped for its day, or given words."""

import html
import re

import pytest
from sqlmodel import select

from tests.web.messages.places import PAGE
from tests.worlds.shop import NOW
from tracker.tables import Message, Project


@pytest.fixture
def speaking(db, world, known):
    """The project speaks by itself; no round of the clock has been yet, so that everything is only foreseen."""
    with db.writing() as session:
        project = session.get_one(Project, world.project)
        project.messages, project.preview_seen_at = "on", NOW
        session.add(project)


def first_foreseen(page):
    """(person, day) of the first one that can be stopped."""
    found = re.search(
        r'foreseen/stop">\s*<input type="hidden" name="person" value="(\d+)">\s*'
        r'<input type="hidden" name="day" value="([\d-]+)">',
        page,
    )
    return {"person": found[1], "day": found[2]}


def test_what_is_only_foreseen_is_stopped_on_its_day_and_that_is_taken_back(vera, db, speaking):
    page = vera.get(PAGE).text
    given = first_foreseen(page)
    for _ in range(2):
        assert vera.post(f"{PAGE}/foreseen/stop", data=given).headers["location"] == PAGE, "twice is once"
    page = vera.get(PAGE).text
    assert first_foreseen(page) != given
    assert page.count("nothing on this day: you have stopped it") == 1
    with db.reading() as session:
        [row] = session.exec(select(Message)).all()
    assert (row.person_id, row.local_day.isoformat(), row.state) == (int(given["person"]), given["day"], "cancelled")
    assert vera.post(f"/messages/{row.id}/let-go").headers["location"] == PAGE
    page = vera.get(PAGE).text
    assert first_foreseen(page) == given
    assert "nothing on this day: you have stopped it" not in page


def test_own_words_are_put_in_front_of_what_is_only_foreseen(vera, db, speaking):
    given = first_foreseen(vera.get(PAGE).text)
    assert vera.post(f"{PAGE}/foreseen/words", data={**given, "text": "Завтра показ заказчику."}).status_code == 303
    page = vera.get(PAGE).text
    letter = next(one for one in re.findall(r'<p class="prose letter">(.*?)</p>', page, re.DOTALL) if "показ" in one)
    assert letter.splitlines()[1] == "Завтра показ заказчику.", "under the greeting"
    assert ">Завтра показ заказчику.</textarea>" in page
    wrong = vera.post(f"{PAGE}/foreseen/words", data={**given, "text": "я" * 1001})
    assert wrong.status_code == 422
    assert "Too long" in wrong.text and "я" * 1001 in wrong.text, "what was typed comes back"
    assert vera.post(f"{PAGE}/foreseen/words", data={**given, "text": ""}).status_code == 303
    assert "Завтра показ заказчику." not in vera.get(PAGE).text


def test_what_nobody_foresees_is_refused_in_words(vera, speaking):
    for data in ({"person": "1", "day": "2027-12-01"}, {"person": "", "day": "2026-11-24"}):
        answer = vera.post(f"{PAGE}/foreseen/stop", data=data)
        assert answer.status_code == 409
        assert "Nothing is foreseen for this person on that day any more" in answer.text
    assert vera.post(f"{PAGE}/foreseen/stop", data={"person": "1", "day": "soon"}).status_code == 404


def test_what_has_left_is_said_to_have_left(vera, db, held):
    with db.writing() as session:
        row = session.get_one(Message, held[0])
        row.state = "sent"
        session.add(row)
    answer = vera.post(f"/messages/{held[0]}/stop")
    assert answer.status_code == 409
    assert "This message has left, or was taken out" in html.unescape(answer.text)


def test_a_silent_project_offers_nothing_to_stop(vera, known):
    page = vera.get(PAGE).text
    assert 'class="prose letter"' in page
    assert "foreseen/stop" not in page and "foreseen/words" not in page
