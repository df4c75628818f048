"""Session held: the module that follows opens for a cohort, after a look at how many mothers it reaches."""

from bot.core.effects import OpenModule
from bot.core.events import ButtonPressed
from bot.core.messages import Button
from bot.core.people import CohortFigures
from bot.curriculum.model import Module
from bot.flows.choices import chose, named
from bot.flows.rights import every, is_facilitator_or_coordinator
from bot.flows.staff import cancel_button, leave_step
from bot.flows.turn import ANY, Audience, Flow, State, Transition, Turn

COHORT, CONFIRM = "Session:cohort", "Session:confirm"


def cohort_of(turn: Turn, cohort_id: str | None) -> CohortFigures | None:
    """One of her cohorts."""
    return next((cohort for cohort in turn.facts.cohorts if cohort.id == cohort_id), None)


def next_module(turn: Turn, cohort: CohortFigures) -> Module | None:
    """The first module that is not open for the cohort yet."""
    return next((module for module in turn.library.curriculum.modules if module.id not in cohort.opened), None)


def begin(turn: Turn) -> None:
    """Ask which cohort met."""
    leave_step(turn)
    if not turn.facts.cohorts:
        turn.say_to_desk(turn.text("There is no cohort yet. It appears with the first invitation of its mothers."))
        return
    turn.go(COHORT)
    turn.show()


def ask_cohort(turn: Turn) -> None:
    """Her cohorts by name."""
    rows = tuple((Button(cohort.name, f"held.cohort:{cohort.id}"),) for cohort in turn.facts.cohorts)
    turn.say_to_desk(turn.text("Which cohort has met?"), *rows, (cancel_button(turn),))


def can_open(turn: Turn) -> bool:
    """Whether the pressed cohort is hers and has a module left."""
    cohort = cohort_of(turn, named(turn)) if chose("held.cohort")(turn) else None
    return cohort is not None and next_module(turn, cohort) is not None


def choose_cohort(turn: Turn) -> None:
    """Then confirm."""
    cohort = cohort_of(turn, named(turn))
    module = next_module(turn, cohort) if cohort else None
    turn.data["step"] = {"cohort": named(turn), "module": module.id if module else ""}
    turn.show()


def say_all_open(turn: Turn) -> None:
    """Nothing left to open."""
    leave_step(turn)
    turn.say_to_desk(turn.text("All modules are already open for this cohort."))


def ask_confirm(turn: Turn) -> None:
    """Module and count, never names of mothers."""
    step = turn.data["step"]
    cohort, module = cohort_of(turn, step["cohort"]), turn.library.curriculum.module(step["module"])
    turn.say_to_desk(
        turn.text(
            "Module {number} “{title}” opens for {cohort}: {count} mothers. Each gets it in her own "
            "hours. Was the session held?",
            number=module.number,
            title=module.title.in_language(turn.language),
            cohort=cohort.name if cohort else "—",
            count=cohort.total if cohort else 0,
        ),
        (turn.button("Yes, open it", "held.yes"), cancel_button(turn)),
    )


def is_still_next(turn: Turn) -> bool:
    """Whether nobody opened it meanwhile."""
    step = turn.data.get("step", {})
    cohort = cohort_of(turn, step.get("cohort"))
    module = next_module(turn, cohort) if cohort else None
    return module is not None and module.id == step.get("module")


def open_module(turn: Turn) -> None:
    """Each mother is told by her own turn, in her hours."""
    step = turn.data["step"]
    turn.do(OpenModule(step["cohort"], step["module"]))
    leave_step(turn)
    turn.say_to_desk(
        turn.text("Opened. Each mother gets it in her own hours. Who has not been met yet waits under My cohort.")
    )


def say_already_open(turn: Turn) -> None:
    """A colleague was quicker."""
    leave_step(turn)
    turn.say_to_desk(turn.text("This module was opened meanwhile. Nothing more to do."))


SESSIONS = Flow(
    "Sessions",
    Audience.STAFF,
    (State(COHORT, ask_cohort), State(CONFIRM, ask_confirm)),
    (
        Transition(on=ButtonPressed, source=COHORT, to=CONFIRM, do=choose_cohort, when=can_open),
        Transition(on=ButtonPressed, source=COHORT, to=None, do=say_all_open, when=chose("held.cohort")),
        Transition(
            on=ButtonPressed, source=CONFIRM, to=None, do=open_module, when=every(chose("held.yes"), is_still_next)
        ),
        Transition(on=ButtonPressed, source=CONFIRM, to=None, do=say_already_open, when=chose("held.yes")),
        Transition(
            on=ButtonPressed,
            source=ANY,
            to=None,
            do=begin,
            when=every(chose("menu.session"), is_facilitator_or_coordinator),
        ),
    ),
)
