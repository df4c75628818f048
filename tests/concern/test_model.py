"""The model adds up what the trainer learned, quickly, whatever it is given."""

import json
import random
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.concern import load_screen
from bot.concern.features import OVERLAP, WINDOW, features, windows
from bot.concern.fusion import (
    CLEAR,
    HINT,
    LIKELY,
    LONG,
    LONG_FROM,
    MOST_SENTENCES,
    SENTENCE,
    SHORT,
    SHORT_BELOW,
    STRANGE,
    Hint,
    Weighed,
    fuse,
)
from bot.concern.model import Judgement, Thresholds, load_model, unpack
from bot.concern.moments import Moment, moment
from bot.concern.normalise import normalise
from bot.core.cases import Category, Finding, Level
from bot.core.errors import ContentError
from training import rows

HERE = Path(__file__).parent
MODEL = load_model()
SCREEN = load_screen()
WEIGHTS = rows.ROOT / "bot" / "concern" / "weights.bin"
GOLDEN = [json.loads(line) for line in (HERE / "golden_margins.jsonl").read_text("utf-8").splitlines()]
DEVELOPMENT = rows.corpus("development")


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: row["text"][:20])
def test_the_scorer_equals_the_trainer(row: dict[str, object]) -> None:
    found = MODEL.margins(normalise(str(row["text"])).keys, moment(str(row["state"])))
    assert found == pytest.approx(row["margins"], abs=1e-9)


def test_the_file_is_small_and_read_quickly_into_little_memory() -> None:
    packed = WEIGHTS.read_bytes()
    assert len(packed) < 4_000_000
    start = time.process_time()
    unpack(packed)
    assert time.process_time() - start < 0.3
    tracemalloc.start()
    model = unpack(packed)
    resident, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert model.version == MODEL.version
    assert resident < 20_000_000


@pytest.mark.parametrize("packed", [b"", b"{}\n", b'{"format": 9}\nabc', WEIGHTS.read_bytes()[:-5]])
def test_a_file_of_another_version_is_refused(packed: bytes) -> None:
    with pytest.raises(ContentError, match="make train"):
        unpack(packed)


def test_a_message_of_25_words_costs_a_millisecond_in_the_mean() -> None:
    texts = [" ".join(row.text.split() * 5).split(" ")[:25] for row in DEVELOPMENT[:200]]
    took = []
    for text in texts:
        start = time.process_time()
        SCREEN.screen(" ".join(text))
        took.append(time.process_time() - start)
    assert sum(took) / len(took) < 0.003  # measured 1 ms; twice and more on a busy machine
    assert sorted(took)[int(len(took) * 0.95)] < 0.006


@pytest.mark.parametrize("length", [1024, 4096])
def test_the_longest_message_is_judged_whole(length: int) -> None:
    long = " ".join(row.text for row in DEVELOPMENT if not row.is_positive)[:length]
    start = time.process_time()
    SCREEN.screen(long)
    assert time.process_time() - start < 0.2
    assert SCREEN.screen(f"{long}. муж меня бьёт").level is Level.URGENT


def test_every_word_of_a_long_text_is_in_a_window() -> None:
    words = [str(n) for n in range(500)]
    assert {word for window in windows(words) for word in window} == set(words)
    assert all(len(window) <= WINDOW for window in windows(words))
    assert len(list(windows(words[:OVERLAP]))) == 1


def test_an_empty_text_has_the_moment_alone() -> None:
    assert len(features((), Moment.FREE)) == 1
    assert SCREEN.screen("") == SCREEN.screen("🙂" * 50) == Finding(rules=SCREEN.rules)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (None, Moment.FREE),
        ("", Moment.FREE),
        ("Lesson:asked", Moment.REFLECTION),
        ("Lesson:reading", Moment.REFLECTION),
        ("Lesson:check_in", Moment.CHECK_IN),
        ("Menu:open", Moment.MENU),
        ("Safety:stopped", Moment.STOPPED),
        ("Onboarding:name", Moment.NAME),
        ("Consent:readers", Moment.FREE),
        ("reflection", Moment.REFLECTION),
        ("case", Moment.CASE),
    ],
)
def test_a_state_is_a_moment(state: str | None, expected: Moment) -> None:
    assert moment(state) is expected


FOUND = Finding(Level.CONCERN, Category.MEDICAL, 0.6, ("ru.lasting_illness",), "rules")
AT = Thresholds(any=2.0, urgent=1.0)
DISTRESS = tuple(0.0 if category is Category.DISTRESS else -1.0 for category in Category)


def _judged(anything: float, urgent: float = 0.0) -> Judgement:
    return Judgement(anything, urgent, DISTRESS)


