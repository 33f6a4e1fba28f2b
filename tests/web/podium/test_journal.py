"""The journal's page: everything for who sees the project, one's own tasks for the others, nothing for outsiders."""

import re

import pytest
from sqlmodel import select

from tests.web.test_place_queries import asked
from tests.worlds.journal import erase
from tests.worlds.shop import NOW
from tracker.domain.terms import CardKind, Way
from tracker.services.ground.journal import Actor
from tracker.services.tasks.cards import open_card
from tracker.services.tasks.comments import add_comment
from tracker.services.tasks.editing import edit_task
from tracker.tables import Event

PAGE = "/projects/LEN/journal"


def shown(text):
    return re.findall(r'<li>\s*<time class="muted"', text)


def retitle(db, world, times, number=1):
    with db.writing() as session:
        for place in range(times):
            changes = {"title": f"Поле {times}-{place}"}
            edit_task(session, Actor(world.conductor, Way.WEB), world.tasks[number], None, changes, now=NOW)


def test_an_event_says_who_what_from_what_to_what_and_by_which_way(vera, world, db):
    with db.writing() as session:
        edit_task(
            session, Actor(world.conductor, Way.API, world.pete), world.tasks[1], None, {"priority": "high"}, now=NOW
        )
    text = vera.get(PAGE).text
    assert "Пётр Соколов, as told to Вера Лунина" in text
    assert "Priority: normal → high" in text
    assert 'href="/projects/LEN/t/1"' in text
    assert "Вера Лунина · in the browser" in text
    assert 'href="/projects/LEN/journal" aria-current="page"' in text


def test_of_an_erased_text_nobody_is_said_to_have_been_quoted(vera, world, db):
    """What was erased told whether it was a noted word or a deputy's act: the line says only who acted for whom."""
    with db.writing() as session:
        edit_task(
            session, Actor(world.conductor, Way.API, world.pete), world.tasks[1], None, {"priority": "high"}, now=NOW
        )
    with db.writing() as session:
        last = session.exec(select(Event.id).where(Event.behalf_id == world.pete)).one()
        erase(session, [last], now=NOW)
    text = vera.get(PAGE).text
    assert "as told to" not in text
    assert "Вера Лунина, for Пётр Соколов" in text and "The text was erased." in text


def test_pages_follow_one_another_without_a_gap_or_a_double(vera, world, db):
    retitle(db, world, 60)
    with db.reading() as session:
        total = len(session.exec(select(Event).where(Event.project_id == world.project)).all())
    seen, url = 0, PAGE
    while url:
        text = vera.get(url).text
        seen += len(shown(text))
        found = re.search(r'class="button" href="([^"]*before=\d+)"', text)
        url = found[1] if found else ""
    assert seen == total > 50


def test_filters_show_only_what_they_say(vera, world, db):
    retitle(db, world, 1, number=3)
    ours = vera.get(f"{PAGE}?task=3").text
    assert len(shown(ours)) == ours.count('href="/projects/LEN/t/3"') > 0
    meetings = vera.get(f"{PAGE}?about=meeting").text
    assert "Nothing fits these filters" in meetings
    by_pete = vera.get(f"{PAGE}?person={world.pete}").text
    assert len(shown(by_pete)) == by_pete.count("<b>Пётр Соколов") > 0
    joint = vera.get(f"{PAGE}?integration={world.joint}").text
    assert f'href="/projects/LEN/integrations/{world.joint}"' in joint
    assert 'href="/projects/LEN/t/3"' not in joint
    assert "Одна кнопка «Заказать звонок» или две" in joint


@pytest.mark.parametrize(
    "query", ["about=nothing", "task=x", "person=x%20y", "before=-1", "integration=99999999999999"]
)
def test_what_cannot_be_read_is_left_out(vera, query):
    assert len(shown(vera.get(f"{PAGE}?{query}").text)) > 0


def test_who_does_not_see_all_reads_of_their_own_tasks_alone(sign_in, world, db):
    retitle(db, world, 1, number=3)
    text = sign_in("pete").get(PAGE).text
    assert set(re.findall(r'href="/projects/LEN/t/(\d+)"', text)) == {"1", "4"}
    assert "Анна Белова" not in re.sub(r"<select.*?</select>", "", text, flags=re.DOTALL)
    assert "<select" not in text.split('class="journal-filters')[1].split("</form>")[0]


def test_a_private_note_is_told_to_conductors_alone(vera, sign_in, world, db):
    with db.writing() as session:
        add_comment(session, Actor(world.conductor, Way.WEB), world.tasks[1], "тихо", private=True, now=NOW)
    assert "a comment" in vera.get(PAGE).text
    for who in ("lev", "pete"):
        assert "a comment" not in sign_in(who).get(PAGE).text


def test_nobody_and_outsiders_do_not_come_in(sign_in, anybody):
    assert anybody.get(PAGE).status_code == 303
    assert sign_in("stranger").get(PAGE).status_code == 404
    assert sign_in("lev").get(PAGE).status_code == 200


def test_more_events_take_no_more_statements(vera, world, db):
    page = f"{PAGE}?about=task"
    few = asked(db, vera, page)
    for number in world.tasks:
        retitle(db, world, 8, number=number)
    assert asked(db, vera, page) == few


def test_the_journal_is_in_russian_for_who_reads_russian(vera):
    vera.cookies["auftakt_language"] = "ru"
    text = vera.get(PAGE).text
    assert "Журнал" in text
    assert "занесено в реестр" in text or "в реестр" in text


def test_what_came_before_the_conductor_about_a_person_names_the_person(vera, world, db):
    with db.writing() as session:
        open_card(
            session, Actor(world.conductor, Way.WEB), world.project, CardKind.UNREACHABLE, now=NOW, person_id=world.pete
        )
    shown_text = re.sub(r"\s+", " ", vera.get(f"{PAGE}?about=card").text)
    assert f'put before the conductor: <a href="/projects/LEN/people/{world.pete}">Пётр Соколов</a>' in shown_text
