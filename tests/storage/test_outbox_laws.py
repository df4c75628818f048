"""Laws of the outbox under anything that may happen: answers lost, pauses, crashes, in any order."""

import threading
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.core.messages import Lane, SendFailure, Sent, Trouble
from storage.database import Database, open_database
from storage.keys import open_keyring
from storage.parcels import Claimed
from storage.schema import mailboxes, metadata, outbox
from storage.sealing import Sealer
from tests.storage.office import Office, Somebody
from tests.world import FrozenClock, SeededIds

LANES = list(Lane)
HOW = st.sampled_from(["sent", "lost", "again", "slow", "line"])
PUT = st.tuples(st.just("put"), st.integers(0, 1), st.sampled_from(LANES), st.integers(1, 3))
GO = st.tuples(st.just("go"), HOW, HOW)
OTHER = st.sampled_from([("claim",), ("crash", True), ("crash", False), ("pass", 1), ("pass", 5)])
STEPS = st.lists(st.one_of(PUT, GO, GO, OTHER), min_size=5, max_size=60)


@dataclass
class Run:
    """One story: what was put in which order, what arrived, and every reason a duplicate may have."""

    office: Office
    people: list[Somebody]
    flying: list[Claimed] = field(default_factory=list)
    put: defaultdict[tuple[str, int], list[str]] = field(default_factory=lambda: defaultdict(list))
    arrived: defaultdict[tuple[str, int], list[str]] = field(default_factory=lambda: defaultdict(list))
    doubts: Counter[str] = field(default_factory=Counter)
    quiet: dict[str, datetime] = field(default_factory=dict)

    def step(self, step: tuple) -> None:
        getattr(self, f"do_{step[0]}")(*step[1:])

    def do_put(self, person: int, lane: Lane, count: int) -> None:
        her = self.people[person]
        for _ in range(count):
            self.put[her.account_id, lane.rank].append(self.office.put(her, lane=lane, purpose="desk"))

    def do_go(self, *hows: str) -> None:
        self.do_claim()
        for how in hows:
            self.land(how)

    def do_claim(self) -> None:
        now = self.office.clock.now()
        for one in self.office.claim().claimed:
            account_id = one.row.account_id
            assert now >= max(self.quiet.get(account_id, now), self.quiet.get("line", now)), "sent during a pause"
            assert account_id not in {other.row.account_id for other in self.flying}, "two in flight for one address"
            self._check_nobody_was_passed(account_id, one.row.lane)
            self.flying.append(one)

    def _check_nobody_was_passed(self, account_id: str, lane: int) -> None:
        """No row of a higher lane waits that never failed, nor one before it in its lane."""
        c = outbox.c
        query = select(c.lane, c.attempts).where(c.account_id == account_id, c.state == "waiting", c.lane < lane)
        with self.office.database.reading() as connection:
            waiting = connection.execute(query.order_by(c.lane, c.seq)).all()
        firsts = {row.lane: row.attempts for row in reversed(waiting)}
        assert 0 not in firsts.values(), "a lower lane passed a higher one"

    def land(self, how: str) -> None:
        if not self.flying:
            return
        one = self.flying.pop(0)
        now = self.office.clock.now()
        match how:
            case "sent":
                self._arrive(one)
                receipt = Sent((one.row.id + str(self.doubts[one.row.id]),))
            case "lost":
                self._arrive(one)
                self.doubts[one.row.id] += 1
                receipt = SendFailure(Trouble.AMBIGUOUS)
            case "again":
                receipt = SendFailure(Trouble.AGAIN)
            case "slow":
                self.quiet[one.row.account_id] = now + timedelta(seconds=4)
                receipt = SendFailure(Trouble.RATE, retry_after=4.0)
            case _:
                self.quiet["line"] = max(now + timedelta(seconds=3), self.quiet.get("line", now))
                receipt = SendFailure(Trouble.RATE, retry_after=3.0, is_line_wide=True)
        self.office.mark((one, receipt))

    def do_crash(self, has_arrived: bool) -> None:
        """Nobody is left who knows whether those in flight arrived."""
        for one in self.flying:
            self.doubts[one.row.id] += 1
            if has_arrived:
                self._arrive(one)
        self.flying.clear()
        self.office.recover()

    def do_pass(self, seconds: int) -> None:
        self.office.passes(seconds=seconds)

    def _arrive(self, one: Claimed) -> None:
        self.arrived[one.row.account_id, one.row.lane].append(one.row.id)

    def drain(self) -> None:
        """Let everything land; no repair helps."""
        for _ in range(200):
            while self.flying:
                self.land("sent")
            self.do_pass(5)
            self.do_claim()
            if not self.flying and not {"waiting", "sending"} & self.office.states().keys():
                return
        raise AssertionError(f"rows sleep: {self.office.states()}")


