"""Rows as gettext catalogues, one for each domain and language, for any tool that translators use."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.pofile import PoFileError, normalize, read_po

from bot.core.errors import ContentError
from bot.core.messages import LANGUAGES, Language
from bot.exchange.rows import LESSONS, Given, Row
from bot.texts import DOMAINS

_NAME = re.compile(rf"({LESSONS}|{'|'.join(DOMAINS)})\.(tg|ru)\b.*\.po")
_PLURALS: dict[Language, str] = {
    "tg": "nplurals=1; plural=0;",
    "ru": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);",
}
_MARK = "mark: "


def write(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Write `lessons.tg.po`, `mothers.ru.po` and so on into the folder; gives what was written."""
    written: list[Path] = []
    for domain in (LESSONS, *DOMAINS):
        for language in LANGUAGES:
            path = folder / f"{domain}.{language}.po"
            entries = [_entry(row, language) for row in rows if row.domain == domain]
            path.write_text("\n".join([_header(language), *entries]), encoding="utf-8")
            written.append(path)
    return written


def read(path: Path) -> Iterator[Given]:
    """What stands in a catalogue that came back; raises ContentError for a file that is none of ours."""
    named = _NAME.fullmatch(path.name)
    if named is None:
        raise ContentError(f"{path.name}: row 1: keep the name it went out with, like lessons.tg.po or mothers.ru.po")
    domain = named[1]
    language: Language = "tg" if named[2] == "tg" else "ru"
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, abort_invalid=True)
    except PoFileError as error:
        raise ContentError(
            f"{path.name}: row {error.lineno + 1}: this is not a PO file here ({error.args[0]})"
        ) from None
    except (UnicodeDecodeError, LookupError):
        raise ContentError(f"{path.name}: row 1: the file is not UTF-8, save it as UTF-8") from None
    for message in catalogue:
        if not message.id:
            continue
        where, _, name = (message.context or "").partition(" ") if domain == LESSONS else (domain, "", str(message.id))
        marks = [remark.partition(_MARK)[2] for remark in message.auto_comments if remark.startswith(_MARK)]
        words = "" if message.fuzzy else str(message.string)
        yield Given(path.name, message.lineno or 1, (where, name), language, words, "".join(marks))


def _header(language: Language) -> str:
    fields = (
        "Project-Id-Version: Hamroh\n",
        f"Language: {language}\n",
        "MIME-Version: 1.0\n",
        "Content-Type: text/plain; charset=utf-8\n",
        "Content-Transfer-Encoding: 8bit\n",
        f"Plural-Forms: {_PLURALS[language]}\n",
    )
    return f'msgid ""\nmsgstr {normalize("".join(fields))}\n'


def _entry(row: Row, language: Language) -> str:
    """An entry of a lesson is known by its context; its source are the words of the other language."""
    lines = [f"#. {row.note}"] if row.note else []
    lines.append(f"#. {_MARK}{row.mark}")
    source = row.english
    if row.domain == LESSONS:
        source = row.texts["ru" if language == "tg" else "tg"]
        lines.append(f"msgctxt {normalize(f'{row.where} {row.name}')}")
    return "\n".join([*lines, f"msgid {normalize(source)}", f"msgstr {normalize(row.texts[language])}", ""])
