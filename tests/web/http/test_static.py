"""Static files: kept for good, packed as the browser takes them, and nothing else."""

import pytest

# What the two databases differ in does not come up here: one of them is enough.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_static_files_are_kept_for_good_and_nothing_else_is_served(anybody, client):
    url = client.app.state.running.static.url("app.css")
    answer = anybody.get(url)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/css")
    assert anybody.get("/static/old/app.css").headers["cache-control"] == "no-cache"
    for path in ("/static/x/../app.py", "/static/x/%2e%2e/running.py", "/static/x/none.css"):
        assert anybody.get(path).status_code == 404


def test_static_files_come_packed_as_the_browser_takes_them(anybody, client):
    url = client.app.state.running.static.url("app.css")
    plain = anybody.get(url, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.headers["vary"] == "Accept-Encoding"
    for packing in ("br", "gzip"):
        packed = anybody.get(url, headers={"accept-encoding": f"deflate, {packing};q=0.9"})
        assert packed.headers["content-encoding"] == packing
        assert int(packed.headers["content-length"]) < len(plain.content) / 3
        assert packed.content == plain.content, "unpacked by the client"
