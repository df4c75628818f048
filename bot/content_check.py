"""Everything a machine can check about words: lessons, the catalogues of the bot, and the way through both."""

import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from bot.core.errors import ContentError
from bot.core.messages import LANGUAGES, Language
from bot.curriculum.check import Problem, check
from bot.curriculum.load import load
from bot.curriculum.model import Curriculum
from bot.curriculum.neutral import LOCK_SCREEN, offending
from bot.curriculum.wording import familiar, numbers_and_links, spelling
from bot.flows.book import Book
from bot.flows.policy import Policy
from bot.flows.walk import LONGEST_BUTTON, stops
from bot.texts import DOMAINS, Texts, load_texts

LOCALES = files("bot") / "locales"
_PLACE = re.compile(r"\{[a-z_]+\}")
_BUTTON, _LOCKED_SCREEN = "Button, ", "May be read by others on a locked screen"
"""Marks in the remarks of an entry, by which translators and this check know what it is."""


def problems(directory: Path | None, locales: Traversable = LOCALES) -> list[str]:
    """All problems as `file:line: what is wrong, what to do`; empty when all is well."""
    found = [line for domain in DOMAINS for line in _catalogues(domain, locales)]
    found += _twins(locales)
    try:
        curriculum = load(directory)
    except ContentError as error:
        return [*str(error).splitlines(), *found]
    found = [*map(str, check(curriculum)), *found]
    return found or [str(problem) for problem in ways(curriculum, load_texts())]


def faults(message: Message, text: str, domain: str, language: Language) -> Iterator[str]:
    """What is wrong with `text` as the translation of a catalogue's entry, and what to do."""
    key = str(message.id)
    if not text.strip():
        yield f"“{_short(key)}” has no text; write it"
        return
    if set(_PLACE.findall(key)) != set(_PLACE.findall(text)):
        yield f"“{_short(key)}” has other placeholders than its source; use the same"
    remarks = " ".join(message.auto_comments)
    if _BUTTON in remarks and len(_PLACE.sub("00", text)) > LONGEST_BUTTON:
        yield f"a button of {len(text)} letters; shorten it to {LONGEST_BUTTON}"
    if _LOCKED_SCREEN in remarks and (found := offending(text)):
        yield f"«{found}» in the first {LOCK_SCREEN} characters of a line for a locked screen; say nothing of it there"
    words = _PLACE.sub(lambda place: " " * len(place[0]), text)
    slips = [*spelling(words, language), *familiar(words, language)]
    if domain == "mothers":
        slips += numbers_and_links(words)
    yield from (slip.what for slip in slips)


def _catalogues(domain: str, locales: Traversable) -> Iterator[str]:
    """A sentence must stand in every language, be no guess, and keep the rules."""
    template = read_catalogue(f"{domain}.pot", locales)
    catalogues = {language: read_catalogue(f"{language}/LC_MESSAGES/{domain}.po", locales) for language in LANGUAGES}
    for language, translated in catalogues.items():
        name = f"bot/locales/{language}/LC_MESSAGES/{domain}.po"
        for message in template:
            if message.id and translated.get(str(message.id)) is None:
                yield f"{name}:1: no entry for “{_short(str(message.id))}”; add it"
        for message in translated:
            if message.id:
                wrongs = _wrongs(message, domain, language, catalogues)
                yield from (f"{name}:{message.lineno}: {wrong}" for wrong in wrongs)


def _twins(locales: Traversable) -> Iterator[str]:
    """A sentence that stands in both catalogues must say the same in both: only one of them is used."""
    for language in LANGUAGES:
        first, second = (read_catalogue(f"{language}/LC_MESSAGES/{domain}.po", locales) for domain in DOMAINS)
        for message in first:
            twin = second.get(str(message.id)) if message.id else None
            if twin is not None and twin.string != message.string:
                where = f"bot/locales/{language}/LC_MESSAGES/{DOMAINS[0]}.po:{message.lineno}"
                yield f"{where}: “{_short(str(message.id))}” says something else in {DOMAINS[1]}.po; make them equal"


def _wrongs(message: Message, domain: str, language: Language, catalogues: dict[Language, Catalog]) -> Iterator[str]:
    if message.fuzzy:
        yield f"“{_short(str(message.id))}” is marked fuzzy; review it and remove the mark"
    texts = {str(entry.string) for other in catalogues.values() if (entry := other.get(str(message.id)))}
    if len(texts) > 1 or not message.string:  # the same in both languages: names of the languages themselves
        yield from faults(message, str(message.string), domain, language)


def ways(curriculum: Curriculum, texts: Texts) -> Iterator[Problem]:
    """Every page can be reached and left in both languages, and what it sends fits every channel."""
    book = Book(curriculum, texts, Policy())
    for language in LANGUAGES:
        for stop in stops(book, language):
            at = curriculum.lesson(stop.lesson).at
            yield Problem(at.file, at.line, f"{stop.language}: {stop.text}")


def read_catalogue(name: str, locales: Traversable = LOCALES) -> Catalog:
    """A catalogue or template by its path within `locales`."""
    with locales.joinpath(*name.split("/")).open("rb") as file:
        return read_po(file)


def _short(key: str) -> str:
    line = " ".join(key.split())
    return line if len(line) <= LOCK_SCREEN else f"{line[:LOCK_SCREEN]}…"
