"""Pages are read whole or refused with the line of every mistake."""

import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import ContentError
from bot.curriculum.load import load
from tests.curriculum.lessons import LESSON, MODULE, REVIEW, changed, line_of, write

LONG_WAY_DOWN = "[" * 700
LISTED = line_of(MODULE, '- "{lesson}"')


def refusal(folder) -> list[str]:
    with pytest.raises(ContentError) as refused:
        load(folder)
    return [line.removeprefix(f"{folder}/") for line in str(refused.value).splitlines()]


def test_a_right_folder_is_read(tmp_path):
    write(tmp_path)
    lesson = load(tmp_path).lesson("1.1")
    assert lesson.cards[0].in_language("tg") == "Об меҷӯшад.\nЧой тайёр аст."
    assert lesson.cards[0].in_language("ru") == "Вода кипит.\nЧай готов."
    assert lesson.store == "private"


MISTAKES = {
    "a missing language": (
        changed("  ru: Посидите немного.\n", ""),
        "practice_calm:",
        "`practice_calm.ru` is missing, add it",
    ),
    "a missing language in the only card": (
        changed("    ru: |\n      Вода кипит.\n      Чай готов.\n", ""),
        "- tg: |",
        "`cards.0.ru` is missing, add it",
    ),
    "an unknown key": (
        changed("store: private", "store: private\nstroe: never"),
        "stroe",
        "`stroe` is an unknown key, remove it or correct its spelling",
    ),
    "a missing text": (
        changed("practice_calm:\n  tg: Каме нишинед.\n  ru: Посидите немного.\n", ""),
        "version: 1",
        "`practice_calm` is missing, add it",
    ),
    "an empty text": (
        changed("ru: Посидите немного.", 'ru: "  "'),
        'ru: "  "',
        "`practice_calm.ru` is empty, write it",
    ),
    "a text that is a number": (
        changed("ru: Посидите немного.", "ru: 15"),
        "ru: 15",
        "`practice_calm.ru` must be a text, write words or put the value in quotes",
    ),
    "one language where two are needed": (
        changed("practice_calm:\n  tg: Каме нишинед.\n  ru: Посидите немного.", "practice_calm: Каме нишинед."),
        "practice_calm",
        "`practice_calm` must have its own keys (for a text `tg:` and `ru:`), indent them below it",
    ),
    "a version in words": (
        changed("version: 1", "version: one"),
        "version",
        "`version` must be a whole number, write it without quotes",
    ),
    "another way to store": (
        changed("store: private", "store: public"),
        "store",
        "`store` must be private or never, correct it",
    ),
    "a duplicate key": (
        changed("store: private", "store: private\nstore: never"),
        "store: never",
        'duplicate key "store" stands twice, remove one',
    ),
    "a tab": (
        changed("  ru: Посидите немного.", "\tru: Посидите немного."),
        "\tru",
        "a tab character, use spaces",
    ),
    "a broken indent": (
        changed("  ru: Посидите немного.", " ru: Посидите немного."),
        " ru: Посидите немного.",
        "this is not YAML (",
    ),
    "an open quote": (changed("tg: Каме нишинед.", 'tg: "Каме нишинед.'), "", "this is not YAML ("),
    "an alias": (
        changed("tg: Каме нишинед.", "tg: *bomb"),
        "tg: *bomb",
        "`&` or `*` before a word is a link in YAML, put the text in quotes",
    ),
    "an anchor": (
        changed("tg: Каме нишинед.", "tg: &bomb Каме"),
        "tg: &bomb",
        "`&` or `*` before a word is a link in YAML, put the text in quotes",
    ),
    "a tag": (
        changed("tg: Каме нишинед.", "tg: !!python/name:os.system x"),
        "tg: !!python",
        "`!` before a word is a command in YAML, put the text in quotes",
    ),
    "a merge": (
        changed("store: private", "store: private\n<<: {}"),
        "<<",
        "`<<` is a link in YAML, write the text itself",
    ),
    "a key of two lines": (
        changed("store: private", "store: private\n? |\n  one\n  two\n: three"),
        "? |",
        "`one two ` is an unknown key",
    ),
    "a list as a key": (
        changed("store: private", "store: private\n? [[a]]\n: b"),
        "",
        "this is not YAML, compare it with another lesson",
    ),
    "a control character": (
        changed("Каме нишинед.", "Каме\x07нишинед."),
        "Каме\x07",
        "a character that cannot be printed, remove it",
    ),
    "huge nesting": (
        changed("tg: Каме нишинед.", f"tg: {LONG_WAY_DOWN}"),
        f"tg: {LONG_WAY_DOWN}",
        "brackets or indents too deep, compare it with another lesson",
    ),
    "a key of the loader": (
        changed("store: private", "store: private\nat: home"),
        "at: home",
        "unknown key `at`, remove it or correct its spelling",
    ),
    "its own id": (changed("version: 1", 'version: 1\nid: "1.1"'), "id:", "`id` is the file's name, remove it here"),
    "four cards": (
        changed("prompt:", "  - {tg: Ду, ru: Два}\n  - {tg: Се, ru: Три}\n  - {tg: Чор, ru: Четыре}\nprompt:"),
        "cards:",
        "`cards` holds more than 3 entries, shorten the list",
    ),
}


