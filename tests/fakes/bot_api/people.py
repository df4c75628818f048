"""What people do in their chats; each act makes an update in exactly Telegram's shape."""

from typing import Any

from tests.fakes.bot_api.chats import Kept, Seen, Transcript
from tests.fakes.bot_api.cloud import Cloud, Query
from tests.fakes.bot_api.limits import Refusal
from tests.fakes.bot_api.shapes import FILE_SHAPES, PLAIN_SHAPES, entities, member, origin

Json = dict[str, Any]
BLOCKED = Refusal(403, "Forbidden: bot was blocked by the user")
DEACTIVATED = Refusal(403, "Forbidden: user is deactivated")


class Chat(Transcript):
    """A chat in which people write; `by` says who (the person herself in her private chat)."""

    def __init__(self, cloud: Cloud, body: Json) -> None:
        super().__init__(cloud.bell)
        self.body = body
        self.is_known = True
        self.refusal: Refusal | None = None
        self.statuses: dict[int, str] = {}
        self._cloud = cloud
        self._last_query: Query | None = None
        cloud.chats[self.id] = self

    @property
    def id(self) -> int:
        """Its chat_id."""
        number: int = self.body["id"]
        return number

    @property
    def is_private(self) -> bool:
        """Whether this is the chat of one person with the bot."""
        return bool(self.body["type"] == "private")

    def says(self, text: str, *, by: "Person | None" = None, reply_to: int | None = None) -> int:
        """Write a text; gives the message_id."""
        commands = entities(text)
        return self._post({"text": text} | ({"entities": commands} if commands else {}), by, reply_to)

    def sends(
        self,
        kind: str,
        *,
        by: "Person | None" = None,
        caption: str | None = None,
        content: bytes = b"invented content",
        size: int | None = None,
        reply_to: int | None = None,
        origin_kind: str = "",
    ) -> int:
        """Send what is not text, one of `shapes.KINDS`, forwarded if it has an `origin_kind`; gives the message_id."""
        if kind in PLAIN_SHAPES:
            body: Json = {kind: PLAIN_SHAPES[kind]()}
        else:
            body = self._file_body(kind, content, size)
        if origin_kind:
            body |= {"forward_origin": origin(origin_kind, self._cloud.seconds - 60)}
        return self._post(body | ({"caption": caption} if caption else {}), by, reply_to)

    def sends_album(self, count: int, *, caption: str = "", by: "Person | None" = None) -> list[int]:
        """Send photos as one media group: an update for each, the caption on the first."""
        group = {"media_group_id": self._cloud.new_query_id()}
        bodies = [self._file_body("photo", b"invented photo", None) | group for _ in range(count)]
        if caption:
            bodies[0]["caption"] = caption
        return [self._post(body, by, None) for body in bodies]

    def forwards(self, text: str, *, origin_kind: str = "user", by: "Person | None" = None) -> int:
        """Forward a text that came from a `user`, a `hidden_user` or a `channel`."""
        return self._post({"text": text, "forward_origin": origin(origin_kind, self._cloud.seconds - 60)}, by, None)

    def edits(self, message_id: int, text: str) -> None:
        """Change one's own earlier text."""
        kept = self.kept[message_id]
        kept.body |= {"text": text, "edit_date": self._cloud.seconds, "entities": entities(text)}
        if not kept.body["entities"]:
            del kept.body["entities"]
        self._cloud.feed.add("edited_message", dict(kept.body), self.id)

    def presses(
        self, message: int | Seen, button: str, *, by: "Person | None" = None, is_stale: bool = False
    ) -> int | None:
        """Press the button with that label or callback data; `is_stale` also finds buttons that are gone by now."""
        kept = self.kept[message.message_id if isinstance(message, Seen) else message]
        if kept.is_deleted and not is_stale:
            raise LookupError(f"message {kept.id} is no longer on the screen")
        data = kept.button(button, is_stale=is_stale).data
        if data is None:
            raise LookupError(f"the button {button!r} opens a link and tells the bot nothing")
        return self._press(self._pressed(kept), data, self._author(by))

    def press_again(self) -> int | None:
        """Repeat the last press as an app does after it reconnects: same button, new update_id and query id."""
        last = self._last_query
        if last is None:
            raise LookupError("nothing was pressed here yet")
        return self._press(last.body["message"], last.body["data"], self._cloud.chats[last.person_id])

    def toasts(self) -> list[str]:
        """What the bot answered to presses of this person, oldest first."""
        return [text for query in self._cloud.queries.values() if query.person_id == self.id for text in query.toasts]

    def keep(self, fields: Json, *, sender: Json, from_bot: bool) -> Kept:
        """Put a message into the chat without telling the bot."""
        body = {"message_id": self.new_message_id(), "from": sender, "chat": self.body, "date": self._cloud.seconds}
        kept = Kept(body | fields, from_bot, self._cloud.clock.now())
        self.kept[kept.id] = kept
        self._cloud.bell.ring()
        return kept

    def new_message_id(self) -> int:
        """The id of the next message here."""
        return self._cloud.new_message_id()

    def reply_body(self, message_id: int) -> Json:
        """The replied-to message as it stands inside a reply."""
        quoted = dict(self.kept[message_id].body)
        quoted.pop("reply_to_message", None)
        return {"reply_to_message": quoted}

    def _author(self, by: "Person | None") -> "Chat":
        if by is None:
            raise TypeError("say who acts: by=person")
        return by

    def _is_heard(self, kept: Kept) -> bool:
        return True

    def _post(self, fields: Json, by: "Person | None", reply_to: int | None) -> int:
        quoted = self.reply_body(reply_to) if reply_to is not None else {}
        kept = self.keep(fields | quoted, sender=self._author(by).user_body(), from_bot=False)
        self._wake()
        if self._is_heard(kept):
            self._cloud.feed.add("message", dict(kept.body), self.id)
        return kept.id

    def _wake(self) -> None:
        """Make the chat one that the bot has met."""
        self.is_known = True

    def _file_body(self, kind: str, content: bytes, size: int | None) -> Json:
        body: Json = {kind: FILE_SHAPES[kind](self._cloud.keep_file(kind, content, size).ids)}
        if kind == "animation":
            body["document"] = self._cloud.keep_file("document", content, size).ids
        return body

    def _pressed(self, kept: Kept) -> Json:
        if kept.is_deleted:
            return {"chat": self.body, "message_id": kept.id, "date": 0}
        return dict(kept.body)

    def _press(self, message: Json, data: str, author: "Chat") -> int | None:
        query_id = self._cloud.new_query_id()
        body = {
            "id": query_id,
            "from": author.user_body(),
            "message": message,
            "chat_instance": str(abs(self.id) + 7_000_000_000),
            "data": data,
        }
        update_id = self._cloud.feed.add("callback_query", body, author.id)
        self._last_query = Query(update_id, author.id, self._cloud.clock.now(), body)
        self._cloud.queries[query_id] = self._last_query
        return update_id

    def user_body(self) -> Json:
        """The person as Telegram's User; only a person has one."""
        raise TypeError("a group writes nothing by itself")


