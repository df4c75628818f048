"""Each rule for authors is broken once, in a lesson that keeps all the others."""

from importlib.resources import files

import pytest

from bot.core.errors import ContentError
from bot.curriculum.check import check
from bot.curriculum.load import load
from bot.orthography.commands import command
from tests.curriculum.lessons import LESSON, MODULE, changed, line_of, write

LONG = " ".join(["чой"] * 13)
SIGNS = """\
cards:
  - tg: |
      Чанд тағйирот якҷоя, ҳафтаҳо давом мекунад.
      Барои ин фарзанд нав аст.
      • Хастагӣ.
      • Имтиҳон.
      • Беморӣ.
      Аввал сӯҳбат, баъд кӯмак.
    ru: |
      Несколько перемен сразу, неделями.
      Для этого ребёнка они новые.
      • Усталость.
      • Экзамен.
      • Болезнь.
      Сначала разговор, потом помощь.
"""
CARDS = LESSON[LESSON.index("cards:") : LESSON.index("prompt:")]
CARD_WITH_HELP = "cards:\n  - tg: |\n      Рақамҳо:\n      {help:lines}\n    ru: |\n      Номера:\n      {help:lines}\n"
WITHOUT_HELP = "    without_help:\n      tg: Чой.\n      ru: Чаёк.\n"
CARD_THAT_HIDES = "cards:\n  - tg: Нависед «пинҳон».\n    ru: Напишите «спрятать».\n"
WITHOUT_HIDING = "    without_hiding:\n      tg: Чой.\n      ru: Чаёк.\n"
CARD_OF_BOTH = (
    "cards:\n  - tg: |\n      «Пинҳон».\n      {help:lines}\n    ru: |\n      «Спрятать».\n      {help:lines}\n"
)
SIGNS_LESSON = changed("store: private", "store: never\nsigns: true", changed(CARDS, SIGNS))


def problems(folder, lesson=LESSON, **where) -> list[tuple[int, str]]:
    write(folder, lesson=lesson, **where)
    return [(problem.line, problem.text) for problem in check(load(folder))]


def test_the_shipped_lessons_keep_every_rule():
    assert [str(problem) for problem in check(load())] == []


def test_the_words_of_safety_in_the_first_lesson_are_understood():
    card = load().lesson("1.1").cards[2]
    for words in (card, card.without_hiding):
        for language in ("tg", "ru"):
            quoted = [part.partition("»")[0] for part in words.in_language(language).split("«")[1:]]
            assert [command(word) for word in quoted] == ["hide", "stop", "help"]


@pytest.mark.parametrize("module", ["m1", "m9"])
def test_a_right_lesson_has_no_problems(tmp_path, module):
    lesson = changed("store: private", "store: never") if module == "m9" else LESSON
    assert problems(tmp_path, lesson, module=module) == []


