"""The file that keeps a second process away from an SQLite database."""

import os
import threading
from pathlib import Path


class LockFile:
    """The file beside an SQLite database, which one process holds for all its lines."""

    def __init__(self, path: Path | None) -> None:
        self._path = path and path.with_name(path.name + ".lock")
        self._descriptor: int | None = None
        self._holders = 0
        self._guard = threading.Lock()

    def hold(self) -> bool:
        """Hold it once more; False when another process does."""
        import fcntl  # noqa: PLC0415 - not on every system; the lock file is for servers

        with self._guard:
            if self._holders == 0 and self._path is not None:
                descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    os.close(descriptor)
                    return False
                self._descriptor = descriptor
            self._holders += 1
            return True

    def let_go(self) -> None:
        """Hold it once less; the last one frees it."""
        with self._guard:
            self._holders -= 1
            if self._holders == 0 and self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None
