"""Every table, column by column: what it holds, whether it is sealed, and how long it lives.

`info` of each column carries its class of data and its retention; `docs/reference/what-we-hold.md` is made from it
and a test refuses a column without them.  Classes: `id` (our own random ids), `work` (state of the work, no words),
`index` (keyed hash of an address), `sealed` (encrypted with the subject's key), `config` (staff's own arrangements),
`audit`.  Instants are microseconds since 1970 in UTC.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
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

from storage.columns import COUNTER, at, column, ident, ref, sealed, work
from storage.instants import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# Small facts about the database itself: `demo` mark, index key check, key of the audit chain's head.
facts = Table(
    "facts",
    metadata,
    work("name", String(40), primary_key=True),
    work("value", String(400)),
)

# One bot or number of ours; `paused_until` is a 429 for the whole line, `offset` the next polling offset.
lines = Table(
    "lines",
    metadata,
    work("line", String(80), primary_key=True),
    work("offset", BigInteger, nullable=True),
    at("paused_until", nullable=True),
    at("seen_at", nullable=True),
)

# Whose conversation: stranger, participant, staff, group (core.conversation.Owner).
conversations = Table(
    "conversations",
    metadata,
    ident(primary_key=True),
    work("owner", String(12)),
    ident("owner_id"),
    ident("account_id", nullable=True),  # where she last wrote: answers go there
    work("state", String(60)),
    sealed("data", "as long as the conversation", nullable=True),
    work("language", String(2)),
    work("version", Integer),
    ident("held_by", nullable=True),
    at("last_in_at", nullable=True),
    at("changed_at"),
    Index("ix_conversations_owner", "owner", "owner_id"),
)

# An address on a channel.  `address` is empty before consent (S18) unless a case is open.  `alias` is a number by which
# a messenger may name the same person, kept only beside an address; nothing is ever sent to it.
accounts = Table(
    "accounts",
    metadata,
    ident(primary_key=True),
    work("line", String(80)),
    column("blind", LargeBinary(16), data="index", keep="until erasure", unique=True),
    sealed("address", "until erasure; empty before consent", nullable=True),
    ref("conversation_id", "conversations.id"),
    at("made_at"),
    column("alias_blind", LargeBinary(16), data="index", keep="as long as the address", nullable=True),
    sealed("alias", "as long as the address", nullable=True),
    at("aliased_at", keep="as long as the address", nullable=True),
    Index("uq_accounts_alias_blind", "alias_blind", unique=True),
)

cohorts = Table(
    "cohorts",
    metadata,
    ident(primary_key=True),
    column("name", String(80), data="config", keep="row", unique=True),
    at("made_at"),
    at("withheld_at", nullable=True),  # pushes to the cohort wait for a person's decision (S23)
)

# That somebody of a cohort told of harm by the programme (S23): not who, and only as long as it is counted.
harms = Table(
    "harms",
    metadata,
    ident(keep="30 days", primary_key=True),
    ref("cohort_id", "cohorts.id", keep="30 days"),
    at("at", keep="30 days"),
    at("expires_at", keep="30 days", index=True),
)

# "Session held": which modules are open for a cohort.
cohort_modules = Table(
    "cohort_modules",
    metadata,
    ref("cohort_id", "cohorts.id", primary_key=True),
    work("module", String(10), primary_key=True),
    at("opened_at"),
)

# The person, not her phone.  `profile`: JSON of name, hours, phone_shared, zone, pushes.
participants = Table(
    "participants",
    metadata,
    ident(primary_key=True),
    work("code_name", String(40), unique=True),
    ref("conversation_id", "conversations.id", unique=True),
    ref("cohort_id", "cohorts.id", nullable=True),
    sealed("profile", "until erasure"),
    work("is_confirmed", Boolean),
    ident("confirmed_by", nullable=True),
    at("joined_at"),
    at("stopped_at", nullable=True),
    at("hidden_at", nullable=True),
    at("paused_until", nullable=True),
    at("frozen_at", nullable=True),
    at("unreachable_at", nullable=True),
    at("withheld_at", nullable=True),  # pushes to her wait for a person's word (S23)
)

# Which account she used from when to when (architecture §5).
links = Table(
    "links",
    metadata,
    ref("participant_id", "participants.id", keep="until erasure", primary_key=True),
    ref("account_id", "accounts.id", keep="until erasure", primary_key=True),
    at("since", primary_key=True),
    at("until", nullable=True),
)

consents = Table(
    "consents",
    metadata,
    ref("participant_id", "participants.id", keep="until erasure", primary_key=True),
    work("version", String(40), primary_key=True),
    at("at", primary_key=True),
)

progress = Table(
    "progress",
    metadata,
    ref("participant_id", "participants.id", keep="until erasure", primary_key=True),
    work("lesson", String(10), primary_key=True),
    work("version", Integer),
    at("began_at"),
    at("finished_at", nullable=True),
    work("practice", String(10), nullable=True),
    work("check_in", String(10), nullable=True),
)

# Answers to the questions asked before, in the middle and after: numbers from 1 to 5, no words.
measures = Table(
    "measures",
    metadata,
    ref("participant_id", "participants.id", keep="until erasure", primary_key=True),
    work("moment", String(10), keep="until erasure", primary_key=True),
    work("question", String(20), keep="until erasure", primary_key=True),
    work("answer", SmallInteger, keep="until erasure"),
    at("at", keep="until erasure"),
    CheckConstraint("answer BETWEEN 1 AND 5", name="answer"),
)

reflections = Table(
    "reflections",
    metadata,
    ident(primary_key=True),
    ref("participant_id", "participants.id"),
    work("lesson", String(10)),
    sealed("body", "90 days"),
    work("is_shared", Boolean),
    at("at"),
    at("expires_at", index=True),
    at("shared_at", nullable=True, index=True),
    at("sampled_at", nullable=True),  # read once for the blind sample (S20)
)

# `profile`: JSON of nothing but the address-free settings of staff; the alias is how others know her.
staff = Table(
    "staff",
    metadata,
    ident(primary_key=True),
    column("alias", String(40), data="config", keep="row", unique=True),
    ref("conversation_id", "conversations.id", unique=True),
    column("roles", String(80), data="config", keep="row"),  # comma-separated, sorted
    column("cohorts", String(2000), data="config", keep="row"),  # comma-separated cohort ids; empty: all
    column("duty", String(2000), data="config", keep="row"),  # JSON: [[begin, end, [weekdays]], ...]
    column("trained_on", String(10), data="config", keep="row", nullable=True),  # ISO date
    at("confirmed_at", nullable=True),
    ident("confirmed_by", nullable=True),
    at("revoked_at", nullable=True),
    at("made_at"),
    # How she works; the defaults are for those who came before there was a choice.
    column("languages", String(20), data="config", keep="row", server_default="ru,tg"),  # comma-separated, sorted
    column("load_limit", SmallInteger, data="config", keep="row", server_default="5"),
    column("rest", String(2000), data="config", keep="row", server_default="[]"),  # as `duty`
    column("away_from", String(10), data="config", keep="row", nullable=True),  # ISO dates, both included
    column("away_until", String(10), data="config", keep="row", nullable=True),
    at("off_from", nullable=True),  # between these her duty hours do not count: she has ended a shift
    at("off_until", nullable=True),
    column("is_fallback", Boolean, data="config", keep="row", server_default=false()),
)

# Who of the staff is related to a mother or lives beside her: that mother's cases are never shown to her.
conflicts = Table(
    "conflicts",
    metadata,
    ref("staff_id", "staff.id", keep="until erasure", primary_key=True),
    ref("conversation_id", "conversations.id", keep="until erasure", primary_key=True),
    ident("named_by", keep="until erasure"),
    at("at", keep="until erasure"),
)

groups = Table(
    "groups",
    metadata,
    ref("conversation_id", "conversations.id", primary_key=True),
    ident("bound_by"),
    at("bound_at"),
    at("lost_at", nullable=True),
)

invitations = Table(
    "invitations",
    metadata,
    ident(primary_key=True),
    column("hash", LargeBinary(32), data="index", keep="row", unique=True),
    column("spoken_hash", LargeBinary(32), data="index", keep="row", unique=True, nullable=True),
    work("role", String(12)),
    ref("cohort_id", "cohorts.id", nullable=True),
    work("uses_left", Integer),
    work("used", Integer),
    at("expires_at"),
    at("made_at"),
)

# Codes by which a mother moves to another address (S17).
moves = Table(
    "moves",
    metadata,
    ident(keep="15 minutes", primary_key=True),
    column("hash", LargeBinary(32), data="index", keep="15 minutes", unique=True),
    column("conversation_id", String(26), ForeignKey("conversations.id"), data="id", keep="15 minutes", unique=True),
    at("expires_at", keep="15 minutes"),
)

# Wrong codes, to slow down guessing; rows live an hour.
attempts = Table(
    "attempts",
    metadata,
    ident(primary_key=True),
    ref("conversation_id", "conversations.id"),
    at("at", index=True),
)

# `body`: JSON of category, score, reasons, rules, outcome, note; sealed with the case's key.
cases = Table(
    "cases",
    metadata,
    ident(primary_key=True),
    work("number", String(10)),
    ref("conversation_id", "conversations.id"),
    ident("participant_id", nullable=True),
    ref("cohort_id", "cohorts.id", nullable=True),
    work("level", String(8)),
    work("language", String(2)),
    work("state", String(8)),
    ident("owner_id", nullable=True),
    at("opened_at"),
    at("said_at", nullable=True),  # when she did what opened it, by the messenger's clock
    at("taken_at", nullable=True),
    at("acted_at", nullable=True),
    at("window_until", nullable=True),
    at("closed_at", nullable=True),
    at("erased_at", nullable=True),
    ident("second_id", nullable=True),  # the supervisor who looks along
    work("earlier", String(10), nullable=True),  # number of her case that was closed shortly before
    sealed("body", "90 days after closing; a false alarm 24 h; erasure at once", nullable=True),
    at("expires_at", nullable=True, index=True),
    Index("uq_cases_one_open", "conversation_id", unique=True,
          sqlite_where=text("state <> 'closed'"), postgresql_where=text("state <> 'closed'")),
)  # fmt: skip

# `body`: JSON of text, file and when she sent it, sealed with the case's key.
case_messages = Table(
    "case_messages",
    metadata,
    ident(primary_key=True),
    ref("case_id", "cases.id", index=True),
    work("voice", String(6)),
    work("kind", String(10)),
    work("is_edit", Boolean),
    work("answer", String(8)),
    ident("by", nullable=True),
    sealed("body", "with its case", nullable=True),
    at("at"),
)

# A chain: `mac` is keyed over the row and the mac before it, so that a missing or changed row shows.
audit = Table(
    "audit",
    metadata,
    column(
        "seq",
        BigInteger().with_variant(Integer, "sqlite"),
        data="audit",
        keep="3 years",
        primary_key=True,
        autoincrement=True,
    ),
    column("at", Instant(), data="audit", keep="3 years"),
    column("action", String(40), data="audit", keep="3 years"),
    column("actor_id", String(26), data="audit", keep="3 years"),
    column("case_id", String(26), data="audit", keep="3 years", nullable=True),
    column("mac", LargeBinary(32), data="audit", keep="3 years"),
    Index("ix_audit_case_id", "case_id"),
)

# What came in, and what turns post to each other.  Done rows keep no body and live 8 days as dedupe (S18).
# line+external_id: the channel's update id, or for posts line "post" and "<source inbox id>/<n>".
inbox = Table(
    "inbox",
    metadata,
    ident(primary_key=True),
    work("line", String(80)),
    work("external_id", String(120)),
    ident("conversation_id", nullable=True, index=False),
    work("state", String(12)),  # pending, done, quarantined
    sealed("body", "until played; quarantined 30 days", nullable=True),
    at("at"),
    at("expires_at", index=True),
    UniqueConstraint("line", "external_id"),
    Index("ix_inbox_pending", "id", sqlite_where=text("state = 'pending'"), postgresql_where=text("state = 'pending'")),
)  # fmt: skip

# Events due later; `key` is unique within a conversation; `body` is the packed event.
timers = Table(
    "timers",
    metadata,
    ref("conversation_id", "conversations.id", primary_key=True),
    work("key", String(80), primary_key=True),
    at("due_at"),
    sealed("body", "until due"),
    Index("ix_timers_due", "due_at", "conversation_id"),
)

# A row exists only while something is pending for the address.  `address` is sealed with the account's key.
mailboxes = Table(
    "mailboxes",
    metadata,
    ref("account_id", "accounts.id", keep="while pending", primary_key=True),
    work("line", String(80)),
    sealed("address", "while pending"),
    at("next_due_at", nullable=True),
    at("lease_until", nullable=True),
    Index("ix_mailboxes_due", "line", "next_due_at"),
)

# What waits to go out.  `seq` orders rows within a lane of a mailbox.  `body` is the Outgoing (or the
# selector of messages to edit or delete), sealed with the subject of the conversation.
outbox = Table(
    "outbox",
    metadata,
    column("seq", COUNTER, data="id", keep="7 days", primary_key=True, autoincrement=True),
    ident(unique=True),
    ref("account_id", "accounts.id"),
    ref("conversation_id", "conversations.id"),
    work("lane", SmallInteger),
    work("act", String(6)),
    work("purpose", String(12)),
    at("due_at"),
    at("expires_at", nullable=True),
    work("dedupe", String(120), unique=True, nullable=True),
    work("state", String(10)),  # waiting, sending, sent, failed, expired, unknown, cancelled
    work("attempts", SmallInteger),
    work("is_maybe_duplicate", Boolean),
    sealed("body", "7 days after it went", nullable=True),
    ident("case_id", nullable=True),
    ident("broadcast_id", nullable=True),
    work("tag", String(60)),
    ident("ref", nullable=True),  # the case message it carries
    at("made_at"),
    at("purge_at", nullable=True, index=True),
    work("code", String(40), nullable=True),  # the provider's error code of the last failure
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
    ident(primary_key=True),
    ref("account_id", "accounts.id"),
    ref("conversation_id", "conversations.id"),
    work("external_id", String(200), keep="49 hours"),
    work("is_ours", Boolean),
    ident("case_id", nullable=True),
    work("tag", String(60)),
    at("at"),
    UniqueConstraint("account_id", "external_id"),
    Index("ix_messages_conversation", "conversation_id", "at"),
    Index("ix_messages_at", "at"),
)

# `body`: JSON of both texts, sealed with the coordinator's key.
broadcasts = Table(
    "broadcasts",
    metadata,
    ident(primary_key=True),
    ref("by_id", "staff.id"),
    ref("conversation_id", "conversations.id"),  # the coordinator's, for progress
    column("cohorts", String(2000), data="work", keep="row"),  # comma-separated cohort ids
    sealed("body", "7 days after it ended", nullable=True),
    work("state", String(10)),  # waiting, running, paused, cancelled, done
    at("starts_at"),
    at("expires_at"),
    at("made_at"),
)

recipients = Table(
    "recipients",
    metadata,
    ref("broadcast_id", "broadcasts.id", primary_key=True),
    ref("participant_id", "participants.id", keep="until erasure", primary_key=True),
    work("state", String(10)),  # waiting, sent, shown, left_out, failed, unknown, cancelled
    work("reason", String(20), nullable=True),
)

# Pages read aloud by the team: the messenger's own id of each recording; nothing of a mother.
voice_notes = Table(
    "voice_notes",
    metadata,
    column("lesson", String(10), data="config", keep="row", primary_key=True),
    column("language", String(2), data="config", keep="row", primary_key=True),
    column("line", String(80), data="config", keep="row", primary_key=True),
    column("version", Integer, data="config", keep="row"),
    column("file", String(400), data="config", keep="row"),
    column("seconds", Integer, data="config", keep="row"),
    column("size", Integer, data="config", keep="row"),
    ident("by_id"),
    at("at"),
)

# Rehearsals of the alarm (S11).
alarm_tests = Table(
    "alarm_tests",
    metadata,
    ident(primary_key=True),
    ref("by_id", "staff.id"),
    at("at"),
)
acknowledgements = Table(
    "acknowledgements",
    metadata,
    ref("test_id", "alarm_tests.id", primary_key=True),
    ref("staff_id", "staff.id", primary_key=True),
    at("at"),
)

# Verdicts of closed cases by version of the rules and concept: counters without text (S20, S21).
verdicts = Table(
    "verdicts",
    metadata,
    work("rules", String(40), primary_key=True),
    work("concept", String(60), primary_key=True),
    work("outcome", String(12), primary_key=True),
    work("count", Integer),
    CheckConstraint("count >= 0", name="count"),
)
