"""The skeleton keeps a word's key equal through every way of typing it."""

import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.orthography import skeleton, words

WORDS = """
    ҳаҷ ҳақ ҷон қалб ғам шӯро ӯ дӯст рӯз моҳ кӯдак кӯдакон ҷавон ҷавонон қавм қонун ғалаба ғайр тоҷик тоҷикӣ
    ҳамроҳ ҳамсоя ҳамсар ҳукумат ҳуқуқ ҳақиқат ҳаёт ҳаво ҳайрон ҳоло ҳозир ҳафта ҳам ҳар ҳеҷ ҳисоб ҳикоя
    хоҳар хоҳарҷон хоҳиш хӯрок хӯрдан пӯшидан гӯш гӯшт гуфтугӯ суҳбат саҳар субҳ сабақ савқ мақсад мақола
    мактубҳо китобҳо дарсҳо занҳо мардҳо модарон модарҷон падарҷон бачаҷон додарҷон бибиҷон апаҷон хешованд
    қишлоқ деҳа шаҳр роҳ роҳбар роҳнамо кӯмак ёрӣ ҷавоб ҷойгоҳ ҷамъият ҷанг ҷудо ҷашн ҷумъа панҷшанбе
    панҷ ҳафт ҳашт нӯҳ даҳ ҳаждаҳ ҳафдаҳ понздаҳ чоряк чӣ чаро чӯб чойҷӯш хонаҷанг муҳаббат меҳрубон меҳр
    мӯҳлат тӯҳфа шавҳар шавҳарам зӯроварӣ зӯр зараровар оғоз оҳанг оҳиста огоҳ огоҳӣ донишгоҳ баҳор тобистон
    қадам қалам қувват қарз қарор қабул ақл ақида фикр иқтисод истиқлол тақвим вақт фарқ шавқ зақат лақаб
    нақша нақл наҷот наҷиб виҷдон эҳтиром эҳтиёт эътимод эҷод маҷбур маҷлис масҷид маҳалла маҳкам маъно
    ғамгин ғамхор ғазаб ғизо боғ чароғ дурӯғ дорӯ орзу орзӯ умед умедвор мӯй рӯй бӯй ҷӯй шӯй зону бозӣ
    хонагӣ тифлӣ пирӣ некӣ бадӣ зиндагӣ дӯстӣ хушбахтӣ тарбияи ҷавоҳир раҳмат марҳамат салом хайр
""".split()

Typing = Callable[[str], str]


def _swap(table: str) -> Typing:
    pairs = [pair.split(":") for pair in table.split()]
    pattern = re.compile("|".join(left for left, _ in pairs))
    return lambda word: pattern.sub(lambda found: dict(pairs)[found[0]], word)


KEYBOARD = "ғ:г ӣ:и қ:к ӯ:у ҳ:х"
COMMON = "а:a б:b в:v г:g д:d е:e з:z и:i й:y к:k л:l м:m н:n о:o п:p р:r с:s т:t у:u ф:f ш:sh ч:ch ж:zh э:e ъ:’"
ONES = COMMON + " ӣ:i ӯ:u ё:yo ю:yu я:ya"

TYPINGS: dict[str, Typing] = {
    "Russian keyboard, ҷ as ч": _swap(KEYBOARD + " ҷ:ч"),
    "Russian keyboard, ҷ as ж": _swap(KEYBOARD + " ҷ:ж"),
    "Russian keyboard, ҷ as дж": _swap(KEYBOARD + " ҷ:дж"),
    "old fonts": _swap("ѓ:ѓ ғ:ѓ қ:ќ ҳ:њ ҷ:љ ӯ:ў ӣ:ї"),
    "short u and shha": _swap("ӯ:ў ҳ:һ"),
    "combining marks": lambda word: unicodedata.normalize("NFD", word),
    "Latin look-alikes inside": lambda word: word[0] + _swap("а:a о:o р:p с:c у:y х:x е:e к:k т:t")(word[1:]),
    "Latin, library romanisation": _swap(COMMON + " ғ:gh ӣ:í қ:q ӯ:ŭ ҳ:h ҷ:j х:kh ё:yo ю:yu я:ya"),
    "Latin with x, q, j": _swap(ONES + " ғ:g қ:q ҳ:h ҷ:j х:x"),
    "Latin with kh as h, k, dj": _swap(ONES + " ғ:g қ:k ҳ:h ҷ:dj х:h"),
    "Latin with o' and g'": _swap(COMMON.replace("ъ:’", "ъ:'") + " ӣ:i ӯ:o' ё:yo ю:yu я:ya ғ:g' қ:q ҳ:h ҷ:j х:x"),
    "stretched vowels": lambda word: re.sub("([аоуӯи])", r"\1\1\1", word),
    "capitals": str.upper,
}


@pytest.mark.parametrize("name", TYPINGS)
def test_a_word_keeps_its_key_however_it_is_typed(name: str) -> None:
    lost = [word for word in WORDS if skeleton(TYPINGS[name](word)) != skeleton(word)]
    assert len(lost) <= 0.01 * len(WORDS), lost


def test_the_word_list_is_large_enough_to_measure_one_percent() -> None:
    assert len(set(WORDS)) >= 150


def test_different_words_seldom_share_a_key() -> None:
    assert len({skeleton(word) for word in WORDS}) >= 0.97 * len(set(WORDS))


@given(st.text(max_size=60))
def test_a_skeleton_is_its_own_skeleton(text: str) -> None:
    assert skeleton(skeleton(text)) == skeleton(text)


@given(st.text(max_size=60))
def test_composed_and_decomposed_text_have_one_skeleton(text: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert skeleton(composed) == skeleton(decomposed)


@given(st.text(alphabet="абвғдеёжзӣқӯҳҷхкгсшщцйъьэюяabcdehkosxyzj'’ ", max_size=40))
def test_the_laws_hold_on_the_letters_people_use(text: str) -> None:
    assert skeleton(skeleton(text)) == skeleton(text)
    assert skeleton(text.upper()) == skeleton(text)
    assert skeleton(unicodedata.normalize("NFD", text)) == skeleton(text)


@given(st.text(max_size=200))
def test_every_word_is_one_word_without_spaces(text: str) -> None:
    assert all(word and not word.isspace() and " " not in word for word in words(text))


def test_invisible_characters_do_not_hide_a_word() -> None:
    assert skeleton("по\u200bмо\u00adщь") == skeleton("помощь")


def test_numbers_are_left_as_they_are() -> None:
    assert words("соли 2011, моҳи 11") == ("соли", "2011", "мохи", "11")


def test_a_long_message_of_pictures_has_no_words() -> None:
    assert words("😂" * 4096) == ()


def test_a_message_of_signs_that_stand_for_a_sentence_is_not_read_as_a_page() -> None:
    one = words("ﷺ")
    assert words("ﷺ " * 50) == one * 50
    assert words("ﷺ " * 2000) == one * 50
    assert words("ﷻﷺ " * 2000 + "муж меня бьёт")[-3:] == words("муж меня бьёт"), "nothing else is left out"
