"""The wait ledger's page: every number leads to its rows and equals them, for whoever may see it."""

import re
from datetime import timedelta

import pytest

from tests.telling.answers import in_progress
from tests.web.test_place_queries import asked
from tests.worlds.shop import NOW
from tracker.domain.terms import Way
from tracker.services.ground.journal import Actor
from tracker.services.tasks.editing import create_task
from tracker.services.tasks.fields import TaskInput

TIME = r"(?:(\d+) h)?\s*(?:(\d+) min)?"


def minutes(text):
    hours, rest = re.fullmatch(TIME, text.strip()).groups()
    return int(hours or 0) * 60 + int(rest or 0)


def head(text):
    """(minutes, stretches) as the head of the list says them."""
    found = re.search(r"All together: ([^<]+)</h2>\s*<span[^>]*>\s*(\d+) stretch", text)
    return (minutes(found[1]), int(found[2])) if found else (0, 0)


def rows_of(browser, path):
    """Minutes of every row, on all pages of the list."""
    found = []
    while path:
        text = browser.get(path.replace("&amp;", "&")).text
        listed = text.partition('id="stretches"')[2].partition("</ol>")[0]
        found += [minutes(one) for one in re.findall(r'</div>\s*<b class="nowrap">([^<]+)</b>', listed)]
        more = re.search(r'class="below"><a href="([^"]+)">Show more', text)
        path = more[1] if more else None
    return found


def grow(db, world, count):
    actor = Actor(world.conductor, Way.WEB)
    with db.writing() as session:
        for number in range(count):
            then = NOW - timedelta(days=3, hours=number % 5)
            task = create_task(
                session, actor, world.project, TaskInput(title=f"Дело {number}", owner=world.pete), now=then
            )
            if number % 3 == 0:
                in_progress(session, Actor(world.pete, Way.WEB), task.id, now=then + timedelta(hours=5))


@pytest.mark.parametrize("period", ["now", "week", "weeks", "all"])
def test_every_number_of_the_ledger_is_the_rows_behind_it(vera, world, db, period):
    grow(db, world, 70)
    path = f"/projects/LEN/waiting?period={period}"
    text = vera.get(path).text
    assert head(text) == (sum(rows_of(vera, path)), len(rows_of(vera, path)))
    listed = re.findall(
        r'class="who">\s*<a href="([^"]+)">.*?<b class="nowrap">([^<]+)</b>.*?nowrap">(\d+) stretch', text, re.DOTALL
    )
    assert len(listed) >= 4
    for url, said, count in listed:
        rows = rows_of(vera, url)
        assert (minutes(said), int(count)) == (sum(rows), len(rows)), url


def test_each_row_leads_to_its_task(vera, world):
    text = vera.get("/projects/LEN/waiting?period=now").text
    links = re.findall(r'<a href="(/projects/LEN/t/\d+)">', text)
    assert len(links) == 5
    assert all(vera.get(link).status_code == 200 for link in links)


def test_the_pages_of_a_party_and_an_integration_say_the_same_as_the_ledger(vera, world):
    for path in (f"/parties/{world.crm}/edit", f"/projects/LEN/integrations/{world.joint}"):
        card = re.search(r'<section class="card" id="waited">.*?</section>', vera.get(path).text, re.DOTALL)[0]
        links = re.findall(r'href="([^"]+)">(?:four weeks: ([^<]+)<|[^<]+</a>\s*<span class="nowrap">([^<]+)<)', card)
        assert len(links) >= 2
        for url, whole, part in links:
            assert sum(rows_of(vera, url)) == minutes(whole or part), (path, url)


def test_filters_are_kept_from_period_to_period(vera, world):
    text = vera.get(f"/projects/LEN/waiting?party={world.crm}&period=now").text
    assert f'href="/projects/LEN/waiting?party={world.crm}&amp;period=week"' in text
    assert f'<option value="{world.crm}" selected>CRM-подрядчик' in text


def test_whoever_does_not_see_all_sees_their_own_part_and_no_list_of_people(sign_in, world):
    pete = sign_in("pete").get("/projects/LEN/waiting").text
    assert "Пётр Соколов" in pete
    assert "Марина Ким" not in pete and "<select" not in pete.partition("<main")[2]
    card = '<section class="card" id="waited">'
    assert card not in sign_in("pete").get(f"/projects/LEN/integrations/{world.joint}").text
    lev = sign_in("lev")
    assert "Марина Ким" in lev.get("/projects/LEN/waiting").text
    assert 'href="/projects/LEN/waiting"' in lev.get("/projects/LEN/register").text
    assert card in lev.get(f"/projects/LEN/integrations/{world.joint}").text
    assert sign_in("stranger").get("/projects/LEN/waiting").status_code == 404


def test_nothing_is_red_and_nobody_is_blamed(vera, world):
    for language in ("en", "ru"):
        vera.cookies["auftakt_language"] = language
        text = vera.get("/projects/LEN/waiting?period=all").text.partition("<main")[2]
        assert not re.search(r'class="[^"]*\b(asks|slow)', text)
        assert not re.search(r"просроч|задерж|виноват|опозд|late|delay|blame|fault", text, re.IGNORECASE)


def test_an_empty_ledger_says_so(vera, world):
    assert "Nothing was waited for" in vera.get(f"/projects/LEN/waiting?person={world.lev}").text
    assert vera.get("/projects/LEN/waiting?period=x&after=abc&person=-1").status_code == 200


def test_more_stretches_take_no_more_statements(vera, world, db):
    grow(db, world, 10)
    few = asked(db, vera, "/projects/LEN/waiting")
    grow(db, world, 60)
    assert asked(db, vera, "/projects/LEN/waiting") == few
