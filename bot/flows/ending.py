"""The end of the programme: she ends it, reads again, or stays; nothing is asked for, and she need not choose today."""

from bot.core.events import ButtonPressed
from bot.flows.choices import chose
from bot.flows.menu import FINISHED
from bot.flows.safety import stop
from bot.flows.screens import ask, go_home
from bot.flows.turn import Audience, Flow, State, Transition, Turn

ENDING = "Ending:choice"


def ask_how_on(turn: Turn) -> None:
    """Three ways, each as good as the others."""
    ask(
        turn,
        turn.text("How shall we go on? You need not choose today."),
        (turn.button("End here", "end.stop"), turn.button("Read again", "end.again")),
        (turn.button("Stay together", "end.stay"), turn.button("Menu", "menu", standing=True)),
    )


def stay(turn: Turn) -> None:
    """Nothing changes: her pages, and a person when she wants one."""
    turn.say(turn.text("Good, we stay together. Your pages are in the menu, and a person is there by the word HELP."))
    go_home(turn)


ENDING_FLOW = Flow(
    "Ending",
    Audience.MOTHER,
    (State(ENDING, ask_how_on, is_resting=True),),
    (
        Transition(on=ButtonPressed, source=ENDING, to=None, do=stop, when=chose("end.stop")),
        Transition(on=ButtonPressed, source=ENDING, to=FINISHED, when=chose("end.again")),
        Transition(on=ButtonPressed, source=ENDING, to=None, do=stay, when=chose("end.stay")),
    ),
)
