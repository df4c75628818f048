"""The fake server and two clients of it: python-telegram-bot as a stranger, and raw HTTP."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from telegram import Bot
from telegram.request import HTTPXRequest

from tests.fakes.telegram import FakeTelegram

NOON = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)


class Noon:
    """A clock that stands still; only `tg.advance` moves the server's time."""

    def now(self) -> datetime:
        return NOON


@pytest.fixture
async def tg() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram(clock=Noon()) as server:
        yield server


@pytest.fixture
async def bot(tg: FakeTelegram) -> AsyncIterator[Bot]:
    async with stranger(tg) as client:
        yield client


def stranger(tg: FakeTelegram) -> Bot:
    """An independent client: python-telegram-bot's Bot."""
    return Bot(
        tg.token,
        base_url=f"{tg.root}/bot",
        base_file_url=f"{tg.root}/file/bot",
        request=HTTPXRequest(connection_pool_size=8),
        get_updates_request=HTTPXRequest(),
    )


class Raw:
    """Calls with a JSON body, answered with the status and the parsed answer."""

    def __init__(self, tg: FakeTelegram, client: httpx.AsyncClient) -> None:
        self._tg = tg
        self._client = client

    async def __call__(self, method: str, **params: object) -> tuple[int, dict]:
        answer = await self._client.post(f"{self._tg.root}/bot{self._tg.token}/{method}", json=params)
        return answer.status_code, answer.json()


@pytest.fixture
async def call(tg: FakeTelegram) -> AsyncIterator[Raw]:
    async with httpx.AsyncClient() as client:
        yield Raw(tg, client)
