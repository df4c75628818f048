"""One exchange over HTTP with a messenger: what came back, or how it failed, as a value."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from ssl import SSLContext
from urllib.parse import urlsplit

import httpx2
import orjson

from bot.channels.watch import Watch
from bot.core.messages import SendFailure, Trouble

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
LONGEST_RETRY = 24 * 3600.0

Status = tuple[int, dict[str, str]]
"""The HTTP status and headers to answer with; the body is always empty."""

UNKNOWN_CALLER: Status = (401, {})
COME_AGAIN: Status = (503, {"Retry-After": "5"})
FAILED: Status = (500, {})
TAKEN: Status = (200, {})

_UNWRITTEN = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with its HTTP status; `retry_after` are the seconds that its header asks for."""

    status: int
    body: bytes
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Garbage:
    """An answer that is not the messenger's: of a proxy, cut off, or beyond this release."""

    status: int
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer; `is_written` when the call may have arrived nevertheless."""

    is_written: bool
    kind: str


def unanswered(found: Garbage | Silence) -> SendFailure:
    """The failure that no answer of the messenger's own stands for."""
    if isinstance(found, Silence):
        return SendFailure(Trouble.AMBIGUOUS if found.is_written else Trouble.AGAIN, found.kind)
    is_doubtful = found.status in {200, 504}  # 504: the gateway lost patience while the call was under way
    return SendFailure(Trouble.AMBIGUOUS if is_doubtful else Trouble.AGAIN, f"unreadable {found.status}")


class Wire:
    """A pool of connections; what its headers and addresses hold stays in here."""

    def __init__(self, headers: Mapping[str, str], watch: Watch) -> None:
        for name in ("httpx2", "httpcore2"):  # both write addresses to the log, and those may hold a token
            logging.getLogger(name).setLevel(logging.WARNING)
        limits = httpx2.Limits(max_connections=100, max_keepalive_connections=40, keepalive_expiry=30)
        self._watch = watch
        self._client = httpx2.AsyncClient(headers=dict(headers), limits=limits, verify=_trusted())

    async def post(
        self, url: str, content: bytes, seconds: float = READ_SECONDS, headers: Mapping[str, str] | None = None
    ) -> Reply | Silence:
        """Post, waiting so many seconds for the answer; never raises for what the network does."""
        return await self._ask("POST", url, content, seconds, headers)

    async def get(self, url: str, seconds: float = READ_SECONDS) -> Reply | Silence:
        """Fetch; never raises for what the network does."""
        return await self._ask("GET", url, None, seconds, None)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def _ask(
        self, verb: str, url: str, content: bytes | None, seconds: float, headers: Mapping[str, str] | None
    ) -> Reply | Silence:
        if self._client.is_closed:
            return Silence(is_written=False, kind="closed")
        asked_at = self._watch.now()
        try:
            response = await self._client.request(
                verb, url, content=content, headers=headers, timeout=_patience(seconds)
            )
        except _UNWRITTEN as error:
            return Silence(is_written=False, kind=type(error).__name__)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            return Silence(is_written=True, kind=type(error).__name__)
        if (told_at := _instant(response.headers.get("date", ""))) is not None:
            self._watch.compare(told_at, asked_at)
        return Reply(response.status_code, response.content, bounded(response.headers.get("retry-after")))


def _instant(date: str) -> datetime | None:
    """The instant in a header; None for one that says none."""
    if not date:
        return None
    try:
        found = parsedate_to_datetime(date)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


@cache
def _trusted() -> SSLContext:
    """Whom we trust; reading the list of authorities takes longer than everything else about a client."""
    return httpx2.create_ssl_context()


@cache
def _patience(seconds: float) -> httpx2.Timeout:
    return httpx2.Timeout(seconds, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS)


def bounded(seconds: object) -> float:
    """The seconds that somebody asks us to wait: none of a nonsense, at most a day."""
    if isinstance(seconds, str):
        seconds = int(seconds) if seconds.isdecimal() and len(seconds) < 9 else 0
    return min(max(float(seconds), 0.0), LONGEST_RETRY) if isinstance(seconds, int | float) else 0.0


def is_root(url: str) -> bool:
    """Whether it can be the root of an API."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def parse(body: bytes) -> object:
    """The JSON in a body; stray bytes and half letters, which the fast reader refuses, are let through.

    Raises ValueError.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(body.decode("utf-8-sig", errors="replace"))
    except RecursionError:
        raise ValueError("nested too deeply") from None
