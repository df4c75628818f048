"""The Telegram channel: the port of core, made of a reader, a sender, and a poller or a webhook."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.channels.telegram.api import Api, Done, Params, Refusal
from bot.channels.telegram.commands import COMMANDS
from bot.channels.telegram.hooks import Hooks, Pause
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.sending import Sender
from bot.channels.telegram.troubles import failure_of, is_token_refused, name_of
from bot.channels.telegram.updates import Reader, standing_of
from bot.channels.telegram.webhook import Webhook
from bot.channels.watch import Watch
from bot.channels.wire import UNKNOWN_CALLER, Status, is_root
from bot.core.addresses import Line
from bot.core.channel import Accept, Fetch
from bot.core.errors import ConfigurationError
from bot.core.messages import Inbound, Parcel, Receipt, Trouble
from bot.core.ports import Clock

if TYPE_CHECKING:
    from datetime import datetime

log = structlog.get_logger()

TOKEN = re.compile(r"([0-9]{1,20}):[A-Za-z0-9_-]{20,}")
MOST_ANSWERS = 200
"""Presses answered at the same time; beyond that an app's own patience has to do."""


class TelegramChannel:
    """One bot on Telegram.

    With `webhook` (public root, secret) updates come to `/telegram`, without it they are polled.  `trouble` is the
    name of what keeps them away until an operator acts: token_refused, other_poller, webhook_is_set, foreign_webhook,
    webhook_not_set; empty while they come.  `heard_at` is when Telegram was last there and what it brought was taken
    in.  Raises ConfigurationError when token or address cannot be right.
    """

    def __init__(
        self,
        token: str,
        api_url: str,
        clock: Clock,
        webhook: tuple[str, str] | None = None,
        *,
        pause: Pause = asyncio.sleep,
    ) -> None:
        shape = TOKEN.fullmatch(token)
        if shape is None:
            raise ConfigurationError(
                "HAMROH_TELEGRAM_TOKEN is not a token: copy it from @BotFather (digits, colon, letters)"
            )
        if not is_root(api_url):
            raise ConfigurationError(
                "HAMROH_TELEGRAM_API_URL must be the root of a Bot API, like https://api.telegram.org"
            )
        self.line = Line("telegram", shape[1])
        self.trouble = ""
        self.heard_at: datetime | None = None
        self._clock = clock
        self._watch = Watch(clock)
        self._api = Api(token, api_url, self._watch)
        self._sender = Sender(self._api, str(self.line), clock)
        reader = Reader(self.line, self._watch)
        hooks = Hooks(self._answer_presses, self._tell, self._heard)
        self._poller = Poller(self._api, reader, pause, hooks)
        self._webhook = Webhook(self._api, reader, webhook, pause, hooks) if webhook else None
        self._accept: Accept | None = None
        self._answers: set[asyncio.Task[None]] = set()

    async def check(self) -> str:
        """The bot's username, after its menu of commands was set; empty when Telegram cannot be reached now.

        Raises ConfigurationError when Telegram refuses the token.
        """
        answer = await self._api.call("getMe")
        if is_token_refused(answer):
            raise ConfigurationError("HAMROH_TELEGRAM_TOKEN is refused by Telegram; copy it anew from @BotFather")
        if not isinstance(answer, Done) or not isinstance(answer.result, dict):
            log.warning("telegram_unreachable", what=name_of(answer))
            return ""
        if answer.result.get("can_join_groups") is False:
            log.warning("bot_cannot_join_groups", advice="allow groups in @BotFather; facilitators are called in one")
        for language, commands in COMMANDS.items():
            await self._try("setMyCommands", {"commands": commands} | ({"language_code": language} if language else {}))
        return str(answer.result.get("username", ""))

    async def standing_in(self, group: str) -> str:
        """What the bot is in a group: administrator, member or left; empty when Telegram does not say."""
        answer = await self._api.call("getChatMember", {"chat_id": int(group), "user_id": int(self.line.name)})
        if isinstance(answer, Refusal):
            return "left" if failure_of(answer).trouble is Trouble.UNREACHABLE else ""
        try:
            return standing_of(answer.result) if isinstance(answer, Done) else ""
        except (LookupError, TypeError):
            return ""

    @property
    def is_ahead_by(self) -> timedelta | None:
        """How far our clock is before Telegram's by its latest answer, negative when it is behind; None if unknown."""
        return self._watch.is_ahead_by

    @property
    def is_clock_wrong(self) -> bool:
        """Whether our clock differs from Telegram's by minutes."""
        return self._watch.is_wrong

    async def send(self, parcel: Parcel) -> Receipt:
        """Carry out one parcel; every outcome is a value, never an exception."""
        return await self._sender.send(parcel)

    def fetch_by(self, fetch: Fetch) -> None:
        """Get what lies with other channels from there."""
        self._sender.fetch_by(fetch)

    async def receive(self, accept: Accept) -> None:
        """Take updates in until cancelled."""
        self._accept = accept
        if self._webhook is not None:
            await self._webhook.run()
        else:
            await self._poller.run(accept)

    async def take_in(self, body: bytes, headers: Mapping[str, str]) -> Status:
        """Take one webhook call in: the status and headers to answer with, once it is committed."""
        if self._webhook is None:
            return UNKNOWN_CALLER
        return await self._webhook.take_in(body, headers, self._accept)

    async def close(self) -> None:
        """Let go of connections."""
        for answer in self._answers:
            answer.cancel()
        await asyncio.gather(*self._answers, return_exceptions=True)
        await self._api.close()

    def _answer_presses(self, taken: Sequence[Inbound]) -> None:
        """Stop the little clocks on pressed buttons, after the commit and without keeping anybody waiting."""
        for inbound in taken:
            if inbound.press_id and len(self._answers) < MOST_ANSWERS:
                params: Params = {"callback_query_id": inbound.press_id}
                answer = asyncio.create_task(self._try("answerCallbackQuery", params))
                self._answers.add(answer)
                answer.add_done_callback(self._answers.discard)

    async def _try(self, method: str, params: Params) -> None:
        """Do what is only a courtesy: a failure is worth a line."""
        answer = await self._api.call(method, params)
        if not isinstance(answer, Done):
            log.info("courtesy_failed", method=method, what=name_of(answer))

    def _heard(self) -> None:
        self.heard_at = self._clock.now()
        self.trouble = ""

    def _tell(self, trouble: str) -> None:
        self.trouble = trouble
