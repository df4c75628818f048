"""What aiogram expects of every storage, and what it leaves open, on both databases."""

import asyncio
import threading
from collections import ChainMap, Counter, OrderedDict, UserDict
from dataclasses import replace
from datetime import date
from enum import StrEnum
from itertools import product
from types import MappingProxyType
from typing import TypedDict

import pytest
from aiogram.exceptions import DataNotDictLikeError
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import BaseStorage, StorageKey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.core.errors import ConfigurationError
from storage.database import open_database
from storage.fsm import open_isolation, open_storage
from storage.fsm_keys import hashes
from storage.fsm_schema import fsm
from tests.compat.conftest import start

KEY = StorageKey(bot_id=1000000001, chat_id=4001, user_id=4001)


class Sowing(StatesGroup):
    field = State()

    class Harvest(StatesGroup):
        wheat = State()


class Basket(TypedDict, total=False):
    apples: int
    pears: int


def rows(url: str) -> int:
    database = open_database(url)
    with database.reading() as connection:
        count = connection.execute(select(func.count()).select_from(fsm)).scalar_one()
    database.dispose()
    return int(count)


# --- aiogram's contract


def test_it_is_what_aiogram_asks_for():
    assert isinstance(open_storage("sqlite:///nowhere.db"), BaseStorage)


async def test_an_unknown_key_has_no_state_and_empty_data(storage):
    assert await storage.get_state(KEY) is None
    assert await storage.get_data(KEY) == {}
    assert await storage.get_value(KEY, "apples") is None
    assert await storage.get_value(KEY, "apples", 7) == 7


async def test_a_state_is_set_replaced_and_taken_away(storage):
    for state in ("Sowing:field", "Sowing:rest", None, "Sowing:field"):
        await storage.set_state(key=KEY, state=state)
        assert await storage.get_state(key=KEY) == state
    await storage.set_state(KEY)
    assert await storage.get_state(KEY) is None


STATES = [
    "Sowing:field", "", " ", ":", "a:b:c", "🌾🍎👩‍👧", "ғ ӣ қ ӯ ҳ ҷ — «ҳамроҳ»", "o'zbek \"гандум\" \\ `;--", "%s {x}",
    "line\nline\ttab", "\0", "а" * 4000, "None", "null", "\u202eשלום عليكم", "\ud800", "e\u0301", "é",
]  # fmt: skip


@pytest.mark.parametrize("state", STATES, ids=range(len(STATES)))
async def test_any_text_is_a_state(storage, open_, state):
    await storage.set_state(KEY, state)
    assert await open_().get_state(KEY) == state


@pytest.mark.parametrize("state", [Sowing.field, Sowing.Harvest.wheat, State("free"), State("of", "Group"), State()])
async def test_aiograms_own_states_are_kept_by_name(storage, state):
    await storage.set_state(KEY, state)
    assert await storage.get_state(KEY) == state.state


class Stage(StrEnum):
    FIELD = "Sowing:field"

    @property
    def state(self) -> str:
        return "something else that only looks like aiogram's"


async def test_a_text_with_a_name_of_its_own_is_that_text(storage):
    await storage.set_state(KEY, Stage.FIELD)
    assert await storage.get_state(KEY) == "Sowing:field"


@pytest.mark.parametrize("wrong", [5, b"bytes", ["list"], object()])
async def test_what_is_no_text_is_no_state(storage, wrong):
    with pytest.raises(TypeError):
        await storage.set_state(KEY, wrong)
    assert await storage.get_state(KEY) is None


async def test_data_are_replaced_as_a_whole(storage):
    await storage.set_data(KEY, {"apples": 1, "pears": 2})
    await storage.set_data(key=KEY, data=Basket(pears=3))
    assert await storage.get_data(KEY) == {"pears": 3}
    assert await storage.get_value(storage_key=KEY, dict_key="pears", default=0) == 3
    await storage.set_data(KEY, {})
    assert await storage.get_data(KEY) == {}


async def test_whatever_json_knows_comes_back(storage, open_):
    data = {
        "себ": "ғӣқӯҳҷ 🍎", "deep": {"list": [1, 2.5, None, True, {"x": []}]}, "big": 2**70, "text": "\0'\"\\\ud800",
        "": "", "long": "я" * 100_000,
    }  # fmt: skip
    await storage.set_data(KEY, data)
    assert await open_().get_data(KEY) == data


async def test_updating_adds_replaces_and_gives_the_whole(storage):
    assert await storage.update_data(KEY, {}) == {}
    assert await storage.update_data(KEY, {"apples": 1}) == {"apples": 1}
    assert await storage.update_data(key=KEY, data={"pears": 2}) == {"apples": 1, "pears": 2}
    assert await storage.update_data(KEY, {"pears": 3}) == {"apples": 1, "pears": 3}
    assert await storage.update_data(KEY, {}) == await storage.get_data(KEY) == {"apples": 1, "pears": 3}


