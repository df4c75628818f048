"""SQL is compiled once in a process instead of once for every database: a test's database lives for a second."""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

_COMPILED: dict[Any, Any] = {}


class SQLite(SQLiteDialect_pysqlite):
    """SQLAlchemy's own; any two say the same, and all engines remember together what they compiled."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=_COMPILED)


class PostgreSQL(PGDialect_psycopg):
    """As above."""

    supports_statement_cache = True
    __eq__, __hash__, engine_created = SQLite.__eq__, SQLite.__hash__, SQLite.engine_created


def remember() -> None:
    """From now on every engine that is made compiles a statement only if none before it has."""
    registry.register("sqlite", __name__, "SQLite")
    registry.register("postgresql.psycopg", __name__, "PostgreSQL")
