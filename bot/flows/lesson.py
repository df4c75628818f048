"""A lesson: cards, a prompt, her answer, a practice for home, and the day after, how it went."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from bot.core.effects import (
    AddToReflection,
    BeginLesson,
    FinishLesson,
    KeepReflection,
    RecordCheckIn,
    Schedule,
    ShareReflection,
)
from bot.core.events import ButtonPressed, CheckInDue, LessonDue, MessageReceived, NudgeDue
from bot.curriculum.model import Lesson
from bot.flows import harm
from bot.flows.choices import chose, named
from bot.flows.conditions import is_text
from bot.flows.consent import ask_again, is_outdated
from bot.flows.course import (
    KEPT,
    PRACTICE,
    WHERE,
    current,
    due_measure,
    finished,
    has_changed,
    is_still_answering,
    lesson_of,
    next_lesson,
    waiting_check_in,
)
from bot.flows.ending import ENDING
from bot.flows.listening import listen_buttons
from bot.flows.menu import FINISHED, say_menu
from bot.flows.modules import is_beginning, module_buttons
from bot.flows.pace import plan
from bot.flows.preferences import READY
from bot.flows.screens import MENU, ask, go_home, help_lines
from bot.flows.sharing import tell_shared
from bot.flows.turn import ANY, Audience, Do, Flow, State, Transition, Turn

READING, ASKED, CHECK_IN = "Lesson:reading", "Lesson:asked", "Lesson:check_in"
STEPS = (READING, ASKED, KEPT, PRACTICE)
CHECK_IN_AFTER = timedelta(hours=20)
NEXT_PAGE_AFTER = timedelta(days=2)
NUDGE_AFTER = timedelta(hours=48)


def with_lesson(show: Callable[[Turn, Lesson], None]) -> Do:
    """Do it with the lesson she is in; when the programme no longer has it, she is led gently to the menu."""

    def shown(turn: Turn) -> None:
        lesson = current(turn)
        if lesson is not None:
            is_new = has_changed(turn, lesson)
            turn.data["lesson_version"] = lesson.version
            if is_new and turn.state == READING:
                _begin_again(turn)
            else:
                show(turn, lesson)
            return
        for key in WHERE:
            turn.data.pop(key, None)
        turn.say(turn.text("This page is no longer here. Nothing of yours is lost; here is the menu."))
        go_home(turn)

    shown.__name__ = show.__name__
    return shown


def _begin_again(turn: Turn) -> None:
    """Its cards were written anew while she was reading them: from the first one, so that they belong together."""
    turn.say(turn.text("This page has changed a little since you began. Here it is from the beginning."))
    turn.data["step"] = 0
    turn.show()


# ---- opening


def open_page(turn: Turn) -> None:
    """What waits for her: the step she is in, then the check-in, then the next page."""
    state = turn.data.get("return_to", turn.state)
    if state in (*STEPS, CHECK_IN):
        turn.data.pop("return_to", None)
        turn.go(state)
        turn.show()
    elif waiting_check_in(turn) is not None:
        open_check_in(turn)
    else:
        open_next(turn)


def open_next(turn: Turn) -> None:
    """The next page of her opened modules, or kind words when there is none yet."""
    page = next_lesson(turn)
    if page is None:
        turn.say(no_page(turn))
        go_home(turn)
    elif is_outdated(turn):
        ask_again(turn)
    else:
        begin(turn, page)


def no_page(turn: Turn) -> str:
    """Why there is no next page: not opened yet, or all are read."""
    curriculum = turn.library.curriculum
    if len(finished(turn)) == sum(1 for _ in curriculum.lessons()):
        return turn.text("You have read all pages. Each can be read again from the menu.")
    if not finished(turn):
        return turn.text("The first page opens after your meeting.")
    return turn.text("The next page opens after your meeting. Finished pages can be read again from the menu.")


def begin(turn: Turn, page: Lesson) -> None:
    """Open a page at its first card; the first page of a module begins with the module's own words."""
    turn.data.update(lesson=page.id, lesson_version=page.version, step=0)
    is_repeat = page in finished(turn)
    turn.data["is_repeat"] = is_repeat
    turn.data.pop("return_to", None)
    turn.go(READING)
    if not is_repeat:
        turn.do(BeginLesson(page.id, page.version), Schedule("nudge", turn.now + NUDGE_AFTER, NudgeDue(1)))
        module = turn.library.curriculum.module_of(page.id)
        if page is module.lessons[0]:
            turn.say(f"{module.title.in_language(turn.language)}\n\n{module.opening.in_language(turn.language)}")
    turn.show()


def take_up(turn: Turn) -> None:
    """The pages she had put away are hers to read again; a page she is in comes first."""
    turn.data.pop("put_away", None)
    if "return_to" in turn.data:
        turn.show()
    else:
        open_next(turn)


def repeat(turn: Turn) -> None:
    """A finished page once more; the step she was in is kept for afterwards."""
    page = lesson_of(turn, named(turn))
    if page is None or page not in finished(turn):
        turn.show()
        return
    state = turn.data.get("return_to")
    if state in STEPS and not turn.data.get("is_repeat"):
        turn.data["before"] = {**{key: turn.data[key] for key in WHERE if key in turn.data}, "return_to": state}
    begin(turn, page)


