"""A reading keeps the form of a text: sentences, clauses, laughter, script."""

import pytest

from bot.concern.normalise import normalise


def test_sentences_and_clauses_are_told_apart() -> None:
    first, second = normalise("Хватит, он пришёл. Бьёт!").sentences
    assert [word.key for word in first.words] == ["хватит", "он", "пришел"]
    assert first.clauses == (0, 1, 1)
    assert [word.key for word in second.words] == ["бет"]


@pytest.mark.parametrize("text", ["умора 😂", "хахаха", "ҳаҳа", "ахахах", "смешно)))", "haha", "lol"])
def test_laughter_is_noticed(text: str) -> None:
    assert normalise(text).laughs


@pytest.mark.parametrize("text", ["ҳа", "ха", "хаҷ", "плохо(((", "хорошо)", "😢", "мазҳаб"])
def test_what_is_no_laughter_is_not(text: str) -> None:
    assert not normalise(text).laughs


def test_the_share_of_arabic_letters_and_the_raw_text_are_kept() -> None:
    reading = normalise("سلام, салом 🙂")
    assert reading.raw == "سلام, салом 🙂"
    assert 0.4 < reading.arabic_share < 0.5
    assert normalise("salom").arabic_share == 0


def test_a_text_without_a_full_stop_loses_no_word() -> None:
    text = " ".join(f"слово{n}" for n in range(200))
    seen = {word.plain for sentence in normalise(text).sentences for word in sentence.words}
    assert seen == set(text.split())
