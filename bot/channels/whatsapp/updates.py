"""WhatsApp's webhook as what Hamroh takes in: every entry, change, message and status; the whitelist of S18.

Her address is the business-scoped `user_id`: people with a username send no number, and a number may get another
owner, whom no message may reach.  The number, where one is named, goes along as an alias, by which she is known again
when a call names nothing else; only where WhatsApp never named a `user_id` the number is the address.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from operator import attrgetter

import structlog

from bot.channels.parts import clean
from bot.channels.watch import Watch
from bot.channels.whatsapp.api import UNKNOWN
from bot.channels.whatsapp.contents import Json, is_forwarded, kind_of, own_file, said, words_of, words_within
from bot.channels.whatsapp.ids import mark
from bot.channels.whatsapp.troubles import judge_code
from bot.core.addresses import Address, Line
from bot.core.messages import Inbound, Kind, Sort, Stage, Word

log = structlog.get_logger()

STAGES = {"sent": Stage.SENT, "delivered": Stage.ARRIVED, "read": Stage.ARRIVED, "played": Stage.ARRIVED}
SILENT = frozenset({"request_welcome"})
"""What the app sends by itself when she only opened the chat."""
GONE = frozenset({"user_changed_number", "customer_changed_number", "user_changed_user_id"})
PART = "+"
"""Between the outbox row's id and the number of a part that is not the last one."""
_NUMBER = re.compile(r"[0-9]{5,20}")
_CHOICE = re.compile(r"([0-9]{1,18})?\|([!-~]{1,64})")
_MISREAD = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, OSError, RecursionError)


@dataclass(slots=True)
class Read:
    """What one call of the webhook brought: what people did by its time, what is said of our messages as it came."""

    inbounds: list[Inbound] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)


