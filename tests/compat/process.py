"""Another process on the same database, without aiogram: `write` adds to the data of a key, `hold` keeps its lock."""

import asyncio
import sys
from dataclasses import dataclass

sys.modules["aiogram"] = None  # type: ignore[assignment]  # as if it were not installed

from storage.fsm import open_isolation, open_storage  # noqa: E402


@dataclass(frozen=True)
class Key:
    bot_id: int = 1
    chat_id: int = 2
    user_id: int = 2
    thread_id: int | None = None
    business_connection_id: str | None = None
    destiny: str = "default"


async def write(url: str, keys: str, name: str, count: str) -> None:
    """Every answer must hold all that this process wrote before."""
    storage = open_storage(url, keys)
    mine: dict[str, int] = {}
    print("ready", flush=True)  # noqa: T201 -- told to the test
    sys.stdin.readline()
    for number in range(int(count)):
        mine[f"{name}{number}"] = number
        whole = await storage.update_data(Key(), {f"{name}{number}": number})
        assert mine.items() <= whole.items()
    await storage.close()


async def hold(url: str, keys: str) -> None:
    async with open_isolation(url, keys).lock(Key()):
        print("held", flush=True)  # noqa: T201 -- told to the test
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


asyncio.run({"write": write, "hold": hold}[sys.argv[1]](*sys.argv[2:]))
