"""The chain of acts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from bot.core.effects import Audit
from storage import audit
from storage.schema import audit as rows
from storage.schema import facts
from tests.world import MORNING

ACTS = [Audit("take", "staff-1", "case-1"), Audit("read", "staff-1", "case-1"), Audit("freeze", "staff-2")]


@pytest.fixture
def chain(database, sealer):
    with database.transaction() as connection:
        audit.write(connection, sealer, ACTS[:2], MORNING)
    with database.transaction() as connection:
        audit.write(connection, sealer, ACTS[2:], MORNING + timedelta(hours=1))
    return database


def verify(database, sealer):
    with database.reading() as connection:
        return audit.verify(connection, sealer)


def change(database, statement):
    with database.transaction() as connection:
        connection.execute(statement)


def test_nothing_written_is_a_whole_chain(database, sealer):
    assert verify(database, sealer) is None


def test_what_was_written_verifies(chain, sealer):
    assert verify(chain, sealer) is None


@pytest.mark.parametrize(
    "values",
    [{"action": "nothing"}, {"actor_id": "staff-3"}, {"case_id": None}, {"at": MORNING + timedelta(seconds=1)}],
)
def test_a_changed_row_shows(chain, sealer, values):
    change(chain, update(rows).where(rows.c.seq == 2).values(**values))
    assert verify(chain, sealer) == "2"


@pytest.mark.parametrize("seq", [1, 2, 3])
def test_a_missing_row_shows_and_so_does_a_missing_end(chain, sealer, seq):
    change(chain, delete(rows).where(rows.c.seq == seq))
    assert verify(chain, sealer) == str(seq)


def test_two_rows_that_changed_places_show(chain, sealer):
    for old, new in ((1, 9), (2, 1), (9, 2)):
        change(chain, update(rows).where(rows.c.seq == old).values(seq=new))
    assert verify(chain, sealer) == "1"


def test_an_end_written_by_somebody_without_the_key_shows(chain, sealer):
    change(chain, delete(rows).where(rows.c.seq == 3))
    with chain.reading() as connection:
        mac = connection.scalar(select(rows.c.mac).where(rows.c.seq == 2))
    change(chain, update(facts).where(facts.c.name == audit.HEAD).values(value=f"2|{mac.hex()}|{'0' * 64}"))
    assert verify(chain, sealer) is not None


def test_old_rows_go_and_the_rest_still_verifies(chain, sealer):
    with chain.transaction() as connection:
        assert audit.purge(connection, sealer, MORNING + timedelta(minutes=1), 100) == 2
    assert verify(chain, sealer) is None
    change(chain, delete(rows).where(rows.c.seq == 3))
    assert verify(chain, sealer) == "3"


def test_rows_go_in_portions(chain, sealer):
    with chain.transaction() as connection:
        assert audit.purge(connection, sealer, MORNING + timedelta(days=1), 2) == 2
        assert connection.scalar(select(func.count()).select_from(rows)) == 1


def test_processes_that_write_at_once_make_one_chain(database, sealer):
    def act(number):
        with database.transaction() as connection:
            audit.write(
                connection, sealer, [Audit("take", f"staff-{number}"), Audit("read", f"staff-{number}")], MORNING
            )

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(act, range(20)))
    with database.reading() as connection:
        assert list(connection.scalars(select(rows.c.seq).order_by(rows.c.seq))) == list(range(1, 41))
    assert verify(database, sealer) is None
