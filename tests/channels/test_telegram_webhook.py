"""The webhook: who may call, what is confirmed when, and whose address Telegram knows."""

import asyncio
import json
from collections.abc import AsyncIterator
from random import Random

import pytest
from starlette.datastructures import Headers

from bot.channels.telegram import TelegramChannel
from bot.channels.telegram.updates import ALLOWED
from bot.core.errors import ConfigurationError
from bot.core.messages import Sort
from tests.channels.conftest import Door, Noon, Pauses, receiving
from tests.fakes.bot_api.http import HttpAnswer, HttpRequest, HttpServer
from tests.fakes.telegram import FakeTelegram, Fault, Mix
from tests.fakes.telegram import Kind as Fails

SECRET = "invented-webhook_SECRET-1"
KEY = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
HER = {"id": 7, "is_bot": False, "first_name": "Invented"}
UPDATE = {
    "update_id": 11,
    "message": {"message_id": 5, "date": 1, "chat": {"id": 7, "type": "private"}, "from": HER, "text": "Салом"},
}
BODY = json.dumps(UPDATE).encode()
COME_AGAIN = (503, {"Retry-After": "5"})


@pytest.fixture
async def hooked(tg: FakeTelegram, pauses: Pauses, door: Door) -> AsyncIterator[TelegramChannel]:
    """A channel with a webhook that is served on a free port and set at Telegram."""

    async def respond(request: HttpRequest) -> HttpAnswer:
        status, headers = await channel.take_in(request.body, request.headers)
        return HttpAnswer(status if request.target == "/telegram" else 404, b"", headers)

    server = HttpServer(respond)
    root = f"http://127.0.0.1:{await server.start()}/"
    channel = TelegramChannel(tg.token, tg.root, Noon(), (root, SECRET), pause=pauses)
    async with receiving(channel, door):
        await tg.waits_for_calls("setWebhook")
        yield channel
    await tg.webhook.close()
    await server.close()
    await channel.close()


async def test_the_address_is_set_with_a_secret_and_our_kinds_of_updates(tg: FakeTelegram, hooked):
    params = tg.calls("setWebhook")[0].params
    assert params["url"].endswith("/telegram")
    assert "//telegram" not in params["url"]
    del params["url"]
    assert params == {"secret_token": SECRET, "allowed_updates": list(ALLOWED), "max_connections": 40}


async def test_what_she_writes_comes_in_through_the_webhook(tg: FakeTelegram, hooked, door: Door):
    her = tg.person(7)
    for n in range(5):
        her.says(str(n))
    assert [one.text for one in await door.waits_for(5)] == ["0", "1", "2", "3", "4"]
    await tg.quiet()
    assert {attempt.status for attempt in tg.deliveries} == {200}


async def test_nothing_is_confirmed_while_the_database_is_away(tg: FakeTelegram, hooked, door: Door):
    door.is_away(2)
    tg.person(7).says("Салом")
    assert [one.text for one in await door.waits_for(1)] == ["Салом"]
    await tg.quiet()
    assert [attempt.status for attempt in tg.deliveries] == [503, 503, 200]


async def test_what_comes_twice_keeps_its_id(tg: FakeTelegram, hooked, door: Door):
    tg.faults.mix = Mix(0, 0, 0, duplicates=1.0)
    tg.person(7).says("Салом")
    first, second = await door.waits_for(2)
    assert first == second


async def test_a_press_is_answered_after_the_commit(tg: FakeTelegram, hooked, door: Door):
    her = tg.person(7)
    markup = {"inline_keyboard": [[{"text": "Help", "callback_data": "|help"}]]}
    await hooked._api.call("sendMessage", {"chat_id": 7, "text": "a", "reply_markup": markup})
    her.presses(her.last(), "Help")
    await tg.waits_for_calls("answerCallbackQuery")
    assert [(one.sort, one.choice) for one in door.taken] == [(Sort.PRESS, "help")]


# --- who may call


async def test_ten_thousand_forged_calls_are_all_refused_alike(hooked, door: Door):
    chance = Random(7)
    letters = "invented-webhook_SECRET-1 жß🌷\0"
    answers = set()
    for n in range(10_000):
        guess = "".join(chance.choices(letters, k=chance.randrange(40))) if n % 10 else SECRET[: n % 25]
        headers = {"x-telegram-bot-api-secret-token": guess} if n % 7 else {}
        body = BODY if n % 2 else chance.randbytes(30)
        answers.add(repr(await hooked.take_in(body, headers)))
    assert (answers, door.batches) == ({"(401, {})"}, [])


async def test_the_secret_comes_before_the_body(hooked, door: Door):
    assert await hooked.take_in(b"[" * 1_000_000, {}) == (401, {})


@pytest.mark.parametrize("headers", [KEY, {"X-TELEGRAM-bot-api-secret-token": SECRET}, Headers(KEY)])
async def test_the_name_of_the_header_is_read_in_any_case(hooked, door: Door, headers):
    assert await hooked.take_in(BODY, headers) == (200, {})
    assert [one.text for one in door.taken] == ["Салом"]


