"""A mother who reads every page, played in memory: what nobody reaches, where nothing leads on, what is too long."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count

from bot.core.conversation import Conversation, Facts, Owner
from bot.core.effects import FinishLesson, Say
from bot.core.events import ButtonPressed
from bot.core.messages import Button, Language
from bot.core.people import Participant
from bot.flows.book import Book
from bot.flows.screens import MENU

LONGEST_BUTTON = 20  # a reply button of WhatsApp
LONGEST_MESSAGE = 1024  # a WhatsApp message with buttons; Telegram takes 4096
MOST_BUTTONS = 10  # rows of a WhatsApp list
_PATIENCE = 40
"""More presses than any page needs from its opening to its check-in."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Something is wrong on the way through a page, in one language."""

    lesson: str
    language: Language
    text: str


def stops(book: Book, language: Language) -> Iterator[Stop]:
    """Read everything twice, always by the first button and always by the last, and tell what is wrong."""
    curriculum = book.engine.library.curriculum
    for choose in (0, -1):
        reader = _Reader(book, language)
        for lesson in curriculum.lessons():
            reader.open_next(curriculum.module_of(lesson.id).id)
            if reader.lesson != lesson.id:
                yield Stop(lesson.id, language, "no mother comes to this page, look at the order of the lessons")
                return
            yield from (Stop(lesson.id, language, text) for text in reader.read(choose))
            if lesson.id not in reader.finished:
                yield Stop(lesson.id, language, f"no button leads on from {reader.state}")
                return


class _Names:
    """Names that count; nothing of a walk is ever stored."""

    def __init__(self) -> None:
        self._n = count(1)

    def id(self) -> str:
        return f"{next(self._n):026}"

    def number(self) -> str:
        return f"{next(self._n) % 10_000:04}"

    def token(self) -> str:
        return self.id()

    def spoken(self) -> str:
        return self.id()


class _Reader:
    def __init__(self, book: Book, language: Language) -> None:
        self._book = book
        self._names = _Names()
        self._now = datetime(2026, 1, 1, tzinfo=UTC)
        self._chat = Conversation("walk", Owner.PARTICIPANT, "walker", MENU, {}, language)
        version = book.policy.consent_version
        self._her = Participant("walker", "walker", None, language, "UTC", self._now, consent_version=version)
        self._said: list[Say] = []

    @property
    def lesson(self) -> str:
        return str(self._chat.data.get("lesson", ""))

    @property
    def state(self) -> str:
        return self._chat.state

    @property
    def finished(self) -> frozenset[str]:
        return self._her.finished

    def open_next(self, module: str) -> None:
        """The session of the module is held, and she presses Next page."""
        self._her = replace(self._her, opened=(*(m for m in self._her.opened if m != module), module))
        self._press("lesson.next")

    def read(self, choose: int) -> Iterator[str]:
        """Press on until the page is finished and its practice is spoken about; tell what does not fit a channel."""
        page = self.lesson
        for _ in range(_PATIENCE):
            yield from dict.fromkeys(text for say in self._said for text in _misfits(say))
            if page in self.finished:
                break
            choices = [button.choice for button in self._buttons() if _leads_on(button)]
            if not choices:
                return
            self._press(choices[choose])
        if page not in self.finished:
            return
        self._now += timedelta(days=2)
        self._press("menu")
        if any(button.choice == "lesson.check_in" for button in self._buttons()):
            self._press("lesson.check_in")
            self._press(self._buttons()[choose].choice if choose == 0 else "check.hard")
            yield from dict.fromkeys(text for say in self._said for text in _misfits(say))

    def _buttons(self) -> list[Button]:
        return [button for say in self._said[-1:] for row in say.outgoing.rows for button in row]

    def _press(self, choice: str) -> None:
        event = ButtonPressed(choice, self._chat.version)
        self._chat = replace(self._chat, last_in_at=self._now)
        played = self._book.play(self._chat, event, Facts(self._now, participant=self._her), self._names)
        self._chat = played.conversation
        self._said = [effect for effect in played.effects if isinstance(effect, Say)]
        done = {effect.lesson for effect in played.effects if isinstance(effect, FinishLesson)}
        self._her = replace(self._her, finished=self._her.finished | done)


def _leads_on(button: Button) -> bool:
    """Whether it is a step of the page itself; a module can also be recalled or put away."""
    return not button.is_standing and not button.choice.startswith("module.")


def _misfits(say: Say) -> Iterator[str]:
    """What of a message is too much for one of the channels."""
    if len(say.outgoing.text) > LONGEST_MESSAGE:
        yield f"a message of {len(say.outgoing.text)} characters, shorten its parts to {LONGEST_MESSAGE} together"
    buttons = [button for row in say.outgoing.rows for button in row]
    if len(buttons) > MOST_BUTTONS:
        yield f"{len(buttons)} buttons under one message, a channel takes {MOST_BUTTONS}"
    for button in buttons:
        if len(button.label) > LONGEST_BUTTON:
            yield f"a button of {len(button.label)} letters («{button.label}»), shorten it to {LONGEST_BUTTON}"
