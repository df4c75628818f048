"""Concerns that a person must handle: one open case per conversation, sealed with a key of its own."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, select, text, update

from bot.core.addresses import free_until
from bot.core.cases import (
    NOTHING,
    AnswerState,
    Case,
    CaseMessage,
    CaseState,
    Category,
    Finding,
    Level,
    Outcome,
    Voice,
)
from bot.core.conversation import Owner
from bot.core.effects import AddToCase, ChangeCase, CloseCase, OpenCase, Purpose, ReopenCase, SettleAnswer
from bot.core.errors import SealBroken
from bot.core.messages import Kind
from storage import accounts
from storage.driver import Statement
from storage.outbox import IS_PENDING
from storage.participants import keep_address
from storage.schema import accounts as accounts_table
from storage.schema import case_messages, cases, conversations, outbox, verdicts
from storage.sealing import Sealer
from storage.unit import Turn
from storage.upsert import AnyRow, Upsert, upserting

PLACE = "cases.body"
MESSAGE_PLACE = "case_messages.body"
CLOSED_LIVE = timedelta(days=90)
FALSE_ALARMS_LIVE = timedelta(hours=24)
"""After that a false alarm's category, reasons and texts are destroyed (S21)."""
IS_OPEN = text("cases.state <> 'closed'")
"""Written out, not bound: only so do both databases use the index of open cases."""
CHANGEABLE = frozenset({"state", "owner_id", "taken_at", "acted_at", "said_at", "window_until", "level", "second_id"})


# ---- reading


def open_of(connection: Connection, sealer: Sealer, conversation_ids: Iterable[str]) -> dict[str, Case]:
    """The open cases of these conversations, with what was found and all messages, by conversation."""
    wanted = sorted(conversation_ids)
    if not wanted:
        return {}
    rows = _OPEN.rows(connection, chats=wanted)
    said = _messages(connection, sealer, [row.id for row in rows])
    underway = _underway(connection, {row.conversation_id: said[row.id] for row in rows})
    return {
        row.conversation_id: _case(row, _finding(sealer, row), tuple(_as_it_is(m, underway) for m in said[row.id]))
        for row in rows
    }


def _underway(connection: Connection, said: Mapping[str, list[CaseMessage]]) -> frozenset[str]:
    """Which answers that were handed over have not gone yet; asked only where there is one, by conversation."""
    chats = [chat for chat, of_case in said.items() if any(m.answer is AnswerState.HANDED for m in of_case)]
    return frozenset(row.ref for row in _PENDING_ANSWERS.rows(connection, chats=chats)) if chats else frozenset()


_PENDING_ANSWERS = Statement(
    select(outbox.c.ref).where(
        IS_PENDING,
        outbox.c.conversation_id.in_(bindparam("chats", expanding=True)),
        outbox.c.purpose == Purpose.ANSWER,
        outbox.c.ref.is_not(None),
    )
)


def _as_it_is(message: CaseMessage, underway: frozenset[str]) -> CaseMessage:
    return replace(message, answer=AnswerState.UNDERWAY) if message.id in underway else message


_OPEN = Statement(select(cases).where(cases.c.conversation_id.in_(bindparam("chats", expanding=True)), IS_OPEN))


def open_cards(connection: Connection) -> list[Case]:
    """Every open case, without anything of what was said or found."""
    query = (
        select(cases, conversations.c.last_in_at, accounts_table.c.line)
        .join(conversations, conversations.c.id == cases.c.conversation_id)
        .outerjoin(accounts_table, accounts_table.c.id == conversations.c.account_id)
        .where(IS_OPEN)
    )
    rows = connection.execute(query.order_by(cases.c.opened_at, cases.c.id)).all()
    counts = _answers(connection) if rows else {}
    none = (0, None)
    return [
        replace(
            _case(row),
            waits=counts.get((row.id, AnswerState.WAITING), none)[0],
            waits_at=counts.get((row.id, AnswerState.WAITING), none)[1],
            unread=counts.get((row.id, AnswerState.EXPIRED), none)[0],
            free_until=free_until(row.line or "", row.last_in_at),
        )
        for row in rows
    ]


def _answers(connection: Connection) -> dict[tuple[str, str], tuple[int, datetime]]:
    """How many answers of each open case wait for her or were taken back unread, and when the latest was written."""
    m = case_messages.c
    query = (
        select(m.case_id, m.answer, func.count().label("n"), func.max(m.at).label("at"))
        .join(cases, cases.c.id == m.case_id)
        .where(IS_OPEN, m.answer.in_((AnswerState.WAITING, AnswerState.EXPIRED)))
        .group_by(m.case_id, m.answer)
    )
    return {(row.case_id, row.answer): (row.n, row.at) for row in connection.execute(query)}


