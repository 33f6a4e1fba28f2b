"""The reference: the same framework and server, answering a constant body without session, database or template."""

import sys

import uvicorn
from litestar import Litestar, MediaType, get


@get("/{size:int}", media_type=MediaType.HTML)
async def constant(size: int) -> bytes:
    """On the event loop and from memory: as fast as this framework can answer at all."""
    return BODIES.setdefault(size, b"x" * size)


BODIES: dict[int, bytes] = {}


def main(port: int) -> None:
    app = Litestar([constant], openapi_config=None)
    uvicorn.run(app, host="127.0.0.1", port=port, loop="auto", http="httptools", log_level="warning", access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]))
