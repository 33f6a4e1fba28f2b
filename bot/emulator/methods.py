"""The methods of the Bot API over the world: typed parameters in, the published result out, or a Refusal."""

from collections.abc import Callable
from typing import Any

from bot.emulator import own_methods
from bot.emulator.markup import Formatted
from bot.emulator.records import CallbackAnswer, Json, StoredFile, TelegramChat, TelegramMessage
from bot.emulator.rules import (
    ACTIONS,
    ANSWER_LIMIT,
    CAPTION_LIMIT,
    DOWNLOAD_LIMIT,
    PHOTO_LIMIT,
    TEXT_LIMIT,
    UPLOAD_LIMIT,
    MultipartFile,
    Refusal,
    bad,
    formatted,
    inline_keyboard,
    published,
)
from bot.emulator.server import Server


def perform(server: Server, method: str, params: Json) -> object:
    """All methods but getUpdates, which may wait (see polling.py)."""
    with server.changed:
        return METHODS[method](server, params)


def send_message(server: Server, params: Json) -> Json:
    chat = _open_chat(server, params)
    content = formatted(params, "text", TEXT_LIMIT)
    return _post(server, chat, params, {"text": content.text, **_entities("entities", content)}, content.html)


def send_document(server: Server, params: Json) -> Json:
    chat = _open_chat(server, params)
    stored = _file(server, params["document"], "documents", UPLOAD_LIMIT)
    return _post_file(server, chat, params, {"document": stored.as_document()})


def send_photo(server: Server, params: Json) -> Json:
    chat = _open_chat(server, params)
    stored = _file(server, params["photo"], "photos", PHOTO_LIMIT)
    return _post_file(server, chat, params, {"photo": server.photo_sizes(stored)})


def edit_message_text(server: Server, params: Json) -> Json:
    chat, message = _own_message(server, params, "edit")
    if "text" not in message.body:
        raise bad("there is no text in the message to edit")
    content, keyboard = formatted(params, "text", TEXT_LIMIT), inline_keyboard(params)
    body = {"text": content.text, **_entities("entities", content)}
    kept = {name: value for name, value in message.body.items() if name not in ("text", "entities")}
    return _edited(server, chat, message, {**kept, **body}, content.html, keyboard)


def edit_message_reply_markup(server: Server, params: Json) -> Json:
    chat, message = _own_message(server, params, "edit")
    return _edited(server, chat, message, message.body, message.html, inline_keyboard(params))


def delete_message(server: Server, params: Json) -> bool:
    chat = _open_chat(server, params)
    message = chat.messages.get(params["message_id"])
    if message is None or message.deleted:
        raise bad("message to delete not found")
    if server.clock() - message.date > 48 * 3600:
        raise bad("message can't be deleted")
    message.deleted = True
    server.changed.notify_all()
    return True


def answer_callback_query(server: Server, params: Json) -> bool:
    query, text = params["callback_query_id"], params.get("text", "")
    if query not in server.callbacks:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    if len(text) > ANSWER_LIMIT:
        raise bad("MESSAGE_TOO_LONG")
    # A second answer is accepted and shown to nobody: the person's client has stopped waiting.
    if server.callbacks[query] is None:
        server.callbacks[query] = CallbackAnswer(text, params.get("show_alert", False))
        server.changed.notify_all()
    return True


def send_chat_action(server: Server, params: Json) -> bool:
    chat = _open_chat(server, params)
    if params["action"] not in ACTIONS:
        raise bad("wrong parameter action in request")
    chat.actions.append(params["action"])
    return True


def get_file(server: Server, params: Json) -> Json:
    stored = server.files.get(params["file_id"])
    if stored is None:
        raise bad("wrong file_id or the file is temporarily unavailable")
    if len(stored.content) > DOWNLOAD_LIMIT:
        raise bad("file is too big")
    return {**stored.as_file(), "file_path": stored.path}


