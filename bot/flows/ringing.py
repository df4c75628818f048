"""A case rings: private rings, the queue, Take; everything here is free of a mother's words (S10, S12)."""

from bot.core.cases import Case
from bot.core.effects import Amend, CancelSends, Purpose, Unsay
from bot.core.events import ButtonPressed, CardChanged, CaseRang, TakeAsked, TakeRefused
from bot.core.messages import Button, Lane
from bot.core.people import Role
from bot.core.teamwork import TakeDeclined
from bot.flows import alarm
from bot.flows.cards import card, card_of, take_button
from bot.flows.choices import chose, named
from bot.flows.keeping import window_lines
from bot.flows.rights import is_inert, known_case, me, own_case, own_cases, seen_case
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn

SHOWN = 8
"""How many cases of the queue are shown at once; the most pressing come first."""

STATES = {
    "taken": "No. {number}: taken by {alias}.",
    "waiting": "No. {number}: taken by {alias}, answered.",
    "passed": "No. {number}: passed on to {alias}.",
    "closed": "No. {number}: closed.",
}
ERASED = "She was erased during an open case: do not write; look for her at the session. Then close it."
UNTAKEN = "Nobody has taken it yet. Please reach one of the facilitators now: {names}."
UNACTED = "It was taken, but nobody has answered her yet. Please reach one of the facilitators now: {names}."
UNANSWERED = "Her last words are not answered yet: answer, or write down what you did, so that the alarm stops."
REFUSALS = {
    "taken": "No. {number}: a colleague took it a moment before you. Nothing more to do.",
    "closed": "No. {number} is closed. Nothing more to do.",
    "unseen": (
        "No. {number}: she wrote while you were closing it, so it was not closed. Read her new words first; they are "
        "above, or press Second look."
    ),
    "unacted": (
        "No. {number}: not closed, because her last words have neither an answer nor a note of what was done. "
        "Answer her, or press Write down what I did; only a false alarm is closed without."
    ),
    "unread": (
        "No. {number}: not closed, because she has not read your answer, and closing takes it back. Wait until it is "
        "with her, or press Write down what I did; only a false alarm is closed without."
    ),
    "has_it": "No. {number}: she already has this case.",
    "other": "This case is closed, or it belongs to another cohort. Nothing was changed.",
    "role": (
        "No. {number}: this case needs a trained facilitator of that cohort. Please make sure that "
        "one of them takes it."
    ),
}


def ring(turn: Turn) -> None:
    """The alarm in her private chat, in the place of an older one; who may not take it hears who can."""
    event = turn.event
    staff = me(turn)
    drop_unsent(turn)
    if event.step or event.is_again:
        turn.do(Unsay(tag=tag_of(event.case_id), lane=Lane.ESCALATION))
    case = known_case(turn, event.case_id)
    may_take = case is not None and staff.may_take(case.cohort_id, case.conversation_id)
    lines = [card(turn, event.number, event.level, event.language, event.opened_at)]
    rows: tuple[tuple[Button, ...], ...] = ()
    if (mine := own_case(turn, event.case_id)) is not None and not mine.is_erased:
        rows = case_rows(turn, event.case_id)
        lines.append(turn.text(UNANSWERED))
    elif may_take:
        cannot = turn.button("I cannot take it", f"case.decline:{event.case_id}", standing=True)
        rows = ((take_button(turn, event.case_id), *((cannot,) if event.passed_by else ())),)
        lines.append(turn.text(ERASED) if case is not None and case.is_erased else _wish(turn))
    else:
        is_taken = case is not None and case.owner_id is not None
        lines.append(turn.text(UNACTED if is_taken else UNTAKEN, names=_names(turn, case)))
    turn.say_to_desk(
        "\n".join(lines),
        *rows,
        lane=Lane.ESCALATION,
        tag=tag_of(event.case_id),
        ref=event.case_id,
    )


def tag_of(case_id: str) -> str:
    """The ring of one case in her chat."""
    return f"ring:{case_id}"


def drop_unsent(turn: Turn) -> None:
    """A ring that could not go yet never goes: a newer word of the same case comes in its place."""
    turn.do(CancelSends((Purpose.DESK,), ref=turn.event.case_id, is_settled=True))


def _wish(turn: Turn) -> str:
    """What is asked of one who may take it: who is asked first, so that nobody waits for another."""
    event, alias = turn.event, me(turn).alias
    if event.passed_by:
        return turn.text(
            "{alias} passes this case on to you. Take it if you can look at it now. If not, say so at once: then it "
            "rings for the others.",
            alias=event.passed_by,
        )
    if event.first == alias:
        return turn.text("You have the fewest open cases now: please be the first to look.")
    if event.first:
        return turn.text("{alias} is asked to look first. Take it if she does not.", alias=event.first)
    return turn.text("Somebody is waiting for a person. Take it if you can look at it now.")


