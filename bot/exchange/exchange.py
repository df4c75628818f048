"""Sending every text out and taking back what changed: checked first, and nothing written when one row is wrong."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

from bot.content_check import LOCALES, faults, read_catalogue, ways
from bot.core.errors import ContentError
from bot.core.messages import LANGUAGES, Language
from bot.curriculum.check import Problem, check
from bot.curriculum.load import load
from bot.curriculum.model import Card, Curriculum, Lesson, Measures, Module, Page, Place, Text
from bot.exchange import po, rewrite, xlsx
from bot.exchange.rows import LESSONS, SHIPPED, Given, Row, pages, rows
from bot.texts import DOMAINS, Texts

Form = Literal["po", "xlsx"]
_Page = TypeVar("_Page", Module, Lesson, Measures)


@dataclass(frozen=True, slots=True)
class Home:
    """Where our words live: the folder of lessons and the folder of catalogues."""

    lessons: Path
    locales: Path


def shipped() -> Home:
    """Where this installation keeps them."""
    return Home(Path(str(SHIPPED)), Path(str(LOCALES)))


@dataclass(slots=True)
class _Back:
    """What came back: the changes by text and language, and what is wrong with rows."""

    changes: dict[tuple[str, str], dict[Language, Given]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def send(home: Home, folder: Path, form: Form) -> list[Path]:
    """Write all texts into the folder; gives the files."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write = po.write if form == "po" else xlsx.write
        return write(rows(load(home.lessons), home.locales), folder)
    except OSError as error:
        raise ContentError(f"{folder} cannot be written ({error.strerror})") from None


def take(home: Home, files: Sequence[Path]) -> list[str]:
    """Put what came back into lessons and catalogues; gives one line for each changed file.

    Raises ContentError with one `file: row 12: what is wrong, what to do` a line; then nothing is written.
    """
    curriculum = load(home.lessons)
    known = {row.key: row for row in rows(curriculum, home.locales)}
    back = _Back()
    for file in files:
        _collect(back, known, file)
    if not back.wrong:
        back.wrong += _wrongs(home, curriculum, known, back.changes)
    if back.wrong:
        raise ContentError("\n".join(dict.fromkeys(back.wrong)))
    return _write(_rewritten(home, back.changes))


def _collect(back: _Back, known: Mapping[tuple[str, str], Row], file: Path) -> None:
    if not file.is_file():
        raise ContentError(f"{file}: there is no such file")
    try:
        for given in (xlsx if file.suffix == ".xlsx" else po).read(file):
            _note(back, known.get(given.key), given)
    except ContentError as error:
        back.wrong.append(str(error))


def _note(back: _Back, row: Row | None, given: Given) -> None:
    place = f"{given.file}: row {given.row}:"
    if row is None:
        back.wrong.append(f"{place} nothing of ours is called {' '.join(given.key)!r}, change only the translation")
        return
    words = given.words.strip()
    if words == row.texts[given.language]:
        return
    earlier = back.changes.setdefault(given.key, {}).get(given.language)
    if not words:
        back.wrong.append(f"{place} the {given.language} words are empty or marked as a guess, write them")
    elif given.mark != row.mark:
        back.wrong.append(f"{place} these words were changed here since the file went out, export again")
    elif earlier is not None and earlier.words.strip() != words:
        back.wrong.append(f"{place} {earlier.file} row {earlier.row} says otherwise, keep one of the two")
    else:
        back.changes[given.key][given.language] = given


# ---- is it right


def _wrongs(
    home: Home,
    curriculum: Curriculum,
    known: Mapping[tuple[str, str], Row],
    changes: Mapping[tuple[str, str], Mapping[Language, Given]],
) -> list[str]:
    """Every rule that the changed words break, by the row in which they came."""
    arrived = {given.file for languages in changes.values() for given in languages.values()}
    changed = _changed(curriculum, changes)
    found = [_line(problem, arrived) for problem in check(changed)]
    for domain in DOMAINS:
        template = read_catalogue(f"{domain}.pot", home.locales)
        for (where, key), languages in changes.items():
            if where != domain or (message := template.get(key)) is None:
                continue
            for language, given in languages.items():
                told = faults(message, given.words.strip(), domain, language)
                found += [f"{given.file}: row {given.row}: {what}" for what in told]
    texts = Texts({language: _sentences(known, changes, language) for language in LANGUAGES})
    return found or [_line(problem, arrived) for problem in ways(changed, texts)]


