"""Backups: FILE is the sealed database, FILE.keys its wrapped keys; neither can be read without the master key.

FILE is an SQLite file whatever the database is, so that it can be put back into either.  Only the two newest copies of
the keys stay: with older ones somebody erased since could be read again.
"""

import os
import secrets
import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, inspect, null, or_, select, text, update
from sqlalchemy.exc import DatabaseError

from bot.core.conversation import Owner
from bot.core.errors import CommandRefused
from bot.core.ports import Clock, Ids
from storage import fsm_rows, key_schema
from storage.conversations import subject_of
from storage.copying import copy_file, copy_rows, plain, snapshot, written
from storage.database import Database, open_database
from storage.erase import erase
from storage.key_schema import key_facts
from storage.keys import STORE, KeyPlaces, Keyring
from storage.revisions import TABLE, revision_of, upgrade
from storage.schema import conversations, facts, mailboxes, outbox
from storage.sender_lock import sender_lock
from storage.upsert import upserting

KEPT = 2
"""How many copies of the keys are kept in the directory of backups."""
_WITH_A_LOG = b"\x02\x02"
"""What SQLite notes in bytes 18 and 19 of a file with a write-ahead log: a database that is used, never a copy."""
RESTORED = "restored_at"
"""The fact that tells when a backup was put back."""
REPENTED_FOR = timedelta(days=7)
"""How long after that nobody's keys are destroyed for want of rows: the replaced database may still be wanted."""


# ---- making one


def back_up(database: Database, keyring: Keyring, file: Path) -> str:
    """Write FILE and FILE.keys while everything runs; says what was written.  Raises CommandRefused."""
    if file.is_dir():
        raise CommandRefused(f"{file} is a directory; name the file to write in it, like {file / 'hamroh.backup'}")
    keys = file.with_name(f"{file.name}.keys")
    for path, table in ((file, TABLE), (keys, key_facts.name)):
        if path.exists() and not _is_copy(path, table):
            raise CommandRefused(f"{path} exists and is no backup: choose another name, like hamroh.backup")
    try:
        copy_database(database, file)
        _copy_keys(keyring.store, keys)  # after the rows, so that it has every key they were sealed with
        dropped = _drop_older(keys, keyring.id)
    except OSError as error:
        raise CommandRefused(f"{error.filename or file} cannot be written ({error.strerror})") from None
    older = f", {dropped} older copies of the keys destroyed" if dropped else ""
    return f"{file} and {keys} written{older}; keep them apart, and the directory of master keys in a third place"