@pytest.mark.parametrize("wrong", [(), [("apples", 1)], "apples", None, 5, {"apples"}, Sowing])
async def test_what_is_no_dictionary_is_refused_and_nothing_changes(storage, wrong):
    await storage.set_data(KEY, {"apples": 1})
    for write in (storage.set_data, storage.update_data):
        with pytest.raises(DataNotDictLikeError):
            await write(KEY, wrong)
    assert await storage.get_data(KEY) == {"apples": 1}


MAPPINGS = [MappingProxyType({"a": 1}), UserDict(a=1), ChainMap({"a": 1}), OrderedDict(a=1), Counter("a")]


@pytest.mark.parametrize("mapping", MAPPINGS, ids=lambda mapping: type(mapping).__name__)
async def test_whatever_maps_can_be_added_as_aiogram_itself_does(storage, mapping):
    await storage.set_data(KEY, {"b": 2})
    assert await storage.update_data(KEY, mapping) == {"b": 2, "a": 1}
    assert await storage.get_data(KEY) == {"b": 2, "a": 1}


def in_itself() -> dict[str, object]:
    ring: dict[str, object] = {}
    ring["again"] = ring
    return ring


def too_deep() -> dict[str, object]:
    nest: dict[str, object] = {}
    for _ in range(100_000):
        nest = {"in": nest}
    return nest


STRANGERS = {
    "object": object, "date": lambda: date(2026, 3, 2), "bytes": lambda: b"x", "set": lambda: {1},
    "tuple as key": lambda: {(1, 2): 3}, "in itself": in_itself, "too deep": too_deep, "too long": lambda: 10**5000,
}  # fmt: skip


@pytest.mark.parametrize("make", STRANGERS.values(), ids=STRANGERS)
async def test_what_json_does_not_know_is_refused_and_nothing_changes(storage, make):
    await storage.set_data(KEY, {"apples": 1})
    for write in (storage.set_data, storage.update_data):
        with pytest.raises(TypeError, match="data must be what JSON knows"):
            await write(KEY, {"apples": make()})
    assert await storage.get_data(KEY) == {"apples": 1}


async def test_state_and_data_are_cleared_apart_and_nothing_stays_when_both_are(storage, url):
    await storage.set_state(KEY, "Sowing:field")
    await storage.set_data(KEY, {"apples": 1})
    await storage.set_state(KEY, None)
    assert await storage.get_data(KEY) == {"apples": 1}
    await storage.set_state(KEY, "Sowing:rest")
    await storage.set_data(KEY, {})
    assert await storage.get_state(KEY) == "Sowing:rest"
    assert rows(url) == 1
    await storage.set_state(KEY, None)
    assert rows(url) == 0


async def test_clearing_what_was_never_there_leaves_nothing(storage, url):
    await FSMContext(storage, KEY).clear()
    await storage.update_data(KEY, {})
    assert rows(url) == 0


async def test_what_was_given_and_what_is_got_are_copies(storage):
    given_data = {"list": [1]}
    writing = asyncio.ensure_future(storage.update_data(KEY, given_data))
    await asyncio.sleep(0)
    given_data["list"].append(2)
    got = await writing
    got["list"].append(3)
    assert await storage.get_data(KEY) == {"list": [1]}


# --- opening and closing


