"""The one difference in SQL between our databases: INSERT … ON CONFLICT comes from the dialect."""

from typing import Any

from sqlalchemy import Connection, Row, Table
from sqlalchemy.dialects import postgresql, sqlite

Upsert = postgresql.Insert | sqlite.Insert
AnyRow = Row[*tuple[Any, ...]]
"""A row whose columns are read by name."""


def upserting(connection: Connection, table: Table) -> Upsert:
    """An INSERT into the table that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
