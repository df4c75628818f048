"""`make train`: learn the weights, fix the thresholds, refuse a worse model, write the file.

Scikit-learn is needed here and nowhere else.  The order of rows and features is fixed, and so is the result.
"""

import json
import sys
from collections import Counter
from collections.abc import Collection, Sequence
from math import sqrt
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from bot.concern.features import WINDOW, features
from bot.concern.fusion import Weighed
from bot.concern.model import OUTPUTS, Head, pack, unpack
from bot.concern.moments import moment
from bot.concern.normalise import normalise
from bot.core.cases import Category, Level
from bot.core.errors import ContentError
from training import gate, rows
from training.rows import Row
from training.thresholds import fixed, told, weighed

Line = tuple[int, list[int]]
WEIGHTS = Path(rows.ROOT) / "bot" / "concern" / "weights.bin"
GOLDEN = Path(rows.ROOT) / "tests" / "concern" / "golden_margins.jsonl"
GOLDEN_EVERY = 16
SEED = 6
GROUPS = 6
"""In so many groups the narrators are left out in turn."""
KNOWING = frozenset({"n30"})
"""Written after reading the development split: learned from, but no new voice to anybody."""
FEWEST = 2
"""A feature that only one row has teaches nothing about the next."""
SURENESS = 0.5
STEPS = 6_000
"""So many steps a weight has on each side: more changed nothing and made the file larger."""
PRIOR = 0.05
"""So often every feature counts as seen on each side when their shares are compared."""
WORTH = {"corpus": 1.0, "examples": 0.5, "lessons": 0.3, "own words": 0.3, "small talk": 0.15}
STRICTNESS = {"any": 8.0}
ENOUGH = 0.003
"""Learning ends when a step improves no more than this; more steps changed nothing across narrators."""


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


def seen(row: Row) -> Counter[int]:
    """The features of a row and how often each counts: of its first window, and the corpus has no longer ones."""
    return Counter(features(normalise(row.text).keys[:WINDOW], moment(row.state)))


def matrix(found: Sequence[Counter[int]], columns: dict[int, int]) -> sp.csr_matrix:
    """One line a row, each feature as large as the model will count it."""
    places = [sorted(columns[feature] for feature in one if feature in columns) for one in found]
    names = list(columns)
    values = [one[names[place]] / sqrt(one.total()) for line, one in zip(places, found, strict=True) for place in line]
    ends = np.cumsum([0, *map(len, places)])
    return sp.csr_matrix((values, np.concatenate(places).astype(np.int64), ends), shape=(len(found), len(columns)))


class Material:
    """All rows with their features, seen once; `shown` holds a feature the larger the rarer it is."""

    def __init__(self, learned: Sequence[Row], worth: Sequence[float]) -> None:
        self.rows, self.worth = learned, np.array(worth)
        found = [seen(row) for row in learned]
        counts = Counter(feature for one in found for feature in one)
        self.columns = {f: n for n, f in enumerate(sorted(f for f, count in counts.items() if count >= FEWEST))}
        self.rarity = np.array([np.log((1 + len(found)) / (1 + counts[feature])) + 1 for feature in self.columns])
        self.shown = matrix(found, self.columns) @ sp.diags(self.rarity)

    def learn(self, without: Collection[str] = ()) -> tuple[Head, list[Line]]:
        """The head of the file and, for each feature that counts, its weights in whole steps."""
        heard = np.array([n for n, row in enumerate(self.rows) if row.narrator not in without])
        fitted = {name: self._fitted(name, heard) for name in OUTPUTS}
        # What is surely no ordinary text may rather be urgent: so more urgent reports page within the same budget.
        fitted["urgent"] = tuple(
            one + SURENESS * other for one, other in zip(fitted["urgent"], fitted["any"], strict=True)
        )
        table = np.array([weights * self.rarity for weights, _ in fitted.values()])
        scales = np.abs(table).max(axis=1) / STEPS
        whole = np.rint(table / scales[:, None]).astype(int).T
        biases = tuple(bias for _, bias in fitted.values())
        head = Head(scales=tuple(map(float, scales)), biases=biases, any_from=0, urgent_from=0)
        lines = zip(self.columns, whole, strict=True)
        return head, [(feature, line.tolist()) for feature, line in lines if line.any()]

    def _fitted(self, name: str, heard: np.ndarray) -> tuple[np.ndarray, float]:
        """The weights and the bias of one output; a category is told from the others and from ordinary texts."""
        if name in {"any", "urgent"}:
            lowest = Level.CONCERN if name == "any" else Level.URGENT
            wanted = np.array([self.rows[n].level.rank >= lowest.rank for n in heard])
        else:
            wanted = np.array([self.rows[n].category is Category(name) for n in heard])
        lines, worth = self.shown[heard], self.worth[heard]
        telling = _telling(lines, wanted, worth)
        machine = LogisticRegression(
            C=STRICTNESS.get(name, 1.0), class_weight="balanced", solver="liblinear", tol=ENOUGH, random_state=SEED
        )
        machine.fit(lines @ sp.diags(telling), wanted, sample_weight=worth)
        return machine.coef_[0] * telling, float(machine.intercept_[0])


def _telling(lines: sp.csr_matrix, wanted: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """How much more a feature is at home on one side than on the other: one at home on both may hardly be used."""
    is_there = lines.sign()
    one, other = (PRIOR + is_there[side].T @ weight[side] for side in (wanted, ~wanted))
    return np.sqrt(np.abs(np.log(one / one.sum()) - np.log(other / other.sum())))


def train() -> tuple[bytes, str, str]:
    """The file of the new model, its golden margins, and what a new voice may expect of it."""
    material = Material(*training_rows())
    head, weights = material.learn()
    heard = [*unheard(material), *weighed(unpack(pack(head, weights)), rows.corpus("development"))]
    thresholds = fixed(heard)
    head = head.model_copy(update={"any_from": thresholds.any, "urgent_from": thresholds.urgent})
    return pack(head, weights), golden(head, weights), told(heard, thresholds)


def unheard(material: Material) -> list[tuple[Row, Weighed]]:
    """Every training narrator as judged by a model that learned without her: nobody else is a new voice."""
    voices = sorted({row.narrator for row in rows.corpus("train")} - KNOWING)
    judged: list[tuple[Row, Weighed]] = []
    for group in (voices[n::GROUPS] for n in range(GROUPS)):
        theirs = [row for row in material.rows if row.narrator in group]
        judged += weighed(unpack(pack(*material.learn(without=group))), theirs) if theirs else []
    return judged


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
    """Write the new model unless the gate refuses it."""
    packed, margins, expected = train()
    print(f"{expected}; {len(packed):,} bytes")
    if (refused := _refused(packed)) and "--accept-worse" not in sys.argv:
        print("\n".join(["The new model was not written; --accept-worse writes it all the same.", *refused]))
        return 1
    WEIGHTS.write_bytes(packed)
    GOLDEN.write_text(margins, "utf-8")
    return 0


def _refused(packed: bytes) -> list[str]:
    """Why the gate refuses a model; says how it compares with the one that is there."""
    new = gate.marks(unpack(packed))
    differences = gate.compare(new, gate.marks(unpack(WEIGHTS.read_bytes()))) if _is_readable(WEIGHTS) else {}
    for name, difference in differences.items():
        print(f"{name} of the development split, at the same budget: {difference}")
    return gate.refusals(new, differences)


def _is_readable(file: Path) -> bool:
    """Whether there is an old model of today's format to compare with."""
    try:
        unpack(file.read_bytes())
    except (FileNotFoundError, ContentError):
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
