"""Which revision of the schema a database has, and how it comes to another one."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection

from bot.core.errors import ConfigurationError

TABLE = "alembic_version"


def revision_of(connection: Connection) -> str | None:
    """The revision of this database; None for one without tables.  Raises ConfigurationError if we do not know it."""
    present = MigrationContext.configure(connection).get_current_revision()
    if present is not None and not _is_known(present):
        raise ConfigurationError("the database was made by a newer Hamroh than this one: install that version again")
    return present


def newest_revision() -> str:
    """The revision that this code works with."""
    return _script().get_current_head() or ""


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the schema to this revision, within the transaction of the connection."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _is_known(revision: str) -> bool:
    try:
        return _script().get_revision(revision) is not None
    except CommandError:
        return False


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
