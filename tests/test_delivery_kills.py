"""A sender that is killed at its worst moments, as `kill -9` does, and the one that comes after it."""

import asyncio
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from bot import faults
from bot.core.addresses import Line
from bot.core.messages import Lane, Parcel, Receipt, Sent
from bot.delivery import Delivery
from storage.database import open_database
from storage.keys import open_keyring
from storage.schema import metadata
from storage.store import Store
from tests.storage.office import Office
from tests.world import FrozenClock, SeededIds


class Ledger:
    """A messenger that writes down what arrived, in a file that outlives the sender."""

    line = Line("telegram", "1")

    def __init__(self, path: Path) -> None:
        self.path = path

    async def send(self, parcel: Parcel) -> Receipt:
        await asyncio.sleep(0)
        with self.path.open("a") as ledger:
            ledger.write(f"{parcel.outgoing.text if parcel.outgoing else ''}\n")
        return Sent((parcel.key,))


def open_store(folder: Path) -> Store:
    clock = FrozenClock()
    database = open_database(f"sqlite:///{folder}/hamroh.db")
    keyring = open_keyring(folder / "keys", f"sqlite:///{folder}/keys.db", None, clock)
    return Store(database, keyring, clock, SeededIds())


async def deliver(folder: Path) -> None:
    store = open_store(folder)
    delivery = Delivery(store, Ledger(folder / "arrived"), store.clock, store.ids)  # type: ignore[arg-type]
    for _ in range(10):
        while await delivery.sweep():
            pass
        store.clock.advance(seconds=1)  # type: ignore[attr-defined]
    store.sealer.keyring.close()
    store.database.dispose()


@pytest.mark.parametrize("fault", ["after_claim:1", "after_claim:2", "after_send:3", "after_send:9", "before_mark:2"])
def test_nothing_is_lost_replies_double_at_most_once_and_broadcasts_never(tmp_path: Path, fault: str):
    store = open_store(tmp_path)
    with store.database.transaction() as connection:
        metadata.create_all(connection)
    office = Office(store.database, store.sealer, store.clock, store.ids)
    people = [office.somebody() for _ in range(6)]
    for lane in (Lane.REPLY, Lane.BROADCAST):
        office.put_all([(person, f"{lane} {n}") for n, person in enumerate(people)], lane=lane, purpose="desk")
    died = subprocess.run([sys.executable, "-m", __name__, str(tmp_path), fault], check=False, timeout=60)
    assert died.returncode == -9
    asyncio.run(deliver(tmp_path))
    arrived = Counter((tmp_path / "arrived").read_text().splitlines())
    assert {f"reply {n}" for n in range(6)} <= arrived.keys()
    assert all(count <= (2 if text.startswith("reply") else 1) for text, count in arrived.items())
    states = office.states()
    assert set(states) <= {"sent", "unknown"}
    assert states.get("unknown", 0) + sum(text.startswith("broadcast") for text in arrived) >= 6


if __name__ == "__main__":
    faults.arm(sys.argv[2])
    asyncio.run(deliver(Path(sys.argv[1])))
