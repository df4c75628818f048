"""An answer that waits: what holds it back, what its owner is told, and when it is taken back (S1, S3, S13)."""

from datetime import timedelta

import pytest

from bot.core.cases import Category, Finding, Level, Outcome
from bot.core.effects import CancelSends
from bot.core.events import AnswerGiven, AnswerSettled, AnswerStale, CaseCloseAsked, CaseHandedBack, TakeAsked
from tests.flows.chat import MIDDAY, NOON, mother, participant, stranger
from tests.flows.desk_world import Chat, facilitator, open_case

URGENT = Finding(Level.URGENT, Category.DOMESTIC_VIOLENCE, 0.9, ("concept",), "rules-1")


def taken(chat):
    chat.write("выдуманные слова", URGENT)
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    return chat


def answer(chat, text="Я с Вами.", staff="facilitator-1"):
    return chat.play(AnswerGiven(chat.case.id, staff, text))


def settled(chat):
    return [post.event.how for post in chat.posts(AnswerSettled)]


@pytest.mark.parametrize("word", ["пинҳон", "ист", "стоп", "спрятать"])
def test_s3_quiet_holds_also_for_one_who_has_not_joined(book, word):
    chat = taken(stranger(book))
    chat.press("window:120")
    chat.now += timedelta(minutes=1)
    chat.write(word)
    chat.now += timedelta(minutes=2)
    assert not answer(chat)
    assert settled(chat) == ["held"]
    assert not chat.pass_time(timedelta(hours=3))


@pytest.mark.parametrize("quiet", ["stopped_at", "hidden_at"])
def test_s3_a_window_that_a_stranger_pressed_before_brings_no_line_into_her_quiet(book, quiet):
    chat = taken(stranger(book))
    chat.press("window:120")
    chat.conversation.data.pop("later_at", None)
    chat.conversation.data[quiet] = chat.now.isoformat()
    chat.now += timedelta(minutes=30)
    answer(chat)
    assert not chat.pass_time(timedelta(hours=3))


@pytest.mark.parametrize("word", ["пинҳон", "стоп"])
@pytest.mark.parametrize("detour", [("забудь меня", "/forget.no"), ("язык",), ("язык", "/language:tg")])
def test_s3_the_quiet_of_one_who_has_not_joined_outlasts_what_she_asks_for_meanwhile(book, word, detour):
    chat = taken(stranger(book))
    chat.write(word)
    chat.now += timedelta(minutes=1)
    for said in detour:
        chat.write(said) if said[0].isalpha() else chat.press(said[1:])
    chat.now += timedelta(minutes=2)
    assert not answer(chat)
    assert not chat.pass_time(timedelta(hours=3))
    chat.write("старт")
    chat.now += timedelta(minutes=1)
    assert answer(chat), "she is back"


@pytest.mark.parametrize(("language", "word"), [("tg", "ист"), ("ru", "стоп")])
def test_s3_one_who_stopped_and_tells_us_herself_gets_her_answer_when_she_writes_again(book, language, word):
    chat = mother(book, language=language)
    chat.write(word)
    chat.now += timedelta(days=1)
    taken(chat)
    assert not answer(chat, "Ответ по-человечески")
    assert settled(chat) == ["held"]
    chat.now += timedelta(minutes=2)
    chat.write("выдуманные слова", URGENT)
    assert "case.now" in chat.choices
    assert chat.press("case.now") == ["Ответ по-человечески"]
    assert chat.participant.stopped_at is not None


def test_an_owner_is_told_that_the_team_froze_her_and_not_that_the_case_is_anothers(book):
    chat = taken(mother(book))
    chat.participant = participant(frozen_at=NOON)
    answer(chat)
    assert settled(chat) == ["frozen"]
    assert chat.case.acted_at is None


@pytest.mark.parametrize("hours", [None, MIDDAY])
def test_an_owner_is_not_promised_a_line_that_does_not_go(book, hours):
    chat = taken(mother(book, participant=participant(hours=hours)))
    chat.now = NOON + timedelta(hours=8)
    answer(chat)
    assert settled(chat) == ["held"]
    assert not chat.pass_time(timedelta(hours=3))


