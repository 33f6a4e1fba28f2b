"""Static files under an address that changes with their content: cached for good, never stale."""

import gzip
import hashlib
import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import brotli
from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from tracker.paths import shipped
from tracker.web.http.guards import Guard

FOREVER = "public, max-age=31536000, immutable"
# Once at the start and as hard as it goes: a quarter less on the wire than what is packed for each request.
PACKINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "br": lambda content: brotli.compress(content, quality=11),
    "gzip": lambda content: gzip.compress(content, 9, mtime=0),
}


@dataclass(frozen=True, eq=False)
class StaticFiles:
    """All files in memory (they are few), under one digest: modules may import each other by relative paths."""

    digest: str
    release: str
    """Of the static files and the templates: what a page is made of besides its facts."""
    files: dict[str, tuple[bytes, str]]
    packed: dict[tuple[str, str], bytes]
    """By name and packing."""

    @classmethod
    def load(cls) -> "StaticFiles":
        folder = shipped("web/static")
        names = sorted(path for path in folder.rglob("*") if path.is_file())
        files = {path.relative_to(folder).as_posix(): (path.read_bytes(), _media_type(path)) for path in names}
        digest = hashlib.sha256()
        for name, (content, _) in files.items():
            digest.update(name.encode() + b"\0" + content)
        release = digest.copy()
        for path in sorted(shipped("templates").rglob("*.html")):
            release.update(path.read_bytes())
        packed = {(name, how): pack(content) for name, (content, _) in files.items() for how, pack in PACKINGS.items()}
        return cls(digest.hexdigest()[:16], release.hexdigest()[:16], files, packed)

    def url(self, name: str) -> str:
        if name not in self.files:
            raise KeyError(f"no static file {name!r}")
        return f"/static/{self.digest}/{name}"


def _media_type(path: Path) -> str:
    return mimetypes.guess_type(path.name)[0] or "text/plain"


@get("/static/{digest:str}/{name:path}", opt={"guard": Guard.OPEN}, include_in_schema=False, sync_to_thread=False)
def static(request: Request[Any, Any, Any], digest: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    files: StaticFiles = request.app.state.running.static
    found = files.files.get(name.lstrip("/"))
    if found is None:
        raise NotFoundException
    # A page of the version before may still ask by the old digest while it is replaced: it gets the new file, unkept.
    headers = {"cache-control": FOREVER if digest == files.digest else "no-cache", "vary": "Accept-Encoding"}
    taken = {part.partition(";")[0].strip() for part in request.headers.get("accept-encoding", "").split(",")}
    for how in PACKINGS:
        if how in taken:
            packed = files.packed[name.lstrip("/"), how]
            return Response(packed, media_type=found[1], headers={**headers, "content-encoding": how})
    return Response(found[0], media_type=found[1], headers=headers)


@get("/favicon.ico", opt={"guard": Guard.OPEN}, include_in_schema=False, sync_to_thread=False)
def favicon(request: Request[Any, Any, Any]) -> Response[bytes]:
    content, media_type = request.app.state.running.static.files["icon.svg"]
    return Response(content, media_type=media_type, headers={"cache-control": "public, max-age=86400"})
