"""Answers of one who has let a case go: what never arrived is told, and opens again what rested on it (S10, S13)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.core.cases import AnswerState, Case, CaseMessage, CaseState, Level, Voice
from bot.core.effects import Audit, CancelSends, ChangeCase, Purpose, ReopenCase, SettleAnswer
from bot.core.events import AnswerSettled, CaseRang
from bot.flows import alarm
from bot.flows.conditions import open_case
from bot.flows.pace import leave_out
from bot.flows.turn import Turn

HANDED = frozenset({AnswerState.HANDED, AnswerState.UNDERWAY})
KEPT = timedelta(days=8)
"""Longer than a messenger's word about an answer is heeded: whatever proves undelivered finds its case (S10)."""
NO_PROOF = frozenset({"withdrawn", "unknown"})
"""What her owner's own closing may have brought about: it opens nothing again that is not urgent."""

Kept = dict[str, Any]
"""What is known of a case that was let go: id, number, owner, its answers, since when; `rests` where it was closed."""


# ---- letting go


def remember_handed(turn: Turn, case: Case) -> None:
    """Whose answers are perhaps not with her while she lets the case go: what does not arrive is told to her."""
    answers = [m.id for m in case.messages if m.answer in HANDED and turn.now - m.at < KEPT]
    if answers:
        kept = {"case": case.id, "number": case.number, "owner": case.owner_id, "answers": answers}
        turn.data["let_go"] = [*_let_go(turn), kept | {"at": turn.now.isoformat()}]


def rest(turn: Turn, case: Case) -> None:
    """It is closed by an act of a person: by an answer that was handed over, or by one that no messenger can undo.

    Either way nothing opens again what was closed before: somebody has looked after her since.
    """
    let_go = [{name: one[name] for name in one.keys() - {"rests"}} for one in _let_go(turn)]
    answer = _last_act(case)
    for one in let_go:
        if answer is not None and one["case"] == case.id and answer.id in one["answers"]:
            one["rests"] = {"answer": answer.id, **_standing(case)}
    if let_go:
        turn.data["let_go"] = let_go


def _last_act(case: Case) -> CaseMessage | None:
    """The answer that was her owner's latest act; None where that was a note of what she did."""
    acts = [m for m in case.messages if m.at == case.acted_at and m.voice in {Voice.STAFF, Voice.NOTE}]
    return acts[-1] if acts and acts[-1].answer in HANDED else None


def _standing(case: Case) -> Kept:
    """What a case must be known by to ring again."""
    return {
        "level": case.level,
        "language": case.language,
        "cohort": case.cohort_id,
        "opened_at": case.opened_at.isoformat(),
        "said_at": case.wrote_at.isoformat(),
        "taken_at": (case.taken_at or case.opened_at).isoformat(),
    }


def _let_go(turn: Turn) -> list[Kept]:
    """The cases that were let go lately."""
    kept = turn.data.get("let_go", [])
    found = [{"case": "", **kept}] if isinstance(kept, dict) else kept
    return [one for one in found if "at" not in one or turn.now - datetime.fromisoformat(one["at"]) < KEPT]


# ---- what did not arrive


def return_handed(turn: Turn) -> bool:
    """Whether it was an answer of one who has let the case go: she hears of it, and nobody takes it for said (S13)."""
    event = turn.event
    kept = next((one for one in _let_go(turn) if event.ref in one["answers"]), None)
    if kept is None or "answer" not in event.purposes:
        return False
    turn.do(SettleAnswer(event.case_id, event.ref, unread_as(event.why)))
    owner = turn.facts.roster.member(kept["owner"] or "")
    case = _opened_again(turn, kept)
    may_go_on = owner is not None and case is not None and owner.may_take(case.cohort_id, case.conversation_id)
    if owner is not None:
        how = "reopened" if may_go_on else "returned" if event.why == "withdrawn" else event.why
        turn.post(AnswerSettled(event.case_id, kept["number"], how), owner.conversation_id)
    if owner is not None and case is not None and may_go_on:
        rang = CaseRang(case.id, case.number, case.level, case.language, case.wrote_at)
        alarm.call(turn, case, rang, owner.conversation_id)
    return True


def unread_as(how: str) -> AnswerState:
    """What is known of an answer that failed so: only what surely never reached her may be said to her again (S13)."""
    return AnswerState.UNSURE if how == "unknown" else AnswerState.EXPIRED


def _opened_again(turn: Turn, kept: Kept) -> Case | None:
    """The case that was closed by this answer, open and ringing again, unless another of hers stands for it (S10)."""
    rests: Kept = kept.get("rests", {})
    if rests.get("answer") != turn.event.ref:
        return None
    level = Level(rests["level"])
    if turn.event.why in NO_PROOF and level is not Level.URGENT:
        return None
    turn.data["let_go"] = [{name: one[name] for name in one.keys() - {"rests"}} for one in _let_go(turn)]
    if (present := open_case(turn)) is not None:
        _press(turn, present, level)
        return None
    return _reopen(turn, kept, rests)


def _reopen(turn: Turn, kept: Kept, rests: Kept) -> Case:
    """It rings as if nobody had ever had it; coordinators count from when it was taken."""
    case = Case(
        id=kept["case"],
        number=kept["number"],
        conversation_id=turn.conversation.id,
        cohort_id=rests["cohort"],
        level=Level(rests["level"]),
        state=CaseState.OPEN,
        language=rests["language"],
        opened_at=datetime.fromisoformat(rests["opened_at"]),
        said_at=datetime.fromisoformat(rests["said_at"]),
    )
    turn.do(ReopenCase(case.id), Audit("reopen", "", case.id), CancelSends((Purpose.BROADCAST,)))
    leave_out(turn, "case")
    turn.data.pop("closed", None)
    turn.data["unacted"] = {"case": case.id, "since": rests["taken_at"]}
    alarm.ring(turn, case, 0)
    return case


def _press(turn: Turn, case: Case, level: Level) -> None:
    """Another case of hers is open: without an act in it, it is as pressing as the one that had none after all."""
    if alarm.is_acted(case) or level.rank <= case.level.rank:
        return
    turn.do(Audit("raise", "", case.id), ChangeCase(case.id, {"level": level}))
    case = replace(case, level=level)
    if case.owner_id is None:
        alarm.ring(turn, case, 0)
    else:
        alarm.set_clock(turn, case, 1, alarm.deadline(turn, case, turn.now))
