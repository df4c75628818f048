"""Ages, as they are typed."""

import pytest

from bot.orthography.ages import age


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("мне 30", 30),
        ("Мне 40 лет.", 40),
        ("да, мне уже 33", 33),
        ("ман 35 сола", 35),
        ("35-сола", 35),
        ("35солаам", 35),
        ("синнам 40", 40),
        ("мне двадцать пять лет", 25),
        ("сӣ сола", 30),
        ("бисту панҷ", 25),
        ("14", 14),
        ("мне больше 18", 18),
    ],
)
def test_an_age_is_read_as_it_is_typed(text: str, years: int) -> None:
    assert age(text) == years


@pytest.mark.parametrize(
    "text",
    [
        "мне 30, он меня бьёт",
        "дочери 14 лет",
        "мне нет 18",
        "почти 18",
        "мне 30 40",
        "30 лет терплю",
        "1",
        "лет",
        "да",
        "",
        "112",
        "2030",
        "даромадам",
    ],
)
def test_what_says_more_or_else_is_no_age(text: str) -> None:
    assert age(text) is None
