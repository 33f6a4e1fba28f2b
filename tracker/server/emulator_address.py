"""Where the demo's Telegram emulator stands, and the token it takes: the server that mounts it, the bot and the
command line have to mean the same.
"""

import hashlib
import hmac

from tracker.domain.addresses import in_address, reachable
from tracker.settings import Settings

PREFIX = "/demo/bot-api"
"""Where the server mounts it."""


def emulator_of(settings: Settings) -> tuple[str, str] | None:
    """(root, token) of this installation's emulator; None where messages go to Telegram, or nowhere."""
    if not settings.demo or settings.telegram_token.get_secret_value() or settings.telegram_mode == "off":
        return None
    # Derived, not random: two processes of one installation agree on it, and nobody else can post as the bot.
    mark = hmac.new(settings.key, b"emulator", hashlib.sha256).hexdigest()[:35]
    return f"http://{in_address(reachable(settings.host))}:{settings.port}{PREFIX}", f"700000000:{mark}"
