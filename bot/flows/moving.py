"""A mother moves: her code, the yes of whoever has her case, and the exchange of her addresses, checked here (S17)."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.cases import Case
from bot.core.effects import (
    AllowMove,
    Audit,
    CancelSends,
    ChangeCase,
    CountAttempt,
    DropAddress,
    KeepAddress,
    MoveHere,
    Prefer,
    Unsay,
    Unschedule,
)
from bot.core.events import MessageReceived, Started
from bot.core.messages import Lane
from bot.core.moving import (
    MOVE_CODE_HOLDS,
    AddressClosed,
    MoveAllowed,
    MoveAsked,
    MoveCodeMade,
    MoveRefused,
    MoveSettled,
    MoveUsed,
    MoveWanted,
    Newcomer,
)
from bot.core.people import Participant, Shared, Staff
from bot.flows import case_hers, quiet
from bot.flows.belonging import TALKING
from bot.flows.conditions import has_joined, is_stranger, open_case
from bot.flows.consent import lasting
from bot.flows.onboarding import ATTEMPTS, CODE, NOT_OPEN, TOO_MANY, refuse_code, refuse_second
from bot.flows.pace import window_end
from bot.flows.rights import every
from bot.flows.screens import stand
from bot.flows.turn import ANY, BEFORE_ALL, Audience, Flow, Transition, Turn

AGREED_WITHIN = timedelta(hours=2)
"""How long the owner of her case may think about it."""


def _tell(turn: Turn, staff: Staff | None, how: str, case: Case | None = None) -> None:
    participant = turn.facts.participant
    if staff is not None:
        code_name = participant.code_name if participant and case is None else ""
        turn.post(MoveSettled(how, code_name, case.number if case else ""), staff.conversation_id)


# ---- a code is made


def ask(turn: Turn) -> None:
    """Her facilitator says that she asked: a code at once, or once the owner of her open case agrees."""
    staff, case = turn.facts.roster.member(turn.event.staff_id), turn.facts.case
    if staff is None:
        return
    why = _why_no_code(turn, staff, case)
    if why:
        _tell(turn, staff, why)
    elif case is None or case.owner_id == staff.id:
        _make(turn, staff, case)
    else:
        turn.data["move"] = {"staff": staff.id, "case": case.id, "asked_at": turn.now.isoformat()}
        owner = turn.facts.roster.member(case.owner_id or "")
        if owner is not None:
            turn.post(MoveWanted(case.id, case.number, turn.conversation.id, staff.alias), owner.conversation_id)
        _tell(turn, staff, "asked")


def _why_no_code(turn: Turn, staff: Staff, case: Case | None) -> str:
    participant = turn.facts.participant
    if participant is None or not staff.may_take(participant.cohort_id, turn.conversation.id):
        return "role"
    if participant.frozen_at is not None:
        return "frozen"
    is_free = case is not None and turn.facts.roster.member(case.owner_id or "") is None
    return "untaken" if is_free else ""


def _make(turn: Turn, staff: Staff, case: Case | None) -> None:
    """The code goes to the facilitator alone; who agreed is remembered with it."""
    move_id, code, until = turn.ids.id(), turn.ids.spoken(), turn.now + MOVE_CODE_HOLDS
    turn.data["move"] = {
        "id": move_id,
        "staff": staff.id,
        "until": until.isoformat(),
        **({"case": case.id, "owner": case.owner_id} if case else {}),
    }
    turn.do(AllowMove(move_id, code, until), Audit("move_code", staff.id, case.id if case else ""))
    code_name = turn.facts.participant.code_name if turn.facts.participant else ""
    turn.post(MoveCodeMade(code, code_name, until), staff.conversation_id)


def take_word(turn: Turn) -> None:
    """The owner of the case agrees, or does not."""
    event, case, asked = turn.event, open_case(turn), turn.data.get("move", {})
    owner = turn.facts.roster.member(event.staff_id)
    is_hers = case is not None and case.id == event.case_id == asked.get("case") and case.owner_id == event.staff_id
    began = asked.get("asked_at")
    if case is None or not is_hers or not began or turn.now - datetime.fromisoformat(began) > AGREED_WITHIN:
        _tell(turn, owner, "over")
        return
    turn.data.pop("move")
    asker = turn.facts.roster.member(asked["staff"])
    turn.do(Audit("move_allowed" if event.is_allowed else "move_refused", event.staff_id, case.id))
    why = "" if asker is None else _why_no_code(turn, asker, case)
    if asker is not None and event.is_allowed and not why:
        _make(turn, asker, case)
    else:
        _tell(turn, asker, why or "refused")


# ---- the code is given at the new address


def is_move_code(turn: Turn) -> bool:
    """Whether what was given is a code for moving."""
    return turn.facts.move is not None


def bring(turn: Turn) -> None:
    """A stranger gives it: her own conversation decides; one at a time, and a wrong one counts like any other."""
    move = turn.facts.move
    if turn.facts.attempts >= ATTEMPTS:
        refuse_code(turn, TOO_MANY)
    elif move is None or move.expires_at <= turn.now or "moving" in turn.data:
        turn.do(CountAttempt())
        refuse_code(turn, NOT_OPEN)
    else:
        turn.data["moving"] = move.id
        turn.do(KeepAddress())
        at = turn.conversation.last_in_at or turn.now
        used = MoveUsed(move.id, turn.conversation.id, at, turn.facts.case is not None, turn.event.is_lasting)
        turn.post(used, move.conversation_id)


def refuse(turn: Turn) -> None:
    """It opens nothing: the same words as for any other."""
    turn.data.pop("moving", None)
    if not is_stranger(turn):
        return
    turn.do(CountAttempt())
    if turn.facts.case is None:
        turn.do(DropAddress())
    refuse_code(turn, NOT_OPEN)


def is_her_own_code(turn: Turn) -> bool:
    """Whether these words are the digits that were made for her."""
    move = turn.facts.move
    return has_joined(turn) and move is not None and move.conversation_id == turn.conversation.id


def keep_apart(turn: Turn) -> None:
    """A mother gives one in her own chat: her own is for the new phone, another's opens nothing (S16)."""
    if is_her_own_code(turn):
        quiet.say_openly(turn, turn.text("Please write these digits from the new phone or chat, not here."))
        turn.show()
    else:
        refuse_second(turn)