class Reader:
    """Reads what comes for one number of ours.

    What cannot be read goes on as UNREADABLE with the person it names; `unread` counts what names none.
    """

    def __init__(self, line: Line, watch: Watch) -> None:
        self.unread = 0
        self._line = str(line)
        self._phone_id = line.name
        self._watch = watch
        self._types: dict[str, Callable[[Json, Address], list[Inbound]]] = {
            "interactive": self._reply,
            "button": self._template_reply,
            "reaction": self._sign,
            "revoke": self._withdrawal,
            "edit": self._edit,
            "system": self._system,
        }

    def read(self, payload: object) -> Read:
        """Everything in one call that concerns this number.  Never raises."""
        read = Read()
        for value in self._values(payload):
            for status in self._each(value, "statuses"):
                read.words += self._word(status)
            for message in self._each(value, "messages"):
                read.inbounds += self._message(message, value)
            for error in _dicts(value.get("errors")):
                log.error("whatsapp_error", code=_code(error))
        read.inbounds.sort(key=attrgetter("at"))
        return read

    def give_up(self, why: str) -> None:
        """Note something authentic that names nobody."""
        self.unread += 1
        log.error("update_names_nobody", why=why, count=self.unread)

    def _values(self, payload: object) -> Iterator[Json]:
        if not isinstance(payload, dict) or not isinstance(payload.get("entry"), list):
            self.give_up("no entry")
            return
        for entry in _dicts(payload["entry"]):
            for change in _dicts(entry.get("changes")):
                value = change.get("value")
                if change.get("field") == "messages" and isinstance(value, dict) and self._is_ours(value):
                    yield value

    def _each(self, value: Json, name: str) -> list[Json]:
        """Its messages or statuses; what is none is counted."""
        found = value.get(name, [])
        every = found if isinstance(found, list) else [None]
        for one in every:
            if not isinstance(one, dict):
                self.give_up(f"no {name}")
        return _dicts(every)

    def _is_ours(self, value: Json) -> bool:
        """One app may have several numbers; only this line's is read here."""
        metadata = value.get("metadata")
        named = metadata.get("phone_number_id") if isinstance(metadata, dict) else None
        if named is not None and str(named) != self._phone_id:
            log.warning("other_number", advice="let each number have an app of its own, or a Hamroh of its own")
            return False
        return True

    # ---- statuses

    def _word(self, status: Json) -> list[Word]:
        """A word about a message that went with our key; others (sent by hand, by another app) are not ours."""
        key = status.get("biz_opaque_callback_data")
        if not isinstance(key, str) or not key:
            return []
        row, _, part = key.partition(PART)
        if not (_name(key) and isinstance(message_id := status.get("id", ""), str) and clean(message_id) == message_id):
            self.give_up("no status")
            return []
        message_id = mark(message_id)
        if status.get("status") == "failed":
            code = next((_code(error) for error in _dicts(status.get("errors"))), UNKNOWN)
            return [Word(row, message_id, Stage.FAILED, not part, judge_code(code), self._acted_at(status))]
        stage = STAGES.get(str(status.get("status")))
        return [Word(row, message_id, stage, not part, at=self._acted_at(status))] if stage is not None else []

    # ---- messages

    def _message(self, message: Json, value: Json) -> list[Inbound]:
        if "group_id" in message:  # no group of WhatsApp is ours
            return []
        try:
            message = said(message)
            chat = self._sender(message, value)
            read = self._types.get(message["type"], self._plain)
            found = [] if message["type"] in SILENT else read(message, chat)
            return [_with_alias(one, message, value) for one in found]
        except _MISREAD as error:
            log.warning("update_unreadable", error=type(error).__name__)
            return self._unreadable(message, value)

    def _sender(self, message: Json, value: Json) -> Address:
        """Whose message it is: the id that belongs to her alone, before the number."""
        number, own = _name(message.get("from")), _name(message.get("from_user_id"))
        system = message.get("system")
        old = _name(system.get("previous_user_id")) if isinstance(system, dict) else ""
        found = own or _own_id(number, _dicts(value.get("contacts"))) or number or old
        if not found:
            raise LookupError("names nobody")
        return Address(self._line, found)

    def _plain(self, message: Json, chat: Address) -> list[Inbound]:
        kind, is_passed_on = kind_of(message), is_forwarded(message)
        file = "" if is_passed_on else own_file(kind, message)
        return [
            self._inbound(
                message,
                chat,
                kind=kind,
                text=words_of(message),
                message_id=_id(message["id"]),
                reply_to=_id((message.get("context") or {}).get("id", "")),
                is_forwarded=is_passed_on,
                file=f"{self._line}/{file}" if file else "",
            )
        ]

    def _reply(self, message: Json, chat: Address) -> list[Inbound]:
        """She pressed a button or chose from a list; other kinds of interactive messages are none of ours."""
        replied = message["interactive"].get("type") if isinstance(message.get("interactive"), dict) else None
        if replied not in {"button_reply", "list_reply"}:
            return [self._inbound(message, chat, kind=Kind.OTHER, message_id=_id(message["id"]))]
        return self._press(message, chat, message["interactive"][replied]["id"])

    def _template_reply(self, message: Json, chat: Address) -> list[Inbound]:
        """She pressed a button under a template."""
        return self._press(message, chat, message["button"].get("payload", ""))

    def _press(self, message: Json, chat: Address, choice: str) -> list[Inbound]:
        found = _CHOICE.fullmatch(choice)
        return [
            self._inbound(
                message,
                chat,
                Sort.PRESS,
                message_id=_id((message.get("context") or {}).get("id", "")),
                choice=found[2] if found else "",
                version=int(found[1]) if found and found[1] else None,
            )
        ]

    def _edit(self, message: Json, chat: Address) -> list[Inbound]:
        """Only words count."""
        edited = message["edit"]
        text = words_of(edited["message"])
        original = _id(edited["original_message_id"])
        return [self._inbound(message, chat, Sort.EDIT, text=text, message_id=original)] if text else []

    def _sign(self, message: Json, chat: Address) -> list[Inbound]:
        """A reaction: nothing was said, but she is there."""
        return [self._inbound(message, chat, Sort.REACH, text="yes")]

    def _withdrawal(self, message: Json, chat: Address) -> list[Inbound]:
        """A message that she took back for everybody."""
        original = _id(message["revoke"]["original_message_id"])
        return [self._inbound(message, chat, Sort.WITHDRAWN, message_id=original)]

    def _system(self, message: Json, chat: Address) -> list[Inbound]:
        """Another number, or another telephone or owner behind it: nothing goes there until she writes from it.

        Her place never moves by itself (S17): her facilitator hears that she cannot be reached, or may not be herself.
        """
        system = message["system"]
        what = "elsewhere"
        if system.get("type") in GONE:
            old = system.get("previous_user_id") or chat.id
            chat = Address(self._line, str(old))
        elif "identity" in str(system.get("type")):
            what = "another"
        else:
            return []
        return [self._inbound(message, chat, Sort.REACH, text=what)]

    # ---- pieces

    def _inbound(self, message: Json, chat: Address, sort: Sort = Sort.MESSAGE, **what: object) -> Inbound:
        return Inbound(_external(message["id"]), sort, chat, chat, self._at(message["timestamp"]), **what)  # type: ignore[arg-type]

    def _at(self, seconds: object) -> datetime:
        """When WhatsApp says that it was, by our clock."""
        return self._watch.ours(_instant(seconds))

    def _acted_at(self, message: Json) -> datetime:
        """When it was, by what else can perhaps not be read; now where even that cannot be."""
        try:
            return self._at(message.get("timestamp"))
        except _MISREAD:
            return self._watch.now()

    def _unreadable(self, message: Json, value: Json) -> list[Inbound]:
        """The message as an item for people: whose it is, and its text if that can be read (S7)."""
        try:
            chat, external_id = self._sender(message, value), _external(message["id"])
        except _MISREAD:
            self.give_up("no sender")
            return []
        at, words = self._acted_at(message), words_within(message)
        unread = Inbound(external_id, Sort.UNREADABLE, chat, chat, at, kind=Kind.OTHER, text=words)
        return [_with_alias(unread, message, value)]


