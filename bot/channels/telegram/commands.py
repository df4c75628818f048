"""The menu of commands beside her keyboard: neutral words, for it can be seen by whoever holds the phone.

The Tajik words are drafts that await a native speaker's review.
"""

_NAMES = ("menu", "help", "stop", "hide", "language")
_TG = ("Меню", "Кӯмак", "Бас кардани паёмҳо", "Тоза кардани чат", "Забон")
_RU = ("Меню", "Помощь", "Остановить сообщения", "Очистить чат", "Язык")


def _menu(words: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"command": name, "description": word} for name, word in zip(_NAMES, words, strict=True)]


COMMANDS = {"": _menu(_TG), "tg": _menu(_TG), "ru": _menu(_RU)}
"""By the language of the app; "" is for every other."""
