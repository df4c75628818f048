"""Pushes that wait for a person: to a mother after her case, to a cohort after a second harm (S23)."""

from bot.core.effects import Audit, WithholdCohort
from bot.core.events import ButtonPressed
from bot.core.harm import CohortWithheld, PushesReleased, StillWithheld
from bot.core.messages import Button, Lane
from bot.flows.choices import chose, named
from bot.flows.harm import deciders
from bot.flows.rights import every, is_facilitator_or_coordinator, me
from bot.flows.staff import leave_step
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn

MOST = 20
"""So many mothers are kept in mind for the button under their closed cases; each is in My cohort, too."""

# ---- one mother


def tell_still_withheld(turn: Turn) -> None:
    """The one who closed her case decides whether she gets pages again."""
    event = turn.event
    told = {**turn.data.get("holds", {}), event.number: [event.conversation_id, event.code_name]}
    turn.data["holds"] = dict(list(told.items())[-MOST:])
    turn.say_to_desk(
        turn.text(
            "No. {number} is closed. {name} had said that it became harder for her with the programme, so nothing is "
            "pushed to her. Let her pages go on only when you know that they do her no harm; best ask her in person.",
            number=event.number,
            name=event.code_name,
        ),
        (turn.button("Let her pages go on", f"rest.release:{event.number}", standing=True),),
    )


def was_told(turn: Turn) -> bool:
    """Whether she was asked to decide about this mother."""
    return chose("rest.release")(turn) and named(turn) in turn.data.get("holds", {})


def release(turn: Turn) -> None:
    """The mother's own conversation carries it out."""
    to, code_name = turn.data["holds"].pop(named(turn))
    turn.post(PushesReleased(me(turn).id, code_name), to)
    turn.say_to_desk(turn.text("Her pages go on, in her hours."))


def say_past(turn: Turn) -> None:
    """Pressed a second time."""
    turn.say_to_desk(turn.text("This has been done already."))


# ---- a cohort


def tell_cohort_withheld(turn: Turn) -> None:
    """The alarm to whoever decides; without any word or name of a mother."""
    event = turn.event
    turn.say_to_desk(
        turn.text(
            "In {cohort} it became harder for mothers with the programme: {told} times within 30 days. Nothing is "
            "pushed to this cohort any more until you decide. Please speak with its facilitators first; the cases "
            "ring as always.",
            cohort=event.name,
            told=event.told,
        ),
        *_decision(turn, event.cohort_id),
        lane=Lane.ESCALATION,
    )


def _decision(turn: Turn, cohort_id: str) -> tuple[tuple[Button, ...], ...]:
    stays = turn.button("The hold stays", f"rest.stays:{cohort_id}", standing=True)
    return ((stays,), (turn.button("Release the cohort", f"rest.cohort:{cohort_id}", standing=True),))


def may_decide(turn: Turn) -> bool:
    """Whether the pressed cohort is hers to decide about."""
    if not chose("rest.stays", "rest.cohort")(turn):
        return False
    return me(turn) in deciders(turn.facts.roster, named(turn))


def keep_withheld(turn: Turn) -> None:
    """It stays as it is, by her word; she can release it later by the same button."""
    staff_id = me(turn).id
    turn.do(WithholdCohort(named(turn), is_withheld=True, by=staff_id), Audit("withhold", staff_id))
    turn.say_to_desk(
        turn.text("The hold stays until you release it: by the button above, or in the menu under Held cohorts.")
    )


def release_cohort(turn: Turn) -> None:
    """Each mother is told by her own turn; to those with a hold of their own nothing goes."""
    staff_id = me(turn).id
    turn.do(WithholdCohort(named(turn), is_withheld=False, by=staff_id), Audit("release_cohort", staff_id))
    turn.say_to_desk(
        turn.text("Released. Pages go on, in the mothers' own hours; whoever has a hold of her own keeps it.")
    )


def show_withheld(turn: Turn) -> None:
    """The cohorts that wait for her decision."""
    leave_step(turn)
    mine = [c for c in turn.facts.cohorts if c.is_withheld and me(turn) in deciders(turn.facts.roster, c.id)]
    if not mine:
        turn.say_to_desk(turn.text("No cohort is held."))
    for cohort in mine:
        turn.say_to_desk(
            turn.text("{cohort}: nothing is pushed to it until you decide.", cohort=cohort.name),
            *_decision(turn, cohort.id),
        )


WITHHOLDING = Flow(
    "Withholding",
    Audience.STAFF,
    (),
    (
        Transition(on=StillWithheld, source=ANY, to=None, do=tell_still_withheld),
        Transition(on=CohortWithheld, source=ANY, to=None, do=tell_cohort_withheld),
        Transition(
            on=ButtonPressed, source=ANY, to=None, do=release, when=every(was_told, is_facilitator_or_coordinator)
        ),
        Transition(on=ButtonPressed, source=ANY, to=None, do=say_past, when=chose("rest.release")),
        Transition(
            on=ButtonPressed, source=ANY, to=None, do=keep_withheld, when=every(chose("rest.stays"), may_decide)
        ),
        Transition(
            on=ButtonPressed, source=ANY, to=None, do=release_cohort, when=every(chose("rest.cohort"), may_decide)
        ),
        Transition(on=ButtonPressed, source=ANY, to=None, do=show_withheld, when=chose("menu.withheld")),
    ),
)
