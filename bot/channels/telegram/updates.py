"""Telegram's updates as what Hamroh takes in: the whitelist of S18, and nothing else of them."""

import re
from datetime import UTC, datetime

import structlog

from bot.channels.parts import clean
from bot.channels.telegram.contents import Json, kind_of, own_file, sound_of, words_of
from bot.channels.watch import Watch
from bot.core.addresses import Address, Line
from bot.core.messages import Inbound, Kind, Sort

log = structlog.get_logger()

ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member", "chat_member")
"""The updates that we ask for."""
UNASKED = frozenset(
    "channel_post edited_channel_post business_connection business_message edited_business_message "
    "deleted_business_messages guest_message message_reaction message_reaction_count inline_query "
    "chosen_inline_result shipping_query pre_checkout_query purchased_paid_media poll poll_answer "
    "chat_join_request chat_boost removed_chat_boost managed_bot".split()
)
"""Known updates that concern nobody here."""
GROUPS = frozenset({"group", "supergroup"})
KNOWN_CHATS = GROUPS | {"private", "channel"}
STANDING = {
    "creator": "administrator",
    "administrator": "administrator",
    "member": "member",
    "left": "left",
    "kicked": "left",
}
FORWARDED = frozenset({"forward_origin", "forward_date", "forward_from", "forward_from_chat", "forward_sender_name"})
_DATA = re.compile(r"([0-9]{1,18})?\|([!-~]{1,64})")
_UPDATE_ID = re.compile(rb'"update_id"\s*:\s*([0-9]{1,18})')
_CHAT_ID = re.compile(rb'"chat"\s*:\s*\{[^{}]{0,400}?"id"\s*:\s*(-?[0-9]{1,18})')
_MISREAD = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, OSError, RecursionError)


