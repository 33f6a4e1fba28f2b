"""The threshold: for which hosts we answer, whose word on addresses is believed, what measure a request has."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select

from tracker.tables import Attempt

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

WHEREVER = ["/", "/sign-in", "/nowhere", "/healthz", "/static/x", "/api/v1/tasks", "/my/x"]


@pytest.mark.parametrize("path", WHEREVER)
@pytest.mark.parametrize("host", ["evil.example", "auftakt.example.evil.example", "192.168.1.5:8000", "0.0.0.0", "a b"])
def test_who_asks_for_another_house_is_sent_away(client, path, host):
    answer = client.get(path, headers={"host": host, "accept-language": "en"}, follow_redirects=False)
    assert answer.status_code == 421
    assert "AUFTAKT_HOSTS" in answer.text


def test_a_change_at_a_foreign_name_is_not_made(client, world, vera):
    """A page of evil.example whose name points at us by now: its own origin, and no cookie of ours to hold it back."""
    headers = {"host": "evil.example", "origin": "http://evil.example"}
    assert vera.post("/projects/LEN/tasks", data={"title": "x"}, headers=headers).status_code == 421


@pytest.mark.parametrize(
    "host", ["auftakt.example", "AUFTAKT.example.", "auftakt.example:8443", "127.0.0.1:8000", "localhost", "[::1]:1"]
)
def test_our_own_names_are_answered(client, host):
    assert client.get("/healthz", headers={"host": host}).status_code == 200


def test_two_names_at_once_are_none(client):
    both = [("host", "auftakt.example"), ("host", "evil.example")]
    assert client.get("/healthz", headers=both).status_code == 421


def test_it_is_told_in_the_readers_language(client):
    answer = client.get("/", headers={"host": "evil.example", "accept-language": "ru", "accept": "text/html"})
    assert '<html lang="ru"' in answer.text
    assert "AUFTAKT_HOSTS" in answer.text


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/" + "x" * 3_000, {}, 414),
        ("/sign-in?next=" + "x" * 9_000, {}, 414),
        ("/sign-in?" + "a=1&" * 200, {}, 400),
        ("/sign-in", {"cookie": "a=" + "x" * 9_000}, 431),
        ("/sign-in", {"cookie": "a=1;" * 200}, 431),
        ("/api/v1/tasks?" + "a&" * 1_000, {}, 400),
    ],
    ids=["path", "query", "queries", "cookies", "many cookies", "api"],
)
def test_what_is_out_of_measure_is_not_even_read(client, path, headers, status):
    from litestar import _parsers

    known = [getattr(_parsers, name).cache_info().currsize for name in ("parse_query_string", "parse_cookie_string")]
    answer = client.get(path, headers=headers)
    assert answer.status_code == status
    kept = [getattr(_parsers, name).cache_info().currsize for name in ("parse_query_string", "parse_cookie_string")]
    assert max(after - before for before, after in zip(known, kept, strict=True)) <= 1, "the empty ones at most"


@pytest.fixture
def guess_from(client, application, db) -> Any:
    """Guesses at an account over a connection from `peer`; returns the network that it was counted for."""
    served = application.asgi_handler

    def guess(peer: str, *forwarded: str) -> str:
        async def connected(scope, receive, send):
            await served({**scope, "client": (peer, 1)}, receive, send)

        application.asgi_handler = connected
        headers = [("host", "auftakt.example"), *(("x-forwarded-for", one) for one in forwarded)]
        client.post("/sign-in", data={"email": "a@shop.example", "password": "x"}, headers=headers)
        with db.writing() as session:
            keys: list[str] = [row.key for row in session.exec(select(Attempt))]
            for row in session.exec(select(Attempt)):
                session.delete(row)
        return next(key.removeprefix("network:") for key in keys if key.startswith("network:"))

    yield guess
    application.asgi_handler = served


Guess = Callable[..., str]


def test_a_client_is_the_last_address_that_is_no_proxy_of_ours(guess_from: Guess):
    assert guess_from("127.0.0.1") == "127.0.0.0/24"
    assert guess_from("127.0.0.1", "203.0.113.9") == "203.0.113.0/24"
    assert guess_from("127.0.0.1", "1.2.3.4, 203.0.113.9") == "203.0.113.0/24", "the first one is the guesser's own"
    assert guess_from("127.0.0.1", "1.2.3.4", "203.0.113.9, 127.0.0.1") == "203.0.113.0/24"
    assert guess_from("::ffff:127.0.0.1", "203.0.113.9:55123") == "203.0.113.0/24"
    assert guess_from("127.0.0.1", "[2001:db8::7]:80") == "2001:db8::/64"


def test_who_is_no_proxy_of_ours_is_not_believed(guess_from: Guess, caplog):
    assert guess_from("203.0.113.9", "1.2.3.4") == "203.0.113.0/24"
    assert guess_from("10.0.0.1", "1.2.3.4") == "10.0.0.0/24"
    assert "AUFTAKT_TRUSTED_PROXIES" in caplog.text
