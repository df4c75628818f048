"""Everything a machine can check about words: lessons by the rules for authors, catalogues for being complete."""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from bot.core.errors import ContentError
from bot.core.messages import LANGUAGES
from bot.curriculum.check import check
from bot.curriculum.load import load
from bot.texts import DOMAINS

_PLACE = re.compile(r"\{[a-z_]+\}")


def problems(directory: Path | None) -> list[str]:
    """All problems as `file:line: what is wrong, what to do`; empty when all is well."""
    try:
        found = [str(problem) for problem in check(load(directory))]
    except ContentError as error:
        found = str(error).splitlines()
    return found + [line for domain in DOMAINS for line in _catalogues(domain)]


def _catalogues(domain: str) -> Iterator[str]:
    """A sentence must stand in every language, be no guess, and keep its placeholders."""
    template = _read(f"{domain}.pot")
    for language in LANGUAGES:
        name = f"{language}/LC_MESSAGES/{domain}.po"
        translated = _read(name)
        known = {str(m.id) for m in translated if m.id}
        for message in template:
            if message.id and str(message.id) not in known:
                yield f"bot/locales/{name}:1: no entry for “{message.id}”; add it"
        for message in translated:
            if message.id:
                yield from (
                    f"bot/locales/{name}:{message.lineno}: {wrong}"
                    for wrong in _wrongs(str(message.id), str(message.string), message.fuzzy)
                )


def _wrongs(key: str, text: str, is_fuzzy: bool) -> Iterator[str]:  # noqa: FBT001 - a mark of the entry
    if is_fuzzy:
        yield f"“{key}” is marked fuzzy; review it and remove the mark"
    if not text:
        yield f"“{key}” has no text; write it"
    elif set(_PLACE.findall(key)) != set(_PLACE.findall(text)):
        yield f"“{key}” has other placeholders than its source; use the same"


def _read(name: str) -> Catalog:
    path = files("bot") / "locales" / name
    with path.open("rb") as file:
        return read_po(file)
