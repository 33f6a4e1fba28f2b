"""How an answer leaves: with its version as a tag, or with the address of what was made."""

from typing import Any, TypeVar

from litestar import Response

T = TypeVar("T")


def tagged(view: T, version: int | None = None) -> Response[T]:
    """The view, with its version as ETag: what If-Match of a later PATCH may name."""
    version = version if version is not None else getattr(view, "version", None)
    headers = {"etag": f'"{version}"'} if version is not None else {}
    return Response(view, status_code=200, headers=headers)


def created(address: str, view: T, version: int | None = None) -> Response[T]:
    made = tagged(view, version)
    made.status_code = 201
    made.headers["location"] = address
    return made


def gone() -> Response[Any]:
    """Done, and there is nothing to show: the object is out of the caller's sight now."""
    return Response(None, status_code=204)
