"""Texts go out and come back: unchanged ones change nothing, changed ones only themselves, wrong ones nothing."""

import shutil
from pathlib import Path

import polib
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from bot.cli import app
from bot.content_check import LOCALES
from bot.core.errors import ContentError
from bot.core.messages import LANGUAGES
from bot.curriculum.load import load
from bot.exchange import rewrite
from bot.exchange.exchange import Home, send, shipped, take
from bot.exchange.rows import pages, rows
from tests.curriculum.lessons import write

FORMS = ("po", "xlsx")
WORDS = {
    "tg": st.sampled_from("чой нон об ғам қалам ҳаво ҷой ӯ «нон» —".split()),
    "ru": st.sampled_from("чай хлеб вода ёлка щи мышь «дом» —".split()),
}


def home(folder: Path) -> Home:
    """A small home of one lesson with the shipped catalogues, in which a test may change everything."""
    write(folder / "lessons")
    shutil.copytree(str(LOCALES), folder / "locales")
    return Home(folder / "lessons", folder / "locales")


def contents(place: Home) -> dict[Path, bytes]:
    return {path: path.read_bytes() for folder in (place.lessons, place.locales) for path in folder.rglob("*.*")}


def edit_po(path: Path, find: str, words: str) -> int:
    """Give the entry whose translation is `find` other words, as a translator's tool would; returns its row."""
    book = polib.pofile(str(path), wrapwidth=76)
    (entry,) = [entry for entry in book if entry.msgstr == find]
    entry.msgstr = words
    book.save()
    begins = next(e.linenum for e in polib.pofile(str(path)) if e.msgstr == words)
    lines = path.read_text("utf-8").splitlines()
    return next(n for n in range(begins, len(lines)) if lines[n - 1].startswith("msgid "))


def edit_xlsx(path: Path, changes: dict[tuple[int, str], object]) -> None:
    """Write the spreadsheet anew with some cells changed, as an office program would."""
    lines = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
    header = list(lines[0])
    for (row, column), words in changes.items():
        lines[row - 1][header.index(column)] = words
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Returned")
    for at, line in enumerate(lines):
        for column, cell in enumerate(line):
            sheet.write(at, column, cell)
    book.close()


def row_of(path: Path, where: str, name: str) -> int:
    lines = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
    return next(n for n, line in enumerate(lines, start=1) if line[:2] == [where, name])


def refused(place: Home, *files: Path) -> list[str]:
    """What an import tells when it refuses; every byte is as it was."""
    before = contents(place)
    with pytest.raises(ContentError) as told:
        take(place, files)
    assert contents(place) == before
    return str(told.value).splitlines()


# ---- nothing changes


@pytest.mark.parametrize("form", FORMS)
def test_a_round_trip_of_everything_shipped_changes_nothing(tmp_path, form):
    place = shipped()
    before = contents(place)
    assert take(place, send(place, tmp_path, form)) == []
    assert contents(place) == before


@pytest.mark.parametrize("form", FORMS)
def test_every_text_goes_out_in_both_languages(tmp_path, form):
    place = shipped()
    files = send(place, tmp_path, form)
    expected = {row.key: row.texts for row in rows(load(), LOCALES)}
    assert len(expected) > 600
    if form == "xlsx":
        lines = CalamineWorkbook.from_path(files[0]).get_sheet_by_index(0).to_python()[1:]
        assert {(line[0], line[1]): {"tg": line[5], "ru": line[6]} for line in lines} == expected
        return
    for language in LANGUAGES:
        sent = [entry.msgstr for path in files if f".{language}." in path.name for entry in polib.pofile(str(path))]
        assert sorted(sent) == sorted(texts[language] for texts in expected.values())


def test_a_catalogue_saved_by_another_tool_still_changes_nothing(tmp_path):
    place = home(tmp_path)
    for path in (files := send(place, tmp_path / "out", "po")):
        polib.pofile(str(path), wrapwidth=60).save()
    assert take(place, files) == []


# ---- what is changed


@pytest.mark.parametrize("form", ["po", pytest.param("xlsx", marks=pytest.mark.soak)])
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_new_words_arrive_where_they_belong_and_nothing_else_changes(tmp_path_factory, form, data):
    folder = tmp_path_factory.mktemp("home")
    place = home(folder)
    before = {row.key: row.texts for row in rows(load(place.lessons), place.locales)}
    changeable = [
        key for key in before if key[0] not in {"mothers", "staff"} and not key[1].endswith(("title", "recap"))
    ]
    (file, *_) = files = send(place, folder / "out", form)
    wanted = {key: dict(texts) for key, texts in before.items()}
    for key in data.draw(st.lists(st.sampled_from(changeable), min_size=1, unique=True)):
        language = data.draw(st.sampled_from(LANGUAGES))
        lines = data.draw(
            st.lists(st.lists(WORDS[language], min_size=1, max_size=4).map(" ".join), min_size=1, max_size=4)
        )
        words = "\n".join(line + "." for line in lines)
        wanted[key][language] = words
        if form == "xlsx":
            edit_xlsx(file, {(row_of(file, *key), language): words})
        else:
            book = polib.pofile(str(folder / "out" / f"lessons.{language}.po"))
            next(entry for entry in book if entry.msgctxt == " ".join(key)).msgstr = words
            book.save()
    take(place, files)
    assert {row.key: row.texts for row in rows(load(place.lessons), place.locales)} == wanted
    assert send(place, folder / "again", form)
    assert take(place, send(place, folder / "again", form)) == []


