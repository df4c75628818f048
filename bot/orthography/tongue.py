"""Which language a message seems to be in: a hint by rules, never a decision; no worry may depend on it (S8).

Letters, small words and endings give points; the language she chose begins with one.  Many words are the same in Tajik
and Uzbek («салом», «раҳмат», «лекин»): they give none.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Literal

from bot.orthography.skeleton import LONGEST_REMEMBERED, Word, read, words
from bot.orthography.vocabulary import Vocabulary

Tongue = Literal["tg", "ru", "uz", "arabic"]

_SMALL: dict[Tongue, str] = {
    "tg": """
        ман мо шумо ту вай онҳо ин он аст нест ҳаст ҳастам нестам буд будам шуд шудам шавад мешавад ва ки аз дар ба бо
        барои чӣ чаро чанд куҷо чӣ_хел ҳамин агар бисёр хеле имрӯз дирӯз пагоҳ хуб нағз даркор карда кардам кунам кунем
        кунед кард дорам дорем дорад надорам надорад бача бачаҳо бачаам духтарам писарам модарам падарам шавҳарам хона
        кор рӯз рӯза дарс дарсро фаҳмидам нафаҳмидам гуфт гуфтам рафт рафтам омад омадам дода додам дигар боз худ худам
        ҳоло акнун чизе касе ҳеҷ зиёд кам баъд пеш пас тоҷикӣ забони ташаккур майлаш лутфан саволи ҷавоб навиштам хондам
        кӯдакам кӯдак зан занҳо мардум падар дилам ёд соат саҳифа даҳед диҳед кунад монд монда шумоён мана ҳозир барояш
        бароям маро туро моро шуморо ӯро инро онро ҳама ҳар саломат бошед мумкин нашуд намешавад бале оре
    """,
    "ru": """
        я мы вы он она они это и в на с по что как когда где почему очень был была было были есть нет мне меня мной мой
        моя моё мои у за для но уже ещё сегодня вчера завтра спасибо здравствуйте привет можно надо нужно хочу могу знаю
        понимаю понимать поняла сделала дети детей ребёнок ребенок дочка дочь сын сына муж мужа дома домой время урок
        урока хорошо если только всё все так тоже бы ли или потом сейчас большое мама папа очень его её их нам нас вам
        вас чтобы потому себя себе этот эта эти там тут здесь ничего никто никак всегда иногда раз день дня утром
        вечером от до из без после перед про при под над ведь же уж вот нельзя пожалуйста добрый вечер вопрос ответ
        страница задание сделать прочитала написала пишу читать писать русски работе работу школу школе ко
    """,
    "uz": """
        men sen siz biz bu shu va bilan uchun emas bor yo'q kerak qanday nima qachon qayerda qayer juda yaxshi bugun
        kecha ertaga bola bolam bolalar bolalarim qizim o'g'lim erim onam otam uyda uyga ish ishda darsni tushunmadim
        tushundim bilmayman bilaman xohlayman iltimos qildim qilaman qilasiz keldi kelaman ketdi edi ekan menga sizga
        mening sizning endi hali keyin oldin katta kichik necha bitta ikkita yordam o'zbekcha tilida gapiraman yozaman
        o'qidim o'qiyman bo'ldi bo'ladi bo'lsa qilib kelib deb dedi nega qaysi hamma har ozgina yana meni sizni yozing
        so'rayman kerakmi mumkinmi bormi to'g'ri rost qiyin oson vaqtim vaqt kun kuni
    """,
}
_SHARED = "салом раҳмат ҳа лекин ҳам агар тайёр мумкин китоб хона вақт савол жавоб ҳозир ҳар ҳама дарс кам боз кун он и"
_LETTERS: tuple[tuple[re.Pattern[str], Tongue, int], ...] = (
    (re.compile("[ӣӯҷ]"), "tg", 2),
    (re.compile("[ғқҳ]"), "tg", 1),
    (re.compile("[ғқҳ]"), "uz", 1),
    (re.compile("[ыщц]|[а-яё]ь"), "ru", 2),
    (re.compile("[og]['’‘ʻʼ`]"), "uz", 2),
    (re.compile("ў"), "uz", 1),
    (re.compile("[ѓќњљї]"), "tg", 2),
)
_ENDINGS: tuple[tuple[re.Pattern[str], Tongue], ...] = (
    (re.compile(r"^(?:на)?ме\w{2,}(?:ам|ад|ем|ед|анд)$"), "tg"),
    (re.compile(r"\w{3}(?:хо|хоро|амон|атон|ашон|иам|гоном)$|\w{4}ро$"), "tg"),
    (re.compile(r"\w{3}(?:лар|ларим|нинг|иман|аман|апти|апман|дингиз|имиз|ингиз|маим|магани?|мисиз)$"), "uz"),
    (re.compile(r"\w{3}(?:дим|дик|мадим|гани|ганим)$"), "uz"),
)
_RUSSIAN = re.compile(
    r"[а-яё]{2}(?:ться|тся|лась|лись|ешь|ишь|ого|ому|ему|ыми|ими|ает|яет|ует|ала|ила|ела|али|или|ние|ния|ость|ости|ый|ий|"
    r"ая|яя|ое|ые|ие|ую|юю|ых|ою|ет|ют|ит|ят|ешься|ами|ями)$"
)
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")
_PLAIN_SHARED = {key for word in _SHARED.split() for key in words(word)}
_POINTS = {
    tongue: {key for word in listed.split() for key in words(word)} - _PLAIN_SHARED for tongue, listed in _SMALL.items()
}
# What is written alone, before a language was chosen, and belongs to one language; «стоп» and “help” belong to none.
_ALONE: dict[str, tuple[str, ...]] = {
    "tg": (
        "кӯмак", "кумаг", "кӯмак кунед", "ба ман кӯмак кунед", "кӯмак лозим", "ба ман кӯмак лозим", "кӯмак даркор",
        "ёрӣ", "ёрӣ диҳед", "ба ман ёрӣ диҳед", "ёрӣ лозим", "ёрдам", "ёрдам кунед", "ёрдам диҳед",
        "ба ман ёрдам кунед", "ёрдам лозим", "мадад", "мадад кунед", "пинҳон", "пинҳон кунед", "пинҳон кун",
        "пинҳон кардан", "рӯпӯш", "руст кунед", "бас", "бас кунед", "бас кун", "қатъ кунед", "истед", "нанависед",
        "дигар нанависед", "маро фаромӯш кунед", "маро нест кунед", "маро тоза кунед", "маълумоти маро нест кунед",
        "ҳамаашро нест кунед", "маро фаромӯш кардан", "маро фаромӯш кун", "маро нест кардан",
    ),
    "ru": (
        "помощь", "помогите", "помоги", "помогите мне", "нужна помощь", "мне нужна помощь", "на помощь", "скрыть",
        "скрой", "скройте", "спрячь", "спрятать", "спрячьте", "хватит", "прекратите", "прекрати", "остановите",
        "остановись", "не пишите", "не пишите мне", "не пишите мне больше", "больше не пишите", "отписаться",
        "отпишите меня", "забудьте меня", "забыть меня", "забудь меня", "удалите меня", "удалить меня", "сотрите меня",
        "удалить мои данные", "удалите мои данные", "удалить всё", "удалите всё", "стереть всё", "сотрите всё",
    ),
}  # fmt: skip
_WORDS_ALONE = Vocabulary(_ALONE)
_FEWEST_WORDS, _SMALL_WORD, _ENDING, _CHOSEN, _MARGIN = 2, 2, 1, 1, 2


def tongue(text: str, chosen: Tongue) -> Tongue | None:
    """The language that a message of two words or more seems to be in; None when nothing says so clearly."""
    if is_arabic(text):
        return "arabic"
    found = read(text)
    if len([word for word in found if word.key.isalpha()]) < _FEWEST_WORDS:
        return None
    points = _count(text, found, chosen)
    best, second = sorted(points, key=lambda one: -points[one])[:2]
    return best if points[best] >= _SMALL_WORD and points[best] - points[second] >= _MARGIN else None


def word_tongue(text: str) -> Tongue | None:
    """The language of a message that is nothing but one of the words for help, hide, stop or forget; else None."""
    meaning = _WORDS_ALONE.meaning(text)
    return None if meaning is None else "ru" if meaning == "ru" else "tg"


def is_arabic(text: str) -> bool:
    """Whether most letters are of the Arabic script, in which Persian, Arabic and Uzbek are written, too."""
    letters = [letter for letter in text if letter.isalpha()]
    return len(_ARABIC.findall(text)) * 2 > len(letters) > 0


def _count(text: str, found: tuple[Word, ...], chosen: Tongue) -> dict[Tongue, int]:
    points: dict[Tongue, int] = {"tg": 0, "ru": 0, "uz": 0}
    points[chosen] = _CHOSEN
    raw = unicodedata.normalize("NFC", text).casefold()
    for pattern, spoken, worth in _LETTERS:
        points[spoken] += worth * min(len(pattern.findall(raw)), 2)
    for word in found:
        for spoken, worth in _remembered(word) if len(word.plain) <= LONGEST_REMEMBERED else _worth(word):
            points[spoken] += worth
    return points


def _worth(word: Word) -> tuple[tuple[Tongue, int], ...]:
    """What a word by itself says of its language."""
    small = [(spoken, _SMALL_WORD) for spoken, listed in _POINTS.items() if word.key in listed]
    endings = [(spoken, _ENDING) for pattern, spoken in _ENDINGS if pattern.search(word.key)]
    russian: list[tuple[Tongue, int]] = [("ru", _ENDING)] if _RUSSIAN.search(word.plain) else []
    return (*small, *endings, *russian)


_remembered = lru_cache(maxsize=20_000)(_worth)
