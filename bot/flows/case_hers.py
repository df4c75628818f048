"""A case on her side: what the owner's answer must pass before she reads it (S1, S2, S15)."""

from dataclasses import replace
from datetime import datetime

from bot.core.cases import AnswerState, Case, CaseMessage, CaseState, Voice
from bot.core.effects import AddToCase, CancelSends, ChangeCase, Purpose, Schedule, SettleAnswer, Unsay, Unschedule
from bot.core.events import AnswerGiven, AnswerSettled, AnswerStale, ButtonPressed, CoverDue, SweepDue
from bot.core.messages import Lane
from bot.flows import alarm, quiet
from bot.flows.answer import reply
from bot.flows.choices import OF_THE_CASE, chose
from bot.flows.conditions import open_case
from bot.flows.handed import unread_as
from bot.flows.hearing import leave_no_trace
from bot.flows.pace import is_closed, window_end
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn

# ---- the owner answers


def take_answer(turn: Turn) -> None:
    """Only the owner of the open case answers; her text goes now, after the cover question, or waits."""
    event, case = turn.event, open_case(turn)
    if case is None or case.id != event.case_id or case.owner_id != event.staff_id:
        _send_back(turn, "refused")
        return
    if _was_elsewhere(turn):
        _send_back(turn, "moved", case)
        return
    participant = turn.facts.participant
    if participant is not None and participant.frozen_at:
        _send_back(turn, "frozen", case)
        return
    if participant is not None and participant.unreachable_at:
        _send_back(turn, "unreachable", case)
        return
    alarm.end_count(turn)
    given = CaseMessage(turn.ids.id(), Voice.STAFF, event.text, turn.now, answer=AnswerState.WAITING)
    turn.do(
        AddToCase(case.id, given.id, Voice.STAFF, given.body, answer=AnswerState.WAITING, by=event.staff_id),
        ChangeCase(case.id, {"acted_at": turn.now, "state": CaseState.WAITING}),
        Schedule(f"stale:{given.id}", _stale_at(turn, given), AnswerStale(case.id, given.id)),
    )
    case = replace(case, messages=(*case.messages, given), acted_at=turn.now)
    if _is_out_of_reach(turn):
        settle_unread(turn, case, given.id, "window")
    elif may_reply(turn) and is_in_contact(turn, case):
        hand_over(turn, case)
    elif may_reply(turn):
        ask_whether_now(turn, case)
        _settled(turn, case, "waits")
    else:
        _wait(turn, case, given)


def _stale_at(turn: Turn, given: CaseMessage) -> datetime:
    """When it returns to its owner unread: after two hours, or when nothing can lead to it any more."""
    until, at = turn.facts.free_until, given.at + turn.library.policy.answer_expires
    return at if until is None or turn.library.policy.is_cover_approved else min(at, max(until, turn.now))


def _is_out_of_reach(turn: Turn) -> bool:
    """Whether her messenger takes no words to her now, and no approved line stands for them."""
    return is_closed(turn) and not turn.library.policy.is_cover_approved


def _was_elsewhere(turn: Turn) -> bool:
    """Whether the answer was begun before she moved to another address (S13, S17)."""
    moved_at, begun_at = turn.data.get("moved_at"), turn.event.begun_at
    return moved_at is not None and begun_at is not None and begun_at <= datetime.fromisoformat(moved_at)


def _send_back(turn: Turn, how: str, case: Case | None = None) -> None:
    event = turn.event
    staff = turn.facts.roster.member(event.staff_id)
    if staff is not None:
        turn.post(AnswerSettled(event.case_id, case.number if case else "", how), staff.conversation_id)


def may_reply(turn: Turn) -> bool:
    """Whether a text now is a reply to her own act, and she has not hidden or put it off (S1, S3)."""
    return turn.is_live and not quiet.is_unwanted(turn) and not turn.data.get("is_held_off")


def is_in_contact(turn: Turn, case: Case) -> bool:
    """Whether she has said in this exchange that she can read now (S15)."""
    contact = turn.data.get("contact", {})
    if contact.get("case") != case.id:
        return False
    return turn.now - datetime.fromisoformat(contact["at"]) < turn.reply_window


def waiting(case: Case) -> list[CaseMessage]:
    """The answers that she has not been given yet."""
    return [m for m in case.messages if m.voice is Voice.STAFF and m.answer is AnswerState.WAITING]


