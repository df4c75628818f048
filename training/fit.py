"""`make train`: learn the weights, fix the thresholds, refuse a worse model, write the file.

Scikit-learn is needed here and nowhere else.  The order of rows and features is fixed, and so is the result.
"""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from math import sqrt
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from bot.concern.features import WINDOW, features
from bot.concern.lexicon import load_lexicons
from bot.concern.model import OUTPUTS, Head, Model, pack, unpack
from bot.concern.moments import moment
from bot.concern.normalise import normalise
from bot.concern.screen import Screen
from bot.core.cases import Category, Level
from training import rows
from training.rows import Row
from training.thresholds import fixed, recall

WEIGHTS = Path(rows.ROOT) / "bot" / "concern" / "weights.bin"
GOLDEN = Path(rows.ROOT) / "tests" / "concern" / "golden_margins.jsonl"
GOLDEN_EVERY = 16
SEED = 6
FEWEST = 2
"""A feature that only one row has teaches nothing about the next."""
STEPS = 32_000
WORTH = {"corpus": 1.0, "examples": 0.5, "lessons": 0.3, "own words": 0.1, "small talk": 0.15}
STRICTNESS = {"any": 2.0, "urgent": 2.0, "category": 2.0}


def training_rows() -> tuple[list[Row], list[float]]:
    """All that the model learns from, and how much each row is worth."""
    parts = {
        "corpus": rows.corpus("train"),
        "examples": rows.examples(),
        "lessons": rows.lessons(),
        "own words": rows.own_words(),
        "small talk": rows.small_talk(),
    }
    return [row for part in parts.values() for row in part], [WORTH[name] for name, part in parts.items() for _ in part]


def seen(row: Row) -> set[int]:
    """The features of a row: of its first window, and the corpus has no longer ones."""
    return features(normalise(row.text).keys[:WINDOW], moment(row.state))


def matrix(found: Sequence[set[int]], columns: dict[int, int]) -> sp.csr_matrix:
    """One line a row, each feature as large as the model will count it."""
    places = [sorted(columns[feature] for feature in one if feature in columns) for one in found]
    ends = np.cumsum([0, *map(len, places)])
    values = np.concatenate([np.full(len(line), 1 / sqrt(len(one))) for line, one in zip(places, found, strict=True)])
    return sp.csr_matrix((values, np.concatenate(places).astype(np.int64), ends), shape=(len(found), len(columns)))


def learn(learned: Sequence[Row], worth: Sequence[float]) -> tuple[Head, list[tuple[int, list[int]]]]:
    """The head of the file and, for each feature that counts, its weights in whole steps."""
    found = [seen(row) for row in learned]
    counts = Counter(feature for one in found for feature in one)
    columns = {feature: n for n, feature in enumerate(sorted(f for f, count in counts.items() if count >= FEWEST))}
    rarity = np.array([np.log((1 + len(found)) / (1 + counts[feature])) + 1 for feature in columns])
    shown, worths = matrix(found, columns) @ sp.diags(rarity), np.array(worth)
    weights, biases = [], []
    for name in OUTPUTS:
        fitted, bias = _fitted(name, learned, shown, worths)
        weights.append(fitted * rarity)
        biases.append(bias)
    table = np.array(weights)
    scales = np.abs(table).max(axis=1) / STEPS
    whole = np.rint(table / scales[:, None]).astype(int).T
    head = Head(scales=tuple(map(float, scales)), biases=tuple(biases), any_from=0, urgent_from=0)
    return head, [(feature, line.tolist()) for feature, line in zip(columns, whole, strict=True) if line.any()]


def _fitted(name: str, learned: Sequence[Row], shown: sp.csr_matrix, worth: np.ndarray) -> tuple[np.ndarray, float]:
    """The weights and the bias of one output; a category is told from the other categories only."""
    chosen = np.arange(len(learned))
    if name == "any":
        wanted = np.array([row.is_positive for row in learned])
    elif name == "urgent":
        wanted = np.array([row.level is Level.URGENT for row in learned])
    else:
        chosen = np.array([n for n, row in enumerate(learned) if row.is_positive])
        wanted = np.array([learned[n].category is Category(name) for n in chosen])
    machine = LogisticRegression(
        C=STRICTNESS.get(name, STRICTNESS["category"]), class_weight="balanced", max_iter=2000, random_state=SEED
    )
    machine.fit(shown[chosen], wanted, sample_weight=worth[chosen])
    return machine.coef_[0], float(machine.intercept_[0])


def train() -> tuple[bytes, str]:
    """The file of the new model, with thresholds fixed on the development split, and its golden margins."""
    head, weights = learn(*training_rows())
    thresholds = fixed(unpack(pack(head, weights)), rows.corpus("development"))
    head = head.model_copy(update={"any_from": thresholds.any, "urgent_from": thresholds.urgent})
    return pack(head, weights), golden(head, weights)


def golden(head: Head, weights: Sequence[tuple[int, Sequence[int]]]) -> str:
    """What scikit-learn itself makes of some development rows with the weights of the file; the scorer must agree."""
    columns = {feature: n for n, (feature, _) in enumerate(weights)}
    table = np.array([line for _, line in weights]).T * np.array(head.scales)[:, None]
    chosen = rows.corpus("development")[::GOLDEN_EVERY]
    shown = matrix([seen(row) for row in chosen], columns)
    margins = []
    for line, bias in zip(table, head.biases, strict=True):
        machine = LogisticRegression().fit([[0.0], [1.0]], [False, True])
        machine.coef_, machine.intercept_, machine.n_features_in_ = line[None, :], np.array([bias]), len(line)
        margins.append(machine.decision_function(shown).tolist())
    lines = [
        json.dumps({"text": row.text, "state": row.state, "margins": list(one)}, ensure_ascii=False)
        for row, one in zip(chosen, zip(*margins, strict=True), strict=True)
    ]
    return "\n".join([*lines, ""])


def main() -> int:
    """Write the new model unless it finds fewer of the development reports than the one that is there."""
    packed, margins = train()
    development = rows.corpus("development")
    new = recall(_screen(unpack(packed)), development)
    old = recall(_screen(unpack(WEIGHTS.read_bytes())), development) if WEIGHTS.exists() else 0.0
    print(f"recall on the development split at the same budget: new {new:.3f}, old {old:.3f}; {len(packed):,} bytes")
    if new < old and "--accept-worse" not in sys.argv:
        print("The new model is worse and was not written; --accept-worse writes it all the same.")
        return 1
    WEIGHTS.write_bytes(packed)
    GOLDEN.write_text(margins, "utf-8")
    return 0


def _screen(model: Model) -> Screen:
    return Screen(load_lexicons(), model)


if __name__ == "__main__":
    sys.exit(main())
