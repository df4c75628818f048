"""The adapter keeps the laws of S18 and S22: sealed, found again by erasing, gone with time."""

import logging
import subprocess
import sys
from pathlib import Path
from traceback import format_exception

import pytest
from aiogram.fsm.storage.base import StorageKey
from sqlalchemy import select, text

from bot.core.effects import Forget
from bot.core.errors import HamrohError, SealBroken
from bot.settings import Settings
from storage import fsm_rows
from storage.database import open_database
from storage.fsm import open_storage
from storage.fsm_schema import fsm
from storage.fsm_settings import read_key_places
from storage.key_schema import data_keys
from storage.keys import KeyPlaces
from storage.migrate import migrate
from storage.revisions import upgrade
from tests.storage.conftest import Server

OUR_BOT, OTHER_BOT = 1, 1000000002  # the line of the stage is `telegram:1`
WORDS = ("Sowing:себзор-987654", "гандумзор-123456", "kalid-abcdef", "scenes-destiny-xyz", "6001234567", "business-777")


@pytest.fixture
async def aiogram(url, keys, keyring, clock, stage):
    """A storage with the database, the keys and the clock of the stage."""
    stage.store.claim_as(is_demo=True)
    storage = open_storage(url, KeyPlaces(keyring.directory, str(keyring.store.engine.url)), clock=clock)
    yield storage
    await storage.close()


def all_rows(stage):
    return stage.rows(fsm)


def subjects(stage):
    with stage.store.sealer.keyring.store.reading() as connection:
        return {subject for subject in connection.scalars(select(data_keys.c.subject)) if subject.startswith("fsm:")}


def on_disk(url: str, folder: Path, server: Server | None) -> bytes:
    folders = [folder] if server is None else server.folders(url)
    return b"".join(path.read_bytes() for one in folders for path in one.rglob("*") if path.is_file())


# --- sealed


async def test_s18_nothing_of_a_bot_can_be_found_on_the_disk(aiogram, url, kind, tmp_path, request):
    state, value, name, destiny, person, business = WORDS
    key = StorageKey(7001234567, int(person), int(person), 8001234567, business, destiny)
    await aiogram.set_state(key, state)
    await aiogram.update_data(key, {name: value})
    content = on_disk(url, tmp_path, request.getfixturevalue("postgres") if kind == "postgres" else None)
    assert b"key_store" in content  # a fact that is no secret: the search looks where things are
    for word in (*WORDS, "7001234567", "8001234567"):
        assert word.encode() not in content
    assert await aiogram.get_data(key) == {name: value}


async def test_s18_at_debug_nothing_of_a_bot_is_logged_also_when_it_fails(url, keys, stage, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "sqlalchemy")  # before it is opened: only so it talks
    aiogram = open_storage(url, keys)
    state, value, name, destiny, person, business = WORDS
    key = StorageKey(7001234567, int(person), int(person), 8001234567, business, destiny)
    await aiogram.set_state(key, state)
    await aiogram.update_data(key, {name: value})
    assert await aiogram.get_value(key, name) == value
    (row,) = all_rows(stage)
    with stage.store.database.transaction() as connection:
        connection.execute(fsm.update().where(fsm.c.id == row.id).values(data=row.data[::-1]))
    with pytest.raises(SealBroken) as broken:
        await aiogram.get_data(key)
    await aiogram.close()
    told = "\n".join((caplog.text, str(broken.value), "".join(format_exception(broken.value)), *capsys.readouterr()))
    assert "SELECT" in caplog.text, "libraries talk"
    for word in (*WORDS, "7001234567", "8001234567"):
        assert word not in told


async def test_a_row_put_in_anothers_place_does_not_open(aiogram, stage):
    keys = [StorageKey(OTHER_BOT, chat, chat) for chat in (4001, 4002)]
    for key in keys:
        await aiogram.set_data(key, {"chat": key.chat_id})
    first, second = all_rows(stage)
    with stage.store.database.transaction() as connection:
        connection.execute(fsm.update().where(fsm.c.id == first.id).values(data=second.data))
        connection.execute(fsm.update().where(fsm.c.id == second.id).values(data=first.data))
    for key in keys:
        with pytest.raises(SealBroken):
            await aiogram.get_data(key)


async def test_without_its_master_key_nothing_is_read_as_empty_and_nothing_is_overwritten(
    aiogram, stage, keyring, clock
):
    key = StorageKey(OTHER_BOT, 4001, 4001)
    await aiogram.set_data(key, {"apples": 1})
    clock.advance(minutes=2)  # no process keeps a key for longer
    master = keyring.directory / "0001.key"
    away = master.rename(keyring.directory / "away")
    for use in (aiogram.get_data(key), aiogram.update_data(key, {"pears": 2}), aiogram.set_data(key, {"pears": 2})):
        with pytest.raises(HamrohError):
            await use
    away.rename(master)
    assert await aiogram.get_data(key) == {"apples": 1}


async def test_what_was_sealed_with_a_destroyed_key_is_as_if_it_had_never_been(aiogram, stage, clock):
    key = StorageKey(OTHER_BOT, 4001, 4001)
    await aiogram.set_state(key, "Sowing:field")
    await aiogram.set_data(key, {"apples": 1})
    stage.store.sealer.keyring.destroy(subjects(stage))
    clock.advance(minutes=2)
    assert await aiogram.get_state(key) is None
    assert await aiogram.get_data(key) == {}
    assert await aiogram.update_data(key, {"pears": 2}) == {"pears": 2}
    assert await aiogram.get_data(key) == {"pears": 2}