def _sentences(
    known: Mapping[tuple[str, str], Row],
    changes: Mapping[tuple[str, str], Mapping[Language, Given]],
    language: Language,
) -> dict[str, str]:
    def words(row: Row) -> str:
        given = changes.get(row.key, {}).get(language)
        return row.texts[language] if given is None else given.words.strip()

    return {row.name: words(row) for row in known.values() if row.domain != LESSONS}


def _line(problem: Problem, arrived: Iterable[str]) -> str:
    return f"{problem.file}: row {problem.line}: {problem.text}" if problem.file in arrived else str(problem)


def _changed(curriculum: Curriculum, changes: Mapping[tuple[str, str], Mapping[Language, Given]]) -> Curriculum:
    """The curriculum as it would be, each new text standing where it came from."""
    paths = {id(page): where for where, page in pages(curriculum).items()}

    def renewed(page: _Page) -> _Page:
        where = paths[id(page)]
        new = {name: _text(text, changes[where, name]) for name, text in page.texts() if changes.get((where, name))}
        return page.model_copy(update=_fields(page, new))

    modules = tuple(
        renewed(module).model_copy(update={"lessons": tuple(renewed(lesson) for lesson in module.lessons)})
        for module in curriculum.modules
    )
    measures = curriculum.measures and renewed(curriculum.measures)
    return curriculum.model_copy(update={"modules": modules, "measures": measures})


def _text(old: Text, given: Mapping[Language, Given]) -> Text:
    """The text with its new words; its place is the row, and of the unchanged language the page."""
    words: dict[str, str] = {
        "tg": old.tg,
        "ru": old.ru,
        **{language: one.words.strip() for language, one in given.items()},
    }
    first = next(iter(given.values()))
    at = Place(first.file, first.row, {language: one.row for language, one in given.items()}, is_row=True)
    return old.model_copy(update={**words, "at": at})


def _fields(page: Page, new: Mapping[str, Text]) -> dict[str, object]:
    """The changed fields of a page, with its cards put together again."""
    fields: dict[str, object] = {name: text for name, text in new.items() if "." not in name}
    if isinstance(page, Lesson) and any(name.startswith("cards.") for name in new):
        fields["cards"] = tuple(_card(card, n, new) for n, card in enumerate(page.cards))
    if isinstance(page, Measures):
        fields["questions"] = tuple(new.get(f"questions.{n}", text) for n, text in enumerate(page.questions))
        scales = {
            name: tuple(new.get(f"scales.{name}.{n}", text) for n, text in enumerate(scale))
            for name, scale in (("agree", page.scales.agree), ("days", page.scales.days))
        }
        fields["scales"] = page.scales.model_copy(update=scales)
    return fields


def _card(card: Card, n: int, new: Mapping[str, Text]) -> Card:
    own = new.get(f"cards.{n}", card)
    variants = {
        name: new[f"cards.{n}.{name}"] for name in ("without_help", "without_hiding") if f"cards.{n}.{name}" in new
    }
    return card.model_copy(update={"tg": own.tg, "ru": own.ru, "at": own.at, **variants})


# ---- writing


def _rewritten(home: Home, changes: Mapping[tuple[str, str], Mapping[Language, Given]]) -> Iterator[tuple[Path, str]]:
    """Every file that changes, with its new text."""
    for where in sorted({where for (where, _), languages in changes.items() if languages}):
        hers = {
            (name, language): given.words.strip()
            for (place, name), languages in changes.items()
            for language, given in languages.items()
            if place == where
        }
        if where not in DOMAINS:
            path = home.lessons.joinpath(*where.split("/"))
            old = path.read_text("utf-8")
            yield path, rewrite.page(old, hers)
            if (version := rewrite.version(old)) is not None:
                yield home.lessons / "history" / f"{path.stem}.v{version}.yaml", old
            continue
        for language in LANGUAGES:
            mine = {name: words for (name, of), words in hers.items() if of == language}
            path = home.locales / language / "LC_MESSAGES" / f"{where}.po"
            if mine:
                yield path, rewrite.catalogue(path.read_text("utf-8"), mine)


def _write(rewritten: Iterable[tuple[Path, str]]) -> list[str]:
    """All new files are laid beside the old ones before the first takes its place."""
    texts = dict(rewritten)
    beside = {path: path.with_name(f".{path.name}.new") for path in texts}
    try:
        for path, text in texts.items():
            path.parent.mkdir(exist_ok=True)
            beside[path].write_text(text, encoding="utf-8")
        for path, new in beside.items():
            new.replace(path)
    except OSError as error:
        for new in beside.values():
            new.unlink(missing_ok=True)
        raise ContentError(f"{error.filename} cannot be written ({error.strerror})") from None
    return [str(path) for path in beside]
