"""The line to the Bot API: where it is, what proves that we are the bot, and how a call ends."""

import re
from typing import Any, NamedTuple

import httpx

from bot.buttons import Button, Keyboard
from tracker.settings import Settings

CONNECT = 20.0
"""Seconds: from some networks the handshake takes long, and a message may wait longer than a person at a page."""
READ = 30.0


class Connection(NamedTuple):
    """`root`: without a trailing slash; `/bot<token>/` and `/file/bot<token>/` are appended."""

    token: str
    root: str
    proxy: str = ""
    mode: str = "polling"
    secret: str = ""
    """What Telegram's webhook calls carry."""
    public_url: str = ""

    def __repr__(self) -> str:
        return f"Line({self.root}, {self.mode})"


def line_of(settings: Settings, emulator: tuple[str, str] | None = None) -> Connection | None:
    """The line that the settings ask for. `emulator`: (root, token) of a running one, used where no token is set.

    None: Telegram is off, or there is nothing to connect to.
    """
    token = settings.telegram_token.get_secret_value()
    if settings.telegram_mode == "off":
        return None
    if not token:
        return Connection(emulator[1], emulator[0], public_url=settings.public_url) if emulator is not None else None
    return Connection(
        token,
        settings.telegram_api_url,
        settings.telegram_proxy.get_secret_value(),
        settings.telegram_mode,
        settings.telegram_webhook_secret.get_secret_value(),
        settings.public_url,
    )


def client_of(line: Connection) -> httpx.Client:
    """For the channel, which is called from threads. The environment's proxies are not ours to use."""
    limits = httpx.Limits(max_connections=8, keepalive_expiry=20)
    timeout = httpx.Timeout(READ, connect=CONNECT)
    return httpx.Client(timeout=timeout, limits=limits, proxy=line.proxy or None, trust_env=False)


def call(client: httpx.Client, line: Connection, method: str, params: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """(status, answer); raises what httpx raises. An answer that is no JSON object counts as empty."""
    response = client.post(f"{line.root}/bot{line.token}/{method}", json=params)
    try:
        answer = response.json()
    except ValueError:
        answer = {}
    return response.status_code, answer if isinstance(answer, dict) else {}


def markup(keyboard: Keyboard) -> dict[str, Any]:
    """Neutral buttons as Telegram wants them; an empty keyboard takes the old one away."""
    return {"inline_keyboard": [[_button(button) for button in row] for row in keyboard]}


def _button(button: Button) -> dict[str, str]:
    kind = "url" if re.match(r"https?://", button.action) else "callback_data"
    return {"text": button.label, kind: button.action}
