"""A small Bot API server kept in memory: the demo's Telegram without a token, and the wire of the bot's tests."""

from bot.emulator.app import emulator_app, emulator_mount
from bot.emulator.records import ApiCall, CallbackAnswer, ChatView, TelegramButton, TelegramUser, TranscriptLine
from bot.emulator.state import DEMO_TOKEN, PlayError, World

__all__ = [
    "DEMO_TOKEN",
    "ApiCall",
    "CallbackAnswer",
    "ChatView",
    "PlayError",
    "TelegramButton",
    "TelegramUser",
    "TranscriptLine",
    "World",
    "emulator_app",
    "emulator_mount",
]
