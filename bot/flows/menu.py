"""The menu, where she rests, and the list of what she has read."""

from collections.abc import Iterable

from bot.core.events import ButtonPressed, CommandGiven
from bot.core.messages import Button
from bot.flows.choices import chose
from bot.flows.conditions import has_joined, said
from bot.flows.course import due_measure, finished, next_lesson, put_away, waiting_check_in
from bot.flows.rights import every
from bot.flows.screens import MENU, ask, home
from bot.flows.turn import ANY, Audience, Flow, State, Transition, Turn

FINISHED = "Menu:finished"
SHOWN = 6


def show_menu(turn: Turn) -> None:
    """Where she rests."""
    say_menu(turn, _greeting(turn))


def _greeting(turn: Turn) -> str:
    """Her chosen name, on a phone that is hers alone (S2)."""
    participant = turn.facts.participant
    name = participant.name if participant and participant.may_see_content else ""
    return f"{name}\n{turn.text('Menu')}" if name else turn.text("Menu")


def say_menu(turn: Turn, text: str, also: Iterable[str] = ()) -> None:
    """Anything, with the choices of the menu under it; `also` are lessons finished in this very turn."""
    rows = []
    if "return_to" in turn.data:
        rows.append((turn.button("Continue", "menu.resume"),))
    elif next_lesson(turn, also) is not None:
        rows.append((turn.button("Next page", "lesson.next"),))
    if waiting_check_in(turn) is not None:
        rows.append((turn.button("How did it go", "lesson.check_in"),))
    if due_measure(turn, also) is not None:
        rows.append((turn.button("Short questions", "measure.begin"),))
    if put_away(turn):
        rows.append((turn.button("Pages put away", "module.back"),))
    if finished(turn, also):
        rows.append((turn.button("Pages I have read", "menu.finished"),))
    rows.append((turn.button("Who can see this", "about", standing=True),))
    ask(turn, text, *rows, (turn.button("Settings", "settings"), turn.button("Pause", "pause", standing=True)))


def open_menu(turn: Turn) -> None:
    """A detour from wherever she is."""
    turn.leave_for(MENU)


def go_back(turn: Turn) -> None:
    """Back to the step she was in."""
    turn.come_back(home(turn))


def show_finished(turn: Turn) -> None:
    """What she has read; each can be read again."""
    lessons = finished(turn)
    total = sum(1 for _ in turn.library.curriculum.lessons())
    page = min(int(turn.data.get("page", 0)), max(0, (len(lessons) - 1) // SHOWN))
    part = lessons[page * SHOWN : (page + 1) * SHOWN]
    rows = [(Button(lesson.title.in_language(turn.language), f"lesson.repeat:{lesson.id}"),) for lesson in part]
    if len(lessons) > SHOWN:
        rows.append((turn.button("More pages", "menu.more"),))
    text = turn.text("You have read {n} of {total} pages.", n=len(lessons), total=total)
    ask(turn, text, *rows, (turn.button("Menu", "menu", standing=True),))


def turn_over(turn: Turn) -> None:
    """The next part of the list, and after the last the first again."""
    pages = -(-len(finished(turn)) // SHOWN) or 1
    turn.data["page"] = (int(turn.data.get("page", 0)) + 1) % pages
    turn.show()


MENU_FLOW = Flow(
    "Menu",
    Audience.MOTHER,
    (
        State(MENU, show_menu, is_resting=True, is_detour=True),
        State(FINISHED, show_finished, is_resting=True, is_detour=True),
    ),
    (
        Transition(on=ButtonPressed, source=MENU, to=FINISHED, when=chose("menu.finished")),
        Transition(on=ButtonPressed, source=MENU, to=None, do=go_back, when=chose("menu.resume")),
        Transition(on=ButtonPressed, source=FINISHED, to=None, do=turn_over, when=chose("menu.more")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=open_menu, when=every(has_joined, chose("menu"))),
        Transition(on=CommandGiven, source=ANY, to=None, do=open_menu, when=every(has_joined, said("menu"))),
    ),
)
