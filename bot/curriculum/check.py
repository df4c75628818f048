"""The rules for authors that a machine can check, applied to a whole curriculum."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.curriculum.model import LANGUAGES, Card, Curriculum, Language, Lesson, Measures, Module, Page, Text
from bot.curriculum.neutral import LOCK_SCREEN, offending
from bot.curriculum.wording import placeholders, sentences, slips
from bot.curriculum.wordlist import word_list

LONGEST_LESSON_TITLE = 24  # a row of a WhatsApp list
LONGEST_MODULE_TITLE = 60
LONGEST_ANSWER = 20  # a button of WhatsApp
LONGEST_PUSH = 120
RECAP_LINES = 3
SIGNS_MODULE = 9
UNSTORED_MODULES = range(7, 10)
_HIDING: dict[Language, str] = {"tg": "«пинҳон»", "ru": "«спрятать»"}
_SHAPE = {
    "several": "that several changes come together",
    "weeks": "that they last for weeks",
    "new": "that they are new for this child",
    "talk": "that a calm talk comes first",
    "help": "that a person can help",
}
_REASONS = 3


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A broken rule: where it is, what is wrong and what to do."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


def check(curriculum: Curriculum) -> list[Problem]:
    """Every broken rule of the curriculum, by file and line; an empty list when there is none."""
    problems: set[Problem] = set()
    for module in curriculum.modules:
        problems.update(_module(module))
        for lesson in module.lessons:
            problems.update(_lesson(lesson, module.number))
    if curriculum.measures is not None:
        problems.update(_measures(curriculum.measures))
    return sorted(problems)


def _module(module: Module) -> Iterator[Problem]:
    yield from _texts(module)
    yield from _title(module.title, LONGEST_MODULE_TITLE)
    yield from _signs_elsewhere(module)
    for language in LANGUAGES:
        if len(module.recap.in_language(language).splitlines()) != RECAP_LINES:
            yield _problem(module.recap, language, f"a recap has {RECAP_LINES} lines, no more and no fewer")


def _measures(measures: Measures) -> Iterator[Problem]:
    yield from _texts(measures)
    yield from _signs_elsewhere(measures)
    for question in measures.questions:
        yield from _prompt(question)
    for answer in (*measures.scales.agree, *measures.scales.days):
        yield from _title(answer, LONGEST_ANSWER)


def _lesson(lesson: Lesson, number: int) -> Iterator[Problem]:
    yield from _texts(lesson)
    yield from _title(lesson.title, LONGEST_LESSON_TITLE)
    yield from _push(lesson.push)
    yield from _prompt(lesson.prompt)
    for card in lesson.cards:
        yield from _variants(card)
    yield from _only_in_cards(lesson)
    if number in UNSTORED_MODULES and lesson.store != "never":
        yield Problem(
            lesson.at.file, lesson.at.line_of("store"), "answers of modules 7 to 9 are not kept, write `never`"
        )
    if not lesson.signs:
        yield from _signs_elsewhere(lesson)
    elif number != SIGNS_MODULE:
        yield Problem(lesson.at.file, lesson.at.line_of("signs"), "warning signs are only for module 9, remove them")
    else:
        yield from _shape_of_signs(lesson)


def _texts(page: Page) -> Iterator[Problem]:
    """What holds for every text of a page."""
    for _, text in page.texts():
        for language in LANGUAGES:
            words = text.in_language(language)
            for slip in slips(words, language, page.long_sentences):
                yield _problem(text, language, slip.what, slip.at)
        if placeholders(text.tg) != placeholders(text.ru):
            yield _problem(text, "ru", "tg and ru have different placeholders, make them equal")
        if text.tg == text.ru and " " in text.tg:
            yield _problem(text, "ru", "tg and ru are the same words, translate one")
    yield from _idle_exceptions(page)


def _idle_exceptions(page: Page) -> Iterator[Problem]:
    said = {
        sentence
        for _, text in page.texts()
        for language in LANGUAGES
        for _, sentence in sentences(text.in_language(language))
    }
    for n, sentence in enumerate(page.long_sentences):
        if sentence not in said:
            line = page.at.line_of(f"long_sentences.{n}")
            yield Problem(page.at.file, line, "an exception for a sentence that is not there, remove it")


def _title(title: Text, longest: int) -> Iterator[Problem]:
    for language in LANGUAGES:
        words = title.in_language(language)
        if len(words) > longest or "\n" in words:
            yield _problem(title, language, f"a title of {len(words)} characters, shorten it to {longest} on one line")


def _push(push: Text) -> Iterator[Problem]:
    for language in LANGUAGES:
        words = push.in_language(language)
        if len(words) > LONGEST_PUSH:
            yield _problem(push, language, f"a push of {len(words)} characters, shorten it to {LONGEST_PUSH}")
        if found := offending(words):
            what = f"«{found}» in the first {LOCK_SCREEN} characters of a push, say only that a page is ready"
            yield _problem(push, language, what)


def _prompt(prompt: Text) -> Iterator[Problem]:
    for language in LANGUAGES:
        if found := word_list("prompt").first(prompt.in_language(language)):
            yield _problem(prompt, language, f"a question about «{found}», ask about her own view and feeling")


def _variants(card: Card) -> Iterator[Problem]:
    """A card that needs help lines or hiding has other words for when they are not there."""
    if card.names_help and not card.without_help:
        yield Problem(card.at.file, card.at.line, "help lines without a variant, add `without_help`")
    if card.without_help and not card.names_help:
        yield Problem(
            card.at.file, card.without_help.at.line, "`without_help` for a card without help lines, remove it"
        )
    if card.without_help and card.without_hiding:
        yield Problem(card.at.file, card.at.line, "help lines and hiding in one card, make two cards of it")
    hides = any(_hides(card, language) for language in LANGUAGES)
    if hides and not card.without_hiding:
        yield Problem(card.at.file, card.at.line, "hiding without a variant, add `without_hiding`")
    if card.without_hiding and not hides:
        yield Problem(
            card.at.file, card.without_hiding.at.line, "`without_hiding` for a card that does not hide, remove it"
        )


def _only_in_cards(lesson: Lesson) -> Iterator[Problem]:
    """Help lines and hiding stand in cards, because only a card has other words for when they are missing."""
    for name, text in lesson.texts():
        for language in LANGUAGES:
            is_card = name.startswith("cards.")
            if placeholders(text.in_language(language)) and not (is_card and name.count(".") == 1):
                yield _problem(text, language, "a placeholder outside of a card, move it to a card")
            if _hides(text, language) and (not is_card or name.endswith("without_help")):
                yield _problem(text, language, f"{_HIDING[language]} outside of a card, move it to a card")


def _hides(text: Text, language: Language) -> bool:
    return _HIDING[language] in text.in_language(language).lower()


def _signs_elsewhere(page: Page) -> Iterator[Problem]:
    for _, text in page.texts():
        for language in LANGUAGES:
            if found := word_list("signs").first(text.in_language(language)):
                what = f"«{found}» speaks of warning signs, keep it for a lesson of module 9 with `signs: true`"
                yield _problem(text, language, what)


def _shape_of_signs(lesson: Lesson) -> Iterator[Problem]:
    """Several changes, over weeks, new for this child, three ordinary reasons, talk first, help."""
    for language in LANGUAGES:
        cards = "\n".join(card.in_language(language) for card in lesson.cards)
        for section, meaning in _SHAPE.items():
            if not word_list(f"signs: {section}").first(cards):
                yield _problem(lesson.cards[0], language, f"signs without saying {meaning}, add it")
        if sum(line.startswith("• ") for line in cards.splitlines()) < _REASONS:
            yield _problem(
                lesson.cards[0], language, "signs with fewer than three ordinary reasons, list them with «• »"
            )


def _problem(text: Text, language: Language, what: str, at: int = 0) -> Problem:
    line = text.at.line_of(language, text.in_language(language).count("\n", 0, at))
    return Problem(text.at.file, line, what)
