"""The operator's own files, read once at start: help lines, contacts, feasts, and when staff tell others."""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.core.errors import ConfigurationError
from bot.core.feasts import Announced, Feast, Feasts
from bot.core.messages import Language
from bot.core.mistakes import in_plain_words
from bot.core.templates import NO_TEMPLATES, Template, Templates
from bot.flows.policy import Confidentiality, HelpLine
from bot.guidance.model import Referral, Topic

T = TypeVar("T")

_EXAMPLES = re.compile(r"\b(?:намунав|выдуман|invented|пример\b|село-пример|example\b|sample\b)")
_DOCUMENTED = frozenset({
    "он чи менависед, танҳо роҳбалади шумо мехонад. агар ҷони касе дар хатар бошад, мо аввал бо шумо гап мезанем.",
    "то, что вы пишете, читает только ваш фасилитатор. если чья-то жизнь в опасности, мы сначала говорим с вами.",
})  # fmt: skip
"""The words of docs/reference/operator-files.md, which promise what only an operator can."""
_HOURS = re.compile(r"\b\d{1,2}(?::\d\d)?\s*[-–—]\s*\d{1,2}(?::\d\d)?\b")
_MAIL_OR_NAME = re.compile(r"[@\w]{3}")
_EXAMPLE = "compare it with the example in docs/reference/operator-files.md"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Both(_Strict):
    tg: str
    ru: str

    def both(self) -> dict[Language, str]:
        """As flows read it."""
        return {"tg": self.tg, "ru": self.ru}


class _Line(_Strict):
    country: str
    number: str
    text: _Both
    verified_on: date


def _like(pattern: str, advice: str) -> AfterValidator:
    """A text of this shape, or what to do about it."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(advice)
        return text

    return AfterValidator(check)


_NAME = _like(r"[a-z0-9_]{1,512}", "`name` must be as in WhatsApp's manager: small letters, digits and _, correct it")
_LANGUAGE = _like(
    r"[a-z]{2,3}(_[A-Z]{2})?", "`language` must be as in WhatsApp's manager, like ru or en_US, correct it"
)
_WORDS = _like(r"[^\n\t]{1,60}", "each of `parameters` must be one line of at most 60 characters, correct it")
_ACCOUNT = _like(r"[0-9]*", "`account` must be the id of the WhatsApp Business account, only digits, correct it")


class _Template(_Strict):
    name: Annotated[str, _NAME]
    language: Annotated[str, _LANGUAGE]
    parameters: list[Annotated[str, _WORDS]] = []
    buttons: Literal[2] = 2


class _Templates(_Strict):
    account: Annotated[str, _ACCOUNT] = ""
    push: _Template | None = None
    cover: _Template | None = None
    broadcast: _Template | None = None
    daily_reach: Annotated[int, Field(ge=1)] = 250


class _Referral(_Strict):
    district: _Both
    topic: Topic
    name: _Both
    contact: str
    checked_on: date


class _Announced(_Strict):
    feast: Feast
    day: date


class _Confidentiality(_Both):
    reviewer: str
    date: date


def read_help_lines(path: Path | None) -> tuple[HelpLine, ...]:
    """The help lines: a YAML list of country, number, text (tg, ru), verified_on; empty without a file."""
    if path is None:
        return ()
    lines = _read(path, TypeAdapter(list[_Line]))
    return tuple(HelpLine(x.country, x.number, {"tg": x.text.tg, "ru": x.text.ru}, x.verified_on) for x in lines)


def read_referrals(path: Path | None) -> tuple[Referral, ...]:
    """Contacts: a YAML list of district, topic, name, contact, checked_on; empty without a file."""
    if path is None:
        return ()
    found = _read(path, TypeAdapter(list[_Referral]))
    return tuple(Referral(x.district.both(), x.topic, x.name.both(), x.contact.strip(), x.checked_on) for x in found)


def read_feasts(path: Path | None) -> Feasts:
    """Announced days: a YAML list of feast (ramazon, idi_ramazon, idi_qurbon) and day; without a file as expected."""
    if path is None:
        return Feasts()
    told = _read(path, TypeAdapter(list[_Announced]))
    return Feasts(tuple(Announced(one.feast, one.day) for one in told))


def read_confidentiality(path: Path | None) -> Confidentiality | None:
    """The operator's text of S6: a YAML mapping of tg, ru, reviewer, date; None without a file."""
    if path is None:
        return None
    found = _read(path, TypeAdapter(_Confidentiality))
    return Confidentiality({"tg": found.tg, "ru": found.ru}, found.reviewer, found.date)


def read_templates(path: Path | None) -> Templates:
    """What may go on WhatsApp after a day of silence: a YAML mapping of push, cover and broadcast to templates."""
    if path is None:
        return NO_TEMPLATES
    found = _read(path, TypeAdapter(_Templates))
    given = {"push": found.push, "cover": found.cover, "broadcast": found.broadcast}
    templates = {
        purpose: Template(one.name, one.language, tuple(one.parameters), one.buttons)
        for purpose, one in given.items()
        if one is not None
    }
    return Templates(templates, found.account, found.daily_reach)


def is_no_number(text: str) -> bool:
    """Whether nobody can be called by it: no digit but zeros outside of hours such as 9-17."""
    digits = re.sub(r"\D", "", _HOURS.sub(" ", text))
    return not digits.strip("0") and (bool(digits) or not _MAIL_OR_NAME.search(text))


def is_example(*texts: str) -> bool:
    """Whether one of them still says that it is only an example, or is a sentence of the documentation."""
    plain = [" ".join(text.casefold().split()) for text in texts]
    return any(_EXAMPLES.search(text) or text in _DOCUMENTED for text in plain)


def _read(path: Path, shape: TypeAdapter[T]) -> T:
    """Read and check one file; raises ConfigurationError `file: what is wrong` without repeating its contents."""
    try:
        raw: Any = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        return shape.validate_python(raw)
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be read ({error.strerror}); check the path in your settings"
        ) from None
    except (YAMLError, UnicodeDecodeError):
        raise ConfigurationError(f"{path}: is not YAML in UTF-8; {_EXAMPLE}") from None
    except ValidationError as error:
        raise ConfigurationError(f"{path}: {_first(error)}") from None


def _first(error: ValidationError) -> str:
    """The first mistake: in which entry of a list, and what to do about it."""
    first = error.errors(include_input=False, include_url=False)[0]
    if not first["loc"]:
        return f"is empty or of another kind; {_EXAMPLE}"
    entry, *rest = first["loc"]
    if not isinstance(entry, int):
        return in_plain_words(first)
    if not rest:
        return (
            f"entry {entry + 1} must have its own keys; compare it with the example in docs/reference/operator-files.md"
        )
    return f"entry {entry + 1}: {in_plain_words({**first, 'loc': tuple(rest)})}"
