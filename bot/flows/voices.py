"""Reading pages aloud: a facilitator sends a voice message for a lesson and a language, hears it, and keeps it."""

from bot.core.effects import KeepVoiceNote, Purpose, RemoveVoiceNote
from bot.core.events import ButtonPressed, MessageReceived
from bot.core.messages import LANGUAGES, Button, Kind
from bot.core.voice_notes import FORMAT, LONGEST, VoiceNote, kilobytes, most
from bot.curriculum.model import Lesson, Module
from bot.flows.choices import chose, named
from bot.flows.rights import every, is_facilitator_or_coordinator
from bot.flows.staff import cancel_button, leave_step
from bot.flows.turn import ANY, Audience, Flow, State, Transition, Turn

MODULE, LESSON, ONE, HEARD = "Voices:module", "Voices:lesson", "Voices:one", "Voices:heard"
NAMES = {"tg": "тоҷикӣ", "ru": "русский"}


# ---- which page


def begin(turn: Turn) -> None:
    """From the list of modules."""
    leave_step(turn)
    turn.go(MODULE)
    turn.show()


def ask_module(turn: Turn) -> None:
    """Every module by its title."""
    modules = turn.library.curriculum.modules
    rows = ((Button(m.title.in_language(turn.language), f"voices.module:{m.id}"),) for m in modules)
    turn.say_to_desk(turn.text("Which page do you read aloud? Choose its module."), *rows, (cancel_button(turn),))


def module_called(turn: Turn, module_id: str) -> Module | None:
    """A module of the programme."""
    return next((m for m in turn.library.curriculum.modules if m.id == module_id), None)


def is_module(turn: Turn) -> bool:
    """Whether a module of the programme was pressed."""
    return chose("voices.module")(turn) and module_called(turn, named(turn)) is not None


def choose_module(turn: Turn) -> None:
    """Then the lesson."""
    turn.data["step"] = {"module": named(turn)}
    turn.show()


def ask_lesson(turn: Turn) -> None:
    """Each lesson in each language, with a mark where there is a recording."""
    module = module_called(turn, turn.data["step"]["module"])
    pages = module.lessons if module else ()
    lines = [f"{page.id} {page.title.in_language(turn.language)}" for page in pages]
    rows = (tuple(_page_button(turn, page, language) for language in LANGUAGES) for page in pages)
    turn.say_to_desk(
        "\n".join([turn.text("Which page, in which language? A tick: there is a recording."), *lines]),
        *rows,
        (cancel_button(turn),),
    )


def _page_button(turn: Turn, page: Lesson, language: str) -> Button:
    mark = " ✓" if kept(turn, page.id, language) else ""
    return Button(f"{page.id} {NAMES[language]}{mark}", f"voices.page:{page.id}:{language}")


def kept(turn: Turn, lesson: str, language: str) -> VoiceNote | None:
    """The recording that there is, perhaps of an earlier version of the words."""
    notes = turn.facts.voice_notes
    return next((note for note in notes if (note.lesson, note.language) == (lesson, language)), None)


def is_page(turn: Turn) -> bool:
    """Whether a page of the module was pressed, in one of the languages."""
    module = module_called(turn, turn.data["step"]["module"])
    lesson, _, language = named(turn).partition(":")
    is_there = module is not None and lesson in {page.id for page in module.lessons}
    return chose("voices.page")(turn) and is_there and language in LANGUAGES


def choose_page(turn: Turn) -> None:
    """Then the recording."""
    lesson, _, language = named(turn).partition(":")
    turn.data["step"] = {"module": turn.data["step"]["module"], "lesson": lesson, "language": language}
    turn.show()


def page_of(turn: Turn) -> tuple[Lesson, str]:
    """The page of this step as it is now, and the language."""
    step = turn.data["step"]
    return turn.library.curriculum.lesson(step["lesson"]), step["language"]


# ---- the recording


def ask_recording(turn: Turn) -> None:
    """The words to read, how long it may be, and what there is already."""
    page, language = page_of(turn)
    note = kept(turn, page.id, language)
    words = "\n\n".join(card.in_language("tg" if language == "tg" else "ru") for card in page.cards)
    head = turn.text(
        "Page {lesson}, {tongue}. Please read it aloud in a quiet room and send it here as a voice message of at "
        "most {seconds} seconds. Your voice is heard by the mothers: say no names.",
        lesson=page.id,
        tongue=NAMES[language],
        seconds=LONGEST,
    )
    turn.say_to_desk(head)
    rows: list[tuple[Button, ...]] = []
    if note is not None:
        rows.append((turn.button("Hear it", "voices.hear"), turn.button("Remove it", "voices.remove")))
    turn.say_to_desk(f"{words}\n\n{_how_it_stands(turn, page, note)}", *rows, (cancel_button(turn),))


