"""The nouns of the programme: curriculum, module, lesson, card, and a text in both languages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    InstanceOf,
    StrictInt,
    StringConstraints,
    model_validator,
)

Language = Literal["tg", "ru"]
LANGUAGES: tuple[Language, ...] = ("tg", "ru")
HELP_LINES = "{help:lines}"

Words = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1)]
ModuleId = Annotated[str, StringConstraints(strict=True, pattern=r"^m[1-9][0-9]?$")]
LessonId = Annotated[str, StringConstraints(strict=True, pattern=r"^[1-9][0-9]?\.[1-9][0-9]?$")]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece of content is written: its file, its line, and the lines of its keys.

    `is_row`: it stands in one row of a table, however many lines its words have.
    """

    file: str = "?"
    line: int = 0
    keys: Mapping[str, int] = field(default_factory=dict)
    is_row: bool = False

    def line_of(self, key: str, below: int = 0) -> int:
        """The line on which the words of `key` begin (or that of the whole piece), or some lines below it."""
        return self.keys.get(key, self.line) + (0 if self.is_row else below)


class Piece(BaseModel):
    """Anything that was read from a file: frozen, without unknown keys, knowing where it stands."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: InstanceOf[Place] = Field(default_factory=Place, exclude=True, repr=False)


class Text(Piece):
    """The same words in Tajik and in Russian."""

    tg: Words
    ru: Words

    def in_language(self, language: Language) -> str:
        """Her words; placeholders stay as they are."""
        return self.tg if language == "tg" else self.ru


class Card(Text):
    """One message of a lesson, with other words for when what it speaks of is not there.

    A card with `{help:lines}` has `without_help`, shown while no help lines are configured; a card
    that tells how to hide the chat has `without_hiding`, shown on channels that cannot delete.
    """

    without_help: Text | None = None
    without_hiding: Text | None = None

    @property
    def names_help(self) -> bool:
        """Whether help lines stand in this card."""
        return HELP_LINES in self.tg or HELP_LINES in self.ru

    def shown(self, language: Language, help_lines: str = "", *, can_hide: bool = True) -> str:
        """The card as she sees it: `help_lines` filled in, or the words for when something is missing."""
        if self.without_help and not help_lines:
            return self.without_help.in_language(language)
        if self.without_hiding and not can_hide:
            return self.without_hiding.in_language(language)
        return self.in_language(language).replace(HELP_LINES, help_lines)


class Review(Piece):
    """Who wrote a page, who read it, and when; without both readers it is a draft."""

    author: Words
    native_tg_reviewer: Words | None
    safeguarding_reviewer: Words | None
    date: date

    @property
    def is_complete(self) -> bool:
        """Whether a native speaker and a safeguarding reader have both signed."""
        return bool(self.native_tg_reviewer and self.safeguarding_reviewer)


class Lesson(Piece):
    """One short reading: cards, a prompt, a practice for home, and the question how it went."""

    id: LessonId
    version: Annotated[StrictInt, Field(ge=1)]
    title: Text
    push: Text
    cards: Annotated[tuple[Card, ...], Field(min_length=1, max_length=3)]
    prompt: Text
    store: Literal["private", "never"]
    practice: Text
    practice_calm: Text
    check_in: Text
    check_in_done: Text
    check_in_hard: Text
    signs: bool = False
    long_sentences: tuple[Words, ...] = ()
    review: Review

    def texts(self) -> Iterator[tuple[str, Text]]:
        """Every text by its name, in the order in which she meets them; variants follow their card."""
        yield from (("title", self.title), ("push", self.push))
        for n, card in enumerate(self.cards):
            yield f"cards.{n}", card
            if card.without_help:
                yield f"cards.{n}.without_help", card.without_help
            if card.without_hiding:
                yield f"cards.{n}.without_hiding", card.without_hiding
        yield from (("prompt", self.prompt), ("practice", self.practice), ("practice_calm", self.practice_calm))
        yield "check_in", self.check_in
        yield from (("check_in_done", self.check_in_done), ("check_in_hard", self.check_in_hard))


class Module(Piece):
    """What fills the time between two sessions: an opening, its lessons, a closing."""

    id: ModuleId
    title: Text
    opening: Text
    closing: Text
    recap: Text
    lessons: Annotated[tuple[Lesson, ...], Field(min_length=1)]
    long_sentences: tuple[Words, ...] = ()
    review: Review

    @property
    def number(self) -> int:
        """Its place in the programme as mothers hear it: 1 for `m1`."""
        return int(self.id[1:])

    def texts(self) -> Iterator[tuple[str, Text]]:
        """Every text of the module itself by its name, without those of its lessons."""
        yield from (("title", self.title), ("opening", self.opening))
        yield from (("closing", self.closing), ("recap", self.recap))


class Question(Text):
    """One measured question, and which five answers it has."""

    id: Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z]{1,20}$")]
    scale: Literal["agree", "days"]


Scale = Annotated[tuple[Text, ...], Field(min_length=5, max_length=5)]


class Scales(Piece):
    """Five answers each, from the least to the most."""

    agree: Scale
    days: Scale


class Measures(Piece):
    """Short questions asked before, in the middle and after; an answer is a number from 1 to 5."""

    intro: Text
    thanks: Text
    scales: Scales
    questions: Annotated[tuple[Question, ...], Field(min_length=1)]
    long_sentences: tuple[Words, ...] = ()
    review: Review

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        ids = [question.id for question in self.questions]
        for name in ids:
            if ids.count(name) > 1:
                raise ValueError(f"the question {name} stands twice, keep one")
        return self

    def answers(self, question: Question) -> Scale:
        """The five answers to a question."""
        return self.scales.agree if question.scale == "agree" else self.scales.days

    def texts(self) -> Iterator[tuple[str, Text]]:
        """Every text by its name, in the order in which she meets them."""
        yield "intro", self.intro
        yield from ((f"questions.{n}", question) for n, question in enumerate(self.questions))
        for name, scale in (("agree", self.scales.agree), ("days", self.scales.days)):
            yield from ((f"scales.{name}.{n}", answer) for n, answer in enumerate(scale))
        yield "thanks", self.thanks


Page = Module | Lesson | Measures


class Curriculum(Piece):
    """The whole programme in its order; `history` are earlier versions of lessons for those in the middle of one."""

    version: Words
    modules: Annotated[tuple[Module, ...], Field(min_length=1)]
    history: tuple[Lesson, ...] = ()
    measures: Measures | None = None

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        ids = [lesson.id for lesson in self.lessons()] + [module.id for module in self.modules]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands twice, keep one")
        for old in self.history:
            now = self._by_id.get(old.id)
            if now is None or old.version >= now[2].version:
                raise ValueError(f"history/{old.id}.v{old.version}.yaml is no earlier version of a lesson, remove it")
        return self

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with other fields; what was looked up in this one is looked up anew in it."""
        copied = super().model_copy(update=update, deep=deep)
        for looked_up in ("_by_id", "_kept", "_lessons"):
            copied.__dict__.pop(looked_up, None)
        return copied

    def lessons(self) -> Iterator[Lesson]:
        """Every lesson, first to last."""
        return iter(self._lessons)

    @cached_property
    def _lessons(self) -> tuple[Lesson, ...]:
        return tuple(lesson for module in self.modules for lesson in module.lessons)

    @cached_property
    def _by_id(self) -> dict[str, tuple[int, Module, Lesson]]:
        pairs = ((module, lesson) for module in self.modules for lesson in module.lessons)
        return {lesson.id: (n, module, lesson) for n, (module, lesson) in enumerate(pairs, start=1)}

    def lesson(self, lesson_id: str) -> Lesson:
        """The lesson of that id; raises `KeyError` when there is none."""
        return self._by_id[lesson_id][2]

    def kept(self, lesson_id: str, version: object) -> Lesson | None:
        """An earlier version of a lesson, or None when it is not kept."""
        return self._kept.get((lesson_id, version))

    @cached_property
    def _kept(self) -> dict[tuple[str, object], Lesson]:
        return {(old.id, old.version): old for old in reversed(self.history)}

    def module(self, module_id: str) -> Module:
        """The module of that id (`m1`); raises `KeyError` when there is none."""
        return {module.id: module for module in self.modules}[module_id]

    def module_of(self, lesson_id: str) -> Module:
        """The module to which a lesson belongs; raises `KeyError` when there is no such lesson."""
        return self._by_id[lesson_id][1]

    def next_lesson(self, after_id: str | None = None) -> Lesson | None:
        """The lesson that follows `after_id` (without it the first one), or None after the last."""
        n = self.position(after_id)[0] if after_id is not None else 0
        return next((lesson for at, _, lesson in self._by_id.values() if at == n + 1), None)

    def position(self, lesson_id: str) -> tuple[int, int]:
        """Which lesson of how many it is: `(n, N)`, counted from 1 through the whole programme."""
        return self._by_id[lesson_id][0], len(self._by_id)

    def unreviewed(self) -> tuple[str, ...]:
        """The ids of modules and lessons (and `measures`) that still wait for a reader, in their order."""
        reviews = {
            name: review
            for module in self.modules
            for name, review in ((module.id, module.review), *((page.id, page.review) for page in module.lessons))
        }
        if self.measures is not None:
            reviews["measures"] = self.measures.review
        return tuple(name for name, review in reviews.items() if not review.is_complete)

    @property
    def is_reviewed(self) -> bool:
        """Whether every module and every lesson has been read by both readers."""
        return not self.unreviewed()
