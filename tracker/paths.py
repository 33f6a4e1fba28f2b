"""Where the files stand that come along with the code: beside it in a checkout, inside the package when installed."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """The folder `name` (`templates`, `seed_data`, `web/static`, `locale`, `migrations`), installed copy first.

    The installed copy wins because a wheel has no checkout beside it: what stands beside `site-packages/tracker`
    under the same name belongs to somebody else.
    """
    for base in (PACKAGE / "_shipped", PACKAGE, PACKAGE.parent):
        if (base / name).is_dir():
            return base / name
    raise FileNotFoundError(f"Auftakt is installed without its folder {name!r}")
