"""Keys: wrapped data keys in a store of their own, master keys in a directory, one key for the blind index.

A data key belongs to one subject (`participant:…`, `account:…`, `staff:…`, `case:…`, `group:…`).  It is committed to
the key store before its first use, and destroying it makes everything sealed with it unreadable for ever.
"""

import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, bindparam, delete, exists, func, insert, select, text, update

from bot.core.errors import ConfigurationError, SealBroken
from bot.core.ports import Clock
from storage import places
from storage.database import Database, open_database
from storage.key_files import SIZE, make_key, read_key
from storage.key_schema import data_keys, key_facts, masters, metadata
from storage.masters import Masters
from storage.schema import facts
from storage.upsert import upserting

STORE = "key_store"
"""The fact by which a database knows its key store."""
DATABASE = "database"
"""The fact by which each side knows the database: its random name, before which the key store notes a demo."""
_DEMO = "demo:"
_PORTION = 500
_LOCK = text("SELECT pg_advisory_xact_lock(7210)")
_COUNT = select(func.count()).select_from(masters)


class Keyring:
    """The open key store with the master keys of the directory."""

    def __init__(self, directory: Path, store: Database, index_key: bytes, clock: Clock) -> None:
        self.directory = directory
        self.store = store
        self.index_key = index_key
        self.clock = clock
        self._masters = Masters(directory, clock)

    # ---- data keys

    def create(self, subjects: Sequence[str]) -> dict[str, bytes]:
        """Make the missing data keys of these subjects, in one commit; gives all of their keys."""
        with self.store.transaction() as connection:
            _lock(connection)
            stored = _stored(connection, subjects)
            missing = [subject for subject in subjects if subject not in stored]
            fresh = {subject: secrets.token_bytes(SIZE) for subject in missing}
            if fresh:
                number = _current(connection)
                made = {"made_at": self.clock.now()}
                rows = [self._row(number, subject, key) | made for subject, key in fresh.items()]
                connection.execute(insert(data_keys), rows)
        return self._open(stored) | fresh

    def find(self, subjects: Sequence[str]) -> dict[str, bytes]:
        """The data keys of these subjects; one that was destroyed, never made or cannot be unwrapped is left out."""
        found = self._look(subjects)
        left = [subject for subject in subjects if subject not in found]
        return found | self._look(left) if left else found  # a rotation may have come between reading and unwrapping

    def _look(self, subjects: Sequence[str]) -> dict[str, bytes]:
        with self.store.reading() as connection:
            stored = _stored(connection, subjects)
        return self._open(stored)

    def destroy(self, subjects: Iterable[str]) -> None:
        """Destroy data keys; on SQLite the write-ahead log is emptied, so that no copy stays on disk."""
        wanted = sorted(set(subjects))
        with self.store.transaction() as connection:
            _lock(connection)
            gone = 0
            for start in range(0, len(wanted), _PORTION):
                portion = delete(data_keys).where(data_keys.c.subject.in_(wanted[start : start + _PORTION]))
                gone += connection.execute(portion).rowcount
            if gone:
                _note(connection, "rotation_due", self.clock.now().isoformat())
        self.store.checkpoint()

    def subjects(self, after: str, made_before: datetime, limit: int) -> list[str]:
        """Those who have had a data key since before then, in order, from the one after this name on."""
        key = data_keys.c
        query = select(key.subject).where(key.subject > after, key.made_at < made_before).order_by(key.subject)
        with self.store.reading() as connection:
            return list(connection.scalars(query.limit(limit)))

    # ---- master keys

    def rotate(self) -> int:
        """A new master key wraps every data key, then the old file is shredded; how many keys were wrapped again.

        Killed half-way nothing is lost: until the commit the old master key counts, afterwards the new one, and what is
        left of the old one is shredded at the next start.
        """
        with self.store.transaction() as connection:
            _lock(connection)
            number = self._known(connection) + 1
            check = self._masters.make(number)
            rows = {row.subject: (row.wrapped, row.master) for row in connection.execute(select(data_keys))}
            again = [self._row(number, subject, key, "new_") for subject, key in self._open(rows).items()]
            if again:
                connection.execute(_WRAP_AGAIN, again)
            connection.execute(insert(masters).values(number=number, check=check))
            connection.execute(delete(masters).where(masters.c.number < number))
            connection.execute(delete(key_facts).where(key_facts.c.name == "rotation_due"))
        places.passed("rotation_half")
        self.store.checkpoint()
        self._masters.destroy_before(number)
        return len(again)

    @property
    def is_rotation_due(self) -> bool:
        """Whether a key was destroyed since the last rotation: older copies of the key store still hold it, wrapped."""
        with self.store.reading() as connection:
            return _noted(connection, "rotation_due") is not None

    def prepare(self) -> None:
        """Check the master keys of the directory against the key store; make the first one on a fresh installation."""
        with self.store.transaction() as connection:
            _lock(connection)
            self._masters.tidy()
            if not connection.scalar(_COUNT) and not connection.scalar(select(func.count()).select_from(data_keys)):
                connection.execute(insert(masters).values(number=1, check=self._masters.make(1)))
            number = self._known(connection)
            self._know_index_key(connection)
        self._masters.destroy_before(number)

    def _known(self, connection: Connection) -> int:
        """The number of the current master key, of which the directory has the right file."""
        number = _current(connection)
        check = connection.scalars(select(masters.c.check).where(masters.c.number == number)).one()
        if not hmac.compare_digest(self._masters.check(number), check):
            path = self._masters.path(number)
            raise ConfigurationError(f"{path} is not the key this key store was made with; put the right file there")
        return number

    def _know_index_key(self, connection: Connection) -> None:
        check = hmac.digest(self.index_key, b"check", "sha256").hex()[:32]
        known = _noted(connection, "index_key")
        if known is None:
            _note(connection, "index_key", check)
            _note(connection, "id", secrets.token_hex(16))
        elif not hmac.compare_digest(known, check):
            raise ConfigurationError(
                "the index key is not the one this key store was made with; put the right file there"
            )

    @property
    def id(self) -> str:
        """A random name of this key store; a database remembers which one sealed it."""
        with self.store.reading() as connection:
            return _noted(connection, "id") or ""

    def claim(self, database: Database) -> None:
        """Let database and key store remember each other; raises ConfigurationError when either has another partner.

        Keys of nobody whom the database knows are destroyed in time, so a store with keys takes no fresh database;
        only a rehearsal's does, whose people are invented.
        """
        if database.engine.url == self.store.engine.url:
            raise ConfigurationError("HAMROH_KEYS_URL must not be the database itself: keys and data are kept apart")
        with self.store.reading() as connection:
            mine, known = _noted(connection, "id") or "", _noted(connection, DATABASE)
            is_used = bool(connection.scalar(select(exists(select(data_keys.c.subject)))))
        is_taken = is_used and not (known or "").startswith(_DEMO)
        sealed_by, name = self._introduce(database, mine, is_taken=is_taken)
        if sealed_by != mine:
            raise ConfigurationError(
                "the database was sealed with the keys of another key store: put that one back (HAMROH_KEYS_URL), "
                "or begin with a new database and keys of its own"
            )
        if is_taken and known not in {None, name}:
            raise ConfigurationError(_OTHER_DATABASE)
        if known != name:
            with self.store.transaction() as connection:
                _note(connection, DATABASE, name)

    @staticmethod
    def _introduce(database: Database, mine: str, *, is_taken: bool) -> tuple[str, str]:
        """Which key store the database says seals it, and its name; a fresh one learns both."""
        with database.transaction() as connection:
            noted = dict(connection.execute(select(facts.c.name, facts.c.value)).all())
            if is_taken and STORE not in noted:
                raise ConfigurationError(_OTHER_DATABASE)
            fresh = [{"name": STORE, "value": mine}, {"name": DATABASE, "value": secrets.token_hex(16)}]
            connection.execute(upserting(connection, facts).on_conflict_do_nothing(), fresh)
            noted = dict(connection.execute(select(facts.c.name, facts.c.value)).all())
        return noted[STORE], f"{_DEMO if noted.get('demo') == 'yes' else ''}{noted[DATABASE]}"

    def close(self) -> None:
        """Close the key store."""
        self.store.dispose()

    def _row(self, number: int, subject: str, key: bytes, prefix: str = "") -> dict[str, object]:
        row = {"subject": subject, "wrapped": self._masters.wrap(number, subject, key), "master": number}
        return {prefix + name: value for name, value in row.items()}

    def _open(self, stored: dict[str, tuple[bytes, int]]) -> dict[str, bytes]:
        """One key that is damaged does not take the others with it: its fields are shown as unavailable."""
        found: dict[str, bytes] = {}
        for subject, (wrapped, number) in stored.items():
            try:
                found[subject] = self._masters.unwrap(number, subject, wrapped)
            except SealBroken:
                continue
        return found


