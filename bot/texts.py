"""The bot's own sentences in Tajik and Russian, from the gettext catalogues in `locales`.

Two catalogues for two kinds of reviewers: `mothers` (read by mothers; safety and native review) and `staff`.
The key of a sentence is its English source text; `{name}` is replaced by a given value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from babel.messages.pofile import read_po

from bot.core.errors import ContentError
from bot.core.messages import LANGUAGES, Language

DOMAINS = ("mothers", "staff")


@dataclass(frozen=True, slots=True)
class Texts:
    """All sentences, by language and key."""

    sentences: Mapping[Language, Mapping[str, str]]

    def say(self, language: Language, key: str, **values: object) -> str:
        """The sentence in that language with its values put in; raises ContentError for a key without a text."""
        sentence = self.sentences[language].get(key)
        if not sentence:
            raise ContentError(f"locales/{language}: no text for “{key}”; add it to the catalogue")
        return sentence.format_map(values) if values else sentence


@cache
def load_texts() -> Texts:
    """The shipped catalogues; reads files the first time."""
    return Texts({language: _read(language) for language in LANGUAGES})


def _read(language: Language) -> dict[str, str]:
    found: dict[str, str] = {}
    for domain in DOMAINS:
        path = files("bot") / "locales" / language / "LC_MESSAGES" / f"{domain}.po"
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language, domain=domain)
        found |= {str(m.id): str(m.string) for m in catalogue if m.id and m.string and not m.fuzzy}
    return found