@pytest.mark.parametrize(("page", "passage", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_named_with_its_line(tmp_path, page, passage, words):
    write(tmp_path, lesson=page)
    (line,) = refusal(tmp_path)
    file, number, text = line.split(":", 2)
    assert file == "m1/1.1.yaml"
    assert text.strip().startswith(words)
    if passage:
        assert int(number) == line_of(page, passage)


def test_a_file_that_is_not_a_mapping_is_refused(tmp_path):
    page = write(tmp_path)
    page.write_text("- one\n- two\n", "utf-8")
    assert refusal(tmp_path) == [
        "m1/1.1.yaml:1: the file must consist of `key: text` pairs, compare it with another lesson"
    ]


def test_bytes_that_are_not_utf_8_are_named_with_their_line(tmp_path):
    page = write(tmp_path)
    page.write_bytes(page.read_bytes().replace("Каме нишинед".encode(), "Каме".encode("cp1251")))
    assert refusal(tmp_path) == [
        f"m1/1.1.yaml:{line_of(LESSON, 'Каме')}: a byte that is not UTF-8, save the file as UTF-8"
    ]


def test_a_file_of_megabytes_is_refused(tmp_path):
    page = write(tmp_path)
    page.write_text("#" * 100_000, "utf-8")
    assert refusal(tmp_path) == ["m1/1.1.yaml:1: the file is larger than 65536 bytes, divide it"]


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "02.01.2026"])
def test_a_wrong_day_is_named_with_its_line(tmp_path, day):
    page = write(tmp_path)
    page.write_text(page.read_text("utf-8").replace("2026-01-02", day), "utf-8")
    (line,) = refusal(tmp_path)
    assert line == f"m1/1.1.yaml:{LESSON.count(chr(10)) + 5}: `review.date` must be a day like 2026-11-22, correct it"


def test_a_listed_lesson_without_a_file_is_named(tmp_path):
    write(tmp_path).unlink()
    assert refusal(tmp_path) == ["m1/1.1.yaml:1: the file cannot be read, add it or take it off the list"]


def test_an_unlisted_lesson_is_named(tmp_path):
    page = write(tmp_path)
    (page.parent / "1.2.yaml").write_text(page.read_text("utf-8"), "utf-8")
    (line,) = refusal(tmp_path)
    assert line.endswith("1.2.yaml lies beside but is not listed, list or remove it")


def test_a_lesson_of_another_module_is_named(tmp_path):
    page = write(tmp_path)
    page.rename(page.with_name("2.1.yaml"))
    module = page.with_name("module.yaml")
    module.write_text(module.read_text("utf-8").replace('"1.1"', '"2.1"'), "utf-8")
    assert refusal(tmp_path) == [f"m1/module.yaml:{LISTED}: lesson 2.1 is not of m1, move it"]


