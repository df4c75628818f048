"""The proof shows every word, and the comparison every change."""

from bot.curriculum.load import load
from bot.curriculum.proof import diff, proof
from tests.curriculum.lessons import LESSON, changed, write

SHIPPED = load()
TWO_MODULES = SHIPPED.model_copy(update={"modules": SHIPPED.modules[:2], "measures": None})


def test_the_proof_shows_every_line_of_every_text_once_in_its_language():
    for language, other in (("tg", "ru"), ("ru", "tg")):
        printed = proof(SHIPPED, language)
        for page in (*SHIPPED.modules, *SHIPPED.lessons(), SHIPPED.measures):
            for _, text in page.texts():
                assert all(line in printed for line in text.in_language(language).splitlines())
        assert SHIPPED.lesson("1.2").prompt.in_language(other) not in printed


def test_the_proof_marks_what_awaits_review(tmp_path):
    assert proof(TWO_MODULES, "tg").count("[draft: awaiting review]") == 8
    write(tmp_path)
    assert "draft" not in proof(load(tmp_path), "tg")


def test_the_proof_of_a_small_curriculum_reads_in_her_order(tmp_path):
    write(tmp_path)
    lines = [line for line in proof(load(tmp_path), "ru").splitlines() if "│" in line or "──" in line]
    assert lines[:3] == ["  │ Начало.", "  │ Один.", "  │ Два."]
    assert lines[4] == "── 1.1 Чаёк · 1/1 · version 1"
    assert lines[5:9] == ["  │ Новая страница готова.", "  │ Вода кипит.", "  │ Чай готов.", "  │ Какой сегодня чай?"]
    assert lines[-1] == "  │ Конец."


def test_nothing_changed_is_no_lines():
    assert diff(SHIPPED, SHIPPED.model_copy(deep=True)) == []


def test_a_changed_text_is_told_with_both_wordings(tmp_path):
    write(tmp_path / "old")
    write(tmp_path / "new", lesson=changed("version: 1", "version: 2", changed("Чай готов.", "Чай остыл.")))
    assert diff(load(tmp_path / "old"), load(tmp_path / "new")) == [
        "1.1: cards.0 ru: «Вода кипит. / Чай готов.» → «Вода кипит. / Чай остыл.»",
        "1.1: version: «1» → «2»",
    ]


def test_a_text_changed_without_a_new_version_is_told(tmp_path):
    write(tmp_path / "old")
    write(tmp_path / "new", lesson=changed("Чай готов.", "Чай остыл."))
    assert diff(load(tmp_path / "old"), load(tmp_path / "new"))[-1] == (
        "1.1: the words changed but the version is still 1, raise it"
    )


def test_a_new_card_variant_and_another_way_to_store_are_told(tmp_path):
    write(tmp_path / "old")
    variant = "    without_hiding:\n      tg: Чой.\n      ru: Чай.\nprompt:"
    page = changed("store: private", "store: never", changed("prompt:", variant))
    write(tmp_path / "new", lesson=changed("version: 1", "version: 2", page))
    assert diff(load(tmp_path / "old"), load(tmp_path / "new")) == [
        "1.1: cards.0.without_hiding tg: nothing → «Чой.»",
        "1.1: cards.0.without_hiding ru: nothing → «Чай.»",
        "1.1: version: «1» → «2»",
        "1.1: store: «private» → «never»",
    ]


def test_added_and_removed_pages_are_told():
    one = TWO_MODULES.model_copy(update={"modules": TWO_MODULES.modules[:1], "version": "older"})
    two = [f"{page}: added" for page in ("m2", "2.1", "2.2", "2.3")]
    assert diff(one, TWO_MODULES) == [f"version: older → {TWO_MODULES.version}", *two]
    assert diff(TWO_MODULES, one) == [
        "2.1: removed",
        "2.2: removed",
        "2.3: removed",
        "m2: removed",
        f"version: {TWO_MODULES.version} → older",
    ]


def test_another_order_is_told():
    turned = TWO_MODULES.model_copy(update={"modules": TWO_MODULES.modules[::-1]})
    assert diff(TWO_MODULES, turned) == [
        "order: m1, 1.1, 1.2, 1.3, m2, 2.1, 2.2, 2.3 → m2, 2.1, 2.2, 2.3, m1, 1.1, 1.2, 1.3"
    ]


def test_the_folder_of_lessons_is_read_the_same_twice(tmp_path):
    write(tmp_path, lesson=LESSON)
    assert load(tmp_path) == load(tmp_path)
