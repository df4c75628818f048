"""My cohort: confirm a mother one has met (S16), freeze everything to her or lift it (S3); by code-name only."""

from datetime import timedelta

from bot.core.events import ButtonPressed, FreezeAsked, PersonConfirmed
from bot.core.harm import PushesReleased
from bot.core.messages import Button
from bot.core.moving import MOVE_CODE_HOLDS, MoveAsked
from bot.core.speech import say_duration
from bot.flows.choices import chose, named
from bot.flows.rights import every, is_coordinator, is_facilitator, is_facilitator_or_coordinator, me
from bot.flows.staff import cancel_button, leave_step
from bot.flows.turn import ANY, Audience, Flow, State, Transition, Turn

LIST, ONE, MOVING = "Meeting:list", "Meeting:one", "Meeting:moving"
PAGE = 16


def people(turn: Turn) -> list[tuple[str, str, bool]]:
    """(conversation id, code-name, is confirmed) of her cohorts; those not met yet come first."""
    found = [person for cohort in turn.facts.cohorts for person in cohort.participants]
    return sorted(found, key=lambda person: (person[2], person[1]))


def begin(turn: Turn) -> None:
    """The list, from its beginning."""
    leave_step(turn)
    if not people(turn):
        turn.say_to_desk(turn.text("Nobody has joined yet."))
        return
    turn.data["step"] = {"from": 0}
    turn.go(LIST)
    turn.show()


def list_people(turn: Turn) -> None:
    """Code-names as buttons, one page at a time."""
    first = turn.data.get("step", {}).get("from", 0)
    everybody = people(turn)
    page = everybody[first : first + PAGE]
    buttons = [Button(name if is_met else f"{name} ·", f"person:{chat}") for chat, name, is_met in page]
    rows = [tuple(buttons[n : n + 2]) for n in range(0, len(buttons), 2)]
    if first + PAGE < len(everybody):
        rows.append((turn.button("Further", f"people.from:{first + PAGE}"),))
    unmet = sum(1 for person in everybody if not person[2])
    turn.say_to_desk(
        turn.text(
            "My cohort: {all}. Not met in person yet (marked with a dot): {unmet}. Whom do you mean?",
            all=len(everybody),
            unmet=unmet,
        ),
        *rows,
        (cancel_button(turn),),
    )


def turn_page(turn: Turn) -> None:
    """The next page."""
    first = named(turn)
    turn.data["step"] = {"from": int(first) if first.isdecimal() else 0}
    turn.show()


def is_known(turn: Turn) -> bool:
    """Whether the pressed code-name is of her cohorts."""
    return chose("person")(turn) and any(chat == named(turn) for chat, _, _ in people(turn))


def choose(turn: Turn) -> None:
    """Then what to do."""
    turn.data["step"] = {"person": named(turn)}
    turn.data["step"]["name"] = chosen(turn)[0]
    turn.show()


def ask_about(turn: Turn) -> None:
    """Confirm, freeze or lift, or release what waits since she told of harm (S23); nothing to one she knows herself."""
    name, is_met = chosen(turn)
    is_frozen = any(turn.data["step"]["person"] in cohort.frozen for cohort in turn.facts.cohorts)
    if is_apart(turn):
        said = turn.text("{name}: you know her in your own life, so colleagues look after her.", name=name)
    elif is_met:
        said = turn.text("{name}: met in person.", name=name)
    else:
        said = turn.text("{name}: not met in person yet.", name=name)
    if is_frozen and not is_apart(turn):
        said += " " + turn.text("Frozen: nothing goes to her now.")
    turn.say_to_desk(
        said,
        *(() if is_apart(turn) else _what_to_do(turn, is_met=is_met, is_frozen=is_frozen)),
        *(((turn.button("A colleague's relative", "meet.whose"),),) if is_coordinator(turn) else ()),
        (cancel_button(turn),),
    )


def _what_to_do(turn: Turn, *, is_met: bool, is_frozen: bool) -> list[tuple[Button, ...]]:
    """A row each, by how she stands and by the roles of the one who asks."""
    is_withheld = any(turn.data["step"]["person"] in cohort.withheld for cohort in turn.facts.cohorts)
    rows = [
        ("I have met her in person", "meet.confirm", not is_met),
        ("Freeze: nothing more goes to her", "meet.freeze", not is_frozen),
        ("Lift the freeze", "meet.lift", is_frozen),
        ("Let her pages go on", "meet.release", is_withheld),
        ("Another phone or chat", "meet.move", is_facilitator(turn)),
        ("She is my relative or neighbour", "meet.mine", True),
    ]
    return [(turn.button(label, choice),) for label, choice, is_offered in rows if is_offered]


