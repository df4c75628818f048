"""The clock of a case: whom it rings, how often, and what alone stops it (S10)."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.core import rota
from bot.core.cases import Case, CaseState, Level
from bot.core.effects import Audit, ChangeCase, Schedule
from bot.core.event import Event
from bot.core.events import AlarmDue, CardChanged, CaseRang, DeskAlarmed
from bot.core.people import Roster, Staff
from bot.flows.turn import Turn


def ring(turn: Turn, case: Case, step: int) -> None:
    """Ring whoever this step names, and set the clock for the next one; nobody is waited for alone any more."""
    if offer := _offer(turn, case):
        offer["alone"] = ""
    late = _last(turn, case) if _is_passed_around(turn, case) else []
    _call(turn, case, step, [*_called(turn, case, step), *late])
    if not step and case.level is Level.URGENT and not _is_anybody_on_duty(turn, case):
        coordinators = turn.facts.roster.coordinators(case.conversation_id)
        tell(turn, DeskAlarmed("nobody_on_duty", number=case.number), coordinators)
    set_clock(turn, case, step + 1, next_ring(turn, case, step))


def ring_without_group(turn: Turn) -> None:
    """The group did not show its card: persons hear of it in private now, as if there had been no group (S10).

    Its clock stays as it was set; who has taken it and may still act is left in peace.
    """
    case = turn.facts.case
    if case is not None and case.id == turn.event.case_id and not is_acted(case) and turn.now >= _free_from(turn, case):
        _call(turn, case, 1, _persons(turn, case))


def _call(turn: Turn, case: Case, step: int, called: list[str]) -> None:
    first = _first(turn, case)
    rang = CaseRang(case.id, case.number, case.level, case.language, case.wrote_at, step, _alias(first))
    for conversation_id in dict.fromkeys(called):
        call(turn, case, rang, conversation_id)
    if step:
        turn.do(Audit("escalate", "", case.id))


def call(turn: Turn, case: Case, rang: CaseRang, conversation_id: str) -> None:
    """Ring there, and remember it: whoever was rung learns how the case goes on."""
    chats = called_so_far(turn, case)
    turn.post(replace(rang, is_again=conversation_id in chats), conversation_id)
    turn.data["rung"] = {"case": case.id, "chats": [*dict.fromkeys([*chats, conversation_id])]}


def called_so_far(turn: Turn, case: Case) -> list[str]:
    """The conversations that were rung for this case."""
    rung = turn.data.get("rung", {})
    return list(rung["chats"]) if rung.get("case") == case.id else []


def remember_offer(turn: Turn, case: Case, to: Staff, by: str, *, is_alone: bool) -> None:
    """Who is asked to take it, and by whom; `is_alone`: until the clock rings, nobody else is."""
    asked = {**_offer(turn, case).get("asked", {}), to.id: by}
    declined = [one for one in _offer(turn, case).get("declined", ()) if one != to.id]
    turn.data["offer"] = {"case": case.id, "asked": asked, "declined": declined, "alone": to.id if is_alone else ""}


def decline(turn: Turn, case: Case, staff: Staff) -> str | None:
    """She says that she cannot: what waited for her alone rings on at once (S10); the id of who had asked her."""
    offer = _offer(turn, case)
    by: str | None = offer.get("asked", {}).pop(staff.id, None)
    if by is None:
        return None
    offer["declined"].append(staff.id)
    if offer["alone"] == staff.id and case.owner_id is None:
        ring(turn, case, 0)
    return by


def _offer(turn: Turn, case: Case) -> dict[str, Any]:
    """Who was asked to take this case by name, and who of them cannot."""
    kept: dict[str, Any] = turn.data.get("offer", {})
    return kept if kept.get("case") == case.id else {}


def change_cards(turn: Turn, case: Case, state: str, alias: str = "") -> None:
    """Wherever it rang, in a group or with a person, is said how the case stands; nothing else, and nowhere else (S12).

    Who was rung before she was erased is forgotten with her (S22): the rings of what is left go, wherever one is.
    """
    told = reachable_groups(turn.facts.roster) if case.is_erased else called_so_far(turn, case)
    for conversation_id in told:
        turn.post(CardChanged(case.id, case.number, state, alias), conversation_id)
    if case.is_erased:
        tell(turn, CardChanged(case.id, case.number, "erased"), turn.facts.roster.staff)


def _alias(first: tuple[Staff, ...]) -> str:
    """Who is asked first; nobody needs to be named where there is only one."""
    return first[0].alias if len(first) > 1 else ""


def _is_anybody_on_duty(turn: Turn, case: Case) -> bool:
    return bool(turn.facts.roster.on_duty(case.cohort_id, turn.now, case.conversation_id))


def set_clock(turn: Turn, case: Case, step: int, at: datetime) -> None:
    """The one timer of a case; a change of hands puts the coordinators' ring off for nobody."""
    turn.do(Schedule(f"alarm:{case.id}", min(at, _coordinators_due(turn, case) or at), AlarmDue(case.id, step)))


