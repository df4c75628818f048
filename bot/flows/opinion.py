"""A second opinion: a supervisor looks along with the owner of a case, and leaves notes; never a word to the mother."""

from bot.core.cases import Case
from bot.core.events import ButtonPressed, MessageReceived
from bot.core.messages import Button, Lane
from bot.core.people import Staff
from bot.core.teamwork import NoteLeft, OpinionAsked, OpinionGiven, OpinionWanted
from bot.flows.cards import LANGUAGES, LEVELS, say_case_text, sweep_at
from bot.flows.choices import chose, named
from bot.flows.reading import say_too_late
from bot.flows.rights import every, known_case, me, own_case, seen_case
from bot.flows.ringing import case_rows, second_rows
from bot.flows.staff import cancel_button, leave_step
from bot.flows.steps import begin, is_plain_text, is_still_hers, keep_typed, refuse_step
from bot.flows.turn import ANY, Audience, Flow, State, Transition, Turn

ASKING, ADVISING = "Opinion:asking", "Opinion:advising"


# ---- the owner asks


def advisers(turn: Turn) -> tuple[Staff, ...]:
    """The supervisors whom she may ask about the case of this step."""
    case = known_case(turn, turn.data.get("step", {}).get("case"))
    found = turn.facts.roster.supervisors(case.conversation_id if case else "")
    return tuple(s for s in found if s.id != me(turn).id)


def ask_whom(turn: Turn) -> None:
    """The supervisors by alias; what asking means."""
    number, found = turn.data["step"]["number"], advisers(turn)
    if not found:
        turn.say_to_desk(
            turn.text(
                "No. {number}: there is no supervisor on the team whom you could ask. Please talk with your "
                "coordinator, without the mother's words.",
                number=number,
            ),
            (cancel_button(turn),),
        )
        return
    turn.say_to_desk(
        turn.text(
            "No. {number}: whom do you ask to look along? She will be able to read this case, each reading is "
            "recorded, and her notes come to you. You stay the one who writes to the mother.",
            number=number,
        ),
        *((Button(s.alias, f"case.second:{s.id}"),) for s in found),
        (cancel_button(turn),),
    )


def is_adviser(turn: Turn) -> bool:
    """Whether one of those supervisors was pressed."""
    return chose("case.second")(turn) and named(turn) in {s.id for s in advisers(turn)}


def ask_opinion(turn: Turn) -> None:
    """The wish goes to the case's conversation, which lets her in."""
    step = turn.data["step"]
    turn.post(OpinionAsked(step["case"], me(turn).id, named(turn)), step["to"])
    leave_step(turn)
    turn.say_to_desk(
        turn.text("No. {number}: she has been asked. The case stays yours meanwhile.", number=step["number"]),
        *case_rows(turn, step["case"]),
    )


# ---- the supervisor looks along


def tell_wanted(turn: Turn) -> None:
    """Who asks, about which case; its words only when she presses."""
    event = turn.event
    turn.say_to_desk(
        turn.text(
            "{alias} asks for your opinion on No. {number} ({level}, {tongue}). You can read the case, which is "
            "recorded, and leave a note for her. Nothing of yours goes to the mother.",
            alias=event.by,
            number=event.number,
            level=turn.text(LEVELS[event.level]),
            tongue=turn.text(LANGUAGES[event.language]),
        ),
        *second_rows(turn, event.case_id),
        lane=Lane.ESCALATION,
    )


def looks_along(turn: Turn, case_id: str | None) -> Case | None:
    """A case she was asked to look at and does not own."""
    return seen_case(turn, case_id) if own_case(turn, case_id) is None else None


def is_still_asked(turn: Turn) -> bool:
    """Whether the case of this step is still open to her."""
    step = turn.data.get("step", {})
    case = looks_along(turn, step.get("case"))
    return case is not None and case.conversation_id == step["to"]


def ask_advice(turn: Turn) -> None:
    """Ask for the note."""
    turn.say_to_desk(
        turn.text(
            "No. {number}: write your note for the colleague who has the case. It stays with the desk.",
            number=turn.data["step"]["number"],
        ),
        (cancel_button(turn),),
    )


def advise(turn: Turn) -> None:
    """The note goes to the case, and from there to its owner."""
    step = turn.data["step"]
    keep_typed(turn)
    sweep_at(turn, step["case"])
    turn.post(OpinionGiven(step["case"], me(turn).id, turn.event.text.strip()), step["to"])
    leave_step(turn)
    turn.say_to_desk(
        turn.text("No. {number}: your note is with the case.", number=step["number"]),
        *second_rows(turn, step["case"]),
    )


def bring_note(turn: Turn) -> None:
    """The owner reads what the supervisor thinks."""
    event = turn.event
    if own_case(turn, event.case_id) is None:
        say_too_late(turn)
        return
    head = turn.text("No. {number}, a note by {alias} for you:", number=event.number, alias=event.alias)
    say_case_text(turn, event.case_id, f"{head}\n{event.text}", *case_rows(turn, event.case_id))


OPINION = Flow(
    "Opinion",
    Audience.STAFF,
    (State(ASKING, ask_whom), State(ADVISING, ask_advice, is_literal=True)),
    (
        Transition(on=ButtonPressed, source=ASKING, to=None, do=ask_opinion, when=every(is_adviser, is_still_hers)),
        Transition(on=ButtonPressed, source=ASKING, to=None, do=refuse_step, when=chose("case.second")),
        Transition(on=MessageReceived, source=ADVISING, to=None, do=advise, when=every(is_plain_text, is_still_asked)),
        Transition(on=MessageReceived, source=ADVISING, to=None, do=refuse_step, when=is_plain_text),
        Transition(on=ButtonPressed, source=ANY, to=None, do=begin(ASKING), when=chose("case.ask")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=begin(ADVISING, looks_along), when=chose("case.advise")),
        Transition(on=OpinionWanted, source=ANY, to=None, do=tell_wanted),
        Transition(on=NoteLeft, source=ANY, to=None, do=bring_note),
    ),
)
