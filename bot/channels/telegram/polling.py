"""Long polling: an update is confirmed by asking for the next one, and that only after its commit."""

from collections.abc import Sequence
from typing import Any

import structlog

from bot.channels.telegram.api import Answer, Api, Done, Refusal
from bot.channels.telegram.hooks import REFUSED_SECONDS, Hooks, Pause, backoff
from bot.channels.telegram.troubles import is_token_refused, name_of
from bot.channels.telegram.updates import ALLOWED, Reader, find_id
from bot.channels.wire import Garbage
from bot.core.channel import Accept
from bot.core.errors import StorageUnavailable
from bot.core.messages import Inbound

log = structlog.get_logger()

POLL_SECONDS = 50
AT_ONCE = 100
CONFLICT_SECONDS = 5.0
IDLE_SECONDS = 0.05
"""Between two empty answers, should a server not wait as it was asked to."""


class Poller:
    """Asks for updates, again and again."""

    def __init__(self, api: Api, reader: Reader, pause: Pause, hooks: Hooks) -> None:
        self._api = api
        self._reader = reader
        self._pause = pause
        self._hooks = hooks
        self._offset: int | None = None
        self._limit = AT_ONCE
        self._failures = 0
        self._told = ""
        self._is_ours = False

    async def run(self, accept: Accept) -> None:
        """Poll until cancelled; a refused token is tried again every minute, for a proxy may have said it."""
        while True:
            if wait := await (self._poll(accept) if self._is_ours else self._unhook()):
                await self._pause(wait)

    async def _unhook(self) -> float:
        """Take a webhook of earlier days away; what waits is kept."""
        answer = await self._api.call("deleteWebhook", {"drop_pending_updates": False})
        self._is_ours = isinstance(answer, Done)
        return 0.0 if self._is_ours else self._failed(answer)

    async def _poll(self, accept: Accept) -> float:
        """Ask once; the seconds to wait before the next time."""
        params: dict[str, Any] = {"timeout": POLL_SECONDS, "limit": self._limit, "allowed_updates": list(ALLOWED)}
        if self._offset is not None:
            params["offset"] = self._offset
        answer = await self._api.call("getUpdates", params, POLL_SECONDS + 15.0)
        if isinstance(answer, Done) and isinstance(answer.result, list):
            self._told = ""
            return await self._take(answer.result, accept)
        if isinstance(answer, Garbage) and answer.status == 200 and answer.body:
            return await self._take_unreadable(answer.body, accept)
        return self._failed(answer)

    async def _take(self, updates: list[Any], accept: Accept) -> float:
        read = [inbound for update in updates for inbound in self._reader.read(update)]
        if not await self._is_accepted(read, accept):
            return self._longer()
        self._limit = AT_ONCE
        if not updates:
            return IDLE_SECONDS
        last = updates[-1].get("update_id") if isinstance(updates[-1], dict) else None
        if not isinstance(last, int):
            return self._failed(Garbage(200))
        self._offset = last + 1  # the last, not the highest: ids may start anew
        return 0.0

    async def _take_unreadable(self, body: bytes, accept: Accept) -> float:
        """An answer that is not JSON: ask for updates one by one, and set the one aside that cannot be read."""
        if self._limit > 1:
            self._limit = 1
            return 1.0
        found = find_id(body)
        if found is None:
            return self._failed(Garbage(200))
        if not await self._is_accepted(self._reader.salvage(body), accept):
            return self._longer()
        self._offset, self._limit = found + 1, AT_ONCE
        return 0.0

    async def _is_accepted(self, read: Sequence[Inbound], accept: Accept) -> bool:
        if read:
            try:
                await accept(read)
            except StorageUnavailable:
                log.warning("storage_unavailable", waiting=len(read))
                return False
            except Exception as error:  # noqa: BLE001 - the one catch of this loop: unconfirmed, they come again
                log.error("updates_not_accepted", error=type(error).__name__)  # noqa: TRY400 - a traceback may hold words
                return False
            self._hooks.committed(read)
        self._hooks.heard()
        self._failures = 0
        return True

    def _failed(self, answer: Answer) -> float:
        """Say what went wrong; the seconds to wait."""
        if isinstance(answer, Refusal) and is_token_refused(answer):
            self._tell("token_refused", "set the right HAMROH_TELEGRAM_TOKEN")
            return REFUSED_SECONDS
        if isinstance(answer, Refusal) and answer.code == 409:
            self._tell(
                "webhook_is_set" if "webhook" in answer.words.lower() else "other_poller",
                "let only one process use this token",
            )
            return CONFLICT_SECONDS
        wait = answer.retry_after if isinstance(answer, Refusal) and answer.retry_after else self._longer()
        log.warning("polling_failed", what=name_of(answer), wait=wait)
        return wait

    def _tell(self, trouble: str, advice: str) -> None:
        """Nothing comes in until somebody acts: said once, until it is over."""
        if trouble != self._told:
            self._told = trouble
            log.error(trouble, advice=advice)
            self._hooks.tell(trouble)

    def _longer(self) -> float:
        self._failures += 1
        return backoff(self._failures)