# ---- she moves


def arrive(turn: Turn) -> None:
    """What her code is worth now: it was made for this, within its time, and whoever has her case agreed."""
    move, participant = turn.data.get("move", {}), turn.facts.participant
    is_hers = move.get("id") == turn.event.move_id and datetime.fromisoformat(move["until"]) > turn.now
    if participant is None or not is_hers:
        _refuse_there(turn)
        return
    turn.data.pop("move")
    staff = turn.facts.roster.member(move["staff"])
    why = _why_not(turn, move, staff)
    if staff is None or why:
        _refuse_there(turn)
        _tell(turn, staff, why)
        return
    _move(turn, participant, staff)


def _refuse_there(turn: Turn) -> None:
    """To the chat in which the code was given; one that has moved itself by now is somebody's and hears nothing."""
    if turn.facts.newcomer is not Newcomer.GONE:
        turn.post(MoveRefused(), turn.event.conversation_id)


def _why_not(turn: Turn, move: dict[str, str], staff: Staff | None) -> str:
    """Why she may not come after all; empty when she may."""
    case, newcomer = turn.facts.case, turn.facts.newcomer
    if turn.event.has_case or newcomer is Newcomer.HELPED:
        return "helped"
    if newcomer in {Newcomer.JOINED, Newcomer.GONE}:
        return "over"
    if case is not None and (case.id, case.owner_id) != (move.get("case"), move.get("owner")):
        return "changed"
    return _why_no_code(turn, staff, case) if staff is not None else "role"


