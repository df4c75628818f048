"""The sentences that mothers read: complete in both languages, with the same placeholders, none left over."""

import ast
import re
import unicodedata
from importlib.resources import files

import polib
import pytest

from bot.core.messages import LANGUAGES
from bot.curriculum.wording import ALPHABETS
from bot.flows.preferences import DAY_SETS
from bot.flows.tables import MOTHERS
from bot.orthography.commands import command

FLOWS = files("bot") / "flows"
OTHERS = {"enlist"}
"""Strangers' flows that speak with staff's sentences."""
PLACEHOLDER = re.compile(r"\{\w+\}")


def catalogue(language):
    return polib.pofile(str(files("bot") / "locales" / language / "LC_MESSAGES" / "mothers.po"))


def modules():
    """The source of every module whose flows or helpers speak with mothers."""
    names = {row.do.__module__ for flow in MOTHERS for row in flow.transitions if row.do is not None}
    names |= {state.screen.__module__ for flow in MOTHERS for state in flow.states}
    names |= {f"bot.flows.{name}" for name in ("pace", "hearing", "alarm", "screens", "course", "notice")}
    short = {name.rpartition(".")[2] for name in names if name.startswith("bot.flows.")} - OTHERS - {"turn"}
    return {name: ast.parse((FLOWS / f"{name}.py").read_text("utf-8")) for name in sorted(short)}


def keys():
    """Every sentence these modules say: the literal (or constant) given to text, button, say, in_both, refuse_code."""
    found = {label for label, _ in DAY_SETS}
    for tree in modules().values():
        constants = dict(filter(None, map(constant_of, tree.body)))
        calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
        found |= {said for call in calls if (said := said_by(call, constants))}
    return found


def constant_of(node):
    """The name and text of a constant."""
    is_text = (
        isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    )
    return (node.targets[0].id, node.value.value) if is_text else None


def said_by(call, constants):
    """The sentence that a call says."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    at = {"text": 0, "button": 0, "in_both": 1, "refuse_code": 1, "say": 1}.get(name, 99)
    if len(call.args) <= at:
        return None
    argument = call.args[at]
    return argument.value if isinstance(argument, ast.Constant) else constants.get(getattr(argument, "id", ""))


def test_the_walk_finds_the_sentences():
    found = keys()
    assert len(found) > 90
    assert "Are you 18 or older?" in found
    assert any(key.startswith("This code does not open anything") for key in found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_stands_in_the_catalogue_and_nothing_is_left_over(language):
    texts = {entry.msgid: entry.msgstr for entry in catalogue(language) if not entry.fuzzy}
    assert keys() == set(texts)
    assert all(texts.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_the_same_in_every_language(language):
    for entry in catalogue(language):
        assert sorted(PLACEHOLDER.findall(entry.msgid)) == sorted(PLACEHOLDER.findall(entry.msgstr)), entry.msgid


def test_the_template_has_the_same_sentences_in_the_same_order():
    template = polib.pofile(str(files("bot") / "locales" / "mothers.pot"))
    for language in LANGUAGES:
        assert [entry.msgid for entry in template] == [entry.msgid for entry in catalogue(language)]
        assert [entry.comment for entry in template] == [entry.comment for entry in catalogue(language)]
    assert not any(entry.msgstr for entry in template)


def test_a_tajik_noun_stays_singular_after_a_numeral():
    assert catalogue("tg").metadata["Plural-Forms"] == "nplurals=1; plural=0;"
    assert catalogue("ru").metadata["Plural-Forms"].startswith("nplurals=3;")


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_are_those_of_the_language(language):
    for entry in catalogue(language):
        text = re.sub(r"Telegram|WhatsApp|\bKB\b", "", PLACEHOLDER.sub("", entry.msgstr)).lower()
        assert unicodedata.is_normalized("NFC", entry.msgstr)
        assert {letter for letter in text if letter.isalpha()} <= ALPHABETS[language], entry.msgid


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_addressed_familiarly_or_told_that_something_is_secret_or_safe(language):
    never = {
        "tg": r"\b(ту|туро|худат|бехатар|махфӣ|сирр)\b",
        "ru": r"\b(ты|тебя|тебе|твой|твоя|безопасн\w+|тайн\w+|секрет\w+|анонимн\w+)\b",
    }[language]
    for entry in catalogue(language):
        assert not re.search(never, entry.msgstr.lower()), entry.msgid


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_that_she_is_told_to_write_are_understood(language):
    told = {word for entry in catalogue(language) for word in re.findall(r"«([^»]+)»", entry.msgstr)}
    assert len(told) >= 4
    assert {command(word) for word in told} == {"stop", "start", "help", "delete_me"}
    buttons = {entry.msgid: entry.msgstr for entry in catalogue(language)}
    like = "Help Hide Start Pause Open Later Now Skip Menu Yes".split()
    assert [command(buttons[key]) for key in like] == [key.lower() for key in like]
