"""New words put into a page or a catalogue; every other byte of the file stays as its authors left it."""

from collections.abc import Mapping, Sequence
from typing import Any

from babel.messages.pofile import normalize, read_po
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node

from bot.core.messages import Language

_LINE = 110
_INDENT = 2
_SIGNED: dict[Language, tuple[str, ...]] = {
    "tg": ("native_tg_reviewer", "safeguarding_reviewer"),
    "ru": ("safeguarding_reviewer",),
}


def page(text: str, changes: Mapping[tuple[str, Language], str]) -> str:
    """A YAML page with new words by (name, language); its version is raised, and who signed the old words must anew."""
    for (name, language), words in changes.items():
        text = _put(text, (*name.split("."), language), words)
    for reviewer in {reviewer for _, language in changes for reviewer in _SIGNED[language]}:
        text = _put(text, ("review", reviewer), None)
    present = version(text)
    return text if present is None else _replaced(text, _find(_compose(text), ("version",))[1], str(present + 1))


def version(text: str) -> int | None:
    """The version of a lesson's page; None for a module, which has none."""
    return next((int(value.value) for key, value in _compose(text).value if key.value == "version"), None)


def catalogue(text: str, changes: Mapping[str, str]) -> str:
    """A gettext catalogue with new words by their English source; remarks and order stay."""
    lines = text.splitlines(keepends=True)
    found = read_po(text.encode().splitlines(keepends=True))
    at = {key: (found.get(key), words) for key, words in changes.items()}
    for message, words in sorted(((m, w) for m, w in at.values() if m), key=lambda pair: -(pair[0].lineno or 0)):
        begin = next(n for n in range((message.lineno or 1) - 1, len(lines)) if lines[n].startswith("msgstr "))
        end = next((n for n in range(begin + 1, len(lines)) if not lines[n].startswith('"')), len(lines))
        lines[begin:end] = [f"msgstr {normalize(words, width=_LINE)}\n"]
    return "".join(lines)


def _put(text: str, path: Sequence[str], words: str | None) -> str:
    key, value = _find(_compose(text), path)
    new = "null" if words is None else _scalar(words, key.start_mark.column + _INDENT)
    return _replaced(text, value, new)


def _replaced(text: str, node: Node, new: str) -> str:
    begin, end = node.start_mark.index, node.end_mark.index
    old = text[begin:end]
    return text[:begin] + new + old[len(old.rstrip()) :] + text[end:]


def _find(node: Any, path: Sequence[str]) -> tuple[Node, Node]:  # noqa: ANN401 - ruamel's nodes are not typed
    """The nodes of a key and of its value; a number names the entry of a list."""
    key = node
    for step in path:
        if isinstance(node, MappingNode):
            key, node = next(pair for pair in node.value if pair[0].value == step)
        else:
            key = node = node.value[int(step)]
    return key, node


def _compose(text: str) -> Any:  # noqa: ANN401 - ruamel's nodes are not typed
    return YAML(typ="rt", pure=True).compose(text)


def _scalar(words: str, indent: int) -> str:
    """Words as YAML: on the line of their key when that is plain, else below a `|`."""
    if _is_plain(words):
        return words
    margin = " " * indent
    return "|\n" + "\n".join(margin + line if line else "" for line in words.split("\n"))


def _is_plain(words: str) -> bool:
    if "\n" in words or words[0] in "\"'«":
        return False
    try:
        return bool(YAML(typ="safe", pure=True).load(f"key: {words}\n") == {"key": words})
    except YAMLError:
        return False
