"""What one transaction has collected so far; work.py writes it in bulk, in the order of the locks."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from bot.core.addresses import Address
from bot.core.effects import Audit, CancelSends
from bot.core.messages import Inbound
from bot.core.ports import Ids
from storage.conversations import Row
from storage.driver import Statement, Values
from storage.inbox import Post
from storage.outbox import Waiting
from storage.parcels import Claimed
from storage.profiles import Profile
from storage.sealing import Sealer
from storage.timers import Plan


class Standing(NamedTuple):
    """What may stand between a mother and what is sent to her, as her row and her cohort's say it."""

    frozen_at: datetime | None = None
    stopped_at: datetime | None = None
    hidden_at: datetime | None = None
    paused_until: datetime | None = None
    withheld_at: datetime | None = None
    cohort_withheld_at: datetime | None = None


NOTHING = Standing()
"""How everybody else stands."""


@dataclass(slots=True)
class Bulk:
    """Rows that wait to be written with others of their kind; those of one key are written in their order."""

    rows: dict[Statement, list[Values]] = field(default_factory=dict)
    keys: set[tuple[str, ...]] = field(default_factory=set)

    def add(self, connection: Connection, statement: Statement, key: tuple[str, ...], row: Values) -> None:
        """One more; whatever waits under the same key is written first."""
        if key in self.keys:
            self.write(connection)
        self.keys.add(key)
        self.rows.setdefault(statement, []).append(row)

    def write(self, connection: Connection) -> None:
        """Write them, before anything that may read or delete them."""
        for statement, rows in self.rows.items():
            statement.each(connection, rows)
        self.rows.clear()
        self.keys.clear()


@dataclass(slots=True)
class Unit:
    """The connection with everything that waits to be written through it.

    `addresses` are those that came in with this batch, by account.  `verdicts` counts (rules, concept, outcome).
    `standings` are those of the participants that were read since `began_at` and have not changed here.  `rooms` is how
    many parcels the sender of each line takes at once, `handed` are those that it gets after the commit; `woken_lines`
    have more that must be looked for.
    `after_commit` runs once everything is durable.
    """

    connection: Connection
    sealer: Sealer
    ids: Ids
    zone: str
    began_at: datetime
    rooms: dict[str, int] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    addresses: dict[str, Address] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    stored_profiles: dict[str, Profile] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    outbox: list[Waiting] = field(default_factory=list)
    standings: dict[str, Standing] = field(default_factory=dict)
    handed: dict[str, list[Claimed]] = field(default_factory=dict)
    woken_lines: set[str] = field(default_factory=set)
    cancels: list[tuple[str, CancelSends]] = field(default_factory=list)
    timers: Plan = field(default_factory=Plan)
    messages: list[dict[str, Any]] = field(default_factory=list)
    bulk: Bulk = field(default_factory=Bulk)
    audit: list[Audit] = field(default_factory=list)
    settled: dict[tuple[str, str], tuple[str, str | None]] = field(default_factory=dict)  # broadcast and participant
    verdicts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    is_desk_changed: bool = False
    after_commit: list[Callable[[], None]] = field(default_factory=list)


@dataclass(slots=True)
class Turn:
    """One turn being recorded: its conversation's row, where it came from, and how many posts it has made.

    `source` is the id of the inbox row (or of the timer's play) that names the posts of this turn.
    """

    unit: Unit
    row: Row
    source: str
    now: datetime
    inbound: Inbound | None
    posted: int = 0

    @property
    def connection(self) -> Connection:
        """The transaction."""
        return self.unit.connection

    @property
    def sealer(self) -> Sealer:
        """What seals."""
        return self.unit.sealer

    @property
    def conversation_id(self) -> str:
        """Whose turn it is."""
        return self.row.conversation.id

    @property
    def owner_id(self) -> str:
        """The participant, member of staff or account whose conversation it is now."""
        return self.row.conversation.owner_id

    def seal(self, subject: str, place: str, row: str, value: Mapping[str, Any]) -> bytes:
        """Seal JSON for a subject."""
        return self.sealer.seal_json(subject, place, row, value)
