"""The null network: answers every call of the Bot API at once, in the place of HTTP."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson

from benchmarks.script import Reply, message

_TRUE = b'{"ok":true,"result":true}'
_SHOWN = Reply(
    "Бегоҳӣ телефони Зулфияро писараш гирифт. Ӯ каме интизор шуд, баъд ба тиреза наздик рафт ва ба кӯча нигоҳ кард. "
    "Ҳаво хунук буд, аммо дар хона гарм ва ором. Вай ба худ гуфт: ин даҳ дақиқа аз они ман аст.",
    [[("Баъдӣ", "13|lesson.next_card"), ("Меню", "|menu")], [("Кӯмак", "|help"), ("Пинҳон", "|hide")]],
)
_CHAT = {"id": 700_000_000, "first_name": "Invented", "last_name": "Person", "type": "private"}
_NUMBER = 987_654_321
_HEAD, _TAIL = orjson.dumps({"ok": True, "result": message(_CHAT, _SHOWN, 1_770_000_000, _NUMBER)}).split(
    str(_NUMBER).encode()
)
"""What Telegram says to sendMessage: the whole message as it is shown, around its id."""


class Telegram:
    """What the other side of the network says: pages of updates, and yes to everything that is sent."""

    def __init__(self, pages: Sequence[bytes] = ()) -> None:
        self._pages = deque(pages)
        self._messages = 1_000_000
        self._came, self._went = asyncio.Event(), asyncio.Event()
        self.sends = 0
        self.is_exhausted = asyncio.Event()

    def put(self, page: bytes) -> None:
        """One more page."""
        self._pages.append(page)
        self._came.set()

    def answer(self, method: str) -> bytes | None:
        """The answer to a method; None when there are no more updates now."""
        if method == "sendMessage":
            self.sends += 1
            self._messages += 1
            self._went.set()
            return b"%b%d%b" % (_HEAD, self._messages, _TAIL)
        if method == "getUpdates":
            if self._pages:
                return self._pages.popleft()
            self.is_exhausted.set()
            return None
        return _TRUE

    async def more(self) -> None:
        """Wait for one more page."""
        self._came.clear()
        await self._came.wait()

    async def sent_after(self, sends: int) -> None:
        """Wait until there are more messages than so many."""
        while self.sends <= sends:
            self._went.clear()
            await self._went.wait()


class Response(NamedTuple):
    """What Hamroh's caller reads of an HTTP response."""

    status_code: int
    content: bytes
    headers: Mapping[str, str] = MappingProxyType({})


class Client:
    """In the place of the HTTP client of Hamroh's caller; it gets the body ready to be written."""

    is_closed = False

    def __init__(self, telegram: Telegram) -> None:
        self.telegram = telegram
        self.bodies: list[dict[str, Any]] | None = None

    async def request(
        self,
        verb: str,
        url: str,
        *,
        content: bytes,
        headers: object,
        timeout: object,  # noqa: ASYNC109 - as in httpx2
    ) -> Response:
        """The answer to a call."""
        del verb, headers, timeout
        method = url.rpartition("/")[2]
        if self.bodies is not None and method == "sendMessage":
            self.bodies.append(orjson.loads(content))
        while (body := self.telegram.answer(method)) is None:
            await self.telegram.more()
        return Response(200, body)

    async def aclose(self) -> None:
        """Nothing to let go of."""
