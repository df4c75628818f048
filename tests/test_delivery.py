"""Delivery over a messenger that does what the test says, with a clock that stands still."""

import asyncio
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.core.conversation import Owner
from bot.core.errors import StorageUnavailable
from bot.core.events import ReachChanged, SendsFailed
from bot.core.messages import Lane, Trouble
from bot.delivery import ABREAST, Delivery
from storage.database import Database, open_database
from storage.keys import open_keyring
from storage.schema import metadata
from storage.store import Store
from tests.fakes.channel import ScriptedChannel, failed, too_fast
from tests.storage.office import Office
from tests.world import FrozenClock, SeededIds


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def store(tmp_path: Path, clock: FrozenClock) -> Iterator[Store]:
    database = open_database(f"sqlite:///{tmp_path}/hamroh.db")
    with database.transaction() as connection:
        metadata.create_all(connection)
    keyring = open_keyring(tmp_path / "keys", f"sqlite:///{tmp_path}/keys.db", None, clock)
    yield Store(database, keyring, clock, SeededIds())
    keyring.close()
    database.dispose()


@pytest.fixture
def office(store: Store, clock: FrozenClock) -> Office:
    return Office(store.database, store.sealer, clock, store.ids)


@pytest.fixture
def channel(clock: FrozenClock) -> ScriptedChannel:
    return ScriptedChannel(clock)


def sender(store: Store, channel: ScriptedChannel, clock: FrozenClock) -> Delivery:
    return Delivery(store, channel, clock, store.ids)


async def settle(delivery: Delivery) -> None:
    while await delivery.sweep():
        pass


async def test_what_was_said_arrives_in_order(
    store: Store, office: Office, channel: ScriptedChannel, clock: FrozenClock
):
    people = [office.somebody() for _ in range(5)]
    for n in range(3):
        office.put_all([(person, f"{n}") for person in people])
    await settle(sender(store, channel, clock))
    assert [channel.chats[person.address.id] for person in people] == [["0", "1", "2"]] * 5
    assert office.states() == {"sent": 15}


async def test_a_chat_gets_three_messages_at_once_and_then_one_a_second(
    store: Store, office: Office, channel: ScriptedChannel, clock: FrozenClock
):
    her = office.somebody()
    office.put_all([(her, f"{n}") for n in range(6)])
    delivery = sender(store, channel, clock)
    counts = []
    for _ in range(4):
        await settle(delivery)
        counts.append(len(channel.calls))
        clock.advance(seconds=1)
    assert counts == [3, 4, 5, 6]


async def test_a_group_gets_at_most_20_messages_a_minute(
    store: Store, office: Office, channel: ScriptedChannel, clock: FrozenClock
):
    group = office.somebody(Owner.GROUP)
    office.put_all([(group, f"{n}") for n in range(45)], lane=Lane.ESCALATION)
    delivery = sender(store, channel, clock)
    for _ in range(180):
        await settle(delivery)
        clock.advance(seconds=1)
    times = [call.at for call in channel.calls]
    assert len(times) == 45
    assert all(later - first >= timedelta(minutes=1) for first, later in zip(times, times[20:], strict=False))


async def test_a_line_takes_at_most_25_messages_a_second_and_replies_come_first(
    store: Store, office: Office, channel: ScriptedChannel, clock: FrozenClock
):
    for _ in range(60):
        office.put(office.somebody(), "broadcast", lane=Lane.BROADCAST)
    delivery = sender(store, channel, clock)
    await settle(delivery)
    for _ in range(5):
        office.put(office.somebody(), "reply")
    clock.advance(seconds=1)
    await settle(delivery)
    assert [call.text for call in channel.calls[25:30]] == ["reply"] * 5
    clock.advance(seconds=1)
    await settle(delivery)
    assert set(Counter(call.at for call in channel.calls).values()) <= {25, 15}
    assert len(channel.calls) == 65


async def test_nothing_is_sent_while_the_messenger_wants_silence_and_a_restart_changes_nothing(
    store: Store, office: Office, channel: ScriptedChannel, clock: FrozenClock
):
    channel.answers.append(too_fast(35, line=True))
    for _ in range(3):
        office.put(office.somebody())
    await settle(sender(store, channel, clock))
    before = len(channel.calls)
    for _ in range(5):
        clock.advance(seconds=6)
        await settle(sender(store, channel, clock))
    assert len(channel.calls) == before
    clock.advance(seconds=5)
    await settle(sender(store, channel, clock))
    assert office.states() == {"sent": 3}


