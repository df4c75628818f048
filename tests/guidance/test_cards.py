"""The cards of guidance: whole, in both languages, and never what must not be said."""

import re
import unicodedata

import pytest

from bot.core.cases import Category, Level
from bot.core.errors import ContentError
from bot.core.messages import LANGUAGES
from bot.curriculum.wording import ALPHABETS
from bot.guidance.load import load_guidance, read
from bot.guidance.model import Section, Topic

GUIDANCE = load_guidance()
CARDS = list(GUIDANCE.cards.values())
# What a card may say only to forbid it: these words stand in the part of what not to promise or not to do.
FORBIDDEN = {
    "ru": r"\b(уходите|уйдите|позвоните в (милицию|полицию)|заявите|обыщите|проверьте (его|её) телефон|диагноз\w*)\b",
    "tg": r"\b(равед|ба милитсия занг занед|шикоят кунед|телефонашро санҷед|ташхис\w*)\b",
}
FAMILIAR = {
    "ru": r"\b(ты|тебя|тебе|твой|твоя|твои)\b",
    "tg": r"\b(ту|туро|худат|кун|деҳ|бигӯ|напурс)\b",
}
EXAMPLE = """
category: medical
version: 1
review: {tg: null, ru: null, practitioner: null}
topics: [health]
both: {listen: {tg: а, ru: а}, promise: {tg: а, ru: а}}
concern: {safety: {tg: а, ru: а}, ask: {tg: а, ru: а}, supervisor: {tg: а, ru: а}}
urgent: {safety: {tg: а, ru: а}, ask: {tg: а, ru: а}, supervisor: {tg: а, ru: а}}
"""


def texts(language):
    """Every text of every card, with where it stands."""
    for card in CARDS:
        for section in Section:
            yield (card.category, card.level, section), card.sections[section][language]


def test_every_kind_of_case_has_a_card_for_each_level():
    kinds = {(category, level) for category in (None, *Category) for level in (Level.CONCERN, Level.URGENT)}
    assert set(GUIDANCE.cards) == kinds
    assert GUIDANCE.card("of a later release", Level.NONE) is GUIDANCE.card("", Level.CONCERN)


def test_every_topic_of_a_contact_belongs_to_some_card():
    assert {topic for card in CARDS for topic in card.topics} == set(Topic)


def test_urgent_cards_are_not_those_for_concerns():
    for category in (None, *Category):
        concern, urgent = GUIDANCE.cards[category, Level.CONCERN], GUIDANCE.cards[category, Level.URGENT]
        for section in (Section.SAFETY, Section.ASK, Section.SUPERVISOR):
            assert concern.sections[section] != urgent.sections[section]


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_are_those_of_the_language_and_nobody_is_addressed_familiarly(language):
    for where, text in texts(language):
        assert unicodedata.is_normalized("NFC", text), where
        quoted = re.sub(r"«[^»]*»", "", text)  # words that one must not say to her stand in quotation marks
        assert {letter for letter in quoted.lower() if letter.isalpha()} <= ALPHABETS[language], where
        assert not re.search(FAMILIAR[language], quoted.lower()), where


@pytest.mark.parametrize("language", LANGUAGES)
def test_s5_no_card_tells_her_to_leave_to_report_to_search_or_names_an_illness(language):
    for where, text in texts(language):
        assert not re.search(FORBIDDEN[language], text.lower()), where


@pytest.mark.parametrize("language", LANGUAGES)
def test_authorities_are_named_only_where_one_is_told_what_not_to_do(language):
    police = {"ru": r"милици|полици|органы|ведомств", "tg": r"милитси|полис|мақомот"}[language]
    for card in CARDS:
        for section in (Section.LISTEN, Section.SAFETY, Section.ASK):
            assert not re.search(police, card.sections[section][language].lower()), (card.category, section)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_card_asks_for_names_places_or_proof(language):
    asked = {
        "ru": r"зовут|имя|имена|адрес|где (вы|он|она|ребёнок)\b|докаж",
        "tg": r"номи\b|номаш|суроға|куҷо|исбот",
    }[language]
    for card in CARDS:
        assert not re.search(asked, card.sections[Section.ASK][language].lower()), (card.category, card.level)


def test_cards_await_review_until_three_people_have_read_them():
    assert GUIDANCE.unreviewed() == tuple(sorted([*Category, "unclear"]))
    assert read("medical.yaml", EXAMPLE).review.tg is None


@pytest.mark.parametrize(
    ("was", "becomes", "expected"),
    [
        ("category: medical", "category: weather", r"category\S*"),
        ("topics: [health]", "topics: []", "topics"),
        ("topics: [health]", "topics: [police]", "topics.0"),
        ("listen: {tg: а, ru: а}", "listen: {tg: а}", "both.listen.ru"),
        ("listen: {tg: а, ru: а}", "listen: {tg: а, ru: ' '}", "both.listen.ru"),
        ("listen: {tg: а, ru: а}", f"listen: {{tg: {'а' * 421}, ru: а}}", "both.listen.tg"),
        ("version: 1", "version: 1\nnumber: 102", "number"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(was, becomes, expected):
    with pytest.raises(ContentError, match=rf"guidance/cards/medical.yaml: `{expected}` "):
        read("medical.yaml", EXAMPLE.replace(was, becomes))


def test_what_is_not_yaml_is_refused():
    with pytest.raises(ContentError, match="is not YAML"):
        read("medical.yaml", "a: [")
