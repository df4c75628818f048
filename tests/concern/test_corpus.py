"""The corpus is well formed, no row is nearly another one, and no voice stands in two splits."""

import json
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.concern.moments import Moment
from bot.orthography import words
from training import rows
from training.plain import is_flagged

if TYPE_CHECKING:
    from training.rows import Row

SPLITS = {split: rows.corpus(split) for split in rows.SPLITS}
ALL = [row for split in SPLITS.values() for row in split]
KEYS = {"id", "text", "language", "typing", "level", "category", "state", "narrator", "split", "note"}
ALIKE = 0.8


def _pages() -> list[Path]:
    return [page for split in rows.SPLITS for page in sorted((rows.CORPUS / split).glob("*.jsonl"))]


@pytest.mark.parametrize("page", _pages(), ids=lambda page: page.stem)
def test_every_row_of_a_narrator_is_well_formed(page: Path) -> None:
    for line in page.read_text("utf-8").splitlines():
        row = json.loads(line)
        assert set(row) == KEYS
        assert (row["narrator"], row["split"]) == (page.stem, page.parent.name)
        assert row["language"] in {"tg", "ru", "mixed", "uz"}
        assert row["typing"] in {"proper", "russian_keyboard", "latin"}
        assert row["state"] in set(Moment)
        assert (row["level"] == "none") == (row["category"] is None)
        assert 1 <= len(row["text"].split()) <= 45


def test_every_id_is_there_once() -> None:
    assert len({row.id for row in ALL}) == len(ALL)


def test_no_narrator_stands_in_two_splits() -> None:
    voices = [{row.narrator for row in split} for split in SPLITS.values()]
    assert all(not one & other for one, other in combinations(voices, 2))


def test_the_test_split_is_large_and_half_of_it_is_hard_negatives() -> None:
    test = SPLITS["test"]
    assert len(test) >= 1500
    assert 0.45 <= sum(not row.is_positive for row in test) / len(test) <= 0.55
    assert len({row.narrator for row in test}) >= 4


def test_a_plain_word_list_finds_less_than_half_of_the_test_split() -> None:
    reports = [row for row in SPLITS["test"] if row.is_positive]
    assert sum(map(is_flagged, reports)) <= 0.5 * len(reports)


def test_s9_children_girl_wives_mothers_who_hurt_and_other_adults_write_in_every_split() -> None:
    for split in SPLITS.values():
        notes = {note for row in split for note in row.notes}
        assert {"child_writer", "girl_wife", "mother_hurts", "other_adult"} <= notes


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= ALIKE * len(one | other)


def test_no_row_is_nearly_another_one_within_and_across_splits() -> None:
    holding: dict[str, list[tuple[Row, frozenset[str]]]] = defaultdict(list)
    common = Counter(word for row in ALL for word in set(words(row.text)))
    twins = []
    for row in ALL:
        found = frozenset(words(row.text))
        if len(found) < 4:
            continue
        rarest = sorted(found, key=lambda word: (common[word], word))[: len(found) // 5 + 1]  # twins share one of these
        near = {id(other): (other, known) for word in rarest for other, known in holding[word]}
        twins += [(row.id, other.id) for other, known in near.values() if _alike(found, known)]
        for word in rarest:
            holding[word].append((row, found))
    assert twins == []


def test_no_short_row_of_the_test_split_is_a_row_that_was_learned() -> None:
    learned = {words(row.text) for split in ("train", "development") for row in SPLITS[split]}
    same = [row.id for row in SPLITS["test"] if len(row.text.split()) > 3 and words(row.text) in learned]
    assert same == []