async def test_what_was_claimed_with_a_row_that_met_silence_is_put_back_unsent(
    store: Store, office: Office, channel: ScriptedChannel, clock: FrozenClock
):
    people = [office.somebody() for _ in range(20)]
    channel.answers.append(too_fast(60, line=True))
    office.put_all([(person, "x") for person in people])
    delivery = sender(store, channel, clock)
    await settle(delivery)
    assert len(channel.calls) <= ABREAST
    assert office.states()["waiting"] >= 20 - ABREAST
    clock.advance(seconds=59)
    await settle(delivery)
    assert len(channel.calls) <= ABREAST
    clock.advance(seconds=1)
    await settle(delivery)
    assert [channel.chats[person.address.id] for person in people] == [["x"]] * 20


async def test_who_blocked_us_is_marked_once_and_others_go_on(
    store: Store, office: Office, channel: ScriptedChannel, clock: FrozenClock
):
    gone, here = office.somebody(), office.somebody()
    channel.answers_of[gone.address.id].append(failed(Trouble.UNREACHABLE, "403"))
    office.put_all([(gone, "one"), (gone, "two"), (here, "three")])
    heard: list[str] = []
    delivery = sender(store, channel, clock)
    delivery.on_posted.append(heard.extend)
    await settle(delivery)
    assert channel.chats[here.address.id] == ["three"]
    assert office.told(gone) == [SendsFailed("unreachable", ("reply",)), ReachChanged(is_reachable=False)]
    assert len(heard) == 2


async def test_a_refused_token_rests_the_line_for_a_minute_and_loses_nothing(
    store: Store, office: Office, channel: ScriptedChannel, clock: FrozenClock
):
    her = office.somebody()
    channel.answers.append(failed(Trouble.TOKEN, "401"))
    office.put(her, "one")
    delivery = sender(store, channel, clock)
    await settle(delivery)
    clock.advance(seconds=50)
    await settle(delivery)
    assert delivery.is_refused
    assert len(channel.calls) == 1
    clock.advance(seconds=20)
    await settle(delivery)
    assert not delivery.is_refused
    assert channel.chats[her.address.id] == ["one"]


async def test_a_slow_send_delays_nobody_else(
    store: Store, office: Office, channel: ScriptedChannel, clock: FrozenClock
):
    slow, quick = office.somebody(), office.somebody()
    channel.gate = asyncio.Event()
    office.put(slow, "slow")
    delivery = sender(store, channel, clock)
    await delivery.sweep()
    gate, channel.gate = channel.gate, None
    office.put(quick, "quick")
    await delivery.sweep()
    assert channel.chats[quick.address.id] == ["quick"]
    assert office.states() == {"sending": 1, "sent": 1}
    gate.set()
    await delivery.finish()
    assert office.states() == {"sent": 2}


async def test_a_channel_that_raises_leaves_the_row_in_doubt(
    store: Store, office: Office, channel: ScriptedChannel, clock: FrozenClock
):
    class Broken(ScriptedChannel):
        async def send(self, parcel):
            raise KeyError("a bug")

    id_ = office.put(office.somebody())
    delivery = sender(store, Broken(clock), clock)
    await settle(delivery)
    assert (office.row(id_).state, office.row(id_).is_maybe_duplicate) == ("waiting", True)


@pytest.mark.parametrize("lane", list(Lane))
async def test_a_sender_that_dies_in_flight_doubles_replies_once_and_broadcasts_never(
    store: Store, office: Office, channel: ScriptedChannel, clock: FrozenClock, lane: Lane
):
    her = office.somebody()
    office.put(her, "x", lane=lane, purpose="desk")
    dying = sender(store, channel, clock)
    channel.gate = asyncio.Event()
    await dying.sweep()
    channel.gate.set()
    await channel.arrived.wait()
    await settle(sender(store, channel, clock))
    is_broadcast = lane is Lane.BROADCAST
    assert channel.chats[her.address.id] == ["x"] * (1 if is_broadcast else 2)
    assert office.states() == {"unknown" if is_broadcast else "sent": 1}


