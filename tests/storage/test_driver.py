"""Statements at the level of the driver: as many rows and items as one likes, in the types of the columns."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, bindparam, func, insert, select
from sqlalchemy.exc import IntegrityError

from bot.core.conversation import Owner
from bot.core.errors import StorageUnavailable
from storage.database import Database
from storage.driver import PORTIONS, Statement
from storage.schema import conversations, facts, lines
from storage.upsert import upserting
from tests.world import MORNING as NOW

ADD = Statement(
    lambda connection: (
        upserting(connection, facts).values(name=bindparam("name"), value=bindparam("value")).on_conflict_do_nothing()
    )
)
NUMBERS = sorted({0, 1, *PORTIONS, *(size + 1 for size in PORTIONS), sum(PORTIONS), 3 * max(PORTIONS) - 1})


@pytest.mark.parametrize("number", NUMBERS)
def test_every_row_of_many_is_written_once(database: Database, number: int) -> None:
    rows = [{"name": f"fact-{n}", "value": str(n)} for n in range(number)]
    with database.transaction() as connection:
        assert ADD.each(connection, rows) == number
        assert ADD.each(connection, [*rows, {"name": "fact-new", "value": "x"}]) == 1
    found = select(facts.c.name, facts.c.value).where(facts.c.name.startswith("fact-"))
    with database.reading() as connection:
        kept = {row.name: row.value for row in connection.execute(found)}
    assert kept == {row["name"]: row["value"] for row in rows} | {"fact-new": "x"}


def test_a_list_is_looked_among_whatever_its_length_and_its_opposite_too(database: Database) -> None:
    these = Statement(select(facts.c.name).where(facts.c.name.in_(bindparam("names", expanding=True))))
    others = Statement(select(facts.c.name).where(facts.c.name.not_in(bindparam("names", expanding=True))))
    with database.transaction() as connection:
        before = {row.name for row in connection.execute(select(facts.c.name))}
        ADD.each(connection, [{"name": name, "value": ""} for name in "abc"])
        for names in (["a"], ["c", "a"], ["x"]):
            assert {row.name for row in these.rows(connection, names=names)} == set("abc") & set(names)
            assert {row.name for row in others.rows(connection, names=names)} == (before | set("abc")) - set(names)


def test_instants_words_of_an_enumeration_bytes_and_nothing_come_back_as_they_went(database: Database) -> None:
    add = Statement(
        lambda connection: upserting(connection, conversations).values(
            {name: bindparam(name) for name in conversations.c.keys()}  # noqa: SIM118 - a collection of columns
        )
    )
    plain = {"owner_id": "x", "state": "A:b", "language": "tg", "version": 1, "held_by": None, "changed_at": NOW}
    rows = [
        plain | {"id": f"chat-{n}", "owner": owner, "account_id": account, "data": data, "last_in_at": at}
        for n, (owner, account, data, at) in enumerate(
            [(Owner.GROUP, None, None, None), ("staff", "y", b"\x00\xff", NOW - timedelta(microseconds=1))]
        )
    ]
    read = Statement(select(*(conversations.c[name] for name in rows[0])).order_by(conversations.c.id))
    with database.transaction() as connection:
        add.each(connection, rows)
        assert [row._asdict() for row in read.rows(connection)] == rows


def test_every_sign_of_a_word_comes_back_as_it_went_and_is_found_by_it(database: Database) -> None:
    odd = ['"', "\\", '\\"', "{}", "a,b", "NULL", "", " ", "\n\t", "'", "салом 👍", "%s %(name)s", "$1"]
    read = Statement(select(facts.c.name, facts.c.value).where(facts.c.value.in_(bindparam("values", expanding=True))))
    with database.transaction() as connection:
        ADD.each(connection, [{"name": f"odd-{n}", "value": word} for n, word in enumerate(odd)])
        found = {row.name: row.value for row in read.rows(connection, values=odd) if row.name.startswith("odd-")}
    assert found == {f"odd-{n}": word for n, word in enumerate(odd)}


def test_a_word_that_is_too_long_is_refused_and_not_cut(database: Database) -> None:
    if not database.is_postgres:
        pytest.skip("SQLite has no longest word")
    add = Statement(lambda connection: upserting(connection, lines).values(line=bindparam("line")))
    with pytest.raises(Exception, match="too long"), database.transaction() as connection:
        add.each(connection, [{"line": "x" * 81}])


def test_a_mistake_of_ours_is_raised_as_core_raises_it_and_nothing_is_kept(database: Database) -> None:
    add = Statement(insert(facts).values(name=bindparam("name"), value=bindparam("value")))
    with pytest.raises(IntegrityError), database.transaction() as connection:
        add.each(connection, [{"name": "same", "value": "1"}, {"name": "same", "value": "2"}])
    with database.reading() as connection:
        assert connection.execute(select(facts.c.name).where(facts.c.name == "same")).all() == []


def test_an_outage_in_the_middle_is_told_as_one_and_the_next_transaction_works(database: Database) -> None:
    with pytest.raises(StorageUnavailable):
        _write_half(database)
    with database.reading() as connection:
        assert connection.execute(select(facts.c.name).where(facts.c.name.startswith("fact-"))).all() == []


def _write_half(database: Database) -> None:
    with database.transaction() as connection:
        ADD.each(connection, [{"name": "fact-before", "value": ""}])
        _cut_off(database, connection)
        ADD.each(connection, [{"name": f"fact-{n}", "value": "x" * 4000} for n in range(10)])


def _cut_off(database: Database, connection: Connection) -> None:
    """SQLite's disk is full; PostgreSQL ends the connection."""
    if database.is_postgres:
        mine = connection.scalar(select(func.pg_backend_pid()))
        with database.engine.connect() as other:
            other.execute(select(func.pg_terminate_backend(mine)))
    else:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")  # never less than there are
