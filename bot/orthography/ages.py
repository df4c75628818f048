"""An age as people type it: «мне 30», «35-сола», «да, мне уже тридцать три года»; nothing else in the message."""

import re
import unicodedata

from bot.orthography.numbers import number
from bot.orthography.skeleton import words

GROWN_UP = 18
"""From this age on she is no child any more (S16)."""

_TENS = """
20 бист бисту двадцать
30 сӣ сию тридцать
40 чил чилу сорок
50 панҷоҳ панҷоҳу пятьдесят
60 шаст шасту шестьдесят
70 ҳафтод ҳафтоду семьдесят
"""
# «Почти», «скоро» and «нет» are not among them: they say another age than the one they name.
_AROUND = """
    да ага конечно есть уже мне я мой возраст сейчас исполнилось стукнуло лет года год годик годиков полных
    ҳа бале ман мана манба ба синнам синни синну сол сола солаам солама соламе солаи солам ҳастам шудам даромадам
    больше старше дорам пур зиёд зиёдам ҳоло акнун ёш ёшдаман ёшга кирдим
"""
_VALUES = {key[0]: int(ten) for ten, *names in map(str.split, _TENS.strip().splitlines()) for key in map(words, names)}
_PASSED_OVER = {key for word in _AROUND.split() for key in words(word)}
_JOINED = re.compile(r"(?<=\d)(?=[^\W\d_])")
_MOST_WORDS = 8
_LEAST = 10
_MOST_PARTS = 2


def age(text: str) -> int | None:
    """The one age, 10 to 99 years, that the whole message says of whoever writes it; None if it says more or else."""
    parts = words(_JOINED.sub(" ", unicodedata.normalize("NFKC", text)))
    if not 0 < len(parts) <= _MOST_WORDS:
        return None
    values = [value for part in parts if part not in _PASSED_OVER and (value := _value(part)) is not None]
    named = sum(part not in _PASSED_OVER for part in parts)
    return _sum(values) if len(values) == named else None


def _sum(values: list[int]) -> int | None:
    """One number, or tens and a digit after them."""
    is_one = len(values) == 1 or (len(values) == _MOST_PARTS and values[0] % 10 == 0 < values[1] < _LEAST <= values[0])
    total = sum(values)
    return total if is_one and total >= _LEAST else None


def _value(part: str) -> int | None:
    if part.isdecimal():
        return int(part) if len(part) == len(str(_LEAST)) else None
    return _VALUES.get(part) or number(part)
