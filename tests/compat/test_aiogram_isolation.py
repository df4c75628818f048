"""The lock that aiogram's dispatcher puts around each event, among tasks and among processes, on both databases."""

import asyncio
import threading
from dataclasses import replace

import pytest
from aiogram.fsm.storage.base import BaseEventIsolation, StorageKey

from storage.database import open_database
from storage.fsm import open_isolation
from storage.fsm_locks import open_locks
from tests.compat.conftest import start

KEY = StorageKey(bot_id=1000000001, chat_id=4001, user_id=4001)
POSTGRES = pytest.mark.parametrize("kind", ["postgres"], indirect=True)


def test_it_is_what_aiogram_asks_for():
    assert isinstance(open_isolation("sqlite:///nowhere.db"), BaseEventIsolation)


async def test_one_at_a_time_in_this_process_and_among_processes(isolations):
    inside, most = 0, 0

    async def work(isolation):
        nonlocal inside, most
        async with isolation.lock(key=KEY):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(work(isolations[number % 2]) for number in range(20)))
    assert (most, inside) == (1, 0)


async def test_other_keys_do_not_wait(isolations):
    here, there = isolations
    async with here.lock(KEY), there.lock(replace(KEY, destiny="other")), here.lock(replace(KEY, chat_id=4002)):
        pass


async def test_who_gives_up_or_fails_leaves_the_lock_free(isolations):
    here, there = isolations
    async with here.lock(KEY):
        waiting = [asyncio.ensure_future(one.lock(KEY).__aenter__()) for one in (here, there)]
        done, _ = await asyncio.wait(waiting, timeout=0.05)
        assert not done
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)
    with pytest.raises(ZeroDivisionError):
        async with there.lock(KEY):
            _ = 1 / 0
    async with here.lock(KEY):
        pass


async def test_nothing_is_remembered_of_a_lock_that_nobody_wants(isolations):
    async with isolations[0].lock(KEY):
        pass
    assert isolations[0]._turns == {}


async def test_a_killed_process_holds_no_lock(isolations, url, keys):
    key = StorageKey(1, 2, 2)
    holder = start("hold", url, str(keys))
    assert holder.stdout.readline() == "held\n"
    waiting = asyncio.ensure_future(isolations[0].lock(key).__aenter__())
    done, _ = await asyncio.wait([waiting], timeout=0.2)
    assert not done
    holder.kill()
    holder.communicate(timeout=30)
    await asyncio.wait_for(waiting, 30)
    waiting.cancel()


async def test_closing_lets_go(isolations):
    here, there = isolations
    held = here.lock(KEY)
    await held.__aenter__()
    await here.close()
    async with there.lock(KEY):
        pass
    await held.__aexit__(None, None, None)


async def test_closing_while_somebody_waits_leaves_the_lock_to_nobody(isolations):
    here, there = isolations
    async with there.lock(KEY):
        waiting = asyncio.ensure_future(here.lock(KEY).__aenter__())
        done, _ = await asyncio.wait([waiting], timeout=0.05)
        assert not done
        await here.close()
        waiting.cancel()
        await asyncio.wait([waiting])
    async with there.lock(KEY):
        pass


async def test_a_lock_let_go_after_closing_opens_nothing_again(isolations):
    here, _ = isolations
    async with here.lock(KEY):
        await here.close()
    assert not here._room.is_open
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("hamroh-fsm")]


# --- whose turn it is


@pytest.fixture
def three(url):
    """The locks as three processes have them."""
    databases = [open_database(url) for _ in range(3)]
    locks = [open_locks(database) for database in databases]
    yield locks
    for one, database in zip(locks, databases, strict=True):
        one.close()
        database.dispose()


def test_who_lets_go_does_not_overtake_who_waits(three):
    busy, waiting, _ = three
    assert busy.try_hold(7)
    assert not waiting.try_hold(7)
    busy.release(7)
    assert not busy.try_hold(7)
    assert waiting.try_hold(7)
    assert not busy.try_hold(7)
    waiting.release(7)
    assert not waiting.try_hold(7)
    assert busy.try_hold(7)


def test_who_gave_up_stands_in_nobodys_way(three):
    busy, impatient, other = three
    assert busy.try_hold(7)
    assert not impatient.try_hold(7)
    impatient.release(7)
    busy.release(7)
    assert other.try_hold(7)


def test_waiting_for_one_lock_is_not_waiting_for_another(three):
    busy, waiting, other = three
    assert busy.try_hold(7)
    assert not waiting.try_hold(7)
    assert other.try_hold(8)
    assert other.try_hold(2**62 - 1)


# --- a connection that breaks


@POSTGRES
async def test_a_broken_connection_neither_fails_a_handler_nor_the_next_event(isolations, postgres, url):
    here, there = isolations
    async with here.lock(KEY):
        postgres.cut(url)
    async with here.lock(KEY):
        postgres.cut(url)
        async with here.lock(replace(KEY, chat_id=4002)):
            pass
    async with there.lock(KEY):
        pass


@POSTGRES
async def test_what_a_handler_raised_is_not_hidden_by_a_broken_connection(isolations, postgres, url):
    async def handle() -> None:
        async with isolations[0].lock(KEY):
            postgres.cut(url)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await handle()