def _own_id(number: str, contacts: list[Json]) -> str:
    """Her own id from the contacts beside her message; only a contact that nothing speaks against is hers."""
    mine = [one for one in contacts if number and one.get("wa_id") == number]
    if not mine and len(contacts) == 1 and not (number and contacts[0].get("wa_id")):
        mine = contacts
    ids = {_name(one.get("user_id")) for one in mine} - {""}
    return ids.pop() if len(ids) == 1 else ""


def _with_alias(inbound: Inbound, message: Json, value: Json) -> Inbound:
    """With the number beside her own id; what WhatsApp itself says of a change may name one that is hers no more."""
    own, number = inbound.chat.id, _name(message.get("from"))
    if not number:
        beside = (one.get("wa_id") for one in _dicts(value.get("contacts")) if one.get("user_id") == own)
        number = _name(next(beside, None)) or own
    is_hers = message.get("type") != "system" or number == own
    return replace(inbound, alias=number) if is_hers and _NUMBER.fullmatch(number) else inbound


def _name(value: object) -> str:
    """What names somebody; what is no text, or could not be kept as it is, names nobody."""
    return value if isinstance(value, str) and clean(value) == value else ""


def _dicts(values: object) -> list[Json]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _code(error: Json) -> int:
    code = error.get("code")
    return code if isinstance(code, int) else UNKNOWN


def _id(value: object) -> str:
    """What a message is known by."""
    if not isinstance(value, str):
        raise TypeError("an id must be text")
    return mark(value)


def _external(value: object) -> str:
    """What names an update for ever."""
    if not isinstance(value, str) or not value:
        raise TypeError("an id must be text")
    return mark(value)


def _instant(seconds: object) -> datetime:
    if not isinstance(seconds, str | int) or isinstance(seconds, bool):
        raise TypeError("a time must be seconds")
    return datetime.fromtimestamp(int(seconds), UTC)
