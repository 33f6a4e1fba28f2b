"""Updates by webhook."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar


class Hook(BaseHTTPRequestHandler):
    """Refuses as `statuses` say, then accepts; each test uses it up."""

    statuses: ClassVar[list[int]] = []
    seen: ClassVar[list[tuple[str | None, dict[str, Any]]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.seen.append((self.headers["X-Telegram-Bot-Api-Secret-Token"], body))
        self.send_response(self.statuses.pop(0) if self.statuses else 200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def test_a_webhook_gets_updates_in_order_with_its_secret_and_again_when_it_refuses(world, call, chat):
    Hook.statuses[:], Hook.seen[:] = [500, 200, 404], []
    with HTTPServer(("127.0.0.1", 0), Hook) as hook:
        threading.Thread(target=hook.serve_forever, daemon=True).start()
        call("getUpdates", offset=-1)
        assert call("setWebhook", url=f"http://127.0.0.1:{hook.server_port}/hook", secret_token="s-1").json()["result"]
        world.send_text(chat, "Раз")
        world.send_text(chat, "Два")
        assert world.wait_until(lambda: len(Hook.seen) >= 5 and not world.bot.updates, 8)
        texts = [body["message"]["text"] for _secret, body in Hook.seen]
        assert texts == ["/start", "/start", "Раз", "Раз", "Два"]
        assert {secret for secret, _body in Hook.seen} == {"s-1"}
        info = call("getWebhookInfo").json()["result"]
        assert info["pending_update_count"] == 0 and "404" in info["last_error_message"]
        call("deleteWebhook")
        world.send_text(chat, "Три")
        assert call("getUpdates").json()["result"][-1]["message"]["text"] == "Три"
        assert len(Hook.seen) == 5
        hook.shutdown()
