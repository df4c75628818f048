"""A Bot API server of our own for tests: real limits, scripted people, faults on order.

In the test: `async with FakeTelegram() as tg`. As a process of its own: `python -m tests.fakes.telegram --port N`.
"""

import argparse
import asyncio
import json
import sys
from datetime import timedelta
from random import Random
from types import TracebackType
from typing import Any, Self

from bot.core.ports import Clock
from tests.fakes.bot_api.account import Account, Profile
from tests.fakes.bot_api.chats import Button, Seen
from tests.fakes.bot_api.cloud import Cloud, Query, Sent
from tests.fakes.bot_api.control import Control
from tests.fakes.bot_api.faults import Fault, Faults, Gate, Kind, Mix
from tests.fakes.bot_api.feed import Feed
from tests.fakes.bot_api.gateway import Gateway, Request
from tests.fakes.bot_api.groups import Group
from tests.fakes.bot_api.http import HttpAnswer, HttpRequest, HttpServer
from tests.fakes.bot_api.messages import Messages
from tests.fakes.bot_api.people import Person
from tests.fakes.bot_api.polling import Poller
from tests.fakes.bot_api.rates import Meter, Rates
from tests.fakes.bot_api.schema import find_schema
from tests.fakes.bot_api.shapes import KINDS
from tests.fakes.bot_api.time import Bell, ServerClock
from tests.fakes.bot_api.webhook import Attempt, Webhook

__all__ = [
    "KINDS",
    "TOKEN",
    "Button",
    "FakeTelegram",
    "Fault",
    "Gate",
    "Group",
    "Kind",
    "Mix",
    "Person",
    "Rates",
    "Request",
    "Seen",
    "Sent",
]

BOT_ID = 1_000_000_001
TOKEN = f"{BOT_ID}:THIS-IS-NO-REAL-TOKEN-0000000000000"
QUERY_LIFETIME = timedelta(seconds=60)
UNCHECKED = "fake Bot API: no description found (HAMROH_SPECS_DIR): names and types of parameters are not checked"


