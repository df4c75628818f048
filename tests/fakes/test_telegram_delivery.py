"""How updates reach a bot: polled or posted, once or more often, in order within their queue."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from random import Random

import httpx
import pytest

from tests.fakes.bot_api.faults import Mix
from tests.fakes.bot_api.http import HttpAnswer, HttpRequest, HttpServer
from tests.fakes.bot_api.polling import Poller
from tests.fakes.bot_api.time import Bell
from tests.fakes.bot_api.webhook import SECRET_HEADER
from tests.fakes.conftest import Raw
from tests.fakes.telegram import FakeTelegram

KEYBOARD = {"inline_keyboard": [[{"text": "Next", "callback_data": "x"}]]}


class Listener:
    """A bot's webhook that notes what comes and answers as it is told."""

    def __init__(self) -> None:
        self.seen: list[dict] = []
        self.secrets: list[str | None] = []
        self.answer: Callable[[dict], HttpAnswer | None] = lambda _: HttpAnswer(200, b"")
        self.gate = asyncio.Event()
        self.gate.set()
        self.url = ""
        self.bell = Bell()

    async def take(self, request: HttpRequest) -> HttpAnswer | None:
        update = json.loads(request.body)
        self.seen.append(update)
        self.secrets.append(request.headers.get(SECRET_HEADER.lower()))
        self.bell.ring()
        await self.gate.wait()
        return self.answer(update)

    @property
    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.seen]


@pytest.fixture
async def listener(tg: FakeTelegram, call: Raw) -> AsyncIterator[Listener]:
    one = Listener()
    server = HttpServer(one.take)
    one.url = f"http://127.0.0.1:{await server.start()}/telegram"
    await call("setWebhook", url=one.url, secret_token="invented-secret")
    yield one
    one.gate.set()
    await server.close()


async def test_an_offset_confirms_what_lies_below_it(tg: FakeTelegram, call: Raw) -> None:
    person = tg.person(1)
    for text in ("A", "B", "C"):
        person.says(text)
    first = tg.feed.next_id - 3
    assert len((await call("getUpdates", offset=0))[1]["result"]) == 3
    left = (await call("getUpdates", offset=first + 2))[1]["result"]
    assert [update["message"]["text"] for update in left] == ["C"]
    assert len(tg.feed.live()) == 1


async def test_a_negative_offset_counts_from_the_end(tg: FakeTelegram, call: Raw) -> None:
    person = tg.person(1)
    for text in ("A", "B", "C"):
        person.says(text)
    last = (await call("getUpdates", offset=-1))[1]["result"]
    assert [update["message"]["text"] for update in last] == ["C"]


async def test_a_hasty_poll_with_the_same_offset_gets_one_update(tg: FakeTelegram) -> None:
    person, poller = tg.person(1), Poller(tg.feed, time_scale=0.01)
    person.says("A")
    person.says("B")
    assert [len(await poller.poll({})) for _ in range(2)] == [2, 1]
    assert len(await poller.poll({"offset": 1})) == 2


async def test_a_long_poll_ends_with_the_next_update(tg: FakeTelegram, call: Raw) -> None:
    poll = asyncio.create_task(call("getUpdates", timeout=50))
    await tg.waits_for_calls("getUpdates")
    tg.person(1).says("Invented")
    assert len((await poll)[1]["result"]) == 1


async def test_ids_may_restart_lower(tg: FakeTelegram, call: Raw) -> None:
    person = tg.person(1)
    person.says("Before")
    await call("getUpdates", offset=(old := tg.feed.next_id))
    tg.feed.restart_ids(at=1000)
    person.says("After")
    (update,) = (await call("getUpdates", offset=old))[1]["result"]
    assert (update["update_id"], update["message"]["text"]) == (1000, "After")


async def test_an_update_can_be_repeated_after_it_was_confirmed(tg: FakeTelegram, call: Raw) -> None:
    tg.person(1).says("Invented")
    (update,) = (await call("getUpdates", offset=0))[1]["result"]
    following = update["update_id"] + 1
    assert (await call("getUpdates", offset=following))[1]["result"] == []
    tg.feed.repeat(update["update_id"])
    assert (await call("getUpdates", offset=following))[1]["result"] == [update]


async def test_held_updates_come_in_the_order_that_is_asked(tg: FakeTelegram, call: Raw) -> None:
    person = tg.person(1)
    tg.feed.hold()
    for text in ("A", "B", "C"):
        person.says(text)
    assert (await call("getUpdates"))[1]["result"] == []
    tg.feed.release([2, 0, 1])
    polled = (await call("getUpdates", offset=1))[1]["result"]
    assert [update["message"]["text"] for update in polled] == ["C", "A", "B"]


def test_a_seeded_shuffle_is_the_same_every_time() -> None:
    def order(seed: int) -> list[int]:
        server = FakeTelegram()
        server.feed.hold()
        person = server.person(1)
        for n in range(20):
            person.says(str(n))
        server.feed.release(Random(seed))
        return [pending.id for pending in server.feed.live()]

    assert order(7) == order(7) != order(8)