def test_a_changed_lesson_gets_a_new_version_and_must_be_signed_anew(tmp_path):
    place = home(tmp_path)
    send(place, tmp_path / "out", "po")
    edit_po(tmp_path / "out" / "lessons.ru.po", "Посидите немного.", "Посидите тихо.")
    before = (place.lessons / "m1" / "1.1.yaml").read_bytes()
    kept = place.lessons / "history" / "1.1.v1.yaml"
    changed = take(place, [tmp_path / "out" / "lessons.ru.po"])
    assert changed == [str(place.lessons / "m1" / "1.1.yaml"), str(kept)]
    assert kept.read_bytes() == before
    lesson = load(place.lessons).lesson("1.1")
    assert (lesson.version, lesson.practice_calm.ru) == (2, "Посидите тихо.")
    assert lesson.review.native_tg_reviewer == "Invented Reader"
    assert lesson.review.safeguarding_reviewer is None


def test_new_tajik_words_ask_for_the_native_reader_too(tmp_path):
    place = home(tmp_path)
    send(place, tmp_path / "out", "po")
    edit_po(tmp_path / "out" / "lessons.tg.po", "Каме нишинед.", "Ором нишинед.")
    take(place, [tmp_path / "out" / "lessons.tg.po"])
    assert load(place.lessons).lesson("1.1").review.native_tg_reviewer is None


def test_only_the_changed_lines_of_a_catalogue_change(tmp_path):
    place = home(tmp_path)
    send(place, tmp_path / "out", "po")
    edit_po(tmp_path / "out" / "mothers.ru.po", "Ничего нового нет.", "Нового ничего нет.")
    (changed,) = take(place, [tmp_path / "out" / "mothers.ru.po"])
    before = (LOCALES / "ru" / "LC_MESSAGES" / "mothers.po").read_text("utf-8").splitlines()
    after = Path(changed).read_text("utf-8").splitlines()
    assert [(old, new) for old, new in zip(before, after, strict=True) if old != new] == [
        ('msgstr "Ничего нового нет."', 'msgstr "Нового ничего нет."')
    ]


@pytest.mark.parametrize(
    "words", ['"Чай" готов', "чай: горячий", "чай # не чай", "- чай", "да", "12", "{чай}", "чай\n\nчай"]
)
def test_words_that_yaml_would_read_otherwise_stay_words(tmp_path, words):
    place = home(tmp_path)
    path = place.lessons / "m1" / "1.1.yaml"
    path.write_text(rewrite.page(path.read_text("utf-8"), {("cards.0", "ru"): words, ("push", "tg"): words}), "utf-8")
    lesson = load(place.lessons).lesson("1.1")
    assert (lesson.cards[0].ru, lesson.push.tg) == (words, words)


def test_any_text_of_every_shipped_page_can_be_rewritten_without_touching_another():
    for where, page in pages(load()).items():
        path = shipped().lessons / where
        text = path.read_text("utf-8")
        same = {(name, lang): words.in_language(lang) for name, words in page.texts() for lang in LANGUAGES}
        rewritten = rewrite.page(text, same)
        rest = [line for line in rewritten.splitlines() if not line.startswith("version:")]
        assert rest == [line for line in text.splitlines() if not line.startswith("version:")]


# ---- what is refused


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Посидите “немного.", "the sign LEFT DOUBLE QUOTATION MARK is not used in lessons"),
        ("Посидите, {name}.", "unknown placeholder {name}"),
        ("Чай. " * 70, "349 characters, shorten it to 320"),
        ("Посидите ҳамин.", "«ҳ» is not a letter of this language"),
        ("", "the ru words are empty or marked as a guess, write them"),
    ],
)
@pytest.mark.parametrize("form", FORMS)
def test_a_wrong_row_is_told_by_its_number_and_nothing_is_written(tmp_path, form, words, told):
    place = home(tmp_path)
    files = send(place, tmp_path / "out", form)
    if form == "xlsx":
        row = row_of(files[0], "m1/1.1.yaml", "practice_calm")
        edit_xlsx(files[0], {(row, "ru"): words, (row_of(files[0], "m1/1.1.yaml", "prompt"), "ru"): "Хороший чай?"})
        name = "hamroh.xlsx"
    else:
        edit_po(tmp_path / "out" / "lessons.ru.po", "Какой сегодня чай?", "Хороший чай?")
        row = edit_po(tmp_path / "out" / "lessons.ru.po", "Посидите немного.", words)
        name = "lessons.ru.po"
    lines = refused(place, *files)
    assert any(line.startswith(f"{name}: row {row}: ") and told in line for line in lines), lines


