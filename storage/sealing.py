"""Seals fields: AES-256-GCM with the subject's key, bound to the place where the field stands.

A sealed field is `version (1 byte) | nonce (12) | ciphertext and tag`.  Its additional data names table, column, row,
subject and version, so that a row moved elsewhere does not open.
"""

import hmac
import os
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.core.errors import SealBroken
from storage.keys import Keyring
from storage.masters import CACHED

VERSION = b"\x01"
MOST_CACHED = 50_000
_Opened = tuple[AESGCM, datetime, datetime]
"""A key, since when it is there, and until when it may be kept."""


class Sealer:
    """Seals and opens fields of subjects; keys are made on demand and kept in memory for a minute at most."""

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring
        self._clock = keyring.clock
        self._cache: dict[str, _Opened] = {}

    def ensure(self, subjects: Iterable[str]) -> None:
        """Have the keys of all these subjects at hand, the missing ones made in one commit."""
        unknown = self._unknown(subjects)
        if unknown:
            self._remember(self.keyring.create(unknown))

    def fetch(self, subjects: Iterable[str]) -> None:
        """Have the existing keys of these subjects at hand, read in one go; makes none."""
        unknown = self._unknown(subjects)
        if unknown:
            self._remember(self.keyring.find(unknown))

    def seal(self, subject: str, place: str, row: str, plain: bytes) -> bytes:
        """Seal bytes for a subject (its key is made if it has none); `place` is `table.column`."""
        cipher = self._cached(subject)
        if cipher is None:
            self.ensure([subject])
            cipher = self._cached(subject)
        if cipher is None:
            raise SealBroken(f"no key for {subject}")
        nonce = os.urandom(12)
        return VERSION + nonce + cipher.encrypt(nonce, plain, _bound(subject, place, row))

    def open(self, subject: str, place: str, row: str, sealed: bytes) -> bytes:
        """Open a sealed field; raises SealBroken when its key is gone or it does not belong here."""
        cipher = self._cached(subject)
        if cipher is None:
            self.fetch([subject])
            cipher = self._cached(subject)
        if cipher is None or sealed[:1] != VERSION:
            raise SealBroken(f"{place} of {row} cannot be opened")
        try:
            return cipher.decrypt(sealed[1:13], sealed[13:], _bound(subject, place, row))
        except (InvalidTag, ValueError):
            raise SealBroken(f"{place} of {row} cannot be opened") from None

    def seal_json(self, subject: str, place: str, row: str, value: Any) -> bytes:  # noqa: ANN401 - any JSON
        """Seal a JSON value."""
        return self.seal(subject, place, row, orjson.dumps(value))

    def open_json(self, subject: str, place: str, row: str, sealed: bytes) -> Any:  # noqa: ANN401 - any JSON
        """Open a JSON value; raises SealBroken."""
        return orjson.loads(self.open(subject, place, row, sealed))

    def blind(self, key: str) -> bytes:
        """The blind index of an address: 16 bytes, the same for the same address, telling nothing."""
        return hmac.digest(self.keyring.index_key, b"address|" + key.encode(), "sha256")[:16]

    def code_hash(self, code: str) -> bytes:
        """The keyed hash under which an invitation's code is stored: 32 bytes."""
        return hmac.digest(self.keyring.index_key, b"code|" + code.encode(), "sha256")

    def index_check(self) -> str:
        """A word that the database remembers, to notice a wrong index key."""
        return hmac.digest(self.keyring.index_key, b"check", "sha256").hex()[:32]

    def chain_key(self) -> bytes:
        """The key of the audit chain."""
        return hmac.digest(self.keyring.index_key, b"audit", "sha256")

    def forget(self, subjects: Iterable[str]) -> None:
        """Destroy the keys of these subjects, here and in the key store."""
        gone = list(subjects)
        for subject in gone:
            self._cache.pop(subject, None)
        if gone:
            self.keyring.destroy(gone)

    def _unknown(self, subjects: Iterable[str]) -> list[str]:
        now = self._clock.now()
        return [subject for subject in dict.fromkeys(subjects) if self._cached(subject, now) is None]

    def _cached(self, subject: str, now: datetime | None = None) -> AESGCM | None:
        known = self._cache.get(subject)
        if known is None:
            return None
        cipher, since, until = known
        if not since <= (now or self._clock.now()) < until:  # too old, or the clock was set back
            self._cache.pop(subject, None)
            return None
        return cipher

    def tidy(self) -> None:
        """Let go of the keys that have been in memory for a minute; loops call this every second."""
        now = self._clock.now()
        for subject, (_, _, until) in list(self._cache.items()):
            if until > now:
                break  # in the order in which they were opened
            self._cache.pop(subject, None)

    def _remember(self, keys: dict[str, bytes]) -> None:
        if len(self._cache) + len(keys) > MOST_CACHED:
            self._cache.clear()
        self.tidy()
        now = self._clock.now()
        for subject, key in keys.items():
            self._cache.pop(subject, None)  # the newest come last
            self._cache[subject] = (AESGCM(key), now, now + CACHED)


def _bound(subject: str, place: str, row: str) -> bytes:
    return f"{place}|{row}|{subject}|1".encode()