class Reader:
    """Reads the updates of one line.

    A group in which `chat_member` was seen tells of joining and leaving by that alone; everywhere else the service
    messages tell.  What cannot be read goes on as UNREADABLE with the chat it names; `unread` counts what names none.
    """

    def __init__(self, line: Line, watch: Watch) -> None:
        self.unread = 0
        self._line = str(line)
        self._bot = line.name
        self._watch = watch
        self._told: set[str] = set()
        self._kinds = {
            "message": self._message,
            "edited_message": self._edit,
            "callback_query": self._press,
            "my_chat_member": self._own_place,
            "chat_member": self._place,
        }

    def read(self, update: object) -> list[Inbound]:
        """What an update says; empty when it concerns nobody here.  Never raises."""
        if not isinstance(update, dict) or type(update.get("update_id")) is not int:
            return self._give_up("no update_id")
        try:
            for kind, read in self._kinds.items():
                if kind in update:
                    return read(str(update["update_id"]), update[kind])
        except _MISREAD as error:
            log.warning("update_unreadable", update=update["update_id"], error=type(error).__name__)
            return self._unreadable(update)
        return [] if update.keys() & UNASKED else self._unreadable(update)

    def salvage(self, body: bytes) -> list[Inbound]:
        """What is left of a single update that is not even JSON: its id and its chat."""
        update_id, chat_id = find_id(body), _CHAT_ID.search(body)
        if update_id is None or chat_id is None:
            return self._give_up("no JSON")
        return self._unreadable({"update_id": update_id, "message": {"chat": {"id": int(chat_id[1])}}})

    # ---- messages

    def _message(self, update_id: str, body: Json, sort: Sort = Sort.MESSAGE) -> list[Inbound]:
        chat, is_group = self._chat(body)
        if chat is None:
            return []
        if is_group and (service := self._service(update_id, body, chat)) is not None:
            return service
        writer, kind = self._writer(body, chat, is_group=is_group), kind_of(body)
        if writer is None or kind is None:
            return []
        is_forwarded = bool(body.keys() & FORWARDED)
        seconds, size, sound = sound_of(kind, body)
        return [
            Inbound(
                external_id=update_id,
                sort=sort,
                chat=chat,
                sender=writer,
                at=self._at(body["edit_date"] if sort is Sort.EDIT and "edit_date" in body else body["date"]),
                kind=kind,
                text=words_of(body),
                message_id=_id(body["message_id"]),
                reply_to=_id(body["reply_to_message"]["message_id"]) if "reply_to_message" in body else "",
                is_group=is_group,
                is_forwarded=is_forwarded,
                file="" if is_forwarded or "via_bot" in body else own_file(kind, body),
                seconds=seconds,
                size=size,
                format=sound,
                album=_word(body.get("media_group_id", "")),
            )
        ]

    def _edit(self, update_id: str, body: Json) -> list[Inbound]:
        """Only words count: a live location that moves, or votes in a poll, are no edits of hers."""
        return [edit for edit in self._message(update_id, body, Sort.EDIT) if edit.text and "poll" not in body]

    def _writer(self, body: Json, chat: Address, *, is_group: bool) -> Address | None:
        """Who wrote it: an anonymous administrator is the group itself; bots and channels are nobody."""
        if "sender_chat" in body:
            return chat if is_group and _id(body["sender_chat"]["id"]) == chat.id else None
        sender = body["from"]
        if sender["is_bot"]:
            return None
        return self._address(sender["id"]) if is_group else chat

    def _service(self, update_id: str, body: Json, group: Address) -> list[Inbound] | None:
        """What a service message of a group tells; None when it is an ordinary message."""
        if "migrate_to_chat_id" in body:
            moved_to = _id(body["migrate_to_chat_id"])
            return [
                Inbound(update_id, Sort.MIGRATED, group, group, self._at(body["date"]), text=moved_to, is_group=True)
            ]
        if "new_chat_members" in body:
            people, text = body["new_chat_members"], "joined"
        elif "left_chat_member" in body:
            people, text = [body["left_chat_member"]], "left"
        else:
            return None
        if group.id in self._told:
            return []
        members = [self._address(one["id"]) for one in people if _id(one["id"]) != self._bot]
        at = self._at(body["date"])
        return [
            Inbound(f"{update_id}.{n}" if n else update_id, Sort.MEMBER, group, member, at, text=text, is_group=True)
            for n, member in enumerate(members)
        ]

    # ---- buttons and places

    def _press(self, update_id: str, body: Json) -> list[Inbound]:
        chat, is_group = self._chat(body["message"])
        if chat is None:
            return []
        found = _DATA.fullmatch(body.get("data", ""))
        return [
            Inbound(
                external_id=update_id,
                sort=Sort.PRESS,
                chat=chat,
                sender=self._address(body["from"]["id"]) if is_group else chat,
                at=self._watch.now(),
                message_id=_id(body["message"]["message_id"]),
                is_group=is_group,
                choice=found[2] if found else "",
                version=int(found[1]) if found and found[1] else None,
                press_id=_word(body["id"]),
            )
        ]

    def _own_place(self, update_id: str, body: Json) -> list[Inbound]:
        """She blocked or unblocked us; or what we are in a group from now on."""
        chat, is_group = self._chat(body)
        if chat is None:
            return []
        standing, at = standing_of(body["new_chat_member"]), self._at(body["date"])
        if not is_group:
            text = "no" if standing == "left" else "yes"
            return [Inbound(update_id, Sort.REACH, chat, chat, at, text=text)]
        if standing != "administrator":
            self._told.discard(chat.id)
        sender = self._address(body["from"]["id"])
        return [Inbound(update_id, Sort.BOT_IN_GROUP, chat, sender, at, text=standing, is_group=True)]

    def _place(self, update_id: str, body: Json) -> list[Inbound]:
        """Somebody came or went; other bots too, for they read what is written."""
        chat, is_group = self._chat(body)
        if chat is None or not is_group:
            return []
        self._told.add(chat.id)
        was_in, is_in = (standing_of(body[name]) != "left" for name in ("old_chat_member", "new_chat_member"))
        if was_in == is_in:
            return []
        member = self._address(body["new_chat_member"]["user"]["id"])
        text = "joined" if is_in else "left"
        return [Inbound(update_id, Sort.MEMBER, chat, member, self._at(body["date"]), text=text, is_group=True)]

    # ---- pieces

    def _at(self, seconds: object) -> datetime:
        """When Telegram says that it was, by our clock."""
        return self._watch.ours(_instant(seconds))

    def _chat(self, body: Json) -> tuple[Address | None, bool]:
        """Where it happened, and whether that is a group; None is a channel."""
        chat = body["chat"]
        if chat["type"] not in KNOWN_CHATS:
            raise ValueError("a kind of chat that this release does not know")
        return (None if chat["type"] == "channel" else self._address(chat["id"])), chat["type"] in GROUPS

    def _address(self, number: object) -> Address:
        return Address(self._line, _id(number))

    def _unreadable(self, update: Json) -> list[Inbound]:
        """The update as an item for people: its chat, and its text if that can be read (S7)."""
        for body in update.values():
            if isinstance(body, dict) and (chat_id := _named_chat(body)) is not None:
                return [self._item(str(update["update_id"]), body, chat_id)]
        return self._give_up("no chat")

    def _item(self, update_id: str, body: Json, chat_id: int) -> Inbound:
        chat, is_group = self._address(chat_id), chat_id < 0
        author, text = _number_in(body.get("from")), body.get("text", body.get("caption"))
        return Inbound(
            external_id=update_id,
            sort=Sort.UNREADABLE,
            chat=chat,
            sender=chat if author is None or not is_group else self._address(author),
            at=self._watch.now(),
            kind=Kind.OTHER,
            text=clean(text) if isinstance(text, str) else "",
            is_group=is_group,
        )

    def _give_up(self, why: str) -> list[Inbound]:
        self.unread += 1
        log.error("update_names_nobody", why=why, count=self.unread)
        return []


def find_id(body: bytes) -> int | None:
    """The first update_id in a body that cannot be read otherwise."""
    found = _UPDATE_ID.search(body)
    return int(found[1]) if found else None


def _named_chat(body: Json) -> int | None:
    """The chat that something names; else its author, whose private chat has the same number."""
    pressed = body.get("message")
    holder = pressed if isinstance(pressed, dict) else body
    chat_id = _number_in(holder.get("chat"))
    return _number_in(body.get("from")) if chat_id is None else chat_id


def _number_in(named: object) -> int | None:
    number = named.get("id") if isinstance(named, dict) else None
    return number if type(number) is int else None


def _id(number: object) -> str:
    if type(number) is not int:
        raise TypeError("an id must be a whole number")
    return str(number)


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text was expected")
    return value


def _instant(seconds: object) -> datetime:
    if type(seconds) is not int:
        raise TypeError("a date must be a whole number")
    return datetime.fromtimestamp(seconds, UTC)


def standing_of(member: Json) -> str:
    """administrator, member or left; raises LookupError or TypeError for a member who cannot be read."""
    if member["status"] == "restricted":
        return "member" if member["is_member"] else "left"
    return STANDING[member["status"]]