BROKEN = {
    "a long card": (
        changed("Вода кипит.", "Чай. " * 70),
        "Чай. Чай.",
        "361 characters, shorten it to 320",
    ),
    "a long sentence": (
        changed("Вода кипит.", f"{LONG}."),
        LONG,
        "13 words in a sentence, divide it so that none has more than 12",
    ),
    "a long sentence on the second line": (
        changed("Чай готов.", f"{LONG}?"),
        LONG,
        "13 words in a sentence, divide it so that none has more than 12",
    ),
    "an idle exception": (
        changed("store: private", 'store: private\nlong_sentences:\n  - "Nobody says so"'),
        '  - "Nobody',
        "an exception for a sentence that is not there, remove it",
    ),
    "a push that tells": (
        changed("ru: Новая страница готова.", "ru: Новая страница о безопасности."),
        "ru: Новая",
        "«безопасн…» in the first 60 characters of a push, say only that a page is ready",
    ),
    "a long push": (
        changed("ru: Новая страница готова.", f"ru: {'Чай готов. ' * 12}"),
        "ru: Чай готов. Чай",
        "a push of 131 characters, shorten it to 120",
    ),
    "an old-font letter": (
        changed("tg: Каме нишинед.", "tg: Кўдак нишаст."),
        "tg: Кўдак",
        "«Кўдак»: «ў» is an old-font letter, write «ӯ»",
    ),
    "a Latin letter inside a Cyrillic word": (
        changed("tg: Каме нишинед.", "tg: Кaме нишинед."),
        "tg: Кaме",
        "«Кaме»: Latin «a» inside a Cyrillic word, type it in Cyrillic",
    ),
    "a Russian letter in Tajik": (
        changed("tg: Каме нишинед.", "tg: Каме сыр."),
        "tg: Каме",
        "«сыр»: «ы» is not a letter of this language, correct it",
    ),
    "a Tajik letter in Russian": (
        changed("ru: Посидите немного.", "ru: Посидите ҳамин."),
        "ru: Посидите",
        "«ҳамин»: «ҳ» is not a letter of this language, correct it",
    ),
    "a letter with a loose macron": (
        changed("tg: Каме нишинед.", "tg: Каме чи\u0304."),
        "tg: Каме",
        "a letter made of two characters, type it anew (Unicode NFC)",
    ),
    "a strange sign": (
        changed("ru: Посидите немного.", "ru: Посидите “немного."),
        "ru: Посидите",
        "the sign LEFT DOUBLE QUOTATION MARK is not used in lessons, remove it (quotes are «»)",
    ),
    "a telephone number": (
        changed("ru: Посидите немного.", "ru: Звоните 13-13."),
        "ru: Звоните",
        "digits that look like a telephone number, use {help:lines}",
    ),
    "a link": (
        changed("ru: Посидите немного.", "ru: Смотрите example.org."),
        "ru: Смотрите",
        "a link, remove it",
    ),
    "a banned word": (
        changed("ru: Посидите немного.", "ru: Вы должны сидеть."),
        "ru: Вы",
        "«вы должны» has no place in a lesson, say it otherwise",
    ),
    "a banned word on another keyboard": (
        changed("tg: Каме нишинед.", "tg: Хукумат гуфт."),
        "tg: Хукумат",
        "«ҳукумат…» has no place in a lesson, say it otherwise",
    ),
    "a familiar word": (
        changed("ru: Посидите немного.", "ru: Посиди ты немного."),
        "ru: Посиди",
        "«ты» outside quotes, address her as «шумо» and «Вы»",
    ),
    "a lone brace": (
        changed("ru: Посидите немного.", "ru: Посидите немного}."),
        "ru: Посидите",
        "a lone brace, close or remove it",
    ),
    "an untranslated text": (
        changed("ru: Посидите немного.", "ru: Каме нишинед."),
        "ru: Каме",
        "tg and ru are the same words, translate one",
    ),
    "a long title": (
        changed("ru: Чаёк", "ru: Чаёк и ещё немного чаю потом"),
        "ru: Чаёк",
        "a title of 28 characters, shorten it to 24 on one line",
    ),
    "a question for names": (
        changed("ru: Какой сегодня чай?", "ru: Какое имя у чая?"),
        "ru: Какое",
        "a question about «имя», ask about her own view and feeling",
    ),
    "help lines without a variant": (
        changed(CARDS, CARD_WITH_HELP),
        "tg: |\n      Рақамҳо",
        "help lines without a variant, add `without_help`",
    ),
    "a variant without help lines": (
        changed(CARDS, CARDS + WITHOUT_HELP),
        "    without_help:",
        "`without_help` for a card without help lines, remove it",
    ),
    "hiding without a variant": (
        changed(CARDS, CARD_THAT_HIDES),
        "tg: Нависед",
        "hiding without a variant, add `without_hiding`",
    ),
    "a variant without hiding": (
        changed(CARDS, CARDS + WITHOUT_HIDING),
        "    without_hiding:",
        "`without_hiding` for a card that does not hide, remove it",
    ),
    "help and hiding in one card": (
        changed(CARDS, CARD_OF_BOTH + WITHOUT_HELP + WITHOUT_HIDING),
        "tg: |\n      «Пинҳон»",
        "help lines and hiding in one card, make two cards of it",
    ),
    "hiding outside of a card": (
        changed("ru: Посидите немного.", "ru: |\n    Посидите.\n    Есть слово «спрятать»."),
        "    Посидите.",
        "«спрятать» outside of a card, move it to a card",
    ),
    "signs by their words": (
        changed("ru: Посидите немного.", "ru: Посидите, вот признаки."),
        "ru: Посидите",
        "«признак…» speaks of warning signs, keep it for a lesson of module 9 with `signs: true`",
    ),
    "signs by their mark": (
        changed("store: private", "store: private\nsigns: true"),
        "signs: true",
        "warning signs are only for module 9, remove them",
    ),
}


