"""Another phone came behind her address while an answer was on its way: its owner hears of it, and may say it again."""

from datetime import timedelta

from bot.core.cases import AnswerState
from bot.core.effects import CancelSends
from bot.core.events import AnswerSettled, ReachChanged, SendsFailed
from tests.flows.test_case import answer, taken

SECRET = "Тайный ответ"


def on_its_way(book):
    """She said Now, and the answer was handed to the outbox."""
    chat = taken(book)
    answer(chat)
    chat.press("case.now")
    assert answer(chat, SECRET) == [SECRET]
    return chat, chat.case.messages[-1].id


def fails(chat, ref, why="withdrawn"):
    chat.play(SendsFailed(why, ("answer",), chat.case.id, ref))
    return [(post.event.how, post.event.text) for post in chat.posts(AnswerSettled)]


def test_s13_everything_on_its_way_is_withdrawn_when_another_phone_is_there(book):
    chat, ref = on_its_way(book)
    chat.now += timedelta(minutes=1)
    chat.play(ReachChanged(is_reachable=False, is_another=True))
    assert CancelSends() in chat.asked(CancelSends)
    assert fails(chat, ref) == [("moved", SECRET)]
    assert chat.case.messages[-1].answer is AnswerState.EXPIRED
    assert chat.case.acted_at is None, "the case wants an act again (S10)"
    assert fails(chat, ref) == [], "told once"


def test_an_answer_that_later_took_back_returns_to_its_owner(book):
    chat, ref = on_its_way(book)
    chat.press("case.later")
    assert fails(chat, ref) == [("expired", SECRET)]


def test_s13_an_answer_that_perhaps_reached_the_other_phone_is_told_so(book):
    chat, ref = on_its_way(book)
    chat.play(ReachChanged(is_reachable=False, is_another=True))
    assert fails(chat, ref, "unknown") == [("unknown", SECRET)]