def _names(turn: Turn, case: Case | None) -> str:
    """Who may take it, without those who know her; who is away is named only when there is nobody else."""
    roster = turn.facts.roster
    able = roster.facilitators(case.cohort_id, case.conversation_id) if case else roster.facilitators(None)
    there = [staff for staff in able if not staff.is_away(turn.now)]
    return ", ".join(sorted(staff.alias for staff in there or able)) or turn.text("nobody is trained yet")


def change_ring(turn: Turn) -> None:
    """The ring says how the case stands now, without a button, or goes."""
    drop_unsent(turn)
    if turn.event.state == "erased":
        turn.do(Unsay(tag=tag_of(turn.event.case_id), lane=Lane.ESCALATION))
        return
    turn.do(Amend(tag_of(turn.event.case_id), turn.outgoing(standing(turn)), lane=Lane.ESCALATION))


def standing(turn: Turn) -> str:
    """How the case of a CardChanged stands, in one line."""
    event = turn.event
    key = STATES.get(event.state, STATES["closed"])
    return turn.text(key, number=event.number, alias=event.alias or "—")


def ask_for_case(turn: Turn) -> None:
    """Take: her wish goes to the case's conversation, where the first one wins (architecture §1)."""
    if is_inert(turn):  # the guard answers before; this is the law said twice, because S14 is worth it
        return
    staff = me(turn)
    case = known_case(turn, named(turn))
    if case is None:
        turn.say_to_desk(turn.text(REFUSALS["other"]))
    elif own_case(turn, case.id):
        turn.say_to_desk(turn.text("No. {number} is already yours.", number=case.number), look_row(turn, case))
    elif not is_free(turn, case):
        turn.say_to_desk(turn.text(REFUSALS["taken"], number=case.number))
    elif not staff.may_take(case.cohort_id, case.conversation_id):
        turn.say_to_desk(turn.text(REFUSALS["role"], number=case.number))
    else:
        turn.post(TakeAsked(case.id, staff.id), case.conversation_id)
        turn.say_to_desk(turn.text("No. {number}: one moment, it is being handed to you.", number=case.number))


def decline(turn: Turn) -> None:
    """She cannot take what was passed on to her: the case hears it at once, and her ring says so."""
    case = known_case(turn, named(turn))
    if case is None or not me(turn).may_take(case.cohort_id, case.conversation_id):
        turn.say_to_desk(turn.text(REFUSALS["other"]))
    elif own_case(turn, case.id):
        turn.say_to_desk(turn.text("No. {number} is already yours.", number=case.number), *case_rows(turn, case.id))
    elif not is_free(turn, case):
        turn.say_to_desk(turn.text(REFUSALS["taken"], number=case.number))
    else:
        turn.post(TakeDeclined(case.id, me(turn).id), case.conversation_id)
        said = turn.text("No. {number}: thank you for saying so at once. It rings for the others.", number=case.number)
        turn.do(Amend(tag_of(case.id), turn.outgoing(said), lane=Lane.ESCALATION))


def refuse_take(turn: Turn) -> None:
    """Somebody was quicker, or it may not be."""
    event = turn.event
    rows = case_rows(turn, event.case_id) if own_case(turn, event.case_id) is not None else ()
    turn.say_to_desk(turn.text(REFUSALS.get(event.why, REFUSALS["taken"]), number=event.number), *rows)


def look_row(turn: Turn, case: Case) -> tuple[Button, ...]:
    """The way into a case of hers."""
    return (turn.button("Second look", f"case.again:{case.id}", standing=True),)


def is_free(turn: Turn, case: Case) -> bool:
    """Whether it may be taken: nobody has it, or whoever has it is gone or let the time for an act pass (S10)."""
    has_owner = case.owner_id is not None and turn.facts.roster.member(case.owner_id) is not None
    return not has_owner or alarm.is_neglected(turn, case)


def by_urgency(case: Case) -> tuple[int, object]:
    """Most pressing first, then oldest."""
    return (-case.level.rank, case.wrote_at)


def list_queue(turn: Turn) -> None:
    """What waits for somebody, most pressing first, then oldest; a coordinator also sees who has which."""
    staff = me(turn)
    others = [case for case in turn.facts.cases if not seen_case(turn, case.id)]
    free = sorted((case for case in others if is_free(turn, case)), key=by_urgency)
    if not free:
        turn.say_to_desk(turn.text("Nobody is waiting."))
    for case in free[:SHOWN]:
        may_take = staff.may_take(case.cohort_id, case.conversation_id)
        shown = [card_of(turn, case), *([turn.text(ERASED)] if case.is_erased else ())]
        turn.say_to_desk("\n".join(shown), *_row(turn, case, may_take=may_take))
    if len(free) > SHOWN:
        turn.say_to_desk(turn.text("And {n} more.", n=len(free) - SHOWN))
    if staff.has(Role.COORDINATOR):
        _list_taken(turn)


