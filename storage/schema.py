"""Every table, column by column: what it holds, whether it is sealed, and how long it lives.

`info` of each column carries its class of data and its retention; `docs/reference/what-we-hold.md` is made from it
and a test refuses a column without them.  Classes: `id` (our own random ids), `work` (state of the work, no words),
`index` (keyed hash of an address), `sealed` (encrypted with the subject's key), `config` (staff's own arrangements),
`audit`.  Instants are microseconds since 1970 in UTC.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.types import TypeEngine

from storage.instants import Instant

COUNTER = BigInteger().with_variant(Integer, "sqlite")
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _col(
    name: str, kind: TypeEngine[Any] | type[TypeEngine[Any]], *args: Any, data: str, keep: str, **kw: Any
) -> Column[Any]:
    return Column(name, kind, *args, info={"class": data, "keep": keep}, nullable=kw.pop("nullable", False), **kw)


def _id(name: str = "id", keep: str = "row", **kw: Any) -> Column[Any]:
    return _col(name, String(26), data="id", keep=keep, **kw)


def _ref(name: str, target: str, **kw: Any) -> Column[Any]:
    return _col(name, String(26), ForeignKey(target), data="id", keep="row", **kw)


def _work(name: str, kind: TypeEngine[Any] | type[TypeEngine[Any]], **kw: Any) -> Column[Any]:
    return _col(name, kind, data="work", keep=kw.pop("keep", "row"), **kw)


def _at(name: str, **kw: Any) -> Column[Any]:
    return _work(name, Instant(), **kw)


def _sealed(name: str, keep: str, **kw: Any) -> Column[Any]:
    return _col(name, LargeBinary(), data="sealed", keep=keep, **kw)


# Small facts about the database itself: `demo` mark, index key check, key of the audit chain's head.
facts = Table(
    "facts",
    metadata,
    _work("name", String(40), primary_key=True),
    _work("value", String(400)),
)

# One bot or number of ours; `paused_until` is a 429 for the whole line, `offset` the next polling offset.
lines = Table(
    "lines",
    metadata,
    _work("line", String(80), primary_key=True),
    _work("offset", BigInteger, nullable=True),
    _at("paused_until", nullable=True),
    _at("seen_at", nullable=True),
)

# Whose conversation: stranger, participant, staff, group (core.conversation.Owner).
conversations = Table(
    "conversations",
    metadata,
    _id(primary_key=True),
    _work("owner", String(12)),
    _id("owner_id"),
    _id("account_id", nullable=True),  # where she last wrote: answers go there
    _work("state", String(60)),
    _sealed("data", "as long as the conversation", nullable=True),
    _work("language", String(2)),
    _work("version", Integer),
    _id("held_by", nullable=True),
    _at("last_in_at", nullable=True),
    _at("changed_at"),
    Index("ix_conversations_owner", "owner", "owner_id"),
)

# An address on a channel.  `address` is empty before consent (S18) unless a case is open.
accounts = Table(
    "accounts",
    metadata,
    _id(primary_key=True),
    _work("line", String(80)),
    _col("blind", LargeBinary(16), data="index", keep="until erasure", unique=True),
    _sealed("address", "until erasure; empty before consent", nullable=True),
    _ref("conversation_id", "conversations.id"),
    _at("made_at"),
)

cohorts = Table(
    "cohorts",
    metadata,
    _id(primary_key=True),
    _col("name", String(80), data="config", keep="row", unique=True),
    _at("made_at"),
    _at("withheld_at", nullable=True),  # pushes to the cohort wait for a person's decision (S23)
)

# That somebody of a cohort told of harm by the programme (S23): not who, and only as long as it is counted.
harms = Table(
    "harms",
    metadata,
    _id(keep="30 days", primary_key=True),
    _col("cohort_id", String(26), ForeignKey("cohorts.id"), data="id", keep="30 days"),
    _at("at", keep="30 days"),
    _at("expires_at", keep="30 days", index=True),
)

# "Session held": which modules are open for a cohort.
cohort_modules = Table(
    "cohort_modules",
    metadata,
    _col("cohort_id", String(26), ForeignKey("cohorts.id"), data="id", keep="row", primary_key=True),
    _work("module", String(10), primary_key=True),
    _at("opened_at"),
)

# The person, not her phone.  `profile`: JSON of name, hours, phone_shared, zone, pushes.
participants = Table(
    "participants",
    metadata,
    _id(primary_key=True),
    _work("code_name", String(40), unique=True),
    _ref("conversation_id", "conversations.id", unique=True),
    _ref("cohort_id", "cohorts.id", nullable=True),
    _sealed("profile", "until erasure"),
    _work("is_confirmed", Boolean),
    _id("confirmed_by", nullable=True),
    _at("joined_at"),
    _at("stopped_at", nullable=True),
    _at("hidden_at", nullable=True),
    _at("paused_until", nullable=True),
    _at("frozen_at", nullable=True),
    _at("unreachable_at", nullable=True),
    _at("withheld_at", nullable=True),  # pushes to her wait for a person's word (S23)
)

# Which account she used from when to when (architecture §5).
links = Table(
    "links",
    metadata,
    _col(
        "participant_id", String(26), ForeignKey("participants.id"), data="id", keep="until erasure", primary_key=True
    ),
    _col("account_id", String(26), ForeignKey("accounts.id"), data="id", keep="until erasure", primary_key=True),
    _at("since", primary_key=True),
    _at("until", nullable=True),
)

consents = Table(
    "consents",
    metadata,
    _col(
        "participant_id", String(26), ForeignKey("participants.id"), data="id", keep="until erasure", primary_key=True
    ),
    _work("version", String(40), primary_key=True),
    _at("at", primary_key=True),
)

progress = Table(
    "progress",
    metadata,
    _col(
        "participant_id", String(26), ForeignKey("participants.id"), data="id", keep="until erasure", primary_key=True
    ),
    _work("lesson", String(10), primary_key=True),
    _work("version", Integer),
    _at("began_at"),
    _at("finished_at", nullable=True),
    _work("practice", String(10), nullable=True),
    _work("check_in", String(10), nullable=True),
)

# Answers to the questions asked before, in the middle and after: numbers from 1 to 5, no words.
measures = Table(
    "measures",
    metadata,
    _col(
        "participant_id", String(26), ForeignKey("participants.id"), data="id", keep="until erasure", primary_key=True
    ),
    _work("moment", String(10), keep="until erasure", primary_key=True),
    _work("question", String(20), keep="until erasure", primary_key=True),
    _work("answer", SmallInteger, keep="until erasure"),
    _at("at", keep="until erasure"),
    CheckConstraint("answer BETWEEN 1 AND 5", name="answer"),
)

reflections = Table(
    "reflections",
    metadata,
    _id(primary_key=True),
    _ref("participant_id", "participants.id"),
    _work("lesson", String(10)),
    _sealed("body", "90 days"),
    _work("is_shared", Boolean),
    _at("at"),
    _at("expires_at", index=True),
    _at("shared_at", nullable=True, index=True),
)

# `profile`: JSON of nothing but the address-free settings of staff; the alias is how others know her.
staff = Table(
    "staff",
    metadata,
    _id(primary_key=True),
    _col("alias", String(40), data="config", keep="row", unique=True),
    _ref("conversation_id", "conversations.id", unique=True),
    _col("roles", String(80), data="config", keep="row"),  # comma-separated, sorted
    _col("cohorts", String(2000), data="config", keep="row"),  # comma-separated cohort ids; empty: all
    _col("duty", String(2000), data="config", keep="row"),  # JSON: [[begin, end, [weekdays]], ...]
    _col("trained_on", String(10), data="config", keep="row", nullable=True),  # ISO date
    _at("confirmed_at", nullable=True),
    _id("confirmed_by", nullable=True),
    _at("revoked_at", nullable=True),
    _at("made_at"),
    # How she works; the defaults are for those who came before there was a choice.
    _col("languages", String(20), data="config", keep="row", server_default="ru,tg"),  # comma-separated, sorted
    _col("load_limit", SmallInteger, data="config", keep="row", server_default="5"),
    _col("rest", String(2000), data="config", keep="row", server_default="[]"),  # as `duty`
    _col("away_from", String(10), data="config", keep="row", nullable=True),  # ISO dates, both included
    _col("away_until", String(10), data="config", keep="row", nullable=True),
    _col("is_fallback", Boolean, data="config", keep="row", server_default=false()),
)

# Who of the staff is related to a mother or lives beside her: that mother's cases are never shown to her.
conflicts = Table(
    "conflicts",
    metadata,
    _col("staff_id", String(26), ForeignKey("staff.id"), data="id", keep="until erasure", primary_key=True),
    _col(
        "conversation_id", String(26), ForeignKey("conversations.id"), data="id", keep="until erasure", primary_key=True
    ),
    _id("named_by", keep="until erasure"),
    _at("at", keep="until erasure"),
)

groups = Table(
    "groups",
    metadata,
    _col("conversation_id", String(26), ForeignKey("conversations.id"), data="id", keep="row", primary_key=True),
    _id("bound_by"),
    _at("bound_at"),
    _at("lost_at", nullable=True),
)

invitations = Table(
    "invitations",
    metadata,
    _id(primary_key=True),
    _col("hash", LargeBinary(32), data="index", keep="row", unique=True),
    _col("spoken_hash", LargeBinary(32), data="index", keep="row", unique=True, nullable=True),
    _work("role", String(12)),
    _ref("cohort_id", "cohorts.id", nullable=True),
    _work("uses_left", Integer),
    _work("used", Integer),
    _at("expires_at"),
    _at("made_at"),
)

# Wrong codes, to slow down guessing; rows live an hour.
attempts = Table(
    "attempts",
    metadata,
    _id(primary_key=True),
    _ref("conversation_id", "conversations.id"),
    _at("at", index=True),
)

# `body`: JSON of category, score, reasons, rules, outcome, note; sealed with the case's key.
cases = Table(
    "cases",
    metadata,
    _id(primary_key=True),
    _work("number", String(10)),
    _ref("conversation_id", "conversations.id"),
    _id("participant_id", nullable=True),
    _ref("cohort_id", "cohorts.id", nullable=True),
    _work("level", String(8)),
    _work("language", String(2)),
    _work("state", String(8)),
    _id("owner_id", nullable=True),
    _at("opened_at"),
    _at("taken_at", nullable=True),
    _at("acted_at", nullable=True),
    _at("window_until", nullable=True),
    _at("closed_at", nullable=True),
    _at("erased_at", nullable=True),
    _id("second_id", nullable=True),  # the supervisor who looks along
    _work("earlier", String(10), nullable=True),  # number of her case that was closed shortly before
    _sealed("body", "90 days after closing; a false alarm 24 h; erasure at once", nullable=True),
    _at("expires_at", nullable=True, index=True),
    Index("uq_cases_one_open", "conversation_id", unique=True,
          sqlite_where=text("state <> 'closed'"), postgresql_where=text("state <> 'closed'")),
)  # fmt: skip

# `body`: JSON of text and file, sealed with the case's key.
case_messages = Table(
    "case_messages",
    metadata,
    _id(primary_key=True),
    _ref("case_id", "cases.id", index=True),
    _work("voice", String(6)),
    _work("kind", String(10)),
    _work("is_edit", Boolean),
    _work("answer", String(8)),
    _id("by", nullable=True),
    _sealed("body", "with its case", nullable=True),
    _at("at"),
)

# A chain: `mac` is keyed over the row and the mac before it, so that a missing or changed row shows.
audit = Table(
    "audit",
    metadata,
    _col(
        "seq",
        BigInteger().with_variant(Integer, "sqlite"),
        data="audit",
        keep="3 years",
        primary_key=True,
        autoincrement=True,
    ),
    _col("at", Instant(), data="audit", keep="3 years"),
    _col("action", String(40), data="audit", keep="3 years"),
    _col("actor_id", String(26), data="audit", keep="3 years"),
    _col("case_id", String(26), data="audit", keep="3 years", nullable=True),
    _col("mac", LargeBinary(32), data="audit", keep="3 years"),
    Index("ix_audit_case_id", "case_id"),
)

# What came in, and what turns post to each other.  Done rows keep no body and live 8 days as dedupe (S18).
# line+external_id: the channel's update id, or for posts line "post" and "<source inbox id>/<n>".
inbox = Table(
    "inbox",
    metadata,
    _id(primary_key=True),
    _work("line", String(80)),
    _work("external_id", String(120)),
    _id("conversation_id", nullable=True, index=False),
    _work("state", String(12)),  # pending, done, quarantined
    _sealed("body", "until played; quarantined 30 days", nullable=True),
    _at("at"),
    _at("expires_at", index=True),
    UniqueConstraint("line", "external_id"),
    Index("ix_inbox_pending", "id", sqlite_where=text("state = 'pending'"), postgresql_where=text("state = 'pending'")),
)  # fmt: skip

# Events due later; `key` is unique within a conversation; `body` is the packed event.
timers = Table(
    "timers",
    metadata,
    _ref("conversation_id", "conversations.id", primary_key=True),
    _work("key", String(80), primary_key=True),
    _at("due_at"),
    _sealed("body", "until due"),
    Index("ix_timers_due", "due_at", "conversation_id"),
)

# A row exists only while something is pending for the address.  `address` is sealed with the account's key.
mailboxes = Table(
    "mailboxes",
    metadata,
    _col("account_id", String(26), ForeignKey("accounts.id"), data="id", keep="while pending", primary_key=True),
    _work("line", String(80)),
    _sealed("address", "while pending"),
    _at("next_due_at", nullable=True),
    _at("lease_until", nullable=True),
    Index("ix_mailboxes_due", "line", "next_due_at"),
)

# What waits to go out.  `seq` orders rows within a lane of a mailbox.  `body` is the Outgoing (or the
# selector of messages to edit or delete), sealed with the subject of the conversation.
outbox = Table(
    "outbox",
    metadata,
    _col("seq", COUNTER, data="id", keep="7 days", primary_key=True, autoincrement=True),
    _id(unique=True),
    _ref("account_id", "accounts.id"),
    _ref("conversation_id", "conversations.id"),
    _work("lane", SmallInteger),
    _work("act", String(6)),
    _work("purpose", String(12)),
    _at("due_at"),
    _at("expires_at", nullable=True),
    _work("dedupe", String(120), unique=True, nullable=True),
    _work("state", String(10)),  # waiting, sending, sent, failed, expired, unknown, cancelled
    _work("attempts", SmallInteger),
    _work("is_maybe_duplicate", Boolean),
    _sealed("body", "7 days after it went", nullable=True),
    _id("case_id", nullable=True),
    _id("broadcast_id", nullable=True),
    _work("tag", String(60)),
    _id("ref", nullable=True),  # the case message it carries
    _at("made_at"),
    _at("purge_at", nullable=True, index=True),
    _work("code", String(40), nullable=True),  # the provider's error code of the last failure
    Index("ix_outbox_waiting", "account_id", "lane", "seq",
          sqlite_where=text("state IN ('waiting','sending')"), postgresql_where=text("state IN ('waiting','sending')")),
    Index("ix_outbox_pending", "conversation_id",
          sqlite_where=text("state IN ('waiting','sending')"), postgresql_where=text("state IN ('waiting','sending')")),
    Index("ix_outbox_expiring", "expires_at",
          sqlite_where=text("state = 'waiting'"), postgresql_where=text("state = 'waiting'")),
    Index("ix_outbox_broadcast", "broadcast_id"),
)  # fmt: skip

# The channel's ids of both sides' messages of the last 48 h, for deleting and editing; no content.
messages = Table(
    "messages",
    metadata,
    _id(primary_key=True),
    _ref("account_id", "accounts.id"),
    _ref("conversation_id", "conversations.id"),
    _work("external_id", String(200), keep="49 hours"),
    _work("is_ours", Boolean),
    _id("case_id", nullable=True),
    _work("tag", String(60)),
    _at("at"),
    UniqueConstraint("account_id", "external_id"),
    Index("ix_messages_conversation", "conversation_id", "at"),
    Index("ix_messages_at", "at"),
)

# `body`: JSON of both texts, sealed with the coordinator's key.
broadcasts = Table(
    "broadcasts",
    metadata,
    _id(primary_key=True),
    _ref("by_id", "staff.id"),
    _ref("conversation_id", "conversations.id"),  # the coordinator's, for progress
    _col("cohorts", String(2000), data="work", keep="row"),  # comma-separated cohort ids
    _sealed("body", "7 days after it ended", nullable=True),
    _work("state", String(10)),  # waiting, running, paused, cancelled, done
    _at("starts_at"),
    _at("expires_at"),
    _at("made_at"),
)

recipients = Table(
    "recipients",
    metadata,
    _col("broadcast_id", String(26), ForeignKey("broadcasts.id"), data="id", keep="row", primary_key=True),
    _col(
        "participant_id", String(26), ForeignKey("participants.id"), data="id", keep="until erasure", primary_key=True
    ),
    _work("state", String(10)),  # waiting, sent, left_out, failed, unknown, cancelled
    _work("reason", String(20), nullable=True),
)

# Pages read aloud by the team: the messenger's own id of each recording; nothing of a mother.
voice_notes = Table(
    "voice_notes",
    metadata,
    _col("lesson", String(10), data="config", keep="row", primary_key=True),
    _col("language", String(2), data="config", keep="row", primary_key=True),
    _col("line", String(80), data="config", keep="row", primary_key=True),
    _col("version", Integer, data="config", keep="row"),
    _col("file", String(400), data="config", keep="row"),
    _col("seconds", Integer, data="config", keep="row"),
    _col("size", Integer, data="config", keep="row"),
    _id("by_id"),
    _at("at"),
)

# Rehearsals of the alarm (S11).
alarm_tests = Table(
    "alarm_tests",
    metadata,
    _id(primary_key=True),
    _ref("by_id", "staff.id"),
    _at("at"),
)
acknowledgements = Table(
    "acknowledgements",
    metadata,
    _col("test_id", String(26), ForeignKey("alarm_tests.id"), data="id", keep="row", primary_key=True),
    _col("staff_id", String(26), ForeignKey("staff.id"), data="id", keep="row", primary_key=True),
    _at("at"),
)

# Verdicts of closed cases by version of the rules and concept: counters without text (S20, S21).
verdicts = Table(
    "verdicts",
    metadata,
    _work("rules", String(40), primary_key=True),
    _work("concept", String(60), primary_key=True),
    _work("outcome", String(12), primary_key=True),
    _work("count", Integer),
    CheckConstraint("count >= 0", name="count"),
)
