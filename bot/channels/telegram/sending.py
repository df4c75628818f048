"""Parcels as calls of the Bot API, and its answers as receipts."""

import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from bot.channels.parts import TEXT_UNITS, clean, split, units
from bot.channels.telegram.api import Answer, Api, Done, Refusal
from bot.channels.telegram.contents import ROUND
from bot.channels.telegram.troubles import NOT_MODIFIED, Floods, code_of, failure_of
from bot.core.channel import Content, Fetch
from bot.core.messages import Act, Button, Kind, Outgoing, Parcel, Receipt, Rows, SendFailure, Sent, Trouble
from bot.core.ports import Clock

DATA_BYTES = 64
CAPTION_UNITS = 1024
DELETE_AT_ONCE = 100
REMEMBERED = 1000
ELSEWHERE = "/"
"""What no file id of Telegram has, and the name of every file that lies with another channel."""
NO_PREVIEW = {"is_disabled": True}
_NUMBER = re.compile(r"-?[0-9]{1,18}")
_FILES = {Kind.VOICE: "voice", Kind.PHOTO: "photo", Kind.VIDEO: "video", Kind.DOCUMENT: "document"}


@dataclass(frozen=True, slots=True)
class Call:
    """One call to make."""

    method: str
    params: dict[str, Any]


class Unsendable(ValueError):
    """Raised and caught here: no call can be made of this parcel; the text is a code."""


def calls_of(parcel: Parcel) -> list[Call]:
    """The calls that carry out a parcel, in order; raises Unsendable."""
    chat_id = _number(parcel.address.id)
    if parcel.act is Act.DELETE:
        ids = [_number(target) for target in parcel.targets]
        some = [ids[n : n + DELETE_AT_ONCE] for n in range(0, len(ids), DELETE_AT_ONCE)]
        return [Call("deleteMessages", {"chat_id": chat_id, "message_ids": ids}) for ids in some]
    if parcel.outgoing is None:
        raise Unsendable("no message")
    if parcel.act is Act.EDIT:
        return [_edit(chat_id, parcel.targets, parcel.outgoing)]
    return _sends(chat_id, parcel.outgoing)


def _edit(chat_id: int, targets: tuple[str, ...], outgoing: Outgoing) -> Call:
    if len(targets) != 1 or outgoing.file:
        raise Unsendable("not one text")
    text = clean(outgoing.text)
    if units(text.strip()) > TEXT_UNITS:
        raise Unsendable("message is too long")
    what = {"chat_id": chat_id, "message_id": _number(targets[0]), "text": text, "link_preview_options": NO_PREVIEW}
    return Call("editMessageText", what | _keyboard(outgoing))


def _sends(chat_id: int, outgoing: Outgoing) -> list[Call]:
    text = clean(outgoing.text)
    base: dict[str, Any] = {"chat_id": chat_id, "protect_content": True}
    calls: list[Call] = []
    if outgoing.file:
        calls.append(_file(base, outgoing))
        if units(text.strip()) <= CAPTION_UNITS and calls[0].method != "sendVideoNote":
            calls[0].params.update({"caption": text} if text else {})
            text = ""
    if text or not calls:
        calls += [
            Call("sendMessage", base | {"text": part, "link_preview_options": NO_PREVIEW}) for part in split(text)
        ]
    calls[-1].params.update(_keyboard(outgoing))
    return calls


def _file(base: dict[str, Any], outgoing: Outgoing) -> Call:
    name = _FILES.get(outgoing.file_kind)
    if name is None:
        raise Unsendable("kind of file")
    if outgoing.file_kind is Kind.VIDEO and outgoing.file.startswith(ROUND):
        return Call("sendVideoNote", base | {"video_note": outgoing.file.removeprefix(ROUND)})
    return Call(f"send{name.title()}", base | {name: outgoing.file})


def _keyboard(outgoing: Outgoing) -> dict[str, Any]:
    rows = _rows(outgoing.rows, outgoing.version)
    return {"reply_markup": {"inline_keyboard": rows}} if rows else {}


def _rows(rows: Rows, version: int) -> list[list[dict[str, str]]]:
    return [[_button(button, version) for button in row] for row in rows if row]


def _button(button: Button, version: int) -> dict[str, str]:
    return {"text": clean(button.label), "callback_data": _data(button, version)}


def _data(button: Button, version: int) -> str:
    data = f"|{button.choice}" if button.is_standing else f"{version}|{button.choice}"
    if not button.choice or not data.isascii() or len(data) > DATA_BYTES:
        raise Unsendable("button_data_invalid")
    return data


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise Unsendable("not an address")
    return int(text)


