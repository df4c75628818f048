"""A vocabulary answers for a whole message and never for a part of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.orthography import Vocabulary, is_near

VOCABULARY = Vocabulary({"stop": ("стоп", "хватит"), "yes": ("ҳа", "+"), "later": ("позже", "=баъд")})


@pytest.mark.parametrize("text", ["хватит", "Хватит!!!", "  хватит 🙏", "хватитт", "хвотит", "hvatit", "хвтаит"])
def test_a_whole_message_is_understood_with_one_slip(text: str) -> None:
    assert VOCABULARY.meaning(text) == "stop"


@pytest.mark.parametrize("text", ["хватит, он меня бьёт", "ҳа, маро мезанад", "не хватит", "стол", "", "👍", "хва"])
def test_s7_a_word_inside_a_longer_or_another_message_means_nothing(text: str) -> None:
    assert VOCABULARY.meaning(text) is None


def test_a_phrase_without_letters_is_understood() -> None:
    assert VOCABULARY.meaning(" + ") == "yes"


def test_an_exact_phrase_is_not_confused_with_its_neighbour() -> None:
    assert VOCABULARY.meaning("Баъд.") == "later"
    assert VOCABULARY.meaning("бад") is None


def test_two_meanings_for_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="means both"):
        Vocabulary({"stop": ("кофӣ",), "yes": ("кофи",)})


def test_a_slip_between_two_meanings_is_left_open() -> None:
    assert Vocabulary({"one": ("марказ",), "two": ("мартаз",)}).meaning("марпаз") is None


@given(st.text(max_size=8), st.text(max_size=8))
def test_nearness_does_not_depend_on_the_order(one: str, other: str) -> None:
    assert is_near(one, other) == is_near(other, one)


@given(st.text(min_size=1, max_size=8), st.data())
def test_one_slip_is_near(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    assert is_near(word, word[:at] + word[at + 1 :])
    assert is_near(word, word[:at] + "х" + word[at:])
    assert is_near(word, word[:at] + "х" + word[at + 1 :])
    assert is_near(word, word[:at] + word[at : at + 2][::-1] + word[at + 2 :])


@given(st.text())
def test_no_text_breaks_a_vocabulary(text: str) -> None:
    assert VOCABULARY.meaning(text) in {None, "stop", "yes", "later"}