def is_apart(turn: Turn) -> bool:
    """Whether the mother of this step is one whom she knows in her own life."""
    return turn.data.get("step", {}).get("person") in me(turn).conflicts


def is_hers_to_meet(turn: Turn) -> bool:
    """Whether she is still of this member's cohorts, and no relative or neighbour."""
    return is_still_here(turn) and not is_apart(turn)


def ask_whether_she_asked(turn: Turn) -> None:
    """A code is made at her own wish alone (S17)."""
    name, _ = chosen(turn)
    turn.say_to_desk(
        turn.text(
            "{name} wants to write from another phone, number or messenger? Only if she asked for it herself, in "
            "person or in a voice that you know. Whoever has the code takes her place, so tell it to nobody else. "
            "It holds for {wait}; her earlier chat is closed then.",
            name=name,
            wait=say_duration(MOVE_CODE_HOLDS // timedelta(minutes=1), "minute", turn.language),
        ),
        (turn.button("She asked me herself", "move.ask"),),
        (cancel_button(turn),),
    )


def ask_for_code(turn: Turn) -> None:
    """Her own conversation makes the code, or asks whoever has her case first."""
    turn.post(MoveAsked(me(turn).id), turn.data["step"]["person"])
    leave_step(turn)
    turn.say_to_desk(turn.text("One moment: the code comes here."))


def chosen(turn: Turn) -> tuple[str, bool]:
    """The code-name of the mother of this step, and whether she was met in person."""
    wanted = turn.data.get("step", {}).get("person")
    return next(((name, is_met) for chat, name, is_met in people(turn) if chat == wanted), ("—", True))


def is_still_here(turn: Turn) -> bool:
    """Whether she is still of this member's cohorts, and nobody else has joined from her phone since (S16, S22)."""
    step = turn.data.get("step", {})
    return any(chat == step.get("person") and name == step.get("name", name) for chat, name, _ in people(turn))


def act(turn: Turn) -> None:
    """Her own conversation carries it out."""
    name, _ = chosen(turn)
    to, staff_id = turn.data["step"]["person"], me(turn).id
    choice = turn.event.choice
    leave_step(turn)
    if choice == "meet.confirm":
        turn.post(PersonConfirmed(staff_id), to)
        turn.say_to_desk(turn.text("{name} is confirmed, in your name.", name=name))
    elif choice == "meet.freeze":
        turn.post(FreezeAsked(is_frozen=True, staff_id=staff_id), to)
        turn.say_to_desk(
            turn.text("Frozen: nothing more goes to {name} until somebody of the team lifts it.", name=name)
        )
    elif choice == "meet.release":
        turn.post(PushesReleased(staff_id, name), to)
        turn.say_to_desk(turn.text("Her pages go on, in her hours."))
    else:
        turn.post(FreezeAsked(is_frozen=False, staff_id=staff_id), to)
        turn.say_to_desk(turn.text("Lifted: messages go to {name} again, in her hours.", name=name))


MEETING = Flow(
    "Meeting",
    Audience.STAFF,
    (State(LIST, list_people), State(ONE, ask_about), State(MOVING, ask_whether_she_asked)),
    (
        Transition(on=ButtonPressed, source=LIST, to=ONE, do=choose, when=is_known),
        Transition(on=ButtonPressed, source=LIST, to=None, do=turn_page, when=chose("people.from")),
        Transition(
            on=ButtonPressed,
            source=ONE,
            to=None,
            do=act,
            when=every(chose("meet.confirm", "meet.freeze", "meet.lift", "meet.release"), is_hers_to_meet),
        ),
        Transition(
            on=ButtonPressed,
            source=ONE,
            to=MOVING,
            when=every(chose("meet.move"), is_facilitator, is_hers_to_meet),
        ),
        Transition(
            on=ButtonPressed,
            source=MOVING,
            to=None,
            do=ask_for_code,
            when=every(chose("move.ask"), is_facilitator, is_hers_to_meet),
        ),
        Transition(
            on=ButtonPressed,
            source=ANY,
            to=None,
            do=begin,
            when=every(chose("menu.people"), is_facilitator_or_coordinator),
        ),
    ),
)
