"""Which passwords are taken."""

import pytest

from tracker.domain.errors import Invalid
from tracker.services.access.passwords import require_strong

PASSWORD, KEY = "двенадцать знаков", b"k" * 40


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("password1234", "easily_guessed"),
        ("qwertyuiop12", "easily_guessed"),
        ("123456789012", "easily_guessed"),
        ("йцукенгшщзхъ", "easily_guessed"),
        ("парольпароль", "easily_guessed"),
        ("auftaktauftakt", "easily_guessed"),
        ("ветроваветрова", "easily_guessed"),
        ("aaaaaaaaaaaa", "easily_guessed"),
        ("olga@shop.example", "own_email"),
        ("OLGA@shop.example1", "own_email"),
        ("x" * 11, "too_short"),
    ],
)
def test_what_guessers_try_first_is_no_password(password, code):
    with pytest.raises(Invalid) as caught:
        require_strong(password, ("olga@shop.example", "Ольга Ветрова"))
    assert [one.code for one in caught.value.errors] == [code]


LONG = "у старого моста через реку каждую осень собирались рыбаки, и никто из них не помнил, кто пришёл сюда первым"


@pytest.mark.parametrize("password", [PASSWORD, "a quiet morning song", "тихая музыка перед началом", LONG])
def test_a_password_of_ones_own_is_taken(password):
    require_strong(password, ("olga@shop.example", "Ольга Ветрова"))
