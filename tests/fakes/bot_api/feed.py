"""The updates that wait for the bot: made, held back, repeated, confirmed, and dropped when they are too old."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.fakes.bot_api.time import Bell, ServerClock

Json = dict[str, Any]
CALLBACK_LIFETIME = timedelta(seconds=150)
LIFETIME = timedelta(hours=24)
ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
QUEUE_SHIFT = {"callback_query": 3 << 33, "my_chat_member": 5 << 33, "chat_member": 6 << 33}
FUTURE = 10


@dataclass(eq=False)
class Pending:
    """One update that the bot has not confirmed."""

    update: Json
    kind: str
    queue: int
    expires_at: datetime
    is_forced: bool = False

    @property
    def id(self) -> int:
        """Its update_id."""
        number: int = self.update["update_id"]
        return number


@dataclass
class Feed:
    """All updates of one bot, in the order in which they were made."""

    clock: ServerClock
    bell: Bell
    next_id: int
    allowed: frozenset[str] = frozenset()
    pending: list[Pending] = field(default_factory=list)
    held: list[Pending] | None = None
    made: dict[int, Pending] = field(default_factory=dict)
    dropped: list[Json] = field(default_factory=list)
    handed: Counter[int] = field(default_factory=Counter)

    def add(self, kind: str, body: object, owner: int) -> int | None:
        """Make an update of that kind; None when the bot did not ask for such updates."""
        if kind in ON_REQUEST - self.allowed or (self.allowed and kind not in self.allowed):
            return None
        lifetime = CALLBACK_LIFETIME if kind == "callback_query" else LIFETIME
        update = {"update_id": self.next_id, kind: body}
        queue = owner + QUEUE_SHIFT.get(kind, 0)
        self.next_id += 1
        self._put(Pending(update, kind, queue, self.clock.now() + lifetime))
        return self.next_id - 1

    def repeat(self, update_id: int) -> None:
        """Deliver that update once more, confirmed or not."""
        known = self.made[update_id]
        self._put(Pending(known.update, known.kind, known.queue, known.expires_at, is_forced=True))

    def hold(self) -> None:
        """Keep new updates back until `release`."""
        self.held = []

    def release(self, order: Sequence[int] | Random | None = None) -> None:
        """Let held updates go: as made, shuffled by a seeded Random, or in the given order of positions."""
        held, self.held = self.held or [], None
        if isinstance(order, Random):
            order.shuffle(held)
        elif order is not None:
            held = [held[n] for n in order]
        self.pending += held
        self.bell.ring()

    def restart_ids(self, at: int) -> None:
        """Number the next update `at`, as Telegram does at random after a week without updates."""
        self.next_id = at

    def live(self) -> list[Pending]:
        """What is still worth delivering; the rest is dropped without trace for the bot."""
        now = self.clock.now()
        for gone in [pending for pending in self.pending if pending.expires_at <= now]:
            self.pending.remove(gone)
            self.dropped.append(gone.update)
        return self.pending

    def take(self, offset: int, limit: int) -> list[Json]:
        """Confirm everything below `offset`, then give up to `limit` updates from there on."""
        live = self.live()
        highest = max((pending.id for pending in live), default=0)
        if offset < 0:
            offset = live[max(0, len(live) + offset)].id if live else 0
        if live and offset > highest + FUTURE:
            offset = 0
        self.pending = [pending for pending in live if pending.id >= offset or pending.is_forced]
        given = self.pending[:limit]
        for pending in given:
            pending.is_forced = False
            self.handed[pending.id] += 1
        return [pending.update for pending in given]

    def done(self, pending: Pending) -> None:
        """Forget an update that a webhook has confirmed."""
        if pending in self.pending:
            self.pending.remove(pending)
        self.bell.ring()

    def drop_all(self) -> None:
        """Forget everything that waits (drop_pending_updates)."""
        self.dropped += [pending.update for pending in self.pending]
        self.pending = []

    def _put(self, pending: Pending) -> None:
        self.made[pending.id] = pending
        (self.pending if self.held is None else self.held).append(pending)
        self.bell.ring()
