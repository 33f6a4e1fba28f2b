"""The filters that templates use."""

import pytest

from tracker.web.http.templates import breaks, browser_name, environment
from tracker.wording.dates import weekdays

AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 YaBrowser/24.12 "
    "Safari/537.36": "Яндекс.Браузер · Windows",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1 Version/18.1 "
    "Safari/604.1": "Safari · iPhone",
    "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0": "Firefox · Linux",
    "curl/8.5": "curl/8.5",
    "": "",
}


@pytest.mark.parametrize(("agent", "name"), AGENTS.items())
def test_a_browser_is_named_as_people_name_it(agent, name):
    assert browser_name(agent) == name


def test_an_address_breaks_after_its_dots_and_nowhere_else():
    assert breaks("meet.auftakt.example") == "meet.<wbr>auftakt.<wbr>example"
    assert breaks("a@b.example") == "a@<wbr>b.<wbr>example"
    assert breaks("<b>.") == "&lt;b&gt;."


def test_weekdays_are_said_as_people_say_them():
    assert [weekdays("ru", days) for days in ("01234", "1", "13", "", "0123")] == ["пн–пт", "вт", "вт, чт", "", "пн–чт"]


@pytest.mark.parametrize(("language", "said"), [("ru", "изменена, новая, От кого"), ("en", "changed, new, From whom")])
def test_a_context_chooses_the_word_and_a_label_is_asked_by_its_field(language, said):
    source = '{{ pgettext("row of a sheet", "changed") }}, {{ pgettext("row of a sheet", text) }}'
    source += ', {{ label_of("owner") }}'
    assert environment(language).from_string(source).render(text="new") == said