def loads(connection: Connection) -> dict[str, int]:
    """How many open cases each member of staff has; those without any are not named."""
    return {row.owner_id: row.n for row in _LOADS.rows(connection)}


_LOADS = Statement(
    select(cases.c.owner_id, func.count().label("n"))
    .where(IS_OPEN, cases.c.owner_id.is_not(None))
    .group_by(cases.c.owner_id)
)


def _case(row: AnyRow, finding: Finding = NOTHING, said: tuple[CaseMessage, ...] = ()) -> Case:
    return Case(
        id=row.id,
        number=row.number,
        conversation_id=row.conversation_id,
        cohort_id=row.cohort_id,
        level=Level(row.level),
        state=CaseState(row.state),
        language=row.language,
        opened_at=row.opened_at,
        owner_id=row.owner_id,
        taken_at=row.taken_at,
        acted_at=row.acted_at,
        window_until=row.window_until,
        is_erased=row.erased_at is not None,
        second_id=row.second_id,
        earlier=row.earlier or "",
        finding=finding,
        messages=said,
        said_at=row.said_at,
    )


def _subject(case_id: str) -> str:
    return f"case:{case_id}"


def _finding(sealer: Sealer, row: AnyRow) -> Finding:
    """What screening found; without its key only the level is left."""
    body = _open(sealer, row.id, PLACE, row.id, row.body)
    category = body.get("category")
    return Finding(
        Level(row.level),
        Category(category) if category else None,
        body.get("score", 0.0),
        tuple(body.get("reasons", ())),
        body.get("rules", ""),
    )


def _open(sealer: Sealer, case_id: str, place: str, row: str, sealed: bytes | None) -> dict[str, Any]:
    if sealed is None:
        return {}
    try:
        body: dict[str, Any] = sealer.open_json(_subject(case_id), place, row, sealed)
    except SealBroken:
        return {}  # shown as unavailable
    return body


def _messages(connection: Connection, sealer: Sealer, case_ids: list[str]) -> defaultdict[str, list[CaseMessage]]:
    found: defaultdict[str, list[CaseMessage]] = defaultdict(list)
    if not case_ids:
        return found
    query = select(case_messages).where(case_messages.c.case_id.in_(case_ids))
    for row in connection.execute(query.order_by(case_messages.c.at, case_messages.c.id)):
        body = _open(sealer, row.case_id, MESSAGE_PLACE, row.id, row.body)
        found[row.case_id].append(
            CaseMessage(
                row.id,
                Voice(row.voice),
                body.get("text", ""),
                row.at,
                Kind(row.kind),
                body.get("file", ""),
                row.is_edit,
                AnswerState(row.answer),
                body.get("external_id", ""),
                datetime.fromisoformat(body["said_at"]) if body.get("said_at") else None,
            )
        )
    return found


# ---- recording


def open_case(turn: Turn, effect: OpenCase) -> None:
    """A person must look; a stranger's address is kept while her case is open, so that she can be answered (S18)."""
    conversation = turn.row.conversation
    is_hers = conversation.owner is Owner.PARTICIPANT
    turn.connection.execute(
        insert(cases).values(
            id=effect.case_id,
            number=effect.number,
            conversation_id=conversation.id,
            participant_id=conversation.owner_id if is_hers else None,
            cohort_id=effect.cohort_id,
            level=effect.finding.level,
            language=effect.language,
            state=CaseState.OPEN,
            opened_at=turn.now,
            said_at=effect.said_at,
            earlier=effect.earlier or None,
            body=_seal_finding(turn, effect.case_id, effect.finding),
        )
    )
    if conversation.owner is Owner.STRANGER:
        keep_address(turn)


def _seal_finding(turn: Turn, case_id: str, finding: Finding, more: Mapping[str, str] | None = None) -> bytes:
    body = {
        "category": finding.category,
        "score": finding.score,
        "reasons": finding.reasons,
        "rules": finding.rules,
        **(more or {}),
    }
    return turn.seal(_subject(case_id), PLACE, case_id, body)


def add(turn: Turn, effect: AddToCase) -> None:
    """A message of the case; a stranger's leads to her again, also where her case was closed meanwhile."""
    if effect.voice is Voice.HERS and turn.row.conversation.owner is Owner.STRANGER:
        keep_address(turn)
    said_at = effect.said_at.isoformat() if effect.said_at is not None else ""
    body = {"text": effect.body, "file": effect.file, "external_id": effect.external_id, "said_at": said_at}
    turn.connection.execute(
        insert(case_messages).values(
            id=effect.message_id,
            case_id=effect.case_id,
            voice=effect.voice,
            kind=effect.kind,
            is_edit=effect.is_edit,
            answer=effect.answer,
            by=effect.by or None,
            body=turn.seal(_subject(effect.case_id), MESSAGE_PLACE, effect.message_id, body),
            at=turn.now,
        )
    )


