"""The null network: answers every call of the Bot API at once, in the place of HTTP."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

_TRUE = b'{"ok":true,"result":true}'
_SENT = (
    b'{"ok":true,"result":{"message_id":%d,"from":{"id":1,"is_bot":true,"first_name":"Hamroh"},'
    b'"chat":{"id":700000000,"first_name":"Invented","type":"private"},"date":1770000000,"text":"ok"}}'
)


class Telegram:
    """What the other side of the network says: pages of updates, and yes to everything that is sent."""

    def __init__(self, pages: Sequence[bytes] = ()) -> None:
        self._pages = iter(pages)
        self._messages = 1_000_000
        self.sends = 0
        self.is_exhausted = asyncio.Event()

    def answer(self, method: str) -> bytes | None:
        """The answer to a method; None when there are no more updates, ever."""
        if method == "sendMessage":
            self.sends += 1
            self._messages += 1
            return _SENT % self._messages
        if method == "getUpdates":
            page = next(self._pages, None)
            if page is None:
                self.is_exhausted.set()
            return page
        return _TRUE


class Response(NamedTuple):
    """What Hamroh's caller reads of an HTTP response."""

    status_code: int
    content: bytes


class Client:
    """In the place of the HTTP client of Hamroh's caller; it gets the body ready to be written."""

    is_closed = False

    def __init__(self, telegram: Telegram) -> None:
        self.telegram = telegram
        self.bodies: list[dict[str, Any]] | None = None

    async def post(self, url: str, *, content: bytes, timeout: object) -> Response:
        """The answer to a call."""
        del timeout
        method = url.rpartition("/")[2]
        if self.bodies is not None and method == "sendMessage":
            self.bodies.append(orjson.loads(content))
        body = self.telegram.answer(method)
        if body is None:
            await asyncio.Event().wait()
        return Response(200, body or b"")

    async def aclose(self) -> None:
        """Nothing to let go of."""
