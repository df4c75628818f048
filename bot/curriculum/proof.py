"""The curriculum on paper: as she reads it, and what changed between two versions."""

from collections.abc import Iterator

from bot.curriculum.model import LANGUAGES, Curriculum, Language, Lesson, Measures, Module, Page, Text

_WIDTH = 64
_UNREVIEWED = "[draft: awaiting review]"


def proof(curriculum: Curriculum, language: Language) -> str:
    """The whole curriculum in one language, every message in the order in which she meets it."""
    lines = [f"Curriculum {curriculum.version} ({language})"]
    for module in curriculum.modules:
        lines += _module(module, language)
        for lesson in module.lessons:
            lines += _lesson(lesson, language, curriculum.position(lesson.id))
        lines += _said("closing", module.closing, language)
    if curriculum.measures is not None:
        lines += _measures(curriculum.measures, language)
    return "\n".join(lines) + "\n"


def diff(old: Curriculum, new: Curriculum) -> list[str]:
    """What changed from `old` to `new`, one line each, in the order of the new curriculum."""
    changes = [] if old.version == new.version else [f"version: {old.version} → {new.version}"]
    before, after = _pages(old), _pages(new)
    changes += [f"{name}: removed" for name in before.keys() - after.keys()]
    changes.sort()
    for name, page in after.items():
        changes += _changes(name, before[name], page) if name in before else [f"{name}: added"]
    common = [name for name in before if name in after]
    if common != [name for name in after if name in before]:
        changes.append(f"order: {', '.join(before)} → {', '.join(after)}")
    return changes


def _module(module: Module, language: Language) -> list[str]:
    draft = "" if module.review.is_complete else f" {_UNREVIEWED}"
    heading = f"{module.number}. {module.title.in_language(language)}{draft}"
    return [
        "",
        "═" * _WIDTH,
        heading,
        "═" * _WIDTH,
        *_said("opening", module.opening, language),
        *_said("for who missed the session", module.recap, language),
    ]


def _measures(measures: Measures, language: Language) -> list[str]:
    draft = "" if measures.review.is_complete else f" {_UNREVIEWED}"
    lines = ["", "═" * _WIDTH, f"Before, in the middle and after{draft}", "═" * _WIDTH]
    for name, text in measures.texts():
        lines += _said(name.replace(".", " "), text, language)
    return lines


def _lesson(lesson: Lesson, language: Language, position: tuple[int, int]) -> list[str]:
    draft = "" if lesson.review.is_complete else f" {_UNREVIEWED}"
    n, whole = position
    lines = ["", f"── {lesson.id} {lesson.title.in_language(language)} · {n}/{whole} · version {lesson.version}{draft}"]
    for name, text in lesson.texts():
        if name != "title":
            lines += _said(_label(name, lesson), text, language)
    return lines


def _label(name: str, lesson: Lesson) -> str:
    if name == "prompt":
        return "prompt (the answer is not kept)" if lesson.store == "never" else "prompt (the answer is hers)"
    if not name.startswith("cards."):
        return name.replace("_", " ")
    _, number, *variant = name.split(".")
    return " ".join([f"card {int(number) + 1}", *(word.replace("_", " ") for word in variant)])


def _said(label: str, text: Text, language: Language) -> list[str]:
    return ["", f"  {label}", *(f"  │ {line}" for line in text.in_language(language).splitlines())]


def _pages(curriculum: Curriculum) -> dict[str, Page]:
    pages: dict[str, Page] = {}
    for module in curriculum.modules:
        pages[module.id] = module
        pages.update({lesson.id: lesson for lesson in module.lessons})
    if curriculum.measures is not None:
        pages["measures"] = curriculum.measures
    return pages


def _changes(name: str, old: Page, new: Page) -> Iterator[str]:
    before, after = dict(_facts(old)), dict(_facts(new))
    for fact in {**after, **before}:
        if before.get(fact) != after.get(fact):
            yield f"{name}: {fact}: {_short(before.get(fact))} → {_short(after.get(fact))}"
    texts = {fact for fact in before.keys() | after.keys() if fact.endswith(LANGUAGES)}
    changed = any(before.get(fact) != after.get(fact) for fact in texts)
    if changed and isinstance(old, Lesson) and isinstance(new, Lesson) and old.version == new.version:
        yield f"{name}: the words changed but the version is still {new.version}, raise it"


def _facts(page: Page) -> Iterator[tuple[str, str]]:
    for name, text in page.texts():
        for language in LANGUAGES:
            yield f"{name} {language}", text.in_language(language)
    if isinstance(page, Lesson):
        yield from (("version", str(page.version)), ("store", page.store), ("signs", str(page.signs)))
    for name, value in page.review.model_dump().items():
        yield f"review {name}", str(value)


def _short(value: str | None) -> str:
    if value is None:
        return "nothing"
    line = " / ".join(value.splitlines())
    return f"«{line}»" if len(line) <= _WIDTH else f"«{line[: _WIDTH - 1]}…»"
