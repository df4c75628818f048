"""A small curriculum on disk that is right in everything, so that a test can break one thing in it."""

from pathlib import Path

CURRICULUM = """\
version: "1"
modules:
  - {module}
"""

REVIEW = """\
review:
  author: Invented Author
  native_tg_reviewer: Invented Reader
  safeguarding_reviewer: Invented Guard
  date: 2026-01-02
"""

MODULE = """\
title:
  tg: Модули санҷишӣ
  ru: Пробный модуль
opening:
  tg: Оғоз.
  ru: Начало.
closing:
  tg: Анҷом.
  ru: Конец.
recap:
  tg: |
    Як.
    Ду.
    Се.
  ru: |
    Один.
    Два.
    Три.
lessons:
  - "{lesson}"
"""

LESSON = """\
version: 1
title:
  tg: Чой
  ru: Чаёк
push:
  tg: Саҳифаи нав тайёр аст.
  ru: Новая страница готова.
cards:
  - tg: |
      Об меҷӯшад.
      Чой тайёр аст.
    ru: |
      Вода кипит.
      Чай готов.
prompt:
  tg: Чой чӣ хел аст?
  ru: Какой сегодня чай?
store: private
practice:
  tg: Чой нӯшида бинед.
  ru: Попробуйте выпить чаю.
practice_calm:
  tg: Каме нишинед.
  ru: Посидите немного.
check_in:
  tg: Чой нӯшидед?
  ru: Выпили чаю?
check_in_done:
  tg: Хеле хуб.
  ru: Как хорошо.
check_in_hard:
  tg: Дафъаи дигар.
  ru: В другой раз.
"""


def write(folder: Path, *, module: str = "m1", lesson: str = LESSON, module_page: str = MODULE) -> Path:
    """Write one module with one lesson into `folder`; returns the page of the lesson."""
    lesson_id = f"{module[1:]}.1"
    (folder / module).mkdir(parents=True, exist_ok=True)
    (folder / "curriculum.yaml").write_text(CURRICULUM.format(module=module), "utf-8")
    (folder / module / "module.yaml").write_text(module_page.replace("{lesson}", lesson_id) + REVIEW, "utf-8")
    page = folder / module / f"{lesson_id}.yaml"
    page.write_text(lesson + REVIEW, "utf-8")
    return page


def changed(old: str, new: str, text: str = LESSON) -> str:
    """`text` with one passage replaced; the passage must stand in it exactly once."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    return text.replace(old, new)


def line_of(text: str, passage: str) -> int:
    """The line of `text` on which `passage` begins."""
    return text[: text.index(passage)].count("\n") + 1
