"""The unit of work of turns: what arrived, who it is, what may be known, and the record of all effects in one commit.

Locks are taken in the order conversations (by id), mailboxes (by id), timers; nothing is locked before the
conversations, so two processes on one PostgreSQL never wait for each other in a circle.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection

from bot.core.addresses import Address
from bot.core.cases import NOTHING, Finding
from bot.core.conversation import Conversation, Facts, Owner
from bot.core.effects import Effect
from bot.core.errors import AddressMoved
from bot.core.event import Event
from bot.core.events import ReachChanged
from bot.core.messages import Inbound
from bot.core.moving import MoveUsed
from bot.core.ports import Clock, Ids
from storage import (
    accounts,
    audit,
    broadcasts,
    cases,
    conversations,
    inbox,
    messages,
    naming,
    participants,
    places,
    receipts,
    sends,
    staff,
    timers,
)
from storage.accounts import Known
from storage.handing import Handed, Offer
from storage.knowledge import Completion, Knowledge
from storage.receipts import Marked
from storage.recorders import RECORDERS
from storage.sealing import Sealer
from storage.staff import DeskCache
from storage.unit import Turn, Unit


@dataclass(frozen=True, slots=True)
class Arrived:
    """An update that never came before; `sender` is None for somebody unknown in a group."""

    inbox_id: str
    inbound: Inbound
    chat: Known
    sender: Known | None


@dataclass(frozen=True, slots=True)
class Posted:
    """An event another turn posted; None is one that cannot be read and must be quarantined."""

    inbox_id: str
    conversation_id: str
    event: Event | None


@dataclass(frozen=True, slots=True)
class Fallen:
    """A timer that fell due; `event` is None when it cannot be read."""

    conversation_id: str
    key: str
    event: Event | None
    due_at: datetime


class Work:
    """One transaction of turns.

    Call `admit`, then `posted`, then `fallen` (those that are needed), and then, once for each turn of a
    conversation: `lock`, `facts`, `record`, and `done` or `quarantine`; `flush` between two turns of one conversation.
    `lock` may name other conversations only where none is locked yet, or the order of the locks would break.
    """

    def __init__(
        self,
        connection: Connection,
        sealer: Sealer,
        clock: Clock,
        ids: Ids,
        desk: DeskCache,
        zone: str,
        offers: Mapping[str, Offer],
    ) -> None:
        rooms = {line: offer.room for line, offer in offers.items()}
        self._unit = Unit(connection, sealer, ids, zone, clock.now(), rooms)
        self._connection = connection
        self._sealer = sealer
        self._clock = clock
        self._ids = ids
        self._desk = desk
        self._touched: set[str] = set()
        self._posts: set[str] = set()
        self._played: list[str] = []
        self._wrote_from: dict[str, str] = {}
        self._migrations: list[tuple[str, str]] = []
        self._naming = naming.Naming(self._unit)
        self.posted_ids: list[str] = []
        self.moves: list[str] = []  # those of them that decide whose what she sends next is, in their order
        self.timers_changed = False
        self.broken: list[str] = []
        self._marked = {line: self._mark(line, offer) for line, offer in offers.items()}

    @property
    def woken_lines(self) -> set[str]:
        """The lines on which something waits now that their senders must look for."""
        return self._unit.woken_lines

    @property
    def handed(self) -> dict[str, Handed]:
        """What the senders that made an offer get after the commit."""
        unit = self._unit
        return {
            line: Handed(line in unit.woken_lines, unit.handed.get(line, ()), unit.began_at, marked)
            for line, marked in self._marked.items()
        }

    # ---- what is to be played

    def admit(self, inbounds: Sequence[Inbound]) -> list[Arrived | None]:
        """Record that these updates came and say whose they are; None for one that came before.

        Of somebody new nothing is kept but the keyed hash of the address (S18).
        """
        now, inbounds = self._clock.now(), self._naming.resolve(inbounds)
        known = self._known(inbounds, now)
        ids = [self._ids.id() for _ in inbounds]
        rows = [(id_, inbound, known[inbound.chat].conversation_id) for id_, inbound in zip(ids, inbounds, strict=True)]
        fresh = inbox.admit(self._connection, rows, now) if rows else set()
        return [
            self._arrive(id_, inbound, known) if id_ in fresh else None
            for id_, inbound in zip(ids, inbounds, strict=True)
        ]

    def _known(self, inbounds: Sequence[Inbound], now: datetime) -> dict[Address, Known]:
        """Everybody who writes, and every chat; unknown chats are made."""
        chats = {inbound.chat: inbound.is_group for inbound in inbounds}
        addresses = {a for i in inbounds for a in ((i.chat,) if i.sender is i.chat else (i.chat, i.sender))}
        blinds = {address: self._sealer.blind(address.key) for address in addresses}
        found = accounts.find(self._connection, blinds.values())
        found |= self._naming.heirs(inbounds, found)
        fresh = [(blinds[chat], chat.line, is_group) for chat, is_group in chats.items() if blinds[chat] not in found]
        if fresh:
            found |= accounts.make(self._connection, self._ids, fresh, now)
        return {address: found[blind] for address, blind in blinds.items() if blind in found}

    def _arrive(self, id_: str, inbound: Inbound, known: dict[Address, Known]) -> Arrived:
        chat, sender = known[inbound.chat], known.get(inbound.sender)
        self._unit.addresses[chat.account_id] = inbound.chat
        self._wrote_from[chat.conversation_id] = chat.account_id
        self._touched |= {one.conversation_id for one in (chat, sender) if one is not None}
        self._touched |= self._naming.note(id_, inbound, chat)
        return Arrived(id_, inbound, chat, sender)

    def moved(self, waiting: Sequence[tuple[str, str, Inbound]]) -> dict[str, Arrived]:
        """Those of these admitted updates (id, conversation, update) whose address leads elsewhere by now (S17)."""
        blinds = {id_: self._sealer.blind(inbound.chat.key) for id_, _, inbound in waiting if not inbound.is_group}
        found = accounts.find(self._connection, blinds.values())
        moved: dict[str, Arrived] = {}
        for id_, conversation_id, inbound in waiting:
            chat = found.get(blinds.get(id_, b""))
            if chat is not None and chat.conversation_id != conversation_id:
                moved[id_] = Arrived(id_, inbound, chat, chat)
                self._wrote_from[chat.conversation_id] = chat.account_id
        inbox.redirect(self._connection, {id_: arrived.chat.conversation_id for id_, arrived in moved.items()})
        return moved

    def posted(self, inbox_ids: Sequence[str]) -> list[Posted]:
        """Those of these posts that still wait to be played, in the given order; their conversations are locked."""
        if not inbox_ids:
            return []
        waiting = inbox.where_to(self._connection, inbox_ids)
        self._touched |= set(waiting.values())
        self._lock_touched()
        self._played += [id_ for id_, to in waiting.items() if to not in self._unit.rows]  # nobody is there any more
        events = inbox.read(self._connection, self._sealer, self._unit.rows, inbox_ids)
        self._posts |= events.keys()
        return [Posted(id_, *events[id_]) for id_ in dict.fromkeys(inbox_ids) if id_ in events]

    def fallen(self, keys: Sequence[timers.Key]) -> list[Fallen]:
        """Those of these timers that are still there and due, deleted by this transaction.

        At most one of each conversation, and none where something else is played: an earlier turn of this
        transaction may drop it.  What is left out, or held by another process, is found again by the next look.
        """
        self._lock_touched()
        firsts = {chat: (chat, key) for chat, key in reversed(keys) if chat not in self._touched}
        self._keep(conversations.lock(self._connection, self._sealer, firsts, skip_locked=True))
        free = [firsts[chat] for chat in firsts if chat in self._unit.rows]
        if not free:
            return []
        taken = timers.take(self._connection, self._sealer, self._unit.rows, free, self._clock.now())
        self.timers_changed |= bool(taken)
        if taken:
            places.passed("timer_taken")
        return [Fallen(*key, event, due_at) for key, (due_at, event) in sorted(taken.items(), key=_when)]

    def _mark(self, line: str, offer: Offer) -> Marked:
        """Mark first: what has landed makes room for what is said now."""
        unit = self._unit
        return receipts.mark(unit.connection, unit.sealer, unit.ids, line, offer.landed, unit.began_at, offer.patience)

    # ---- who and what

    def lock(self, conversation_ids: Iterable[str]) -> dict[str, Conversation]:
        """These conversations, locked until the commit, as they are now; those that do not exist are left out."""
        wanted = set(conversation_ids)
        self._touched |= wanted
        self._lock_touched()
        return {id_: self._unit.rows[id_].conversation for id_ in sorted(wanted) if id_ in self._unit.rows}

    def _lock_touched(self) -> None:
        missing = self._touched - self._unit.rows.keys()
        if missing:
            self._keep(conversations.lock(self._connection, self._sealer, missing))
            self._refuse_moved(missing)

    def _refuse_moved(self, locked: set[str]) -> None:
        """Raises AddressMoved when another process gave an address to somebody else while we waited for the locks.

        Else what comes from an address that she has left would be answered there (S17).
        """
        wrote = {account_id: chat for chat, account_id in self._wrote_from.items() if chat in locked}
        if wrote and self._connection.dialect.name != "sqlite":  # there only one process at a time writes
            unknown = {id_ for id_, row in self._unit.rows.items() if row.conversation.owner is Owner.STRANGER}
            strangers = [account_id for account_id, chat in wrote.items() if chat in unknown]
            accounts.share(self._connection, strangers)  # until the commit nobody moves to them
            owners = accounts.conversations_of(self._connection, wrote)
            if any(owners.get(account_id) != chat for account_id, chat in wrote.items()):
                raise AddressMoved("an address has moved to another conversation")

    def _keep(self, rows: Iterable[conversations.Row]) -> None:
        for row in rows:
            id_ = row.conversation.id
            row.account_id = self._wrote_from.get(id_, row.account_id)
            self._unit.rows[id_] = row
            if row.is_broken:
                self.broken.append(id_)

    def facts(
        self,
        events: Sequence[tuple[Conversation, Event]],
        now: datetime,
        findings: Sequence[Finding] = (),
        acts: Sequence[datetime | None] = (),
        complete: Completion = lambda readiness: readiness,
    ) -> list[Facts]:
        """What each of these turns may know; everything is read once for all of them.

        `findings` are what screening said of each, `acts` when each was done; `complete` adds to readiness what
        storage does not know.
        """
        desk = self._desk.get(self._connection, is_changed_here=self._unit.is_desk_changed)
        findings = findings or [NOTHING] * len(events)
        acts = acts or [None] * len(events)
        return Knowledge(self._unit, desk, events, findings, acts, now, complete).all()

    # ---- what became of it

    def record(
        self,
        inbox_id: str,
        before: Conversation,
        after: Conversation,
        effects: Sequence[Effect],
        now: datetime,
        inbound: Inbound | None,
    ) -> None:
        """Take down what a turn asked for; `inbox_id` names its posts.  Raises InvitationSpent."""
        row = self._unit.rows[before.id]
        row.conversation = after
        turn = Turn(self._unit, row, inbox_id, now, inbound)
        for effect in effects:
            RECORDERS[type(effect)](turn, effect)
        messages.remember(turn, effects)

    def done(self, inbox_ids: Iterable[str]) -> None:
        """These were played: of posts nothing but the proof stays; updates have left nothing else from the start."""
        self._played += [id_ for id_ in inbox_ids if id_ in self._posts]

    def quarantine(self, inbox_id: str, conversation_id: str, body: dict[str, Any] | None) -> None:
        """Set aside what cannot be played, sealed, for 30 days; a post keeps what it says."""
        self.lock([conversation_id])
        sealed = None
        if body and conversation_id in self._unit.rows:
            subject = self._unit.rows[conversation_id].subject
            sealed = self._sealer.seal_json(subject, inbox.PLACE, inbox_id, body)
        inbox.quarantine(self._connection, inbox_id, conversation_id, sealed, self._clock.now())

    def move(self, account_id: str, address_id: str) -> None:
        """The account has a new address on its line; written once all conversations of this batch are locked."""
        self._touched |= set(accounts.conversations_of(self._connection, [account_id]).values())
        self._migrations.append((account_id, address_id))

    def _migrate(self) -> None:
        """Groups that migrated, in the order of the locks; each mailbox follows with what is said there next."""
        for account_id, address_id in sorted(self._migrations, key=itemgetter(0)):
            moved = accounts.move(self._connection, self._sealer, account_id, address_id)
            for row in self._unit.rows.values():
                if row.conversation.id == moved.conversation_id:
                    row.account_id = row.stored_account_id = moved.account_id
        self._migrations.clear()

    # ---- writing

    def flush(self) -> None:
        """Write what belongs to the conversations alone, so that their next turns see it."""
        unit, now = self._unit, self._clock.now()
        self._migrate()
        if self._naming.is_waiting:
            self._lock_touched()
            self._naming.write()
        self._sealer.ensure(self._subjects())
        conversations.write(self._connection, self._sealer, unit.rows.values(), now)
        participants.write_profiles(unit)
        unit.bulk.write(self._connection)
        self.timers_changed |= bool(unit.timers.planned or unit.timers.dropped)
        timers.write(self._connection, self._sealer, unit.rows, unit.timers)
        messages.write(self._connection, unit.messages)
        moves = {post.id for post in unit.posts if _decides(post.event)}
        posted = inbox.post(self._connection, self._sealer, unit.posts, now)
        self.posted_ids += posted
        self.moves += [id_ for id_ in posted if id_ in moves]
        inbox.finish(self._connection, self._played)
        self._played.clear()
        unit.messages.clear()
        unit.posts.clear()

    def finish(self) -> None:
        """Write everything, last what many turns share; the commit must follow."""
        unit = self._unit
        self.flush()
        sends.write(unit, self._clock.now())
        self.posted_ids += inbox.post(self._connection, self._sealer, unit.posts, self._clock.now())
        unit.posts.clear()
        broadcasts.write_settled(unit)
        cases.count_verdicts(self._connection, unit.verdicts)
        if unit.is_desk_changed:
            staff.announce(self._connection, self._ids.id())
        if unit.audit:
            audit.write(self._connection, self._sealer, unit.audit, self._clock.now())

    def after_commit(self) -> None:
        """What may only happen once everything is durable."""
        if self._unit.after_commit:
            places.passed("erase_half")
        for act in self._unit.after_commit:
            act()

    def _subjects(self) -> set[str]:
        """Everybody whose key is about to be needed."""
        unit = self._unit
        chats = {row.subject for row in unit.rows.values() if row.is_changed}
        spoken_to = {unit.rows[row.conversation_id].subject for row in unit.outbox}
        mailboxes = {f"account:{row.account_id}" for row in unit.outbox}
        return chats | spoken_to | mailboxes | {unit.rows[chat].subject for chat, _ in unit.timers.planned}


def _decides(event: Event) -> bool:
    """Whether somebody moves by it, or is doubted, because her number shows with the id to which she moves."""
    return isinstance(event, MoveUsed) or (isinstance(event, ReachChanged) and event.is_another)


def _when(taken: tuple[timers.Key, tuple[datetime, Event | None]]) -> tuple[datetime, timers.Key]:
    key, (due_at, _) = taken
    return due_at, key
