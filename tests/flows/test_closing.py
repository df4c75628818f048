"""A case is never closed over words that came while its owner was closing it (S10, S13)."""

from datetime import timedelta

import pytest

from bot.core.cases import Category, Finding, Level, Outcome
from bot.core.effects import CloseCase
from bot.core.events import ActRecorded, CaseCloseAsked, TakeAsked, TakeRefused
from tests.flows.chat import mother
from tests.flows.desk_world import Chat, facilitator, open_case

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


@pytest.mark.parametrize(("language", "word"), [("tg", "пӯшида нашуд"), ("ru", "не закрыто")])
def test_s10_her_owner_is_told_to_read_first_and_has_the_case_at_hand(language, word):
    zara = facilitator("zara", language=language)
    case = open_case("one", "4821", zara)
    chat = Chat.of(zara, cases=(case,))
    chat.play(TakeRefused(case.id, "4821", "unseen"))
    assert word in chat.said
    assert f"case.again:{case.id}" in chat.choices
