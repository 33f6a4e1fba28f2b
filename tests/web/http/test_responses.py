"""Pages are compressed, fragments are never kept."""

import pytest

# What the two databases differ in does not come up here: one of them is enough.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_pages_are_compressed_and_fragments_never_kept(vera):
    page = vera.get("/projects/LEN/register", headers={"accept-encoding": "gzip"})
    assert page.headers["content-encoding"] == "gzip"
    assert page.headers["cache-control"] == "private, no-cache"
