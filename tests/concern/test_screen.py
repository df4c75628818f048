"""Screening finds reports in every spelling and state, and leaves ordinary life alone."""

import os
import random
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.concern import explain, load_screen
from bot.core.cases import Category, Finding, Level

HERE = Path(__file__).parent
# A folder with the CC0 chat corpus of I. Koziev (facts5_1s.txt, questions7.txt), which is too large to keep here.
SMALL_TALK = Path(os.environ.get("SMALL_TALK_DIR", "small-talk"))
SCREEN = load_screen()


class Row(NamedTuple):
    level: Level
    category: str
    state: str | None
    text: str

    def finding(self) -> Finding:
        return SCREEN.screen(self.text, self.state)


def _lines(name: str) -> list[list[str]]:
    lines = (HERE / f"{name}.tsv").read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def _labelled(name: str) -> list[Row]:
    return [Row(Level(level), cat, None if state == "-" else state, text) for level, cat, state, text in _lines(name)]


REPORTS = _labelled("reports")
HELD_OUT = _labelled("held_out")
ORDINARY = [Row(Level.NONE, "-", None if state == "-" else state, text) for state, text in _lines("ordinary")]
GREETINGS = [text for (text,) in _lines("greetings")]


def test_known_reports_are_found_at_their_level_and_few_above_it() -> None:
    assert len(REPORTS) >= 120
    levels = [(row.text, row.level.rank, row.finding().level.rank) for row in REPORTS]
    below = [text for text, wanted, found in levels if found < wanted]
    above = [text for text, wanted, found in levels if found > wanted]
    assert len(below) <= 0.01 * len(REPORTS), below
    assert len(above) <= 0.04 * len(REPORTS), above


def test_no_known_urgent_report_is_missed() -> None:
    assert [row.text for row in REPORTS if row.level is Level.URGENT and row.finding().level is Level.NONE] == []


def test_known_reports_name_their_category() -> None:
    wrong = [row.text for row in REPORTS if row.finding().category != row.category]
    assert len(wrong) <= 0.03 * len(REPORTS), wrong


@pytest.mark.parametrize("digits", ["12 34 56 78", "00 00 01 16", "1 2 3 4 5 6 7 8"])
def test_digits_alone_are_no_finding(digits: str) -> None:
    assert SCREEN.screen(digits).level is Level.NONE


def test_ordinary_messages_are_left_alone() -> None:
    assert len(ORDINARY) >= 120
    flagged = {row.text: row.finding().reasons for row in ORDINARY if row.finding().level is not Level.NONE}
    assert len(flagged) <= 0.02 * len(ORDINARY), flagged


def test_messages_never_used_for_the_lexicons_are_found_as_often_as_the_documentation_says() -> None:
    reports = [row for row in HELD_OUT if row.level is not Level.NONE]
    found = [row for row in reports if row.finding().level is not Level.NONE]
    alarms = [row.text for row in HELD_OUT if row.level is Level.NONE and row.finding().level is not Level.NONE]
    assert len(found) >= 0.45 * len(reports)
    assert len(alarms) <= 2, alarms


@pytest.mark.parametrize("text", GREETINGS)
def test_s8_a_prayer_or_greeting_in_any_script_is_no_finding(text: str) -> None:
    assert SCREEN.screen(text) == Finding(rules=SCREEN.rules)


def test_s8_there_are_fifty_prayers_and_greetings() -> None:
    assert len(set(GREETINGS)) >= 50


@pytest.mark.parametrize("state", [None, "Lesson:reading", "Lesson:asked", "Menu:open", "Stopped:quiet"])
@pytest.mark.parametrize("text", ["хватит, он меня бьёт", "ҳа, маро мезанад", "стоп, он угрожает убить меня"])
def test_s7_a_report_behind_a_command_word_is_found_in_every_state(text: str, state: str | None) -> None:
    assert SCREEN.screen(text, state).level is Level.URGENT


@pytest.mark.parametrize("text", ["help", "/help", "кӯмак", "кумак", "Помощь", "pomogite", "ёрдам", "sos"])
def test_a_plain_call_for_help_is_a_concern(text: str) -> None:
    finding = SCREEN.screen(text, "Lesson:asked")
    assert (finding.level, finding.category) == (Level.CONCERN, Category.DISTRESS)


@pytest.mark.parametrize(
    "text",
    [
        "хочу поговорить с человеком",
        "Хочу пoгoвoрить с живым челoвекoм",
        "hochu pogovorit s chelovekom",
        "khochu pogovorit' s chelovekom",
        "мехоҳам бо одам гап занам",
        "мехохам бо одам гап занам",
        "mekhoham bo odam gap zanam",
        "mexoham bo odam gap zanam",
        "мењоњам бо одам гап занам",
        "odam bilan gaplashmoqchiman",
    ],
)
def test_the_wish_for_a_person_is_understood_in_every_spelling(text: str) -> None:
    assert SCREEN.screen(text).level is Level.CONCERN