def test_a_fault_in_the_third_line_of_a_cell_is_told_by_the_row(tmp_path):
    place = home(tmp_path)
    (file,) = send(place, tmp_path / "out", "xlsx")
    row = row_of(file, "m1/1.1.yaml", "cards.0")
    edit_xlsx(file, {(row, "tg"): "Об.\nЧой.\nКўдак."})
    assert refused(place, file) == [f"hamroh.xlsx: row {row}: «Кўдак»: «ў» is an old-font letter, write «ӯ»"]


@pytest.mark.parametrize(
    ("was", "words", "told"),
    [
        ("Хорошо. Молчим {days}.", "Молчим", "other placeholders"),
        ("Позже", "Позже, но не сейчас, потом", "a button of 26 letters"),
        ("Ничего нового нет.", "Полиция.", "«полици…» in the first 60 characters"),
    ],
)
def test_the_rules_of_catalogues_hold_for_what_comes_back(tmp_path, was, words, told):
    place = home(tmp_path)
    send(place, tmp_path / "out", "po")
    row = edit_po(tmp_path / "out" / "mothers.ru.po", was, words)
    (line,) = refused(place, tmp_path / "out" / "mothers.ru.po")
    assert line.startswith(f"mothers.ru.po: row {row}: ")
    assert told in line


def test_a_guess_of_a_tool_is_not_taken(tmp_path):
    place = home(tmp_path)
    send(place, tmp_path / "out", "po")
    path = tmp_path / "out" / "lessons.tg.po"
    book = polib.pofile(str(path))
    book[3].flags.append("fuzzy")
    book.save()
    (line,) = refused(place, path)
    assert "empty or marked as a guess" in line


def test_words_that_changed_here_meanwhile_are_not_overwritten(tmp_path):
    place = home(tmp_path)
    (file,) = send(place, tmp_path / "out", "xlsx")
    page = place.lessons / "m1" / "1.1.yaml"
    page.write_text(page.read_text("utf-8").replace("Посидите немного.", "Посидите."), "utf-8")
    row = row_of(file, "m1/1.1.yaml", "practice_calm")
    assert refused(place, file) == [
        f"hamroh.xlsx: row {row}: these words were changed here since the file went out, export again"
    ]


def test_two_files_that_disagree_are_told(tmp_path):
    place = home(tmp_path)
    send(place, tmp_path / "a", "po")
    send(place, tmp_path / "b", "po")
    edit_po(tmp_path / "a" / "lessons.ru.po", "Посидите немного.", "Посидите тихо.")
    edit_po(tmp_path / "b" / "lessons.ru.po", "Посидите немного.", "Посидите молча.")
    (line,) = refused(place, tmp_path / "a" / "lessons.ru.po", tmp_path / "b" / "lessons.ru.po")
    assert "says otherwise, keep one of the two" in line


@pytest.mark.parametrize(
    ("row", "column", "cell", "told"),
    [
        (2, "name", "invented", "row 2: nothing of ours is called 'm1/module.yaml invented'"),
        (3, "ru", 12, "row 3: the cell ru is no text, format it as text"),
        (1, "tg", "tajik", "row 1: the column tg is missing"),
    ],
)
def test_a_spreadsheet_that_was_bent_is_told(tmp_path, row, column, cell, told):
    place = home(tmp_path)
    (file,) = send(place, tmp_path / "out", "xlsx")
    edit_xlsx(file, {(row, column): cell})
    assert told in refused(place, file)[0]


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("lessons.tg.po", b"hello\n", "this is not a PO file here"),
        ("lessons.tg.po", b"\xff\xfe", "row 1: "),
        ("other.po", b"", "keep the name it went out with"),
        ("hamroh.xlsx", b"nothing", "this is not a spreadsheet"),
    ],
)
def test_a_file_of_another_kind_is_told(tmp_path, name, body, told):
    place = home(tmp_path)
    (tmp_path / name).write_bytes(body)
    assert told in refused(place, tmp_path / name)[0]


def test_a_file_that_is_not_there_is_told(tmp_path):
    missing = tmp_path / "lessons.tg.po"
    assert refused(home(tmp_path), missing) == [f"{missing}: there is no such file"]


def test_the_commands_export_and_import(tmp_path):
    runner = CliRunner()
    place = home(tmp_path)
    out = runner.invoke(
        app, ["content", "export", "--to", str(tmp_path / "out"), "--format", "xlsx", str(place.lessons)]
    )
    assert out.output.strip() == str(tmp_path / "out" / "hamroh.xlsx")
    back = runner.invoke(
        app, ["content", "import", str(tmp_path / "out" / "hamroh.xlsx"), "--lessons", str(place.lessons)]
    )
    assert back.output.strip() == "nothing is different"
