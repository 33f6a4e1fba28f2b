"""A line is a line: whatever breaks one, seen or unseen, is a space in it."""

import pytest

from tracker.domain.lines import in_one_line, legible

BREAKS = ["\n", "\r\n", "\r", "\u2028", "\u2029", "\x85", "\v", "\f", "\n \n", "\t", "\x1c"]


@pytest.mark.parametrize("sign", BREAKS)
def test_nothing_breaks_a_line(sign):
    assert in_one_line(f" Поля{sign}2. LEN-9 ") == "Поля 2. LEN-9"
    assert len(in_one_line(f"a{sign}b").splitlines()) == 1


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\x1b", "\x00", "\u200b", "\ufeff"])
def test_what_no_screen_shows_and_what_turns_letters_round_is_left_out(sign):
    assert in_one_line(f"а{sign}б") == legible(f"а{sign}б") == "аб"


def test_emoji_stay_whole_and_texts_keep_their_lines():
    assert in_one_line("👩\u200d🔧 Ира") == "👩\u200d🔧 Ира"
    assert legible(" а\r\nб\n\nв ") == "а\nб\n\nв"
