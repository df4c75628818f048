"""What the application opens: the database with its keys, and what loops and commands ask of it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import func, select

from bot.core.addresses import Address
from bot.core.cases import Level
from bot.core.conversation import NEW
from bot.core.errors import ConfigurationError, StorageUnavailable
from bot.core.event import Event
from bot.core.events import AccessEnded
from bot.core.messages import Inbound
from bot.core.people import Invitation, Readiness, Role, Roster, Staff
from bot.core.ports import Clock, Ids
from storage import (
    audit,
    backup,
    broadcasts,
    cohorts,
    inbox,
    invitations,
    lines,
    naming,
    places,
    retention,
    sampling,
    staff,
    timers,
    wakeups,
)
from storage.cases import read_verdicts
from storage.database import Database
from storage.handing import Offer
from storage.keys import Keyring
from storage.schema import cases, conversations, facts, outbox, participants
from storage.schema import staff as staff_table
from storage.sealing import Sealer
from storage.staff import DeskCache
from storage.upsert import upserting
from storage.work import Work

ZONE = "Asia/Dushanbe"
NO_OFFERS: Mapping[str, Offer] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody that a command names: her id and her conversation's."""

    id: str
    conversation_id: str


class Store:
    """One database with its sealer, clock and ids; synchronous, for worker threads."""

    def __init__(self, database: Database, keyring: Keyring, clock: Clock, ids: Ids, *, zone: str = ZONE) -> None:
        self.database = database
        self.sealer = Sealer(keyring)
        self.clock = clock
        self.ids = ids
        self._zone = zone
        self._desk = DeskCache(zone)
        self._next_orphans = clock.now()

    @contextmanager
    def work(self, offers: Mapping[str, Offer] = NO_OFFERS) -> Iterator[Work]:
        """One transaction of turns: everything is committed at its end, or nothing.

        `offers` are those of the lines' senders in this process.
        """
        with self.database.transaction() as connection:
            work = Work(connection, self.sealer, self.clock, self.ids, self._desk, self._zone, offers)
            yield work
            work.finish()
            wakeups.notify(connection, work.woken_lines)
            places.passed("before_commit")
        places.passed("after_commit")
        work.after_commit()

    # ---- for the loops

    def states(self, inbounds: Sequence[Inbound]) -> list[str]:
        """Where the conversations of these updates' chats are; somebody unknown is where everybody begins."""
        with self.database.reading() as connection:
            return [state or NEW for state in naming.states(connection, self.sealer, inbounds)]

    def pending_posts(self, limit: int) -> list[str]:
        """Posts that wait to be played, oldest first."""
        with self.database.reading() as connection:
            return inbox.pending(connection, limit)

    def due_timers(self, now: datetime, limit: int) -> list[timers.Key]:
        """Timers (conversation id, key) that are due, longest first."""
        self.sealer.tidy()
        with self.database.reading() as connection:
            return timers.due(connection, now, limit)

    def next_due(self) -> datetime | None:
        """When the earliest timer is due; None when there is none."""
        with self.database.reading() as connection:
            return timers.next_due(connection)

    def running_broadcasts(self) -> list[str]:
        """Broadcasts that have begun and not ended."""
        with self.database.reading() as connection:
            return broadcasts.running(connection, self.clock.now())

    def expand_broadcast(self, broadcast_id: str, limit: int) -> list[str]:
        """Post a broadcast to up to `limit` more mothers; the ids of the posts."""
        with self.database.transaction() as connection:
            now = self.clock.now()
            return broadcasts.expand(connection, self.sealer, self.ids, broadcast_id, now, limit)

    def hear_line(self, line: str, heard_at: datetime) -> list[str]:
        """Note until when a line was heard; the ids of posts that tell coordinators of a gap."""
        with self.database.transaction() as connection:
            roster = self._desk.get(connection, is_changed_here=False).roster
            chats = [member.conversation_id for member in roster.coordinators()]
            return lines.hear(connection, self.sealer, self.ids, line, chats, heard_at)

    def alarm_of_line(self, line: str, trouble: str, since: datetime) -> list[str]:
        """The ids of posts that tell coordinators of trouble with a line since then."""
        with self.database.transaction() as connection:
            roster = self._desk.get(connection, is_changed_here=False).roster
            chats = [member.conversation_id for member in roster.coordinators()]
            return lines.alarm(connection, self.sealer, self.ids, line, trouble, chats, since)

    def purge(self, now: datetime) -> int:
        """Empty and delete what is past its date, a bounded portion; how many rows it concerned."""
        with self.database.transaction() as connection:
            gone = retention.purge(connection, self.sealer, now)
        if any(gone.values()) or now < self._next_orphans:
            return sum(gone.values())
        self._next_orphans = now + retention.YOUNG
        return self.destroy_orphans()

    def destroy_orphans(self) -> int:
        """Destroy the keys of those of whom nothing is left; how many.  Finishes what a crash after an erasure left.

        For a week after a backup was put back they stay: the database that it replaced may still be wanted.
        """
        keyring = self.sealer.keyring
        restored_at = self.recall(backup.RESTORED)
        if restored_at and self.clock.now() < datetime.fromisoformat(restored_at) + backup.REPENTED_FOR:
            return 0
        orphans: list[str] = []
        after = ""
        while portion := keyring.subjects(after, self.clock.now() - retention.YOUNG, 500):
            after = portion[-1]
            with self.database.reading() as connection:
                orphans += retention.orphans(connection, portion)
        self.sealer.forget(orphans)
        return len(orphans)

    # ---- for commands

    def post(self, event: Event, conversation_id: str) -> str:
        """Post an event to a conversation; the id by which it is played."""
        with self.database.transaction() as connection:
            id_ = self.ids.id()
            inbox.post(connection, self.sealer, [inbox.Post(id_, id_, conversation_id, event)], self.clock.now())
        return id_

    def make_invitation(
        self, role: Role, cohort: str | None, uses: int, expires_at: datetime
    ) -> tuple[str, str | None]:
        """Make an invitation, and its cohort if that is new; its code and, for mothers, its spoken code."""
        now = self.clock.now()
        with self.database.transaction() as connection:
            cohort_id = cohorts.called(connection, self.ids, cohort, now) if cohort else None
            invitation = Invitation(self.ids.id(), role, cohort_id, uses, expires_at)
            codes = invitations.make(connection, self.sealer, self.ids, invitation, now)
            if cohort_id is not None and role is not Role.MOTHER:  # whoever vouches for her is told its name
                staff.announce(connection, invitation.id)
        return codes.code, codes.spoken

    def find_participant(self, code_name: str) -> Person | None:
        """The mother with this code-name."""
        query = select(participants.c.id, participants.c.conversation_id).where(participants.c.code_name == code_name)
        with self.database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return row and Person(row.id, row.conversation_id)

    def find_staff(self, alias: str) -> Person | None:
        """The member of staff with this alias."""
        query = select(staff_table.c.id, staff_table.c.conversation_id).where(staff_table.c.alias == alias)
        with self.database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return row and Person(row.id, row.conversation_id)

    def revoke(self, person: Person) -> str:
        """End a staff member's rights now, in every process (S14); the id by which her chat hears of it is played.

        One commit: whoever is killed after it leaves a row that is played at the next start.
        """
        now, id_ = self.clock.now(), self.ids.id()
        with self.database.transaction() as connection:
            staff.revoke(connection, person.id, now)
            staff.announce(connection, self.ids.id())
            inbox.post(connection, self.sealer, [inbox.Post(id_, id_, person.conversation_id, AccessEnded())], now)
        return id_

    def verify_audit(self) -> str | None:
        """The first broken row of the audit chain; None when it is whole."""
        with self.database.reading() as connection:
            return audit.verify(connection, self.sealer)

    def verdicts(self) -> list[tuple[str, str, str, int]]:
        """How closed cases ended: version of the rules, concept, outcome, count (S20, S21)."""
        with self.database.reading() as connection:
            return [one for one in read_verdicts(connection) if not sampling.is_of_sample(one[1])]

    def draw_sample(self, reader: Staff, shuffle: sampling.Shuffle) -> sampling.Drawn | None:
        """A kept answer for the blind sample, whose reading is recorded in the same commit; None when there is none."""
        with self.database.transaction() as connection:
            return sampling.draw(connection, self.sealer, reader, self.clock.now(), shuffle)

    def count_sample(self, rules: str, screened: Level, judged: Level) -> None:
        """What a person said of one answer beside what the screen says; no text (S20)."""
        with self.database.transaction() as connection:
            sampling.count(connection, rules, screened, judged)

    def sample_counts(self) -> list[sampling.Count]:
        """What came of the blind sample, by version of the rules."""
        with self.database.reading() as connection:
            return sampling.counts(connection)

    def desk(self) -> tuple[Roster, Readiness]:
        """Everybody behind the desk, and what is known of S11."""
        with self.database.reading() as connection:
            known = self._desk.get(connection, is_changed_here=False)
        return known.roster, known.readiness(self.clock.now())

    def groups_on(self, line: str) -> dict[str, Address]:
        """Where the bound groups of a line are, by their conversations."""
        with self.database.reading() as connection:
            return staff.groups_on(connection, self.sealer, line)

    # ---- about the database itself

    def claim_as(self, *, is_demo: bool) -> None:
        """Mark a fresh database as demo or real; refuse one that is the other (S24)."""
        mine = "yes" if is_demo else "no"
        with self.database.transaction() as connection:
            found = connection.execute(select(facts.c.value).where(facts.c.name == "demo")).scalar()
            if found is None:
                connection.execute(facts.insert().values(name="demo", value=mine))
        if found not in {None, mine}:
            reason = (
                "this is a real one, and the demo opens only a demo database"
                if is_demo
                else "this is a demo one, full of invented people"
            )
            raise ConfigurationError(f"HAMROH_DATABASE_URL: {reason}; choose another")
        self.sealer.keyring.claim(self.database)

    def remember(self, name: str, value: str) -> None:
        """Keep a small fact about this installation, such as the bot's name."""
        with self.database.transaction() as connection:
            row = upserting(connection, facts).values(name=name, value=value)
            connection.execute(row.on_conflict_do_update(index_elements=[facts.c.name], set_={"value": value}))

    def recall(self, name: str) -> str:
        """A small fact kept before; empty when it was not."""
        with self.database.reading() as connection:
            return connection.execute(select(facts.c.value).where(facts.c.name == name)).scalar() or ""

    def close(self) -> None:
        """Let go of the database and of the key store."""
        self.database.dispose()
        self.sealer.keyring.close()

    def is_available(self) -> bool:
        """Whether the database answers."""
        try:
            with self.database.reading() as connection:
                connection.execute(select(1))
        except StorageUnavailable:
            return False
        return True

    def takes_writing(self) -> bool:
        """Whether the database takes a small fact: a full disk answers, and takes nothing."""
        try:
            self.remember("tried_at", self.clock.now().isoformat())
        except StorageUnavailable:
            return False
        return True

    def counts(self) -> dict[str, int]:
        """How many there are of what an operator watches: names of figures, no words of people."""
        tables = {
            "conversations": (conversations, conversations.c.owner),
            "outbox": (outbox, outbox.c.state),
            "cases": (cases, cases.c.state),
        }
        figures: dict[str, int] = {}
        with self.database.reading() as connection:
            for name, (table, column) in tables.items():
                query = select(column, func.count()).select_from(table).group_by(column)
                figures |= {f"{name}_{kind}": count for kind, count in connection.execute(query)}
        return figures