def ask_whether_now(turn: Turn, case: Case) -> None:
    """The fixed first question of every contact: perhaps somebody else holds the phone (S15)."""
    quiet.ask(turn)
    reply(
        turn,
        case.id,
        turn.text("Hello. Is it a good moment to read?"),
        (turn.button("Now", "case.now", standing=True), turn.button("Later", "case.later", standing=True)),
    )


def hand_over(turn: Turn, case: Case) -> None:
    """Give her every answer that waits; each expires with the reply window (S1), and the last one can be hidden."""
    began, answers = turn.conversation.last_in_at or turn.now, waiting(case)
    hide = (turn.button("Hide", "hide", standing=True),)
    turn.unsee(OF_THE_CASE)  # the question has its answer
    for message in answers:
        tag = f"case:{message.id}"
        turn.say(
            message.body,
            *([hide] if message is answers[-1] else []),
            purpose=Purpose.ANSWER,
            lane=Lane.ESCALATION,
            case_id=case.id,
            tag=tag,
            ref=message.id,
            expires_at=began + turn.reply_window,
        )
        turn.do(SettleAnswer(case.id, message.id, AnswerState.HANDED))
        leave_no_trace(turn, case.id, tag=tag)
    _settled(turn, case, "sent")


def _settled(turn: Turn, case: Case, how: str, until: datetime | None = None, text: str = "") -> None:
    owner = turn.facts.roster.member(case.owner_id or "")
    if owner is not None:
        turn.post(AnswerSettled(case.id, case.number, how, until, text), owner.conversation_id)


# ---- an answer that waits


def _wait(turn: Turn, case: Case, given: CaseMessage) -> None:
    """Until her hours, or the window she pressed herself; at most two hours."""
    stale_at = _stale_at(turn, given)
    at = _plan_cover(turn, case, given)
    if turn.data.get("is_covered"):
        _settled(turn, case, "covered", stale_at)
    elif at is not None and at < stale_at:
        _settled(turn, case, "waits", at)
    else:
        _settled(turn, case, "held", stale_at)


def _plan_cover(turn: Turn, case: Case, given: CaseMessage) -> datetime | None:
    """Set the time of its neutral line; the time, or None when she must write first."""
    at = cover_at(turn, case)
    if at is not None and at < given.at + turn.library.policy.answer_expires:
        turn.do(Schedule(f"cover:{case.id}", at, CoverDue(case.id, given.id)))
    return at


def plan_cover(turn: Turn, case: Case) -> None:
    """When she may be written to has changed: a line on its way does not go, what waits gets one by what holds now."""
    turn.data.pop("is_covered", None)
    turn.do(CancelSends((Purpose.COVER,)), Unschedule((f"cover:{case.id}",)))
    waits = waiting(case)
    if waits:
        _plan_cover(turn, case, waits[-1])


def cover_at(turn: Turn, case: Case) -> datetime | None:
    """When one neutral line may go to her unprompted; None when she must write first."""
    participant = turn.facts.participant
    if turn.data.get("is_held_off") or quiet.is_pausing(turn):
        return None
    if case.window_until is not None and case.window_until > turn.now:
        return turn.now
    return participant.next_window(turn.now) if participant is not None else None


def cover(turn: Turn) -> None:
    """The neutral line: content follows only after Open and then Now (S1)."""
    case = open_case(turn)
    if case is None or case.id != turn.event.case_id or not waiting(case):
        return
    at = cover_at(turn, case)
    if at is None or turn.data.get("is_covered"):
        return
    if at > turn.now:
        turn.do(Schedule(f"cover:{case.id}", at, turn.event))
        return
    turn.data["is_covered"] = True  # one line for all that waits, until she acts
    turn.say(
        turn.text("Your page is here. Open it whenever you like."),
        (turn.button("Open", "push.open", standing=True), turn.button("Later", "push.later", standing=True)),
        lane=Lane.ESCALATION,
        purpose=Purpose.COVER,
        case_id=case.id,
        ref=turn.event.message_id,
        expires_at=_cover_end(turn, case),
    )


