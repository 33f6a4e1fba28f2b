"""The bot's handlers: who is it, what do they want, ask the right module, show its reply."""

import asyncio
import logging
from datetime import datetime
from typing import Any

from sqlmodel import Session
from telegram import Chat, ChatMemberUpdated, Message, MessageOriginUser, Update, User
from telegram.error import NetworkError
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot import buttons, linking
from bot.commands import Ordered, command_named, today
from bot.files import attached_to, fetch
from bot.free_text import Sent, edited, take
from bot.linking import Account, LinkNews
from bot.placing import WORD_ACTS, press_word
from bot.preferences import PREFERENCE_ACTS, press_preference, take_hours
from bot.presses import TASK_ACTS, press_task
from bot.replies import Pressed, Reply, Tap
from bot.wire.sending import edit, send, toast
from bot.wire.threads import BotThreads
from tracker.domain.errors import DomainError
from tracker.services.channels.telegram import Linked, lose_telegram, move_chat, person_of, regain_telegram
from tracker.services.ground.uploads import Kept
from tracker.wording.marking import N_
from tracker.wording.refusals import sentence
from tracker.wording.say import say

log = logging.getLogger("bot")

Context = ContextTypes.DEFAULT_TYPE
App = Application[Any, Any, Any, Any, Any, Any]
DESK = "desk"
HOLD_TOAST = 1.0
"""Seconds that a press may take before it is answered in advance."""
PRIVATE = filters.ChatType.PRIVATE
NEW = filters.UpdateType.MESSAGE & PRIVATE
CONTENT = (
    filters.TEXT
    | filters.PHOTO
    | filters.Document.ALL
    | filters.VOICE
    | filters.AUDIO
    | filters.VIDEO
    | filters.VIDEO_NOTE
    | filters.ANIMATION
)
OTHER = filters.Sticker.ALL | filters.LOCATION | filters.CONTACT | filters.POLL | filters.VENUE | filters.Dice.ALL


def add_handlers(app: App, desk: BotThreads) -> None:
    app.bot_data[DESK] = desk
    app.add_handler(CommandHandler("start", on_start, NEW))
    app.add_handler(MessageHandler(NEW & filters.COMMAND, on_command))
    app.add_handler(MessageHandler(NEW & CONTENT, on_message))
    app.add_handler(MessageHandler(NEW & OTHER, on_other))
    app.add_handler(MessageHandler(PRIVATE & filters.UpdateType.EDITED_MESSAGE & CONTENT, on_edited))
    app.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, on_migrated))
    app.add_handler(CallbackQueryHandler(on_press))
    app.add_handler(ChatMemberHandler(on_member, ChatMemberHandler.MY_CHAT_MEMBER))
    app.add_error_handler(on_error)


def desk_of(context: Context) -> BotThreads:
    desk: BotThreads = context.bot_data[DESK]
    return desk


def account_of(user: User, chat: Chat) -> Account:
    name = f"{user.full_name} (@{user.username})" if user.username else user.full_name
    return Account(user.id, chat.id, name, user.language_code or "")


def _given(update: Update) -> tuple[Message, Account]:
    assert update.effective_message and update.effective_user and update.effective_chat
    return update.effective_message, account_of(update.effective_user, update.effective_chat)


async def on_start(update: Update, context: Context) -> None:
    _message, account = _given(update)
    desk, payload = desk_of(context), (context.args or [""])[0]

    def work(session: Session, now: datetime) -> Reply:
        _awake(session, person_of(session, account.telegram_id, now=now), now)
        return linking.start(session, account, payload, now=now)

    await send(context.bot, desk, account.chat_id, await desk.write(work))


async def on_command(update: Update, context: Context) -> None:
    message, account = _given(update)
    desk = desk_of(context)
    name, _, rest = (message.text or "").partition(" ")
    command = command_named(name)

    def work(session: Session, now: datetime) -> tuple[Reply, int | None]:
        who = person_of(session, account.telegram_id, now=now)
        if who is None:
            return linking.stranger(account), None
        _awake(session, who, now)
        return command(Ordered(session, who, rest, desk.place, now)), who.person_id

    reply, person_id = await desk.write(work)
    await send(context.bot, desk, account.chat_id, reply, person_id)


