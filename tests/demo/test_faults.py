"""What goes wrong on demand on the stage: it happens, and the phones and the event log show it."""

import asyncio

import pytest

from bot.channels.simulator import Tick
from bot.demo.refusals import Refused
from bot.demo.stage import Stage
from bot.demo.steps import MISHAP, NEXT, TIME, Step, Verb
from bot.demo.view import look


async def strikes(stage: Stage, mishap: str) -> None:
    await stage.act(Step(MISHAP, Verb.STRIKES, mishap))


def faults(stage: Stage) -> list[str]:
    """What the event log says went wrong, the latest last."""
    return [entry.fault for entry in reversed(look(stage, "en", "mother").log) if entry.fault]


@pytest.fixture
async def stage(stage: Stage) -> Stage:
    await stage.act(Step("mother", Verb.STARTS))
    return stage


async def test_a_duplicate_is_answered_once(stage: Stage):
    before = len(stage.channel.phones["mother"].transcript)
    await strikes(stage, "duplicate")
    assert len(stage.channel.phones["mother"].transcript) == before
    assert faults(stage) == ["duplicate_known"]


async def test_before_anybody_wrote_nothing_can_come_twice(stage: Stage):
    await stage.reset()
    with pytest.raises(Refused, match="come twice"):
        await strikes(stage, "duplicate")


async def test_what_comes_out_of_order_is_answered_all_the_same(stage: Stage):
    phone = stage.channel.phones["mother"]
    await strikes(stage, "reordered")
    await stage.act(Step("mother", Verb.WRITES, "салом"))
    assert phone.bubbles[-1].tick is Tick.QUEUED
    assert look(stage, "en", "").armed == ("reordered",), "until the later one has come"
    held = len(phone.transcript)
    await stage.act(Step("mother", Verb.WRITES, "салом"))
    assert len([b for b in phone.transcript[held:] if b.is_ours]) >= 2
    assert faults(stage) == ["held", "late"]
    assert look(stage, "en", "").armed == ()


async def test_what_was_held_back_comes_when_time_passes(stage: Stage):
    phone = stage.channel.phones["mother"]
    await strikes(stage, "reordered")
    await stage.act(Step("mother", Verb.WRITES, "салом"))
    await stage.act(Step(TIME, Verb.PASSES, "10 minutes"))
    assert all(bubble.tick is not Tick.QUEUED for bubble in phone.bubbles)
    assert phone.bubbles[-1].is_ours


async def test_after_a_429_the_message_comes_when_the_rest_is_over(stage: Stage):
    await strikes(stage, "rate")
    assert (await stage.act(Step("mother", Verb.PRESSES, "Русский"))).came == {}
    assert faults(stage) == ["rate"]
    assert (await stage.act(Step(TIME, Verb.PASSES, NEXT))).came["mother"]


async def test_an_answer_that_is_lost_is_told(stage: Stage):
    await strikes(stage, "lost answer")
    assert (await stage.act(Step("mother", Verb.PRESSES, "Русский"))).came["mother"]
    assert faults(stage) == ["lost answer"]


@pytest.mark.parametrize("mishap", ["crash", "outage"])
async def test_a_fall_is_told_and_loses_nothing(stage: Stage, mishap: str):
    before = look(stage, "en", "mother")
    await strikes(stage, mishap)
    after = look(stage, "en", "mother")
    assert [one.bubbles for one in after.phones] == [one.bubbles for one in before.phones]
    assert faults(stage) == [mishap]
    assert (await stage.act(Step("mother", Verb.PRESSES, "Русский"))).came["mother"]


async def test_a_locked_database_loses_nothing_and_what_was_sent_is_seen_waiting(stage: Stage):
    ticks: list[Tick] = []
    stage.listeners.append(lambda: ticks.append(stage.channel.phones["mother"].bubbles[-1].tick))
    await strikes(stage, "locked")
    ticks.clear()
    acting = asyncio.create_task(stage.act(Step("mother", Verb.WRITES, "салом")))
    while not ticks:  # noqa: ASYNC110 - the stage tells of a change by a call
        await asyncio.sleep(0.01)
    assert ticks == [Tick.QUEUED]
    assert look(stage, "en", "").armed == ("locked",)
    assert (await acting).came["mother"]
    assert all(b.tick is not Tick.QUEUED for b in stage.channel.phones["mother"].bubbles)
    assert faults(stage) == ["locked", "again"]


async def test_a_phone_that_is_off_gets_its_messages_when_it_is_on(stage: Stage):
    phone = stage.channel.phones["mother"]
    await strikes(stage, "rate")
    await stage.act(Step("mother", Verb.PRESSES, "Русский"))
    await stage.act(Step("mother", Verb.TURNS, "off"))
    await stage.act(Step(TIME, Verb.PASSES, NEXT))
    assert [b.tick for b in phone.bubbles if b.is_ours][-1] is Tick.SENT
    assert len(phone.screen) < len(phone.bubbles)
    with pytest.raises(Refused, match="off"):
        await stage.act(Step("mother", Verb.WRITES, "салом"))
    await stage.act(Step("mother", Verb.TURNS, "on"))
    assert phone.screen == phone.bubbles


async def test_what_a_blocked_bot_could_not_say_is_shown_as_failed_and_on_no_screen(stage: Stage):
    phone = stage.channel.phones["mother"]
    await strikes(stage, "rate")
    await stage.act(Step("mother", Verb.PRESSES, "Русский"))
    await stage.act(Step("mother", Verb.BLOCKS))
    with pytest.raises(Refused, match="blocked"):
        await stage.act(Step("mother", Verb.WRITES, "салом"))
    seen = await stage.act(Step(TIME, Verb.PASSES, NEXT))
    assert seen.came == {}
    assert [bubble.tick for bubble in phone.failed] == [Tick.FAILED]
    assert not set(map(id, phone.failed)) & set(map(id, phone.screen))
    assert look(stage, "en", "mother").phones[0].bubbles[-1].tick == "failed"


@pytest.mark.parametrize("verb", [Verb.WRITES, Verb.EDITS, Verb.REPLIES, Verb.FORWARDS])
async def test_nobody_sends_nothing(stage: Stage, verb: Verb):
    with pytest.raises(Refused, match="nothing to send"):
        await stage.act(Step("mother", verb, "  "))


async def test_what_is_changed_is_the_last_text_not_a_voice(stage: Stage):
    await stage.act(Step("mother", Verb.WRITES, "салом"))
    await stage.act(Step("mother", Verb.SENDS, "voice"))
    await stage.act(Step("mother", Verb.EDITS, "хайр"))
    own = [bubble for bubble in stage.channel.phones["mother"].bubbles if not bubble.is_ours]
    assert [(bubble.text, bubble.is_edited) for bubble in own[-2:]] == [("хайр", True), ("", False)]
