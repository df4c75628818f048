"""A message that could not be recorded is not overtaken by the next one of the same chat."""

import asyncio
from datetime import UTC, datetime

import pytest

from bot.batch import Batch, Job, Written
from bot.core.addresses import Address, Line
from bot.core.errors import StorageUnavailable
from bot.core.messages import Inbound, Sort
from bot.turns import Turns

LINE = Line("telegram", "1")


class Moody(Batch):
    """Writes down what is played; the database is away the first time."""

    def __init__(self) -> None:
        self.played: list[str] = []
        self._is_away = True

    def write(self, jobs: list[Job]) -> Written:
        if self._is_away:
            self._is_away = False
            raise StorageUnavailable("away for a moment")
        self.played += [job.inbound.external_id for job in jobs if job.inbound]
        return Written()


def message(chat: str, number: int) -> Inbound:
    address = Address(str(LINE), chat)
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return Inbound(external_id=f"{chat}{number}", chat=address, sender=address, at=at, sort=Sort.MESSAGE)


async def test_updates_of_a_chat_stay_in_order_when_the_database_is_away_for_a_moment():
    batch = Moody()
    turns = Turns(batch)
    loop = asyncio.create_task(turns.run())
    given = [message("a", 1), message("a", 2), message("b", 1), message("a", 3)]
    with pytest.raises(StorageUnavailable):
        await turns.accept(given)
    await turns.accept(given)
    loop.cancel()
    assert [name for name in batch.played if name.startswith("a")] == ["a1", "a2", "a3"]
