"""Reads the cards of guidance, one YAML file per category, and refuses what is not whole."""

from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.core.cases import Category, Level
from bot.core.errors import ContentError
from bot.core.mistakes import in_plain_words
from bot.guidance.model import Card, Guidance, Review, Section, Topic

LONGEST = 420
"""Letters of one section at most: a card is read in a minute, on a small screen."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class _Both(_Strict):
    tg: str = Field(min_length=1, max_length=LONGEST)
    ru: str = Field(min_length=1, max_length=LONGEST)


class _Shared(_Strict):
    listen: _Both
    promise: _Both


class _ByLevel(_Strict):
    safety: _Both
    ask: _Both
    supervisor: _Both


class _Review(_Strict):
    tg: str | None
    ru: str | None
    practitioner: str | None


class _File(_Strict):
    category: Category | Literal[""]
    version: int = Field(ge=1)
    review: _Review
    topics: tuple[Topic, ...] = Field(min_length=1)
    both: _Shared
    concern: _ByLevel
    urgent: _ByLevel


@cache
def load_guidance() -> Guidance:
    """The cards of the package, read the first time; raises ContentError that names the file."""
    folder = files("bot.guidance") / "cards"
    pages = sorted((page for page in folder.iterdir() if page.name.endswith(".yaml")), key=lambda page: page.name)
    found = [card for page in pages for card in _cards(read(page.name, page.read_text("utf-8")))]
    missing = {(category, level) for category in (None, *Category) for level in (Level.CONCERN, Level.URGENT)}
    missing -= {(card.category, card.level) for card in found}
    if missing:
        raise ContentError(f"guidance/cards: no card for {sorted(str(category) for category, _ in missing)}; add one")
    return Guidance({(card.category, card.level): card for card in found})


def read(name: str, text: str) -> _File:
    """One file; raises ContentError `file: where: what is wrong`."""
    try:
        return _File.model_validate(YAML(typ="safe", pure=True).load(text))
    except YAMLError:
        raise ContentError(f"guidance/cards/{name}: is not YAML; compare it with its neighbours") from None
    except ValidationError as problem:
        first = problem.errors(include_input=False, include_url=False)[0]
        raise ContentError(f"guidance/cards/{name}: {in_plain_words(first)}") from None


def _cards(page: _File) -> list[Card]:
    review = Review(page.review.tg, page.review.ru, page.review.practitioner)
    category = page.category or None
    return [
        Card(category, level, _sections(page.both, by_level), page.topics, review.is_done)
        for level, by_level in ((Level.CONCERN, page.concern), (Level.URGENT, page.urgent))
    ]


def _sections(both: _Shared, by_level: _ByLevel) -> dict[Section, dict[Literal["tg", "ru"], str]]:
    texts: dict[str, _Both] = {**dict(both), **dict(by_level)}
    return {section: {"tg": texts[section].tg, "ru": texts[section].ru} for section in Section}
