"""Keeps other sites out of the stage: it answers under its own names only, and takes forms from its own page only.

A site can point a name of its own at this machine (DNS rebinding); to the browser its page and the stage are then one
site, and only the name in the address tells them apart.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FOREIGN_NAME = (
    "the stage does not answer under this name: open http://localhost with the port of HAMROH_LISTEN, "
    "or put the name or address by which this machine is reached into HAMROH_LISTEN"
)
FOREIGN_FORM = "this form comes from another site"


class Guard:
    """Every answer carries the headers that keep other hosts out; foreign names and forms of other sites are refused.

    `listen` is the address where the stage is served.
    """

    def __init__(self, app: ASGIApp, listen: str) -> None:
        self._app = app
        self._own = _name(listen)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or say in one sentence why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif why := self._refusal(scope["method"], Headers(scope=scope)):
            await PlainTextResponse(why, 403)(scope, receive, send)
        else:
            await self._app(scope, receive, _with_headers(send))

    def _refusal(self, method: str, headers: Headers) -> str:
        """Why a request is refused; empty when it is not."""
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._is_ours(_name(host)):
            return FOREIGN_NAME
        is_foreign = method == "POST" and origin is not None and urlsplit(origin).netloc != host
        return FOREIGN_FORM if is_foreign else ""

    def _is_ours(self, name: str) -> bool:
        """Whether it is what the operator named, this machine itself, or one of its addresses if all were opened."""
        if name in {self._own, "localhost"}:
            return bool(name)
        address, own = _address(name), _address(self._own)
        return address is not None and (address.is_loopback or (own is not None and own.is_unspecified))


def _name(host: str) -> str:
    """The name or address in what a browser calls a host; empty when it is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _address(name: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(name)
    except ValueError:
        return None


def _with_headers(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(HEADERS)
        await send(message)

    return guarded
