"""The operator's own files, read once at start: help lines, and the text on when staff may or must tell others."""

from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.core.errors import ConfigurationError
from bot.flows.policy import Confidentiality, HelpLine

T = TypeVar("T")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Both(_Strict):
    tg: str
    ru: str


class _Line(_Strict):
    country: str
    number: str
    text: _Both
    verified_on: date


class _Confidentiality(_Both):
    reviewer: str
    date: date


def read_help_lines(path: Path | None) -> tuple[HelpLine, ...]:
    """The help lines: a YAML list of country, number, text (tg, ru), verified_on; empty without a file."""
    if path is None:
        return ()
    lines = _read(path, TypeAdapter(list[_Line]))
    return tuple(HelpLine(x.country, x.number, {"tg": x.text.tg, "ru": x.text.ru}, x.verified_on) for x in lines)


def read_confidentiality(path: Path | None) -> Confidentiality | None:
    """The operator's text of S6: a YAML mapping of tg, ru, reviewer, date; None without a file."""
    if path is None:
        return None
    found = _read(path, TypeAdapter(_Confidentiality))
    return Confidentiality({"tg": found.tg, "ru": found.ru}, found.reviewer, found.date)


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
        raise ConfigurationError(f"{path}: is not YAML in UTF-8; compare it with the example in docs/how-to") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"{path}: {where}: {first['msg']}") from None
