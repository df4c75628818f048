"""Locks on PostgreSQL: whatever is done at once to the same people, nobody waits for each other in a circle."""

import random
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.core.effects import (
    AllowMove,
    CancelSends,
    Forget,
    KeepAddress,
    MoveHere,
    Purpose,
    Say,
    SettleRecipient,
    StartBroadcast,
    SteerBroadcast,
)
from bot.core.errors import AddressMoved
from bot.core.events import Started
from bot.core.messages import Lane, Outgoing, Receipt, SendFailure, Sent, Trouble
from bot.core.moving import AddressClosed
from bot.core.people import Role
from bot.system import RandomIds
from storage import mailboxes, messages, schema
from storage.accounts import try_to_move
from storage.schema import accounts, outbox
from storage.store import Store
from tests.storage.conftest import Server
from tests.storage.office import Office
from tests.storage.stage import Stage
from tests.storage.test_outbox_laws import together

pytestmark = pytest.mark.parametrize("kind", ["postgres"], indirect=True)
ROUNDS = 60


def another(stage: Stage) -> Stage:
    """The same people at the store of another process."""
    store = Store(stage.store.database, stage.store.sealer.keyring, stage.clock, RandomIds())
    return Stage(store, stage.clock, names=stage.names)


class Sender:
    """Delivery's transactions, one after the other, until it is told to stop; nothing is really sent."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.office = Office(stage.store.database, stage.store.sealer, stage.clock, RandomIds())
        self.chance = random.Random(seed)
        self.is_over = threading.Event()

    def run(self) -> None:
        while not self.is_over.is_set():
            claimed = self.office.claim(8).claimed
            self.office.mark(*((one, self._receipt(one.row.id)) for one in claimed))
            self.office.expire()
            self.office.recover()
            self.office.repair()

    def _receipt(self, key: str) -> Receipt:
        slow = SendFailure(Trouble.RATE, retry_after=0.1)
        return self.chance.choice([Sent((key,)), SendFailure(Trouble.AGAIN), slow])


@pytest.fixture(autouse=True)
def told(postgres: Server) -> Iterator[None]:
    """A test that failed prints who waited for whom with which statement; errors never name it."""
    yield
    sys.stdout.write(postgres.circles())


def while_sending(stage: Stage, *turns: Callable[[], None]) -> None:
    """Do all of it at once beside a sender; the first mistake of any is raised."""
    sender = Sender(stage, 1)

    def act() -> None:
        try:
            together(*turns)
        finally:
            sender.is_over.set()

    together(sender.run, act)


def talk(stage: Stage, chats: list[str], seed: int, *, forgets: bool, rounds: int = ROUNDS) -> Callable[[], None]:
    """Batches of turns over all these people: they are spoken to, what waits is cancelled, one is erased."""

    def run() -> None:
        mine, chance = another(stage), random.Random(seed)
        for number in range(rounds):
            with mine.store.work() as work:
                chosen = chance.sample(chats, 4)
                work.lock(chosen)
                for chat in chosen:
                    says = [Say(Outgoing("x"), lane=chance.choice(list(Lane)[:3])) for _ in range(3)]
                    first = chance.choice([CancelSends(), CancelSends((Purpose.REPLY,)), *says])
                    erase = [Forget()] if forgets and chat == chosen[0] and not number % 5 else []
                    mine.record(work, mine.store.ids.id(), chat, [first, *says, *erase])

    return run


def test_erasing_cancelling_and_sending_at_once_never_wait_in_a_circle(stage: Stage):
    chats = [stage.mother(f"chat-{n}") for n in range(8)]
    while_sending(stage, *(talk(stage, chats, seed, forgets=True) for seed in (1, 2)))
    states = {row.state for row in stage.rows(outbox)}
    assert "cancelled" in states
    assert states <= {"waiting", "sending", "sent", "cancelled"}


def test_stopping_broadcasts_while_they_go_out_never_waits_in_a_circle(stage: Stage):
    chats = [stage.mother(f"chat-{n}") for n in range(12)]
    coordinator = stage.staff("coordinator", Role.COORDINATOR, None)
    soon, later = stage.clock.now(), stage.clock.now() + timedelta(days=1)
    cohorts = tuple(one.id for one in stage.facts(coordinator).cohorts)

    def steer() -> None:
        mine = another(stage)
        for _ in range(ROUNDS // 3):
            id_ = mine.store.ids.id()
            mine.play_for(coordinator, StartBroadcast(id_, cohorts, "с", "с", soon, later))
            mine.store.expand_broadcast(id_, 100)
            with mine.store.work() as work:
                work.lock(chats)
                for chat in chats:
                    say = Say(Outgoing("x"), lane=Lane.BROADCAST, purpose=Purpose.BROADCAST, broadcast_id=id_)
                    mine.record(work, mine.store.ids.id(), chat, [say])
            mine.play_for(coordinator, SteerBroadcast(id_, "cancelled"))
            with mine.store.work() as work:
                work.lock(chats)
                for chat in reversed(chats):
                    settled = [SettleRecipient(id_, "cancelled"), CancelSends((), id_), Say(Outgoing("y"))]
                    mine.record(work, mine.store.ids.id(), chat, settled)

    while_sending(stage, steer, talk(stage, chats, 3, forgets=False))
    assert {row.state for row in stage.rows(outbox)} <= {"waiting", "sending", "sent", "cancelled", "unknown"}


def test_groups_that_migrate_while_they_are_spoken_to_never_wait_in_a_circle(stage: Stage):
    """Told by an update of the group and by a refused send at once, beside turns of both conversations."""
    by = stage.staff("coordinator", Role.COORDINATOR, None)
    groups = [stage.group(f"team-{n}", by) for n in range(3)]
    accounts_of = {row.conversation_id: row.id for row in stage.rows(accounts)}

    def migrate() -> None:
        mine = another(stage)
        for number in range(ROUNDS // 3):
            with mine.store.work() as work:
                for group in reversed(groups):
                    work.move(accounts_of[group], f"super-{number % 2}-{group}")
                work.lock([by])
                work.fallen([])

    def refuse() -> None:
        mine = another(stage)
        for number in range(ROUNDS // 3):
            with mine.store.database.transaction() as connection:
                for group in groups:
                    mailboxes.lock(connection, [accounts_of[group]])
                    try_to_move(connection, mine.store.sealer, accounts_of[group], f"super-{number % 2}-{group}")

    while_sending(stage, migrate, refuse, talk(stage, [*groups, by], 4, forgets=False, rounds=ROUNDS // 3))
    assert {row.conversation_id for row in stage.rows(accounts) if row.id in accounts_of.values()} >= set(groups)


def test_groups_that_migrate_together_go_by_the_order_in_which_delivery_keeps_what_arrived(stage: Stage):
    by = stage.staff("coordinator", Role.COORDINATOR, None)
    chats = {stage.group(f"team-{n}", by) for n in range(2)}
    first, second = sorted(
        (row.id, row.conversation_id) for row in stage.rows(accounts) if row.conversation_id in chats
    )

    def migrate() -> None:
        with another(stage).store.work() as work:
            for account_id, chat in (second, first):
                work.move(account_id, f"super-{chat}")

    def arrived(account_id: str, chat: str) -> dict[str, object]:
        known = {"account_id": account_id, "conversation_id": chat, "external_id": account_id, "case_id": None}
        return {"id": stage.store.ids.id(), **known, "is_ours": True, "tag": "", "at": stage.clock.now()}

    migrating = threading.Thread(target=migrate)
    with stage.store.database.transaction() as connection:
        messages.write(connection, [arrived(*first)])
        migrating.start()
        until_somebody_waits(stage)
        messages.write(connection, [arrived(*second)])
    migrating.join(30)
    assert not migrating.is_alive()
    assert {row.external_id for row in stage.rows(schema.messages)} >= {first[0], second[0]}


def test_s17_an_update_that_waited_while_its_address_moved_is_not_answered_there(stage: Stage):
    """It was admitted for her conversation, and while it waited for the lock the address became a stranger's."""
    olma = stage.mother("olma", AllowMove("move".zfill(26), "00010002", stage.clock.now() + timedelta(minutes=15)))
    stage.play("bodom", KeepAddress(), event=Started("00010002"))
    late = stage.update("olma")
    outcome: list[BaseException | None] = []

    def play_late() -> None:
        try:
            another(stage).play("olma", Say(Outgoing("hers")), inbound=late)
        except AddressMoved as error:
            outcome.append(error)

    waiting = threading.Thread(target=play_late)
    with stage.store.work() as work:
        work.lock([olma])
        waiting.start()
        until_somebody_waits(stage)
        stage.record(work, stage.store.ids.id(), olma, [MoveHere(stage.names["bodom"], AddressClosed("tg"))])
    waiting.join(30)
    assert [type(error) for error in outcome] == [AddressMoved]
    another(stage).play("olma", Say(Outgoing("a stranger's")), inbound=late)
    assert {row.conversation_id for row in stage.rows(outbox)} == {stage.rows(accounts)[0].conversation_id} - {olma}


def until_somebody_waits(stage: Stage) -> None:
    """Until a transaction of this database waits for a lock of another."""
    waits = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    for _ in range(1000):
        with stage.store.database.reading() as connection:
            if connection.scalar(waits):
                return
        threading.Event().wait(0.005)
    raise AssertionError("nobody waits")
