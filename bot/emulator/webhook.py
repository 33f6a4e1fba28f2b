"""Updates by HTTP POST, one after the other; whatever is not accepted is offered again, more and more slowly."""

import threading

import httpx

from bot.emulator.records import Webhook
from bot.emulator.server import Server

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 60.0


def start(server: Server, hook: Webhook) -> None:
    # A thread of its own: updates come from threads and loops alike, and no loop is sure to live as long as the hook.
    threading.Thread(target=_deliver, args=(server, hook), name="emulated-webhook", daemon=True).start()


def _deliver(server: Server, hook: Webhook) -> None:
    news, pause = threading.Event(), FIRST_PAUSE
    bot = server.bot
    with server.changed:
        if bot.webhook is hook:
            bot.wake = news.set
    headers = {"X-Telegram-Bot-Api-Secret-Token": hook.secret} if hook.secret else {}
    with httpx.Client(timeout=10, trust_env=False, headers=headers) as client:
        while bot.webhook is hook and not server.closed:
            news.clear()
            with server.changed:
                pending = bot.updates[0] if bot.updates else None
            if pending is None:
                news.wait()
                continue
            error = _offer(client, hook.url, pending.update)
            with server.changed:
                if not error:
                    pause = FIRST_PAUSE
                    if pending in bot.updates:
                        bot.updates.remove(pending)
                    continue
                hook.last_error, hook.last_error_date = error, int(server.clock())
            _rest(server, hook, pause)
            pause = min(pause * 2, LONGEST_PAUSE)


def _offer(client: httpx.Client, url: str, update: dict[str, object]) -> str:
    """Empty, or why the update was not accepted."""
    try:
        answer = client.post(url, json=update)
    except httpx.HTTPError as error:
        return f"Connection failed: {type(error).__name__}"
    return "" if answer.is_success else f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"


def _rest(server: Server, hook: Webhook, seconds: float) -> None:
    with server.changed:
        server.changed.wait_for(lambda: server.closed or server.bot.webhook is not hook, seconds)