def _is_copy(path: Path, table: str) -> bool:
    """Whether this file is a copy made by us: a whole database in one file; one that is used has a log beside it."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as opened:
            has_log = opened.read(20)[18:] == _WITH_A_LOG
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
            found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    except (sqlite3.Error, OSError):
        return False
    return found is not None and not has_log


def copy_database(database: Database, target: Path) -> None:
    """Write the database to an SQLite file, whole as it was at one moment."""
    if database.path is not None:
        copy_file(database.path, target)
        return
    with written(target) as draft, snapshot(database) as source, plain(draft) as copy:
        upgrade(copy, revision_of(source) or "base")
        copy_rows(source, copy, leave=(TABLE,))


def _copy_keys(store: Database, target: Path) -> None:
    if store.path is not None:
        copy_file(store.path, target)
        return
    with written(target) as draft, snapshot(store) as source, plain(draft) as copy:
        key_schema.metadata.create_all(copy)
        copy_rows(source, copy)


def _drop_older(newest: Path, store_id: str) -> int:
    """Destroy this installation's older copies of the keys in the same directory."""
    copies = [path for path in newest.parent.glob("*.keys") if _store_of(path) == store_id]
    copies.sort(key=lambda path: (path == newest, path.stat().st_mtime_ns), reverse=True)
    for path in copies[KEPT:]:
        with path.open("r+b") as file:
            file.write(secrets.token_bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    return len(copies[KEPT:])


def _store_of(keys: Path) -> str | None:
    """Whose keys this file holds; None if it is something else."""
    try:
        with closing(sqlite3.connect(f"file:{keys}?mode=ro", uri=True)) as connection:
            row = connection.execute("SELECT value FROM key_facts WHERE name = 'id'").fetchone()
    except sqlite3.Error:
        return None
    return row and str(row[0])


# ---- putting one back


def restore(url: str, keys: KeyPlaces, clock: Clock, ids: Ids, file: Path) -> str:
    """Put FILE back, moving an existing database aside; says what was done.

    A key store that is there is kept: it alone knows who was erased since.  Only on a new machine FILE.keys is used.
    Whoever has no key any more is erased again, and nothing that should have gone out before now goes out late.
    Raises CommandRefused, and ConfigurationError when the master or index key is not the right one.
    """
    origin = _prepare_keys(file, _check(file), keys, clock)
    aside = _replace(url, file, clock.now())
    database, keyring = open_database(url), keys.open(clock)
    try:
        gone = _settle(database, keyring, clock.now(), ids)
    finally:
        database.dispose()
        keyring.close()
    return f"{file} is back, with {origin}; {gone} erased since then are erased again{aside}"


def _check(file: Path) -> str:
    """Whose keys sealed this backup; raises CommandRefused when it is none."""
    if not file.is_file():
        raise CommandRefused(f"{file} is not there")
    try:
        with plain(file) as connection:
            is_backup = inspect(connection).has_table(TABLE) and revision_of(connection) is not None
            sealed_by = connection.scalar(select(facts.c.value).where(facts.c.name == STORE)) if is_backup else None
    except DatabaseError:
        is_backup, sealed_by = False, None
    if not is_backup:
        raise CommandRefused(f"{file} is not a backup of Hamroh, or it is damaged")
    return sealed_by or ""


def _prepare_keys(file: Path, store_id: str, places: KeyPlaces, clock: Clock) -> str:
    """Have the right key store in place; says which one it is."""
    store = open_database(places.url)
    try:
        present = _id_of(store)
        if present not in {None, store_id}:
            raise CommandRefused("the key store is another one than the backup was sealed with: move it away first")
        if present is not None:
            return "the keys that were here"
        keys = file.with_name(f"{file.name}.keys")
        if _store_of(keys) != store_id:
            raise CommandRefused(f"{keys} is missing, damaged or of another backup: without it nothing can be read")
        _try_keys(keys, places, clock)
        with plain(keys) as source, store.transaction() as target:
            key_schema.metadata.create_all(target)
            copy_rows(source, target)
    finally:
        store.dispose()
    return f"the keys of {keys}"


def _id_of(store: Database) -> str | None:
    with store.reading() as connection:
        if not inspect(connection).has_table(key_facts.name):
            return None
        found: str | None = connection.scalar(select(key_facts.c.value).where(key_facts.c.name == "id"))
    return found


def _try_keys(keys: Path, places: KeyPlaces, clock: Clock) -> None:
    """The master key and the index key must fit before anything is changed; raises ConfigurationError."""
    with TemporaryDirectory() as folder:
        trial = Path(folder) / "keys.db"
        copy_file(keys, trial)
        replace(places, url=f"sqlite:///{trial}").open(clock).close()


def _replace(url: str, file: Path, now: datetime) -> str:
    """The backup's rows in place of what is there; says where that is now."""
    stamp = f"{now:%Y%m%d_%H%M%S}"
    database = open_database(url)
    try:
        path = database.path
        if path is None:
            with plain(file) as source, database.transaction() as connection:
                return _replace_schema(source, connection, stamp)
        _refuse_running(database)
        with database.reading() as connection:
            is_used = inspect(connection).has_table(TABLE)
    finally:
        database.dispose()
    aside = path.with_name(f"{path.name}.replaced-{stamp}")
    if is_used:
        copy_file(path, aside)
    for name in (path, *(path.with_name(f"{path.name}-{end}") for end in ("wal", "shm"))):
        with suppress(FileNotFoundError):
            name.unlink()
    copy_file(file, path)
    with plain(path) as connection:
        upgrade(connection)
    return f"; what was there before is {aside}" if is_used else ""


def _refuse_running(database: Database) -> None:
    lock = sender_lock(database, "restore")
    if not lock.try_hold():
        raise CommandRefused("Hamroh is running on this database: stop it first")
    lock.release()


def _replace_schema(source: Connection, target: Connection, stamp: str) -> str:
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    if target.scalar(others):
        raise CommandRefused("somebody is connected to this database: stop every Hamroh first")
    target.execute(text(f"ALTER SCHEMA public RENAME TO replaced_{stamp}"))
    target.execute(text("CREATE SCHEMA public"))
    upgrade(target, revision_of(source) or "head")
    copy_rows(source, target, leave=(TABLE,))
    upgrade(target)
    return f"; what was there before is in the schema replaced_{stamp}"


def _settle(database: Database, keyring: Keyring, now: datetime, ids: Ids) -> int:
    """Erase again whoever was erased since, and let nothing go out late; how many were erased."""
    with database.transaction() as connection:
        late = or_(outbox.c.state == "sending", (outbox.c.state == "waiting") & (outbox.c.due_at <= now))
        connection.execute(update(outbox).where(late).values(state="cancelled", body=null(), purge_at=now))
        connection.execute(update(mailboxes).values(lease_until=null(), next_due_at=now))
        note = upserting(connection, facts).values(name=RESTORED, value=now.isoformat())
        connection.execute(note.on_conflict_do_update(index_elements=["name"], set_={"value": now.isoformat()}))
        with keyring.store.reading() as keys:
            living = set(keys.scalars(select(key_schema.data_keys.c.subject)))
        fsm_rows.drop_keyless(connection, living)
        gone = _keyless(connection, living)
        doomed = [subject for chat in gone for subject in erase(connection, ids, chat, now).subjects]
    keyring.destroy(doomed)
    return len(gone)


def _keyless(connection: Connection, living: set[str]) -> list[str]:
    """The conversations of those who were erased: nothing that was sealed for them opens any more."""
    c = conversations.c
    is_hers = (c.owner == Owner.PARTICIPANT) | ((c.owner == Owner.STRANGER) & c.data.is_not(None))
    rows = connection.execute(select(c.id, c.owner, c.owner_id).where(is_hers).order_by(c.id)).all()
    return [row.id for row in rows if subject_of(Owner(row.owner), row.owner_id) not in living]
