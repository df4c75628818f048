"""A number is understood in digits and in words of three languages, and never inside a longer text."""

import pytest

from bot.orthography.numbers import number

TYPED = {
    1: "1 | 1. | №1 | 1️⃣ | як | якум | yakum | аввал | один | первая | Первое! | birinchi | рақами 1 | 1-ум",
    2: "2 | (2) | ２ | ٢ | ду | дуюм | дуюмаш | дуто | вторая | два | vtoraya | ikki | номер 2 | 2-й | № 2",
    3: "3 | се | сеюм | seyum | три | третий | третью | uchinchi | #3",
    4: "чор | чаҳор | чорум | четыре | четвёртая | to'rt",
    5: "панҷ | панч | пандж | panj | пять | пятый | besh",
    9: "соати 9 | нӯҳ | нух | в 9 | девять",
    10: "10 | даҳ | дах | десятая",
    14: "14 | чордаҳ | четырнадцать",
}
OTHERS = "се хона | 1 2 | 2 ва 3 | 9:00 | 1000 | все | дувум бор | один раз в день | рақам | половина | ½ | хуб | ? |"
CASES = [(n, text.strip()) for n, texts in TYPED.items() for text in texts.split("|")]


@pytest.mark.parametrize(("expected", "text"), CASES)
def test_a_number_is_understood_however_it_is_typed(expected: int, text: str) -> None:
    assert number(text) == expected


@pytest.mark.parametrize("text", [text.strip() for text in OTHERS.split("|")])
def test_a_longer_text_is_no_number(text: str) -> None:
    assert number(text) is None
