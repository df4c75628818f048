"""Turns: order in a chat, one commit for many, one bad job hurts no other, an outage confirms nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.batch import Job, Written
from bot.core.addresses import Address
from bot.core.errors import StorageUnavailable
from bot.core.messages import Inbound, Sort
from bot.turns import Turns
from tests.world import MORNING


class Ledger:
    """Stands where the batch stands: keeps what was written together; `away` and `poison` fail."""

    def __init__(self) -> None:
        self.commits: list[list[str]] = []
        self.aside: list[str] = []
        self.is_away = False

    def write(self, jobs: list[Job]) -> Written:
        if self.is_away:
            raise StorageUnavailable("the database is away")
        texts = [job.inbound.text if job.inbound else job.inbox_id for job in jobs]
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
    await asyncio.gather(*first)
    assert again == []
    assert ledger.commits == [["post-1"]]


async def test_at_rest_nothing_is_on_its_way(turns: Turns, ledger: Ledger) -> None:
    turns.play_posted(["post-1"])
    turns.play_posted(["post-1", "post-2"])
    async with asyncio.timeout(5):
        while await turns.rest():
            pass
    assert sorted(name for commit in ledger.commits for name in commit) == ["post-1", "post-2"]
