"""What practitioners wrote in the lexicons holds: every example is found, every counter-example is not."""

import pytest

from bot.concern.lexicon import LANGUAGES, Concept, Lexicon, load_lexicons
from bot.concern.screen import Screen, label
from bot.core.cases import Category, Level
from bot.core.errors import ContentError
from bot.core.messages import Language

LEXICONS = load_lexicons()
SCREEN = Screen(LEXICONS)
CONCEPTS = [
    pytest.param(lexicon.language, concept, id=f"{lexicon.language}.{concept.id}")
    for lexicon in LEXICONS
    for concept in lexicon.concepts
]


@pytest.mark.parametrize(("language", "concept"), CONCEPTS)
def test_every_example_of_a_concept_is_found_or_hinted_at_by_it(language: str, concept: Concept) -> None:
    lost = []
    for text in concept.examples:
        weighed = SCREEN.weigh(text)
        seen = {*weighed.likely.reasons, *(hint.reason for hint in weighed.hints)}
        lost += [text] if f"{language}.{concept.id}" not in seen else []
    assert lost == []


@pytest.mark.parametrize(("language", "concept"), CONCEPTS)
def test_no_counter_example_of_a_concept_is_found_by_it(language: str, concept: Concept) -> None:
    found = [text for text in concept.counter_examples if f"{language}.{concept.id}" in SCREEN.screen(text).reasons]
    assert found == []


@pytest.mark.parametrize("lexicon", LEXICONS, ids=LANGUAGES)
def test_a_concept_has_one_page_entry_and_a_level_that_calls_somebody(lexicon: Lexicon) -> None:
    names = [concept.id for concept in lexicon.concepts]
    assert len(names) == len(set(names))
    assert all(concept.level is not Level.NONE for concept in lexicon.concepts)


@pytest.mark.parametrize("lexicon", LEXICONS, ids=LANGUAGES)
def test_every_language_knows_every_category(lexicon: Lexicon) -> None:
    assert {concept.category for concept in lexicon.concepts} == set(Category)


def test_the_version_of_the_rules_changes_with_any_word() -> None:
    first = LEXICONS[0]
    changed = first.model_copy(update={"idioms": (*first.idioms, "чизи нав")})
    assert Screen([changed, *LEXICONS[1:]]).rules != SCREEN.rules
    assert Screen(load_lexicons()).rules == SCREEN.rules


@pytest.mark.parametrize("pattern", ["$nobody бьет", "аб*", "меня & , бьет"])
def test_a_pattern_that_cannot_be_read_is_refused(pattern: str) -> None:
    with pytest.raises(ContentError, match="pattern"):
        Lexicon(language="ru", groups={}, idioms=(pattern,), contexts={}, concepts=())


@pytest.mark.parametrize("lexicon", LEXICONS, ids=LANGUAGES)
@pytest.mark.parametrize("language", ["tg", "ru"])
def test_staff_read_words_for_every_concept_and_not_its_name(lexicon: Lexicon, language: Language) -> None:
    for concept in lexicon.concepts:
        shown = label(f"{lexicon.language}.{concept.id}", language)
        assert shown
        assert "_" not in shown
        assert len(shown) <= 60


def test_a_reason_that_no_lexicon_knows_has_no_label() -> None:
    assert label("model.something", "ru") is None
    assert label("rule.help_word", "tg") is None


def test_a_concept_is_called_the_same_in_every_lexicon() -> None:
    called: dict[str, set[str]] = {}
    for concept in (concept for lexicon in LEXICONS for concept in lexicon.concepts):
        called.setdefault(concept.id, set()).add(concept.label.model_dump_json())
    assert all(len(labels) == 1 for labels in called.values())


def test_a_label_is_no_rule_and_leaves_the_version_as_it_is() -> None:
    first = LEXICONS[0]
    concept = first.concepts[0]
    renamed = concept.model_copy(update={"label": concept.label.model_copy(update={"ru": "иначе"})})
    assert Screen([first.model_copy(update={"concepts": (renamed, *first.concepts[1:])}), *LEXICONS[1:]]).rules == (
        SCREEN.rules
    )
