"""One call of the Cloud API: what came back, as a value."""

from dataclasses import dataclass
from typing import Any

import orjson

from bot.channels.watch import Watch
from bot.channels.wire import READ_SECONDS, Garbage, Reply, Silence, Wire, parse

Json = dict[str, Any]

UNKNOWN = -1
"""The code of an error that names none."""


@dataclass(frozen=True, slots=True)
class Done:
    """WhatsApp did it; `result` is as the call describes."""

    result: Json


@dataclass(frozen=True, slots=True)
class Refusal:
    """WhatsApp said no: its HTTP status and its code, by which it is judged; its words may quote people."""

    status: int
    code: int
    retry_after: float = 0.0
    subcode: int = UNKNOWN


Answer = Done | Refusal | Garbage | Silence


class Graph:
    """The calls about one number over a pool of connections; the token stays in here."""

    def __init__(self, token: str, root: str, phone_id: str, watch: Watch) -> None:
        self._root = root.rstrip("/")
        self._number = f"{self._root}/{phone_id}"
        self._wire = Wire({"Authorization": f"Bearer {token}", "Content-Type": "application/json"}, watch)

    async def send(self, message: Json) -> Answer:
        """Send one message; never raises for what the network does."""
        return _read(await self._wire.post(f"{self._number}/messages", orjson.dumps(message)))

    async def look(self, field: str = "display_phone_number") -> Answer:
        """What WhatsApp shows of our number."""
        return _read(await self._wire.get(f"{self._number}?fields={field}"))

    async def list_apps(self, account: str) -> Answer:
        """The apps to which WhatsApp brings what comes for the numbers of this account."""
        return _read(await self._wire.get(f"{self._root}/{account}/subscribed_apps"))

    async def list_templates(self, account: str) -> Answer:
        """The templates of the account that our number belongs to."""
        fields = "fields=name,language,status,components&limit=200"
        return _read(await self._wire.get(f"{self._root}/{account}/message_templates?{fields}"))

    async def find_file(self, media_id: str) -> Answer:
        """Where a file that came in lies; WhatsApp forgets it after seven days."""
        return _read(await self._wire.get(f"{self._root}/{media_id}"))

    async def fetch(self, url: str, seconds: float = READ_SECONDS) -> Reply | Silence:
        """The file at an address that WhatsApp gave."""
        return await self._wire.get(url, seconds)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._wire.close()


def _read(reply: Reply | Silence) -> Answer:
    return reply if isinstance(reply, Silence) else read_answer(reply)


def _number(code: object) -> int:
    return code if isinstance(code, int) else UNKNOWN


def read_answer(reply: Reply) -> Answer:
    """The answer that came with this HTTP status."""
    try:
        answer = parse(reply.body)
    except ValueError:
        return Garbage(reply.status, reply.body)
    if not isinstance(answer, dict):
        return Garbage(reply.status)
    error = answer.get("error")
    if isinstance(error, dict):
        code, subcode = (_number(error.get(name)) for name in ("code", "error_subcode"))
        return Refusal(reply.status, code, reply.retry_after, subcode)
    return Done(answer) if reply.status < 300 else Garbage(reply.status)
