"""An instant in the database: whole microseconds since 1970 in UTC, the same on every kind of database."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Dialect, TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored as whole microseconds since 1970 (UTC) on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To microseconds; refuses naive times."""
        del dialect
        if value is None:
            return None
        since = value - EPOCH
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """From microseconds to an aware UTC instant."""
        del dialect
        return None if value is None else EPOCH + timedelta(microseconds=value)
