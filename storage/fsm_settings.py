"""Where the keys are for an aiogram bot that says nothing about them: where Hamroh with a real channel has them.

The one exception to "only app and cli read settings" (architecture §8): the process is the other bot's, so neither
app nor cli is there to hand the places over.
"""

import os
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.core.errors import ConfigurationError
from storage.keys import KeyPlaces

_IN_FILE = "HAMROH_KEYS_URL_FILE"


class _KeySettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="HAMROH_", env_file=".env", extra="ignore", frozen=True)

    keys_dir: Path = Path("keys")
    keys_url: str | None = None
    index_key_file: Path | None = None


def read_key_places() -> KeyPlaces:
    """The places that `HAMROH_KEYS_DIR`, `HAMROH_KEYS_URL` (or its file) and `HAMROH_INDEX_KEY_FILE` name."""
    settings = _KeySettings()
    url = _read_secret() or settings.keys_url or store_beside(settings.keys_dir)
    return KeyPlaces(settings.keys_dir, url, settings.index_key_file)


def store_beside(directory: Path) -> str:
    """The key store that belongs to a directory of master keys when nobody says otherwise."""
    return f"sqlite:///{directory}.db"


def _read_secret() -> str | None:
    named = os.environ.get(_IN_FILE)
    if named is None:
        return None
    try:
        return Path(named).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(f"{_IN_FILE}: the file cannot be read ({error.strerror})") from None
