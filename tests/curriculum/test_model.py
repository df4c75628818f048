"""The curriculum answers where she is and what comes next."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.curriculum.load import load
from bot.curriculum.model import Card, Curriculum, Lesson, Module, Review, Text

SHIPPED = load()
TEXT = Text(tg="Чой.", ru="Чай.")
REVIEW = SHIPPED.modules[0].review
SIGNED = REVIEW.model_copy(update={"native_tg_reviewer": "Invented Reader", "safeguarding_reviewer": "Invented Guard"})


def lesson(lesson_id: str, review: Review = REVIEW) -> Lesson:
    return SHIPPED.lesson("1.1").model_copy(update={"id": lesson_id, "review": review})


def curriculum(sizes: list[int], review: Review = REVIEW) -> Curriculum:
    modules = tuple(
        Module(
            id=f"m{m}",
            title=TEXT,
            opening=TEXT,
            closing=TEXT,
            recap=TEXT,
            lessons=tuple(lesson(f"{m}.{n}", review) for n in range(1, size + 1)),
            review=review,
        )
        for m, size in enumerate(sizes, start=1)
    )
    return Curriculum(version="1", modules=modules)


sizes = st.lists(st.integers(1, 5), min_size=1, max_size=10)


@given(sizes)
def test_next_lesson_visits_every_lesson_once_in_order(sizes):
    whole = curriculum(sizes)
    visited = []
    here = whole.next_lesson()
    while here is not None:
        visited.append(here.id)
        here = whole.next_lesson(here.id)
    assert visited == [page.id for page in whole.lessons()]
    assert len(set(visited)) == sum(sizes)


@given(sizes)
def test_position_grows_by_one_up_to_the_whole(sizes):
    whole = curriculum(sizes)
    positions = [whole.position(page.id) for page in whole.lessons()]
    assert positions == [(n, sum(sizes)) for n in range(1, sum(sizes) + 1)]


@given(sizes)
def test_every_lesson_is_found_by_its_id_and_in_its_module(sizes):
    whole = curriculum(sizes)
    for page in whole.lessons():
        assert whole.lesson(page.id) is page
        assert page in whole.module_of(page.id).lessons
        assert whole.module(whole.module_of(page.id).id) is whole.module_of(page.id)


def test_an_unknown_lesson_is_a_key_error():
    for ask in (SHIPPED.lesson, SHIPPED.position, SHIPPED.next_lesson, SHIPPED.module_of, SHIPPED.module):
        with pytest.raises(KeyError):
            ask("77.7")


def test_the_same_id_twice_is_refused():
    page = lesson("1.1")
    module = SHIPPED.module("m1").model_copy(update={"lessons": (page, page)})
    with pytest.raises(ValidationError, match=r"1\.1 stands twice, keep one"):
        Curriculum(version="1", modules=(module,))


def test_a_curriculum_cannot_be_changed():
    with pytest.raises(ValidationError):
        SHIPPED.version = "another"


def test_shipped_lessons_wait_for_native_review_and_say_so():
    assert not SHIPPED.is_reviewed
    assert SHIPPED.unreviewed()[:5] == ("m1", "1.1", "1.2", "1.3", "m2")
    assert len(SHIPPED.unreviewed()) == len(SHIPPED.modules) + len(list(SHIPPED.lessons())) + len(["measures"])
    assert all(page.review.native_tg_reviewer is None for page in SHIPPED.lessons())


def test_one_reader_of_two_is_not_a_review():
    half = SIGNED.model_copy(update={"native_tg_reviewer": None})
    assert not curriculum([2], half).is_reviewed
    assert curriculum([2], SIGNED).is_reviewed
    assert curriculum([2], SIGNED).unreviewed() == ()


def test_a_card_shows_help_lines_or_the_words_without_them():
    card = Card(tg="Инҷо:\n{help:lines}", ru="Вот:\n{help:lines}", without_help=TEXT)
    assert card.shown("ru", "Invented line: 0") == "Вот:\nInvented line: 0"
    assert card.shown("ru") == "Чай."
    assert card.shown("tg") == "Чой."


def test_a_card_does_not_promise_hiding_where_a_channel_cannot_delete():
    card = Card(tg="Нависед «пинҳон».", ru="Напишите «спрятать».", without_hiding=TEXT)
    assert card.shown("ru") == "Напишите «спрятать»."
    assert card.shown("ru", can_hide=False) == "Чай."


def test_every_shipped_card_reads_without_help_lines_and_without_hiding():
    for page in SHIPPED.lessons():
        for card in page.cards:
            for language in ("tg", "ru"):
                for can_hide in (True, False):
                    assert "{" not in card.shown(language, can_hide=can_hide)
                    assert "{" not in card.shown(language, "Invented line: 0", can_hide=can_hide)


def test_every_lesson_has_two_or_three_cards_and_texts_of_each_kind():
    kinds = {"title", "push", "prompt", "practice", "practice_calm", "check_in", "check_in_done", "check_in_hard"}
    for page in SHIPPED.lessons():
        assert 2 <= len(page.cards) <= 3
        assert kinds <= {name for name, _ in page.texts()}