def _list_taken(turn: Turn) -> None:
    taken = sorted((case for case in turn.facts.cases if not is_free(turn, case)), key=by_urgency)
    for case in taken[:SHOWN]:
        turn.say_to_desk(f"{card_of(turn, case)} · {_owner(turn, case)}", *_row(turn, case, may_take=False))
    if len(taken) > SHOWN:
        turn.say_to_desk(turn.text("And {n} more.", n=len(taken) - SHOWN))


def _row(turn: Turn, case: Case, *, may_take: bool) -> tuple[tuple[Button, ...], ...]:
    """Take, and for a coordinator, who need not be able to take it, whom to ring."""
    row = (take_button(turn, case.id),) if may_take else ()
    if me(turn).has(Role.COORDINATOR):
        row = (*row, turn.button("Assign", f"case.assign:{case.id}", standing=True))
    return (row,) if row else ()


def _owner(turn: Turn, case: Case) -> str:
    owner = turn.facts.roster.member(case.owner_id or "")
    if owner is None:
        return turn.text("its owner is gone")
    acted = case.acted_at is not None
    return turn.text("{alias}, answered" if acted else "{alias}, not answered yet", alias=owner.alias)


def list_mine(turn: Turn) -> None:
    """Her cases, each with the way in."""
    mine = sorted(own_cases(turn), key=by_urgency)
    along = sorted((c for c in turn.facts.cases if seen_case(turn, c.id) and c not in mine), key=by_urgency)
    for case in along:
        line = turn.text("You were asked to look along.")
        turn.say_to_desk(f"{card_of(turn, case)}\n{line}", *second_rows(turn, case.id))
    if not mine and not along:
        turn.say_to_desk(turn.text("You have no open case."), (turn.button("Open cases", "menu.queue", standing=True),))
    for case in mine:
        lines = [card_of(turn, case)]
        if case.is_erased:
            lines.append(turn.text(ERASED))
        elif case.lacks_act:
            lines.append(turn.text(UNANSWERED))
        lines += window_lines(turn, case)
        if case.waits:
            lines.append(turn.text("Your answers that wait until she opens them: {n}", n=case.waits))
        if case.unread:
            lines.append(turn.text("Your answers that she did not get: {n}", n=case.unread))
        turn.say_to_desk("\n".join(lines), *case_rows(turn, case.id))


def case_rows(turn: Turn, case_id: str) -> tuple[tuple[Button, ...], ...]:
    """Everything one can do with a case of one's own; they work whenever they are pressed."""
    return (
        (
            turn.button("Reply", f"case.reply:{case_id}", standing=True),
            turn.button("Write down what I did", f"case.note:{case_id}", standing=True),
        ),
        (
            turn.button("Guidance", f"case.guide:{case_id}", standing=True),
            turn.button("Second opinion", f"case.ask:{case_id}", standing=True),
            turn.button("History", f"case.history:{case_id}", standing=True),
        ),
        (
            turn.button("Second look", f"case.again:{case_id}", standing=True),
            turn.button("Pass on", f"case.pass:{case_id}", standing=True),
            turn.button("Close", f"case.close:{case_id}", standing=True),
        ),
    )


def second_rows(turn: Turn, case_id: str) -> tuple[tuple[Button, ...], ...]:
    """What a supervisor who looks along can do: read, leave a note; never write to the mother."""
    return (
        (
            turn.button("Look at it", f"case.again:{case_id}", standing=True),
            turn.button("Leave a note", f"case.advise:{case_id}", standing=True),
        ),
        (
            turn.button("Guidance", f"case.guide:{case_id}", standing=True),
            turn.button("History", f"case.history:{case_id}", standing=True),
        ),
    )


RINGING = Flow(
    "Ringing",
    Audience.STAFF,
    (),
    (
        Transition(on=CaseRang, source=ANY, to=None, do=ring),
        Transition(on=CardChanged, source=ANY, to=None, do=change_ring),
        Transition(on=TakeRefused, source=ANY, to=None, do=refuse_take),
        Transition(on=ButtonPressed, source=ANY, to=None, do=ask_for_case, when=chose("case.take")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=decline, when=chose("case.decline")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=list_queue, when=chose("menu.queue")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=list_mine, when=chose("menu.mine")),
    ),
)
