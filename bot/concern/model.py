"""The model: a linear judgement of a text by its letters and words, learned without the lexicons.

`make train` writes the weights; here they are read and added up, without any library.
"""

import functools
import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from math import sqrt
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.concern.features import between, pieces, windows
from bot.concern.moments import Moment
from bot.core.cases import Category
from bot.core.errors import ContentError

OUTPUTS = ("any", "urgent", *(category.value for category in Category))
_REMEMBERED = 8_000
_KEY, _WEIGHT = array("I").itemsize, array("h").itemsize


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Margins from which the model calls somebody: at all, and at once."""

    any: float
    urgent: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """Margins of one text: above 0 the model rather believes it; `leanings` are those of the categories in order."""

    any: float
    urgent: float
    leanings: tuple[float, ...]

    @property
    def clearest(self) -> float:
        """The margin of the category that the text speaks of most clearly."""
        return max(self.leanings)


class Head(BaseModel):
    """The first line of a model's file; raises for another format or other outputs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[2] = 2
    outputs: tuple[str, ...] = OUTPUTS
    scales: tuple[float, ...]
    biases: tuple[float, ...]
    any_from: float
    urgent_from: float


class Model:
    """Weights by feature: `keys` are sorted, `weights` hold one small whole number for each output."""

    def __init__(self, head: Head, keys: "array[int]", weights: "array[int]") -> None:
        fits = len(weights) == len(keys) * len(OUTPUTS) and len(head.scales) == len(head.biases) == len(OUTPUTS)
        if head.outputs != OUTPUTS or not fits:
            raise ContentError("model: the weights do not fit the outputs")
        digest = sha256(keys.tobytes() + weights.tobytes() + head.model_dump_json().encode())
        self.version = f"model-{digest.hexdigest()[:10]}"
        self.thresholds = Thresholds(head.any_from, head.urgent_from)
        self._keys, self._last = keys, len(keys) - 1
        self._columns = [weights[n :: len(OUTPUTS)] for n in range(len(OUTPUTS))]
        self._scales, self._biases = head.scales, head.biases
        self._of_word = functools.lru_cache(maxsize=_REMEMBERED)(self._summed_word)

    def judge(self, words: Sequence[str], moment: Moment) -> Judgement:
        """The margins of the most worrying window of a text."""
        return max((self._judged(window, moment) for window in windows(words)), key=lambda one: one.any)

    def margins(self, words: Sequence[str], moment: Moment) -> list[float]:
        """All outputs for one window, in the order of `OUTPUTS`."""
        parts = [self._of_word(word) for word in set(words)]
        parts.append(self._summed(between(words, moment)))
        count, *sums = map(sum, zip(*parts, strict=True))
        norm = sqrt(count)
        return [
            total * scale / norm + bias for total, scale, bias in zip(sums, self._scales, self._biases, strict=True)
        ]

    def _summed_word(self, word: str) -> tuple[int, ...]:
        return self._summed(pieces(word))

    def _summed(self, found: Collection[int]) -> tuple[int, ...]:
        """How many features these are, and the sum of their weights for each output."""
        known = [place for feature in found if (place := self._place(feature)) is not None]
        return len(found), *(sum(map(column.__getitem__, known)) for column in self._columns)

    def _place(self, feature: int) -> int | None:
        """Where its weights stand; a table of all keys would be a little quicker and six times as large."""
        place = bisect_left(self._keys, feature)
        return place if place <= self._last and self._keys[place] == feature else None

    def _judged(self, window: Sequence[str], moment: Moment) -> Judgement:
        anything, urgent, *leanings = self.margins(window, moment)
        return Judgement(anything, urgent, tuple(leanings))


def pack(head: Head, rows: Sequence[tuple[int, Sequence[int]]]) -> bytes:
    """The file of a model: a line that describes it, then the sorted keys and their weights, compressed."""
    ordered = sorted(rows)
    keys = array("I", [key for key, _ in ordered])
    weights = array("h", [weight for _, row in ordered for weight in row])
    body = _little(keys).tobytes() + _little(weights).tobytes()
    return head.model_dump_json().encode() + b"\n" + zlib.compress(body, 9)


def unpack(packed: bytes) -> Model:
    """The model of a file; raises `ContentError` for one that another version of the program wrote."""
    line, _, body = packed.partition(b"\n")
    try:
        head = Head.model_validate_json(line)
        plain = zlib.decompress(body)
    except (ValidationError, zlib.error) as problem:
        raise ContentError(f"model: the file cannot be read; run `make train`: {problem}") from problem
    row = _KEY + _WEIGHT * len(OUTPUTS)
    end = len(plain) // row * _KEY
    keys, weights = array("I", plain[:end]), array("h", plain[end:])
    return Model(head, _little(keys), _little(weights))


@functools.cache
def load_model() -> Model:
    """The model of the package; reads its file the first time."""
    return unpack(resources.files("bot.concern").joinpath("weights.bin").read_bytes())


def _little(numbers: "array[int]") -> "array[int]":
    """The file is little-endian on every machine."""
    if sys.byteorder == "big":
        numbers = array(numbers.typecode, numbers)
        numbers.byteswap()
    return numbers
