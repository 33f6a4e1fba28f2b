"""Telegram's HTML, as the real server reads it."""

import re

import pytest

from bot.emulator.markup import MarkupError, parse_html


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<b>Раз", 'Can\'t find end tag corresponding to start tag "b"'),
        ("Раз</b>", "Unexpected end tag at byte offset 6"),
        ("<b><i>Раз</b></i>", 'Unmatched end tag at byte offset 12, expected "</i>", found "</b>"'),
        ("<div>Раз</div>", 'Unsupported start tag "div" at byte offset 0'),
        ("Раз<br>", 'Unsupported start tag "br" at byte offset 6'),
        ("2 < 3", "Unsupported start tag"),
        ("<span>Раз</span>", 'Tag "span" must have class "tg-spoiler"'),
    ],
)
def test_broken_markup_is_refused_in_the_words_of_the_server(source, words):
    with pytest.raises(MarkupError, match=re.escape(words)):
        parse_html(source)


def test_entities_are_counted_in_utf16_units():
    result = parse_html('🙂 <b>Раз</b> &amp; <a href="https://example.org/?a=1&amp;b=2">два</a>')
    assert result.text == "🙂 Раз & два"
    assert result.entities == [
        {"type": "bold", "offset": 3, "length": 3},
        {"type": "text_link", "offset": 9, "length": 3, "url": "https://example.org/?a=1&b=2"},
    ]


def test_the_ends_are_trimmed_and_entities_follow():
    result = parse_html("\n <b> Раз </b>\n")
    assert (result.text, result.entities) == ("Раз", [{"type": "bold", "offset": 0, "length": 3}])


def test_nested_tags_stand_outside_in():
    result = parse_html("<b>Раз <i>два</i></b>")
    assert [entity["type"] for entity in result.entities] == ["bold", "italic"]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("<STRONG class=x>Раз</STRONG>", "<b>Раз</b>"),
        ("<a href='javascript:alert(1)'>Раз</a>", "<a>Раз</a>"),
        (
            '<a href="https://example.org/&quot;onclick=1">Раз</a>',
            '<a href="https://example.org/&quot;onclick=1" rel="noopener noreferrer">Раз</a>',
        ),
        ("&lt;script&gt; &copy; &#1071; & &#0;", "&lt;script&gt; &amp;copy; Я &amp; &amp;#0;"),
        ('<tg-spoiler>Раз</tg-spoiler><span class="tg-spoiler">два</span>', "<span>Раз</span><span>два</span>"),
    ],
)
def test_what_is_shown_is_safe(source, shown):
    assert parse_html(source).html == shown
