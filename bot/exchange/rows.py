"""Every text of ours as a row: where it stands, what it is called, and its words in both languages."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

from bot.content_check import LOCALES, read_catalogue
from bot.core.messages import LANGUAGES, Language
from bot.curriculum.load import MEASURES
from bot.curriculum.model import Curriculum, Page
from bot.texts import DOMAINS

LESSONS = "lessons"
SHIPPED: Traversable = files("bot.curriculum") / "content"


@dataclass(frozen=True, slots=True)
class Row:
    """A text in both languages; `where` is its page (`m1/1.1.yaml`) or catalogue, `name` what it is called there.

    `english` is the source of a catalogue's entry, empty for a lesson; `note` tells a translator what it is.
    """

    where: str
    name: str
    note: str
    english: str
    texts: dict[Language, str]

    @property
    def key(self) -> tuple[str, str]:
        """What no other row shares."""
        return self.where, self.name

    @property
    def domain(self) -> str:
        """`lessons`, or the catalogue it stands in."""
        return self.where if self.where in DOMAINS else LESSONS

    @property
    def mark(self) -> str:
        """Eight letters that change when its words do, so that a row that went out earlier is known."""
        words = "\x1f".join((*self.key, self.texts["tg"], self.texts["ru"]))
        return sha256(words.encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Given:
    """What came back for one text in one language: from which row of which file, and the mark it went out with."""

    file: str
    row: int
    key: tuple[str, str]
    language: Language
    words: str
    mark: str


def pages(curriculum: Curriculum) -> dict[str, Page]:
    """Every page of the curriculum by its path within the folder."""
    found: dict[str, Page] = {}
    for module in curriculum.modules:
        found[f"{module.id}/module.yaml"] = module
        found.update({f"{module.id}/{lesson.id}.yaml": lesson for lesson in module.lessons})
    if curriculum.measures is not None:
        found[MEASURES] = curriculum.measures
    return found


def rows(curriculum: Curriculum, locales: Traversable = LOCALES) -> list[Row]:
    """All of them: lessons in the order in which she reads them, then the catalogues in theirs."""
    return [*_of_lessons(curriculum), *(row for domain in DOMAINS for row in _of_catalogue(domain, locales))]


def _of_lessons(curriculum: Curriculum) -> Iterator[Row]:
    for where, page in pages(curriculum).items():
        for name, text in page.texts():
            yield Row(where, name, _NOTES.get(name.partition(".")[0], ""), "", {"tg": text.tg, "ru": text.ru})


def _of_catalogue(domain: str, locales: Traversable) -> Iterator[Row]:
    catalogues = {language: read_catalogue(f"{language}/LC_MESSAGES/{domain}.po", locales) for language in LANGUAGES}
    for message in read_catalogue(f"{domain}.pot", locales):
        if not message.id:
            continue
        key = str(message.id)
        texts: dict[Language, str] = {}
        for language, catalogue in catalogues.items():
            entry = catalogue.get(key)
            texts[language] = str(entry.string) if entry is not None else ""
        yield Row(domain, key, " ".join(message.auto_comments), key, texts)


_NOTES = {
    "scales": "An answer on a button: at most 20 letters.",
    "title": "A title: at most 24 characters for a lesson, 60 for a module.",
    "push": "May be read by others on a locked screen: nothing about the programme, help or feelings in it.",
    "cards": "One message: at most 320 characters, at most 12 words a sentence. Keep {help:lines} as it is.",
    "recap": "Three lines, for a mother who missed the session.",
    "prompt": "A question about her own view and feeling, never about names, places or what others did.",
    "practice_calm": "Instead of the practice, on a day when it is not safe. It asks for no reason.",
}