def keep_counting(turn: Turn, case: Case) -> None:
    """A case leaves its owner without an act: coordinators are rung as if it had stayed with her (S10)."""
    if case.owner_id is not None and (case.acted_at is None or case.is_act_taken_back):
        since = _unacted_since(turn, case) or case.taken_at or turn.now
        turn.data["unacted"] = {"case": case.id, "since": since.isoformat()}


def end_count(turn: Turn) -> None:
    """Its owner answered or did something."""
    turn.data.pop("unacted", None)


def _unacted_since(turn: Turn, case: Case) -> datetime | None:
    """Since when it goes from hand to hand without an act; None where it does not."""
    kept = turn.data.get("unacted", {})
    return datetime.fromisoformat(kept["since"]) if kept.get("case") == case.id else None


def _coordinators_due(turn: Turn, case: Case) -> datetime | None:
    """When coordinators are next rung for a case that goes from hand to hand."""
    since, policy = _unacted_since(turn, case), turn.library.policy
    if since is None:
        return None
    due = _first_due(turn, case, since)
    while due <= turn.now:
        due = due + policy.alarm_again if case.level is Level.URGENT else _first_due(turn, case, due)
    return due


def _first_due(turn: Turn, case: Case, since: datetime) -> datetime:
    """When coordinators are first rung for a case that nobody has acted on since then."""
    policy = turn.library.policy
    if case.level is Level.URGENT:
        return since + policy.alarm_coordinators
    return rota.after_shift(turn.facts.roster, case, since, policy.concern_last)


def _is_passed_around(turn: Turn, case: Case) -> bool:
    """Whether it has gone from hand to hand for so long that coordinators are rung whoever has it."""
    since = _unacted_since(turn, case)
    return since is not None and turn.now >= _first_due(turn, case, since)


def _called(turn: Turn, case: Case, step: int) -> list[str]:
    roster = turn.facts.roster
    groups = reachable_groups(roster)
    first = _chats(_first(turn, case))
    everybody = _chats(rota.everybody_called(roster, case, turn.now))
    last = _last(turn, case)
    if case.level is Level.URGENT:
        called = {0: groups, 1: groups or [*first, *last], 2: first or last}.get(step, [*groups, *everybody, *last])
        is_deserted = step == 0 and not (groups and _is_anybody_on_duty(turn, case))
        return [*called, *first, *last] if is_deserted else called
    called = {0: groups, 1: first or last}.get(step, [*everybody, *last])
    return called or [*first, *last]


def _first(turn: Turn, case: Case) -> tuple[Staff, ...]:
    """Who is to look first, without those who said that they cannot."""
    declined = _offer(turn, case).get("declined", ())
    return rota.first_called(turn.facts.roster, case, turn.facts.loads, turn.now, declined)


def _last(turn: Turn, case: Case) -> list[str]:
    """Those who find somebody."""
    return _chats(rota.last_called(turn.facts.roster, case, turn.now))


def _persons(turn: Turn, case: Case) -> list[str]:
    """Whom it rings where no group does: those who are to look first, and those who find somebody."""
    return [*_chats(_first(turn, case)), *_last(turn, case)]


