"""Guidance as values: a card for each category and level, and the topics by which contacts are found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.core.cases import Category, Level
from bot.core.messages import Language

Both = Mapping[Language, str]
"""A text in each language."""


class Section(StrEnum):
    """The parts of a card, in the order in which they are read."""

    LISTEN = "listen"
    SAFETY = "safety"
    ASK = "ask"
    PROMISE = "promise"
    SUPERVISOR = "supervisor"


class Topic(StrEnum):
    """What a contact of the operator's file helps with."""

    VIOLENCE = "violence"
    CHILDREN = "children"
    HEALTH = "health"
    MIND = "mind"
    YOUTH = "youth"
    WORK = "work"
    LAW = "law"


@dataclass(frozen=True, slots=True)
class Review:
    """Who has read the cards of a category: a native reader of each language and a trained practitioner."""

    tg: str | None
    ru: str | None
    practitioner: str | None

    @property
    def is_done(self) -> bool:
        """Whether all three have."""
        return all((self.tg, self.ru, self.practitioner))


@dataclass(frozen=True, slots=True)
class Card:
    """What to do in a case of one category and level; `category` None: it is not clear what it is about."""

    category: Category | None
    level: Level
    sections: Mapping[Section, Both]
    topics: tuple[Topic, ...]
    is_reviewed: bool


@dataclass(frozen=True, slots=True)
class Referral:
    """A contact of the operator's file: who helps with what in which district, and when that was last checked."""

    district: Both
    topic: Topic
    name: Both
    contact: str
    checked_on: date


@dataclass(frozen=True, slots=True)
class Guidance:
    """All cards."""

    cards: Mapping[tuple[Category | None, Level], Card]

    def card(self, category: str, level: Level) -> Card:
        """The card of a category; for one that is not known, the card for what is not clear."""
        known = Category(category) if category in set(Category) else None
        return self.cards[known, Level.URGENT if level is Level.URGENT else Level.CONCERN]

    def unreviewed(self) -> tuple[str, ...]:
        """The categories whose cards nobody has reviewed yet."""
        waiting = {str(card.category or "unclear") for card in self.cards.values() if not card.is_reviewed}
        return tuple(sorted(waiting))
