"""The measures' report: coarse, without small groups, without anybody in it, and honest about what it is not."""

import itertools

import pytest

from bot.core.effects import CountMeasures
from bot.core.measured import Measured, MeasuresCounted, coarse
from bot.core.messages import LANGUAGES
from bot.curriculum.load import load
from tests.flows.desk_world import Chat, cohort, coordinator, facilitator, id_of, outgoings

MEASURES = load().measures
NIGORA, ZARA = coordinator("nigora"), facilitator("zara")
FIGURES = (
    Measured("Баҳор", "before", "talk", 3.0, 10),
    Measured("Баҳор", "after", "talk", 3.5, 5),
    Measured("Тирамоҳ", "before", "days", 2.0, 15),
)


def asked(staff=NIGORA, **facts):
    chat = Chat.of(staff, (ZARA, NIGORA), **{"cohorts": (cohort(), cohort("tir")), **facts})
    chat.press("menu.measures")
    return chat


def test_a_coordinator_asks_for_her_cohorts_alone():
    assert asked().asked(CountMeasures) == [CountMeasures((id_of("bahor"), id_of("tir")))]
    assert not asked(ZARA).asked(CountMeasures)
    nobody = asked(cohorts=())
    assert not nobody.asked(CountMeasures)
    assert nobody.said


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_cohort_by_itself_with_a_dash_for_what_is_too_few(language):
    chat = Chat.of(coordinator("nigora", language=language), (ZARA,))
    chat.play(MeasuresCounted(FIGURES))
    head, *cohorts = [outgoing.text for outgoing in outgoings(chat.last)]
    assert ("не оценка" if language == "ru" else "баҳогузорӣ нест") in head
    assert [text.splitlines()[0] for text in cohorts] == ["Баҳор", "Тирамоҳ"]
    talk = next(question for question in MEASURES.questions if question.id == "talk")
    assert f"{talk.in_language(language)}\n3 (10+) · — · 3.5 (5+)" in cohorts[0]
    assert cohorts[1].count("— · — · —") == len(MEASURES.questions) - 1
    assert all(len(outgoing.text) <= 4096 for outgoing in outgoings(chat.last))


def test_without_figures_it_says_so_and_figures_that_come_to_another_are_not_shown():
    chat = Chat.of(NIGORA, (ZARA,))
    chat.play(MeasuresCounted(()))
    assert "5" in chat.said
    chat = Chat.of(ZARA, (NIGORA,))
    chat.play(MeasuresCounted(FIGURES))
    assert "Баҳор" not in chat.said


def test_fewer_than_five_are_never_told():
    for answers in itertools.product((1, 5), repeat=4):
        assert coarse("c", "before", "talk", 4, sum(answers)) is None
    assert coarse("c", "before", "talk", 5, 15) == Measured("c", "before", "talk", 3.0, 5)


def test_one_more_answer_is_not_seen_in_the_number_that_is_told():
    counts = [coarse("c", "m", "q", n, 3 * n).count for n in range(5, 30)]
    assert set(counts) == {5, 10, 15, 20, 25}


def test_that_everybody_answered_the_same_is_not_seen():
    for point, mean in ((1, 1.5), (5, 4.5)):
        assert coarse("c", "m", "q", 7, 7 * point).mean == mean
