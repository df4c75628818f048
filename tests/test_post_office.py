"""One line at work: who loses it asks for it again."""

import asyncio

import pytest

from bot.intake import Intake
from bot.post_office import LOOK, SOON, PostOffice
from storage.database import open_database
from storage.keys import Keyring
from storage.store import Store
from tests.fakes.channel import ScriptedChannel
from tests.storage.conftest import Server, clock, ids, keyring, open_keys, postgres
from tests.world import FrozenClock, SeededIds

__all__ = ["clock", "ids", "keyring", "open_keys", "postgres"]


class EnoughError(Exception):
    """The test has seen what it wanted."""


async def test_a_line_that_was_lost_at_a_restart_of_the_server_is_asked_for_again_at_once(
    postgres: Server, keyring: Keyring, clock: FrozenClock, ids: SeededIds
) -> None:
    pauses: list[tuple[float, bool]] = []
    with postgres.lend() as url:
        store = Store(open_database(url), keyring, clock, ids)
        office = PostOffice(store, ScriptedChannel(clock), Intake(store, None), clock, ids)  # type: ignore[arg-type]

        async def pause(seconds: float) -> None:
            if (SOON, False) in pauses:
                pauses.append((seconds, office.delivery.is_open))
                raise EnoughError
            if not pauses:
                await asyncio.to_thread(postgres.cut, url)
            pauses.append((seconds, office.delivery.is_open))

        async with asyncio.timeout(10):
            with pytest.raises(EnoughError):
                await office.run(pause)
        store.close()
    assert pauses[0] == (LOOK, True)
    assert pauses[-2:] == [(SOON, False), (LOOK, True)]
