"""Short answers to the questions of joining: who takes the phone, how often, at what hour, how old she is.

Every word of them is listed: a text with any other word is judged like all texts, whatever was asked (S7).
"""

from collections.abc import Sequence

from bot.concern.moments import Moment
from bot.orthography import words
from bot.orthography.ages import GROWN_UP, age

_WHO = """
    я сама только одна мы все никто никого кто кто-то другие дома домашние семья муж мужа мой моя мои моего моей муже
    сын сына сыновья дочь дочка дочки дочери дети детям ребёнок детки свекровь свёкор мама мать папа отец брат братья
    сестра сёстры золовка невестка бабушка дед родители родственники внук внуки старший старшая младший младшая
    ман манам худам танҳо ҳама ҳеҷ кас касе хона дар хонаам хонаводаам оила шавҳар шавҳарам писар писарам писаронам
    духтар духтарам духтаронам бача бачаам бачаҳо бачаҳоям фарзанд фарзандам фарзандонам хушдоман хушдоманам хусурам
    модар модарам падар падарам бародар бародарам хоҳар хоҳарам апа апаам келин келинам янга набераам калонӣ хурдӣ
"""
_DOES = """
    берёт берут бывает смотрит смотрят играет играют пользуется пользуются пользуюсь звонит звонят видит видят читает
    есть телефон телефоном телефона мобильник его этот этим свой общий один на всех нас у меня нет не и или
    а тоже ещё также с со иногда часто редко всегда каждый день вечером утром днём ночью после обеда до потом
    мегирад мегиранд мегирам мебинад мебинанд бозӣ мекунад мекунанд истифода мебарад мебаранд занг мехонад ҳаст
    нест телефонро телефонам ин умумӣ ва ё ҳам низ баъзан бисёр кам ҳамеша ҳар рӯз бегоҳ бегоҳӣ саҳар субҳ шаб
    пешин баъди баъд то аз соат соати
"""
_LISTED = {key for word in f"{_WHO} {_DOES}".split() for key in words(word)}


def is_plain_answer(text: str, keys: Sequence[str], moment: Moment) -> bool:
    """Whether a text, with the skeletons of its words, says no more than it was asked: no model guesses more into it.

    The age of a grown woman is plain wherever she writes it; that of a child only where age is asked.
    """
    years = age(text)
    if years is not None and (years >= GROWN_UP or moment is Moment.CHOICE):
        return True
    return moment is Moment.CHOICE and all(key in _LISTED or key.isdecimal() for key in keys)
