"""What a case is not closed over, and what becomes of an answer whose owner lets the case go (S10, S13)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.cases import AnswerState, Category, Finding, Level, Outcome
from bot.core.effects import CancelSends, CloseCase, SettleAnswer
from bot.core.events import (
    ActRecorded,
    AnswerGiven,
    AnswerSettled,
    CaseCloseAsked,
    CaseGiven,
    CaseHandedBack,
    CaseMessageArrived,
    SendsFailed,
    TakeAsked,
    TakeRefused,
)
from bot.core.messages import Kind
from tests.flows.chat import mother
from tests.flows.desk_world import NOW, Chat, facilitator, id_of, open_case

CONCERN = Finding(Level.CONCERN, Category.DISTRESS, 0.6, ("concept",), "rules-1")
URGENT = Finding(Level.URGENT, Category.DOMESTIC_VIOLENCE, 0.9, ("concept",), "rules-1")


@pytest.mark.parametrize("found", [URGENT, Finding()])
def test_s10_a_case_is_not_closed_over_what_she_wrote_meanwhile(book, found):
    chat = mother(book)
    chat.write("выдуманные слова", CONCERN)
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    begun_at = chat.now = chat.now + timedelta(minutes=5)
    chat.now += timedelta(minutes=3)
    chat.write("и вот ещё что", found)
    chat.now += timedelta(minutes=1)
    chat.play(CaseCloseAsked(chat.case.id, "facilitator-1", Outcome.HANDLED, "Поговорили.", 0, begun_at))
    assert not chat.says
    assert not chat.asked(CloseCase)
    assert [post.event.why for post in chat.posts(TakeRefused)] == ["unseen"]
    assert f"alarm:{chat.case.id}" in chat.timers
    chat.play(ActRecorded(chat.case.id, "facilitator-1", "Прочитано."))
    chat.play(CaseCloseAsked(chat.case.id, "facilitator-1", Outcome.HANDLED, "Прочитано.", 0, chat.now))
    assert chat.case is None


def underway(chat):
    """She said Now, and the answer still lies in the outbox, as the case is read from storage then."""
    chat.press("case.now")
    *before, given = chat.case.messages
    assert given.answer is AnswerState.HANDED
    chat.case = replace(chat.case, messages=(*before, replace(given, answer=AnswerState.UNDERWAY)))
    return given


def taken_and_answered(book, found=URGENT):
    chat = mother(book)
    chat.write("выдуманные слова", found)
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    chat.play(AnswerGiven(chat.case.id, "facilitator-1", "Я с Вами."))
    return chat


def test_s10_an_urgent_case_is_not_closed_over_the_only_answer_while_it_is_on_its_way(book):
    chat = taken_and_answered(book)
    given = underway(chat)
    chat.play(CaseCloseAsked(chat.case.id, "facilitator-1", Outcome.HANDLED, ".", 0, chat.now))
    assert not chat.asked(CloseCase)
    assert [post.event.why for post in chat.posts(TakeRefused)] == ["unread"]
    chat.case = replace(chat.case, messages=(*chat.case.messages[:-1], replace(given, answer=AnswerState.HANDED)))
    chat.play(CaseCloseAsked(chat.case.id, "facilitator-1", Outcome.HANDLED, ".", 0, chat.now))
    assert chat.asked(CloseCase), "it has gone"


@pytest.mark.parametrize(
    ("why", "voice"), [("withdrawn", "answer_unread"), ("unknown", "answer_unsure"), ("expired", "answer_unread")]
)
def test_s13_whoever_goes_on_reads_of_an_answer_what_is_known_of_it(book, why, voice):
    chat = taken_and_answered(book, CONCERN)
    given = underway(chat)
    chat.play(CaseHandedBack(chat.case.id, "facilitator-1"))
    chat.play(SendsFailed(why, ("answer",), chat.case.id, given.id))
    chat.play(TakeAsked(chat.case.id, "facilitator-2"))
    assert [line[1] for line in chat.posts(CaseGiven)[-1].event.lines] == ["hers", voice]


@pytest.mark.parametrize(("language", "word"), [("tg", "пӯшида нашуд"), ("ru", "не закрыто")])
def test_s10_her_owner_is_told_to_read_first_and_has_the_case_at_hand(language, word):
    zara = facilitator("zara", language=language)
    case = open_case("one", "4821", zara)
    chat = Chat.of(zara, cases=(case,))
    chat.play(TakeRefused(case.id, "4821", "unseen"))
    assert word in chat.said
    assert f"case.again:{case.id}" in chat.choices


def test_s10_an_urgent_case_is_not_closed_over_the_only_answer_which_closing_would_take_back(book):
    chat = mother(book)
    chat.write("выдуманные слова", URGENT)
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    chat.now += timedelta(minutes=11)
    chat.play(AnswerGiven(chat.case.id, "facilitator-1", "."))
    chat.play(CaseCloseAsked(chat.case.id, "facilitator-1", Outcome.HANDLED, ".", 0, chat.now))
    assert not chat.asked(CloseCase)
    assert [post.event.why for post in chat.posts(TakeRefused)] == ["unread"]
    assert chat.case.messages[-1].answer is AnswerState.WAITING, "it goes on waiting for her"
    chat.now += timedelta(minutes=1)
    chat.play(ActRecorded(chat.case.id, "facilitator-1", "Поговорила лично."))
    chat.play(CaseCloseAsked(chat.case.id, "facilitator-1", Outcome.HANDLED, "Готово.", 0, chat.now))
    assert chat.asked(CloseCase)


@pytest.mark.parametrize(("language", "word"), [("tg", "пӯшида нашуд"), ("ru", "не закрыто")])
@pytest.mark.parametrize(
    "how", [{"acted_at": None}, {"acted_at": NOW, "waits": 1, "waits_at": NOW}], ids=["unacted", "unread"]
)
def test_s10_what_stands_in_the_way_is_said_at_the_press_of_close_and_no_reason_is_asked(how, language, word):
    zara = facilitator("zara", language=language)
    case = open_case("one", "4821", zara, **how)
    chat = Chat.of(zara, cases=(case,))
    chat.press(f"case.close:{case.id}")
    assert word in chat.said
    assert [choice for choice in chat.choices if choice.startswith("case.outcome")] == ["case.outcome:false_alarm"]
    assert {f"case.note:{case.id}", f"case.again:{case.id}"} <= set(chat.choices)
    chat.press_now("case.outcome:false_alarm")
    assert chat.state == "Case:reason"


def test_s10_an_answer_that_waits_beside_a_later_act_stands_in_nobodys_way():
    zara = facilitator("zara")
    chat = Chat.of(
        zara, cases=(open_case("one", "4821", zara, acted_at=NOW, waits=1, waits_at=NOW - timedelta(hours=1)),)
    )
    chat.press(f"case.close:{id_of('one')}")
    assert "case.outcome:handled" in chat.choices


@pytest.mark.parametrize("outcome", ["", "case.outcome:handled"])
def test_s10_her_words_end_a_closing_that_has_begun_before_its_reason_is_written(outcome):
    zara = facilitator("zara")
    one, two = (open_case(name, number, zara, acted_at=NOW) for name, number in (("one", "4821"), ("two", "4822")))
    chat = Chat.of(zara, cases=(one, two))
    chat.press(f"case.close:{one.id}")
    if outcome:
        chat.press_now(outcome)
    begun = chat.state
    chat.play(CaseMessageArrived(two.id, "4822", "m", Kind.TEXT, "выдуманные слова"))
    assert chat.state == begun
    chat.play(CaseMessageArrived(one.id, "4821", "m", Kind.TEXT, "и вот ещё что"))
    assert chat.state == "Staff:menu"
    assert "и вот ещё что" in chat.said
    assert "не закрыто" in chat.said
    chat.write("Поговорили.")
    assert not chat.posts


@pytest.mark.parametrize(("why", "how"), [("withdrawn", "returned"), ("unknown", "unknown")])
@pytest.mark.parametrize("ending", [(CaseCloseAsked, Outcome.HANDLED, "Готово."), (CaseHandedBack,)])
def test_s13_an_answer_that_was_on_its_way_when_its_owner_let_go_is_told_to_her_and_not_taken_for_said(
    book, ending, why, how
):
    chat = mother(book)
    chat.write("выдуманные слова", CONCERN)
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    chat.play(AnswerGiven(chat.case.id, "facilitator-1", "Первый"))
    chat.press("case.now")
    chat.play(AnswerGiven(chat.case.id, "facilitator-1", "Второй"))
    case, given, (event, *rest) = chat.case, chat.case.messages[-1], ending
    chat.play(event(case.id, "facilitator-1", *rest))
    assert CancelSends(("cover", "answer")) in chat.asked(CancelSends), "storage tells what of it did not go"
    if chat.case is not None:
        chat.play(TakeAsked(case.id, "facilitator-2"))
    chat.play(SendsFailed(why, ("answer",), case.id, given.id))
    assert [(post.to, post.event.how) for post in chat.posts(AnswerSettled)] == [("chat-facilitator-1", how)]
    known = AnswerState.UNSURE if why == "unknown" else AnswerState.EXPIRED
    assert chat.asked(SettleAnswer) == [SettleAnswer(case.id, given.id, known)]


def test_s13_send_under_an_answer_that_came_back_never_sends_another_one():
    zara = facilitator("zara")
    case = open_case("one", "4821", zara, acted_at=NOW)
    chat = Chat.of(zara, cases=(case,))
    shown = []
    for text in ("выдуманное А", "выдуманное Б"):
        chat.play(AnswerSettled(case.id, "4821", "expired", text=text))
        chat.press(next(one for one in chat.choices if one.startswith("answer.keep")))
        chat.play(CaseMessageArrived(case.id, "4821", "m", Kind.TEXT, "я здесь"))
        assert text in chat.said
        shown.append([one for one in chat.choices if one.startswith("answer.")])
    (send_a, withdraw_a), (send_b, _) = shown
    for stale in (send_a, withdraw_a):
        chat.press(stale)
        assert not chat.posts
    chat.press(send_b)
    assert [post.event.text for post in chat.posts] == ["выдуманное Б"]
    chat.press(send_b)
    assert not chat.posts
