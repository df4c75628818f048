"""Later holds until she writes or opens; what she takes back in a freeze is taken back; a Now means one question."""

from datetime import timedelta

import pytest

from bot.core.cases import Finding, Level, Outcome
from bot.core.effects import Forget, Purpose
from bot.core.events import (
    ActRecorded,
    AnswerGiven,
    AnswerSettled,
    CaseCloseAsked,
    CaseHandedBack,
    FreezeAsked,
    MessageEdited,
    ModuleOpened,
    TakeAsked,
)
from tests.flows.chat import NOON, mother

URGENT = Finding(Level.URGENT)
LATER = ("notice.later", "case.later", "push.later")
A_MINUTE = timedelta(minutes=1)


def taken(book, **how):
    chat = mother(book, **how)
    chat.write("выдуманные слова", URGENT)
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    return chat


def answer(chat, text="Я с Вами.", staff="facilitator-1"):
    return chat.play(AnswerGiven(chat.case.id, staff, text))


def close(chat):
    chat.play(ActRecorded(chat.case.id, "facilitator-1", "Поговорила лично."))
    return chat.play(CaseCloseAsked(chat.case.id, "facilitator-1", Outcome.HANDLED, "Готово."))


def came(chat, wait=timedelta(hours=3)):
    return [say for say in chat.pass_time(wait) if say.purpose in {Purpose.COVER, Purpose.ANSWER}]


@pytest.mark.parametrize("later", LATER)
@pytest.mark.parametrize("language", ["tg", "ru"])
def test_s5_the_end_of_a_case_says_nothing_to_one_who_said_later(book, later, language):
    chat = taken(book, language=language)
    chat.press(later)
    chat.now += A_MINUTE
    assert close(chat) == []
    assert chat.case is None


@pytest.mark.parametrize("other", ["menu", "lines", "about"])
@pytest.mark.parametrize("later", LATER)
def test_s5_later_is_not_ended_by_a_button_that_anybody_presses(book, later, other):
    chat = taken(book)
    chat.press(later)
    chat.now += A_MINUTE
    chat.press(other)
    chat.now += A_MINUTE
    assert answer(chat) == []
    assert came(chat) == []


@pytest.mark.parametrize("act", ["case.now", "push.open", "window:120", "help"])
def test_s5_later_ends_when_she_opens_or_asks_herself(book, act):
    chat = taken(book)
    chat.press("notice.later")
    chat.now += A_MINUTE
    chat.press(act)
    chat.now += A_MINUTE
    assert answer(chat)


def test_s5_later_ends_when_she_writes(book):
    chat = taken(book)
    chat.press("notice.later")
    chat.now += A_MINUTE
    chat.write("я здесь")
    assert answer(chat)


@pytest.mark.parametrize("found", [Finding(), URGENT])
@pytest.mark.parametrize("after", [1, 15])
def test_s5_an_old_message_that_is_changed_ends_no_later(book, after, found):
    chat = taken(book)
    chat.press("notice.later")
    chat.now += after * A_MINUTE
    chat.play(MessageEdited("другие слова", "hers-0"), found)
    assert {say.purpose for say in chat.says} <= ({Purpose.NOTICED} if found.level.rank and after == 1 else set())
    assert "case.now" not in chat.choices
    chat.now += A_MINUTE
    assert answer(chat) == []
    assert came(chat) == []


# ---- a freeze


@pytest.mark.parametrize("choice", [*LATER, "window:hours"])
def test_s5_what_she_takes_back_while_she_is_frozen_is_taken_back(book, choice):
    chat = taken(book)
    chat.now += timedelta(hours=4)  # after her hours
    chat.press("window:120")
    chat.play(FreezeAsked(is_frozen=True))
    chat.now += A_MINUTE
    assert chat.press(choice) == []
    chat.play(FreezeAsked(is_frozen=False))
    chat.now += timedelta(minutes=11)
    answer(chat)
    assert came(chat) == []


@pytest.mark.parametrize(
    ("language", "word", "state"),
    [
        ("tg", "пинҳон", "Safety:hidden"),
        ("ru", "спрятать", "Safety:hidden"),
        ("tg", "ист", "Safety:stopped"),
        ("ru", "стоп", "Safety:stopped"),
    ],
)
def test_s3_who_hides_or_stops_while_she_is_frozen_finds_that_it_holds(book, language, word, state):
    chat = taken(book, language=language)
    answer(chat)
    chat.press("case.now")
    chat.play(FreezeAsked(is_frozen=True))
    assert chat.write(word) == []
    assert chat.state == state
    chat.play(FreezeAsked(is_frozen=False))
    chat.now += A_MINUTE
    chat.press("start")
    answer(chat, "Ещё слово")
    assert chat.state != state
    assert "Ещё слово" not in chat.texts
    chat.press("case.now")
    assert "Ещё слово" in chat.texts