class Outage:
    """A database that can be away."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.is_away = False

    def transaction(self) -> AbstractContextManager[Connection]:
        if self.is_away:
            raise StorageUnavailable("away")
        return self.database.transaction()

    def reading(self) -> AbstractContextManager[Connection]:
        if self.is_away:
            raise StorageUnavailable("away")
        return self.database.reading()

    @property
    def is_postgres(self) -> bool:
        return self.database.is_postgres


async def test_receipts_that_could_not_be_written_are_written_later(
    store: Store, office: Office, channel: ScriptedChannel, clock: FrozenClock
):
    her = office.somebody()
    office.put(her, "x")
    outage = Outage(store.database)
    store.database = outage  # type: ignore[assignment]
    channel.gate = asyncio.Event()
    delivery = sender(store, channel, clock)
    await delivery.sweep()
    channel.gate.set()
    outage.is_away = True
    with pytest.raises(StorageUnavailable):
        await delivery.finish()
    outage.is_away = False
    await settle(delivery)
    assert channel.chats[her.address.id] == ["x"]
    assert office.states() == {"sent": 1}


class Cut:
    """A database whose connection breaks after a commit, before it was said."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.cuts = 0

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with self.database.transaction() as connection:
            yield connection
        if self.cuts:
            self.cuts -= 1
            raise StorageUnavailable("cut")

    def reading(self) -> AbstractContextManager[Connection]:
        return self.database.reading()

    @property
    def is_postgres(self) -> bool:
        return self.database.is_postgres


async def test_a_claim_of_which_nobody_knows_whether_it_was_committed_is_found_at_once_and_not_after_the_lease(
    store: Store, office: Office, channel: ScriptedChannel, clock: FrozenClock
):
    her, other = office.somebody(), office.somebody()
    office.put(her, "slow")
    cut = Cut(store.database)
    store.database = cut  # type: ignore[assignment]
    gate = channel.gate = asyncio.Event()
    delivery = sender(store, channel, clock)
    await delivery.sweep()
    office.put(other, "x")
    cut.cuts = 1
    with pytest.raises(StorageUnavailable):
        await delivery._claim()
    assert office.states() == {"sending": 2}
    gate.set()
    await settle(delivery)
    assert channel.chats == {her.address.id: ["slow"], other.address.id: ["x"]}
    assert office.states() == {"sent": 2}


async def test_what_expired_is_told_although_nothing_can_be_sent(
    store: Store, office: Office, channel: ScriptedChannel, clock: FrozenClock
):
    her = office.somebody()
    channel.answers.append(too_fast(3600, line=True))
    office.put(her, "x", expires_at=clock.now() + timedelta(minutes=10))
    delivery = sender(store, channel, clock)
    await settle(delivery)
    clock.advance(minutes=10)
    await settle(delivery)
    assert office.told(her) == [SendsFailed("expired", ("reply",))]


async def test_a_sweep_that_is_cancelled_leaves_nothing_in_doubt(
    store: Store, office: Office, channel: ScriptedChannel, clock: FrozenClock
):
    people = [office.somebody() for _ in range(5)]
    office.put_all([(person, "x") for person in people], lane=Lane.BROADCAST)
    for turns in range(12):
        delivery = sender(store, channel, clock)
        sweep = asyncio.create_task(delivery.sweep())
        for _ in range(turns):
            await asyncio.sleep(0)
        sweep.cancel()
        await asyncio.gather(sweep, return_exceptions=True)
        await delivery.finish()
        assert set(office.states()) <= {"waiting", "sent"}
    await settle(sender(store, channel, clock))
    assert [channel.chats[person.address.id] for person in people] == [["x"]] * 5


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Break off even what never gives the event loop back."""

    def end(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


async def test_a_sender_that_ends_while_turns_mark_for_it_does_not_stop_everything(
    store: Store, office: Office, channel: ScriptedChannel, clock: FrozenClock
):
    """As when PostgreSQL is restarted: the line is lost while a commit waits for what has landed."""
    channel.gate = asyncio.Event()
    office.put(office.somebody(), "x")
    delivery = sender(store, channel, clock)
    await delivery.sweep()
    channel.gate.set()
    await asyncio.wait(delivery._senders)
    delivery._has_mail = True
    catching_up = asyncio.create_task(delivery.catch_up())
    while not delivery._is_marking:  # noqa: ASYNC110 - the thread says nothing of it
        await asyncio.sleep(0)
    with within(5):
        await delivery.finish()
    await catching_up
    assert office.states() == {"sent": 1}


async def test_s1_what_comes_to_the_end_of_its_time_between_the_claim_and_the_send_does_not_go(
    store: Store, office: Office, channel: ScriptedChannel, clock: FrozenClock
):
    her = office.somebody()
    delivery = sender(store, channel, clock)
    await settle(delivery)
    office.put(her, "a line in her hours", expires_at=clock.now() + timedelta(seconds=0.5))
    await delivery._claim()
    clock.advance(seconds=0.5)
    await settle(delivery)
    assert channel.calls == []
    clock.advance(seconds=1)
    await settle(delivery)
    assert channel.calls == []
    assert office.states() == {"expired": 1}