# --- erased


async def test_s22_erasing_a_mother_reaches_what_every_bot_kept_of_her(aiogram, stage):
    stage.mother("4001")
    stage.mother("4002")
    hers = [
        StorageKey(OUR_BOT, 4001, 4001),
        StorageKey(OTHER_BOT, 4001, 4001),
        StorageKey(OTHER_BOT, 4001, 4001, destiny="scenes_history"),
        StorageKey(OTHER_BOT, -100500, 4001, thread_id=3),  # in a group
    ]
    others = [StorageKey(OTHER_BOT, 4002, 4002), StorageKey(OUR_BOT, 4002, 4002), StorageKey(4001, 4003, 4003)]
    for key in hers + others:
        await aiogram.set_state(key, "Sowing:field")
        await aiogram.set_data(key, {"apples": 1})
    before = subjects(stage)

    stage.play("4001", Forget())

    assert [await aiogram.get_state(key) for key in hers] == [None] * len(hers)
    assert [await aiogram.get_data(key) for key in others] == [{"apples": 1}] * len(others)
    assert len(all_rows(stage)) == len(subjects(stage)) == len(others)
    assert len(before) == len(hers) + len(others)


async def test_s22_erasing_without_a_readable_address_still_reaches_the_chat_with_our_bot(aiogram, stage):
    conversation = stage.mother("4001")
    with stage.store.database.transaction() as connection:
        connection.execute(text("UPDATE accounts SET address = NULL"))
    await aiogram.set_state(StorageKey(OUR_BOT, 4001, 4001), "Sowing:field")
    stage.play_for(conversation, Forget())
    assert all_rows(stage) == []
    assert subjects(stage) == set()


async def test_t5_a_copy_from_before_an_erasure_gives_back_nothing_of_hers(aiogram, stage):
    for chat in (4001, 4002):
        await aiogram.set_state(StorageKey(OTHER_BOT, chat, chat), "Sowing:field")
    _, second = all_rows(stage)
    with stage.store.database.transaction() as connection:
        fsm_rows.drop_keyless(connection, {f"fsm:{second.id}"})
    assert [row.id for row in all_rows(stage)] == [second.id]


# --- gone with time


async def test_s18_90_days_after_its_last_change_a_row_goes_and_then_its_key(aiogram, stage, clock):
    old, used = StorageKey(OTHER_BOT, 4001, 4001), StorageKey(OTHER_BOT, 4002, 4002)
    for key in (old, used):
        await aiogram.set_data(key, {"apples": 1})
    clock.advance(days=60)
    await aiogram.update_data(used, {"apples": 2})
    clock.advance(days=30)
    while stage.store.purge(clock.now()):
        pass
    assert await aiogram.get_data(old) == {}
    assert await aiogram.get_data(used) == {"apples": 2}
    assert len(subjects(stage)) == 1


async def test_the_key_of_a_cleared_row_goes_with_the_next_sweep_and_a_young_one_stays(aiogram, stage, clock):
    key = StorageKey(OTHER_BOT, 4001, 4001)
    await aiogram.set_state(key, "Sowing:field")
    await aiogram.set_state(key, None)
    assert len(subjects(stage)) == 1
    stage.store.destroy_orphans()
    assert len(subjects(stage)) == 1
    clock.advance(hours=2)
    stage.store.destroy_orphans()
    assert subjects(stage) == set()


# --- beside Hamroh


async def test_a_database_from_before_gets_the_table_and_keeps_its_rows(tmp_path, clock):
    url = f"sqlite:///{tmp_path}/old.db"
    database = open_database(url)
    with database.transaction() as connection:
        upgrade(connection, "0001")
        connection.execute(text("INSERT INTO facts (name, value) VALUES ('invented', 'kept')"))
    assert "the copy from before is" in migrate(url, clock)
    with database.transaction() as connection:
        assert connection.execute(text("SELECT value FROM facts")).scalars().all() == ["kept"]
        assert connection.execute(select(fsm)).all() == []
    database.dispose()


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"KEYS_DIR": "elsewhere"},
        {"KEYS_DIR": "elsewhere", "KEYS_URL": "postgresql://keys@localhost/keys"},
        {"INDEX_KEY_FILE": "index/of.key"},
    ],
)
@pytest.mark.parametrize("is_file", [False, True])
def test_keys_are_where_hamroh_with_a_real_channel_has_them(given, is_file, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    settings = {f"HAMROH_{name}": value for name, value in given.items()}
    if is_file:
        (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    else:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
    theirs = Settings(telegram_token="1:INVENTED")
    assert read_key_places() == KeyPlaces(theirs.keys, theirs.key_store, theirs.index_key_file)


def test_the_key_stores_address_may_stand_in_a_file(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret").write_text("postgresql://keys@localhost/keys\n")
    monkeypatch.setenv("HAMROH_KEYS_URL_FILE", str(tmp_path / "secret"))
    assert read_key_places().url == "postgresql://keys@localhost/keys"


def test_hamroh_itself_never_imports_aiogram():
    code = (
        "import bot.app, bot.cli, storage.backup, sys; print(*(n in sys.modules for n in ('aiogram', 'storage.fsm')))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "False"]
