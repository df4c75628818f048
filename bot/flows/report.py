"""The short questions as a coordinator sees them: coarse figures by cohort, without small groups and without claims."""

from bot.core.effects import CountMeasures
from bot.core.events import ButtonPressed
from bot.core.measured import FEWEST, Measured, MeasuresCounted
from bot.curriculum.model import Measures
from bot.flows.choices import chose
from bot.flows.rights import every, is_coordinator
from bot.flows.staff import leave_step
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn

MOMENTS = ("before", "middle", "after")
HIDDEN = "—"


def ask(turn: Turn) -> None:
    """Have the answers of her cohorts counted."""
    leave_step(turn)
    if not turn.facts.cohorts:
        turn.say_to_desk(turn.text("There is no cohort yet. It appears with the first invitation of its mothers."))
        return
    turn.do(CountMeasures(tuple(cohort.id for cohort in turn.facts.cohorts)))


def show(turn: Turn) -> None:
    """One message a cohort, and before them what the figures say and what they do not."""
    measures, figures = turn.library.curriculum.measures, turn.event.figures
    if measures is None or not figures:
        turn.say_to_desk(
            turn.text("There is nothing to show yet: at least {n} mothers of a cohort must have answered.", n=FEWEST)
        )
        return
    turn.say_to_desk(
        turn.text(
            "Answers before, in the middle and after: means from 1 (least) to 5 (most) in half steps, in brackets how "
            "many answered. A dash: fewer than {n}, not shown. This is no evaluation: other mothers may have answered "
            "each time, everything can be skipped, and it does not say why something changed. Please never ask who "
            "answered what.",
            n=FEWEST,
        )
    )
    for cohort in dict.fromkeys(one.cohort for one in figures):
        turn.say_to_desk(_of_cohort(turn, measures, cohort, [one for one in figures if one.cohort == cohort]))


def _of_cohort(turn: Turn, measures: Measures, cohort: str, figures: list[Measured]) -> str:
    by = {(one.question, one.moment): f"{one.mean:g} ({one.count}+)" for one in figures}
    lines = [
        f"{question.in_language(turn.language)}\n{' · '.join(by.get((question.id, m), HIDDEN) for m in MOMENTS)}"
        for question in measures.questions
    ]
    return "\n\n".join((cohort, *lines))


REPORT = Flow(
    "Report",
    Audience.STAFF,
    (),
    (
        Transition(on=ButtonPressed, source=ANY, to=None, do=ask, when=every(chose("menu.measures"), is_coordinator)),
        Transition(on=MeasuresCounted, source=ANY, to=None, do=show, when=is_coordinator),
        Transition(on=MeasuresCounted, source=ANY, to=None),
    ),
)
