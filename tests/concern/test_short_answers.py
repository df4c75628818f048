"""Answers in few words to a question that stands are no reports; reports there are heard all the same (S7)."""

import pytest

from bot.concern import load_screen
from bot.core.cases import Level

SCREEN = load_screen()
AGES = ("мне {}", "мне {} лет", "ман {} сола", "синнам {}", "да, мне {}", "{} лет", "ман {}-сола", "{}солаам")


@pytest.mark.parametrize("state", ["Onboarding:adult", "Menu:open", None])
def test_the_age_of_a_grown_woman_is_no_finding_in_any_state(state: str | None) -> None:
    texts = [way.format(years) for way in AGES for years in (18, 19, 25, 30, 33, 40, 45, 52, 60)]
    assert [text for text in texts if SCREEN.screen(text, state).level is not Level.NONE] == []


@pytest.mark.parametrize("text", ["сын и муж", "писарам мегирад", "муж иногда берет", "шавҳарам ва духтарам"])
def test_who_takes_the_phone_is_no_finding_where_that_is_asked(text: str) -> None:
    assert SCREEN.screen(text, "Onboarding:phone").level is Level.NONE


@pytest.mark.parametrize("state", ["Onboarding:adult", "Onboarding:phone", "Onboarding:hours"])
@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("муж меня бьёт", Level.CONCERN),
        ("маро мезанад", Level.CONCERN),
        ("не хочу больше жить", Level.CONCERN),
        ("shavharam boz maro kufta ast", Level.URGENT),
        ("Кордро ба гулӯям монд", Level.URGENT),
        ("мне 30, он меня бьёт", Level.CONCERN),
        ("помогите", Level.CONCERN),
    ],
)
def test_s7_a_report_counts_whatever_was_asked(text: str, level: Level, state: str) -> None:
    assert SCREEN.screen(text, state).level.rank >= level.rank