def _how_it_stands(turn: Turn, page: Lesson, note: VoiceNote | None) -> str:
    if note is None:
        return turn.text("There is no recording yet.")
    size, seconds = kilobytes(note.size), note.seconds
    if note.version != page.version:
        return turn.text("The recording there is reads earlier words, so mothers do not get it. Please record anew.")
    return turn.text("There is a recording: {seconds} s, {size} KB. A new one replaces it.", seconds=seconds, size=size)


def hear(turn: Turn) -> None:
    """What mothers hear."""
    page, language = page_of(turn)
    note = kept(turn, page.id, language)
    if note is not None:
        turn.say_file(note.file, Kind.VOICE, purpose=Purpose.DESK)
    turn.show()


def remove(turn: Turn) -> None:
    """From now on no mother gets it."""
    page, _ = page_of(turn)
    turn.do(RemoveVoiceNote(page.id, turn.data["step"]["language"]))
    leave_step(turn)
    turn.say_to_desk(turn.text("Removed: mothers read this page only."))


def what_is_wrong(turn: Turn) -> str:
    """Why this message cannot be a recorded page; empty when it can."""
    event = turn.event
    if event.kind is not Kind.VOICE or event.is_forwarded or not event.file:
        return turn.text("Please hold the microphone here and record a voice message; files and forwards do not work.")
    if not event.seconds or not event.size or event.format.partition(";")[0] != FORMAT:
        return turn.text("This messenger does not tell what the recording is. Please record it in Telegram.")
    if event.seconds > LONGEST:
        return turn.text("{n} seconds are too long, {most} are possible.", n=event.seconds, most=LONGEST)
    if event.size > most(event.seconds):
        return turn.text(
            "{size} KB are too large for {seconds} seconds, {most} are possible: mothers pay for each.",
            size=kilobytes(event.size),
            seconds=event.seconds,
            most=kilobytes(most(event.seconds)),
        )
    return ""


def take(turn: Turn) -> None:
    """A recording comes back to be heard; anything else is explained."""
    wrong = what_is_wrong(turn)
    if wrong:
        turn.say_to_desk(wrong)
        turn.show()
        return
    event = turn.event
    turn.data["step"] |= {"file": event.file, "seconds": event.seconds, "size": event.size}
    turn.go(HEARD)
    turn.show()


def ask_to_keep(turn: Turn) -> None:
    """What she recorded, to be heard once more."""
    step = turn.data["step"]
    turn.say_file(step["file"], Kind.VOICE, purpose=Purpose.DESK)
    turn.say_to_desk(
        turn.text(
            "Page {lesson}, {tongue}: {seconds} s, {size} KB. Please listen once. Is it good so?",
            lesson=step["lesson"],
            tongue=NAMES[step["language"]],
            seconds=step["seconds"],
            size=kilobytes(step["size"]),
        ),
        (turn.button("Keep it", "voices.keep"), turn.button("Record again", "voices.again")),
        (cancel_button(turn),),
    )


def keep(turn: Turn) -> None:
    """From now on there is a button on the page."""
    step, (page, _) = turn.data["step"], page_of(turn)
    turn.do(KeepVoiceNote(page.id, step["language"], page.version, step["file"], step["seconds"], step["size"]))
    leave_step(turn)
    turn.say_to_desk(
        turn.text("Kept. Mothers see a button with the size on the page and get the recording only when they press it.")
    )


VOICES = Flow(
    "Voices",
    Audience.STAFF,
    (State(MODULE, ask_module), State(LESSON, ask_lesson), State(ONE, ask_recording), State(HEARD, ask_to_keep)),
    (
        Transition(on=ButtonPressed, source=MODULE, to=LESSON, do=choose_module, when=is_module),
        Transition(on=ButtonPressed, source=LESSON, to=ONE, do=choose_page, when=is_page),
        Transition(on=ButtonPressed, source=ONE, to=None, do=hear, when=chose("voices.hear")),
        Transition(on=ButtonPressed, source=ONE, to=None, do=remove, when=chose("voices.remove")),
        Transition(on=MessageReceived, source=(ONE, HEARD), to=None, do=take),
        Transition(on=ButtonPressed, source=HEARD, to=None, do=keep, when=chose("voices.keep")),
        Transition(on=ButtonPressed, source=HEARD, to=ONE, when=chose("voices.again")),
        Transition(
            on=ButtonPressed,
            source=ANY,
            to=None,
            do=begin,
            when=every(chose("menu.voices"), is_facilitator_or_coordinator),
        ),
    ),
)