def _awake(session: Session, who: Linked | None, now: datetime) -> None:
    """Whoever writes to us can be written to."""
    if who is not None and who.lost:
        regain_telegram(session, who.person_id, now=now)


async def on_message(update: Update, context: Context) -> None:
    """A text, or a file with or without one. A file is fetched before the transaction."""
    message, account = _given(update)
    desk = desk_of(context)
    who = await desk.read(lambda session, now: person_of(session, account.telegram_id, now=now))
    if who is None:
        await send(context.bot, desk, account.chat_id, linking.stranger(account))
        return
    attached = attached_to(message)
    files: tuple[Kept, ...] = ()
    if attached is not None:
        fetched = await fetch(message, attached, desk)
        if fetched.kept is None:
            await send(context.bot, desk, account.chat_id, Reply(_not_taken(who.language, fetched.problem)))
            if not message.caption:
                return
        else:
            files = (fetched.kept,)
    sent = _sent(message, account, files)

    def work(session: Session, now: datetime) -> Reply | None:
        _awake(session, who, now)
        hours = take_hours(session, who, sent.text, sent.chat_id, now=now) if not files else None
        return hours or take(session, who, sent, now=now)

    reply = await desk.write(work)
    if reply is not None:
        await send(context.bot, desk, account.chat_id, reply, who.person_id)


def _sent(message: Message, account: Account, files: tuple[Kept, ...] = ()) -> Sent:
    text = message.text or message.caption or ""
    if isinstance(message.forward_origin, MessageOriginUser):
        # Somebody else's words, handed on: it is said whose they are.
        text = f"{message.forward_origin.sender_user.full_name}: {text}" if text else text
    reply_to = message.reply_to_message.message_id if message.reply_to_message else 0
    return Sent(account.chat_id, message.message_id, text, files, message.media_group_id or "", reply_to)


def _not_taken(language: str, problem: str) -> str:
    text = {
        "too_large": N_("Files up to 20 MB can be taken here. A link to a larger one is fine as well."),
        "kind": N_("This kind of file is not taken. A picture, a PDF, a table, an archive or a link is fine."),
        "unreachable": N_("The file could not be fetched. Please send it once more."),
    }[problem]
    return say(language, text)


async def on_other(update: Update, context: Context) -> None:
    _message, account = _given(update)
    desk = desk_of(context)
    who = await desk.read(lambda session, now: person_of(session, account.telegram_id, now=now))
    said = N_("This can't be kept. Words, a picture, a file or a voice message can.")
    reply = linking.stranger(account) if who is None else Reply(say(who.language, said))
    await send(context.bot, desk, account.chat_id, reply)


async def on_edited(update: Update, context: Context) -> None:
    message, account = _given(update)
    desk = desk_of(context)

    def work(session: Session, now: datetime) -> tuple[Reply | None, int | None]:
        who = person_of(session, account.telegram_id, now=now)
        if who is None:
            return None, None
        return edited(session, who, _sent(message, account), now=now), who.person_id

    reply, person_id = await desk.write(work)
    if reply is not None:
        await send(context.bot, desk, account.chat_id, reply, person_id)


async def on_press(update: Update, context: Context) -> None:
    """Answered with a toast whatever comes; the message itself becomes the result."""
    query, user = update.callback_query, update.effective_user
    assert query and user
    desk = desk_of(context)
    if query.message is None or query.message.chat.id != user.id:
        # Cards stand in private chats only; here somebody presses in another's name, or in a group.
        await toast(query, say(account_language(user), N_("This button is for somebody else.")))
        return
    message_id, account = query.message.message_id, account_of(user, query.message.chat)
    work = asyncio.ensure_future(
        desk.write(lambda session, now: press(session, account, message_id, query.data, desk, now))
    )
    done, _pending = await asyncio.wait({work}, timeout=HOLD_TOAST)
    if not done:
        await toast(query, say(account.language, N_("One moment.")))
    try:
        pressed, told, person_id = await work
    except Exception:
        if done:
            await toast(query, say(account.language, N_("This did not work. Please try once more.")))
        raise
    if done:
        await toast(query, pressed.toast)
    if pressed.reply is not None:
        await edit(context.bot, desk, account.chat_id, message_id, pressed.reply, person_id)
    if told is not None:
        await send(context.bot, desk, account.chat_id, told.reply, person_id)
        if told.old_chat is not None and told.old_chat != account.chat_id:
            await send(context.bot, desk, told.old_chat, Reply(told.old_text))


