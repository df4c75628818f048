"""Which revision of the schema a database has, and how it comes to another one.

Alembic is imported only when something has to change: it costs a third of a start.
"""

from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from bot.core.errors import ConfigurationError

TABLE = "alembic_version"
_HOME = Path(__file__).parent / "migrations"
_KNOWN = tuple(sorted(path.stem.partition("_")[0] for path in _HOME.glob("versions/[0-9]*_*.py")))
"""The steps this code knows, in order: a step's file is named after its revision."""


def revision_of(connection: Connection) -> str | None:
    """The revision of this database; None for one without tables.  Raises ConfigurationError if we do not know it."""
    if not inspect(connection).has_table(TABLE):
        return None
    present: str | None = connection.scalar(select(column("version_num")).select_from(table(TABLE)))
    if present is not None and present not in _KNOWN:
        raise ConfigurationError("the database was made by a newer Hamroh than this one: install that version again")
    return present


def newest_revision() -> str:
    """The revision that this code works with."""
    return _KNOWN[-1]


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the schema to this revision, within the transaction of the connection."""
    from alembic import command  # noqa: PLC0415 - see the top of this file
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_HOME).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
