"""Long polling: what is confirmed, when, and what happens when something goes wrong."""

import asyncio

import pytest

from bot.channels.telegram import TelegramChannel
from bot.channels.telegram.api import Done
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.updates import ALLOWED
from bot.channels.wire import Garbage
from bot.core.messages import Inbound, Kind, Sort
from tests.channels.conftest import Door, Noon, Pauses, receiving
from tests.fakes.telegram import FakeTelegram, Fault
from tests.fakes.telegram import Kind as Fails

NEXT = {"inline_keyboard": [[{"text": "Next", "callback_data": "3|next"}]]}


def texts(taken: list[Inbound]) -> list[str]:
    return [inbound.text for inbound in taken]


async def test_what_she_writes_comes_in_and_is_confirmed_after_the_commit(tg: FakeTelegram, channel, door: Door):
    async with receiving(channel, door):
        her = tg.person(7)
        her.says("Салом")
        her.says("Хуб")
        assert texts(await door.waits_for(2)) == ["Салом", "Хуб"]
        await tg.quiet()
    first = tg.calls("getUpdates")[0].params
    assert first == {"timeout": 50, "limit": 100, "allowed_updates": list(ALLOWED)}


async def test_nothing_is_confirmed_before_the_commit(tg: FakeTelegram, channel, door: Door):
    """Killed while the commit is under way, the next process gets the same again."""
    door.gate.clear()
    async with receiving(channel, door):
        tg.person(7).says("Салом")
        await door.is_knocked_at()
        assert len(tg.feed.live()) == 1
    assert (len(tg.feed.live()), door.taken) == (1, [])
    second, after = TelegramChannel(tg.token, tg.root, Noon(), pause=Pauses()), Door()
    async with receiving(second, after):
        assert texts(await after.waits_for(1)) == ["Салом"]
        await tg.quiet()
    await second.close()


@pytest.mark.parametrize("failure", ["away", "bug"])
async def test_what_was_not_accepted_comes_again(tg: FakeTelegram, channel, door: Door, pauses: Pauses, failure: str):
    door.is_away(3) if failure == "away" else door.failures.extend([RuntimeError("a bug")] * 3)
    async with receiving(channel, door):
        tg.person(7).says("Салом")
        assert texts(await door.waits_for(1)) == ["Салом"]
        await tg.quiet()
    assert [pause for pause in pauses.taken if pause >= 1] == [1, 2, 4]


async def test_telegram_counts_as_heard_once_what_it_brought_is_committed_or_it_has_nothing(channel, door: Door):
    assert channel.heard_at is None
    door.is_away(1)
    await play(channel, door, Done([{"update_id": 5, "message": message("Салом")}]))
    assert channel.heard_at is None
    await play(channel, door, Done([]))
    assert channel.heard_at == Noon().now()


async def test_a_hundred_waiting_come_in_one_batch_and_in_order(tg: FakeTelegram, channel, door: Door):
    her = tg.person(7)
    for n in range(150):
        her.says(str(n))
    async with receiving(channel, door):
        assert texts(await door.waits_for(150)) == [str(n) for n in range(150)]
        await tg.quiet()
    assert door.batches == [100, 50]


async def test_a_repeated_update_keeps_its_id(tg: FakeTelegram, channel, door: Door):
    async with receiving(channel, door):
        tg.person(7).says("Салом")
        (first,) = await door.waits_for(1)
        await tg.quiet()
        tg.feed.repeat(int(first.external_id))
        assert [again.external_id for again in await door.waits_for(2)] == [first.external_id] * 2
        await tg.quiet()


async def test_ids_that_start_anew_after_a_quiet_week_are_followed(tg: FakeTelegram, channel, door: Door):
    async with receiving(channel, door):
        her = tg.person(7)
        her.says("before")
        await door.waits_for(1)
        await tg.quiet()
        tg.feed.restart_ids(5)
        her.says("after")
        her.says("after that")
        assert texts(await door.waits_for(3)) == ["before", "after", "after that"]
        await tg.quiet()
        assert tg.feed.live() == []


@pytest.mark.parametrize(
    "fault", [Fails.SERVER_ERROR, Fails.BAD_GATEWAY, Fails.LOST_BEFORE, Fails.LOST_AFTER, Fails.TOO_MANY]
)
async def test_a_failing_poll_is_repeated_after_a_pause(tg, channel, door: Door, pauses: Pauses, fault):
    tg.faults.plan(Fault(fault, "getUpdates", times=2, seconds=7))
    tg.person(7).says("Салом")
    async with receiving(channel, door):
        await door.waits_for(1)
        await tg.quiet()
    waited = [pause for pause in pauses.taken if pause >= 1]
    assert waited == ([7, 7] if fault is Fails.TOO_MANY else [1, 2])


async def test_a_webhook_of_earlier_days_is_taken_away_and_what_waits_is_kept(tg, channel, door: Door):
    await channel._api.call("setWebhook", {"url": "http://127.0.0.1:9/telegram"})
    tg.person(7).says("Салом")
    tg.faults.plan(Fault(Fails.SERVER_ERROR, "deleteWebhook", times=2))
    async with receiving(channel, door):
        assert texts(await door.waits_for(1)) == ["Салом"]
        await tg.quiet()
    assert [call.params for call in tg.calls("deleteWebhook")] == [{"drop_pending_updates": False}] * 3


async def test_another_poller_is_noted_until_it_is_over(tg: FakeTelegram, channel, door: Door, pauses: Pauses):
    async with receiving(channel, door):
        await tg.waits_for_calls("getUpdates")
        stranger = TelegramChannel(tg.token, tg.root, Noon())
        for _ in range(3):
            await stranger._api.call("getUpdates", {"timeout": 1})
        assert channel.trouble == "other_poller"
        tg.person(7).says("Салом")
        await door.waits_for(1)
        await tg.quiet()
        await stranger.close()
    assert (channel.trouble, 5.0 in pauses.taken) == ("", True)