class Sender:
    """Carries parcels out; remembers which parts of a long text arrived, so that a new attempt goes on from there.

    A file that lies with another channel is fetched at that moment, passed on and forgotten (S19).
    """

    def __init__(self, api: Api, line: str, clock: Clock) -> None:
        self._api = api
        self._fetch: Fetch = _have_none
        self._line = line
        self._clock = clock
        self._floods = Floods()
        self._arrived: OrderedDict[str, list[str]] = OrderedDict()

    def fetch_by(self, fetch: Fetch) -> None:
        """Get what lies with other channels from there."""
        self._fetch = fetch

    async def send(self, parcel: Parcel) -> Receipt:
        """Carry out one parcel; every outcome is a value."""
        if parcel.address.line != self._line:
            return SendFailure(Trouble.REFUSED, "other line")
        try:
            calls = calls_of(parcel)
        except Unsendable as why:
            return SendFailure(Trouble.REFUSED, str(why))
        if parcel.act is Act.DELETE:
            return await self._delete(calls)
        if parcel.act is Act.EDIT:
            return await self._edit(calls[0])
        return await self._send(parcel.key, calls)

    async def _send(self, key: str, calls: list[Call]) -> Receipt:
        ids = self._arrived.pop(key, [])[: len(calls) - 1]
        for call in calls[len(ids) :]:
            answer = await self._do_send(call)
            if isinstance(answer, SendFailure):
                return answer
            message_id = _message_id(answer)
            if not message_id:
                return self._failure(answer, call)
            ids.append(message_id)
            self._remember(key, ids)
        self._arrived.pop(key, None)
        return Sent(tuple(ids))

    async def _do_send(self, call: Call) -> Answer | SendFailure:
        if call.method == "sendMessage":
            return await self._api.call(call.method, call.params)
        name = next((name for name in _FILES.values() if ELSEWHERE in str(call.params.get(name, ""))), "")
        if not name:
            return await self._api.call(call.method, call.params)
        content = await self._fetch(call.params[name])
        if isinstance(content, SendFailure):
            return content
        params = {key: value for key, value in call.params.items() if key != name}
        return await self._api.upload(call.method, params, name, content)

    def _remember(self, key: str, ids: list[str]) -> None:
        self._arrived[key] = ids
        if len(self._arrived) > REMEMBERED:
            self._arrived.popitem(last=False)

    async def _edit(self, call: Call) -> Receipt:
        answer = await self._api.call(call.method, call.params)
        is_there = isinstance(answer, Refusal) and code_of(answer) == NOT_MODIFIED
        if is_there or _message_id(answer):
            return Sent((str(call.params["message_id"]),))
        return self._failure(answer, call)

    async def _delete(self, calls: list[Call]) -> Receipt:
        """Delete all; one that Telegram will not delete does not keep the others on her screen."""
        refused: SendFailure | None = None
        for call in calls:
            failure = await self._do(call)
            if failure is not None and failure.trouble in {Trouble.REFUSED, Trouble.GONE}:
                failure = await self._delete_singly(call)
            if failure is not None and failure.trouble is not Trouble.REFUSED:
                return failure
            if failure is not None:
                refused = failure
        return refused or Sent()

    async def _delete_singly(self, batch: Call) -> SendFailure | None:
        refused: SendFailure | None = None
        for message_id in batch.params["message_ids"]:
            failure = await self._do(
                Call("deleteMessage", {"chat_id": batch.params["chat_id"], "message_id": message_id})
            )
            if failure is None or failure.trouble is Trouble.GONE:
                continue
            if failure.trouble is not Trouble.REFUSED:
                return failure
            refused = failure
        return refused

    async def _do(self, call: Call) -> SendFailure | None:
        answer = await self._api.call(call.method, call.params)
        return None if isinstance(answer, Done) else self._failure(answer, call)

    def _failure(self, answer: Answer, call: Call) -> SendFailure:
        failure = failure_of(answer)
        if failure.trouble is not Trouble.RATE:
            return failure
        chat, wait = str(call.params["chat_id"]), failure.retry_after
        is_line_wide = self._floods.is_line_wide(chat, wait, self._clock.now())
        return SendFailure(Trouble.RATE, failure.code, wait, is_line_wide)


def _message_id(answer: Answer) -> str:
    """The id of the message in an answer; empty when there is none."""
    found = answer.result.get("message_id") if isinstance(answer, Done) and isinstance(answer.result, dict) else None
    return str(found) if isinstance(found, int) else ""


async def _have_none(_: str) -> Content | SendFailure:
    """Without other channels there are no files of theirs."""
    return SendFailure(Trouble.REFUSED, "file of another channel")
