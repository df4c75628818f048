"""The sender of a line beside commits that claim and mark for it."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bot.batch import Job, Written
from bot.core.addresses import Address
from bot.core.effects import Say
from bot.core.errors import StorageUnavailable
from bot.core.messages import Inbound, Outgoing, Sort, Trouble
from bot.delivery import ABREAST, BREATH, Delivery
from bot.turns import Turns
from storage import mailboxes, schema
from storage.database import open_database
from storage.handing import Handed, Offer
from storage.keys import open_keyring
from storage.receipts import Marked
from storage.settling import Settled
from storage.store import Store
from tests.fakes.channel import ScriptedChannel, failed
from tests.storage.stage import LINE, Stage
from tests.world import MORNING, FrozenClock, SeededIds

HI, MORE = Say(Outgoing("салом")), Say(Outgoing("боз"))


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def stage(tmp_path: Path, clock: FrozenClock) -> Iterator[Stage]:
    database = open_database(f"sqlite:///{tmp_path}/hamroh.db")
    with database.transaction() as connection:
        schema.metadata.create_all(connection)
    keyring = open_keyring(tmp_path / "keys", f"sqlite:///{tmp_path}/keys.db", None, clock)
    yield Stage(Store(database, keyring, clock, SeededIds()), clock)
    keyring.close()
    database.dispose()


@pytest.fixture
def channel(clock: FrozenClock) -> ScriptedChannel:
    return ScriptedChannel(clock)


@pytest.fixture
async def delivery(stage: Stage, channel: ScriptedChannel, clock: FrozenClock) -> Delivery:
    """A sender at work that has nothing to do."""
    made = Delivery(stage.store, channel, clock, stage.store.ids)
    made.is_open = True
    await made.sweep()
    return made


def commit(stage: Stage, delivery: Delivery, says: dict[str, Any], most: int = 100) -> Handed:
    """A commit of turns in which these people are answered."""
    offer = delivery.offer(most)
    assert offer is not None
    with stage.store.work({LINE: offer}) as work:
        for chat, effects in says.items():
            stage.play_in(work, stage.update(chat), effects)
    return work.handed[LINE]


async def settle(delivery: Delivery) -> None:
    while await delivery.sweep():
        pass


def states(stage: Stage) -> list[str]:
    return [row.state for row in sorted(stage.rows(schema.outbox), key=lambda row: row.seq)]


async def test_what_a_commit_hands_over_is_sent_once_and_marked(
    stage: Stage, delivery: Delivery, channel: ScriptedChannel
):
    delivery.take(commit(stage, delivery, {"olma": [HI], "nok": [HI, MORE]}))
    await settle(delivery)
    assert channel.chats == {"olma": ["салом"], "nok": ["салом", "боз"]}
    assert (states(stage), delivery.counts["sent"]) == (["sent"] * 3, 3)
    assert stage.rows(schema.mailboxes) == []


async def test_what_has_landed_is_marked_by_the_next_commit_and_counted_once(
    stage: Stage, delivery: Delivery, channel: ScriptedChannel
):
    delivery.take(commit(stage, delivery, {"olma": [HI]}))
    for _ in range(50):
        await asyncio.sleep(0)
    handed = commit(stage, delivery, {"olma": [MORE]})
    assert (await delivery._mark(), delivery.counts["sent"]) == (0, 0)  # the commit does it
    delivery.take(handed)
    assert (delivery.counts["sent"], states(stage)) == (1, ["sent", "sending"])
    await settle(delivery)
    assert (channel.chats["olma"], delivery.counts["sent"]) == (["салом", "боз"], 2)


async def test_parcels_that_come_while_the_last_senders_end_are_sent_too(
    stage: Stage, delivery: Delivery, channel: ScriptedChannel
):
    for turn in range(2):
        people = {f"{turn}-{n}": [HI] for n in range(ABREAST)}
        delivery.take(commit(stage, delivery, people))
        for _ in range(50):
            await asyncio.sleep(0)  # all senders have ended, and no sweep has seen it
    assert len(channel.calls) == 2 * ABREAST


async def test_no_more_than_half_of_the_room_is_offered(delivery: Delivery):
    offers = [delivery.offer(most) for most in (1, 12, 100)]
    assert [offer and offer.room for offer in offers] == [1, 12, 12]  # Telegram's line takes 25 a second


async def test_a_sender_that_is_not_at_work_offers_nothing(stage: Stage, channel: ScriptedChannel, clock: FrozenClock):
    made = Delivery(stage.store, channel, clock, stage.store.ids)
    await made.sweep()
    assert made.offer(10) is None
    made.is_open = True
    assert made.offer(10) is not None
    made.lose()
    assert made.offer(10) is None


async def test_a_line_that_the_messenger_silenced_before_the_start_has_no_room(
    stage: Stage, channel: ScriptedChannel, clock: FrozenClock
):
    with stage.store.database.transaction() as connection:
        mailboxes.pause_line(connection, LINE, clock.now() + timedelta(minutes=1))
    made = Delivery(stage.store, channel, clock, stage.store.ids)
    made.is_open = True
    await made.sweep()
    offer = made.offer(10)
    assert offer is not None
    assert offer.room == 0


async def test_who_had_to_wait_for_its_turn_goes_before_more_is_handed_over(
    stage: Stage, delivery: Delivery, clock: FrozenClock
):
    for n in range(30):
        stage.play(f"old-{n}", HI)
    await delivery.sweep()
    offer = delivery.offer(10)
    assert offer is not None
    assert offer.room == 0
    delivery.lose()
    clock.set(clock.now() + timedelta(seconds=1))
    await settle(delivery)
    offer = delivery.offer(10)
    assert offer is not None
    assert offer.room == 10


async def test_what_the_last_commit_left_is_claimed_before_the_next_one(
    stage: Stage, delivery: Delivery, channel: ScriptedChannel
):
    delivery.take(commit(stage, delivery, {"olma": [HI, MORE]}, most=1))
    await delivery.catch_up()
    for _ in range(50):
        await asyncio.sleep(0)
    assert channel.chats["olma"] == ["салом", "боз"]


async def test_what_a_commit_may_have_handed_over_before_it_failed_is_found_and_sent(
    stage: Stage, delivery: Delivery, channel: ScriptedChannel
):
    commit(stage, delivery, {"olma": [HI]})
    delivery.lose()
    await settle(delivery)
    assert (channel.chats["olma"], states(stage)) == (["салом"], ["sent"])


async def test_leases_are_not_taken_for_lost_while_a_commit_is_under_way(
    stage: Stage, delivery: Delivery, channel: ScriptedChannel
):
    handed = commit(stage, delivery, {"olma": [HI]})
    delivery._is_recovered = False  # a claim of its own has failed meanwhile
    await delivery.sweep()
    delivery.take(handed)
    await settle(delivery)
    assert channel.chats["olma"] == ["салом"]


@pytest.mark.parametrize("trouble", [Trouble.AGAIN, Trouble.REFUSED], ids=str)
async def test_what_follows_one_that_did_not_go_waits_for_it_and_counts_no_attempt(
    stage: Stage, delivery: Delivery, channel: ScriptedChannel, clock: FrozenClock, trouble: Trouble
):
    channel.answers.append(failed(trouble))
    delivery.take(commit(stage, delivery, {"olma": [HI, MORE]}))
    await settle(delivery)
    if trouble is Trouble.AGAIN:
        assert channel.chats["olma"] == []
        clock.set(clock.now() + timedelta(seconds=2))
        await settle(delivery)
    assert channel.chats["olma"] == (["салом", "боз"] if trouble is Trouble.AGAIN else ["боз"])
    assert [row.attempts for row in stage.rows(schema.outbox) if row.state == "sent"][-1] == 1


async def test_nothing_follows_what_does_not_reach_her(stage: Stage, delivery: Delivery, channel: ScriptedChannel):
    channel.answers.append(failed(Trouble.UNREACHABLE))
    delivery.take(commit(stage, delivery, {"olma": [HI, MORE]}))
    await settle(delivery)
    assert (len(channel.calls), states(stage), stage.rows(schema.mailboxes)) == (1, ["failed", "failed"], [])


async def test_what_follows_waits_when_the_chat_must_rest(
    stage: Stage, delivery: Delivery, channel: ScriptedChannel, clock: FrozenClock
):
    delivery.take(commit(stage, delivery, {"olma": [HI, MORE, HI, MORE]}))
    await settle(delivery)
    assert channel.chats["olma"] == ["салом", "боз", "салом"]  # Telegram takes three at once
    clock.set(clock.now() + timedelta(seconds=1))
    await settle(delivery)
    assert channel.chats["olma"] == ["салом", "боз", "салом", "боз"]


async def test_s3_what_follows_a_slow_one_is_judged_anew(
    stage: Stage, delivery: Delivery, channel: ScriptedChannel, clock: FrozenClock
):
    stage.mother("olma")
    channel.gate = asyncio.Event()
    delivery.take(commit(stage, delivery, {"olma": [HI, MORE]}))
    for _ in range(50):
        await asyncio.sleep(0)
    with stage.store.database.transaction() as connection:
        connection.execute(update(schema.participants).values(frozen_at=clock.now()))
    clock.set(clock.now() + timedelta(seconds=1))
    channel.gate.set()
    await settle(delivery)
    assert (channel.chats["olma"], states(stage)) == (["салом"], ["sent", "cancelled"])


async def test_parcels_of_one_mailbox_land_together(stage: Stage, delivery: Delivery, channel: ScriptedChannel):
    """Marked alone, the first would give the mailbox back while the second is in flight."""
    delivery.take(commit(stage, delivery, {"olma": [HI, MORE]}))
    for _ in range(50):
        assert len(delivery._landed) in {0, 2}
        await asyncio.sleep(0)
    assert channel.chats["olma"] == ["салом", "боз"]
    await settle(delivery)
    assert states(stage) == ["sent", "sent"]


async def test_s3_what_was_handed_over_too_long_ago_is_judged_anew(
    stage: Stage, delivery: Delivery, channel: ScriptedChannel, clock: FrozenClock
):
    stage.mother("olma")
    handed = commit(stage, delivery, {"olma": [HI]})
    with stage.store.database.transaction() as connection:
        connection.execute(update(schema.participants).values(frozen_at=clock.now()))
    clock.set(clock.now() + timedelta(seconds=1))
    delivery.take(handed)
    await settle(delivery)
    assert (channel.calls, states(stage)) == ([], ["cancelled"])


async def test_a_sender_that_ends_waits_for_the_commit_that_claims_for_it(
    stage: Stage, delivery: Delivery, channel: ScriptedChannel
):
    handed = commit(stage, delivery, {"olma": [HI]})
    ending = asyncio.create_task(delivery.finish())
    await asyncio.sleep(BREATH)
    assert not ending.done()
    delivery.take(handed)
    await ending
    assert (channel.chats["olma"], states(stage)) == (["салом"], ["sent"])


# ---- between the two


class Desk:
    """A sender that keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def catch_up(self) -> None:
        self.told.append("catch up")

    def offer(self, most: int) -> Offer:
        self.told.append(f"offer {most}")
        return Offer(most)

    def take(self, handed: Handed) -> None:
        self.told.append(f"take {len(handed.claimed)}")

    def lose(self) -> None:
        self.told.append("lose")


