"""A broadcast from the coordinator's word to the last mother, over a messenger that does what the test says."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.broadcasts import Broadcasts
from bot.core.conversation import LATE, SHOWN
from bot.core.effects import Purpose, Say, StartBroadcast, SteerBroadcast
from bot.core.event import unpack
from bot.core.events import BroadcastArrived, BroadcastCancelled, BroadcastMoved, DeskAlarmed
from bot.core.messages import Lane, Outgoing, Trouble
from bot.core.people import Role
from bot.delivery import Delivery
from storage import broadcasts, schema
from storage.database import open_database
from storage.keys import open_keyring
from storage.store import Store
from tests.fakes.channel import ScriptedChannel, failed
from tests.storage.stage import Stage
from tests.world import FrozenClock, SeededIds

BROADCAST = "broadcast".zfill(26)


class Campus:
    """Twelve invented mothers, their coordinator, and the services that carry a broadcast."""

    def __init__(self, store: Store, clock: FrozenClock) -> None:
        self.store, self.clock = store, clock
        self.stage = Stage(store, clock)
        self.channel = ScriptedChannel(clock)
        self.delivery = Delivery(store, self.channel, clock, store.ids)
        self.broadcasts = Broadcasts(store)
        self.mothers = [self.stage.mother(f"olma-{n}") for n in range(12)]
        self.coordinator = self.stage.staff("chinor", Role.COORDINATOR)
        self.told: list[object] = []

    def start(self, after: timedelta = timedelta()) -> None:
        now = self.clock.now()
        cohort = self.stage.rows(schema.cohorts)[0].id
        starts = now + after
        broadcast = StartBroadcast(BROADCAST, (cohort,), "Салом", "Привет", starts, starts + timedelta(days=1))
        self.stage.play("chinor", broadcast)

    def steer(self, state: str) -> None:
        self.stage.play("chinor", SteerBroadcast(BROADCAST, state))

    async def expand(self, opened: int = 0) -> None:
        """Every mother's turn lets it go at once; so many of them have just opened something themselves."""
        while await self.broadcasts.sweep():
            pass
        for n, post in enumerate(self.stage.posts()):
            tag = SHOWN if n < opened else ""
            say = Say(Outgoing("Салом"), Lane.BROADCAST, Purpose.BROADCAST, broadcast_id=BROADCAST, tag=tag)
            event = self.peek(post)
            self.stage.play_post(post, *([say] if isinstance(event, BroadcastArrived) else []))
            if not isinstance(event, BroadcastArrived):
                self.told.append(event)

    def peek(self, post: str) -> object:
        [row] = [row for row in self.stage.rows(schema.inbox) if row.id == post]
        staff = self.stage.rows(schema.staff)[0]
        mothers = {row.conversation_id: f"participant:{row.id}" for row in self.stage.rows(schema.participants)}
        subject = mothers.get(row.conversation_id, f"staff:{staff.id}")
        return unpack(self.store.sealer.open_json(subject, "inbox.body", row.id, row.body))

    async def send(self) -> None:
        while await self.delivery.sweep():
            pass

    def states(self) -> dict[str, int]:
        return dict(Counter(row.state for row in self.stage.rows(schema.recipients)))

    def state(self) -> str:
        return str(self.stage.rows(schema.broadcasts)[0].state)


@pytest.fixture
def campus(tmp_path: Path) -> Iterator[Campus]:
    clock = FrozenClock()
    database = open_database(f"sqlite:///{tmp_path}/hamroh.db")
    with database.transaction() as connection:
        schema.metadata.create_all(connection)
    keyring = open_keyring(tmp_path / "keys", f"sqlite:///{tmp_path}/keys.db", None, clock)
    campus = Campus(Store(database, keyring, clock, SeededIds()), clock)
    clock.advance(minutes=1)
    yield campus
    keyring.close()
    database.dispose()


async def test_a_broadcast_reaches_everybody_once_and_its_coordinator_hears_of_it(campus: Campus):
    campus.start()
    await campus.expand()
    await campus.send()
    assert campus.states() == {"sent": 12}
    await campus.expand()
    assert campus.state() == "done"
    assert Counter(call.parcel.address for call in campus.channel.calls).most_common(1)[0][1] == 1
    assert set(campus.told) == {BroadcastMoved(BROADCAST)}