def _cover_end(turn: Turn, case: Case) -> datetime:
    """A cover line that was delayed beyond her hours or her window does not go."""
    participant = turn.facts.participant
    ends = [case.window_until] if case.window_until is not None and case.window_until > turn.now else []
    if participant is not None and participant.next_window(turn.now) == turn.now:
        ends.append(window_end(participant, turn.now))
    return min(max(ends, default=turn.now), turn.now + turn.library.policy.answer_expires)


def offer(turn: Turn) -> bool:
    """When she is here and an answer waits: the cover question, or at once if she said now. Whether there was one."""
    case = open_case(turn)
    if case is None or case.owner_id is None or not waiting(case):
        return False
    if is_in_contact(turn, case):
        hand_over(turn, case)
    else:
        ask_whether_now(turn, case)
    return True


def read_now(turn: Turn) -> None:
    """She said now: from here on answers come as she waits for them, until she is silent for a while."""
    case = open_case(turn)
    if case is None or case.owner_id is None:
        turn.show()
        return
    if not turn.is_fresh or quiet.is_taken_back(turn):  # it comes too late: who holds the phone now did not say it
        if may_reply(turn):
            offer(turn)
        return
    is_answer = quiet.answers_question(turn, case)
    if not is_answer and waiting(case):  # the button of a question of another day
        ask_whether_now(turn, case)
        return
    if is_answer:
        quiet.make_contact(turn, case)
    if waiting(case):
        hand_over(turn, case)
    else:
        reply(turn, case.id, turn.text("Received."))


def read_later(turn: Turn) -> None:
    """Not now: nothing follows until she writes again."""
    quiet.take_back(turn, open_case(turn))
    turn.unsee(OF_THE_CASE)
    if not quiet.hold_off(turn):
        return
    if quiet.is_hidden(turn):
        turn.show()
    else:
        turn.say(turn.text("All right. It stays here until you open it."))


def expire(turn: Turn) -> None:
    """Two hours have passed unread, or her messenger takes no more words to her: it returns to its owner (S1, S10).

    Did she write meanwhile, it takes them for another day.
    """
    case, event = open_case(turn), turn.event
    unread = waiting(case) if case is not None and case.id == event.case_id else []
    given = next((message for message in unread if message.id == event.message_id), None)
    if case is None or given is None:
        return
    if _is_out_of_reach(turn):
        settle_unread(turn, case, given.id, "window")
    elif turn.now < (at := _stale_at(turn, given)):
        turn.do(Schedule(f"stale:{given.id}", at, event))
    else:
        settle_unread(turn, case, given.id, "expired")


def settle_unread(turn: Turn, case: Case, message_id: str, how: str) -> None:
    """An answer she did not get: its owner hears of it, and must act in another way; the next one has its own line."""
    turn.data.pop("is_covered", None)
    turn.do(
        SettleAnswer(case.id, message_id, unread_as(how)),
        CancelSends((Purpose.COVER, Purpose.ANSWER), ref=message_id, is_settled=True),
    )
    text = next((message.body for message in case.messages if message.id == message_id), "")
    _settled(turn, case, how, text=text)
    if case.acted_at is not None and case.owner_id is not None:
        turn.do(ChangeCase(case.id, {"acted_at": None, "taken_at": turn.now, "state": CaseState.TAKEN}))
        alarm.set_clock(turn, case, 1, alarm.deadline(turn, case, turn.now))


def sweep(turn: Turn) -> None:
    """What concerns a case leaves a shared phone's chat, and what she might have typed to it (S2)."""
    event = turn.event
    quiet.stay_in_contact(turn)
    turn.unsee(OF_THE_CASE)
    if event.tag or event.message_ids:
        turn.do(Unsay(tag=event.tag, message_ids=event.message_ids))
    else:
        turn.do(Unsay(case_id=event.case_id, every_case=not event.case_id))


CASE_HERS = Flow(
    "Case",
    Audience.MOTHER,
    (),
    (
        Transition(on=AnswerGiven, source=ANY, to=None, do=take_answer),
        Transition(on=CoverDue, source=ANY, to=None, do=cover),
        Transition(on=AnswerStale, source=ANY, to=None, do=expire),
        Transition(on=SweepDue, source=ANY, to=None, do=sweep),
        Transition(on=ButtonPressed, source=ANY, to=None, do=read_now, when=chose("case.now")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=read_later, when=chose("case.later")),
    ),
)
