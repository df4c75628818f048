"""The methods that put messages on people's screens, change them and take them away."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tests.fakes.bot_api.chats import Kept
from tests.fakes.bot_api.cloud import Cloud, Sent
from tests.fakes.bot_api.limits import (
    CALLBACK_ANSWER,
    DELETE_AT_ONCE,
    UPLOAD_BYTES,
    Refusal,
    bad_request,
    check_markup,
    length,
    read_text,
)
from tests.fakes.bot_api.people import Chat
from tests.fakes.bot_api.schema import Upload
from tests.fakes.bot_api.shapes import FILE_SHAPES, StoredFile

Json = dict[str, Any]
Params = Mapping[str, Any]
DELETABLE = timedelta(hours=48)
DICE_KEPT = timedelta(hours=24)
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
QUERY_GONE = "query is too old and response timeout expired or query ID is invalid"


class Messages:
    """sendX, editMessageX, deleteMessageX and answerCallbackQuery."""

    def __init__(self, cloud: Cloud, query_lifetime: timedelta) -> None:
        self._cloud = cloud
        self._query_lifetime = query_lifetime

    def send_text(self, params: Params) -> Json | Refusal:
        """Do sendMessage."""
        text = read_text(params)
        return text if isinstance(text, Refusal) else self._send("sendMessage", params, {"text": text})

    def send_file(self, kind: str, params: Params) -> Json | Refusal:
        """Do sendVoice, sendPhoto or sendDocument."""
        caption = read_text(params, "caption")
        file = self._find_file(kind, params[kind])
        if isinstance(caption, Refusal):
            return caption
        if isinstance(file, Refusal):
            return file
        fields: Json = {kind: FILE_SHAPES[kind](file.ids)} | ({"caption": caption} if caption else {})
        return self._send(f"send{kind.title()}", params, fields)

    def edit_text(self, params: Params) -> Json | Refusal:
        """Do editMessageText; buttons that are not sent again disappear."""
        kept, text = self._find_own(params), read_text(params)
        if isinstance(kept, Refusal):
            return kept
        if isinstance(text, Refusal):
            return text
        if "text" not in kept.body:
            return bad_request("there is no text in the message to edit")
        return self._edit(kept, text, params.get("reply_markup"))

    def edit_markup(self, params: Params) -> Json | Refusal:
        """Do editMessageReplyMarkup."""
        kept = self._find_own(params)
        return kept if isinstance(kept, Refusal) else self._edit(kept, None, params.get("reply_markup"))

    def delete(self, params: Params) -> bool | Refusal:
        """Do deleteMessage."""
        chat = self._cloud.find_chat(params["chat_id"])
        if isinstance(chat, Refusal):
            return chat
        kept = chat.find(params["message_id"], "message to delete not found")
        if isinstance(kept, Refusal):
            return kept
        return self._delete_all([kept]) if self._may_delete(chat, kept) else bad_request("message can't be deleted")

    def delete_many(self, params: Params) -> bool | Refusal:
        """Do deleteMessages: unknown ones are skipped; one that may not be deleted refuses the whole call."""
        chat = self._cloud.find_chat(params["chat_id"])
        if isinstance(chat, Refusal):
            return chat
        if not 1 <= len(params["message_ids"]) <= DELETE_AT_ONCE:
            return bad_request("the number of message identifiers must be between 1 and 100")
        found = [kept for number in params["message_ids"] if isinstance(kept := chat.find(number, ""), Kept)]
        if not all(self._may_delete(chat, kept) for kept in found):
            return bad_request("message can't be deleted")
        return self._delete_all(found)

    def answer_press(self, params: Params) -> bool | Refusal:
        """Do answerCallbackQuery."""
        query = self._cloud.queries.get(params["callback_query_id"])
        if query is None or self._cloud.clock.now() - query.at > self._query_lifetime:
            return bad_request(QUERY_GONE)
        if length(text := params.get("text", "")) > CALLBACK_ANSWER:
            return bad_request("MESSAGE_TOO_LONG")
        query.is_answered = True
        query.toasts += [text] if text else []
        return True

    def _send(self, method: str, params: Params, fields: Json) -> Json | Refusal:
        chat = self._cloud.find_chat(params["chat_id"])
        if isinstance(chat, Refusal):
            return chat
        markup = params.get("reply_markup")
        reply = _reply_fields(chat, params.get("reply_parameters"))
        if (refusal := check_markup(markup) or (reply if isinstance(reply, Refusal) else None)) is not None:
            return refusal
        protected = {"has_protected_content": True} if params.get("protect_content") else {}
        kept = chat.keep(fields | dict(reply) | protected, sender=self._sender(), from_bot=True)  # type: ignore[arg-type]
        kept.protect_content = bool(protected)
        _show_keyboard(chat, kept, markup)
        sent = Sent(chat.id, kept.id, method, kept.text, kept.at, kept.protect_content)
        self._cloud.sent.append(sent)
        return dict(kept.body)

    def _sender(self) -> Json:
        return {name: self._cloud.bot[name] for name in ("id", "is_bot", "first_name", "username")}

    def _edit(self, kept: Kept, text: str | None, markup: Json | None) -> Json | Refusal:
        if (refusal := check_markup(markup)) is not None:
            return refusal
        new_markup = markup if markup and markup.get("inline_keyboard") else None
        if new_markup == kept.body.get("reply_markup") and text in (None, kept.text):
            return bad_request(NOT_MODIFIED)
        if text is not None:
            kept.body["text"] = text
        kept.body["edit_date"] = self._cloud.seconds
        kept.set_markup(new_markup)
        self._cloud.bell.ring()
        return dict(kept.body)

    def _find_own(self, params: Params) -> Kept | Refusal:
        chat = self._cloud.find_chat(params.get("chat_id"))
        if isinstance(chat, Refusal):
            return chat
        kept = chat.find(params.get("message_id", 0), "message to edit not found")
        if isinstance(kept, Kept) and not kept.from_bot:
            return bad_request("message can't be edited")
        return kept

    def _find_file(self, kind: str, given: str | Upload) -> StoredFile | Refusal:
        if isinstance(given, Upload):
            if len(given.content) > UPLOAD_BYTES:
                return Refusal(413, "Request Entity Too Large")
            return self._cloud.keep_file(kind, given.content)
        file = self._cloud.files.get(given)
        if file is None:
            return bad_request("wrong file identifier/HTTP URL specified")
        return file if file.kind == kind else bad_request("type of file mismatch")

    def _may_delete(self, chat: Chat, kept: Kept) -> bool:
        age = self._cloud.clock.now() - kept.at
        is_fresh_dice = chat.is_private and kept.kind == "dice" and age <= DICE_KEPT
        is_administrator = chat.statuses.get(self._cloud.bot["id"]) == "administrator"
        is_allowed = kept.from_bot or chat.is_private or is_administrator
        return is_allowed and age < DELETABLE and not is_fresh_dice

    def _delete_all(self, found: list[Kept]) -> bool:
        for kept in found:
            kept.is_deleted = True
        self._cloud.bell.ring()
        return True


def _reply_fields(chat: Chat, wanted: Json | None) -> Json | Refusal:
    if wanted is None:
        return {}
    kept = chat.find(wanted["message_id"], "message to be replied not found")
    if isinstance(kept, Kept):
        return chat.reply_body(kept.id)
    return {} if wanted.get("allow_sending_without_reply") else kept


def _show_keyboard(chat: Chat, kept: Kept, markup: Json | None) -> None:
    kept.set_markup(markup)
    if markup and "keyboard" in markup:
        rows = markup["keyboard"]
        chat.keyboard = tuple(key["text"] if isinstance(key, dict) else key for row in rows for key in row)
    if markup and markup.get("remove_keyboard"):
        chat.keyboard = ()
