"""The webhook: whether a call is WhatsApp's, and what it brings, all of it, before it is confirmed."""

import hashlib
import hmac
from collections.abc import Mapping

import structlog

from bot.channels.whatsapp.updates import Reader
from bot.channels.wire import COME_AGAIN, FAILED, TAKEN, UNKNOWN_CALLER, Status, parse
from bot.core.channel import Accept, Hear
from bot.core.errors import StorageUnavailable

log = structlog.get_logger()

LARGEST_CALL = 3 << 20
"""Bytes of one call: WhatsApp bundles what it could not bring for a while, up to 3 MB."""
SIGNATURE_HEADER = "x-hub-signature-256"


class Webhook:
    """Takes in what WhatsApp brings to our address; what is not confirmed it brings again for days."""

    def __init__(self, reader: Reader, app_secret: str, verify_token: str) -> None:
        self._reader = reader
        self._secret = app_secret.encode()
        self._verify_token = verify_token.encode()

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """What to answer when WhatsApp checks our address; None to somebody who does not know the word."""
        given = query.get("hub.verify_token", "").encode(errors="replace")
        is_right = hmac.compare_digest(given, self._verify_token) and query.get("hub.mode") == "subscribe"
        return query.get("hub.challenge", "") if is_right else None

    async def take_in(
        self, body: bytes, headers: Mapping[str, str], accept: Accept | None, hear: Hear | None
    ) -> Status:
        """Take one call in: its status and headers, once all it brings is committed."""
        if not self._is_whatsapp(body, headers):
            return UNKNOWN_CALLER
        if accept is None or hear is None:
            return COME_AGAIN
        try:
            payload = parse(body)
        except ValueError:
            self._reader.give_up("no JSON")
            return TAKEN
        read = self._reader.read(payload)
        try:
            if read.inbounds:
                await accept(read.inbounds)
            if read.words:
                await hear(read.words)
        except StorageUnavailable:
            return COME_AGAIN
        except Exception as error:  # noqa: BLE001 - the one catch of this door: unconfirmed, it comes again
            log.error("update_not_accepted", error=type(error).__name__)  # noqa: TRY400 - a traceback may hold words
            return FAILED
        return TAKEN

    def _is_whatsapp(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """The raw bytes are signed: compared before anything of them is read, and in a time that tells nothing."""
        given = next((value for name, value in headers.items() if name.lower() == SIGNATURE_HEADER), "")
        expected = "sha256=" + hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(given.encode(errors="replace"), expected.encode())