async def test_a_webhook_set_by_somebody_else_is_noted(tg: FakeTelegram, channel, door: Door):
    async with receiving(channel, door):
        await tg.waits_for_calls("getUpdates")
        await channel._api.call("setWebhook", {"url": "http://127.0.0.1:9/else"})
        count = len(tg.calls("getUpdates"))
        await tg.waits_for_calls("getUpdates", count + 5)
    assert channel.trouble == "webhook_is_set"


@pytest.mark.parametrize("how", [Fails.UNAUTHORIZED, Fails.NOT_FOUND])
async def test_a_token_refused_by_mistake_is_tried_again_every_minute(tg: FakeTelegram, channel, door, pauses, how):
    tg.faults.plan(Fault(how, "getUpdates", times=3))
    async with receiving(channel, door):
        await tg.waits_for_calls("getUpdates", 1)
        await asyncio.sleep(0.02)
        assert channel.trouble == "token_refused"
        tg.person(7).says("Салом")
        for _ in range(3):
            pauses.let_a_minute_pass()
        await door.waits_for(1)
        await tg.quiet()
    assert (channel.trouble, pauses.taken.count(60.0)) == ("", 3)


# --- presses are answered after the commit


async def test_a_press_is_answered_after_the_commit(tg: FakeTelegram, channel, door: Door):
    her = tg.person(7)
    await channel._api.call("sendMessage", {"chat_id": 7, "text": "a", "protect_content": True, "reply_markup": NEXT})
    door.gate.clear()
    async with receiving(channel, door):
        her.presses(her.last(), "Next")
        await door.is_knocked_at()
        assert tg.calls("answerCallbackQuery") == []
        door.gate.set()
        (press,) = await door.waits_for(1)
        await tg.waits_for_calls("answerCallbackQuery")
        await tg.quiet()
    assert (press.sort, press.choice, press.version) == (Sort.PRESS, "next", 3)
    assert [query.is_answered for query in tg.queries] == [True]


async def test_a_press_that_cannot_be_answered_any_more_is_no_trouble(tg: FakeTelegram, channel, door: Door):
    her = tg.person(7)
    await channel._api.call("sendMessage", {"chat_id": 7, "text": "a", "protect_content": True, "reply_markup": NEXT})
    her.presses(her.last(), "Next")
    tg.advance(seconds=100)
    async with receiving(channel, door):
        await tg.waits_for_calls("answerCallbackQuery")
        her.says("Салом")
        assert len(await door.waits_for(2)) == 2
        await tg.quiet()


# --- answers that are no updates


class Script:
    """An API that gives prepared answers; afterwards it is silent."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked: list[dict] = []
        self.is_over = asyncio.Event()

    async def call(self, method: str, params: dict, seconds: float = 15.0) -> object:
        if method == "deleteWebhook":
            return Done(True)
        self.asked.append(params)
        if not self.answers:
            self.is_over.set()
            await asyncio.Event().wait()
        return self.answers.pop(0)


async def play(channel: TelegramChannel, door: Door, *answers: object) -> list[dict]:
    script, made = Script(*answers), channel._poller
    poller = Poller(script, made._reader, made._pause, made._hooks)
    task = asyncio.create_task(poller.run(door.accept))
    await asyncio.wait_for(script.is_over.wait(), 5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return script.asked


async def test_poison_among_updates_is_set_aside_alone(channel, door: Door):
    good = {"update_id": 6, "message": message("Салом")}
    poison = {"update_id": 5, "message": {"chat": {"id": 7, "type": "private"}, "text": "Инро бинед", "date": "x"}}
    asked = await play(channel, door, Done([poison, good]))
    assert [(one.external_id, one.sort, one.text) for one in door.taken] == [
        ("5", Sort.UNREADABLE, "Инро бинед"),
        ("6", Sort.MESSAGE, "Салом"),
    ]
    assert asked[-1]["offset"] == 7


async def test_an_answer_that_is_not_json_is_taken_apart(channel, door: Door):
    deep = b'{"ok":true,"result":[{"update_id":5,"message":{"chat":{"id":7},"x":' + b"[" * 100_000
    good = Done([{"update_id": 6, "message": message("Салом")}])
    asked = await play(channel, door, Garbage(200, deep), Garbage(200, deep), good)
    assert [(params.get("offset"), params["limit"]) for params in asked] == [(None, 100), (None, 1), (6, 100), (7, 100)]
    assert [(one.external_id, one.sort, one.chat.id) for one in door.taken] == [
        ("5", Sort.UNREADABLE, "7"),
        ("6", Sort.MESSAGE, "7"),
    ]


@pytest.mark.parametrize(
    "strange", [Garbage(200, b"<html>"), Done({}), Done([7]), Done([{"update_id": "x"}]), Done([{}])]
)
async def test_a_stranger_who_answers_is_not_asked_without_a_pause(channel, door: Door, pauses: Pauses, strange):
    await play(channel, door, strange, strange)
    assert (len([pause for pause in pauses.taken if pause >= 1]), door.taken) == (2, [])


def message(text: str) -> dict:
    her = {"id": 7, "is_bot": False, "first_name": "Invented"}
    return {"message_id": 1, "date": 1_793_000_000, "chat": {"id": 7, "type": "private"}, "from": her, "text": text}


async def test_closing_twice_and_while_answering_is_quiet(tg: FakeTelegram, channel):
    tg.person(7)
    channel._answer_presses([Inbound("1", Sort.PRESS, None, None, Noon().now(), Kind.TEXT, press_id="5")])
    await channel.close()
    await channel.close()