def change(turn: Turn, effect: ChangeCase) -> None:
    """How the case stands changes; a new finding is sealed again."""
    changes = dict(effect.changes)
    finding = changes.pop("finding", None)
    unknown = changes.keys() - CHANGEABLE
    if unknown:
        raise TypeError(f"ChangeCase knows no {sorted(unknown)}")
    if finding is not None:
        changes["body"] = _seal_finding(turn, effect.case_id, finding)
    turn.connection.execute(update(cases).where(_is(turn, effect.case_id)).values(**changes))


def _is(turn: Turn, case_id: str) -> ColumnElement[bool]:
    """A turn changes no case but that of its own conversation (architecture §1)."""
    return (cases.c.id == case_id) & (cases.c.conversation_id == turn.conversation_id)


def settle_answer(turn: Turn, effect: SettleAnswer) -> None:
    """A staff answer went, or ran out."""
    answer = update(case_messages).where(
        case_messages.c.id == effect.message_id, case_messages.c.case_id == effect.case_id
    )
    turn.connection.execute(answer.values(answer=effect.answer))


def close(turn: Turn, effect: CloseCase) -> None:
    """Ended by a named person; only counts survive its date.  A false alarm's ends within a day (S21)."""
    row = turn.connection.execute(select(cases).where(_is(turn, effect.case_id))).one()
    finding = _finding(turn.sealer, row)
    lives = FALSE_ALARMS_LIVE if effect.outcome is Outcome.FALSE_ALARM else CLOSED_LIVE
    ending = {"outcome": effect.outcome, "note": effect.note, "by": effect.by}
    is_erased = row.erased_at is not None
    turn.connection.execute(
        update(cases)
        .where(cases.c.id == effect.case_id)
        .values(
            state=CaseState.CLOSED,
            closed_at=turn.now,
            body=None if is_erased else _seal_finding(turn, effect.case_id, finding, ending),
            expires_at=turn.now if is_erased else turn.now + lives,
        )
    )
    for concept in finding.reasons:
        turn.unit.verdicts[finding.rules, concept[:60], effect.outcome] += 1
    if turn.row.conversation.owner is Owner.STRANGER and turn.row.account_id is not None:
        accounts.drop_address(turn.connection, turn.row.account_id)


def reopen(turn: Turn, effect: ReopenCase) -> None:
    """What it rested on did not hold: nobody has it, and it counts as never closed."""
    row = turn.connection.execute(select(cases).where(_is(turn, effect.case_id))).one()
    finding, ending = _finding(turn.sealer, row), _open(turn.sealer, row.id, PLACE, row.id, row.body)
    free = dict.fromkeys(("owner_id", "taken_at", "acted_at", "window_until", "closed_at", "expires_at", "second_id"))
    body = _seal_finding(turn, effect.case_id, finding)
    turn.connection.execute(
        update(cases).where(cases.c.id == effect.case_id).values(state=CaseState.OPEN, body=body, **free)
    )
    for concept in finding.reasons:
        turn.unit.verdicts[finding.rules, concept[:60], ending["outcome"]] -= 1


def read_verdicts(connection: Connection) -> list[tuple[str, str, str, int]]:
    """How cases ended: version of the rules, concept, outcome, count; in that order."""
    columns = (verdicts.c.rules, verdicts.c.concept, verdicts.c.outcome, verdicts.c.count)
    return [
        (rules, concept, outcome, count)
        for rules, concept, outcome, count in connection.execute(select(*columns).order_by(*columns))
    ]


def count_verdicts(connection: Connection, counts: Mapping[tuple[str, str, str], int]) -> None:
    """Add to the counters of how cases ended, by version of the rules and concept; no text.

    What is taken off them, where a case was opened again, was counted before.
    """
    for kinds, statement in ((+Counter(counts), _more(connection)), (-Counter(counts), _FEWER)):
        if kinds:
            rows = [{"r": r, "c": c, "o": o, "n": kinds[r, c, o]} for r, c, o in sorted(kinds)]
            connection.execute(statement, rows)


_COUNT: dict[str, Any] = {name: bindparam(name[0]) for name in ("rules", "concept", "outcome")}


def _more(connection: Connection) -> Upsert:
    row = upserting(connection, verdicts).values(_COUNT | {"count": bindparam("n")})
    added = {"count": verdicts.c.count + row.excluded.count}
    keys = [verdicts.c.rules, verdicts.c.concept, verdicts.c.outcome]
    return row.on_conflict_do_update(index_elements=keys, set_=added)


_FEWER = (
    update(verdicts)
    .where(*(verdicts.c[name] == value for name, value in _COUNT.items()))
    .values(count=verdicts.c.count - bindparam("n"))
)