@pytest.fixture(scope="module")
def sleepy_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("laws")
    clock = FrozenClock()
    database = open_database(f"sqlite:///{folder}/hamroh.db")
    with database.transaction() as connection:
        metadata.create_all(connection)
    keyring = open_keyring(folder / "keys", f"sqlite:///{folder}/keys.db", None, clock)
    yield Office(database, Sealer(keyring), clock, SeededIds())
    keyring.close()
    database.dispose()


def tell(office: Office, steps: list[tuple]) -> Run:
    office.clear()
    run = Run(office, [office.somebody() for _ in range(2)])
    for step in steps:
        run.step(step)
    run.drain()
    return run


@given(steps=STEPS)
@settings(max_examples=50)
def test_whatever_happens_order_holds_pauses_hold_and_nothing_sleeps(sleepy_office: Office, steps: list[tuple]):
    run = tell(sleepy_office, steps)
    for place, said in run.put.items():
        firsts = list(dict.fromkeys(run.arrived[place]))
        assert firsts == [id_ for id_ in said if id_ in firsts], "order within a lane broken"
        for id_, times in Counter(run.arrived[place]).items():
            allowed = 1 if place[1] == Lane.BROADCAST.rank else 1 + run.doubts[id_]
            assert times <= allowed, "sent more often than anybody could doubt"
    with sleepy_office.database.reading() as connection:
        due = [row.next_due_at for row in connection.execute(select(mailboxes))]
    assert not any(due), "a mailbox was left over with something due"


@given(steps=STEPS)
@settings(max_examples=25)
def test_whatever_happens_alarms_and_replies_and_undoubted_pushes_arrive(sleepy_office: Office, steps: list[tuple]):
    run = tell(sleepy_office, steps)
    for (account_id, lane), said in run.put.items():
        for id_ in said:
            if lane <= Lane.REPLY.rank or not run.doubts[id_]:
                assert id_ in run.arrived[account_id, lane]


# ---- several processes


class RandomIds:
    """Ids for several threads."""

    def id(self) -> str:
        return uuid.uuid4().hex[:26]


def offices(office: Office, count: int) -> list[Office]:
    return [Office(office.database, office.sealer, office.clock, RandomIds()) for _ in range(count)]


def together(*works) -> None:
    """Run all at once; the first mistake in any of them is raised here."""
    mistakes: list[BaseException] = []

    def guarded(work) -> None:
        try:
            work()
        except BaseException as mistake:  # noqa: BLE001 - carried over to the test
            mistakes.append(mistake)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if mistakes:
        raise mistakes[0]


def pending(database: Database) -> int:
    with database.reading() as connection:
        waits = outbox.c.state.in_(["waiting", "sending"])
        return connection.scalar(select(func.count()).select_from(outbox).where(waits)) or 0


def test_two_claimers_never_take_the_same_row(office: Office):
    people = [office.somebody() for _ in range(400)]
    office.put_all([(person, "x") for _ in range(5) for person in people])
    claimed: list[str] = []

    def take(own: Office) -> None:
        while pending(own.database):
            claim = own.claim(limit=50)
            claimed.extend(one.row.id for one in claim.claimed)
            if claim.claimed:
                own.arrive(claim)

    together(*(lambda own=own: take(own) for own in offices(office, 2)))
    assert (len(claimed), len(set(claimed))) == (2000, 2000)


def test_no_mailbox_sleeps_while_turns_commit_new_rows(office: Office):
    people = [office.somebody() for _ in range(3)]
    writers, (sender,) = offices(office, 2), offices(office, 1)
    is_writing = threading.Event()
    is_writing.set()

    def write(own: Office) -> None:
        for n in range(150):
            own.put(people[n % 3], f"{n}")

    def write_all() -> None:
        together(*(lambda own=own: write(own) for own in writers))
        is_writing.clear()

    def send() -> None:
        idle = 0
        while is_writing.is_set() or idle < 3:
            claim = sender.claim()
            idle = 0 if claim.claimed else idle + 1
            if claim.claimed:
                sender.arrive(claim)

    together(write_all, send)
    assert office.states() == {"sent": 300}
