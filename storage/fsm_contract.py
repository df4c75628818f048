"""What aiogram asks of a storage: its own classes where it is installed, otherwise the same by name.

Nothing else in Hamroh imports aiogram: it costs seconds and a hundred megabytes.
"""

try:
    from aiogram.exceptions import DataNotDictLikeError
    from aiogram.fsm.storage.base import BaseEventIsolation, BaseStorage
except ModuleNotFoundError as missing:
    if (missing.name or "").partition(".")[0] != "aiogram":  # something that it needs itself
        raise
    from bot.core.errors import HamrohError

    class DataNotDictLikeError(HamrohError):  # type: ignore[no-redef]
        """What was to be kept as data is no dictionary."""

    class BaseStorage:  # type: ignore[no-redef]
        """Keeps states and data."""

    class BaseEventIsolation:  # type: ignore[no-redef]
        """A lock for each key."""


__all__ = ["BaseEventIsolation", "BaseStorage", "DataNotDictLikeError"]
