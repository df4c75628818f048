"""The webhook: whether a call is Telegram's, what it brings, and whether Telegram still knows our address."""

import hmac
import re
from collections.abc import Mapping

import structlog

from bot.channels.telegram.api import Answer, Api, Done, Refusal
from bot.channels.telegram.hooks import REFUSED_SECONDS, Hooks, Pause, backoff
from bot.channels.telegram.troubles import is_token_refused, name_of
from bot.channels.telegram.updates import ALLOWED, Reader
from bot.channels.wire import COME_AGAIN, FAILED, TAKEN, UNKNOWN_CALLER, Status, parse
from bot.core.channel import Accept
from bot.core.errors import ConfigurationError, StorageUnavailable

log = structlog.get_logger()

SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - the name of a header
CONNECTIONS = 40
LOOK_SECONDS = 60.0


class Webhook:
    """Keeps our address at Telegram and takes in what comes to it."""

    def __init__(self, api: Api, reader: Reader, address: tuple[str, str], pause: Pause, hooks: Hooks) -> None:
        root, secret = address
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise ConfigurationError("HAMROH_WEBHOOK_SECRET must be 1 to 256 of A-Z a-z 0-9 _ -")
        self._api = api
        self._reader = reader
        self._url = f"{root.rstrip('/')}/telegram"
        self._secret = secret
        self._pause = pause
        self._hooks = hooks
        self._is_foreign = False

    async def run(self) -> None:
        """Set our address, then see every minute that it still is ours, until cancelled."""
        failures = 0
        while (failure := await self._set()) is not None:
            failures += 1
            await self._pause(max(backoff(failures), _rest(failure)))
        while True:
            await self._pause(LOOK_SECONDS)
            await self._look()

    async def _set(self) -> Answer | None:
        """Tell Telegram our address; what it said instead of yes."""
        answer = await self._api.call(
            "setWebhook",
            {
                "url": self._url,
                "secret_token": self._secret,
                "allowed_updates": list(ALLOWED),
                "max_connections": CONNECTIONS,
            },
        )
        if isinstance(answer, Done):
            return None
        log.error("webhook_not_set", what=name_of(answer))
        if is_token_refused(answer):
            self._hooks.tell("token_refused")
        elif isinstance(answer, Refusal) and answer.code == 400:
            self._hooks.tell("webhook_not_set")
        return answer

    async def _look(self) -> None:
        """Set our address again where another or none stands in its place; the alarm is said once."""
        answer = await self._api.call("getWebhookInfo")
        if not isinstance(answer, Done) or not isinstance(answer.result, dict):
            return
        was_foreign, self._is_foreign = self._is_foreign, answer.result.get("url") != self._url
        if self._is_foreign and not was_foreign:
            log.error("foreign_webhook", advice="let only one process use this token")
            self._hooks.tell("foreign_webhook")
        if self._is_foreign:
            await self._set()
        if not self._is_foreign and not answer.result.get("pending_update_count"):
            self._hooks.heard()

    async def take_in(self, body: bytes, headers: Mapping[str, str], accept: Accept | None) -> Status:
        """Take one call in: its status and headers, once what it brings is committed."""
        if not self._is_telegram(headers):
            return UNKNOWN_CALLER
        if accept is None:
            return COME_AGAIN
        try:
            read = self._reader.read(parse(body))
        except ValueError:
            read = self._reader.salvage(body)
        if not read:
            return TAKEN
        try:
            await accept(read)
        except StorageUnavailable:
            return COME_AGAIN
        except Exception as error:  # noqa: BLE001 - the one catch of this door: unconfirmed, it comes again
            log.error("update_not_accepted", error=type(error).__name__)  # noqa: TRY400 - a traceback may hold words
            return FAILED
        self._hooks.committed(read)
        self._hooks.heard()
        return TAKEN

    def _is_telegram(self, headers: Mapping[str, str]) -> bool:
        """Compared before anything of the body is read, and in a time that tells nothing."""
        given = next((value for name, value in headers.items() if name.lower() == SECRET_HEADER), "")
        return hmac.compare_digest(given.encode(errors="replace"), self._secret.encode())


def _rest(failure: Answer) -> float:
    """How long Telegram, or a token that it refused, must be left alone."""
    if is_token_refused(failure):
        return REFUSED_SECONDS
    return failure.retry_after if isinstance(failure, Refusal) else 0.0
