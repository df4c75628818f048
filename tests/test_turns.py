"""Turns: order in a chat, one commit for many, one bad job hurts no other, an outage confirms nothing."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.batch import Job, Written
from bot.core.addresses import Address
from bot.core.conversation import Conversation, Facts
from bot.core.errors import StorageUnavailable
from bot.core.event import Event
from bot.core.messages import Inbound, Sort
from bot.core.ports import Ids
from bot.flows.book import Book
from bot.flows.machine import Played
from bot.turns import Turns
from storage import cases as case_rows
from storage import inbox as inbox_rows
from storage.schema import cases, inbox, participants
from storage.store import Store
from storage.work import Work
from tests.house import House, open_house
from tests.laws.desk import join, open_desk
from tests.world import MORNING, FrozenClock


class Ledger:
    """Stands where the batch stands: keeps what was written together; `away` and `poison` fail."""

    def __init__(self) -> None:
        self.commits: list[list[str]] = []
        self.aside: list[str] = []
        self.is_away = False
        self.goes_away_at = ""

    def write(self, jobs: list[Job]) -> Written:
        if self.is_away:
            raise StorageUnavailable("the database is away")
        texts = [job.inbound.text if job.inbound else job.inbox_id for job in jobs]
        if texts == [self.goes_away_at]:
            raise StorageUnavailable("the database is away")
        if "poison" in texts:
            raise RuntimeError("an invented mistake")
        self.commits.append(texts)
        return Written()

    def set_aside(self, jobs: list[Job]) -> Written:
        self.aside += [job.inbound.text if job.inbound else job.inbox_id for job in jobs]
        return Written()


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
async def turns(ledger: Ledger) -> AsyncIterator[Turns]:
    made = Turns(ledger)  # type: ignore[arg-type]
    task = asyncio.create_task(made.run())
    yield made
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def said(chat: str, text: str) -> Inbound:
    where = Address("telegram:1", chat)
    return Inbound(f"{chat}/{text}", Sort.MESSAGE, where, where, MORNING, text=text)


async def test_many_chats_share_one_commit_and_each_chat_keeps_its_order(turns: Turns, ledger: Ledger) -> None:
    await turns.accept([said(chat, f"{chat}{n}") for n in range(3) for chat in "abcd"])
    assert ledger.commits == [[f"{chat}{n}" for chat in "abcd"] for n in range(3)]


async def test_of_a_flood_many_messages_share_a_commit_in_their_order_and_others_are_in_the_first(
    turns: Turns, ledger: Ledger
) -> None:
    flood = [f"a{n:02}" for n in range(50)]
    await turns.accept([*(said("a", text) for text in flood), said("b", "b0"), said("b", "b1")])
    assert [text for commit in ledger.commits for text in commit if text[0] == "a"] == flood
    assert [len(commit) for commit in ledger.commits] == [33, 19]
    assert "b0" in ledger.commits[0]


async def test_a_press_in_a_flood_shares_no_commit_with_what_follows_it(turns: Turns, ledger: Ledger) -> None:
    press = replace(said("a", "press"), sort=Sort.PRESS)
    texts = [said("a", f"a{n:02}") for n in range(20)]
    await turns.accept([*texts[:10], press, *texts[10:]])
    assert [len(commit) for commit in ledger.commits] == [11, 10]
    assert ledger.commits[0][-1] == "press"


async def test_what_follows_a_message_of_a_flood_that_could_not_be_recorded_comes_again_after_it(
    turns: Turns, ledger: Ledger
) -> None:
    ledger.goes_away_at = "poison"
    texts = [*(f"a{n}" for n in range(5)), "poison", *(f"z{n}" for n in range(5))]
    with pytest.raises(StorageUnavailable):
        await turns.accept([said("a", text) for text in texts])
    assert ledger.commits == [[f"a{n}"] for n in range(5)]
    assert ledger.aside == []


async def test_one_bad_job_is_set_aside_alone_and_hurts_no_other(turns: Turns, ledger: Ledger) -> None:
    await turns.accept([said("a", "one"), said("b", "poison"), said("c", "two")])
    assert ledger.commits == [["one"], ["two"]]
    assert ledger.aside == ["poison"]


async def test_what_could_not_be_committed_is_not_confirmed_and_comes_again(turns: Turns, ledger: Ledger) -> None:
    ledger.is_away = True
    with pytest.raises(StorageUnavailable):
        await turns.accept([said("a", "one")])
    assert ledger.commits == ledger.aside == []
    ledger.is_away = False
    await turns.accept([said("a", "one")])
    assert ledger.commits == [["one"]]


async def test_a_post_that_is_on_its_way_is_not_played_twice(turns: Turns, ledger: Ledger) -> None:
    first, again = turns.play_posted(["post-1"]), turns.play_posted(["post-1"])
    await first.settled
    assert again.size == 0
    assert ledger.commits == [["post-1"]]


async def test_at_rest_nothing_is_on_its_way(turns: Turns, ledger: Ledger) -> None:
    turns.play_posted(["post-1"])
    turns.play_posted(["post-1", "post-2"])
    async with asyncio.timeout(5):
        while await turns.rest():
            pass
    assert sorted(name for commit in ledger.commits for name in commit) == ["post-1", "post-2"]


# ---- over the real batch


class BrittleBook:
    """The real book, except that it stumbles over whatever begins with a certain word."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self.policy = book.policy
        self.fall_back = book.fall_back

    def play(self, conversation: Conversation, event: Event, facts: Facts, ids: Ids) -> Played:
        """Play it, or stumble."""
        if getattr(event, "text", "").startswith("заҳр"):
            raise RuntimeError("an invented mistake")
        return self._book.play(conversation, event, facts, ids)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path, FrozenClock()) as opened:
        yield opened


