"""Rows as one spreadsheet: a line for each text, both languages beside each other."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from bot.core.errors import ContentError
from bot.core.messages import LANGUAGES
from bot.exchange.rows import Given, Row

FILE = "hamroh.xlsx"
_COLUMNS = {"where": 16, "name": 26, "mark": 10, "note": 34, "english": 40, "tg": 60, "ru": 60}
_CAN_CHANGE = frozenset(LANGUAGES)


def write(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Write `hamroh.xlsx` into the folder; only the columns `tg` and `ru` are meant to be changed."""
    path = folder / FILE
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("Hamroh")
    fixed = book.add_format({"text_wrap": True, "valign": "top", "font_color": "#5c6675"})
    free = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    for at, (column, width) in enumerate(_COLUMNS.items()):
        sheet.set_column(at, at, width, None, {"hidden": column == "mark"})
        sheet.write_string(0, at, column, book.add_format({"bold": True}))
    for line, row in enumerate(rows, start=1):
        cells = (row.where, row.name, row.mark, row.note, row.english, row.texts["tg"], row.texts["ru"])
        for at, (column, words) in enumerate(zip(_COLUMNS, cells, strict=True)):
            sheet.write_string(line, at, words, free if column in _CAN_CHANGE else fixed)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(rows), len(_COLUMNS) - 1)
    book.close()
    return [path]


def read(path: Path) -> Iterator[Given]:
    """What stands in a spreadsheet that came back; raises ContentError for a file or a row that cannot be read."""
    lines = _lines(path)
    header = [str(cell).strip().lower() for cell in lines[0]] if lines else []
    missing = [column for column in ("where", "name", "mark", *LANGUAGES) if column not in header]
    if missing:
        raise ContentError(
            f"{path.name}: row 1: the column {missing[0]} is missing, export again and keep the first row"
        )
    for number, line in enumerate(lines[1:], start=2):
        cells = dict(zip(header, line, strict=False))
        if not any(cells.values()):
            continue
        for column in ("where", "name", *LANGUAGES):
            if not isinstance(cells[column], str):
                raise ContentError(f"{path.name}: row {number}: the cell {column} is no text, format it as text")
        for language in LANGUAGES:
            key = (str(cells["where"]), _plain(cells["name"]))
            yield Given(path.name, number, key, language, _plain(cells[language]), str(cells["mark"]))


def _lines(path: Path) -> list[list[object]]:
    try:
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
        return [list(line) for line in sheet.to_python(skip_empty_area=False)]
    except (CalamineError, OSError) as error:
        raise ContentError(f"{path.name}: row 1: this is not a spreadsheet in the form .xlsx ({error})") from None


def _plain(cell: object) -> str:
    """The words of a cell with plain line ends, whichever program wrote them."""
    return str(cell).replace("\r\n", "\n").replace("_x000D_", "").replace("\r", "\n")
