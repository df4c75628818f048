"""A real Hamroh on WhatsApp that is killed: nothing is lost, and what WhatsApp already had is not said twice."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import h11
import pytest
from sqlalchemy import func, select

from storage.database import open_database
from storage.schema import outbox
from tests.fakes.bot_api.http import post
from tests.fakes.whatsapp import APP_SECRET, VERIFY_TOKEN, FakeWhatsApp
from tests.faults.harness import Nursery, Running

KILLED = -9


class Bank:
    """One Hamroh with WhatsApp alone, and the server that goes on bringing what it did not confirm."""

    def __init__(self, wa: FakeWhatsApp, nursery: Nursery, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port: int = free.getsockname()[1]
        self.wa = wa
        self.url = f"sqlite:///{folder / 'hamroh.db'}"
        self._nursery = nursery
        self._folder = folder
        self.running: list[Running] = []

    def start(self, fault: str = "", *, file_size: int = 0) -> Running:
        """Start it, perhaps with a place where it dies, or with files that end at a size."""
        given = {
            "whatsapp_token": self.wa.token,
            "whatsapp_phone_id": self.wa.phone_id,
            "whatsapp_app_secret": APP_SECRET,
            "whatsapp_verify_token": VERIFY_TOKEN,
            "whatsapp_api_url": self.wa.root,
            "database_url": self.url,
            "keys_dir": str(self._folder / "keys"),
            "listen": "127.0.0.1:0",
            "webhook_listen": f"127.0.0.1:{self._port}",
            "allow_unready": "1",
            "allow_unreviewed": "1",
        } | ({"fault": fault} if fault else {})
        environment = {f"HAMROH_{name.upper()}": value for name, value in given.items()}
        self.running.append(self._nursery.start(["run"], environment, self._folder, file_size=file_size))
        return self.running[-1]

    async def brings(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str]]:
        """One call of the webhook; no answer is not a confirmation."""
        try:
            answer = await post(f"http://127.0.0.1:{self._port}/whatsapp", body, headers, 20)
        except (OSError, TimeoutError, h11.ProtocolError):
            return 0, {}
        return answer.status, answer.headers

    def states(self) -> dict[str, int]:
        """How many rows of the outbox are in which state."""
        database = open_database(self.url)
        with database.reading() as connection:
            found = connection.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state)).all()
        database.dispose()
        return dict(map(tuple, found))


@pytest.fixture
async def bank(nursery: Nursery, tmp_path: Path) -> AsyncIterator[Bank]:
    async with FakeWhatsApp() as wa:
        made = Bank(wa, nursery, tmp_path)
        yield made
        for running in made.running:
            if not running.is_over:
                await running.kill()
        assert wa.violations == []


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what must come."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - another process is what is waited for
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("point", ["before_commit", "after_commit", "before_confirm"])
async def test_on_whatsapp_nothing_is_lost_when_it_dies_there(bank: Bank, point: str) -> None:
    dying = bank.start(f"{point}:2")
    earliest, *others = people = [bank.wa.person(number) for number in range(1, 7)]
    bank.wa.hook.point_to(bank.brings)
    earliest.says("салом")
    await until(lambda: bool(earliest.bubbles) or dying.is_over)  # nothing is under way to WhatsApp when it dies
    for person in others:
        person.says("салом")
    assert await dying.ends() == KILLED
    bank.start()
    await until(lambda: all(person.bubbles for person in people) and not bank.wa.hook.waiting)
    assert [len(person.bubbles) for person in people] == [1] * len(people)
    assert bank.states() == {"sent": len(people)}


@pytest.mark.parametrize("point", ["after_send", "before_mark"])
async def test_what_whatsapp_already_had_when_it_died_is_not_said_again(bank: Bank, point: str) -> None:
    dying = bank.start(f"{point}:1")
    person = bank.wa.person(1)
    bank.wa.hook.point_to(bank.brings)
    person.says("салом")
    assert await dying.ends() == KILLED
    assert len(person.bubbles) == 1
    bank.start()
    await until(lambda: not bank.wa.hook.waiting)
    await until(lambda: bank.states() == {"sent": 1})
    person.says("меню")
    await until(lambda: len(person.bubbles) == 2)
