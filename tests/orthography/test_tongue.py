"""The hint at a language: right on most of what was invented for it, and never against her choice without reason."""

from collections import Counter
from pathlib import Path

import pytest

from bot.orthography.tongue import is_arabic, tongue


def rows(name: str) -> list[tuple[str, str]]:
    lines = Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines()
    return [(spoken, text) for spoken, text in (line.split("\t") for line in lines if not line.startswith("#"))]


ROWS, HELD_OUT = rows("tongues.tsv"), rows("tongues_held_out.tsv")
CODE_SWITCHED = (
    "ман сегодня дарсро хондам", "дочка имрӯз дар школа буд", "спасибо барои дарс", "рахмати калон, всё понятно",
    "муж дар дом нест", "завтра мехонам майли", "ман в Москве кор мекунам", "хорошо, пагоҳ менависам",
)  # fmt: skip


def right(language: str, chosen: str) -> list[bool]:
    return [tongue(text, chosen) == (None if spoken == "-" else spoken) for spoken, text in ROWS if spoken == language]


def test_the_set_is_large_and_varied():
    counts = Counter(spoken for spoken, _ in ROWS)
    assert sum(counts.values()) >= 100
    assert min(counts.values()) >= 6
    assert len({text for _, text in ROWS}) == len(ROWS)


@pytest.mark.parametrize("chosen", ["tg", "ru"])
@pytest.mark.parametrize("language", ["tg", "ru", "uz", "arabic", "-"])
def test_the_hint_is_right_on_nine_of_ten(language, chosen):
    found = right(language, chosen)
    wrong = [text for (spoken, text), ok in zip((r for r in ROWS if r[0] == language), found, strict=True) if not ok]
    assert sum(found) >= 0.9 * len(found), wrong


@pytest.mark.parametrize("chosen", ["tg", "ru"])
def test_what_she_writes_in_her_own_language_is_never_taken_for_another(chosen):
    taken = [(text, tongue(text, chosen)) for spoken, text in (*ROWS, *HELD_OUT) if spoken == chosen]
    assert [pair for pair in taken if pair[1] not in {chosen, None}] == []


@pytest.mark.parametrize("text", CODE_SWITCHED)
def test_a_mixture_is_not_called_another_language(text):
    assert tongue(text, "tg") in {"tg", None}
    assert tongue(text, "ru") in {"tg", "ru", None}
    assert "uz" not in {tongue(text, "tg"), tongue(text, "ru")}


def test_one_word_says_nothing():
    assert [tongue(word, "tg") for word in ("спасибо", "хорошо", "yaxshi", "понятно")] == [None] * 4


def test_some_arabic_letters_in_a_tajik_text_do_not_make_it_arabic():
    assert is_arabic("السلام")
    assert not is_arabic("Ман имрӯз дарсро хондам الله")
    assert not is_arabic("…")


@pytest.mark.parametrize("chosen", ["tg", "ru"])
def test_on_messages_written_afterwards_it_is_right_on_seven_of_ten(chosen):
    found = [tongue(text, chosen) == (None if spoken == "-" else spoken) for spoken, text in HELD_OUT]
    assert sum(found) >= 0.7 * len(found)
