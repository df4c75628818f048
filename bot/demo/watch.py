"""Looks over the engine's shoulder: what was played, from where to where, by which rule, in which commit."""

from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime

from bot.batch import Written
from bot.channels.simulated import REACH
from bot.core.conversation import Conversation, Facts
from bot.core.event import Event
from bot.core.events import ButtonPressed, CommandGiven
from bot.core.ports import Ids
from bot.flows.book import Book
from bot.flows.machine import Played

KEPT = 400
"""Entries of the log that are kept."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One turn: `rules` names what screening found by, `commit` counts the stage's transactions (0: not committed).

    Or a `fault` that came between: the key of its sentence.
    """

    at: datetime
    conversation_id: str
    event: str
    was: str
    now: str
    effects: tuple[str, ...]
    level: str
    rules: tuple[str, ...]
    is_quarantined: bool = False
    commit: int = 0
    fault: str = ""


class WatchedBook(Book):
    """A book that takes notes of what is played; the flows do not know that they are watched.

    On the stage there is always a template: the invented one of its WhatsApp.
    """

    def __init__(self, book: Book) -> None:
        reach = book.policy.silent_reach or REACH
        self.policy = replace(book.policy, silent_reach=reach, is_cover_approved=True)
        self.engine = copy(book.engine)
        self.engine.library = replace(book.engine.library, policy=self.policy)
        self.log: list[Entry] = []
        self._commits = 0

    def play(self, conversation: Conversation, event: Event, facts: Facts, ids: Ids) -> Played:
        """As the book plays."""
        played = super().play(conversation, event, facts, ids)
        self._note(conversation, event, facts, played, is_quarantined=False)
        return played

    def fall_back(self, conversation: Conversation, event: Event, facts: Facts, ids: Ids, inbox_id: str) -> Played:
        """As the book falls back."""
        played = super().fall_back(conversation, event, facts, ids, inbox_id)
        self._note(conversation, event, facts, played, is_quarantined=True)
        return played

    def committed(self, _: Written) -> None:
        """What was noted since the last commit is now in the database."""
        self._commits += 1
        self.log = [replace(e, commit=self._commits) if e.commit == 0 and not e.fault else e for e in self.log[-KEPT:]]

    def rolled_back(self) -> None:
        """What was noted since the last commit never happened."""
        self.log = [entry for entry in self.log if entry.commit or entry.fault]

    def note_fault(self, at: datetime, fault: str) -> None:
        """Something went wrong between the people and the program."""
        self.log.append(Entry(at, "", "", "", "", (), "none", (), fault=fault))

    def _note(self, before: Conversation, event: Event, facts: Facts, played: Played, *, is_quarantined: bool) -> None:
        finding = facts.finding
        effects = tuple(dict.fromkeys(type(effect).__name__ for effect in played.effects))
        self.log.append(
            Entry(
                facts.now, before.id, _name(event), before.state, played.conversation.state, effects,
                finding.level, finding.reasons and (*finding.reasons, finding.rules), is_quarantined,
            )
        )  # fmt: skip


def _name(event: Event) -> str:
    if isinstance(event, ButtonPressed):
        return f"ButtonPressed {event.choice}"
    if isinstance(event, CommandGiven):
        return f"CommandGiven {event.command}"
    return type(event).__name__