def _move(turn: Turn, participant: Participant, staff: Staff) -> None:
    """Everything that is hers goes on at the new address; nothing that was written is shown there."""
    event, case = turn.event, open_case(turn)
    closed = _closing(turn, participant)
    turn.conversation = replace(turn.conversation, last_in_at=event.at)
    turn.do(CancelSends(), Unsay(everything=True))
    if case is not None:
        _take_back(turn, case)
    turn.do(MoveHere(event.conversation_id, closed))
    stand(turn, is_confirmed=False, confirmed_by=None, unreachable_at=None)
    turn.do(Prefer({"phone_shared": Shared.UNKNOWN}), Audit("moved", staff.id, case.id if case else ""))
    owner = turn.facts.roster.member(case.owner_id or "") if case else None
    if owner is not None and owner.id != staff.id:
        _tell(turn, owner, "done", case)
    _tell(turn, staff, "done")
    _greet(turn, participant)


LEFT_BEHIND = TALKING | {"contact", "asked_at", "is_covered", "is_held_off", "holds_pages"}
"""What she allowed, asked for or was asked at the old address."""


def _take_back(turn: Turn, case: Case) -> None:
    """What waited for the old address returns to its owner; nothing of the case is said at the new one (S13)."""
    for message in case_hers.waiting(case):
        case_hers.settle_unread(turn, case, message.id, "moved")
    for key in LEFT_BEHIND:
        turn.data.pop(key, None)
    turn.data["moved_at"] = turn.now.isoformat()
    turn.do(Unschedule((f"cover:{case.id}", "stale:")), ChangeCase(case.id, {"window_until": None}))


def _greet(turn: Turn, participant: Participant) -> None:
    """She is where she was; who stopped or hid sees only that, and stays silent."""
    if turn.event.is_lasting:
        turn.say(lasting(turn))
    if not (participant.stopped_at or participant.hidden_at):
        turn.say(
            turn.text("You go on here where you were. Nothing from the earlier chat comes along; that chat is closed.")
        )
    turn.show()


def _closing(turn: Turn, participant: Participant) -> AddressClosed:
    """One neutral line for the old address: at once if she was just there, or in her hours, or none (S1, S2)."""
    if turn.is_live and not (participant.hidden_at or participant.stopped_at):
        began = turn.conversation.last_in_at or turn.now
        return AddressClosed(turn.language, turn.now, began + turn.reply_window)
    at = None if participant.is_silent(turn.now) else participant.next_window(turn.now)
    until = window_end(participant, at) if at is not None else None
    return AddressClosed(turn.language, at, until)


def close(turn: Turn) -> None:
    """The old address: one neutral line where it may go, then whoever writes there is somebody unknown."""
    event = turn.event
    turn.language = event.language
    turn.data["has_language"] = True
    turn.go(CODE)
    if event.due_at is not None:  # no push: no template announces a page here that there is not
        turn.say(
            turn.text("This chat is closed. All the best."),
            lane=Lane.SCHEDULE,
            due_at=max(event.due_at, turn.now),
            expires_at=event.until,
        )
    turn.do(DropAddress())


MOVING = Flow(
    "Moving",
    Audience.MOTHER,
    (),
    (
        Transition(on=Started, source=BEFORE_ALL, to=None, do=bring, when=every(is_stranger, is_move_code)),
        Transition(on=Started, source=BEFORE_ALL, to=None, do=keep_apart, when=every(has_joined, is_move_code)),
        Transition(on=MessageReceived, source=BEFORE_ALL, to=None, do=keep_apart, when=is_her_own_code),
        Transition(on=MoveAsked, source=ANY, to=None, do=ask),
        Transition(on=MoveAllowed, source=ANY, to=None, do=take_word),
        Transition(on=MoveUsed, source=ANY, to=None, do=arrive),
        Transition(on=MoveRefused, source=ANY, to=None, do=refuse),
        Transition(on=AddressClosed, source=ANY, to=None, do=close),
    ),
)
