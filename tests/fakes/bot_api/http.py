"""A very small HTTP/1.1 server and poster over loopback: it can drop a connection as a bad network does."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from urllib.parse import urlsplit

import h11

from bot.core.ports import Clock

CHUNK = 65_536
MAX_BODY = 60 * 1024 * 1024


@dataclass(frozen=True)
class HttpRequest:
    """One request as it arrived; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class HttpAnswer:
    """What goes back over the wire."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


Respond = Callable[[HttpRequest], Awaitable[HttpAnswer | None]]


class HttpServer:
    """Listens on 127.0.0.1; where `respond` gives None the connection is reset instead of answered."""

    def __init__(self, respond: Respond, clock: Clock | None = None) -> None:
        self._respond = respond
        self._clock = clock
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, port: int = 0) -> int:
        """Begin to listen and give the port (0 asks for a free one)."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        chosen: int = self._server.sockets[0].getsockname()[1]
        return chosen

    async def close(self) -> None:
        """Stop listening and cut every open connection."""
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, h11.RemoteProtocolError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire = h11.Connection(h11.SERVER)
        while (request := await _read_request(wire, reader)) is not None:
            answer = await self._respond(request)
            if answer is None:
                _reset(writer)
                return
            at = self._clock.now().timestamp() if self._clock else None
            headers = {"Date": formatdate(at, usegmt=True), **answer.headers, "Content-Length": str(len(answer.body))}
            writer.write(_bytes(wire, h11.Response(status_code=answer.status, headers=_wire_headers(headers))))
            writer.write(_bytes(wire, h11.Data(data=answer.body)) + _bytes(wire, h11.EndOfMessage()))
            await writer.drain()
            if wire.our_state is not h11.DONE or wire.their_state is not h11.DONE:
                return
            wire.start_next_cycle()


async def post(url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> HttpAnswer:
    """Post once on a fresh connection; raises OSError, TimeoutError or h11.ProtocolError when there is no answer."""
    parts = urlsplit(url)
    async with asyncio.timeout(seconds):
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
        try:
            wire = h11.Connection(h11.CLIENT)
            sent = {**headers, "Host": parts.netloc, "Content-Length": str(len(body)), "Connection": "close"}
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            head = h11.Request(method="POST", target=target, headers=_wire_headers(sent))
            writer.write(_bytes(wire, head) + _bytes(wire, h11.Data(data=body)) + _bytes(wire, h11.EndOfMessage()))
            await writer.drain()
            return await _read_answer(wire, reader)
        finally:
            writer.close()


async def _read_request(wire: h11.Connection, reader: asyncio.StreamReader) -> HttpRequest | None:
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = wire.next_event()
        if event is h11.NEED_DATA:
            wire.receive_data(await reader.read(CHUNK))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > MAX_BODY:
                return None
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return HttpRequest(head.method.decode(), head.target.decode(), _read_headers(head.headers), bytes(body))
        else:
            return None


async def _read_answer(wire: h11.Connection, reader: asyncio.StreamReader) -> HttpAnswer:
    head: h11.Response | None = None
    body = bytearray()
    while True:
        event = wire.next_event()
        if event is h11.NEED_DATA:
            wire.receive_data(await reader.read(CHUNK))
        elif isinstance(event, h11.Response):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return HttpAnswer(head.status_code, bytes(body), _read_headers(head.headers))
        elif isinstance(event, h11.ConnectionClosed):
            raise ConnectionError("closed without an answer")


def _wire_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def _read_headers(headers: h11._headers.Headers) -> dict[str, str]:
    return {name.decode().lower(): value.decode("latin-1") for name, value in headers}


def _bytes(wire: h11.Connection, event: h11.Event) -> bytes:
    return wire.send(event) or b""


def _reset(writer: asyncio.StreamWriter) -> None:
    """Cut the line at once: a lingering close would look like a polite end."""
    line: socket.socket = writer.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
