"""What the installation answers without a session: its health, and the choices of language and theme."""

import pytest

# What the two databases differ in does not come up here: one of them is enough.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_health_asks_nothing_and_readiness_asks_the_database(anybody):
    assert anybody.get("/healthz").json() == {"ok": True}
    ready = anybody.get("/readyz")
    assert (ready.status_code, ready.json()["database"], ready.json()["schema"]) == (200, True, True)


def test_language_and_theme_are_one_press_without_a_script(vera):
    vera.post("/language", data={"language": "ru", "next": "/projects/LEN/register"})
    vera.post("/theme", data={"theme": "dark", "next": "/"})
    html = vera.get("/projects/LEN/register").text
    assert '<html lang="ru" data-theme="dark">' in html
    assert "Реестр" in html
    vera.post("/language", data={"language": "en", "next": "/"})
    assert '<html lang="en"' in vera.get("/projects/LEN/register").text
