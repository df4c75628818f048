"""Opening a database, and what an outage is."""

import sqlite3
import stat
import threading
from contextlib import suppress

import pytest
from sqlalchemy import create_engine, insert, select, text
from sqlalchemy.exc import DBAPIError

from bot.core.errors import ConfigurationError, StorageUnavailable
from storage.database import Database, open_database, tell
from storage.schema import facts
from storage.sender_lock import SenderLock, sender_lock
from tests.storage.conftest import Server, name_of

ONE = insert(facts).values(name="invented", value="1")


def names(database):
    with database.reading() as connection:
        return list(connection.scalars(select(facts.c.name)))


def test_a_transaction_is_there_at_its_end_and_not_before(database, url):
    other = open_database(url)
    with database.transaction() as connection:
        connection.execute(ONE)
        assert names(other) == []
    assert names(other) == ["invented"]
    other.dispose()


def test_a_transaction_that_raises_leaves_nothing(database):
    with suppress(ZeroDivisionError), database.transaction() as connection:
        connection.execute(ONE)
        1 / 0  # noqa: B018
    assert names(database) == []


def test_a_mistake_of_ours_is_not_an_outage_and_tells_no_values(database):
    with pytest.raises(DBAPIError) as told, database.transaction() as connection:
        connection.execute(text("INSERT INTO nowhere VALUES (:secret)"), {"secret": "canary"})
    assert "canary" not in str(told.value)


def test_a_lock_held_by_somebody_else_is_an_outage(tmp_path, migrated_file):
    path = tmp_path / "hamroh.db"
    path.write_bytes(migrated_file.read_bytes())
    database = open_database(str(path), busy_seconds=0.01)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StorageUnavailable), database.transaction() as connection:
        connection.execute(ONE)
    holder.execute("ROLLBACK")
    holder.close()
    with database.transaction() as connection:
        connection.execute(ONE)
    database.dispose()


def test_a_full_disk_is_an_outage_and_nothing_is_half_written(tmp_path, migrated_file):
    path = tmp_path / "hamroh.db"
    path.write_bytes(migrated_file.read_bytes())
    database = open_database(str(path))

    def fill(connection):
        pages = connection.execute(text("PRAGMA page_count")).scalar()
        connection.execute(text(f"PRAGMA max_page_count={pages}"))
        for number in range(2000):
            connection.execute(insert(facts).values(name=f"n{number}", value="x" * 400))

    with pytest.raises(StorageUnavailable), database.transaction() as connection:
        fill(connection)
    database.dispose()
    again = open_database(str(path))
    assert names(again) == []
    again.dispose()


def write_and_lose_the_server(postgres, url, database):
    with database.transaction() as connection:
        connection.execute(ONE)
        postgres.cut(url)
        connection.execute(select(1))


def test_a_server_that_stops_is_an_outage_and_comes_back(postgres: Server):
    with postgres.lend() as url:
        database = open_database(url)
        with pytest.raises(StorageUnavailable):
            write_and_lose_the_server(postgres, url, database)
        assert names(database) == []
        database.dispose()


