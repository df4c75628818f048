"""Wake-ups between processes."""

import pytest

from bot.core.effects import Say
from bot.core.errors import StorageUnavailable
from bot.core.messages import Outgoing
from storage import wakeups
from storage.database import open_database
from storage.store import Store
from storage.wakeups import Listener
from tests.storage.conftest import Server
from tests.storage.stage import LINE, Stage


@pytest.fixture
def shared(postgres: Server):
    with postgres.lend() as url:
        database = open_database(url)
        yield url, database
        database.dispose()


@pytest.fixture
def listener(shared):
    listener = Listener(shared[1])
    listener.wait(0)
    yield listener
    listener.close()


def test_a_sender_hears_of_a_commit_and_of_nothing_else(shared, listener):
    _, database = shared
    with database.transaction() as connection:
        wakeups.notify(connection, {"telegram:1", "telegram:2"})
        assert listener.wait(0.01) == set()
    assert listener.wait(5) == {"telegram:1", "telegram:2"}
    assert listener.wait(0.01) == set()


def test_what_is_rolled_back_wakes_nobody(shared, listener):
    with shared[1].engine.connect() as connection:
        wakeups.notify(connection, {"telegram:1"})
        connection.rollback()
    assert listener.wait(0.05) == set()


def test_a_turn_that_says_something_wakes_the_sender_of_its_line(shared, listener, keyring, clock, ids):
    stage = Stage(Store(shared[1], keyring, clock, ids), clock)
    stage.play("olma", Say(Outgoing("салом")))
    assert listener.wait(5) == {LINE}
    stage.play("olma")
    assert listener.wait(0.05) == set()


def test_a_connection_that_breaks_off_is_an_outage_and_is_made_anew(shared, listener, postgres):
    url, _ = shared
    postgres.cut(url)
    with pytest.raises(StorageUnavailable):
        listener.wait(5)
    assert listener.wait(0.01) == set()
    with open_database(url).transaction() as connection:
        wakeups.notify(connection, {"telegram:1"})
    connection.engine.dispose()
    assert listener.wait(5) == {"telegram:1"}


def test_sqlite_needs_no_wake_up(tmp_path):
    database = open_database(str(tmp_path / "hamroh.db"))
    with database.transaction() as connection:
        wakeups.notify(connection, {"telegram:1"})
    database.dispose()
