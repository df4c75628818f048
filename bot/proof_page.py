"""The curriculum as one page to print: both languages side by side, with the buttons that she sees under them."""

import re
from dataclasses import dataclass, replace

from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.core.messages import LANGUAGES, Language
from bot.curriculum.model import HELP_LINES, Curriculum, Lesson, Measures, Module, Question, Review, Text
from bot.texts import Texts

_MEASURES = {"tg": "Саволҳо: аввал, дар миёна ва охир", "ru": "Вопросы: до, в середине и после"}
_DRAFT = {"tg": "интизори санҷиш", "ru": "ждёт проверки"}
_ABOUT = {"tg": "{n} аз {total} · нусхаи {version}", "ru": "{n} из {total} · версия {version}"}
_LABELS: dict[str, tuple[str, str]] = {
    "opening": ("Оғози модул", "Начало модуля"),
    "closing": ("Анҷоми модул", "Конец модуля"),
    "recap": ("Барои касе, ки дар вохӯрӣ набуд", "Для тех, кто не был на встрече"),
    "push": ("Сатр дар экрани қулф", "Строка на закрытом экране"),
    "cards": ("Паёми {n}", "Сообщение {n}"),
    "without_help": ("Паёми {n}, агар хатҳои кӯмак набошанд", "Сообщение {n}, если линий помощи нет"),
    "without_hiding": ("Паёми {n}, агар пинҳон кардан набошад", "Сообщение {n}, если спрятать нельзя"),
    "prompt": ("Савол; ҷавоб аз они худаш", "Вопрос; ответ принадлежит ей"),
    "prompt never": ("Савол; ҷавоб нигоҳ дошта намешавад", "Вопрос; ответ не хранится"),
    "practice": ("Машқ", "Упражнение"),
    "practice_calm": ("Ба ҷойи машқ, агар ҳоло нашавад", "Вместо упражнения, если сейчас нельзя"),
    "check_in": ("Рӯзи дигар", "На другой день"),
    "check_in_done": ("Агар шуд", "Если получилось"),
    "check_in_hard": ("Агар душвор буд", "Если было трудно"),
    "intro": ("Пеш аз саволҳо", "Перед вопросами"),
    "questions": ("Саволи {n}", "Вопрос {n}"),
    "thanks": ("Баъд аз саволҳо", "После вопросов"),
}
_BUTTONS = {
    "cards": ("Next",),
    "without_help": ("Next",),
    "without_hiding": ("Next",),
    "push": ("Open", "Later"),
    "prompt": ("I only think", "Skip"),
    "practice": ("I'll try it", "Not for me now"),
    "check_in": ("Yes, I did", "It was hard", "Not yet"),
}


@dataclass(frozen=True, slots=True)
class Side:
    """One text in one language; `pieces` are its words, and whether each is a placeholder."""

    language: Language
    label: str
    pieces: tuple[tuple[str, bool], ...]
    buttons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One text in both languages."""

    sides: tuple[Side, ...]
    is_variant: bool
    is_push: bool


@dataclass(frozen=True, slots=True)
class Title:
    """The heading of a part in one language."""

    language: Language
    text: str
    about: str
    draft: str


@dataclass(frozen=True, slots=True)
class Part:
    """A module (heading of level 2) or a lesson (3)."""

    id: str
    level: int
    titles: tuple[Title, ...]
    rows: tuple[Row, ...]


def proof_page(curriculum: Curriculum, texts: Texts) -> str:
    """The page as HTML: complete in itself, without scripts, and nothing of a text read as markup."""
    environment = Environment(
        loader=PackageLoader("bot"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    parts = [part for module in curriculum.modules for part in _parts(curriculum, module, texts)]
    if curriculum.measures is not None:
        parts.append(_measures(curriculum.measures, texts))
    return environment.get_template("proof.html").render(
        version=curriculum.version,
        lessons=sum(1 for _ in curriculum.lessons()),
        drafts=len(curriculum.unreviewed()),
        parts=parts,
    )


def _parts(curriculum: Curriculum, module: Module, texts: Texts) -> list[Part]:
    """A module, its lessons, and at their end its closing words."""
    told = [(name, text) for name, text in module.texts() if name in {"opening", "recap"}]
    parts = [Part(module.id, 2, _titles(module, f"{module.number}. "), _rows(told, texts))]
    for lesson in module.lessons:
        told = [(name, text) for name, text in lesson.texts() if name != "title"]
        if lesson is module.lessons[-1]:
            told.append(("closing", module.closing))
        n, total = curriculum.position(lesson.id)
        titles = _titles(lesson, f"{lesson.id} ", n=n, total=total, version=lesson.version)
        parts.append(Part(f"l{lesson.id}", 3, titles, _rows(told, texts, lesson.store)))
    return parts


def _measures(measures: Measures, texts: Texts) -> Part:
    """The questions asked three times, each with its five answers as buttons."""
    rows = []
    for name, text in measures.texts():
        if name.startswith("scales."):
            continue
        row = _row(name, text, texts, "")
        if isinstance(text, Question):
            scale = measures.answers(text)
            sides = (replace(s, buttons=tuple(a.in_language(s.language) for a in scale)) for s in row.sides)
            row = replace(row, sides=tuple(sides))
        rows.append(row)
    titles = tuple(Title(lang, _MEASURES[lang], "", _draft(measures.review, lang)) for lang in LANGUAGES)
    return Part("measures", 2, titles, tuple(rows))


def _titles(page: Module | Lesson, number: str, **about: int) -> tuple[Title, ...]:
    return tuple(
        Title(
            language,
            number + page.title.in_language(language),
            _ABOUT[language].format_map(about) if about else "",
            _draft(page.review, language),
        )
        for language in LANGUAGES
    )


def _draft(review: Review, language: Language) -> str:
    return "" if review.is_complete else _DRAFT[language]


def _rows(told: list[tuple[str, Text]], texts: Texts, store: str = "") -> tuple[Row, ...]:
    return tuple(_row(name, text, texts, store) for name, text in told)


def _row(name: str, text: Text, texts: Texts, store: str) -> Row:
    first, _, rest = name.partition(".")
    number, _, variant = rest.partition(".")
    kind = variant or first
    label = _LABELS["prompt never" if (kind, store) == ("prompt", "never") else kind]
    n = int(number) + 1 if number else 0
    sides = tuple(
        Side(
            language,
            label[at].format(n=n),
            _pieces(text.in_language(language)),
            tuple(texts.say(language, key) for key in _BUTTONS.get(kind, ())),
        )
        for at, language in enumerate(LANGUAGES)
    )
    return Row(sides, bool(variant), kind == "push")


def _pieces(words: str) -> tuple[tuple[str, bool], ...]:
    parts = re.split(f"({re.escape(HELP_LINES)})", words)
    return tuple((part, part == HELP_LINES) for part in parts if part)