@pytest.mark.parametrize("url", ["mysql://x", "sqlite://", "sqlite:///:memory:", "postgresql"])
def test_what_is_no_database_of_ours_is_one_clear_line(url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if url == "postgresql":
        open_database(url).dispose()  # a bare word is the name of a file
        assert (tmp_path / "postgresql").exists()
        return
    with pytest.raises(ConfigurationError, match="HAMROH_DATABASE_URL"):
        open_database(url)


def test_a_postgres_that_may_forget_commits_is_refused(postgres: Server):
    with postgres.lend() as url:
        postgres.execute(f"ALTER DATABASE {name_of(url)} SET synchronous_commit = off")
        with pytest.raises(ConfigurationError, match="synchronous_commit"):
            open_database(url)


PROMISED = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")


def test_sqlite_keeps_what_it_promised_in_every_connection(tmp_path):
    database = open_database(str(tmp_path / "new" / "hamroh.db"))
    assert stat.S_IMODE((tmp_path / "new" / "hamroh.db").stat().st_mode) == 0o600
    found = []

    def look():
        with database.reading() as connection:
            found.append(tuple(connection.execute(text(f"PRAGMA {name}")).scalar() for name in PROMISED))

    threads = [threading.Thread(target=look) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) == {("wal", 2, 1, 1, 5000)}
    database.dispose()


# ---- one sender per line


def soon_holds(lock: SenderLock) -> bool:
    """Whether it gets the line; PostgreSQL frees a lock a moment after its session has gone."""
    return any(lock.try_hold() or threading.Event().wait(0.005) for _ in range(1000))


def test_one_process_sends_on_a_line(database: Database, url):
    mine, other = sender_lock(database, "telegram:1"), sender_lock(open_database(url), "telegram:1")
    assert mine.try_hold()
    assert mine.try_hold()
    assert not other.try_hold()
    mine.release()
    assert soon_holds(other)
    assert not mine.try_hold()
    other.release()
    other._database.dispose()


def test_one_process_sends_on_two_lines_of_one_file_until_it_has_let_go_of_both(database: Database, url):
    first, second = sender_lock(database, "telegram:1"), sender_lock(database, "whatsapp:1")
    other = sender_lock(open_database(url), "whatsapp:1")
    assert first.try_hold()
    assert second.try_hold()
    first.release()
    assert not other.try_hold()
    second.release()
    assert soon_holds(other)
    other.release()
    other._database.dispose()


def test_two_lines_have_two_senders_on_postgres(postgres: Server):
    with postgres.lend() as url:
        one, two = open_database(url), open_database(url)
        locks = [sender_lock(one, "telegram:1"), sender_lock(two, "telegram:2")]
        assert [lock.try_hold() for lock in locks] == [True, True]
        for lock in locks:
            lock.release()
        one.dispose()
        two.dispose()


def test_a_sender_whose_connection_is_cut_no_longer_holds_its_line(postgres: Server):
    with postgres.lend() as url:
        one, two = open_database(url), open_database(url)
        mine, other = sender_lock(one, "telegram:1"), sender_lock(two, "telegram:1")
        assert mine.try_hold()
        postgres.cut(url)
        assert soon_holds(other)
        assert not mine.try_hold()
        other.release()
        assert soon_holds(mine)
        mine.release()
        one.dispose()
        two.dispose()


def test_a_sender_for_whom_no_connection_is_left_does_not_hold_its_line_yet(postgres: Server):
    with postgres.lend() as url:
        one = Database(
            create_engine(
                url.replace("postgresql:", "postgresql+psycopg:"), pool_size=1, max_overflow=0, pool_timeout=0.001
            )
        )
        mine = sender_lock(one, "telegram:1")
        with one.engine.connect():
            assert not mine.try_hold()
        assert mine.try_hold()
        mine.release()
        one.dispose()


def test_a_file_that_is_no_database_is_one_clear_line(tmp_path):
    file = tmp_path / "letters.db"
    file.write_text("not a database " * 100, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="is not a database: choose another file"):
        open_database(f"sqlite:///{file}")


def test_a_file_that_was_cut_off_is_one_clear_line(tmp_path):
    file = tmp_path / "hamroh.db"
    open_database(f"sqlite:///{file}").dispose()
    file.write_bytes(file.read_bytes()[:100] or b"SQLite format 3\0" + bytes(84))
    with pytest.raises(ConfigurationError, match=r"is (damaged|not a database): choose another file"):
        open_database(f"sqlite:///{file}")


def test_a_server_that_is_not_there_is_named_without_its_password():
    with pytest.raises(StorageUnavailable, match=r"the database at 127\.0\.0\.1:9 cannot be reached") as refused:
        open_database("postgresql://invented:secret@127.0.0.1:9/none")
    assert "secret" not in str(refused.value)


class _Refusing:
    """A connection that somebody else keeps from turning a new file to WAL, so many times."""

    def __init__(self, times):
        self.times, self.told = times, []

    def execute(self, pragma):
        self.told.append(pragma)
        if len(self.told) <= self.times:
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise error


def test_of_several_who_open_a_new_file_first_at_once_none_is_turned_away():
    connection = _Refusing(1)
    tell(connection, "PRAGMA journal_mode=WAL", 1.0)
    assert len(connection.told) == 2
    with pytest.raises(sqlite3.OperationalError):
        tell(_Refusing(1000), "PRAGMA journal_mode=WAL", 0.04)
