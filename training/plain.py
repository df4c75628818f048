"""The plain word list: what screening by key words alone would find; the baseline that others use."""

import re

from training.rows import Row

WORDS = """
бьёт бьет избил избивает ударил насилие изнасиловал убьёт убьет убить угрожает нож оружие пистолет бомба взрыв война
джихад сирия игил террор экстремизм халифат шахид кафир вербовка суицид самоубийство повеситься отравиться умереть
таблетки вены депрессия наркотики пропал пропала похитили кровотечение судороги помогите полиция
мезанад зад лату зӯроварӣ таҷовуз мекушад куштан таҳдид корд силоҳ бомба ҷанг ҷиҳод сурия хилофат шаҳид кофир
худкушӣ мурдан заҳр ҳаб нашъа гум дуздид хунравӣ беҳуш кӯмак кумак ёрӣ полис
""".split()
"""Whole words as they are spelled, in small letters: such lists know no forms, no keyboards and no Latin letters."""

_WORD = re.compile(r"\w+")
_LISTED = frozenset(WORDS)


def is_flagged(row: Row) -> bool:
    """Whether a word of the list stands in the text."""
    return not _LISTED.isdisjoint(_WORD.findall(row.text.casefold()))