@pytest.mark.parametrize("command", ["pause.days:30", "пауза"])
def test_s3_a_pause_that_she_asks_for_while_she_is_frozen_holds(book, command):
    chat = mother(book, "Safety:pause")
    chat.play(FreezeAsked(is_frozen=True))
    assert (chat.press(command) if "." in command else chat.write(command)) == []
    assert chat.participant.paused_until is not None


def test_s22_yes_erase_in_a_frozen_chat_erases(book):
    chat = mother(book, "Safety:forget")
    chat.play(FreezeAsked(is_frozen=True))
    chat.press("forget.yes")
    assert chat.asked(Forget)


def test_s23_a_yes_to_the_question_of_harm_in_a_frozen_chat_is_heard(book):
    chat = mother(book, "Harm:asking")
    chat.play(FreezeAsked(is_frozen=True))
    assert chat.press("harm.told:home") == []
    assert chat.case is not None
    assert chat.participant.withheld_at is not None


def test_s15_now_answers_no_question_of_before_she_hid(book):
    chat = taken(book)
    answer(chat)
    chat.now += A_MINUTE
    chat.press("hide")
    chat.press("hidden.open")
    assert "Я с Вами." not in chat.press("case.now")


def test_s1_a_line_that_a_freeze_took_back_goes_when_it_is_over_and_no_second_one(book):
    chat = taken(book)
    chat.now = NOON + timedelta(minutes=20)
    answer(chat)
    assert len(came(chat, A_MINUTE)) == 1
    chat.play(FreezeAsked(is_frozen=True))
    chat.play(FreezeAsked(is_frozen=False))
    assert len(came(chat, A_MINUTE)) == 1
    answer(chat, "Ещё слово")
    assert [post.event.how for post in chat.posts(AnswerSettled)] == ["covered"]
    assert came(chat) == []


@pytest.mark.parametrize("is_closed", [False, True])
def test_s5_after_later_no_page_is_announced_until_she_is_here_again(book, is_closed):
    chat = taken(book)
    chat.press("notice.later")
    if is_closed:
        chat.now += A_MINUTE
        close(chat)
    chat.play(ModuleOpened("m1"))
    assert chat.pass_time(timedelta(days=3)) == []
    chat.write("выдуманный вопрос")
    if not is_closed:
        close(chat)
    assert [say.purpose for say in chat.pass_time(timedelta(days=2))] == [Purpose.PUSH]


def test_later_on_the_line_of_a_page_holds_no_other_page_back(book):
    chat = mother(book)
    chat.play(ModuleOpened("m1"))
    assert chat.pass_time(timedelta(days=1))
    chat.press("push.later")
    assert [say.purpose for say in chat.pass_time(timedelta(days=4))][:1] == [Purpose.PUSH]


# ---- the question of another


def test_s15_now_to_the_question_of_one_opens_nothing_of_the_next(book):
    chat = taken(book)
    answer(chat)
    chat.play(CaseHandedBack(chat.case.id, "facilitator-1"))
    chat.play(TakeAsked(chat.case.id, "facilitator-2"))
    chat.now += timedelta(minutes=40)
    answer(chat, "Слова второй", "facilitator-2")
    assert "Слова второй" not in chat.press("case.now")
    assert "case.now" in chat.choices


def test_s15_now_to_the_question_of_a_closed_case_opens_nothing_of_the_next_case(book):
    chat = taken(book)
    answer(chat)
    chat.now += timedelta(minutes=15)
    close(chat)
    chat.write("выдуманные слова", URGENT)
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    chat.now += timedelta(minutes=20)
    answer(chat, "Слова второго случая")
    assert "Слова второго случая" not in chat.press("case.now")
    assert "case.now" in chat.choices


@pytest.mark.parametrize(("state", "word"), [("Safety:forget", "да"), ("Safety:pause", "3")])
def test_s22_a_yes_to_her_facilitator_erases_and_pauses_nothing_on_a_page_above(book, state, word):
    chat = taken(book)
    chat.write({"да": "забудьте меня", "3": "пауза"}[word])
    assert chat.state == state
    answer(chat, "Можно, я Вам завтра позвоню?")
    chat.press("case.now")
    chat.now += timedelta(minutes=12)
    page = chat.write(word)
    assert not chat.asked(Forget)
    assert chat.participant.paused_until is None
    assert page[-1:] == chat.write("не поняла")[-1:]
