"""Lessons from a folder of YAML pages: all of them right, or every mistake with its file and line."""

import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field, ValidationError
from pydantic_core import ErrorDetails

from bot.core.errors import ContentError
from bot.core.mistakes import in_plain_words
from bot.curriculum.model import (
    Curriculum,
    Lesson,
    LessonId,
    Measures,
    Module,
    ModuleId,
    Piece,
    Place,
    Review,
    Text,
    Words,
)
from bot.curriculum.page import Source, read

_SHIPPED = "bot/curriculum/content"
MEASURES = "measures.yaml"
_MODULE = re.compile(r"m[1-9][0-9]?")
_LESSON = re.compile(r"[1-9][0-9]?\.[1-9][0-9]?\.yaml")
_EARLIER = re.compile(r"([1-9][0-9]?\.[1-9][0-9]?)\.v([1-9][0-9]*)\.yaml")

_P = TypeVar("_P", bound=Piece)


def load(directory: Path | None = None) -> Curriculum:
    """Read the curriculum of a folder, or the shipped one, which is read the first time alone.

    Raises `ContentError` whose text has one `file:line: what is wrong, what to do` a line, for all
    files at once.
    """
    return _loaded(directory, str(directory)) if directory else _shipped()


@cache
def _shipped() -> Curriculum:
    return _loaded(files("bot.curriculum") / "content", _SHIPPED)


def _loaded(root: Traversable, name: str) -> Curriculum:
    folder = _Folder(root, name)
    curriculum = folder.curriculum()
    if curriculum is None or folder.mistakes:
        raise ContentError("\n".join(folder.mistakes))
    return curriculum


class _CurriculumPage(Piece):
    """What `curriculum.yaml` holds."""

    version: Words
    modules: Annotated[tuple[ModuleId, ...], Field(min_length=1)]


class _ModulePage(Piece):
    """What `module.yaml` holds."""

    title: Text
    opening: Text
    closing: Text
    recap: Text
    lessons: Annotated[tuple[LessonId, ...], Field(min_length=1)]
    long_sentences: tuple[Words, ...] = ()
    review: Review


class _Folder:
    """A folder of content while it is read; mistakes are collected, so that authors see all at once."""

    def __init__(self, root: Traversable, name: str) -> None:
        self._root = root
        self._name = name
        self.mistakes: list[str] = []

    def curriculum(self) -> Curriculum | None:
        page = self._page("curriculum.yaml", _CurriculumPage)
        there = [name for name in self._names() if _MODULE.fullmatch(name)]
        ids = page.modules if page else there
        for name in sorted(set(there) - set(ids)):
            self._note(
                f"{self._name}/curriculum.yaml",
                page.at.line_of("modules") if page else 1,
                f"the folder {name} is not listed, list or remove it",
            )
        modules = [self._module(module_id) for module_id in ids]
        history = [self._earlier(name) for name in self._names("history")]
        measures = self._page(MEASURES, Measures) if MEASURES in self._names() else None
        if page is None or self.mistakes:
            return None
        whole = {"version": page.version, "modules": modules, "history": history, "measures": measures, "at": page.at}
        return self._valid(Curriculum, whole, page.at)

    def _module(self, module_id: str) -> Module | None:
        page = self._page(f"{module_id}/module.yaml", _ModulePage)
        if page:
            self._refuse_strangers(module_id, page)
        ids = page.lessons if page else [name[:-5] for name in self._names(module_id) if _LESSON.fullmatch(name)]
        lessons = [self._page(f"{module_id}/{lesson}.yaml", Lesson, id=lesson) for lesson in ids]
        if page is None or self.mistakes:
            return None
        own = {name: getattr(page, name) for name in _ModulePage.model_fields}
        return self._valid(Module, {**own, "id": module_id, "lessons": lessons}, page.at)

    def _earlier(self, name: str) -> Lesson | None:
        """An earlier version of a lesson, in `history/1.1.v2.yaml`."""
        named = _EARLIER.fullmatch(name)
        if named is None:
            self._note(f"{self._name}/history/{name}", 1, "is not named like 1.1.v2.yaml, rename or remove it")
            return None
        page = self._page(f"history/{name}", Lesson, id=named[1])
        if page is not None and page.version != int(named[2]):
            self._note(page.at.file, page.at.line_of("version"), f"holds version {page.version}, rename it")
        return page

    def _refuse_strangers(self, module_id: str, page: _ModulePage) -> None:
        for n, lesson in enumerate(page.lessons):
            if lesson.split(".")[0] != module_id[1:]:
                line = page.at.line_of(f"lessons.{n}")
                self._note(page.at.file, line, f"lesson {lesson} is not of {module_id}, move it")
        listed = {"module.yaml", *(f"{lesson}.yaml" for lesson in page.lessons)}
        for name in self._names(module_id):
            if not name.endswith((".yaml", ".yml")) or name in listed:
                continue
            line = page.at.line_of("lessons")
            self._note(page.at.file, line, f"{name} lies beside but is not listed, list or remove it")

    def _names(self, folder: str = "") -> list[str]:
        """What lies in a folder, sorted; nothing when there is no such folder."""
        place = self._root / folder if folder else self._root
        return sorted(file.name for file in place.iterdir()) if place.is_dir() else []

    def _page(self, path: str, kind: type[_P], **given: str) -> _P | None:
        source = Source(self._root.joinpath(*path.split("/")), f"{self._name}/{path}")
        try:
            page = read(source)
        except ContentError as error:
            self.mistakes.append(str(error))
            return None
        for key in given.keys() & page.keys():
            self._note(source.name, page["at"].line_of(key), f"`{key}` is the file's name, remove it here")
        return self._valid(kind, {**page, **given}, page["at"])

    def _valid(self, kind: type[_P], page: dict[str, Any], at: Place) -> _P | None:
        try:
            return kind.model_validate(page)
        except ValidationError as errors:
            for error in _without_echoes(errors.errors(include_url=False)):
                self._note(at.file, _line(error, page, at), in_plain_words(error))
            return None

    def _note(self, file: str, line: int, text: str) -> None:
        self.mistakes.append(f"{file}:{line}: {' '.join(text.split())}")


def _without_echoes(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """Pydantic calls a list empty when its only entry is wrong; the wrong entry is enough to tell."""
    told = {error["loc"][:-1] for error in errors} | {error["loc"][:-2] for error in errors}
    return [error for error in errors if error["type"] != "too_short" or error["loc"] not in told]


def _line(error: ErrorDetails, page: dict[str, Any], at: Place) -> int:
    """The nearest line to where pydantic found something wrong."""
    node: Any = page
    line, name = at.line, ""
    for step in error["loc"]:
        name = f"{name}.{step}" if isinstance(node, list) else str(step)
        line = at.line_of(name)
        node = _below(node, step)
        if isinstance(node, dict):
            at, line, name = node["at"], node["at"].line, ""
    return line


def _below(node: object, step: int | str) -> object:
    if isinstance(node, dict):
        return node.get(step)
    return node[step] if isinstance(node, list) and isinstance(step, int) and step < len(node) else None
