"""What the bot says of itself and where it listens: its commands, descriptions and webhook."""

import json
import re
from collections.abc import Callable
from typing import Any

from bot.emulator import webhook
from bot.emulator.records import Json, Webhook
from bot.emulator.rules import bad
from bot.emulator.server import Server


def get_me(server: Server, _params: Json) -> Json:
    abilities = "can_read_all_group_messages supports_inline_queries can_connect_to_business has_main_web_app"
    return {**server.bot.as_user(), "can_join_groups": True, **dict.fromkeys(abilities.split(), False)}


def set_my_commands(server: Server, params: Json) -> bool:
    if len(params["commands"]) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in params["commands"]:
        if not re.fullmatch(r"/?[a-z0-9_]{1,32}", command["command"]):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    server.bot.commands[_scope(params)] = params["commands"]
    return True


def get_my_commands(server: Server, params: Json) -> list[Json]:
    return server.bot.commands.get(_scope(params), [])


def set_description(field: str, limit: int) -> Callable[[Server, Json], bool]:
    def described(server: Server, params: Json) -> bool:
        text = params.get(field, "")
        if len(text) > limit:
            raise bad(f"{field} is too long")
        server.bot.descriptions[field, params.get("language_code", "")] = text
        return True

    return described


def set_webhook(server: Server, params: Json) -> bool:
    url, secret = params["url"], params.get("secret_token", "")
    # The real public server wants https; so near to the bot http is right, as with a local Bot API server.
    if url and not re.match(r"https?://[^/\s]+", url):
        raise bad("bad webhook: invalid webhook URL specified")
    if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise bad("secret token contains unallowed characters")
    if params.get("drop_pending_updates"):
        server.bot.updates.clear()
    server.bot.allowed = params.get("allowed_updates", server.bot.allowed)
    server.bot.webhook = Webhook(url, secret, params.get("max_connections", 40)) if url else None
    server.tell()
    if server.bot.webhook:
        webhook.start(server, server.bot.webhook)
    return True


def delete_webhook(server: Server, params: Json) -> bool:
    return set_webhook(server, {**params, "url": ""})


def get_webhook_info(server: Server, _params: Json) -> Json:
    bot, hook = server.bot, server.bot.webhook
    info: Json = {"url": "", "has_custom_certificate": False, "pending_update_count": len(bot.updates)}
    if bot.allowed:
        info["allowed_updates"] = bot.allowed
    if hook:
        info |= {"url": hook.url, "max_connections": hook.max_connections}
        if hook.last_error:
            info |= {"last_error_date": hook.last_error_date, "last_error_message": hook.last_error}
    return info


def _scope(params: Json) -> tuple[str, str]:
    scope = params.get("scope", {"type": "default"})
    return json.dumps(scope, sort_keys=True), params.get("language_code", "")


METHODS: dict[str, Callable[[Server, Json], Any]] = {
    "getMe": get_me,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "setMyDescription": set_description("description", 512),
    "setMyShortDescription": set_description("short_description", 120),
    "setWebhook": set_webhook,
    "deleteWebhook": delete_webhook,
    "getWebhookInfo": get_webhook_info,
}
