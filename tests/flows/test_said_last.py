"""A bare yes or number answers what was said last, and nothing asked only after it (S6, S13, S16, S20, S22)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.cases import Category, Finding, Level, Outcome
from bot.core.effects import (
    AnswerMeasure,
    Consent,
    FinishLesson,
    Forget,
    KeepReflection,
    Prefer,
    RecordCheckIn,
    ShareReflection,
)
from bot.core.events import AnswerGiven, CaseCloseAsked, SendsFailed, SweepDue, TakeAsked
from bot.core.people import Role, Shared
from bot.flows.conditions import HIDDEN, STOPPED
from tests.flows.chat import NOON, invitation, mother, participant, stranger

URGENT = Finding(Level.URGENT, Category.DOMESTIC_VIOLENCE, 0.9, ("concept",), "rules-1")
OURS = "facilitator-1"
YES = ["да", "ҳа", "ок", "хоп"]
LATE = timedelta(minutes=12)


def told(chat):
    """She tells us what needs a person, and reads the automatic answer below her page."""
    chat.write("выдуманные слова", URGENT)
    return chat


def asked(book):
    """Her facilitator has answered, and she was asked whether it is a good moment."""
    chat = told(mother(book))
    chat.play(TakeAsked(chat.case.id, OURS))
    chat.now += LATE
    chat.write("выдуманный вопрос")
    chat.play(AnswerGiven(chat.case.id, OURS, "Выдуманный ответ."))
    assert "case.now" in chat.choices
    return chat


# ---- what stands above


@pytest.mark.parametrize("yes", YES)
@pytest.mark.parametrize("is_taken", [False, True])
@pytest.mark.parametrize("later", [timedelta(minutes=1), LATE])
def test_s22_a_yes_below_the_automatic_answer_erases_nothing(book, yes, is_taken, later):
    chat = mother(book)
    chat.write("забудьте меня")
    told(chat)
    if is_taken:
        chat.play(TakeAsked(chat.case.id, OURS))
    chat.now += later
    chat.write(yes)
    assert not chat.asked(Forget)
    assert chat.participant is not None


@pytest.mark.parametrize("how", ["press", "label"])
def test_s22_yes_erase_itself_erases_wherever_its_page_stands(book, how):
    chat = mother(book)
    chat.write("забудьте меня")
    told(chat)
    if how == "press":
        chat.press("forget.yes")
    else:
        chat.write("да, стереть")
    assert chat.asked(Forget)


@pytest.mark.parametrize("state", ["Onboarding:consent", "Onboarding:adult"])
def test_s6_s16_a_yes_below_the_automatic_answer_is_no_consent(book, state):
    chat = stranger(book)
    chat.start(invitation())
    for choice in ("language:ru", "consent.next", "consent.yes", "consent.yes"):
        if chat.state == state:
            break
        chat.press(choice)
    state = chat.state
    told(chat)
    chat.now += timedelta(minutes=1)
    chat.write("да")
    assert (chat.state, chat.asked(Consent)) == (state, [])


def test_s2_a_no_below_the_automatic_answer_does_not_say_that_the_phone_is_hers_alone(book):
    chat = mother(book)
    chat.press("settings")
    chat.press("phone")
    assert "phone.no" in chat.choices
    told(chat)
    chat.now += timedelta(minutes=1)
    chat.write("нет")
    assert not [effect for effect in chat.asked(Prefer) if effect.changes.get("phone_shared") is Shared.NO]


@pytest.mark.parametrize("yes", YES)
def test_s20_a_yes_below_the_automatic_answer_shares_no_answer(book, yes):
    chat = mother(book, "Lesson:asked")
    chat.write("обычный выдуманный ответ")
    assert "answer.yes" in [button.choice for say in chat.says for row in say.outgoing.rows for button in row]
    told(chat)
    chat.now += LATE
    chat.write(yes)
    assert not chat.asked(ShareReflection)


def test_a_bare_word_leads_on_although_something_was_said_below(book):
    chat = mother(book, "Lesson:check_in")
    chat.press("no such choice")
    told(chat)
    chat.now += timedelta(hours=3)
    chat.write("да")
    assert chat.asked(RecordCheckIn)


@pytest.mark.parametrize("number", ["1", "2"])
def test_s2_s5_what_has_left_a_shared_phone_owns_no_number(book, number):
    without, within = mother(book), mother(book)
    for chat in (without, within):
        chat.press("menu")
    told(within)
    within.play(SweepDue(within.case.id))
    within.now = without.now = within.now + timedelta(hours=1)
    assert within.write(number) == without.write(number)
    assert within.case.window_until is None


# ---- what came before


@pytest.mark.parametrize("word", [*YES, "1", "да, стереть"])
def test_s22_what_she_wrote_before_she_was_asked_erases_nothing(book, word):
    chat = mother(book)
    chat.write("забудьте меня")
    chat.behind = timedelta(minutes=5)
    chat.write(word)
    assert not chat.asked(Forget)
    chat.behind = timedelta()
    chat.now += timedelta(minutes=1)
    chat.write("да")
    assert chat.asked(Forget)


def test_s22_after_an_outage_a_yes_to_a_page_that_she_has_not_seen_erases_nothing(book):
    chat = mother(book)
    chat.now += timedelta(hours=3)
    chat.behind = timedelta(hours=3)
    chat.write("забудьте меня")
    chat.behind -= timedelta(minutes=2)
    chat.write("да")
    assert not chat.asked(Forget)


@pytest.mark.parametrize("word", ["1", "да", "ок"])
@pytest.mark.parametrize("failed", [True, False])
@pytest.mark.parametrize("wait", [timedelta(minutes=1), timedelta(hours=1)])
def test_s22_a_page_that_never_reached_her_is_not_answered(book, word, failed, wait):
    chat = mother(book)
    chat.press("menu")
    if failed:
        chat.write("забудьте меня")
        chat.play(SendsFailed("unknown", ("reply",)))
    else:
        chat.now += timedelta(minutes=15)
        chat.behind = timedelta(minutes=15)
        chat.write("забудьте меня")
        chat.behind = timedelta()
    chat.now += wait
    chat.write(word)
    assert not chat.asked(Forget)
    chat.write("да")
    assert chat.asked(Forget), "now she has seen it"


@pytest.mark.parametrize("is_in_case", [False, True])
def test_s20_words_from_before_a_page_are_no_answer_to_it(book, is_in_case):
    chat = mother(book, "Lesson:asked")
    if is_in_case:
        told(chat)
        chat.play(TakeAsked(chat.case.id, OURS))
        chat.now += LATE
    chat.press("menu")
    chat.conversation = replace(chat.conversation, state="Lesson:asked")
    chat.behind = timedelta(minutes=1)
    said = chat.write("завтра в три у колодца")
    assert not chat.asked(KeepReflection)
    assert chat.state == "Lesson:asked"
    assert said[0].startswith("Получили, спасибо")
    if is_in_case:
        assert chat.case.messages[-1].body == "завтра в три у колодца"


# ---- yes and no to the question


@pytest.mark.parametrize("word", [*YES, "сейчас", "ҳозир", "1"])
def test_s15_yes_to_the_question_whether_it_is_a_good_moment_opens(book, word):
    chat = asked(book)
    chat.now += timedelta(minutes=1)
    assert chat.write(word) == ["Выдуманный ответ."]


@pytest.mark.parametrize("word", ["нет", "не", "нет, потом", "неудобно", "не сейчас", "ҳозир не", "ноқулай"])
def test_s15_no_to_the_question_is_later(book, word):
    chat = asked(book)
    chat.now += timedelta(minutes=1)
    chat.write(word)
    assert "case.now" not in chat.choices
    assert "Выдуманный ответ." not in chat.texts
    assert chat.conversation.data["is_held_off"]


@pytest.mark.parametrize("word", ["сейчас", "не могу сейчас", "неудобно", "не сейчас", "ноқулай", "ҳозир", "нет", "да"])
def test_s10_a_word_below_the_answer_that_she_reads_is_for_who_wrote_it(book, word):
    chat = asked(book)
    chat.write("да")
    chat.now += timedelta(minutes=1)
    chat.write(word)
    assert chat.case.messages[-1].body == word
    assert "is_held_off" not in chat.conversation.data
    chat.play(AnswerGiven(chat.case.id, OURS, "Второй ответ."))
    assert chat.texts == ["Второй ответ."]


@pytest.mark.parametrize("word", ["позже", "не сейчас", "баъдтар"])
def test_s5_later_below_a_receipt_holds(book, word):
    chat = told(mother(book))
    chat.play(TakeAsked(chat.case.id, OURS))
    chat.now += timedelta(minutes=1)
    chat.write("ещё выдуманные слова")
    chat.now += timedelta(minutes=1)
    chat.write(word)
    assert chat.conversation.data["is_held_off"]
    chat.play(AnswerGiven(chat.case.id, OURS, "Выдуманный ответ."))
    assert not chat.says


# ---- quiet outlives what she opens and leaves


@pytest.mark.parametrize("back", ["forget.no"])
@pytest.mark.parametrize(("word", "state"), [("спрятать", HIDDEN), ("стоп", STOPPED)])
def test_s3_no_keep_leads_back_to_the_quiet_that_she_asked_for(book, word, state, back):
    chat = mother(book)
    chat.write(word)
    chat.write("забудьте меня")
    chat.press(back)
    assert chat.state == state
    assert len(chat.says) == 1


def test_s3_a_pause_on_top_of_stop_leads_back_to_start(book):
    chat = mother(book)
    chat.write("стоп")
    chat.write("пауза")
    chat.press("pause.days:7")
    assert chat.state == STOPPED
    assert "start" in chat.choices


@pytest.mark.parametrize("choice", ["hidden.open", "push.open"])
def test_s3_stop_and_pause_hold_over_hide_and_open(book, choice):
    stopped, paused = mother(book), mother(book)
    stopped.write("стоп")
    paused.write("пауза")
    paused.press("pause.days:30")
    for chat in (stopped, paused):
        chat.write("спрятать")
        chat.press(choice)
        assert chat.participant.hidden_at is None
        assert "lesson" not in chat.timers
    assert (stopped.state, stopped.participant.stopped_at is None) == (STOPPED, False)
    assert paused.participant.paused_until is not None
    stopped.write("START")
    assert stopped.participant.stopped_at is None
    assert "lesson" in stopped.timers


@pytest.mark.parametrize("words", [("стоп",), ("забудьте меня",)])
def test_s3_a_hidden_phone_stays_hidden_whatever_quiet_is_asked_for_on_it(book, words):
    chat = mother(book)
    chat.write("спрятать")
    for word in words:
        chat.write(word)
    if chat.state != HIDDEN:
        chat.press("forget.no")
    assert chat.state == HIDDEN


@pytest.mark.parametrize("choice", ["menu", "language", "push.open", "settings", "lesson.next", "case.now", "about"])
def test_s3_from_forget_me_nothing_else_opens_on_a_hidden_phone(book, choice):
    chat = mother(book)
    shown = chat.write("спрятать")
    chat.write("забудьте меня")
    if choice in {"menu", "language"}:
        chat.write({"menu": "меню", "language": "забон"}[choice])
    else:
        chat.press(choice)
    if choice != "push.open":
        assert (chat.state, chat.texts) == (HIDDEN, shown)
    assert (chat.state == HIDDEN) is (chat.participant.hidden_at is not None)


@pytest.mark.parametrize("choice", ["sample", "sample.yes", "sample.no", "tongue.person"])
def test_s3_s20_an_old_button_shows_nothing_and_allows_nothing_on_a_hidden_phone(book, choice):
    chat = mother(book)
    chat.write("спрятать")
    shown = chat.press("menu")
    assert chat.press(choice) == shown
    assert [effect for effect in chat.effects if isinstance(effect, Prefer)] == []


@pytest.mark.parametrize("word", ["открыть", "кушодан", "1"])
def test_s5_whoever_types_open_on_a_hidden_phone_sees_no_case(book, word):
    without, within = mother(book), told(mother(book))
    within.play(TakeAsked(within.case.id, OURS))
    within.now = without.now = within.now + timedelta(hours=3)
    for chat in (without, within):
        chat.write("спрятать")
        chat.now += LATE
        chat.write("привет")
    assert within.write(word) == without.write(word)
    assert within.state == without.state != HIDDEN


# ---- under her facilitator's words


@pytest.mark.parametrize("words", ["1", "2", "да", "выдуманные слова"])
def test_s3_her_facilitators_words_can_be_hidden_by_a_press_and_whatever_she_types_below_is_for_her(book, words):
    chat = asked(book)
    chat.press("case.now")
    assert chat.choices == ["hide"]
    chat.write(words)
    assert chat.state != HIDDEN
    assert chat.case.messages[-1].body == words
    chat.press("hide")
    assert chat.state == HIDDEN


@pytest.mark.parametrize("gap", [timedelta(minutes=12), timedelta(hours=1)])
@pytest.mark.parametrize(
    ("state", "recorded"), [("Lesson:check_in", RecordCheckIn), ("Measures:asking", AnswerMeasure)]
)
def test_s13_a_number_for_her_facilitator_answers_no_page_far_above(book, state, recorded, gap):
    chat = mother(book, state)
    chat.press("no such choice")  # her page is shown
    told(chat)
    chat.play(TakeAsked(chat.case.id, OURS))
    chat.play(AnswerGiven(chat.case.id, OURS, "Сколько у Вас выдуманных детей?"))
    chat.press("case.now")
    chat.now += gap
    chat.write("3")
    assert not chat.asked(recorded)
    assert chat.case.messages[-1].body == "3"


@pytest.mark.parametrize("typed", ["удобно", "да, можно", "ладно", "қулай", "ҳа мешавад", "ҳа ҳа", "udobno"])
def test_s15_who_answers_the_question_in_its_own_words_reads(book, typed):
    chat = asked(book)
    assert "Выдуманный ответ." in chat.write(typed)


@pytest.mark.parametrize("typed", ["можно?", "не могу больше", "неудобно", "занята", "банд"])
def test_s15_a_question_a_cry_and_a_no_open_nothing(book, typed):
    chat = asked(book)
    assert "Выдуманный ответ." not in chat.write(typed)


# ---- what she has not seen yet


@pytest.mark.parametrize("typed", ["1", "да", "сейчас"])
@pytest.mark.parametrize("is_unseen", [True, False])
def test_s1_what_she_typed_before_the_automatic_answer_sets_no_window(book, typed, is_unseen):
    chat = mother(book)
    chat.press("menu")
    chat.now += timedelta(minutes=5)
    told(chat)
    chat.is_unseen, chat.behind = is_unseen, timedelta() if is_unseen else timedelta(seconds=20)
    chat.write(typed)
    assert chat.case.window_until is None


@pytest.mark.parametrize("typed", ["1", "да", "открыть"])
@pytest.mark.parametrize(("word", "state"), [("спрятать", HIDDEN), ("стоп", STOPPED)])
def test_s3_what_she_typed_before_it_was_quiet_ends_no_quiet(book, word, state, typed):
    chat = mother(book)
    chat.press("menu")
    chat.write(word)
    chat.is_unseen = True
    chat.write(typed)
    assert chat.state == state
    chat.is_unseen = False
    chat.now += timedelta(minutes=1)
    chat.press("hidden.open" if state == HIDDEN else "start")
    assert chat.state != state


@pytest.mark.parametrize("role", [Role.MOTHER, Role.FACILITATOR])
def test_s3_a_code_shows_nothing_beside_the_neutral_screen(book, role):
    chat = mother(book, HIDDEN, participant=participant(hidden_at=NOON))
    chat.start(invitation(role, id="another"))
    assert chat.state == HIDDEN
    assert len(chat.texts) == 1
    assert chat.choices == ["hidden.open"]


@pytest.mark.parametrize("no", ["нет", "не", "ne"])
def test_no_to_what_she_might_try_at_home_is_not_now(book, no):
    chat = mother(book, "Lesson:practice", data={"lesson": "1.1"})
    chat.press("no such choice")
    chat.write(no)
    assert [effect.practice for effect in chat.asked(FinishLesson)] == ["calm"]


def test_the_alias_of_one_who_comes_to_the_team_is_taken_although_the_page_before_has_not_gone_yet(book):
    """She is no mother: she sees once more what she wrote before she agrees to it."""
    chat = stranger(book)
    chat.start(invitation(Role.FACILITATOR))
    chat.press("enlist.language:ru")
    chat.is_unseen = True
    for alias in ("Чинор", "Анор"):
        assert [alias in text for text in chat.write(alias)] == [True]


@pytest.mark.parametrize("typed", ["1", "да"])
def test_s22_what_she_typed_seconds_before_the_page_erases_nothing(book, typed):
    chat = mother(book)
    chat.press("menu")
    chat.now += timedelta(seconds=20)
    chat.behind = timedelta(seconds=8)
    chat.write("забудьте меня")
    chat.behind = timedelta(seconds=4)
    chat.write(typed)
    assert not chat.asked(Forget)


@pytest.mark.parametrize("answer", ["case.now", "case.later"])
def test_once_the_question_is_answered_its_numbers_are_free_for_her_page(book, answer):
    chat = asked(book)
    chat.press(answer)
    chat.play(CaseCloseAsked(chat.case.id, OURS, Outcome.FALSE_ALARM, "."))
    chat.now += timedelta(hours=5)
    before = chat.state
    chat.write("1")
    assert chat.state != before


@pytest.mark.parametrize("typed", ["1", "да", "дальше"])
def test_a_bare_word_while_our_answer_still_waits_brings_no_copy_of_it(book, typed):
    chat = mother(book, "Lesson:reading", data={"lesson": "1.1", "step": 0})
    chat.press("no such choice")
    chat.is_unseen = True
    assert chat.write(typed) == []
    chat.now += timedelta(minutes=3)
    assert chat.write(typed) != [], "what waits may end before it goes"
    chat.is_unseen = False
    assert chat.write("1") != []
    assert chat.conversation.data["step"] == 1
