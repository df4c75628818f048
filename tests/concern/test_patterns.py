"""Patterns match words in their order and reach, and nothing between the lines."""

import pytest

from bot.concern.normalise import normalise
from bot.concern.patterns import Index, parse
from bot.orthography import read

GROUPS = {"pet": "кот|кошка", "animal": "$pet|соба*"}


def _found(pattern: str, text: str) -> bool:
    return any(Index([parse(pattern, GROUPS)]).find(read(text)))


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("кот спит", "мой кот спит", True),
        ("кот спит", "кот не спит", False),
        ("кот ... спит", "кот у нас всегда спит", True),
        ("кот ... спит", "спит кот", False),
        ("кот ... спит", "кот раз два три четыре пять спит", False),
        ("спит & кот", "кот спит", True),
        ("спит & кот", "кот " + "и " * 12 + "спит", False),
        ("соба*", "собакам", True),
        ("соба*", "особа", False),
        ("$animal спит", "Собака спит", True),
        ("$animal спит", "koshka spit", True),
        ("=бил", "он бил", True),
        ("=бил", "он был", False),
        ("мезанад", "намезанад", False),
        ("кот & кот", "кот", False),
    ],
)
def test_a_pattern_matches_as_it_is_read(pattern: str, text: str, expected: bool) -> None:
    assert _found(pattern, text) is expected


def test_several_patterns_are_told_apart() -> None:
    index = Index([parse("кот", GROUPS), parse("кот спит", GROUPS), parse("собака", GROUPS)])
    assert {number for number, _ in index.find(read("кот спит"))} == {0, 1}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("кот раз два три четыре пять шесть спит", True),
        ("кот, бедный, спит", True),
        ("кот ест, а соседка, пришла и рассказала, что, бедный сын её, спит", False),
        ("Кот ест. Соседка спит.", False),
    ],
)
def test_a_comma_between_two_parts_brings_them_apart(text: str, expected: bool) -> None:
    index = Index([parse("спит & кот", GROUPS)])
    found = [match for sentence in normalise(text).sentences for match in index.find(sentence.words, sentence.clauses)]
    assert bool(found) is expected
