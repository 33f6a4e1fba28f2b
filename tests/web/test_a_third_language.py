"""A language is a folder: with a catalog of German beside the others, pages and people speak it, and no code knows."""

import shutil

import pytest

from bot.linking import Account
from bot.preferences import settings as bot_settings
from tests.worlds.shop import NOW
from tracker.domain.terms import Way
from tracker.services.access.persons import find_person
from tracker.services.channels.telegram import Linked
from tracker.services.ground.journal import Actor
from tracker.services.people.persons import edit_person
from tracker.settings import BadSetting, load_settings
from tracker.web.http import templates
from tracker.web.register import page as register_page
from tracker.wording import dates, languages, say

GERMAN = """
msgid ""
msgstr ""
"Language: de\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Whose turn"
msgstr "Wer ist dran"

msgid "in progress"
msgstr "in Arbeit"

msgid "{n} row in all"
msgid_plural "{n} rows in all"
msgstr[0] "insgesamt {n} Zeile"
msgstr[1] "insgesamt {n} Zeilen"

msgid "{day} {month}, {weekday}"
msgstr "{weekday} {day}. {month}"

msgctxt "pattern of a date"
msgid "EEEE, d MMMM"
msgstr "EEEE, d. MMMM"
"""
KEPT = (languages.languages, say.translations, dates._short, templates.environment, templates.macro,
        register_page.status_options)  # fmt: skip


@pytest.fixture
def german(tmp_path, monkeypatch):
    folder = tmp_path / "locale"
    shutil.copytree(languages.LOCALE, folder)
    monkeypatch.setattr(languages, "LOCALE", folder)
    languages.catalog_of("de").parent.mkdir(parents=True)
    languages.catalog_of("de").write_text(GERMAN)
    for kept in KEPT:
        kept.cache_clear()
    yield "de"
    for kept in KEPT:
        kept.cache_clear()


def test_pages_speak_it_with_its_months_and_weekdays(german, sign_in, world, db):
    vera = sign_in("conductor")
    vera.cookies["auftakt_language"] = german
    text = vera.get("/projects/LEN/register").text
    assert '<html lang="de">' in text
    assert "Wer ist dran" in text
    assert "insgesamt 5 Zeilen" in text
    assert "Description" not in text
    assert dates.short_day(german, NOW.date().replace(month=3, day=2), NOW.date()) == "Mo 2. Mär"
    assert dates.long_day(german, NOW.date().replace(month=3, day=2)) == "Montag, 2. März"
    row = vera.get(f"/tasks/{world.tasks[1]}/row", htmx=True).text
    assert "in Arbeit" in row


def test_what_it_does_not_say_yet_stands_in_english(german, anybody):
    anybody.cookies.clear()
    text = anybody.get("/sign-in", headers={"accept-language": "de-AT,ru;q=0.3"}).text
    assert '<html lang="de">' in text
    assert "Password" in text


def test_it_can_be_chosen_wherever_a_language_is(german, sign_in, anybody, world, db):
    vera = sign_in("conductor")
    for path in (
        "/projects/LEN/settings",
        "/projects/new",
        "/me",
        "/projects/LEN/register",
    ):
        assert "Deutsch" in vera.get(path).text, path
    assert anybody.post("/language", data={"language": german, "next": "/"}).cookies["auftakt_language"] == german
    with db.writing() as session:
        edit_person(session, Actor(world.ann, Way.TELEGRAM), world.ann, None, {"language": german}, now=NOW)
        linked = Linked(world.ann, "Анна", "en", 1, False, NOW)
        choice = bot_settings(session, linked, now=NOW).keyboard[0]
        assert find_person(session, linked.actor, world.ann).person.language == german
    assert [button.label for button in choice] == ["Русский", "English", "Other hours"]
    assert Account(1, 1, "Anna", "de").language == german


def test_an_installation_can_be_told_to_speak_it(german, tmp_path):
    environ = {"AUFTAKT_DATA_DIR": str(tmp_path), "AUFTAKT_LANGUAGE": german}
    assert load_settings(environ).language == german
    with pytest.raises(BadSetting, match="write one of these: de, ru, en"):
        load_settings({**environ, "AUFTAKT_LANGUAGE": "fr"})