@pytest.mark.parametrize("language", ["tg", "ru"])
@pytest.mark.parametrize("how", ["held", "returned", "frozen"])
def test_each_of_these_is_told_in_words_of_its_own(how, language):
    chat = Chat.of(facilitator("zara", language=language))
    chat.play(AnswerSettled("case", "4821", how, NOON))
    held = chat.said
    chat.play(AnswerSettled("case", "4821", "refused"))
    assert "4821" in held
    assert held != chat.said


def test_s1_each_answer_that_came_back_unread_leaves_the_next_one_its_own_line(book):
    chat = taken(mother(book))
    chat.now = NOON + timedelta(days=1) - timedelta(minutes=5)  # just before her hours
    for day in range(2):
        chat.now = NOON + timedelta(days=day + 1) - timedelta(minutes=5)
        answer(chat)
        assert [say.purpose for say in chat.pass_time(timedelta(hours=2, minutes=5))] == ["cover"]


def test_s13_what_the_sleeping_owner_wrote_does_not_reach_her_after_another_took_the_case(book):
    chat = taken(mother(book))
    chat.now += timedelta(minutes=12)
    answer(chat, "Ответ первой")
    chat.now += timedelta(minutes=5)
    chat.write("выдуманные слова", URGENT)
    chat.now += timedelta(minutes=16)
    chat.play(TakeAsked(chat.case.id, "facilitator-2"))
    assert chat.case.owner_id == "facilitator-2"
    assert settled(chat) == ["returned"]
    assert chat.asked(CancelSends)
    assert not [key for key in chat.timers if key.startswith(("stale:", "cover:"))]
    chat.write("я здесь")
    chat.press("case.now")
    assert "Ответ первой" not in chat.texts


@pytest.mark.parametrize(
    "ending", [(CaseCloseAsked, Outcome.HANDLED, "Готово."), (CaseHandedBack,)], ids=["close", "pass"]
)
def test_who_closes_or_passes_on_while_her_answer_waits_is_told_that_it_was_not_read(book, ending):
    chat = mother(book)
    chat.write("выдуманные слова", Finding(Level.CONCERN))
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    chat.now += timedelta(hours=5)
    answer(chat)
    event, *how = ending
    chat.play(event(chat.case.id, "facilitator-1", *how))
    assert settled(chat) == ["returned"]


@pytest.mark.parametrize(("waits", "is_said"), [(0, False), (2, True)])
def test_before_closing_she_is_told_how_many_of_her_answers_were_not_read(waits, is_said):
    zara = facilitator("zara")
    chat = Chat.of(zara, cases=(open_case("one", "4821", zara, waits=waits),))
    chat.press(f"case.close:{open_case('one', '4821').id}")
    assert ("не прочитала: 2" in chat.said) is is_said


def test_s1_later_on_the_neutral_line_holds_until_she_acts(book):
    chat = taken(mother(book))
    chat.now = NOON + timedelta(days=1)
    answer(chat)
    chat.pass_time(timedelta(minutes=1))
    chat.press("push.later")
    chat.now += timedelta(minutes=1)
    assert not answer(chat, "Ещё ответ")
    assert not chat.pass_time(timedelta(minutes=30))
    chat.write("я здесь")
    assert "case.now" in chat.choices


def test_s15_a_now_said_to_one_facilitator_is_not_said_to_the_next(book):
    chat = taken(mother(book))
    answer(chat)
    chat.press("case.now")
    chat.play(CaseHandedBack(chat.case.id, "facilitator-1"))
    chat.play(TakeAsked(chat.case.id, "facilitator-2"))
    answer(chat, "Слова второй", "facilitator-2")
    assert "case.now" in chat.choices
    assert "Слова второй" not in chat.texts


def test_a_stale_timer_of_one_who_lost_the_case_changes_nothing(book):
    chat = taken(mother(book))
    chat.now += timedelta(hours=5)
    answer(chat)
    given = chat.case.messages[-1]
    chat.play(CaseHandedBack(chat.case.id, "facilitator-1"))
    chat.play(AnswerStale(chat.case.id, given.id))
    assert not chat.effects
