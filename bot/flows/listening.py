"""A page to listen to: its button says how much it takes, and nothing is sent before she presses it."""

from bot.core.events import ButtonPressed
from bot.core.messages import Button, Kind
from bot.core.voice_notes import VoiceNote, kilobytes
from bot.curriculum.model import Lesson
from bot.flows.choices import chose, named
from bot.flows.conditions import has_joined
from bot.flows.course import current, finished, lesson_of
from bot.flows.rights import every
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn


def recording(turn: Turn, lesson: Lesson) -> VoiceNote | None:
    """The recording of exactly these words in her language, if this messenger has one."""
    notes = (note for note in turn.facts.voice_notes if (note.lesson, note.language) == (lesson.id, turn.language))
    return next((note for note in notes if note.version == lesson.version), None)


def listen_buttons(turn: Turn, lesson: Lesson) -> tuple[tuple[Button, ...], ...]:
    """One button with the size; none where there is nothing to hear."""
    note = recording(turn, lesson)
    if note is None:
        return ()
    label = turn.text("Listen · {size} KB", size=kilobytes(note.size))
    return ((Button(label, f"lesson.listen:{lesson.id}", is_standing=True),),)


def send_recording(turn: Turn) -> None:
    """On her tap; hide and every other way of clearing the chat reach it like a text."""
    participant, page = turn.facts.participant, lesson_of(turn, named(turn))
    if page is not None and turn.data.get("lesson") == page.id:
        page = current(turn)
    is_hers = page is not None and (turn.data.get("lesson") == page.id or page in finished(turn))
    if participant is not None and participant.hidden_at is not None:
        turn.show()
        return
    note = recording(turn, page) if page is not None and is_hers else None
    if note is None:
        turn.say(turn.text("There is no recording of this page here yet. You can read it."))
        turn.show()
        return
    turn.say_file(note.file, Kind.VOICE)


LISTENING = Flow(
    "Listening",
    Audience.MOTHER,
    (),
    (
        Transition(
            on=ButtonPressed, source=ANY, to=None, do=send_recording, when=every(has_joined, chose("lesson.listen"))
        ),
    ),
)