@pytest.mark.parametrize(("page", "passage", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_rule_is_named_with_its_line(tmp_path, page, passage, words):
    assert problems(tmp_path, page) == [(line_of(page, passage), words)]


def test_a_problem_reads_as_file_line_and_what_to_do(tmp_path):
    write(tmp_path, lesson=changed("Чай готов.", f"{LONG}."))
    (problem,) = check(load(tmp_path))
    assert str(problem).startswith(f"{tmp_path}/m1/1.1.yaml:{line_of(LESSON, 'Чай готов.')}: 13 words in a sentence")


def test_a_listed_long_sentence_is_allowed(tmp_path):
    page = changed("Вода кипит.", f"{LONG}.")
    assert problems(tmp_path, changed("store: private", f'store: private\nlong_sentences:\n  - "{LONG}"', page)) == []


def test_help_lines_with_a_variant_are_right(tmp_path):
    assert problems(tmp_path, changed(CARDS, CARD_WITH_HELP + WITHOUT_HELP)) == []


def test_a_placeholder_of_one_language_is_told(tmp_path):
    card = changed("\n    ru: |\n      Номера:\n      {help:lines}\n", "\n    ru: Номера.\n", CARD_WITH_HELP)
    page = changed(CARDS, card + WITHOUT_HELP)
    assert problems(tmp_path, page) == [
        (line_of(page, "ru: Номера."), "tg and ru have different placeholders, make them equal")
    ]


def test_an_unknown_placeholder_is_told_in_both_languages(tmp_path):
    page = changed(CARDS, "cards:\n  - tg: Чой, {name}.\n    ru: Чай, {name}.\n")
    assert problems(tmp_path, page) == [
        (line_of(page, passage), "unknown placeholder {name}, use {help:lines} or none")
        for passage in ("tg: Чой, {", "ru: Чай, {")
    ]


def test_help_lines_outside_of_a_card_are_told(tmp_path):
    page = changed(
        "tg: Каме нишинед.\n  ru: Посидите немного.", 'tg: "Каме {help:lines}."\n  ru: "Немного {help:lines}."'
    )
    assert {text for _, text in problems(tmp_path, page)} == {"a placeholder outside of a card, move it to a card"}


@pytest.mark.parametrize("module", ["m7", "m8", "m9"])
def test_s20_answers_of_modules_seven_to_nine_are_never_stored(tmp_path, module):
    assert problems(tmp_path, LESSON, module=module) == [
        (line_of(LESSON, "store:"), "answers of modules 7 to 9 are not kept, write `never`")
    ]


def test_signs_in_the_allowed_shape_are_right_in_module_nine(tmp_path):
    assert problems(tmp_path, SIGNS_LESSON, module="m9") == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Несколько перемен сразу, неделями.", "Перемены неделями.", "that several changes come together"),
        ("сразу, неделями.", "сразу.", "that they last for weeks"),
        ("они новые", "они странные", "that they are new for this child"),
        ("Сначала разговор, потом помощь.", "Потом помощь.", "that a calm talk comes first"),
        ("Сначала разговор, потом помощь.", "Сначала разговор.", "that a person can help"),
    ],
)
def test_signs_without_their_shape_are_told(tmp_path, old, new, words):
    page = changed(old, new, SIGNS_LESSON)
    assert problems(tmp_path, page, module="m9") == [
        (line_of(page, "Перемен" if "Перемены" in page else "Несколько"), f"signs without saying {words}, add it")
    ]


def test_signs_with_two_ordinary_reasons_are_told(tmp_path):
    page = changed("      • Болезнь.\n", "", SIGNS_LESSON)
    assert problems(tmp_path, page, module="m9") == [
        (line_of(page, "Несколько"), "signs with fewer than three ordinary reasons, list them with «• »")
    ]


def test_a_recap_has_three_lines(tmp_path):
    page = changed("    Три.\n", "", MODULE)
    write(tmp_path, module_page=page)
    assert [(problem.line, problem.text) for problem in check(load(tmp_path))] == [
        (line_of(page, "    Один."), "a recap has 3 lines, no more and no fewer")
    ]


def test_texts_of_a_module_keep_the_rules_too(tmp_path):
    page = changed("ru: Конец.", "ru: Вы обязаны прийти.", MODULE)
    write(tmp_path, module_page=page)
    assert [(problem.line, problem.text) for problem in check(load(tmp_path))] == [
        (line_of(page, "ru: Вы"), "«вы обязаны» has no place in a lesson, say it otherwise")
    ]


# ---- measures

SHIPPED_MEASURES = (files("bot.curriculum") / "content" / "measures.yaml").read_text("utf-8")


def measured(folder, old="", new="") -> list[str]:
    write(folder)
    page = SHIPPED_MEASURES if not old else changed(old, new, SHIPPED_MEASURES)
    (folder / "measures.yaml").write_text(page, "utf-8")
    return [problem.text for problem in check(load(folder))]


def test_the_measures_keep_the_rules_of_lessons(tmp_path):
    assert measured(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "ru: Да, вполне",
            "ru: Да, вполне и без всяких сомнений",
            "a title of 32 characters, shorten it to 20 on one line",
        ),
        ("ru: Я знаю, к кому", "ru: Я знаю имя, к кому", "a question about «имя», ask about her own view and feeling"),
        ("tg: Бештар не", "tg: Бештар нў", "«нў»: «ў» is an old-font letter, write «ӯ»"),
    ],
)
def test_a_broken_rule_in_the_measures_is_told(tmp_path, old, new, told):
    assert measured(tmp_path, old, new) == [told]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  - id: days\n", "  - id: talk\n", "the question talk stands twice, keep one"),
        ("    - tg: Ҳеҷ рӯз\n      ru: Ни одного дня\n", "", "must hold at least 5 entries, add them"),
        ("    scale: days\n", "    scale: weeks\n", "must be agree or days, correct it"),
    ],
)
def test_measures_that_do_not_fit_together_are_refused(tmp_path, old, new, told):
    with pytest.raises(ContentError, match=told):
        measured(tmp_path, old, new)
