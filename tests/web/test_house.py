"""The self-watch on the wire: what `/readyz` tells a machine, and the podium a conductor, within three minutes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.worlds.shop import NOW
from tracker.services.house.self_watch import beat

PARTS = ("clock", "delivery", "bot", "telegram")


@pytest.fixture
def alive(db):
    """Everything has just given its sign of life."""
    with db.writing() as session:
        for name in PARTS:
            beat(session, name, now=NOW)


@pytest.fixture
def later(client):
    """Moves the wall's clock."""

    def move(minutes):
        client.app.state.running = replace(client.app.state.running, wall=lambda: NOW + timedelta(minutes=minutes))

    return move


def test_where_all_is_well_nothing_is_said(vera, anybody, alive):
    ready = anybody.get("/readyz").json()
    assert ready["ok"] is True
    assert all(ready[name]["well"] and "reason" not in ready[name] for name in PARTS)
    assert 'id="watch"' not in vera.get("/").text


def test_a_silence_is_told_within_three_minutes(vera, anybody, alive, later):
    later(2)
    assert 'id="watch"' not in vera.get("/").text
    later(3)
    ready = anybody.get("/readyz")
    assert (ready.status_code, ready.json()["ok"]) == (200, True), "pages are served all the same"
    assert ready.json()["clock"]["reason"] == ready.json()["bot"]["reason"] == "silent"
    page = vera.get("/").text
    assert "No sign of life since 23.11 11:30: the clock, the sending, the bot." in page
    assert page.index('id="watch"') < page.index('id="needs"')


@pytest.mark.parametrize(
    ("part", "reason", "detail", "en", "ru"),
    [
        ("bot", "bad_token", "", "Check AUFTAKT_TELEGRAM_TOKEN", "Telegram не принимает токен бота"),
        ("telegram", "bad_token", "", "nothing goes out there", "сообщения туда не уходят"),
        ("bot", "two_pollers", "", "Another program listens to the same bot", "слушает другая программа"),
        ("bot", "no_connection", "timed out", "There is no connection to Telegram", "Нет связи с Telegram"),
        ("bot", "webhook", "SSL error", "SSL error", "не достучался до вебхука"),
        ("delivery", "failed", "disk full", "Not well: the sending. disk full", "Не в порядке: отправка."),
    ],
)
def test_each_reason_has_its_words(vera, anybody, db, alive, part, reason, detail, en, ru):
    with db.writing() as session:
        beat(session, part, now=NOW, ok=False, reason=reason, detail=detail)
    told = anybody.get("/readyz").json()[part]
    assert (told["well"], told["reason"], told["detail"]) == (False, reason, detail)
    assert en in vera.get("/").text
    vera.cookies["auftakt_language"] = "ru"
    assert ru in vera.get("/").text


def test_who_conducts_nothing_is_not_told(sign_in, db, alive, later):
    later(60)
    assert "No sign of life" not in sign_in("pete").get("/projects/LEN/register").text
