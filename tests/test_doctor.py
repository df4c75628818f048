"""The doctor looks at the clock: by it alone it is told how old a message is (S1)."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from bot.channels.telegram import TelegramChannel
from bot.doctor import _clock
from bot.system import SystemClock
from tests.fakes.telegram import FakeTelegram


class Off:
    """A clock that is so far from the right time."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        return SystemClock().now() + self._by


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        yield fake


@pytest.mark.parametrize(("minutes", "said"), [(11, "11.0 minutes fast"), (-11, "11.0 minutes slow"), (0, "")])
async def test_s1_a_clock_that_is_wrong_is_seen_by_what_telegram_says(
    telegram: FakeTelegram, minutes: int, said: str
) -> None:
    channel = TelegramChannel(telegram.token, telegram.root, Off(timedelta(minutes=minutes)))
    assert channel.is_ahead_by is None
    assert await channel.check()
    await channel.close()
    found = _clock(channel.is_ahead_by)
    assert found.is_well is (minutes == 0)
    assert said in found.text


async def test_a_clock_that_could_not_be_compared_is_not_called_right() -> None:
    channel = TelegramChannel("123456:" + "A" * 35, "http://127.0.0.1:9", SystemClock())
    assert not await channel.check()
    await channel.close()
    assert _clock(channel.is_ahead_by).text.startswith("not compared")
