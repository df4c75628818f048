"""The doors to the web: the webhook and the health pages for the world, the console for the house."""

import asyncio
import contextlib
import errno
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.core.errors import ConfigurationError
from bot.metrics import Figures, page

LARGEST_BODY = 1 << 20
"""Bytes of a webhook call that are read at most, where its messenger does not need more."""

TakeIn = Callable[[bytes, Mapping[str, str]], Awaitable[tuple[int, Mapping[str, str]]]]
Challenge = Callable[[Mapping[str, str]], str | None]
IsReady = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Hook:
    """A messenger's webhook at `/name`, which reads at most `largest` bytes of a call.

    `challenge` answers the messenger that checks the address by a GET.
    """

    name: str
    take_in: TakeIn
    challenge: Challenge | None = None
    largest: int = LARGEST_BODY

    def routes(self) -> list[BaseRoute]:
        """Its routes."""
        taken: list[BaseRoute] = [Route(f"/{self.name}", _webhook(self.take_in, self.largest), methods=["POST"])]
        if self.challenge is None:
            return taken
        return [*taken, Route(f"/{self.name}", _challenge(self.challenge), methods=["GET"])]


def outer(is_ready: IsReady, hooks: Sequence[Hook] = ()) -> Starlette:
    """What the world may reach: `/healthz`, `/readyz` and the messengers' webhooks; nothing else."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_: Request) -> Response:
        return PlainTextResponse("ready") if await is_ready() else PlainTextResponse("not ready", 503)

    routes: list[BaseRoute] = [Route("/healthz", healthz), Route("/readyz", readyz)]
    return Starlette(routes=[*routes, *(route for hook in hooks for route in hook.routes())])


def inner(figures: Figures) -> Starlette:
    """What only the house may reach: figures for its monitoring."""

    async def metrics(_: Request) -> Response:
        return Response(await asyncio.to_thread(page, figures), media_type="text/plain; version=0.0.4")

    return Starlette(routes=[Route("/metrics", metrics)])


def _webhook(take_in: TakeIn, largest: int) -> Callable[[Request], Awaitable[Response]]:
    async def receive(request: Request) -> Response:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > largest:
                return Response(status_code=413)
        status, headers = await take_in(bytes(body), request.headers)
        return Response(status_code=status, headers=dict(headers))

    return receive


def _challenge(challenge: Challenge) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        found = challenge(request.query_params)
        return Response(status_code=403) if found is None else PlainTextResponse(found)

    return answer


class Server(uvicorn.Server):
    """A web server inside the app: it leaves signals to the app and logs nothing that people sent."""

    def __init__(self, pages: Any, listen: str, setting: str) -> None:  # noqa: ANN401 - an ASGI application
        host, _, port = listen.rpartition(":")
        if not host or not port.isdecimal():
            raise ConfigurationError(f"{setting} must look like 127.0.0.1:8080")
        self.address = f"{host}:{port}"
        logging.getLogger("uvicorn.error").addFilter(_is_no_outage)
        super().__init__(
            uvicorn.Config(
                pages,
                host=host.strip("[]"),
                port=int(port),
                access_log=False,
                log_config=None,
                lifespan="off",
                ws="none",
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=5,
            )
        )
        self._setting = setting

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the app."""
        yield

    async def serve(self, sockets: Any = None) -> None:  # noqa: ANN401 - as in uvicorn
        """Serve until told to stop; an address that is taken or cannot be had is one clear line."""
        try:
            await super().serve(sockets)
        except SystemExit as ended:
            why = ended.__context__
            is_taken = not isinstance(why, OSError) or why.errno == errno.EADDRINUSE
            told = "is taken" if is_taken else "cannot be opened here"
            raise ConfigurationError(f"{self._setting}: {self.address} {told}; choose another address") from None


def _is_no_outage(record: logging.LogRecord) -> bool:
    """Whether uvicorn says something else than why it cannot open its address, which we tell in our own line."""
    return not isinstance(record.msg, OSError)
