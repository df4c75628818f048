"""S8: faith by itself raises nothing: not the words, not the clothes, not the script, whoever it is about."""

from itertools import product

import pytest

from bot.concern import load_screen
from bot.core.cases import Level
from training import rows

SCREEN = load_screen()
WHO_TG = ("Писарам", "Духтарам", "Шавҳарам", "Хоҳарам", "Келинам", "Ман", "pisaram", "shavharam", "Хушдоманам")
DOES_TG = (
    "панҷ вақт намоз мехонад",
    "рӯза медорад",
    "рӯймол мепӯшад",
    "ба масҷид меравад",
    "Қуръон мехонад ва ба мо ёд медиҳад",
    "риш мондааст, суннат мегӯяд",
    "аз домулло сураҳоро ёд мегирад",
    "ба ҳаҷ рафтан мехоҳад, пул ҷамъ мекунад",
    "baroi murdaho duo mekunad",
    "таровеҳ мехонад, шабҳо дер меояд",
)
WHO_RU = ("Сын", "Дочь", "Муж", "Моя сестра", "Мама", "Свекровь", "syn", "Брат мужа")
DOES_RU = (
    "молится пять раз в день",
    "держит пост и просит всех не кричать",
    "носит хиджаб, ей так спокойнее",
    "ходит в мечеть по пятницам",
    "читает Коран с муллой",
    "отрастил бороду по сунне",
    "учит суры наизусть",
    "собирается в хадж, прощения у соседей просит",
    "chitaet namaz vmeste s dedom",
    "плачет, когда слушает аяты",
)


@pytest.mark.parametrize("state", [None, "Lesson:asked", "Menu:open"])
def test_s8_ordinary_faith_is_no_finding_whoever_it_is_about(state: str | None) -> None:
    texts = [
        f"{who} {does}" for whos, acts in ((WHO_TG, DOES_TG), (WHO_RU, DOES_RU)) for who, does in product(whos, acts)
    ]
    flagged = {text: found.reasons for text in texts if (found := SCREEN.screen(text, state)).level is not Level.NONE}
    assert flagged == {}


def test_s8_faith_that_two_development_narrators_tell_of_is_no_finding() -> None:
    told = [row for row in rows.corpus("development") if "religiosity" in row.notes]
    assert len(told) >= 50
    assert [row.text for row in told if SCREEN.screen(row.text, row.state).level is not Level.NONE] == []


@pytest.mark.parametrize(
    "text",
    [
        "Писарам намоз мехонад ва маро мезанад",
        "После намаза муж меня избил",
        "pisaram namoz xonda guft ba Suriya meravam",
    ],
)
def test_faith_hides_no_report(text: str) -> None:
    assert SCREEN.screen(text).level is Level.URGENT
