"""Fetching what somebody has attached: at once, since Telegram keeps an address for an hour only, and our own copy."""

from typing import NamedTuple

from telegram import Message
from telegram.error import BadRequest, TelegramError

from bot.wire.threads import BotThreads
from tracker.domain.errors import Invalid
from tracker.services.ground.uploads import LIMIT, Kept, keep_file


class Attached(NamedTuple):
    """A file of a message as Telegram describes it."""

    file_id: str
    name: str
    size: int


class Fetched(NamedTuple):
    """Either a file in its place, or why there is none: too_large, kind, unreachable."""

    kept: Kept | None
    problem: str = ""


def attached_to(message: Message) -> Attached | None:
    """The file of a message; pictures and voices have no name of their own."""
    number = message.message_id
    if message.photo:
        photo = message.photo[-1]
        return Attached(photo.file_id, f"photo-{number}.jpg", photo.file_size or 0)
    if message.document:
        document = message.document
        return Attached(document.file_id, document.file_name or f"file-{number}", document.file_size or 0)
    for found, name in (
        (message.voice, f"voice-{number}.oga"),
        (message.video_note, f"video-{number}.mp4"),
    ):
        if found is not None:
            return Attached(found.file_id, name, found.file_size or 0)
    for named, name in ((message.audio, f"audio-{number}.mp3"), (message.video, f"video-{number}.mp4")):
        if named is not None:
            return Attached(named.file_id, named.file_name or name, named.file_size or 0)
    return None


async def fetch(message: Message, attached: Attached, desk: BotThreads) -> Fetched:
    """Download and put it into its place, before any row speaks of it."""
    if attached.size > LIMIT:
        return Fetched(None, "too_large")
    try:
        file = await message.get_bot().get_file(attached.file_id)
        content = bytes(await file.download_as_bytearray())
    except BadRequest as error:
        return Fetched(None, "too_large" if "too big" in str(error).lower() else "unreachable")
    except TelegramError:
        return Fetched(None, "unreachable")
    try:
        return Fetched(await desk.run(lambda: keep_file(desk.place.uploads, content, attached.name)))
    except Invalid as error:
        codes = {wrong.code for wrong in error.errors}
        said = {"file_too_large": "too_large", "file_not_kept": "unreachable"}
        return Fetched(None, next((said[code] for code in codes if code in said), "kind"))