async def test_without_a_webhook_nobody_may_call(channel):
    assert await channel.take_in(BODY, {"X-Telegram-Bot-Api-Secret-Token": ""}) == (401, {})


async def test_before_the_door_is_open_a_call_must_come_again(tg: FakeTelegram):
    channel = TelegramChannel(tg.token, tg.root, Noon(), ("https://invented.example", SECRET))
    assert await channel.take_in(BODY, KEY) == COME_AGAIN
    await channel.close()


@pytest.mark.parametrize("secret", ["", "with space", "ж", "x" * 257, "line\n"])
def test_a_secret_that_telegram_would_refuse_is_refused_at_once(tg: FakeTelegram, secret: str):
    with pytest.raises(ConfigurationError, match="HAMROH_WEBHOOK_SECRET") as caught:
        TelegramChannel(tg.token, tg.root, Noon(), ("https://invented.example", secret))
    assert not secret or secret not in str(caught.value)


# --- what a call brings


@pytest.mark.parametrize(
    ("body", "sorts"),
    [
        (BODY, [Sort.MESSAGE]),
        (BODY.replace(b'"date": 1', b'"date": "x"'), [Sort.UNREADABLE]),
        (BODY.replace(b'"message":', b'"kind_of_the_future":'), [Sort.UNREADABLE]),
        (BODY.replace(b'"message":', b'"channel_post":'), []),
        (b'{"update_id":11,"message":{"chat":{"id":7},"x":' + b"[" * 1_000_000, [Sort.UNREADABLE]),
        (b'{"update_id":11}', []),
        (b"\xff\xfe\x00", []),
        (b"[]", []),
        (b"", []),
    ],
)
async def test_an_authentic_call_is_taken_whatever_it_brings(hooked, door: Door, body: bytes, sorts: list[Sort]):
    assert await hooked.take_in(body, KEY) == (200, {})
    assert [one.sort for one in door.taken] == sorts


async def test_an_outage_asks_to_come_again_and_a_bug_is_not_confirmed(hooked, door: Door, capsys):
    door.is_away(1)
    door.failures.append(RuntimeError("Нигинаи Сохта"))
    assert [await hooked.take_in(BODY, KEY) for _ in range(3)] == [COME_AGAIN, (500, {}), (200, {})]
    assert "Нигинаи" not in capsys.readouterr().out


# --- whose address


async def test_an_address_that_was_taken_away_is_noted_and_set_again(tg: FakeTelegram, hooked, pauses: Pauses):
    ours = tg.calls("setWebhook")[0].params
    for url in ("", "http://127.0.0.1:9/else"):
        await hooked._api.call("setWebhook", ours | {"url": url})
        count = len(tg.calls("setWebhook"))
        pauses.let_a_minute_pass()
        await tg.waits_for_calls("setWebhook", count + 1)
        assert hooked.trouble == "foreign_webhook"
        assert tg.calls("setWebhook")[-1].params == ours
        count = len(tg.calls("getWebhookInfo"))
        pauses.let_a_minute_pass()
        await tg.waits_for_calls("getWebhookInfo", count + 1)
        await asyncio.sleep(0.02)
        assert hooked.trouble == ""


async def test_the_address_is_set_again_until_telegram_took_it(tg: FakeTelegram, pauses: Pauses, door: Door):
    tg.faults.plan(Fault(Fails.SERVER_ERROR, "setWebhook", times=2))
    tg.faults.plan(Fault(Fails.TOO_MANY, "setWebhook", seconds=9))
    channel = TelegramChannel(tg.token, tg.root, Noon(), ("http://127.0.0.1:9", SECRET), pause=pauses)
    async with receiving(channel, door):
        await tg.waits_for_calls("setWebhook", 4)
    await channel.close()
    assert pauses.taken[:3] == [1, 2, 9]


async def test_an_address_that_telegram_refuses_is_noted(tg: FakeTelegram, pauses: Pauses, door: Door):
    address = ("http://invented.example", SECRET)
    channel = TelegramChannel(tg.token, tg.root, Noon(), address, pause=pauses)
    async with receiving(channel, door):
        await tg.waits_for_calls("setWebhook", 3)
    await channel.close()
    assert channel.trouble == "webhook_not_set"


async def test_a_refused_token_is_tried_again_every_minute(tg: FakeTelegram, pauses: Pauses, door: Door):
    tg.faults.plan(Fault(Fails.UNAUTHORIZED, "setWebhook", times=2))
    channel = TelegramChannel(tg.token, tg.root, Noon(), ("http://127.0.0.1:9", SECRET), pause=pauses)
    async with receiving(channel, door):
        await tg.waits_for_calls("setWebhook", 1)
        await asyncio.sleep(0.02)
        assert channel.trouble == "token_refused"
        for _ in range(2):
            pauses.let_a_minute_pass()
        await tg.waits_for_calls("setWebhook", 3)
    await channel.close()
    assert pauses.taken[:2] == [60, 60]