@pytest.mark.parametrize("around", ["{} 😂", "В новостях тоже: {}", "Если честно, {}", "как в игре, {}", "хаха {}"])
@pytest.mark.parametrize("report", ["он меня бьёт", "хочу покончить с собой", "маро мезанад"])
def test_no_context_lowers_a_report_of_present_harm_in_the_first_person(report: str, around: str) -> None:
    assert SCREEN.screen(around.format(report), "Lesson:asked").level is Level.URGENT


def test_the_state_of_the_conversation_tells_a_lesson_answer_from_a_report() -> None:
    sign = "уехать в Сирию собирается"
    assert SCREEN.screen(sign, "Lesson:asked").level is Level.NONE
    assert SCREEN.screen(sign).level is not Level.NONE
    assert SCREEN.screen(f"сын {sign}").level is Level.URGENT


def test_past_harm_is_a_concern_and_resolved_harm_is_none() -> None:
    assert SCREEN.screen("давно меня избили").level is Level.CONCERN
    assert SCREEN.screen("давно меня избили, теперь всё хорошо").level is Level.NONE
    assert SCREEN.screen("муж избил, сейчас всё спокойно").level is Level.CONCERN


def test_an_exception_never_hides_a_report_in_the_same_sentence() -> None:
    assert SCREEN.screen("муж бьёт меня и свою первую жену").level is Level.URGENT


def test_the_most_pressing_sign_names_the_finding_and_every_sign_is_a_reason() -> None:
    finding = SCREEN.screen("Боюсь мужа. Хочу убить себя.")
    assert (finding.level, finding.category) == (Level.URGENT, Category.SELF_HARM)
    assert {"ru.afraid_of_him", "ru.suicide_plan"} <= set(finding.reasons)
    assert 0 < SCREEN.screen("Боюсь мужа").score < finding.score < 1
    assert finding.rules == SCREEN.rules


def test_the_explanation_has_four_keys_in_order() -> None:
    assert list(explain(SCREEN.screen("боюсь мужа")).items())[:2] == [
        ("level", "concern"),
        ("category", "domestic_violence"),
    ]
    assert list(explain(Finding())) == ["level", "category", "score", "reasons"]


@given(st.text(max_size=300), st.none() | st.sampled_from(["Lesson:asked", "Menu:open"]))
def test_no_text_breaks_screening(text: str, state: str | None) -> None:
    finding = SCREEN.screen(text, state)
    assert 0 <= finding.score <= 1
    assert (finding.level is Level.NONE) == (finding.category is None) == (not finding.reasons)


@given(st.text(max_size=80))
def test_words_around_a_report_do_not_hide_it(noise: str) -> None:
    assert SCREEN.screen(f"{noise}\nмой муж меня избивает\n{noise}").level is Level.URGENT


@pytest.mark.parametrize(
    "text", ["😂" * 4096, "муж меня бьёт " * 290, "a" * 4096, "ﷺ" * 4096, "aﷺ" * 2048, "\u0301" * 4096, "а'" * 2048]
)
def test_a_message_of_any_shape_is_judged_quickly(text: str) -> None:
    took = []
    for _ in range(3):
        start = time.process_time()
        SCREEN.screen(text)
        took.append(time.process_time() - start)
    assert min(took) < 0.15  # measured 2-30 ms; several times as much on a busy machine


def test_a_message_of_twenty_words_takes_less_than_two_milliseconds() -> None:
    text = "Салом, имрӯз духтарам аз мактаб омад ва мо якҷоя хӯрок пухтем, баъд дарс хондем, писарам бо падараш рафт"
    start = time.process_time()
    for _ in range(50):
        SCREEN.screen(text)
    assert (time.process_time() - start) / 50 < 0.002


@pytest.mark.parametrize("name", ["facts5_1s.txt", "questions7.txt"])
def test_at_most_one_in_a_hundred_lines_of_russian_small_talk_is_flagged(name: str) -> None:
    if not SMALL_TALK.is_dir():
        pytest.skip("SMALL_TALK_DIR names no folder with the Russian small talk corpus")
    lines = (SMALL_TALK / name).read_text("utf-8").splitlines()
    sample = random.Random(2).sample(lines, 3000)
    flagged = [line for line in sample if SCREEN.screen(line).level is not Level.NONE]
    assert len(flagged) <= 0.01 * len(sample), flagged
