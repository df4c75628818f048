"""Two processes on one PostgreSQL: a case opens at the very moment of a move, at the one address or the other."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.batch import Batch, Job
from bot.concern.screen import Screen, load_screen
from bot.core.cases import CaseState
from bot.core.effects import AllowMove
from bot.core.errors import AddressMoved, InvitationSpent
from bot.settings import Settings
from bot.system import RandomIds
from storage import schema as s
from storage.handing import Offer
from storage.store import NO_OFFERS, Store
from storage.work import Work
from tests.book import book_of
from tests.storage.conftest import (
    clock,
    database,
    ids,
    keyring,
    migrated_file,
    open_keys,
    postgres,
    sealer,
    stage,
    url,
)
from tests.storage.stage import Stage
from tests.storage.test_locks import until_somebody_waits

__all__ = ["clock", "database", "ids", "keyring", "migrated_file", "open_keys", "postgres", "sealer", "stage", "url"]

pytestmark = pytest.mark.parametrize("kind", ["postgres"], indirect=True)
CODE, MOVE, WORDS = "00010002", "move".zfill(26), "шавҳарам маро мезанад, аз ӯ метарсам"
AGAIN = (AddressMoved, InvitationSpent)
"""What a process meets that was not first: the batch is rolled back, and each of its jobs is played again alone."""


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def screen() -> Screen:
    return load_screen()


class Halting(Store):
    """A store that can be stopped between the last statement of a transaction and its commit."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.store.database, stage.store.sealer.keyring, stage.clock, RandomIds())
        self.is_first = False
        self.is_there = threading.Event()
        self.goes_on = threading.Event()

    @contextmanager
    def work(self, offers: Mapping[str, Offer] = NO_OFFERS) -> Iterator[Work]:
        with super().work(offers) as work:
            yield work
            if self.is_first:
                work.flush()
                self.is_there.set()
                assert self.goes_on.wait(30)


class Process:
    """The writer of one process."""

    def __init__(self, stage: Stage, screen: Screen) -> None:
        self.store = Halting(stage)
        book = book_of(Settings(_env_file=None, telegram_token=None))  # type: ignore[call-arg]
        self.batch = Batch(self.store, book, screen, stage.clock, self.store.ids)

    def play(self, job: Job) -> list[str]:
        """As the loop does: once more alone when somebody else was first; what was posted."""
        try:
            return self.batch.write([job]).posted
        except AGAIN:
            return self.batch.write([job]).posted


class Two:
    """A mother with a code in her hand, her new phone, and two processes."""

    def __init__(self, stage: Stage, screen: Screen) -> None:
        self.stage = stage
        stage.staff("chinor")
        with stage.store.database.transaction() as connection:
            connection.execute(update(s.staff).values(trained_on="2026-03-01"))
        [staff] = stage.rows(s.staff)
        self.first, self.second = Process(stage, screen), Process(stage, screen)
        until = stage.clock.now() + timedelta(minutes=15)
        move = {"id": MOVE, "staff": staff.id, "until": until.isoformat()}
        self.her = stage.mother("old", AllowMove(MOVE, CODE, until))
        stage.play("old", state="Menu:open", data={"move": move, "has_language": True})
        [self.used] = self.first.play(self.update("new", CODE))

    def update(self, chat: str, text: str) -> Job:
        """She writes on one of her phones."""
        return Job(inbound=self.stage.update(chat, text))

    @property
    def move(self) -> Job:
        """What her code has posted to her own conversation."""
        return Job(inbox_id=self.used)

    def at_once(self, first: Job, second: Job) -> None:
        """The second comes to the other process while the first is all written and not yet committed."""
        self.first.store.is_first = True
        threads = [
            threading.Thread(target=self.first.play, args=(first,)),
            threading.Thread(target=self.second.play, args=(second,)),
        ]
        threads[0].start()
        assert self.first.store.is_there.wait(30)
        threads[1].start()
        until_somebody_waits(self.stage)
        self.first.store.goes_on.set()
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive()

    def settle(self) -> None:
        """Everything that was posted is played."""
        while posts := self.stage.posts():
            for post in posts:
                self.second.play(Job(inbox_id=post))

    def case(self) -> tuple[bool, str, list[str]]:
        """The one case: whether it is the mother's, to which phone its chat leads, and what stands in it."""
        c, opened = s.case_messages.c, self.stage.store.sealer.open_json
        [case] = [row for row in self.stage.rows(s.cases) if row.state != CaseState.CLOSED]
        [account] = [row for row in self.stage.rows(s.accounts) if row.conversation_id == case.conversation_id]
        blinds = {self.stage.store.sealer.blind(f"telegram:1|{chat}"): chat for chat in ("old", "new")}
        with self.stage.store.database.reading() as connection:
            rows = connection.execute(select(c.id, c.body).where(c.case_id == case.id)).all()
            assert connection.scalar(select(s.inbox.c.id).where(s.inbox.c.state == "quarantined")) is None
        said = [opened(f"case:{case.id}", "case_messages.body", row.id, row.body)["text"] for row in rows]
        return case.conversation_id == self.her, blinds[account.blind], said


@pytest.fixture
def two(stage: Stage, screen: Screen) -> Two:
    return Two(stage, screen)


@pytest.mark.parametrize(
    ("chat", "is_move_first", "is_hers", "leads_to"),
    [
        ("new", False, False, "new"),  # the stranger is helped there: the move is refused kindly
        ("new", True, True, "new"),
        pytest.param("old", False, True, "old", marks=pytest.mark.soak),  # nobody agreed to a move with this case
        pytest.param("old", True, False, "old", marks=pytest.mark.soak),  # who writes there is somebody unknown by now
    ],
)
def test_s17_a_case_that_opens_at_the_very_moment_of_a_move_is_one_and_leads_to_where_it_was_written(
    two: Two, chat: str, *, is_move_first: bool, is_hers: bool, leads_to: str
) -> None:
    concern = two.update(chat, WORDS)
    two.at_once(*((two.move, concern) if is_move_first else (concern, two.move)))
    two.settle()
    assert two.case() == (is_hers, leads_to, [WORDS])