async def test_s7_a_turn_that_raises_is_kept_with_its_words_and_its_real_finding(house: House) -> None:
    desk = await open_desk(house)
    mother = await join(house, "mother")
    batch = house.app.turns._batch
    batch._book = BrittleBook(batch._book)  # type: ignore[assignment]
    words, ordinary = "заҳр: шавҳарам маро мезанад", "заҳр дар хӯрок нест"
    assert await house.says(mother, words) != []
    await house.channel.repeats_latest()
    await house.app.settle()
    store = house.app.store
    with store.database.reading() as connection:
        (row,) = connection.execute(select(inbox).where(inbox.c.state == "quarantined")).all()
        (case,) = connection.execute(select(cases)).all()
        owner_id = connection.execute(select(participants.c.id)).scalar_one()
    assert store.sealer.open_json(f"participant:{owner_id}", inbox_rows.PLACE, row.id, row.body) == {"text": words}
    found = store.sealer.open_json(f"case:{case.id}", case_rows.PLACE, case.id, case.body)
    assert case.level == "urgent"
    assert "domestic_violence" in str(found)
    assert desk.cards() == 1
    assert await house.says(mother, ordinary) != []
    assert await house.says(mother, "меню") != []


@pytest.mark.parametrize("when", ["before", "after"])
async def test_what_a_broken_batch_posted_comes_exactly_once(house: House, when: str) -> None:
    desk = await open_desk(house)
    phones = [await join(house, f"mother-{n}") for n in range(3)]
    shown = [len(phone.transcript) for phone in (desk.group, desk.coordinator)]
    broken = breaking_once(house.app.store, when)
    await asyncio.gather(*(house.channel.says(phone, "шавҳарам маро мезанад") for phone in phones))
    await house.app.settle()
    await house.passes(minutes=1)
    assert broken == [when]
    assert desk.cards() == 3
    assert [len(phone.transcript) for phone in (desk.group, desk.coordinator)] == [shown[0] + 3, shown[1]]
    with house.app.store.database.reading() as connection:
        assert connection.execute(select(inbox.c.id).where(inbox.c.state == "pending")).all() == []


def breaking_once(store: Store, when: str) -> list[str]:
    """The next transaction of turns breaks just before its commit, or just after it."""
    work, broken = store.work, []

    @contextlib.contextmanager
    def once(*offers: Any) -> Iterator[Work]:
        with work(*offers) as opened:
            yield opened
            if when == "before" and not broken:
                broken.append(when)
                raise RuntimeError("an invented mistake before the commit")
        if when == "after" and not broken:
            broken.append(when)
            raise RuntimeError("an invented mistake after the commit")

    store.work = once  # type: ignore[method-assign]
    return broken