class Ledger:
    """Writes whatever it is given, once the gate is open; away, or broken by a mistake."""

    def __init__(self) -> None:
        self.error: Exception | None = None

    def write(self, jobs: list[Job], offers: dict[str, Offer] | None = None) -> Written:
        del jobs
        if self.error is not None and offers:
            raise self.error
        return Written(handed={line: Handed(False, (), MORNING, Marked(Settled(), [])) for line in offers or {}})

    def set_aside(self, jobs: list[Job]) -> Written:
        raise AssertionError(jobs)


def said(text: str) -> Inbound:
    where = Address(LINE, "olma")
    return Inbound(text, Sort.MESSAGE, where, where, MORNING, text=text)


async def played(ledger: Ledger, desk: Desk) -> Exception | None:
    turns = Turns(ledger)  # type: ignore[arg-type]
    turns.senders[LINE] = desk
    task = asyncio.create_task(turns.run())
    try:
        await turns.accept([said("салом")])
    except StorageUnavailable as error:
        return error
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return None


async def test_before_a_commit_its_senders_are_asked_and_after_it_they_are_told():
    desk = Desk()
    assert await played(Ledger(), desk) is None
    assert desk.told == ["catch up", "offer 4", "take 0"]


@pytest.mark.parametrize("error", [StorageUnavailable("away"), RuntimeError("an invented mistake")], ids=str)
async def test_after_a_commit_that_failed_nobody_waits_for_it(error: Exception):
    ledger, desk = Ledger(), Desk()
    ledger.error = error
    refused = await played(ledger, desk)
    assert (refused is None, desk.told) == (isinstance(error, RuntimeError), ["catch up", "offer 4", "lose"])
