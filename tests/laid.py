"""A database that is migrated already: the steps are played once in a process, their file is copied for every test."""

import tempfile
from functools import cache
from pathlib import Path

from storage.migrate import migrate
from tests.world import FrozenClock


def lay(url: str) -> None:
    """Where a new SQLite database would be made, lay one without rows; anything else is left as it is."""
    kind, _, path = url.partition(":///")
    if kind == "sqlite" and not Path(path).exists():
        Path(path).write_bytes(_migrated())


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "laid.db"
        migrate(f"sqlite:///{path}", FrozenClock())
        return path.read_bytes()