def account_language(user: User) -> str:
    return Account(user.id, user.id, user.full_name, user.language_code or "").language


def press(
    session: Session, account: Account, message_id: int, data: str | None, desk: BotThreads, now: datetime
) -> tuple[Pressed, LinkNews | None, int | None]:
    """Whatever the data says: the person is the one who is linked to the account that presses."""
    action = buttons.read(data or "")
    if action is not None and action.act in ("yes", "notme"):
        pressed, told = linking.confirm(session, account, action.act == "yes", now=now)
        return pressed, told, None
    who = person_of(session, account.telegram_id, now=now)
    if who is None:
        return Pressed(say(account.language, N_("This button is for somebody else."))), None, None
    outdated = Pressed(say(who.language, N_("This button is out of date.")))
    if action is None:
        return outdated, None, who.person_id
    _awake(session, who, now)
    given = Tap(session, who, account.chat_id, message_id, action, data or "", desk.place, now)
    try:
        if action.act in TASK_ACTS:
            return press_task(given), None, who.person_id
        if action.act in WORD_ACTS:
            return press_word(given), None, who.person_id
        if action.act in PREFERENCE_ACTS:
            return press_preference(given), None, who.person_id
        if action.act == "today":
            return Pressed(""), LinkNews(today(Ordered(session, who, "", desk.place, now))), who.person_id
    except DomainError as error:
        return Pressed(sentence(who.language, error)), None, who.person_id
    return outdated, None, who.person_id


async def on_member(update: Update, context: Context) -> None:
    """Blocked, unblocked; or put into a group, where personal questions have no place."""
    event = update.my_chat_member
    assert event
    status = event.new_chat_member.status
    if event.chat.type != Chat.PRIVATE:
        await _leave(event, status, context)
        return
    telegram_id = event.from_user.id

    def work(session: Session, now: datetime) -> None:
        who = person_of(session, telegram_id, now=now)
        if who is None:
            return
        if status in ("kicked", "left"):
            lose_telegram(session, who.person_id, "blocked", now=now)
        else:
            regain_telegram(session, who.person_id, now=now)

    await desk_of(context).write(work)


async def _leave(event: ChatMemberUpdated, status: str, context: Context) -> None:
    if status not in ("member", "administrator"):
        return
    said = N_("Hello. I write to people one by one, never in a group, so I leave again.")
    await send(context.bot, desk_of(context), event.chat.id, Reply(say(account_language(event.from_user), said)))
    await context.bot.leave_chat(event.chat.id)


async def on_migrated(update: Update, context: Context) -> None:
    message = update.effective_message
    assert message
    old, new = message.chat.id, message.migrate_to_chat_id
    if new is not None:
        await desk_of(context).write(lambda session, now: move_chat(session, old, new, now=now))


async def on_error(update: object, context: Context) -> None:
    """The work may be done and only its word lost; or it failed, and then the person is asked to try again."""
    error = context.error
    if isinstance(error, NetworkError):
        log.warning("a reply did not get through: %s", error)
        return
    log.error("a handler failed", exc_info=error)
    if not isinstance(update, Update) or update.callback_query is not None:
        return
    chat, user = update.effective_chat, update.effective_user
    if chat is not None and user is not None and chat.type == Chat.PRIVATE:
        said = say(account_language(user), N_("This could not be noted. Please send it once more."))
        await context.bot.send_message(chat.id, said)
