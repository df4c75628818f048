"""A greeting, a thank-you, a wish: answered in kind, wherever no step waits for words of hers."""

from bot.core.events import MessageReceived
from bot.flows.conditions import is_text
from bot.flows.rights import every
from bot.flows.screens import FIRST
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn
from bot.orthography.courtesy import Courtesy, courtesy


def is_courtesy(turn: Turn) -> bool:
    """Whether she wrote nothing but a courtesy."""
    return courtesy(turn.event.text) is not None


def answer(turn: Turn) -> None:
    """The like of it, and the way on: her step again; the first screen greets by itself."""
    said = courtesy(turn.event.text)
    turn.data.pop("answered_at", None)  # her page's answer ends with it
    if said == "greeting" and turn.state == FIRST:
        turn.show()
        return
    answers: dict[Courtesy | None, str] = {
        "greeting": turn.text("Hello. It is good that you are here."),
        "thanks": turn.text("You are welcome. All the best to you."),
        "farewell": turn.text("Goodbye. Come back whenever you like."),
        "wish": turn.text("Thank you for your kind words. The same to you and yours."),
    }
    turn.say(answers.get(said) or turn.text("Good."))
    turn.show()


COURTESIES = Flow(
    "Courtesies",
    Audience.MOTHER,
    (),
    (Transition(on=MessageReceived, source=ANY, to=None, do=answer, when=every(is_text, is_courtesy)),),
)
