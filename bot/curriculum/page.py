"""One YAML page read so that every mistake in it can be named by its line."""

import re
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, ScalarEvent
from ruamel.yaml.parser import Parser
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.scalarstring import LiteralScalarString
from ruamel.yaml.scanner import Scanner

from bot.core.errors import ContentError
from bot.curriculum.model import Place

MOST_BYTES = 64 * 1024
MOST_LEVELS = 6
_LINKS = re.compile(r"(?:^|[\s\[{,:?-])[&*!]|<<", re.MULTILINE)
_TOO_DEEP = "brackets or indents too deep, compare it with another lesson"


@dataclass(frozen=True, slots=True)
class Source:
    """A file of content and the name by which its author knows it."""

    file: Traversable
    name: str

    def wrong(self, line: int, text: str) -> ContentError:
        """The error that names this file, a line of it, and what to do."""
        return ContentError(f"{self.name}:{line}: {' '.join(text.split())}")


def read(source: Source) -> dict[str, Any]:
    """The page as plain mappings, each with its `Place` under `at`; raises `ContentError`."""
    text = _decode(source)
    _refuse_tabs(source, text)
    try:
        _refuse_links(source, text)
        page = _yaml().load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise source.wrong(mark.line + 1 if mark else 1, _in_plain_words(error)) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise source.wrong(line, "a character that cannot be printed, remove it") from None
    except RecursionError:
        raise source.wrong(_deepest(text), _TOO_DEEP) from None
    except (YAMLError, ValueError, TypeError, KeyError):  # ruamel's own way to say: a list as a key, an odd number
        raise source.wrong(1, "this is not YAML, compare it with another lesson") from None
    if not isinstance(page, CommentedMap):
        raise source.wrong(1, "the file must consist of `key: text` pairs, compare it with another lesson")
    return _with_places(source, page, 1, 1)


class _Constructor(RoundTripConstructor):
    """Leaves days as they are written, so that a day that does not exist is told with its line."""


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", RoundTripConstructor.construct_scalar)


def _yaml() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.Constructor = _Constructor
    yaml.Scanner, yaml.Parser = Scanner, Parser  # places, but no comments: collecting them took a sixth of the reading
    return yaml


def _decode(source: Source) -> str:
    try:
        raw = source.file.read_bytes()
    except OSError:
        raise source.wrong(1, "the file cannot be read, add it or take it off the list") from None
    if len(raw) > MOST_BYTES:
        raise source.wrong(1, f"the file is larger than {MOST_BYTES} bytes, divide it")
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise source.wrong(line, "a byte that is not UTF-8, save the file as UTF-8") from None


def _refuse_tabs(source: Source, text: str) -> None:
    for number, line in enumerate(text.split("\n"), start=1):
        if "\t" in line:
            raise source.wrong(number, "a tab character, use spaces")


def _refuse_links(source: Source, text: str) -> None:
    """Refuse what no lesson needs and what makes reading costly: anchors, links, tags."""
    if not _LINKS.search(text):
        return  # nearly every page: reading it a second time for its events would cost as much as the first
    for event in _yaml().parse(text):
        line = event.start_mark.line + 1
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise source.wrong(line, "`&` or `*` before a word is a link in YAML, put the text in quotes")
        if getattr(event, "tag", None):
            raise source.wrong(line, "`!` before a word is a command in YAML, put the text in quotes")
        if isinstance(event, ScalarEvent) and event.value == "<<":
            raise source.wrong(line, "`<<` is a link in YAML, write the text itself")


def _deepest(text: str) -> int:
    """The line with the most brackets."""
    lines = text.split("\n")
    return 1 + max(range(len(lines)), key=lambda n: lines[n].count("[") + lines[n].count("{"))


def _in_plain_words(error: MarkedYAMLError) -> str:
    problem = str(error.problem or "")
    if "duplicate key" in problem:
        return f"{problem.partition(' with')[0].replace('found ', '')} stands twice, remove one"
    return f"this is not YAML ({problem or error.context}), check the indents, colons and quotes"


def _with_places(source: Source, node: CommentedMap, line: int, level: int) -> dict[str, Any]:
    if level > MOST_LEVELS:
        raise source.wrong(line, _TOO_DEEP)
    keys: dict[str, int] = {}
    plain: dict[str, Any] = {}
    for key, value in node.items():
        at = node.lc.key(key)[0] + 1
        keys[str(key)] = at + _lines_before_words(value)
        plain[str(key)] = _plain(source, value, at, str(key), keys, level + 1)
    if "at" in plain:
        raise source.wrong(keys["at"], "unknown key `at`, remove it or correct its spelling")
    return {**plain, "at": Place(source.name, line, keys)}


def _plain(source: Source, value: object, line: int, key: str, keys: dict[str, int], level: int) -> object:
    if isinstance(value, CommentedMap):
        return _with_places(source, value, line, level)
    if isinstance(value, CommentedSeq):
        if level > MOST_LEVELS:
            raise source.wrong(line, _TOO_DEEP)
        for n in range(len(value)):
            keys[f"{key}.{n}"] = value.lc.item(n)[0] + 1
        return [_plain(source, item, keys[f"{key}.{n}"], f"{key}.{n}", keys, level + 1) for n, item in enumerate(value)]
    return str(value) if isinstance(value, str) else value


def _lines_before_words(value: object) -> int:
    """How far below its key a `|` text begins; other texts begin on the line of the key."""
    if not isinstance(value, LiteralScalarString):
        return 0
    return 1 + len(value) - len(value.lstrip("\n"))
