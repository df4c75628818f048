"""Master keys: numbered files in a directory outside the database, kept in memory for a minute at most."""

import hmac
import os
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.core.errors import ConfigurationError, SealBroken
from bot.core.ports import Clock
from storage.key_files import make_key, read_key, shred

CACHED = timedelta(seconds=60)
"""How long a process may keep an opened key (architecture §6)."""
_NONCE = 12
_FILES = "[0-9][0-9][0-9][0-9].key"


class Masters:
    """The directory of master keys; wraps data keys and opens them again."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        self.directory = directory
        self._clock = clock
        self._open: dict[int, tuple[AESGCM, datetime]] = {}

    def make(self, number: int) -> bytes:
        """Have a master key with this number on the disk; what the key store remembers of it."""
        make_key(self.path(number))
        return self.check(number)

    def check(self, number: int) -> bytes:
        """What the key store remembers of a master key, to know it again; raises ConfigurationError without it."""
        return hmac.digest(self._read(number), b"hamroh master key", "sha256")

    def wrap(self, number: int, subject: str, key: bytes) -> bytes:
        """Seal a data key for the key store."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher(number).encrypt(nonce, key, subject.encode())

    def unwrap(self, number: int, subject: str, wrapped: bytes) -> bytes:
        """Open a data key; raises SealBroken when it is not this subject's, was changed, or its master key is gone."""
        try:
            return self._cipher(number).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], subject.encode())
        except (InvalidTag, ValueError, ConfigurationError):
            raise SealBroken(f"the key of {subject} cannot be unwrapped") from None

    def destroy_before(self, number: int) -> None:
        """Shred the files of all earlier master keys."""
        for path in self.directory.glob(_FILES):
            if int(path.stem) < number:
                shred(path)
                self._open.pop(int(path.stem), None)

    def tidy(self) -> None:
        """Shred what an interrupted start has left half made; only while nobody else makes a key."""
        for draft in self.directory.glob(f".{_FILES}.*"):
            shred(draft)

    def path(self, number: int) -> Path:
        """The file of a master key."""
        return self.directory / f"{number:04d}.key"

    def _read(self, number: int) -> bytes:
        return read_key(self.path(number), "nothing sealed can be read")

    def _cipher(self, number: int) -> AESGCM:
        now = self._clock.now()
        cipher, since = self._open.get(number, (None, now))
        if cipher is None or not since <= now < since + CACHED:
            cipher, since = AESGCM(self._read(number)), now
            self._open[number] = (cipher, since)
        return cipher
