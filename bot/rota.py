"""The rota as a table: read from and written to a CSV file, one row for each facilitator or coordinator."""

import csv
import io
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from bot.core.calendar import Hours
from bot.core.messages import LANGUAGES, Language
from bot.core.people import LOAD_LIMIT, Staff
from bot.flows.timetable import Stretch, parse, say

COLUMNS = ("alias", "duty", "languages", "limit", "rest", "away_from", "away_until")
MOST = 99


@dataclass(frozen=True, slots=True)
class Row:
    """How one member of staff works; `away` is the first and last ISO date."""

    alias: str
    duty: tuple[Stretch, ...]
    languages: tuple[Language, ...]
    load_limit: int
    rest: tuple[Stretch, ...]
    away: tuple[str, str] | None


class _Wrong(ValueError):
    """What is wrong in a cell: column and reason, without repeating the cell."""


def read(text: str, aliases: Collection[str]) -> tuple[list[Row], list[str]]:
    """The rows, and every mistake as `line N: column: what is wrong`; use no row while there is a mistake."""
    table = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=_delimiter(text))
    missing = [name for name in ("alias", "duty") if name not in (table.fieldnames or ())]
    unknown = [name for name in table.fieldnames or () if name not in COLUMNS]
    if missing or unknown:
        return [], [f"line 1: the columns are {', '.join(COLUMNS)}; alias and duty must be there, no others may be"]
    rows: list[Row] = []
    mistakes: list[str] = []
    for cells in table:
        try:
            rows.append(_row({k: v or "" for k, v in cells.items() if k}, aliases, {row.alias for row in rows}))
        except _Wrong as wrong:
            mistakes.append(f"line {table.line_num}: {wrong}")
    return rows, mistakes


def _delimiter(text: str) -> str:
    """Spreadsheets of our region write semicolons."""
    head = text.partition("\n")[0]
    return ";" if head.count(";") > head.count(",") else ","


def _row(cells: dict[str, str], aliases: Collection[str], seen: set[str]) -> Row:
    alias = cells.get("alias", "").strip()
    if alias not in aliases:
        raise _Wrong("alias: no confirmed facilitator or coordinator is called so")
    if alias in seen:
        raise _Wrong("alias: stands here for the second time")
    return Row(
        alias,
        _hours(cells, "duty"),
        _languages(cells.get("languages", "")),
        _limit(cells.get("limit", "").strip()),
        _hours(cells, "rest"),
        _away(cells.get("away_from", "").strip(), cells.get("away_until", "").strip()),
    )


def _hours(cells: dict[str, str], column: str) -> tuple[Stretch, ...]:
    written = cells.get(column, "").strip()
    found = parse(written) if written else ()
    if found is None:
        raise _Wrong(f"{column}: write it like `дш-ҷм 9-17; шб 10-13` or `пн-пт 9-17`")
    return found


def _languages(written: str) -> tuple[Language, ...]:
    wanted = set(written.replace(",", " ").replace(";", " ").split()) or set(LANGUAGES)
    if not wanted <= set(LANGUAGES):
        raise _Wrong("languages: tg, ru or both")
    return tuple(language for language in LANGUAGES if language in wanted)


def _limit(written: str) -> int:
    if not written:
        return LOAD_LIMIT
    if not written.isascii() or not written.isdecimal() or not 0 < int(written) <= MOST:
        raise _Wrong(f"limit: a number from 1 to {MOST}")
    return int(written)


def _away(first: str, last: str) -> tuple[str, str] | None:
    if not first and not last:
        return None
    try:
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise _Wrong("away_from, away_until: both as 2026-11-30") from None
    if end < begin:
        raise _Wrong("away_until: lies before away_from")
    return begin.isoformat(), end.isoformat()


def write(staff: Iterable[Staff], language: Language) -> str:
    """The table, one row each, so that `read` understands it again."""
    page = io.StringIO()
    table = csv.writer(page, lineterminator="\n")
    table.writerow(COLUMNS)
    for one in sorted(staff, key=lambda s: s.alias):
        away = (one.away.first.isoformat(), one.away.last.isoformat()) if one.away else ("", "")
        languages = " ".join(language for language in LANGUAGES if language in one.languages)
        table.writerow(
            [one.alias, _said(one.duty, language), languages, one.load_limit, _said(one.rest, language), *away]
        )
    return page.getvalue()


def _said(hours: tuple[Hours, ...], language: Language) -> str:
    stretches = [(f"{h.begin:%H:%M}", f"{h.end:%H:%M}", tuple(sorted(h.days))) for h in hours]
    return say(stretches, language).replace(", ", " ").replace("\n", "; ")
