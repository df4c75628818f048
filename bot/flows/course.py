"""Where she is in the programme: the lesson she is in, the next page, what is finished."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.curriculum.model import Lesson, Module
from bot.flows.conditions import is_text
from bot.flows.interpret import guessed
from bot.flows.turn import Turn
from bot.orthography.courtesy import courtesy
from bot.orthography.skeleton import words

WHERE = ("lesson", "lesson_version", "step", "is_repeat", "answered_at")
"""What her data say of the page she is in."""
KEPT = "Lesson:kept"
"""Her answer to a page is kept, and she is asked who may read it."""
PRACTICE = "Lesson:practice"
STILL_ANSWERING = timedelta(minutes=3)
DECIDING = frozenset(
    words(
        "только для мне меня можно нельзя мумкин читать прочитать читает прочтёт ведущая ведущей ведущую танҳо фақат "
        "барои ман худам хонад нахонад хондан метавонад наметавонад роҳнамо"
    )
)
"""Skeletons of the words with which somebody says who may read it."""


def lesson_of(turn: Turn, lesson_id: object, version: object = None) -> Lesson | None:
    """The lesson of that id, or None when the programme no longer has it; in that version as long as it is kept."""
    curriculum = turn.library.curriculum
    try:
        return curriculum.kept(str(lesson_id), version) or curriculum.lesson(str(lesson_id))
    except KeyError:
        return None


def current(turn: Turn) -> Lesson | None:
    """The lesson she is in, in the version that she began."""
    return lesson_of(turn, turn.data.get("lesson"), turn.data.get("lesson_version"))


def has_changed(turn: Turn, lesson: Lesson) -> bool:
    """Whether the version that she began is no longer kept."""
    return bool(turn.data.get("lesson_version", lesson.version) != lesson.version)


def finished(turn: Turn, also: Iterable[str] = ()) -> list[Lesson]:
    """Her finished lessons in the order of the programme, with those of this very turn."""
    participant = turn.facts.participant
    done = (participant.finished if participant else frozenset()) | set(also)
    return [lesson for lesson in turn.library.curriculum.lessons() if lesson.id in done] if done else []


def opened(turn: Turn, also: Iterable[str] = ()) -> list[Module]:
    """The modules that her cohort's sessions have opened and she has not put away, in the order of the programme."""
    participant = turn.facts.participant
    ids = (set(participant.opened if participant else ()) | set(also)) - put_away(turn)
    return [module for module in turn.library.curriculum.modules if module.id in ids]


def put_away(turn: Turn) -> set[str]:
    """The modules that she has left for now, whatever her reason."""
    return set(turn.data.get("put_away", ()))


def next_lesson(turn: Turn, also: Iterable[str] = (), modules: Iterable[str] = ()) -> Lesson | None:
    """The first lesson of the opened modules that she has not finished."""
    done = {lesson.id for lesson in finished(turn, also)}
    pages = (lesson for module in opened(turn, modules) for lesson in module.lessons)
    return next((lesson for lesson in pages if lesson.id not in done), None)


def due_measure(turn: Turn, also: Iterable[str] = ()) -> str | None:
    """When she may be asked the short questions now: `before`, `middle` or `after`; None when not, or already asked.

    Before: until the first module is finished.  Middle: after half of them, for two modules.  After: at the end.
    """
    if turn.library.curriculum.measures is None or turn.facts.participant is None:
        return None
    done = {lesson.id for lesson in finished(turn, also)}
    modules = turn.library.curriculum.modules
    left = put_away(turn)
    read = [module.id in left or all(lesson.id in done for lesson in module.lessons) for module in modules]
    half = len(modules) // 2
    moments = {
        "before": not any(read),
        "middle": half > 0 and read[half - 1] and not all(read[half : half + 2]),
        "after": all(read),
    }
    asked = turn.data.get("measured", ())
    return next((moment for moment, is_now in moments.items() if is_now and moment not in asked), None)


def waiting_check_in(turn: Turn) -> Lesson | None:
    """The lesson whose practice she may be asked about now."""
    waiting = turn.data.get("check_in")
    if waiting is None or datetime.fromisoformat(waiting["from"]) > turn.now:
        return None
    return lesson_of(turn, waiting["lesson"], waiting.get("version"))


def has_just_answered(turn: Turn) -> bool:
    """Whether she writes within minutes of her answer, and nothing else came between; kept or not."""
    at = turn.data.get("answered_at")
    is_soon = at is not None and turn.now - datetime.fromisoformat(at) < STILL_ANSWERING
    return turn.state in {KEPT, PRACTICE} and is_soon and is_text(turn)


def is_still_answering(turn: Turn) -> bool:
    """Whether these words belong to her answer: many write one thing in several messages.

    A command, a courtesy, and her word on who reads it never stand in what is read.
    """
    if turn.state != KEPT or not has_just_answered(turn) or DECIDING.issuperset(words(turn.event.text)):
        return False
    return turn.meaning is None and courtesy(turn.event.text) is None and not guessed(turn)