class FakeTelegram:
    """`async with FakeTelegram() as tg`: `tg.root` is the API's address, `tg.token` the bot's token.

    Flood limits hold when `rates` are given. Telegram's own pauses (webhook retries, repeated conflicts) are multiplied
    by `time_scale`, or end when `advance` moves the server's clock past them. The same `seed` gives the same ids and
    the same drawn faults.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        clock: Clock | None = None,
        rates: Rates | None = None,
        seed: int = 0,
        time_scale: float = 0.01,
        reads_whole_groups: bool = False,
        query_lifetime: timedelta = QUERY_LIFETIME,
    ) -> None:
        self.token = token
        self.root = ""
        self.schema = find_schema()
        self.faults = Faults(Random(seed))
        self._chance = Random(seed + 1)
        self._bell = Bell()
        self.clock = ServerClock(clock, self._bell)
        self.feed = Feed(self.clock, self._bell, next_id=self._chance.randint(10**8, 9 * 10**8))
        bot = _bot_body(int(token.partition(":")[0]), reads_whole_groups=reads_whole_groups)
        self._cloud = Cloud(self.clock, self._bell, self.feed, self._chance, bot)
        self.webhook = Webhook(self.feed, self.faults, self._chance, time_scale)
        self._account = Account(self._cloud, Poller(self.feed, time_scale), self.webhook)
        messages = Messages(self._cloud, query_lifetime)
        meter = Meter(rates) if rates else None
        self._gateway = Gateway(token, self._cloud, self._account, messages, self.faults, meter, self.schema)
        self._control = Control(self)
        self._server = HttpServer(self._respond, self.clock)

    async def __aenter__(self) -> Self:
        """Start on a free port."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, cutting every open connection."""
        await self.close()

    async def start(self, port: int = 0) -> None:
        """Begin to listen on 127.0.0.1; says once what cannot be checked."""
        if self.schema is None:
            sys.stderr.write(UNCHECKED + "\n")
        self.root = f"http://127.0.0.1:{await self._server.start(port)}"

    async def close(self) -> None:
        """Stop delivering and listening."""
        await self.webhook.close()
        await self._server.close()

    # People and groups

    def person(
        self, person_id: int, first_name: str = "Invented", language_code: str | None = "ru", *, is_known: bool = True
    ) -> Person:
        """An invented person; the bot may write to her at once unless `is_known` is False."""
        return Person(self._cloud, person_id, first_name, language_code, is_known=is_known)

    def group(self, group_id: int, title: str = "Invented group", *, bot_status: str = "administrator") -> Group:
        """An invented group with a negative id (supergroup from -100...); `bot_status` "left" keeps the bot outside."""
        return Group(self._cloud, group_id, title, bot_status)

    def chat(self, chat_id: int) -> Person | Group:
        """A person or group that exists already; raises LookupError."""
        found = self._cloud.chats[chat_id]
        if not isinstance(found, Person | Group):
            raise TypeError(f"{chat_id} is neither a person nor a group")
        return found

    def emits(self, kind: str, body: object, owner: int = 0) -> int | None:
        """Make any update, known to Telegram or not: poison, channel posts, kinds of the future."""
        return self.feed.add(kind, body, owner)

    def posts_in_channel(self, text: str, channel_id: int = -1_009_000_000_002) -> int | None:
        """Make a channel_post."""
        chat = {"id": channel_id, "title": "Invented channel", "type": "channel"}
        body = {"message_id": 1, "sender_chat": chat, "chat": chat, "date": self._cloud.seconds, "text": text}
        return self.emits("channel_post", body, channel_id)

    # What happened

    @property
    def requests(self) -> list[Request]:
        """Every call of a known method, oldest first."""
        return self._gateway.requests

    @property
    def violations(self) -> list[str]:
        """What the bot did against the Bot API, in lines without values."""
        swallowed = ["webhook answer with a method in it"] if self.webhook.answered_with_method else []
        return self._gateway.violations + swallowed

    @property
    def impatient(self) -> list[Request]:
        """Sends and edits to a chat before its `retry_after` was over, by the server's clock."""
        return self._gateway.impatient

    @property
    def sent(self) -> list[Sent]:
        """Every message that was accepted, in order, also when the bot never heard so."""
        return self._cloud.sent

    @property
    def queries(self) -> list[Query]:
        """Every press, with the answers to it."""
        return list(self._cloud.queries.values())

    @property
    def profile(self) -> Profile:
        """Menu and descriptions that the bot set."""
        return self._account.profile

    @property
    def deliveries(self) -> list[Attempt]:
        """Every webhook delivery, oldest first."""
        return self.webhook.attempts

    def unprotected(self) -> list[Sent]:
        """Messages that were sent without `protect_content`."""
        return [sent for sent in self.sent if not sent.protect_content]

    def calls(self, method: str) -> list[Request]:
        """The calls of one method."""
        return [request for request in self.requests if request.method == method]

    # Time and waiting

    def advance(self, *, seconds: float = 0, hours: float = 0) -> None:
        """Let time pass for the server."""
        self.clock.advance(timedelta(seconds=seconds, hours=hours))

    async def waits_for_calls(self, method: str, count: int = 1, seconds: float = 5.0) -> list[Request]:
        """Wait until a method was called so often, and give those calls; raises TimeoutError."""
        if await self._bell.until(lambda: len(self.calls(method)) >= count, seconds):
            return self.calls(method)
        raise TimeoutError(f"{method} was called {len(self.calls(method))} times within {seconds} s")

    async def quiet(self, seconds: float = 5.0, lull: float = 0.05) -> None:
        """Wait until every update is confirmed, no call is open and nothing happened for `lull` seconds."""
        try:
            async with asyncio.timeout(seconds):
                while await self._is_lively(lull):
                    pass
        except TimeoutError:
            waiting, calls = len(self.feed.live()), self._gateway.open_calls
            raise TimeoutError(
                f"not quiet after {seconds} s: {waiting} updates unconfirmed, {calls} calls open"
            ) from None

    async def _is_lively(self, lull: float) -> bool:
        """Whether something happened within `lull` seconds or is still under way; polling alone is nothing."""
        before = self._activity()
        has_moved = await self._bell.until(lambda: self._activity() != before, lull)
        return has_moved or bool(self.feed.live() or self._gateway.open_calls or self.webhook.is_busy)

    def _activity(self) -> tuple[int, ...]:
        return self.feed.next_id, self._gateway.calls_made, self._gateway.open_calls, len(self.webhook.attempts)

    async def _respond(self, request: HttpRequest) -> HttpAnswer | None:
        if request.target.startswith("/control/"):
            return await self._control.respond(request)
        return await self._gateway.respond(request)


def _bot_body(bot_id: int, *, reads_whole_groups: bool) -> dict[str, Any]:
    flags = {
        "can_join_groups": True,
        "can_read_all_group_messages": reads_whole_groups,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
    }
    return {"id": bot_id, "is_bot": True, "first_name": "Invented Bot", "username": "invented_test_bot"} | flags


async def _run(port: int, seed: int, *, has_rates: bool) -> None:
    tg = FakeTelegram(seed=seed, rates=Rates() if has_rates else None)
    await tg.start(port)
    sys.stdout.write(json.dumps({"root": tg.root, "token": tg.token}) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def _main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--rates", action="store_true", help="hold Telegram's flood limits")
    given = options.parse_args()
    try:
        asyncio.run(_run(given.port, given.seed, has_rates=given.rates))
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    _main()
