"""The skeleton measured over 3,000 words of a Tajik dictionary, typed in every way that people type them.

The words come from the list inside the package `tajiknlp` (tests only); its code is never imported.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from random import Random

import pytest

from bot.orthography import Vocabulary, is_near, skeleton
from bot.orthography.commands import ACTED_ON_A_SLIP, command, guess

ALPHABET = frozenset("абвгғдеёжзиӣйкқлмнопрстуӯфхҳчҷшъэюя")
SPECIAL = frozenset("ғӣқӯҳҷ")
SAMPLE = 3000
RECALL, RECALL_WITH_A_SLIP, SHARED = 0.99, 0.95, 0.06

Typing = Callable[[str], str]


@cache
def dictionary() -> tuple[str, ...]:
    """Every single word of the list, in proper letters."""
    path = Path(str(distribution("tajiknlp").locate_file("tajiknlp/data/tajik_pos.jsonl")))
    lines = path.read_text(encoding="utf-8").splitlines()
    found = {unicodedata.normalize("NFC", json.loads(line)["tajik"]).lower() for line in lines}
    return tuple(sorted(word for word in found if len(word) > 1 and set(word) <= ALPHABET))


@cache
def sample() -> tuple[str, ...]:
    """3,000 words, all of them with one of the six letters: the half of the vocabulary that keyboards change."""
    return tuple(Random(5).sample([word for word in dictionary() if set(word) & SPECIAL], SAMPLE))


def _swap(table: str) -> Typing:
    pairs = dict(pair.split(":") for pair in table.split())
    pattern = re.compile("|".join(sorted(pairs, key=len, reverse=True)))
    return lambda word: pattern.sub(lambda found: pairs[found[0]], word)


KEYBOARD = "ғ:г ӣ:и қ:к ӯ:у ҳ:х"
SHARED_LATIN = (
    "а:a б:b в:v г:g д:d е:e з:z и:i й:y к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f ш:sh ч:ch ж:zh э:e ё:yo ю:yu я:ya"
)
LOOK_ALIKES = _swap("а:a о:o р:p с:c у:y х:x е:e")

TYPINGS: dict[str, Typing] = {
    "Russian keyboard, ҷ as ч": _swap(f"{KEYBOARD} ҷ:ч"),
    "Russian keyboard, ҷ as ж": _swap(f"{KEYBOARD} ҷ:ж"),
    "Russian keyboard, ҷ as дж": _swap(f"{KEYBOARD} ҷ:дж"),
    "old fonts": _swap("ғ:ѓ қ:ќ ҳ:њ ҷ:љ ӯ:ў ӣ:ї"),
    "short u and shha": _swap("ӯ:ў ҳ:һ"),
    "combining marks": lambda word: unicodedata.normalize("NFD", word),
    "Latin look-alikes inside": lambda word: word[0] + LOOK_ALIKES(word[1:]),
    "Latin by BGN": _swap(f"{SHARED_LATIN} ъ:’ ғ:gh ӣ:í қ:q ӯ:ŭ ҳ:h ҷ:j х:kh"),
    "Latin with macrons": _swap(f"{SHARED_LATIN} ъ:’ ғ:gh ӣ:ī қ:q ӯ:ū ҳ:h ҷ:j х:kh"),
    "Latin by x, q, j": _swap(f"{SHARED_LATIN} ъ:' ғ:gh ӣ:i қ:q ӯ:u ҳ:h ҷ:j х:x"),
    "Latin by kh as h, k, dj": _swap(f"{SHARED_LATIN} ъ:' ғ:g ӣ:i қ:k ӯ:u ҳ:h ҷ:dj х:h"),
    "Latin by zh": _swap(f"{SHARED_LATIN} ъ:' ғ:g ӣ:iy қ:k ӯ:u ҳ:h ҷ:zh х:kh"),
    "Latin as Uzbeks write": _swap(f"{SHARED_LATIN} ъ:' ғ:g' ӣ:i қ:q ӯ:o' ҳ:h ҷ:j х:x"),
    "Latin with ş and ç": _swap(f"{SHARED_LATIN} ъ:' ғ:ğ ӣ:ī қ:q ӯ:ö ҳ:h ҷ:ç х:x".replace("ш:sh ч:ch", "ш:ş ч:ç")),
    "Latin with š and č": _swap(
        f"{SHARED_LATIN} ъ:' ғ:ġ ӣ:ī қ:q ӯ:ū ҳ:ḩ ҷ:č х:x".replace("ш:sh ч:ch ж:zh", "ш:š ч:č ж:ž")),
    "stretched vowels": lambda word: re.sub("([аоуӯиӣеэ])", r"\1\1\1", word),
    "doubled letters": lambda word: re.sub("([^аоуӯиӣеэ])", r"\1\1", word),
    "without ъ": lambda word: word.replace("ъ", ""),
    "ь for ъ": lambda word: word.replace("ъ", "ь"),
    "an apostrophe for ъ": lambda word: word.replace("ъ", "’"),
    "ё ю я as two letters": _swap(f"{KEYBOARD} ҷ:ч ё:йо ю:йу я:йа"),
    "ё as е": _swap("ё:е"),
    "ы for и": _swap(f"{KEYBOARD} ҷ:ч и:ы"),
    "ий for ӣ": _swap("ӣ:ий"),
    "capitals": str.upper,
    "a soft hyphen inside": lambda word: f"{word[:2]}\u00ad{word[2:]}",
}  # fmt: skip


@pytest.mark.parametrize("name", TYPINGS)
def test_of_a_hundred_dictionary_words_ninety_nine_keep_their_key(name: str) -> None:
    lost = [word for word in sample() if skeleton(TYPINGS[name](word)) != skeleton(word)]
    assert len(lost) <= (1 - RECALL) * SAMPLE, lost[:20]


def test_recall_is_not_bought_by_folding_words_together() -> None:
    keys = Counter(map(skeleton, dictionary()))
    shared = sum(keys[skeleton(word)] > 1 for word in dictionary())
    assert len(dictionary()) > 40_000
    assert shared <= SHARED * len(dictionary())


def test_letters_typed_apart_are_read_together() -> None:
    long = [word for word in sample() if len(set(skeleton(word))) >= 3 and len(skeleton(word)) >= 4]
    lost = [word for word in long if skeleton("-".join(word)) != skeleton(word)]
    assert len(lost) <= (1 - RECALL) * len(long), lost[:20]


def _slip(word: str, chance: Random) -> str:
    """The word with a letter left out, put in, changed, or two swapped."""
    at, letter = chance.randrange(len(word)), chance.choice(sorted(ALPHABET))
    swapped = min(at, len(word) - 2)
    return chance.choice((
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
        word[:swapped] + word[swapped + 1] + word[swapped] + word[swapped + 2 :],
    ))  # fmt: skip


def test_one_slip_in_a_word_of_five_letters_and_more_is_forgiven() -> None:
    chance = Random(7)
    slips = [(word, _slip(word, chance)) for word in sample() if len(word) >= 5]
    near = sum(is_near(skeleton(word), skeleton(slip)) for word, slip in slips)
    understood = sum(Vocabulary({"it": (word,)}).meaning(slip) == "it" for word, slip in slips)
    assert near >= RECALL_WITH_A_SLIP * len(slips)
    assert understood >= RECALL_WITH_A_SLIP * len(slips)


@cache
def taken_for_slips() -> dict[str, str]:
    """Every dictionary word that one letter parts from a command, and which one."""
    return {word: meaning for word in dictionary() if (meaning := guess(word)) is not None}


def test_s7_no_common_word_acts_as_stop_hide_or_help_by_a_slip() -> None:
    acting = {word for word in taken_for_slips() if command(word) is not None}
    assert acting <= RARE, acting - RARE


RARE = frozenset(
    """
    ардам гумаяк испед истез кума кумарғ курак курмак кутак кӯбак кӯлак кӯлмак кӯма кӯрак кӯсак кӯтак мадар мадда
    мадид масад нӯхта пингон помонӣ тохта тӯта ҷумак
    """.split()
)
"""Words hardly anybody writes alone: taken for a slip of help or stop, which errs on the side of a person looking."""


def test_every_other_slip_of_a_command_is_a_guess_and_never_an_act() -> None:
    guesses = {word: meaning for word, meaning in taken_for_slips().items() if meaning not in ACTED_ON_A_SLIP}
    assert 20 < len(guesses) < 0.005 * len(dictionary())
    assert not any(map(command, guesses))