_OTHER_DATABASE = (
    "the key store holds the keys of another database: name the right one (HAMROH_DATABASE_URL), put a backup back "
    "with `hamroh restore`, or begin anew with keys of its own (HAMROH_KEYS_DIR and HAMROH_KEYS_URL)"
)
_WRAP_AGAIN = (
    update(data_keys)
    .where(data_keys.c.subject == bindparam("new_subject"))
    .values(wrapped=bindparam("new_wrapped"), master=bindparam("new_master"))
)


def _stored(connection: Connection, subjects: Sequence[str]) -> dict[str, tuple[bytes, int]]:
    found: dict[str, tuple[bytes, int]] = {}
    for start in range(0, len(subjects), _PORTION):
        portion = select(data_keys).where(data_keys.c.subject.in_(subjects[start : start + _PORTION]))
        found |= {row.subject: (row.wrapped, row.master) for row in connection.execute(portion)}
    return found


def _current(connection: Connection) -> int:
    number = connection.scalar(select(func.max(masters.c.number)))
    if number is None:
        raise ConfigurationError("the key store names no master key: it is damaged; restore it from FILE.keys")
    return int(number)


def _lock(connection: Connection) -> None:
    """Making keys and rotating exclude each other; SQLite's one writer does it by itself."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK)


def _noted(connection: Connection, name: str) -> str | None:
    value: str | None = connection.scalar(select(key_facts.c.value).where(key_facts.c.name == name))
    return value


def _note(connection: Connection, name: str, value: str) -> None:
    row = upserting(connection, key_facts).values(name=name, value=value)
    connection.execute(row.on_conflict_do_update(index_elements=[key_facts.c.name], set_={"value": value}))


@dataclass(frozen=True, slots=True)
class KeyPlaces:
    """Where the keys are: directory of master keys, address of the key store, file of the index key (or None)."""

    directory: Path
    url: str
    index_key_file: Path | None = None

    def open(self, clock: Clock) -> Keyring:
        """Open the keys; see `open_keyring`."""
        return open_keyring(self.directory, self.url, self.index_key_file, clock)


def open_keyring(directory: Path, url: str, index_key_file: Path | None, clock: Clock) -> Keyring:
    """Open the keys; on the first run makes the directory (0700), the first master key and the index key.

    Raises ConfigurationError with one line when a key is missing, damaged or not the right one.
    """
    store = open_database(url)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with store.transaction() as connection:
            _lock(connection)
            metadata.create_all(connection)
            is_fresh = connection.scalar(_COUNT) == 0
        index_path = index_key_file or directory / "index.key"
        if is_fresh:
            make_key(index_path)
        keyring = Keyring(directory, store, read_key(index_path, "nobody is recognised"), clock)
        keyring.prepare()
    except OSError as error:
        store.dispose()
        raise ConfigurationError(f"{error.filename or directory} cannot be written ({error.strerror})") from None
    except BaseException:
        store.dispose()
        raise
    return keyring
