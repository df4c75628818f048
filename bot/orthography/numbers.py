"""Numbers as people type them to choose from a list: 2, 2️⃣, №2, «дуюм», "second", «вторая», «ikkinchi»."""

import re
import unicodedata

from bot.orthography.skeleton import words

_WORDS = """
1 як якум якумаш якумин аввал аввалин яке яктааш один одна одно раз первый первая первое первую бир биринчи one first
2 ду дую дуюм дуюмаш дуюмин дуто дута дутояш два две второй вторая второе вторую икки иккинчи two second
3 се сеюм сеюмаш сеюмин сето сета три третий третья третье третью уч ўч учинчи ўчинчи three third
4 чор чаҳор чорум чорумаш чаҳорум чорто четыре четвёртый четвёртая четвёртое четвёртую тўрт тўртинчи four fourth
5 панҷ панҷум панҷумаш панҷто пять пятый пятая пятое пятую беш бешинчи five fifth
6 шаш шашум шашумаш шашто шесть шестой шестая шестое шестую олти олтинчи six sixth
7 ҳафт ҳафтум ҳафтумаш ҳафтто семь седьмой седьмая седьмое седьмую етти еттинчи seven seventh
8 ҳашт ҳаштум ҳаштумаш ҳаштто восемь восьмой восьмая восьмое восьмую саккиз саккизинчи eight eighth
9 нӯҳ нӯҳум нӯҳумаш нӯҳто девять девятый девятая девятое девятую тўққиз тўққизинчи nine ninth
10 даҳ даҳум даҳумаш даҳто десять десятый десятая десятое десятую ўн ўнинчи ten tenth
11 ёздаҳ ёздаҳум одиннадцать одиннадцатый одиннадцатая
12 дувоздаҳ дувоздаҳум двенадцать двенадцатый двенадцатая
13 сездаҳ сездаҳум тринадцать тринадцатый тринадцатая
14 чордаҳ чордаҳум четырнадцать четырнадцатый четырнадцатая
15 понздаҳ понздаҳум пятнадцать пятнадцатый пятнадцатая
16 шонздаҳ шонздаҳум шестнадцать шестнадцатый шестнадцатая
17 ҳафдаҳ ҳабдаҳ ҳафдаҳум семнадцать семнадцатый семнадцатая
18 ҳаждаҳ ҳаждаҳум восемнадцать восемнадцатый восемнадцатая
19 нуздаҳ нуздаҳум девятнадцать девятнадцатый девятнадцатая
20 бист бистум двадцать двадцатый двадцатая
"""
_AROUND = (
    "но соати соат в с аз рақами рақам шумораи дарси варианти вариант саволи номер пункт цифра number "
    " дона та то ю юм ум й я е ая ой ый ий"
)
_NUMBER_OF = {
    key[0]: int(number)
    for number, *names in map(str.split, _WORDS.strip().splitlines())
    for name in names
    if len(key := words(name)) == 1
}
_PASSED_OVER = {key for word in _AROUND.split() for key in words(word)}
_DIGITS = re.compile(r"\d+")
_JOINED = re.compile(r"(?<=\d)(?=[^\W\d_])")
_MOST_WORDS = 3


def number(text: str) -> int | None:
    """The one number, below 1000, which the whole message names in digits or in words; None if it says more or else."""
    parts = words(_JOINED.sub(" ", unicodedata.normalize("NFKC", text.replace("№", " "))))
    if not 0 < len(parts) <= _MOST_WORDS:
        return None
    found = [value for part in parts if (value := _value(part)) is not None]
    is_alone = all(_value(part) is not None or part in _PASSED_OVER for part in parts)
    return found[0] if is_alone and len(found) == 1 else None


def _value(part: str) -> int | None:
    if _DIGITS.fullmatch(part):
        return int(part) if len(part) <= 3 else None
    return _NUMBER_OF.get(part)