class Person(Chat):
    """An invented person and her private chat with the bot."""

    def __init__(
        self, cloud: Cloud, person_id: int, first_name: str, language_code: str | None, *, is_known: bool
    ) -> None:
        super().__init__(cloud, {"id": person_id, "first_name": first_name, "type": "private"})
        self._language_code = language_code
        self.is_known = is_known

    def user_body(self) -> Json:
        """The person as Telegram's User."""
        language = {"language_code": self._language_code} if self._language_code else {}
        return {"id": self.id, "is_bot": False, "first_name": self.body["first_name"]} | language

    def starts(self, payload: str = "") -> int:
        """Press Start, with the payload of a deep link if there is one."""
        return self.says(f"/start {payload}".strip())

    def blocks(self) -> None:
        """Block the bot."""
        self.refusal = BLOCKED
        self._tell_member("member", "kicked")

    def unblocks(self) -> None:
        """Unblock the bot."""
        self.refusal = None
        self._tell_member("kicked", "member")

    def deactivates(self) -> None:
        """Delete the account; Telegram tells the bot nothing."""
        self.refusal = DEACTIVATED

    def _author(self, by: "Person | None") -> Chat:
        return by or self

    def _wake(self) -> None:
        """Writing lifts a block, as the app does."""
        super()._wake()
        if self.refusal is BLOCKED:
            self.unblocks()

    def _tell_member(self, old: str, new: str) -> None:
        tell_member(self._cloud, self, "my_chat_member", self, self._cloud.bot, (old, new))


def tell_member(cloud: Cloud, chat: Chat, kind: str, by: Chat, user: Json, change: tuple[str, str]) -> None:
    """Make the update that says how somebody's place in a chat changed."""
    old, new = (member(user, status) for status in change)
    body = {
        "chat": chat.body,
        "from": by.user_body(),
        "date": cloud.seconds,
        "old_chat_member": old,
        "new_chat_member": new,
    }
    cloud.feed.add(kind, body, chat.id)
