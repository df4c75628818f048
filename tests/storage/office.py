"""Invented people with addresses, and the outbox as a sender meets it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from bot.core.addresses import Address
from bot.core.conversation import Owner
from bot.core.event import Event, unpack
from bot.core.messages import Act, Lane, Outgoing, Receipt, Sent
from storage import claims, inbox, mailboxes, outbox, receipts
from storage.claims import Claim
from storage.outbox import Waiting, body_of
from storage.parcels import Claimed
from storage.receipts import Delivered
from storage.schema import accounts, conversations, metadata, participants
from storage.schema import outbox as rows

LINE = "telegram:1"


@dataclass(frozen=True, slots=True)
class Somebody:
    account_id: str
    conversation_id: str
    owner_id: str
    owner: Owner
    address: Address

    @property
    def subject(self) -> str:
        return f"account:{self.account_id}" if self.owner is Owner.STRANGER else f"{self.owner}:{self.owner_id}"


@dataclass
class Office:
    """A database with its sealer, and the steps of a sender one by one."""

    database: Any
    sealer: Any
    clock: Any
    ids: Any
    count: int = 0
    sent: list[Delivered] = field(default_factory=list)

    def clear(self) -> None:
        with self.database.transaction() as connection:
            for table in reversed(metadata.sorted_tables):
                if table.name != "facts":
                    connection.execute(delete(table))

    def somebody(self, owner: Owner = Owner.PARTICIPANT, line: str = LINE) -> Somebody:
        self.count += 1
        account_id, chat_id = self.ids.id(), self.ids.id()
        owner_id = {Owner.STRANGER: account_id, Owner.GROUP: chat_id}.get(owner) or self.ids.id()
        who = Somebody(account_id, chat_id, owner_id, owner, Address(line, f"address-{self.count}"))
        now = self.clock.now()
        subject = f"account:{account_id}"
        self.sealer.ensure([subject, who.subject])
        with self.database.transaction() as connection:
            connection.execute(
                insert(conversations).values(
                    id=chat_id, owner=owner, owner_id=owner_id, account_id=account_id, state="Rest:resting",
                    language="tg", version=0, changed_at=now,
                )
            )  # fmt: skip
            sealed = self.sealer.seal(subject, "accounts.address", account_id, who.address.id.encode())
            connection.execute(
                insert(accounts).values(
                    id=account_id, line=line, blind=self.sealer.blind(who.address.key), address=sealed,
                    conversation_id=chat_id, made_at=now,
                )
            )  # fmt: skip
            if owner is Owner.PARTICIPANT:
                connection.execute(
                    insert(participants).values(
                        id=owner_id, code_name=f"Invented-{owner_id[-12:]}", conversation_id=chat_id,
                        profile=self.sealer.seal_json(who.subject, "participants.profile", owner_id, {}),
                        is_confirmed=True, joined_at=now,
                    )
                )  # fmt: skip
        return who

    def stand(self, who: Somebody, **values: Any) -> None:
        with self.database.transaction() as connection:
            connection.execute(update(participants).where(participants.c.id == who.owner_id).values(**values))

    # ---- what turns do

    def put(self, who: Somebody, text: str = "салом", **how: Any) -> str:
        return self.put_all([(who, text)], **how)[0]

    def put_all(self, parts: Sequence[tuple[Somebody, str]], **how: Any) -> list[str]:
        waiting = [self._waiting(who, text, dict(how)) for who, text in parts]
        self.enqueue(waiting, {who.account_id: who.address for who, _ in parts})
        return [row.id for row in waiting]

    def enqueue(self, waiting: Sequence[Waiting], addresses: dict[str, Address]) -> None:
        due: dict[str, Any] = {}
        for row in waiting:
            due[row.account_id] = min(row.due_at, due.get(row.account_id, row.due_at))
        with self.database.transaction() as connection:
            outbox.enqueue(connection, self.sealer, waiting, addresses)
            outbox.awaken(connection, self.sealer, due, addresses)

    def _waiting(self, who: Somebody, text: str, how: dict[str, Any]) -> Waiting:
        now = self.clock.now()
        act = how.pop("act", Act.SEND)
        body = how.pop("body", None) or body_of(how.pop("outgoing", None) or Outgoing(text))
        values = {"lane": Lane.REPLY, "purpose": "reply", "due_at": now, **how}
        return Waiting(
            id=self.ids.id(), account_id=who.account_id, conversation_id=who.conversation_id, subject=who.subject,
            act=act, body=body, now=now, **values,
        )  # fmt: skip

    # ---- what a sender does

    def claim(self, limit: int = 20) -> Claim:
        with self.database.transaction() as connection:
            return claims.claim(connection, self.sealer, self.ids, LINE, self.clock.now(), limit)

    def mark(self, *results: tuple[Claimed, Receipt]) -> Any:
        with self.database.transaction() as connection:
            delivered = [Delivered(claimed, receipt) for claimed, receipt in results]
            return receipts.mark(connection, self.sealer, self.ids, LINE, delivered, self.clock.now()).left

    def arrive(self, claim: Claim) -> None:
        left = [(one, Sent((f"m-{one.row.id}",))) for one in claim.claimed]
        while left:
            left = [(one.claimed, one.receipt) for one in self.mark(*left)]

    def expire(self) -> Any:
        with self.database.transaction() as connection:
            return receipts.expire(connection, self.sealer, self.ids, LINE, self.clock.now(), 500)

    def recover(self) -> None:
        with self.database.transaction() as connection:
            mailboxes.recover(connection, LINE)

    def repair(self) -> int:
        with self.database.transaction() as connection:
            return mailboxes.repair(connection, self.sealer, LINE, self.clock.now())

    def passes(self, **time: float) -> None:
        self.clock.set(self.clock.now() + timedelta(**time))

    # ---- what there is

    def row(self, id_: str) -> Any:
        with self.database.reading() as connection:
            return connection.execute(select(rows).where(rows.c.id == id_)).one()

    def states(self) -> dict[str, int]:
        found: defaultdict[str, int] = defaultdict(int)
        with self.database.reading() as connection:
            for state in connection.scalars(select(rows.c.state)):
                found[state] += 1
        return dict(found)

    def told(self, who: Somebody) -> list[Event]:
        """The events that were posted to a conversation, oldest first."""
        table = metadata.tables["inbox"]
        query = select(table.c.id, table.c.body).where(table.c.conversation_id == who.conversation_id)
        with self.database.reading() as connection:
            found = connection.execute(query.order_by(table.c.id)).all()
        return [unpack(self.sealer.open_json(who.subject, inbox.PLACE, row.id, row.body)) for row in found]
