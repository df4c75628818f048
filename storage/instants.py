"""An instant in the database: whole microseconds since 1970 in UTC, the same on every kind of database."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Dialect, TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_microseconds(value: datetime | None) -> int | None:
    """As the database has it; refuses naive times."""
    if value is None:
        return None
    since = value - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def to_instant(value: int | None) -> datetime | None:
    """As an aware UTC instant."""
    return None if value is None else EPOCH + timedelta(0, 0, value)


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored as whole microseconds since 1970 (UTC) on every database.

    Each row has several: its processors go without the steps that other types take.
    """

    impl = BigInteger
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:
        """To microseconds."""
        del dialect
        return to_microseconds

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[int | None], datetime | None]:
        """From microseconds."""
        del dialect, coltype
        return to_instant

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To microseconds, where a statement is written out."""
        del dialect
        return to_microseconds(value)
