"""What goes wrong on order or by seeded chance, and how a test waits without sleeping."""

import asyncio

import httpx
import pytest

from tests.fakes.conftest import Raw
from tests.fakes.telegram import FakeTelegram, Fault, Gate, Kind, Mix


async def test_a_500_and_a_502_do_nothing(tg: FakeTelegram, call: Raw) -> None:
    person = tg.person(1)
    tg.faults.plan(Fault(Kind.SERVER_ERROR, "sendMessage", times=2))
    tg.faults.plan(Fault(Kind.BAD_GATEWAY, "sendMessage"))
    assert [(await call("sendMessage", chat_id=1, text="x"))[0] for _ in range(2)] == [500, 500]
    with pytest.raises(ValueError, match="Expecting value"):
        await call("sendMessage", chat_id=1, text="x")
    assert person.sees() == []
    assert (await call("sendMessage", chat_id=1, text="x"))[0] == 200
    assert [request.status for request in tg.requests] == [500, 500, 502, 200]


async def test_a_call_lost_before_is_not_done_and_one_lost_after_is(tg: FakeTelegram, call: Raw) -> None:
    person = tg.person(1)
    tg.faults.plan(Fault(Kind.LOST_BEFORE, "sendMessage"))
    tg.faults.plan(Fault(Kind.LOST_AFTER, "sendMessage"))
    for text in ("before", "after"):
        with pytest.raises(httpx.TransportError):
            await call("sendMessage", chat_id=1, text=text)
    assert person.hears() == ["after"]
    assert [(request.status, request.fault) for request in tg.requests] == [
        (None, Kind.LOST_BEFORE),
        (None, Kind.LOST_AFTER),
    ]


async def test_a_fault_hits_only_the_chat_and_method_it_is_meant_for(tg: FakeTelegram, call: Raw) -> None:
    tg.person(1)
    tg.person(2)
    tg.faults.plan(Fault(Kind.TOO_MANY, "sendMessage", chat=2, seconds=35))
    assert (await call("sendChatAction", chat_id=2, action="typing"))[0] == 200
    assert (await call("sendMessage", chat_id=1, text="x"))[0] == 200
    status, answer = await call("sendMessage", chat_id=2, text="x")
    assert (status, answer["parameters"]["retry_after"]) == (429, 35)


async def test_a_bot_that_does_not_wait_is_noticed(tg: FakeTelegram, call: Raw) -> None:
    tg.person(1)
    tg.faults.plan(Fault(Kind.TOO_MANY, "sendMessage", seconds=35))
    await call("sendMessage", chat_id=1, text="x")
    tg.advance(seconds=34)
    await call("sendMessage", chat_id=1, text="x")
    tg.advance(seconds=1)
    await call("sendMessage", chat_id=1, text="x")
    assert [request.params["text"] for request in tg.impatient] == ["x"]


async def test_a_slow_answer_comes_after_the_message(tg: FakeTelegram) -> None:
    person = tg.person(1)
    tg.faults.plan(Fault(Kind.SLOW, "sendMessage", seconds=30))
    async with httpx.AsyncClient(timeout=0.2) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.post(f"{tg.root}/bot{tg.token}/sendMessage", json={"chat_id": 1, "text": "Salom"})
    await person.waits_for_text("Salom")


@pytest.mark.parametrize(("kind", "heard"), [(Kind.HELD_BEFORE, []), (Kind.HELD_AFTER, ["Salom"])])
async def test_a_gate_holds_a_call_in_flight(tg: FakeTelegram, call: Raw, kind: Kind, heard: list[str]) -> None:
    person, gate = tg.person(1), Gate()
    tg.faults.plan(Fault(kind, "sendMessage", gate=gate))
    sending = asyncio.create_task(call("sendMessage", chat_id=1, text="Salom"))
    await gate.arrived()
    assert (person.hears(), sending.done()) == (heard, False)
    gate.open()
    assert (await sending)[0] == 200
    assert person.hears() == ["Salom"]


async def test_the_mix_hits_its_shares_and_repeats_with_its_seed() -> None:
    def draws(seed: int) -> list[Kind | None]:
        server = FakeTelegram(seed=seed)
        server.faults.mix = Mix()
        return [fault and fault.kind for fault in (server.faults.draw("sendMessage", 1) for _ in range(2000))]

    drawn = draws(1)
    assert drawn == draws(1) != draws(2)
    assert 70 <= drawn.count(Kind.SERVER_ERROR) <= 130
    assert 35 <= drawn.count(Kind.LOST_AFTER) <= 85
    assert 35 <= drawn.count(Kind.TOO_MANY) <= 85


async def test_the_mix_leaves_polling_alone(tg: FakeTelegram, call: Raw) -> None:
    tg.faults.mix = Mix(server_error=1.0)
    assert (await call("getUpdates"))[0] == 200
    assert (await call("sendMessage", chat_id=1, text="x"))[0] == 500


async def test_waiting_ends_when_the_text_is_there(tg: FakeTelegram, call: Raw) -> None:
    person = tg.person(1)
    waiting = asyncio.create_task(person.waits_for_text("lom"))
    await call("sendMessage", chat_id=1, text="Salom")
    assert (await waiting).text == "Salom"
    assert len(await person.waits_for_answers(1)) == 1


async def test_waiting_in_vain_says_how_much_is_there_and_no_words(tg: FakeTelegram) -> None:
    person = tg.person(1)
    person.says("Invented secret")
    with pytest.raises(TimeoutError, match="1 messages are on the screen") as vain:
        await person.waits_for_text("never", seconds=0.01)
    assert "secret" not in str(vain.value)


async def test_quiet_waits_for_confirmation(tg: FakeTelegram, call: Raw) -> None:
    tg.person(1).says("Invented")
    with pytest.raises(TimeoutError, match="1 updates unconfirmed"):
        await tg.quiet(seconds=0.1)
    await call("getUpdates", offset=tg.feed.next_id)
    await tg.quiet()


async def test_a_bot_that_polls_without_pause_is_quiet_too(tg: FakeTelegram, call: Raw) -> None:
    async def poll() -> None:
        while True:
            await call("getUpdates")

    polling = asyncio.create_task(poll())
    await tg.quiet()
    polling.cancel()


async def test_it_starts_within_50_milliseconds() -> None:
    loop = asyncio.get_running_loop()
    fastest = 1.0
    for _ in range(5):
        began = loop.time()
        async with FakeTelegram():
            fastest = min(fastest, loop.time() - began)
    assert fastest < 0.05