# ---- reading


def step_of(turn: Turn, lesson: Lesson) -> int:
    """Which card she is at, inside the lesson as it is now."""
    return max(0, min(int(turn.data.get("step", 0)), len(lesson.cards) - 1))


@with_lesson
def show_card(turn: Turn, lesson: Lesson) -> None:
    """One card, and on the first one the title and where she is."""
    step = step_of(turn, lesson)
    text = lesson.cards[step].shown(turn.language, help_lines(turn))
    if step == 0:
        text = f"{lesson.title.in_language(turn.language)} · {where(turn, lesson)}\n\n{text}"
    rows = ((turn.button("Next", "lesson.next_card"), turn.button("Menu", "menu", standing=True)),)
    begins = module_buttons(turn) if is_beginning(turn) else ()
    ask(turn, text, *rows, *(listen_buttons(turn, lesson) if step == 0 else ()), *begins)


def where(turn: Turn, lesson: Lesson) -> str:
    """Which page of how many."""
    n, total = turn.library.curriculum.position(lesson.id)
    return turn.text("{n} of {total}", n=n, total=total)


@with_lesson
def read_on(turn: Turn, lesson: Lesson) -> None:
    """The next card, or after the last one the prompt."""
    step = step_of(turn, lesson) + 1
    if step < len(lesson.cards):
        turn.data["step"] = step
    else:
        turn.go(ASKED)
    turn.show()


# ---- the prompt and her answer


@with_lesson
def show_prompt(turn: Turn, lesson: Lesson) -> None:
    """The question, how to answer, who may read the answer (S20), and that a person hears a voice (S19)."""
    if lesson.store == "never":
        who = turn.text(
            "A program looks through what you write here, and it is not kept. "
            "Only if a person is needed, a facilitator reads it and answers."
        )
    else:
        who = turn.text(
            "A program looks through it. Only if a person is needed, a facilitator reads it and answers. "
            "Otherwise you alone decide who reads it."
        )
    how = turn.text("You may write an answer here, or just think about it.")
    voice = turn.text("By voice it works too: a person will hear it. Writing is faster.")
    ask(
        turn,
        f"{lesson.prompt.in_language(turn.language)}\n\n{how}\n{who}\n{voice}",
        (turn.button("I only think", "prompt.think"), turn.button("Skip", "prompt.skip")),
    )


@with_lesson
def take_answer(turn: Turn, lesson: Lesson) -> None:
    """Her answer is kept for her alone, unless this lesson keeps nothing; then she may share it."""
    turn.data["answered_at"] = turn.now.isoformat()
    if lesson.store == "never":
        turn.say(turn.text("Thank you. It was not kept."))
        turn.go(PRACTICE)
    else:
        turn.do(KeepReflection(lesson.id, turn.event.text.strip()))
        turn.go(KEPT)
    turn.show()


@with_lesson
def add_to_answer(turn: Turn, lesson: Lesson) -> None:
    """They are one answer with what she wrote before; she decides about it once more, as it is now."""
    turn.do(AddToReflection(lesson.id, turn.event.text.strip()))
    turn.data["answered_at"] = turn.now.isoformat()
    _ask_for_all(turn, turn.text("This is kept with it. May your facilitator read all of it?"))


@with_lesson
def ask_who_reads(turn: Turn, lesson: Lesson) -> None:
    """Private unless she says otherwise."""
    del lesson
    _ask_for_all(turn, turn.text("Thank you. Your answer is kept for you alone. May your facilitator read it?"))


def _ask_for_all(turn: Turn, text: str) -> None:
    ask(turn, text, (turn.button("Only for me", "answer.no"), turn.button("She may read it", "answer.yes")))


@with_lesson
def share(turn: Turn, lesson: Lesson) -> None:
    """Her facilitator may read this one answer."""
    turn.do(ShareReflection(lesson.id))
    tell_shared(turn)
    decide(turn)


def decide(turn: Turn) -> None:
    """With her word on who reads it her answer is whole."""
    turn.data.pop("answered_at", None)
    turn.go(PRACTICE)
    turn.show()


# ---- the practice, and the end


@with_lesson
def show_practice(turn: Turn, lesson: Lesson) -> None:
    """Something small for home, or not now, without any question."""
    ask(
        turn,
        lesson.practice.in_language(turn.language),
        (turn.button("I'll try it", "practice.yes"), turn.button("Not for me now", "practice.later")),
    )


