"""The blind sample: whether she lets kept answers be read for a check, and what follows when one worries (S20)."""

from bot.core.cases import Category, Finding, Level
from bot.core.effects import Prefer
from bot.core.events import ButtonPressed
from bot.core.teamwork import KeptAnswerWorried
from bot.flows import quiet
from bot.flows.choices import chose
from bot.flows.conditions import has_joined
from bot.flows.hearing import Heard, hear
from bot.flows.rights import every
from bot.flows.screens import always
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn

QUESTION = (
    "May an experienced colleague now and then read one of your kept answers, without your name? So we check whether "
    "the program notices when somebody needs a person.\n\n"
    "Without your yes nobody does. If she thinks that you need a person, one facilitator reads that answer, too. "
    "You can change this here at any time."
)
REASON = "rule.sample_read"


def ask_for_sample(turn: Turn) -> None:
    """The question, and what holds now; no without a choice."""
    turn.say(
        f"{turn.text(QUESTION)}\n\n{_choice(turn)}",
        (
            turn.button("Yes, they may", "sample.yes", standing=True),
            turn.button("No, nobody", "sample.no", standing=True),
        ),
        (turn.button("Menu", "menu", standing=True),),
        always(turn),
    )


def keep_choice(turn: Turn) -> None:
    """What is read from now on; what was read already cannot be unread."""
    if not quiet.is_her_last(turn, "sample_at"):
        ask_for_sample(turn)
        return
    turn.do(Prefer({"may_be_sampled": chose("sample.yes")(turn)}))
    turn.say(turn.text("Changed."), (turn.button("Menu", "menu", standing=True),), always(turn))


def _choice(turn: Turn) -> str:
    participant = turn.facts.participant
    may = participant is not None and participant.may_be_sampled
    return turn.text("Now: they may.") if may else turn.text("Now: nobody.")


def hear_kept(turn: Turn) -> None:
    """The answer becomes part of a case and rings; to her nothing goes by itself (S1)."""
    event = turn.event
    if turn.facts.participant is not None and event.level is not Level.NONE:
        found = Finding(event.level, Category.DISTRESS, 1.0, (REASON,), "person")
        hear(turn, Heard(event.level, turn.text("An earlier answer to a page: {text}", text=event.text), found=found))


SAMPLING = Flow(
    "Sampling",
    Audience.MOTHER,
    (),
    (
        Transition(on=ButtonPressed, source=ANY, to=None, do=ask_for_sample, when=every(has_joined, chose("sample"))),
        Transition(
            on=ButtonPressed,
            source=ANY,
            to=None,
            do=keep_choice,
            when=every(has_joined, chose("sample.yes", "sample.no")),
        ),
        Transition(on=KeptAnswerWorried, source=ANY, to=None, do=hear_kept),
    ),
)