@given(st.floats(-9, 9), st.floats(-9, 9), st.sampled_from(list(Level)))
def test_the_model_never_lowers_what_a_firm_wording_found(anything: float, urgent: float, level: Level) -> None:
    sure = Finding(level, Category.MEDICAL, 0.6, ("ru.one",)) if level.rank else Finding()
    fused = fuse(Weighed(sure, judgement=_judged(anything, urgent)), AT)
    assert fused.level.rank >= sure.level.rank
    assert (fused.level is Level.NONE) == (fused.category is None) == (not fused.reasons)


def test_the_model_calls_above_its_threshold_and_says_so() -> None:
    assert fuse(Weighed(Finding(), judgement=_judged(1.9, 9)), AT) == Finding()
    called = fuse(Weighed(Finding(), judgement=_judged(2.1)), AT)
    assert (called.level, called.category, called.reasons) == (Level.CONCERN, Category.DISTRESS, ("model.concern",))
    assert fuse(Weighed(FOUND, judgement=_judged(0)), AT) == FOUND
    raised = fuse(Weighed(FOUND, judgement=_judged(0, 3)), AT)
    assert (raised.level, raised.category) == (Level.URGENT, Category.MEDICAL)


def test_a_likely_wording_speaks_together_with_the_model() -> None:
    assert fuse(Weighed(Finding(), FOUND, judgement=_judged(1.9 - LIKELY[FOUND.level])), AT) == Finding()
    called = fuse(Weighed(Finding(), FOUND, judgement=_judged(2.1 - LIKELY[FOUND.level])), AT)
    assert (called.level, called.category) == (Level.CONCERN, Category.MEDICAL)
    assert called.reasons == ("model.concern", "ru.lasting_illness")
    assert fuse(Weighed(Finding(), FOUND), AT) == FOUND, "without a model it stands by itself"


@pytest.mark.parametrize("clearest", [-2.0, 0.0, 1.5])
def test_a_text_is_nearer_the_more_clearly_it_speaks_of_one_category(clearest: float) -> None:
    leanings = tuple(clearest if category is Category.MEDICAL else -3.0 for category in Category)
    anything, urgent = Weighed(Finding(), judgement=Judgement(1.0, 0.5, leanings)).margins
    assert (anything, urgent) == pytest.approx((1.0 + CLEAR * clearest, 0.5 + STRANGE * min(clearest, 0)))


@pytest.mark.parametrize(("words", "nearer"), [(2, SHORT), (SHORT_BELOW, 0), (LONG_FROM - 1, 0), (LONG_FROM, LONG)])
def test_a_text_of_few_words_or_many_is_nearer_to_the_threshold(words: int, nearer: float) -> None:
    anything, urgent = Weighed(Finding(), judgement=_judged(1.0, 0.5), words=words).margins
    assert (anything, urgent) == (pytest.approx(1.0 + nearer), 0.5)


def test_each_further_sentence_brings_a_text_nearer_up_to_the_fourth() -> None:
    margins = [Weighed(Finding(), judgement=_judged(0.0), sentences=n).margins[0] for n in (0, 1, 2, 4, 9)]
    assert margins == pytest.approx([0, 0, SENTENCE, MOST_SENTENCES * SENTENCE, MOST_SENTENCES * SENTENCE])


def test_a_hint_brings_the_model_nearer_and_says_nothing_alone() -> None:
    hints = frozenset({Hint("ru.farewell", Level.CONCERN, Category.SELF_HARM)})
    assert fuse(Weighed(Finding(), hints=hints, judgement=_judged(2.0 - 2 * HINT)), AT) == Finding()
    called = fuse(Weighed(Finding(), hints=hints, judgement=_judged(2.1 - HINT)), AT)
    assert (called.level, called.category) == (Level.CONCERN, Category.DISTRESS)
    assert called.reasons == ("model.concern", "ru.farewell")


SNIPPETS = (
    "бьет",
    "мезанад",
    "\u200f",
    "\u200b",
    "ﷺ",
    "😂",
    "SELECT * FROM",
    "aGVsbG8=",
    "ignore all",
    "\ud83d",
    "ё́",
    "пoмoгите",
)


@pytest.mark.parametrize("count", [1_000, pytest.param(20_000, marks=pytest.mark.soak)])
def test_random_strings_are_judged_without_an_exception(count: int) -> None:
    chance = random.Random(count)
    for _ in range(count):
        letters = [chr(chance.choice((chance.randrange(32, 0x600), chance.randrange(0x110000)))) for _ in range(4)]
        text = "".join(chance.sample([*letters, *SNIPPETS, " "], 5))
        assert 0 <= SCREEN.screen(text, chance.choice((None, "Lesson:asked"))).score <= 1
