"""Short questions before, in the middle and after the programme: when she likes, one at a time, each can be skipped."""

from bot.core.effects import AnswerMeasure
from bot.core.events import ButtonPressed
from bot.core.messages import Button
from bot.curriculum.model import Question
from bot.flows import harm
from bot.flows.choices import chose, named
from bot.flows.course import due_measure
from bot.flows.menu import say_menu
from bot.flows.screens import MENU, ask, go_home
from bot.flows.turn import Audience, Flow, State, Transition, Turn

ASKING = "Measures:asking"
POINTS = "12345"


def question(turn: Turn) -> Question | None:
    """The question she is at; None when there is nothing to ask."""
    measures, step = turn.library.curriculum.measures, turn.data.get("measure")
    if measures is None or step is None:
        return None
    return next(iter(measures.questions[step["at"] :]), None)


def begin(turn: Turn) -> None:
    """From the first question, or from where she stopped."""
    moment, measures = due_measure(turn), turn.library.curriculum.measures
    if moment is None or measures is None:
        go_home(turn)
        return
    if turn.data.get("measure", {}).get("moment") != moment:
        turn.data["measure"] = {"moment": moment, "at": 0}
        turn.say(measures.intro.in_language(turn.language))
    turn.go(ASKING)
    turn.show()


def show_question(turn: Turn) -> None:
    """One question with its five answers."""
    asked, measures = question(turn), turn.library.curriculum.measures
    if asked is None or measures is None:
        go_home(turn)
        return
    where = turn.text("{n} of {total}", n=turn.data["measure"]["at"] + 1, total=len(measures.questions))
    answers = (answer.in_language(turn.language) for answer in measures.answers(asked))
    rows = ((Button(label, f"measure.answer:{point}"),) for point, label in zip(POINTS, answers, strict=True))
    last = (turn.button("Skip", "measure.skip"), turn.button("Skip all", "measure.end"))
    ask(turn, f"{where}\n\n{asked.in_language(turn.language)}", *rows, last)


def is_a_point(turn: Turn) -> bool:
    """Whether the choice is one of the five answers."""
    return chose("measure.answer")(turn) and named(turn) in set(POINTS)


def take_answer(turn: Turn) -> None:
    """Only the number is kept."""
    asked = question(turn)
    if asked is not None:
        turn.do(AnswerMeasure(turn.data["measure"]["moment"], asked.id, int(named(turn))))
    go_on(turn)


def go_on(turn: Turn) -> None:
    """The next question, and after the last one thanks."""
    if question(turn) is not None:
        turn.data["measure"]["at"] += 1
    if question(turn) is None:
        end(turn)
    else:
        turn.show()


def end(turn: Turn) -> None:
    """Thanks, also for none; this time they are not offered again, and who answered is asked about harm (S23)."""
    step, measures = turn.data.pop("measure", None), turn.library.curriculum.measures
    if step is None or measures is None:
        go_home(turn)
        return
    turn.data["measured"] = [*turn.data.get("measured", ()), step["moment"]]
    thanks = measures.thanks.in_language(turn.language)
    if step["moment"] != "before" and turn.event.choice != "measure.end" and harm.is_due(turn):
        turn.say(thanks)
        harm.begin(turn, MENU)
        return
    turn.go(MENU)
    say_menu(turn, thanks)


MEASURES = Flow(
    "Measures",
    Audience.MOTHER,
    (State(ASKING, show_question, is_resting=True),),
    (
        Transition(on=ButtonPressed, source=MENU, to=None, do=begin, when=chose("measure.begin")),
        Transition(on=ButtonPressed, source=ASKING, to=None, do=take_answer, when=is_a_point),
        Transition(on=ButtonPressed, source=ASKING, to=None, do=go_on, when=chose("measure.skip")),
        Transition(on=ButtonPressed, source=ASKING, to=None, do=end, when=chose("measure.end")),
    ),
)