def test_opening_touches_nothing_and_needs_no_loop(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    open_storage(f"sqlite:///{tmp_path}/not/there/hamroh.db")
    open_isolation("postgresql://nobody@192.0.2.1/nowhere")
    assert list(tmp_path.iterdir()) == []


async def test_a_fresh_database_is_made_at_the_first_use(tmp_path):
    storage = open_storage(str(tmp_path / "new.db"), tmp_path / "keys")
    await storage.set_state(KEY, "Sowing:field")
    await storage.close()
    assert {"keys", "keys.db", "new.db"} <= {path.name for path in tmp_path.iterdir()}


async def test_closing_twice_or_unused_is_nothing_and_what_is_closed_opens_again(storage):
    await storage.close()
    await storage.set_state(KEY, "Sowing:field")
    await storage.close()
    await storage.close()
    assert await storage.get_state(KEY) == "Sowing:field"


async def test_what_is_asked_for_after_closing_waits_until_it_is_closed(storage):
    begun, go, order = threading.Event(), threading.Event(), []

    def work(database: object, _: object) -> object:
        begun.set()
        go.wait(30)
        order.append(len(order))
        return database

    earlier = asyncio.ensure_future(storage._room.hop(work))
    await asyncio.to_thread(begun.wait, 30)
    closing = asyncio.ensure_future(storage.close())
    await asyncio.sleep(0)
    later = asyncio.ensure_future(storage._room.hop(lambda database, _: (order.append("later"), database)))
    await asyncio.wait([closing, later], timeout=0.02)
    assert not order
    go.set()
    first, (_, second), _ = await asyncio.gather(earlier, later, closing)
    assert order == [0, "later"]
    assert first is not second


def test_one_storage_serves_one_loop_after_another(url, keys):
    storage = open_storage(url, keys)

    async def use() -> int:
        """How many things the loop does later: letting go of keys is one of them."""
        await storage.set_state(KEY, "Sowing:field")
        return len(asyncio.get_running_loop()._scheduled)

    assert [asyncio.run(use()) > 0 for _ in range(2)] == [True, True]
    asyncio.run(storage.close())


# --- given up


async def test_who_gives_up_half_way_goes_on_when_it_is_done(storage):
    begun, go, done = threading.Event(), threading.Event(), []

    def work(*_: object) -> None:
        begun.set()
        go.wait(30)
        done.append(True)

    giving_up = asyncio.ensure_future(storage._room.hop(work))
    await asyncio.to_thread(begun.wait, 30)
    giving_up.cancel()
    await asyncio.wait([giving_up], timeout=0.02)
    assert not giving_up.done()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await giving_up
    assert done == [True]


async def test_what_was_given_up_before_it_began_is_never_done(storage):
    go = threading.Event()
    busy = [asyncio.ensure_future(storage._room.hop(lambda *_: go.wait(30))) for _ in range(storage._room._threads)]
    await asyncio.sleep(0)
    giving_up = asyncio.ensure_future(storage.set_state(KEY, "Sowing:field"))
    await asyncio.sleep(0)
    giving_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await giving_up
    go.set()
    await asyncio.gather(*busy)
    assert await storage.get_state(KEY) is None


async def test_other_keys_are_refused_and_nothing_changes(storage, url, tmp_path):
    await storage.set_state(KEY, "Sowing:field")
    stranger = open_storage(url, tmp_path / "others")
    with pytest.raises(ConfigurationError, match="sealed with the keys of another key store"):
        await stranger.set_state(KEY, "Sowing:stolen")
    await stranger.close()
    assert await storage.get_state(KEY) == "Sowing:field"


# --- keys are never mixed up

IDS = st.integers(-(2**52), 2**52) | st.integers(-12, 12)
TEXTS = st.text(max_size=6) | st.sampled_from(["", "0", "1", "None", "none", "=", "|", ":", "default", "1|2", "=1"])
KEYS = st.builds(StorageKey, IDS, IDS, IDS, st.none() | IDS, st.none() | TEXTS, TEXTS)


@pytest.fixture(scope="module")
def hasher(tmp_path_factory):
    from storage.keys import KeyPlaces  # noqa: PLC0415 -- for these laws alone
    from storage.sealing import Sealer  # noqa: PLC0415
    from tests.world import FrozenClock  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("hashes")
    keyring = KeyPlaces(folder / "keys", f"sqlite:///{folder}/keys.db").open(FrozenClock())
    yield Sealer(keyring)
    keyring.close()


@given(one=KEYS, other=KEYS)
def test_only_the_same_key_has_the_same_columns(hasher, one, other):
    assert hashes(hasher, one) == hashes(hasher, replace(one))
    assert (hashes(hasher, one) == hashes(hasher, other)) == (one == other)


@given(key=KEYS, change=KEYS, field=st.sampled_from(list(StorageKey.__dataclass_fields__)))
def test_one_field_makes_another_key(hasher, key, change, field):
    other = replace(key, **{field: getattr(change, field)})
    assert (hashes(hasher, key) == hashes(hasher, other)) == (key == other)


async def test_neighbours_in_every_field_keep_their_own(storage, open_):
    fields = ((1, 11), (1, -1), (1, 11), (None, 0), (None, "", "None", "1|1"), ("default", ""))
    keys = [StorageKey(*values) for values in product(*fields)]
    for number, key in enumerate(keys):
        await storage.set_state(key, f"state {number}")
    again = open_()
    assert [await again.get_state(key) for key in keys] == [f"state {number}" for number in range(len(keys))]


# --- together


async def test_every_update_of_many_at_once_sees_those_before_it(storage):
    wholes = await asyncio.gather(*(storage.update_data(KEY, {str(number): number}) for number in range(40)))
    assert sorted(len(whole) for whole in wholes) == list(range(1, 41))


async def test_the_first_rows_of_many_storages_at_once_are_one(open_, url):
    storages = [open_() for _ in range(4)]
    await asyncio.gather(*(one.update_data(KEY, {str(number): number}) for number, one in enumerate(storages)))
    assert await storages[0].get_data(KEY) == {"0": 0, "1": 1, "2": 2, "3": 3}
    assert rows(url) == 1


async def test_two_processes_lose_nothing_of_each_other(open_, url, keys):
    key = StorageKey(1, 2, 2)
    writers = [start("write", url, str(keys), name, "60") for name in ("apples", "pears")]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=120)
        assert writer.returncode == 0
    wanted = {f"{name}{number}": number for name in ("apples", "pears") for number in range(60)}
    assert await open_().get_data(key) == wanted