def get_chat(server: Server, params: Json) -> Json:
    chat = _chat(server, params)
    gifts = dict.fromkeys(published()["types"]["AcceptedGiftTypes"], False)
    return {**chat.as_chat(), "accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}


def get_chat_member(server: Server, params: Json) -> Json:
    chat, user_id = _chat(server, params), params["user_id"]
    if user_id == server.bot.id:
        gone = "kicked" if chat.blocked else "left" if chat.bot_left else ""
        return _member(gone or "member", server.bot.as_user())
    if user_id not in chat.people:
        raise bad("PARTICIPANT_ID_INVALID" if chat.kind == "supergroup" else "user not found")
    return _member(chat.statuses.get(user_id, "member"), chat.people[user_id].as_user())


def leave_chat(server: Server, params: Json) -> bool:
    chat = _open_chat(server, params)
    if chat.kind == "private":
        raise bad("chat can't be left")
    chat.bot_left = True
    server.membership(chat, "member", "left")
    return True


def _chat(server: Server, params: Json) -> TelegramChat:
    chat = server.known_chat(params["chat_id"])
    if chat is None:
        raise bad("chat not found")
    return chat


def _open_chat(server: Server, params: Json) -> TelegramChat:
    """The chat, where the bot may write to it."""
    chat = _chat(server, params)
    if chat.migrated_to:
        raise Refusal(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            migrate_to_chat_id=chat.migrated_to,
        )
    if chat.blocked:
        raise Refusal(403, "Forbidden: bot was blocked by the user")
    if chat.bot_left:
        raise Refusal(403, f"Forbidden: bot is not a member of the {chat.kind} chat")
    if not chat.started:
        raise Refusal(403, "Forbidden: bot can't initiate conversation with a user")
    return chat


def _own_message(server: Server, params: Json, verb: str) -> tuple[TelegramChat, TelegramMessage]:
    if "chat_id" not in params or "message_id" not in params:
        raise bad("message identifier is not specified")
    chat = _open_chat(server, params)
    message = chat.messages.get(params["message_id"])
    if message is None or message.deleted:
        raise bad(f"message to {verb} not found")
    if message.sender["id"] != server.bot.id:
        raise bad(f"message can't be {verb}ed")
    return chat, message


def _entities(field: str, content: Formatted) -> Json:
    return {field: content.entities} if content.entities else {}


def _post_file(server: Server, chat: TelegramChat, params: Json, body: Json) -> Json:
    caption = formatted(params, "caption", CAPTION_LIMIT)
    worded = {"caption": caption.text, **_entities("caption_entities", caption)} if caption.text else {}
    return _post(server, chat, params, {**body, **worded}, caption.html)


def _post(server: Server, chat: TelegramChat, params: Json, body: Json, html: str) -> Json:
    message = server.new_message(server.bot.as_user(), body, html)
    message.keyboard = inline_keyboard(params)
    message.thread_id = params.get("message_thread_id")
    if message.thread_id and message.thread_id not in chat.threads:
        raise bad("message thread not found")
    if reply := params.get("reply_parameters"):
        answered = chat.messages.get(reply["message_id"])
        if answered is not None and not answered.deleted:
            message.body["reply_to_message"] = server.as_message(chat, answered)
        elif not reply.get("allow_sending_without_reply"):
            raise bad("message to be replied not found")
    server.post(chat, message)
    return server.as_message(chat, message)


def _edited(
    server: Server,
    chat: TelegramChat,
    message: TelegramMessage,
    body: Json,
    html: str,
    keyboard: list[list[Json]] | None,
) -> Json:
    if (body, keyboard) == (message.body, message.keyboard):
        raise bad(
            "message is not modified: specified new message content and reply markup are exactly the same "
            "as a current content and reply markup of the message"
        )
    message.body, message.html, message.keyboard = body, html, keyboard
    message.edit_date = int(server.clock())
    server.changed.notify_all()
    return server.as_message(chat, message)


def _file(server: Server, given: object, folder: str, limit: int) -> StoredFile:
    """An upload is stored, a file_id looked up; the emulator fetches no addresses."""
    if isinstance(given, MultipartFile):
        if not given.content:
            raise bad("file must be non-empty")
        if len(given.content) > limit:
            raise Refusal(413, "Request Entity Too Large") if folder == "documents" else bad("PHOTO_INVALID_DIMENSIONS")
        return server.store(folder, given.name, given.mime_type, given.content)
    stored = server.files.get(str(given))
    if stored is None:
        raise bad("wrong file identifier/HTTP URL specified")
    return stored


def _member(status: str, user: Json) -> Json:
    kind = {"creator": "ChatMemberOwner", "administrator": "ChatMemberAdministrator", "kicked": "ChatMemberBanned"}
    fields: Json = published()["types"].get(kind.get(status, ""), {})
    flags = {
        name: name != "is_anonymous" for name, (types, needed) in fields.items() if needed and types == ["Boolean"]
    }
    return {"status": status, "user": user, **flags, **({"until_date": 0} if status == "kicked" else {})}


METHODS: dict[str, Callable[[Server, Json], Any]] = {
    "sendMessage": send_message,
    "sendDocument": send_document,
    "sendPhoto": send_photo,
    "editMessageText": edit_message_text,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "answerCallbackQuery": answer_callback_query,
    "sendChatAction": send_chat_action,
    "getFile": get_file,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "leaveChat": leave_chat,
    **own_methods.METHODS,
}
