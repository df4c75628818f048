"""A key store and its database know each other: a slip in an address never costs anybody's keys."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.effects import KeepReflection
from bot.core.errors import CommandRefused, ConfigurationError
from storage.backup import back_up
from storage.database import open_database
from storage.key_schema import data_keys
from storage.migrate import migrate
from storage.store import Store
from tests.storage.stage import Stage

OTHERS = "the key store holds the keys of another database"


@dataclass
class House:
    """A folder in which databases and key stores are opened by name, as an operator's settings do."""

    folder: Path
    open_keys: object
    clock: object
    ids: object

    def url(self, name: str) -> str:
        return f"sqlite:///{self.folder / name}"

    def opens(self, database: str, keys: str = "keys", *, is_demo: bool = False) -> Store:
        """What every command does first; raises what it refuses."""
        migrate(self.url(database), self.clock)
        store = Store(open_database(self.url(database)), self.open_keys(keys, f"{keys}.db"), self.clock, self.ids)
        store.claim_as(is_demo=is_demo)
        return store

    def lives(self, store: Store) -> Store:
        """Somebody lives in it, and hours go by."""
        Stage(store, self.clock).mother("olma", KeepReflection("1.1", "матн"))
        self.clock.advance(hours=3)
        return store

    def keys(self, store: Store) -> int:
        with store.sealer.keyring.store.reading() as connection:
            return len(connection.execute(data_keys.select()).all())


@pytest.fixture
def house(tmp_path, open_keys, clock, ids):
    return House(tmp_path, open_keys, clock, ids)


@pytest.mark.parametrize("is_demo", [False, True])
def test_a_mistyped_or_emptied_database_is_refused_and_no_key_is_lost(house, is_demo):
    real = house.lives(house.opens("hamroh.db"))
    before = house.keys(real)
    assert before > 0
    for _ in range(2):
        with pytest.raises(ConfigurationError, match=OTHERS):
            house.opens("hamrho.db", is_demo=is_demo)
    assert house.keys(house.opens("hamroh.db")) == before


def test_a_database_that_was_begun_beside_it_by_mistake_cannot_come_back_later(house):
    house.opens("hamrho.db")
    real = house.lives(house.opens("hamroh.db"))
    before = house.keys(real)
    with pytest.raises(ConfigurationError, match=OTHERS):
        house.opens("hamrho.db")
    house.clock.advance(hours=3)
    real.purge(house.clock.now() + timedelta(hours=3))
    assert house.keys(real) == before


def test_a_rehearsal_may_be_thrown_away_begun_anew_and_left_for_the_real_work(house):
    for name in ("demo.db", "demo-2.db"):
        house.lives(house.opens(name, is_demo=True))
    house.lives(house.opens("hamroh.db"))
    with pytest.raises(ConfigurationError, match=OTHERS):
        house.opens("demo-2.db", is_demo=True)


def test_an_installation_of_before_they_knew_each_other_goes_on(house):
    real = house.lives(house.opens("hamroh.db"))
    with real.sealer.keyring.store.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM key_facts WHERE name = 'database'")
    with real.database.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM facts WHERE name = 'database'")
    house.opens("hamroh.db")
    with pytest.raises(ConfigurationError, match=OTHERS):
        house.opens("hamrho.db")


# ---- a backup takes the place of nothing else


@pytest.mark.parametrize("name", ["hamroh.db", "hamroh.db-wal", "keys.db", "keys/0001.key", "letter.txt", "other.db"])
def test_a_backup_is_never_written_over_anything_but_a_backup(house, tmp_path, name):
    real = house.lives(house.opens("hamroh.db"))
    (tmp_path / "letter.txt").write_text("мактуб", encoding="utf-8")
    house.opens("other.db", "others")
    before = (tmp_path / name).read_bytes()
    for file in (tmp_path / name, tmp_path / name.removesuffix(".db").removesuffix(".keys")):
        if (file.exists() and file.is_file()) or file.with_name(f"{file.name}.keys").exists():
            with pytest.raises(CommandRefused, match="exists and is no backup"):
                back_up(real.database, real.sealer.keyring, file)
    assert (tmp_path / name).read_bytes() == before


def test_a_backup_of_yesterday_may_be_written_over(house, tmp_path):
    real = house.lives(house.opens("hamroh.db"))
    for _ in range(2):
        assert "written" in back_up(real.database, real.sealer.keyring, tmp_path / "hamroh.backup")


def test_a_backup_is_not_written_into_a_device(house):
    real = house.opens("hamroh.db")
    with pytest.raises(CommandRefused, match="exists and is no backup"):
        back_up(real.database, real.sealer.keyring, Path("/dev/null"))
