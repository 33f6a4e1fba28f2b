"""The composition root of the server: the web client, and round it the loops that run beside it."""

from litestar import Litestar
from litestar.concurrency import set_asyncio_executor
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from tracker.db import Database
from tracker.settings import Settings
from tracker.web.guards import require_guards
from tracker.web.handlers import HANDLERS
from tracker.web.headers import Guarding
from tracker.web.refusals import unexpected
from tracker.web.running import start_running

MEGABYTE = 1_000_000


def create_app(settings: Settings, database: Database) -> Litestar:
    """The application over an open, migrated database. Raises UnguardedRoute for a route that declares no guard."""
    running = start_running(settings, database)
    # In the factory, since Litestar refuses to change it once a loop runs.
    set_asyncio_executor(running.fast)
    require_guards(HANDLERS)
    return Litestar(
        HANDLERS,
        state=State({"running": running}),
        middleware=[Guarding(settings.public_url)],
        exception_handlers={HTTPException: unexpected, Exception: unexpected},
        # The lightest degree: measured, the heavier ones cost more of the event loop than they save on the line.
        compression_config=CompressionConfig(
            backend="brotli", brotli_quality=1, brotli_gzip_fallback=True, gzip_compress_level=1, minimum_size=1000
        ),
        request_max_body_size=MEGABYTE,
        openapi_config=None,
        on_shutdown=[running.stop],
        logging_config=None,
    )
