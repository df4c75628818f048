"""What a short answer says of how it is: harder, well, or neither."""

import pytest

from bot.orthography.moods import mood


@pytest.mark.parametrize(
    "text",
    [
        "стало хуже",
        "мне тяжело",
        "душвор шуд",
        "bad shud, badtar",
        "не хорошо",
        "хуб не",
        "нет, стало хуже",
        "так себе",
    ],
)
def test_harder(text):
    assert mood(text) == "harder"


@pytest.mark.parametrize(
    "text",
    [
        "не труднее",
        "душвор нест",
        "всё в порядке",
        "норм",
        "раҳмат ҳамааш нағз",
        "не плохо",
        "nagz",
        "осонтар шуд",
    ],
)
def test_well(text):
    assert mood(text) == "well"


@pytest.mark.parametrize("text", ["баъдтар мехонам", "попробую", "сегодня вечером", "дома", "не знаю", "", "🙏"])
def test_neither(text):
    assert mood(text) is None