def test_an_id_that_leaves_the_folder_is_refused(tmp_path):
    write(tmp_path, module_page=changed("{lesson}", "../1.1", MODULE))
    assert refusal(tmp_path) == [f'm1/module.yaml:{LISTED}: `lessons.0` must look like "m1" or "1.1", correct it']


def test_a_lesson_listed_twice_is_refused(tmp_path):
    write(tmp_path, module_page=changed('  - "{lesson}"', '  - "{lesson}"\n  - "{lesson}"', MODULE))
    assert refusal(tmp_path) == ["curriculum.yaml:1: 1.1 stands twice, keep one"]


def test_mistakes_of_all_files_are_told_at_once(tmp_path):
    page = write(
        tmp_path,
        lesson=changed("ru: Посидите немного.", "ru: 15"),
        module_page=changed("  ru: Конец.\n", "", MODULE),
    )
    (tmp_path / "curriculum.yaml").write_text('version: 1\nmodules: ["m1"]\n', "utf-8")
    (tmp_path / "m2").mkdir()
    (tmp_path / "m2" / "module.yaml").write_text("", "utf-8")
    assert page.exists()
    assert [line.split(":")[0] for line in refusal(tmp_path)] == [
        "curriculum.yaml",
        "m1/module.yaml",
        "m1/1.1.yaml",
        "m2/module.yaml",
    ]


def test_a_folder_that_is_not_there_is_one_line(tmp_path):
    assert refusal(tmp_path / "nowhere") == [
        "curriculum.yaml:1: the file cannot be read, add it or take it off the list"
    ]


YAML_SIGNS = st.sampled_from([
    "\n", "  ", ":", "- ", "|", ">", "#", "'", '"', "[", "]", "{", "}", "&a", "*a", "!b", "%", "@", "`", "?", ",",
    "---", "...", "~", "<<", "1e9", "0x1", "2026-02-30", "\\", "\u2028", "\x85", "\ufeff", "\x00", "\U0001f375",
])  # fmt: skip


@given(st.integers(0, len(LESSON)), st.integers(0, 40), st.lists(YAML_SIGNS | st.text(max_size=5), max_size=8))
def test_any_damage_to_a_page_is_told_line_by_line_or_harmless(at, length, signs):
    """Whatever is cut out and put in, the folder is read or refused with `file:line: what`, never a crash."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, lesson=LESSON[:at] + "".join(signs) + LESSON[at + length :])
        try:
            load(folder)
        except ContentError as refused:
            for line in str(refused).splitlines():
                assert re.match(r"\S+\.yaml:[1-9]\d*: .{10}", line.removeprefix(f"{folder}/")), line


@given(st.binary(max_size=200))
def test_any_bytes_for_a_page_are_refused_in_words(raw):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder).write_bytes(raw)
        assert refusal(folder)


# ---- earlier versions


def keep(folder, name, lesson=LESSON):
    (folder / "history").mkdir(exist_ok=True)
    (folder / "history" / name).write_text(lesson + REVIEW, "utf-8")


def test_an_earlier_version_is_kept_beside_the_present_one(tmp_path):
    write(tmp_path, lesson=changed("version: 1", "version: 2"))
    keep(tmp_path, "1.1.v1.yaml")
    curriculum = load(tmp_path)
    assert (curriculum.lesson("1.1").version, curriculum.kept("1.1", 1).version) == (2, 1)
    assert curriculum.kept("1.1", 3) is None


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("1.1.v1.yaml", "history/1.1.v1.yaml is no earlier version of a lesson, remove it"),
        ("1.2.v1.yaml", "history/1.2.v1.yaml is no earlier version of a lesson, remove it"),
        ("1.1.v7.yaml", "holds version 1, rename it"),
        ("old.yaml", "is not named like 1.1.v2.yaml, rename or remove it"),
    ],
)
def test_a_history_that_does_not_fit_is_told(tmp_path, name, told):
    write(tmp_path)
    keep(tmp_path, name)
    with pytest.raises(ContentError, match=told):
        load(tmp_path)
