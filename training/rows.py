"""Rows: every authored message that training and measuring read, and where each comes from."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.pofile import read_po
from ruamel.yaml import YAML

from bot.concern.lexicon import load_lexicons
from bot.core.cases import Category, Level

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "bot" / "concern" / "corpus"
BENIGN = CORPUS / "benign"
SPLITS = ("train", "development", "test")


@dataclass(frozen=True, slots=True)
class Row:
    """One message of the corpus; `state` is the moment of the conversation, `notes` its kinds."""

    id: str
    text: str
    language: str
    typing: str
    level: Level
    category: Category | None
    state: str
    narrator: str
    split: str
    notes: tuple[str, ...] = ()

    @property
    def is_positive(self) -> bool:
        """Whether a person must see it."""
        return self.level is not Level.NONE


def corpus(split: str) -> list[Row]:
    """The rows of one split, in the order of their files."""
    return [_row(line) for page in sorted((CORPUS / split).glob("*.jsonl")) for line in _lines(page)]


def examples() -> list[Row]:
    """What practitioners wrote beside the concepts of the lexicons, and the lists that the lexicons are tested with."""
    found: list[Row] = []
    for lexicon in load_lexicons():
        for concept in lexicon.concepts:
            found += [_made(text, lexicon.language, concept.level, concept.category) for text in concept.examples]
            found += [_made(text, lexicon.language) for text in concept.counter_examples]
    reports, ordinary, greetings = (list(_table(name)) for name in ("reports", "ordinary", "greetings"))
    found += [_made(text, "", Level(level), Category(kind), _moment(state)) for level, kind, state, text in reports]
    found += [_made(text, "", state=_moment(state)) for state, text in ordinary]
    return [*found, *(_made(text, "") for (text,) in greetings)]


def lessons() -> list[Row]:
    """Every text of the curriculum in both languages: nobody's report, whoever sends it back."""
    reader = YAML(typ="safe", pure=True)
    content = ROOT / "bot" / "curriculum" / "content"
    pages = [reader.load(page.read_text("utf-8")) for page in sorted(content.rglob("*.yaml"))]
    return [_made(text, "", state="reflection") for page in pages for text in _texts(page)]


def own_words() -> list[Row]:
    """What the bot itself says to mothers and staff, in both languages."""
    found: list[Row] = []
    for page in sorted((ROOT / "bot" / "locales").rglob("*.po")):
        with page.open("rb") as opened:
            said = [text for message in read_po(opened) if message.id for text in _said(message.string)]
        found += [_made(text, "") for text in said]
    return found


def _said(string: object) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string) if isinstance(string, (tuple, list)) else ()


def small_talk() -> list[Row]:
    """A sample of Russian small talk (CC0, see the licence beside it)."""
    return [_made(line, "ru") for line in (BENIGN / "small_talk_ru.txt").read_text("utf-8").splitlines() if line]


def _row(line: str) -> Row:
    known = json.loads(line)
    category = known["category"]
    return Row(
        id=known["id"],
        text=known["text"],
        language=known["language"],
        typing=known["typing"],
        level=Level(known["level"]),
        category=Category(category) if category else None,
        state=known["state"],
        narrator=known["narrator"],
        split=known["split"],
        notes=tuple(note for note in known["note"].split(",") if note),
    )


def _made(
    text: str, language: str, level: Level = Level.NONE, category: Category | None = None, state: str = "free"
) -> Row:
    return Row("", text, language, "proper", level, category, state, "ours", "train")


def _moment(state: str) -> str:
    return "free" if state == "-" else state


def _lines(page: Path) -> Iterator[str]:
    return (line for line in page.read_text("utf-8").splitlines() if line)


def _table(name: str) -> Iterator[list[str]]:
    for line in _lines(ROOT / "tests" / "concern" / f"{name}.tsv"):
        if not line.startswith("#"):
            yield line.split("\t")


def _texts(page: object) -> Iterator[str]:
    if isinstance(page, str):
        yield page
    elif isinstance(page, dict):
        for part in page.values():
            yield from _texts(part)
    elif isinstance(page, list):
        for part in page:
            yield from _texts(part)