async def test_unconfirmed_updates_expire_a_press_before_a_message(tg: FakeTelegram, call: Raw) -> None:
    person = tg.person(1)
    await call("sendMessage", chat_id=1, text="x", reply_markup=KEYBOARD)
    person.says("Invented")
    person.presses(person.last(), "Next")
    tg.advance(seconds=151)
    assert [list(u)[1] for u in (await call("getUpdates", offset=0))[1]["result"]] == ["message"]
    tg.advance(hours=24)
    assert (await call("getUpdates", offset=1))[1]["result"] == []
    assert len(tg.feed.dropped) == 2


async def test_a_webhook_gets_updates_with_the_secret_in_order(tg: FakeTelegram, listener: Listener) -> None:
    person = tg.person(1)
    for text in ("A", "B", "C"):
        person.says(text)
    await tg.quiet()
    assert listener.texts == ["A", "B", "C"]
    assert set(listener.secrets) == {"invented-secret"}


async def test_a_webhook_is_tried_again_until_it_answers_2xx(tg: FakeTelegram, listener: Listener) -> None:
    answers = iter([HttpAnswer(500, b""), None, HttpAnswer(302, b"")])
    listener.answer = lambda _: next(answers, HttpAnswer(204, b""))
    person = tg.person(1)
    person.says("A")
    person.says("B")
    await tg.quiet(seconds=10)
    assert listener.texts == ["A", "A", "A", "A", "B"]
    assert [delivery.status for delivery in tg.deliveries] == [500, None, 302, 204, 204]


async def test_retry_after_of_the_bot_is_honoured(tg: FakeTelegram, listener: Listener) -> None:
    answers = iter([HttpAnswer(503, b"", {"Retry-After": "3000"})])
    listener.answer = lambda _: next(answers, HttpAnswer(200, b""))
    tg.person(1).says("A")
    assert await tg._bell.until(lambda: len(tg.deliveries) == 1, 5)
    with pytest.raises(TimeoutError, match="1 updates unconfirmed"):
        await tg.quiet(seconds=0.1)
    assert len(listener.seen) == 1
    tg.advance(seconds=3000)
    await tg.quiet()
    assert len(listener.seen) == 2


async def test_one_chat_waits_for_its_answer_and_another_does_not(
    tg: FakeTelegram, call: Raw, listener: Listener
) -> None:
    alice, berta = tg.person(1), tg.person(2)
    await call("sendMessage", chat_id=1, text="x", reply_markup=KEYBOARD)
    listener.gate.clear()
    alice.says("A1")
    alice.says("A2")
    alice.presses(alice.last(), "Next")
    berta.says("B1")
    assert await listener.bell.until(lambda: len(listener.seen) >= 3, 5)
    kinds = [update.get("message", {}).get("text", "press") for update in listener.seen]
    assert sorted(kinds) == ["A1", "B1", "press"]
    listener.gate.set()
    await tg.quiet()
    assert listener.seen[-1]["message"]["text"] == "A2"


async def test_a_message_that_no_one_takes_is_dropped_after_a_day(tg: FakeTelegram, listener: Listener) -> None:
    listener.answer = lambda _: HttpAnswer(503, b"", {"Retry-After": "3600"})
    tg.person(1).says("A")
    assert await tg._bell.until(lambda: len(tg.deliveries) == 1, 5)
    tg.advance(hours=24)
    await tg.quiet()
    assert [update["message"]["text"] for update in tg.feed.dropped] == ["A"]


async def test_a_share_of_deliveries_comes_twice(tg: FakeTelegram, listener: Listener) -> None:
    tg.faults.mix = Mix(duplicates=0.2)
    person = tg.person(1)
    for n in range(100):
        person.says(str(n))
    await tg.quiet()
    assert len(set(listener.texts)) == 100
    assert 105 <= len(listener.seen) <= 140


async def test_a_webhook_answer_that_holds_a_method_is_a_violation(tg: FakeTelegram, listener: Listener) -> None:
    listener.answer = lambda _: HttpAnswer(200, b'{"method": "sendMessage", "chat_id": 1, "text": "x"}')
    tg.person(1).says("A")
    await tg.quiet()
    assert tg.violations == ["webhook answer with a method in it"]


async def test_pending_updates_can_be_dropped(tg: FakeTelegram, call: Raw) -> None:
    tg.person(1).says("A")
    await call("deleteWebhook", drop_pending_updates=True)
    assert (await call("getWebhookInfo"))[1]["result"]["pending_update_count"] == 0


async def test_forms_and_queries_are_read_like_json(tg: FakeTelegram) -> None:
    person = tg.person(1)
    bot = f"{tg.root}/bot{tg.token}"
    async with httpx.AsyncClient() as client:
        await client.get(f"{bot}/sendMessage", params={"chat_id": 1, "text": "12"})
        await client.post(
            f"{bot}/sendMessage", data={"chat_id": 1, "text": "true", "reply_markup": json.dumps(KEYBOARD)}
        )
        upload = {"document": ("invented.txt", b"invented")}
        await client.post(f"{bot}/sendDocument", data={"chat_id": 1, "caption": "Ӯ"}, files=upload)
    assert [seen.text for seen in person.sees()] == ["12", "true", "Ӯ"]
    assert tg.violations == []
