"""The beginning of a module: three lines for who was not at the session, and a quiet way to leave its pages."""

from bot.core.effects import Unschedule
from bot.core.events import ButtonPressed, LessonDue
from bot.core.messages import Button
from bot.flows.choices import chose
from bot.flows.course import WHERE, current, next_lesson
from bot.flows.pace import DAY, plan
from bot.flows.rights import every
from bot.flows.screens import go_home
from bot.flows.turn import Audience, Flow, Transition, Turn, When

READING = "Lesson:reading"


def is_beginning(turn: Turn) -> bool:
    """Whether she is at the first card of a module that she has not read before."""
    lesson = current(turn)
    if lesson is None or turn.data.get("is_repeat") or turn.data.get("step", 0):
        return False
    return lesson.id == turn.library.curriculum.module_of(lesson.id).lessons[0].id


def module_buttons(turn: Turn) -> tuple[tuple[Button, ...], ...]:
    """The two other ways into a module."""
    return ((turn.button("I was not there", "module.recap"), turn.button("Not these pages", "module.leave")),)


def recap(turn: Turn) -> None:
    """What was spoken about at the session; nobody asks or notes why she was not there."""
    lesson = current(turn)
    if lesson is not None:
        turn.say(turn.library.curriculum.module_of(lesson.id).recap.in_language(turn.language))
    turn.show()


def leave(turn: Turn) -> None:
    """Put the module away without any question; no page and no reminder of it follows."""
    lesson = current(turn)
    if lesson is not None:
        module = turn.library.curriculum.module_of(lesson.id)
        turn.data["put_away"] = [*turn.data.get("put_away", ()), module.id]
    for key in WHERE:
        turn.data.pop(key, None)
    turn.do(Unschedule(("lesson", "nudge")))
    for key in ("lesson", "nudge"):
        turn.data.get("due", {}).pop(key, None)
    page = next_lesson(turn)
    if page is not None:
        plan(turn, "lesson", LessonDue(page.id), turn.now + DAY)
    turn.say(turn.text("All right. Nothing follows about these pages. They wait in the menu, should you want them."))
    go_home(turn)


def begins(choice: str) -> When:
    """Whether that way was chosen at the beginning of a module."""
    return every(is_beginning, chose(choice))


MODULES = Flow(
    "Modules",
    Audience.MOTHER,
    (),
    (
        Transition(on=ButtonPressed, source=READING, to=None, do=recap, when=begins("module.recap")),
        Transition(on=ButtonPressed, source=READING, to=None, do=leave, when=begins("module.leave")),
    ),
)
