"""Invented people at a store, and turns whose effects a test chooses by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Table, func, select

from bot.core.addresses import Address
from bot.core.conversation import Conversation, Facts
from bot.core.effects import BindGroup, Effect, EnlistStaff, Join
from bot.core.event import Event
from bot.core.events import MessageReceived
from bot.core.messages import Inbound, Sort
from bot.core.people import Role
from storage import schema
from storage.store import Store
from storage.work import Work

LINE = "telegram:1"
HELLO = MessageReceived("салом")


@dataclass
class Stage:
    store: Store
    clock: Any
    count: int = 0
    names: dict[str, str] = field(default_factory=dict)  # chat → conversation

    # ---- what comes in

    def update(self, chat: str, text: str = "салом", **fields: Any) -> Inbound:
        """A fresh update in a private chat of an invented person."""
        self.count += 1
        where = Address(LINE, chat)
        values = {"sender": where, "text": text, "message_id": f"m{self.count}", **fields}
        return Inbound(f"u{self.count}", values.pop("sort", Sort.MESSAGE), where, at=self.clock.now(), **values)

    def talk(self, group: str, sender: str, text: str = "салом") -> Inbound:
        return self.update(group, text, sender=Address(LINE, sender), is_group=True)

    # ---- turns

    def play(
        self, chat: str, *effects: Effect, event: Event = HELLO, inbound: Inbound | None = None, **changes: Any
    ) -> Facts:
        """A turn that somebody's message begins; `changes` are fields of the conversation as the turn leaves it."""
        with self.store.work() as work:
            return self.play_in(work, inbound or self.update(chat), effects, event, **changes)

    def play_in(
        self, work: Work, inbound: Inbound, effects: Sequence[Effect], event: Event = HELLO, **changes: Any
    ) -> Facts:
        [arrived] = work.admit([inbound])
        assert arrived is not None
        self.names[inbound.chat.id] = arrived.chat.conversation_id
        facts = self.record(work, arrived.inbox_id, arrived.chat.conversation_id, effects, event, inbound, **changes)
        work.done([arrived.inbox_id])
        return facts

    def record(
        self,
        work: Work,
        source: str,
        conversation_id: str,
        effects: Sequence[Effect],
        event: Event = HELLO,
        inbound: Inbound | None = None,
        **changes: Any,
    ) -> Facts:
        before = work.lock([conversation_id])[conversation_id]
        [facts] = work.facts([(before, event)], self.clock.now())
        work.record(source, before, replace(before, **changes), effects, facts.now, inbound)
        return facts

    def play_for(self, conversation_id: str, *effects: Effect, event: Event = HELLO, **changes: Any) -> Facts:
        """A turn that no update began."""
        with self.store.work() as work:
            return self.record(work, self.store.ids.id(), conversation_id, effects, event, **changes)

    def play_post(self, inbox_id: str, *effects: Effect) -> Event | None:
        with self.store.work() as work:
            [posted] = work.posted([inbox_id])
            self.record(work, inbox_id, posted.conversation_id, effects)
            work.done([inbox_id])
        return posted.event

    # ---- people

    def invitation(self, role: Role, cohort: str | None = "Chorbogh", uses: int = 1) -> str:
        """A fresh invitation's id."""
        self.store.make_invitation(role, cohort, uses, self.clock.now() + timedelta(days=1))
        return str(self.rows(schema.invitations)[-1].id)

    def mother(self, chat: str, *more: Effect, cohort: str = "Chorbogh") -> str:
        """Somebody who has joined; her conversation."""
        join = Join(self.invitation(Role.MOTHER, cohort), "tg", "1", f"Olma-{chat}")
        self.play(chat, join, *more, state="Menu:open")
        return self.names[chat]

    def staff(self, chat: str, role: Role = Role.FACILITATOR, cohort: str | None = "Chorbogh") -> str:
        """A confirmed member of staff; her conversation."""
        self.play(chat, EnlistStaff(self.invitation(role, cohort), f"Chinor-{chat}", "ru", is_confirmed=True))
        return self.names[chat]

    def group(self, chat: str, by: str) -> str:
        """A bound group; its conversation."""
        bind = BindGroup(self.invitation(Role.GROUP, None), by)
        self.play(chat, bind, inbound=self.talk(chat, "nobody"), state="Group:bound")
        return self.names[chat]

    # ---- what there is

    def conversation(self, conversation_id: str) -> Conversation:
        with self.store.work() as work:
            return work.lock([conversation_id])[conversation_id]

    def facts(self, conversation_id: str, event: Event = HELLO) -> Facts:
        return self.play_for(conversation_id, event=event)

    def rows(self, table: Table) -> list[Any]:
        with self.store.database.reading() as connection:
            return list(connection.execute(select(table).order_by(*table.primary_key.columns)))

    def total(self, table: Table) -> int:
        with self.store.database.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())

    def posts(self) -> list[str]:
        return self.store.pending_posts(1000)
