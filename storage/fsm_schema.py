"""The table of the aiogram adapter: what another bot on this database remembers of its chats, one row for each key.

The six fields of a key are six columns of keyed hashes.  `chat_id` is the hash of the very address that an account
has, `user_id` that of the person for every bot: by them erasing finds her rows.  `state` and `data` are sealed with a
key of the row's own (`fsm:<id>`).
"""

from typing import Any

from sqlalchemy import Column, Index, LargeBinary, String, Table, UniqueConstraint

from storage.instants import Instant
from storage.schema import metadata

__all__ = ["fsm", "metadata"]
KEPT = "90 days after its last change; until erasure"


def _hash(name: str) -> Column[Any]:
    return Column(name, LargeBinary(16), info={"class": "index", "keep": KEPT}, nullable=False)


def _sealed(name: str) -> Column[Any]:
    return Column(name, LargeBinary(), info={"class": "sealed", "keep": KEPT}, nullable=True)


fsm = Table(
    "fsm",
    metadata,
    Column("id", String(26), info={"class": "id", "keep": KEPT}, primary_key=True),
    _hash("bot_id"),
    _hash("chat_id"),
    _hash("user_id"),
    _hash("thread_id"),
    _hash("business_connection_id"),
    _hash("destiny"),
    _sealed("state"),
    _sealed("data"),
    Column("changed_at", Instant(), info={"class": "work", "keep": KEPT}, nullable=False),
    UniqueConstraint(
        "bot_id", "chat_id", "user_id", "thread_id", "business_connection_id", "destiny", name="uq_fsm_key"
    ),
    Index("ix_fsm_chat_id", "chat_id"),
    Index("ix_fsm_user_id", "user_id"),
    Index("ix_fsm_changed_at", "changed_at"),
)