@with_lesson
def finish(turn: Turn, lesson: Lesson) -> None:
    """The end of a page: what she chose, n of N, and at the end of a module its closing words."""
    is_chosen, is_repeat = turn.event.choice == "practice.yes", bool(turn.data.get("is_repeat"))
    first = turn.text("Good.") if is_chosen else lesson.practice_calm.in_language(turn.language)
    if not is_repeat:
        turn.do(FinishLesson(lesson.id, "chosen" if is_chosen else "calm"))
        _plan_what_follows(turn, lesson, is_chosen=is_chosen)
    done = finished(turn, (lesson.id,))
    is_end = not is_repeat and all(page in done for page in turn.library.curriculum.module_of(lesson.id).lessons)
    text = "\n\n".join((first, *_last_words(turn, lesson, len(done), is_end=is_end)))
    for key in WHERE:
        turn.data.pop(key, None)
    turn.data.update(turn.data.pop("before", {}))
    is_all = is_end and len(done) == sum(1 for _ in turn.library.curriculum.lessons())
    if is_end and harm.is_due(turn):
        turn.say(text)
        harm.begin(turn, ENDING if is_all else MENU)
    elif is_all:
        turn.say(text)
        turn.go(ENDING)
        turn.show()
    else:
        turn.go(MENU)
        say_menu(turn, text, (lesson.id,))


def _last_words(turn: Turn, lesson: Lesson, read: int, *, is_end: bool) -> Iterator[str]:
    """How far she is, the closing words of a module, and that there are short questions from now on."""
    curriculum = turn.library.curriculum
    yield turn.text("You have read {n} of {total} pages.", n=read, total=sum(1 for _ in curriculum.lessons()))
    if is_end:
        yield curriculum.module_of(lesson.id).closing.in_language(turn.language)
    if due_measure(turn, (lesson.id,)) is not None and due_measure(turn) is None:
        yield turn.text("There are a few short questions too, if you like.")


def _plan_what_follows(turn: Turn, lesson: Lesson, *, is_chosen: bool) -> None:
    if is_chosen:
        from_ = (turn.now + CHECK_IN_AFTER).isoformat()
        turn.data["check_in"] = {"lesson": lesson.id, "version": lesson.version, "from": from_}
        plan(turn, "check_in", CheckInDue(lesson.id), turn.now + CHECK_IN_AFTER)
    page = next_lesson(turn, (lesson.id,))
    if page is not None:
        plan(turn, "lesson", LessonDue(page.id), turn.now + NEXT_PAGE_AFTER)


# ---- how it went


def open_check_in(turn: Turn) -> None:
    """Ask how the practice went."""
    if waiting_check_in(turn) is None:
        go_home(turn)
        return
    turn.data.pop("return_to", None)
    turn.go(CHECK_IN)
    turn.show()


def show_check_in(turn: Turn) -> None:
    """The lesson's own question, with three answers."""
    lesson = waiting_check_in(turn)
    if lesson is None:
        go_home(turn)
        return
    ask(
        turn,
        lesson.check_in.in_language(turn.language),
        (turn.button("Yes, I did", "check.yes"), turn.button("It was hard", "check.hard")),
        (turn.button("Not yet", "check.later"),),
    )


def take_check_in(turn: Turn) -> None:
    """Words for each answer; not yet is as good as any."""
    lesson = waiting_check_in(turn)
    turn.data.pop("check_in", None)
    if lesson is not None:
        how = {"check.yes": "done", "check.hard": "hard"}.get(turn.event.choice, "not_yet")
        words = {"done": lesson.check_in_done, "hard": lesson.check_in_hard}.get(how)
        turn.do(RecordCheckIn(lesson.id, how))
        turn.say(words.in_language(turn.language) if words else turn.text("That is all right. There is no hurry."))
    go_home(turn)


LESSON = Flow(
    "Lesson",
    Audience.MOTHER,
    (
        State(READING, show_card),
        State(ASKED, show_prompt),
        State(KEPT, ask_who_reads),
        State(PRACTICE, show_practice),
        State(CHECK_IN, show_check_in),
    ),
    (
        Transition(on=ButtonPressed, source=(MENU, READY), to=None, do=open_next, when=chose("lesson.next")),
        Transition(on=ButtonPressed, source=MENU, to=None, do=take_up, when=chose("module.back")),
        Transition(on=ButtonPressed, source=MENU, to=None, do=open_check_in, when=chose("lesson.check_in")),
        Transition(on=ButtonPressed, source=FINISHED, to=None, do=repeat, when=chose("lesson.repeat")),
        Transition(on=ButtonPressed, source=READING, to=None, do=read_on, when=chose("lesson.next_card")),
        Transition(on=ButtonPressed, source=ASKED, to=PRACTICE, when=chose("prompt.think", "prompt.skip")),
        Transition(on=MessageReceived, source=ASKED, to=None, do=take_answer, when=is_text),
        Transition(on=MessageReceived, source=ANY, to=None, do=add_to_answer, when=is_still_answering),
        Transition(on=ButtonPressed, source=KEPT, to=None, do=decide, when=chose("answer.no")),
        Transition(on=ButtonPressed, source=KEPT, to=None, do=share, when=chose("answer.yes")),
        Transition(on=ButtonPressed, source=PRACTICE, to=None, do=finish, when=chose("practice.yes", "practice.later")),
        Transition(
            on=ButtonPressed,
            source=CHECK_IN,
            to=None,
            do=take_check_in,
            when=chose("check.yes", "check.hard", "check.later"),
        ),
    ),
)