def _chats(staff: tuple[Staff, ...]) -> list[str]:
    return [member.conversation_id for member in staff]


def reachable_groups(roster: Roster) -> list[str]:
    """The conversations of the bound groups that can be reached."""
    return [group.conversation_id for group in roster.groups if group.is_reachable]


def tell(turn: Turn, event: Event, staff: tuple[Staff, ...]) -> None:
    """Post an event to each of these members of staff."""
    for member in staff:
        turn.post(event, member.conversation_id)


def next_ring(turn: Turn, case: Case, step: int) -> datetime:
    """When the step after this one rings."""
    policy = turn.library.policy
    if case.level is Level.URGENT:
        since = {
            0: policy.alarm_group,
            1: policy.alarm_private - policy.alarm_group,
            2: policy.alarm_coordinators - policy.alarm_private,
        }
        return turn.now + since.get(step, policy.alarm_again)
    wait = policy.concern_first if step == 0 else policy.concern_last
    if step == 1:
        wait -= policy.concern_first
    return rota.after_shift(turn.facts.roster, case, turn.now, wait)


def alarm_due(turn: Turn) -> None:
    """It rings again unless a named person has taken the case and acted, and she has not waited for an answer since."""
    case = turn.facts.case
    if case is None or case.id != turn.event.case_id or (is_acted(case) and not is_awaiting(case)):
        return
    if is_acted(case):
        turn.do(ChangeCase(case.id, {"acted_at": None}))
        case = replace(case, acted_at=None)
    free_from = _free_from(turn, case)
    if turn.now < free_from:
        if _is_passed_around(turn, case):
            _call(turn, case, turn.event.step, _last(turn, case))
        set_clock(turn, case, turn.event.step, free_from)
    else:
        ring(turn, case, turn.event.step)


def ring_for_others(turn: Turn, case: Case) -> None:
    """Its owner is not there: it rings as if nobody had it, and whoever may can take it at once (S10)."""
    free = {"acted_at": None, "taken_at": None, "state": CaseState.TAKEN}
    turn.do(ChangeCase(case.id, free))
    ring(turn, replace(case, acted_at=None, taken_at=None, state=CaseState.TAKEN), 0)


def is_absent(turn: Turn, case: Case, owner: Staff) -> bool:
    """Whether its owner is away, or off duty and has not been at it for the last quarter of an hour."""
    last = max((at for at in (case.taken_at, case.acted_at) if at is not None), default=None)
    is_at_it = last is not None and turn.now - last < turn.library.policy.alarm_again
    return owner.is_away(turn.now) or not (owner.is_on_duty(turn.now) or is_at_it)


def _free_from(turn: Turn, case: Case) -> datetime:
    """Until when whoever took it may be without an act; now, where nobody did."""
    return turn.now if case.taken_at is None else deadline(turn, case, case.taken_at)


def deadline(turn: Turn, case: Case, since: datetime) -> datetime:
    """Until when one who took the case then may be without an act before it rings again."""
    policy = turn.library.policy
    if case.level is Level.URGENT:
        return since + policy.alarm_again
    return rota.after_shift(turn.facts.roster, case, since, policy.concern_first)


def answer_due(turn: Turn, case: Case) -> datetime:
    """By when words of hers without a finding want an answer or an act, however pressing the case is."""
    return rota.after_shift(turn.facts.roster, case, turn.now, turn.library.policy.concern_first)


def is_acted(case: Case) -> bool:
    """Whether somebody has taken the case and answered or recorded an act."""
    return case.owner_id is not None and case.acted_at is not None


def is_awaiting(case: Case) -> bool:
    """Whether she wrote after what its owner did last."""
    return case.state is CaseState.TAKEN


def is_neglected(turn: Turn, case: Case) -> bool:
    """Whether it was taken, but nothing followed for so long that it rings again, and another may take it.

    At once where its owner was found not to be there.
    """
    if case.owner_id is None or case.acted_at is not None:
        return False
    return turn.now >= _free_from(turn, case)
