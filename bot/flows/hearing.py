"""A message of hers becomes part of a case: opened, joined or raised; the right people hear of it (S7, S10, S19)."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.cases import Case, CaseState, Finding, Level, Outcome, Voice
from bot.core.effects import (
    AddToCase,
    Audit,
    CancelSends,
    ChangeCase,
    CloseCase,
    OpenCase,
    Purpose,
    Schedule,
    Unschedule,
)
from bot.core.events import CaseLeft, CaseMessageArrived, SweepDue
from bot.core.messages import Kind
from bot.core.people import Staff
from bot.flows import alarm, repeats
from bot.flows.conditions import open_case
from bot.flows.pace import leave_out
from bot.flows.turn import Turn
from bot.orthography.courtesy import courtesy


@dataclass(frozen=True, slots=True)
class Heard:
    """What of hers goes to the case; `level` NONE joins without raising it.

    `found` is what she said by a choice; without it the finding is what screening said of her words.
    """

    level: Level = Level.NONE
    body: str = ""
    kind: Kind = Kind.TEXT
    file: str = ""
    is_edit: bool = False
    message_id: str = ""
    found: Finding | None = None


def cohort_of(turn: Turn) -> str | None:
    """Her cohort, or the one her code names while she has not joined."""
    participant = turn.facts.participant
    if participant is not None:
        return participant.cohort_id
    cohort_id: str | None = turn.data.get("invitation", {}).get("cohort_id")
    return cohort_id


def hear(turn: Turn, heard: Heard) -> Case:
    """Put it into the one case of this conversation, and ring or tell whoever must know."""
    heard = _repeated(turn, heard)
    case = open_case(turn)
    if case is None:
        least = _replace_stub(turn)
        case = _open(turn, replace(heard, level=max(heard.level, least, key=lambda level: level.rank)))
        _add(turn, case, heard)
        alarm.ring(turn, case, 0)
        return case
    case = _count_from_first(turn, case)
    message_id = _add(turn, case, heard)
    is_raised = heard.level.rank > case.level.rank
    if is_raised:
        turn.do(Audit("raise", "", case.id))
        turn.do(ChangeCase(case.id, {"level": heard.level, "finding": _finding(turn, heard)}))
        case = replace(case, level=heard.level)
    owner = turn.facts.roster.member(case.owner_id or "")
    if owner is not None:
        _tell_owner(turn, case, heard, message_id, owner)
        _want_an_act(turn, case, heard, owner, is_raised=is_raised)
    elif case.owner_id is not None and alarm.is_acted(case):  # its owner left the team
        alarm.ring_for_others(turn, case)
    elif is_raised or case.owner_id is not None:
        alarm.ring(turn, case, 0)
    return case


def _count_from_first(turn: Turn, case: Case) -> Case:
    """The case, in which she waits since the first of her words, also where those come only now (WhatsApp)."""
    said_at = turn.facts.acted_at
    if said_at is None or said_at >= case.wrote_at:
        return case
    turn.do(ChangeCase(case.id, {"said_at": said_at}))
    return replace(case, said_at=said_at)


def _repeated(turn: Turn, heard: Heard) -> Heard:
    """The same, pressing more when her words are one concern of many; an edit is no new one."""
    if heard.found is not None or heard.is_edit:
        return heard
    found = repeats.weigh(turn)
    return replace(heard, level=found.level, found=found) if found.level.rank > heard.level.rank else heard


def _replace_stub(turn: Turn) -> Level:
    """She was erased and is here again: what was left of the old case ends, the new one is a case of its own (S22).

    Whoever had it hears so: it was closed over her head, and perhaps she need not be looked for any more.
    How pressing the new one is at least: as much as the old one if nobody has acted on that (S10).
    """
    stub = turn.facts.case
    if stub is not None:
        turn.do(CloseCase(stub.id, Outcome.NO_ANSWER, "", stub.owner_id or ""), Unschedule((f"alarm:{stub.id}",)))
        alarm.change_cards(turn, stub, "closed")
        owner = turn.facts.roster.member(stub.owner_id or "")
        if owner is not None:
            turn.post(CaseLeft(stub.id, stub.number, "replaced"), owner.conversation_id)
    return stub.level if stub is not None and not alarm.is_acted(stub) else Level.NONE


def _open(turn: Turn, heard: Heard) -> Case:
    finding = _finding(turn, heard)
    earlier = _earlier(turn)
    case = Case(
        id=turn.ids.id(),
        number=turn.ids.number(),
        conversation_id=turn.conversation.id,
        cohort_id=cohort_of(turn),
        level=finding.level,
        state=CaseState.OPEN,
        language=turn.language,
        opened_at=turn.now,
        earlier=earlier,
        finding=finding,
        said_at=turn.facts.acted_at,
    )
    begin_case(turn, case)
    return case


def begin_case(turn: Turn, case: Case) -> None:
    """From now on it is open, and no broadcast comes to her: none that waited, nor one on its way already (S4)."""
    opened = OpenCase(case.id, case.number, case.finding, case.cohort_id, case.language, case.earlier, case.said_at)
    turn.do(opened, CancelSends((Purpose.BROADCAST,)))
    leave_out(turn, "case")


def _earlier(turn: Turn) -> str:
    """The number of her case that was closed shortly before, so that the next taker can ask who had it."""
    closed = turn.data.pop("closed", None)
    if closed is None or turn.now - datetime.fromisoformat(closed["at"]) > turn.library.policy.reopened_within:
        return ""
    return str(closed["number"])


def _finding(turn: Turn, heard: Heard) -> Finding:
    """What screening said; an explicit wish or a voice has no category and is a concern at least."""
    if heard.found is not None:
        return heard.found
    at_least = heard.level if heard.level.rank else Level.CONCERN
    found = turn.facts.finding
    return found if found.level.rank >= at_least.rank else replace(found, level=at_least)


def _add(turn: Turn, case: Case, heard: Heard) -> str:
    """Its id in the case; empty when there is nothing to add but the wish itself."""
    if not (heard.body or heard.message_id):
        return ""
    message_id = turn.ids.id()
    turn.do(
        AddToCase(
            case.id,
            message_id,
            Voice.HERS,
            heard.body,
            heard.kind,
            heard.file,
            is_edit=heard.is_edit,
            external_id=heard.message_id,
            said_at=turn.facts.acted_at,
        )
    )
    if heard.message_id:
        leave_no_trace(turn, case.id, (heard.message_id,))
    return message_id


def _tell_owner(turn: Turn, case: Case, heard: Heard, message_id: str, owner: Staff) -> None:
    """Her words go to the one who took the case, with the row of the audit (S14)."""
    is_urgent, is_old = heard.level is Level.URGENT, _is_changed(case, heard)
    turn.do(Audit("bring", owner.id, case.id))
    turn.post(
        CaseMessageArrived(
            case.id,
            case.number,
            message_id,
            heard.kind,
            heard.body,
            heard.is_edit,
            is_urgent,
            is_old,
            turn.facts.acted_at,
        ),
        owner.conversation_id,
    )


def _is_changed(case: Case, heard: Heard) -> bool:
    """Whether what she changed it into came before it: WhatsApp keeps no order."""
    edits = {message.external_id for message in case.messages if message.is_edit}
    return not heard.is_edit and bool(heard.message_id) and heard.message_id in edits


def _want_an_act(turn: Turn, case: Case, heard: Heard, owner: Staff, *, is_raised: bool) -> None:
    """A new finding wants a new act of its owner, other words an answer, and a mere courtesy nothing (S10).

    While she has done nothing since, the clock that runs stays.  For one who is not there nobody waits.
    """
    is_found = bool(heard.level.rank)
    if not (is_raised or _is_new(case, heard)):
        return
    if alarm.is_absent(turn, case, owner) if is_found else owner.is_away(turn.now):
        alarm.ring_for_others(turn, case)
        return
    changes: dict[str, object] = {"state": CaseState.TAKEN}
    if is_found and case.acted_at is not None:
        changes |= {"acted_at": None, "taken_at": turn.now}
    turn.do(ChangeCase(case.id, changes))
    due = alarm.deadline(turn, case, turn.now) if is_found else alarm.answer_due(turn, case)
    alarm.set_clock(turn, case, 1, due)


def _is_new(case: Case, heard: Heard) -> bool:
    """Whether this is the first that wants something since its owner did the last thing."""
    if heard.level.rank:
        return case.acted_at is not None
    return case.state is CaseState.WAITING and courtesy(heard.body) is None


def leave_no_trace(turn: Turn, case_id: str = "", message_ids: tuple[str, ...] = (), tag: str = "") -> None:
    """On a phone that others use, what concerns the case, or without one every case, leaves the chat after a while."""
    participant = turn.facts.participant
    if participant is not None and participant.may_see_content:
        return
    due_at = turn.now + turn.library.policy.case_text_stays
    turn.do(Schedule(f"sweep:{turn.ids.id()}", due_at, SweepDue(case_id, tag, message_ids)))
