"""The languages there are: asked from the folders of the catalogs, chosen by tag, each under its own name."""

import pytest

from tracker.wording.languages import languages, named_languages, own_name, preferred, spoken
from tracker.wording.marking import N_, NC_
from tracker.wording.say import say, say_n


def test_a_language_is_a_folder_and_english_stands_in_the_code():
    assert languages() == ("ru", "en")
    assert named_languages() == [("ru", "Русский"), ("en", "English")]
    assert own_name("de") == "Deutsch"


@pytest.mark.parametrize(
    ("tag", "language"),
    [("ru", "ru"), ("en-GB", "en"), ("RU", "ru"), ("de", None), ("", None), ("*", None), ("russian", None)],
)
def test_a_tag_names_a_language_that_we_speak(tag, language):
    assert spoken(tag) == language


@pytest.mark.parametrize(
    ("accept", "language"),
    [("de,ru;q=0.5,en;q=0.1", "ru"), (" en-US , ru", "en"), ("de", "none"), ("", "none"), (";;,", "none")],
)
def test_the_first_language_of_the_header_that_we_speak_is_taken(accept, language):
    assert preferred(accept, "none") == language


def test_a_folder_may_name_the_country_as_well(tmp_path, monkeypatch):
    monkeypatch.setattr("tracker.wording.languages.LOCALE", tmp_path)
    languages.cache_clear()
    try:
        for code in ("pt_BR", "ru"):
            (tmp_path / code / "LC_MESSAGES").mkdir(parents=True)
            (tmp_path / code / "LC_MESSAGES" / "auftakt.po").touch()
        (tmp_path / "de").mkdir()
        assert languages() == ("pt_BR", "ru", "en")
        assert [spoken(tag) for tag in ("pt-BR", "pt-br", "pt", "de", "en-US")] == ["pt_BR", "pt_BR", None, None, "en"]
    finally:
        languages.cache_clear()


def test_a_text_is_said_in_the_language_and_in_english_where_that_has_no_word():
    assert (say("ru", "Whose turn"), say("en", "Whose turn"), say("xx", "Whose turn")) == (
        "Чей ход",
        "Whose turn",
        "Whose turn",
    )
    assert say("ru", N_("a text of no catalog")) == "a text of no catalog"
    assert [say_n("ru", "{n} step", "{n} steps", n) for n in (1, 3, 5)] == ["1 шаг", "3 шага", "5 шагов"]


def test_a_context_chooses_the_word_and_is_never_shown():
    pattern = NC_("pattern of a date", "EE, d MMMM")
    assert {say(language, pattern) for language in ("ru", "en", "xx")} == {"EE, d MMMM"}
    assert say("ru", NC_("in no catalog", "Whose {what}"), what="move") == "Whose move"