async def test_a_broadcast_does_not_begin_before_its_time(campus: Campus):
    campus.start(after=timedelta(minutes=2))
    await campus.expand()
    assert campus.stage.posts() == []
    campus.clock.advance(minutes=2)
    await campus.expand()
    assert campus.states() == {"waiting": 12}


async def test_progress_is_told_at_most_every_five_seconds(campus: Campus):
    campus.channel.answers.extend([failed(Trouble.AGAIN)] * 6)
    campus.start()
    await campus.expand()
    await campus.send()
    campus.clock.advance(seconds=1)
    await campus.send()
    assert campus.states() == {"sent": 12}
    moved = [row for row in campus.stage.rows(schema.inbox) if "/moved/" in row.external_id]
    assert len(moved) == 1


async def test_a_paused_broadcast_sends_nothing_until_it_goes_on(campus: Campus):
    campus.start()
    await campus.expand()
    campus.steer("paused")
    await campus.send()
    campus.clock.advance(minutes=5)
    await campus.send()
    assert campus.channel.calls == []
    campus.steer("running")
    campus.clock.advance(seconds=10)
    await campus.send()
    assert campus.states() == {"sent": 12}


async def test_s4_a_cancelled_broadcast_stops_in_the_commit_that_cancels_it(campus: Campus):
    campus.start()
    await campus.expand()
    campus.steer("cancelled")
    assert campus.states() == {"cancelled": 12}
    await campus.send()
    assert campus.channel.calls == []
    assert campus.stage.posts() == []


async def test_a_row_of_a_cancelled_broadcast_that_slipped_through_is_not_sent(campus: Campus):
    campus.start()
    await campus.expand()
    campus.steer("cancelled")
    with campus.store.database.transaction() as connection:
        connection.execute(schema.outbox.update().values(state="waiting"))
    await campus.send()
    assert campus.channel.calls == []


async def test_an_ambiguous_send_is_unknown_and_never_repeated(campus: Campus):
    campus.channel.answers.extend([failed(Trouble.AMBIGUOUS), failed(Trouble.AMBIGUOUS)])
    campus.start()
    await campus.expand()
    await campus.send()
    campus.clock.advance(hours=1)
    await campus.send()
    assert campus.states() == {"sent": 10, "unknown": 2}
    assert len(campus.channel.calls) == 12
    await campus.expand()
    assert campus.told.count(DeskAlarmed("broadcast_unknown")) == 1


async def test_what_she_opened_herself_is_counted_apart_from_what_was_pushed(campus: Campus):
    campus.start()
    await campus.expand(opened=5)
    await campus.send()
    assert campus.states() == {"sent": 7, "shown": 5}


async def test_what_nobody_opened_in_time_is_late_and_its_text_is_taken_out_of_their_conversations(campus: Campus):
    campus.start()
    await campus.broadcasts.sweep()
    for post in campus.stage.posts():
        campus.stage.play_post(post)
    campus.clock.advance(days=1)
    await campus.broadcasts.sweep()
    reasons = {(row.state, row.reason) for row in campus.stage.rows(schema.recipients)}
    assert (campus.state(), reasons) == ("done", {("left_out", LATE)})
    over = [event for event in map(campus.peek, campus.stage.posts()) if isinstance(event, BroadcastCancelled)]
    assert over == [BroadcastCancelled(BROADCAST, is_over=True)] * 12


async def test_what_was_on_its_way_when_it_ended_is_counted_as_what_became_of_it(campus: Campus):
    campus.start()
    await campus.expand(opened=12)
    campus.clock.advance(days=1)
    await campus.broadcasts.sweep()
    await campus.send()
    assert campus.states() == {"shown": 12}


async def test_s4_only_what_is_neither_paused_nor_withdrawn_nor_over_may_still_be_shown(campus: Campus):
    def going() -> frozenset[str]:
        with campus.store.database.reading() as connection:
            return broadcasts.going(connection, [BROADCAST], campus.clock.now())

    campus.start()
    await campus.broadcasts.sweep()
    assert going() == {BROADCAST}
    campus.steer("paused")
    assert not going()
    campus.steer("running")
    assert going()
    campus.clock.advance(days=1)
    assert not going()
    campus.steer("cancelled")
    assert not going()


async def test_who_cannot_be_reached_is_skipped(campus: Campus):
    campus.channel.answers.append(failed(Trouble.UNREACHABLE, "403"))
    campus.start()
    await campus.expand()
    await campus.send()
    assert campus.states() == {"sent": 11, "failed": 1}
