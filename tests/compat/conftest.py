"""What the tests of the aiogram adapter share: databases of each kind with storages and locks on them."""

import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from storage.fsm import Isolation, Storage, open_isolation, open_storage
from tests.storage.conftest import (
    clock,
    database,
    ids,
    keyring,
    kind,
    migrated_file,
    open_keys,
    postgres,
    sealer,
    stage,
    url,
)

__all__ = [
    "clock", "database", "ids", "keyring", "kind", "migrated_file", "open_keys", "postgres", "sealer", "stage", "url",
]  # fmt: skip

PROCESS = Path(__file__).parent / "process.py"


def start(*words: str) -> "subprocess.Popen[str]":
    """Another process, without aiogram, that does what `process.py` says."""
    root = PROCESS.parents[2]
    return subprocess.Popen(
        [sys.executable, str(PROCESS), *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root,
        env={"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """The directory of master keys."""
    return tmp_path / "keys"


@pytest.fixture
async def open_(url: str, keys: Path) -> AsyncIterator[Callable[[], Storage]]:
    """Opens the storage of this test, as often as it likes: each is as another process would have it."""
    opened: list[Storage] = []

    def once_more() -> Storage:
        opened.append(open_storage(url, keys))
        return opened[-1]

    yield once_more
    for storage in opened:
        await storage.close()


@pytest.fixture
async def storage(open_: Callable[[], Storage]) -> Storage:
    return open_()


@pytest.fixture
async def isolations(url: str, keys: Path) -> AsyncIterator[tuple[Isolation, Isolation]]:
    """Two that know nothing of each other, as in two processes."""
    pair = open_isolation(url, keys), open_isolation(url, keys)
    yield pair
    for one in pair:
        await one.close()
