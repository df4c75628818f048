"""Lexicons: the words that practitioners own, one file per language, read once at the start."""

from enum import StrEnum
from importlib import resources
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.concern.patterns import parse
from bot.core.cases import Category, Level
from bot.core.errors import ContentError

LANGUAGES = ("tg", "ru", "uz")
Patterns = tuple[Annotated[str, Field(min_length=2)], ...]


class Context(StrEnum):
    """What may stand around a wording and make it something else than a report."""

    OWN = "own"
    PAST = "past"
    RESOLVED = "resolved"
    HYPOTHETICAL = "hypothetical"
    NEWS = "news"
    LESSON = "lesson"
    KITCHEN = "kitchen"
    GAME = "game"
    LAUGHTER = "laughter"
    FAITH = "faith"


class Label(BaseModel):
    """What staff read instead of a concept's name: a few neutral words in each of their languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tg: Annotated[str, Field(min_length=3, max_length=60)]
    ru: Annotated[str, Field(min_length=3, max_length=60)]


class Concept(BaseModel):
    """One thing that a person must see, with the wordings that say it.

    `firm` wordings are a report in the first person, or of her own child, of harm that is present: no
    context lowers them and they need nobody's consent.  `patterns` are mostly reports: they speak together with the
    model.  `hints` are wordings that ordinary life uses too: alone they say nothing, they only bring the model
    nearer to its threshold.  A wording of `unless` in the same sentence takes away `patterns` and `hints`,
    never `firm`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern="^[a-z_]+$")]
    level: Level
    category: Category
    label: Label
    firm: Patterns = ()
    patterns: Patterns = ()
    hints: Patterns = ()
    unless: Patterns = ()
    examples: Annotated[tuple[str, ...], Field(min_length=1)]
    counter_examples: tuple[str, ...] = ()


class Lexicon(BaseModel):
    """The concepts of one language with its groups of words, negations, idioms and contexts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: str
    groups: dict[str, str]
    negation_before: tuple[str, ...] = ()
    negation_after: tuple[str, ...] = ()
    idioms: Patterns = ()
    contexts: dict[Context, Patterns]
    concepts: tuple[Concept, ...]

    @model_validator(mode="after")
    def _every_pattern_can_be_read(self) -> Self:
        wordings = [text for one in self.concepts for text in (*one.firm, *one.patterns, *one.hints, *one.unless)]
        for text in (*wordings, *self.idioms, *(text for texts in self.contexts.values() for text in texts)):
            parse(text, self.groups)
        return self


def load_lexicons() -> tuple[Lexicon, ...]:
    """The lexicons of the package; raises `ContentError` that names the file."""
    return tuple(_load(f"{language}.yaml") for language in LANGUAGES)


def _load(name: str) -> Lexicon:
    page = resources.files("bot.concern").joinpath("lexicons", name)
    try:
        return Lexicon.model_validate(YAML(typ="safe", pure=True).load(page.read_text("utf-8")))
    except (YAMLError, ValidationError, ContentError) as problem:
        raise ContentError(f"{name}: {problem}") from problem
