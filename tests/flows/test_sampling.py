"""Whether kept answers may be read for a check is her own choice; a worry rings and says nothing to her (S20)."""

from datetime import timedelta

import pytest

from bot.core.cases import Level
from bot.core.effects import AddToCase, OpenCase, Prefer
from bot.core.messages import LANGUAGES
from bot.core.teamwork import KeptAnswerWorried
from bot.flows.sampling import REASON
from tests.flows.chat import mother, participant, stranger


@pytest.mark.parametrize("language", LANGUAGES)
def test_s20_she_chooses_it_behind_who_can_see_this_and_takes_it_back_there(book, language):
    chat = mother(book, "Lesson:asked", language)
    chat.press("about")
    (asked,) = chat.press("sample")
    assert len(asked) <= 900
    chat.press("sample.yes")
    assert chat.asked(Prefer) == [Prefer({"may_be_sampled": True})]
    assert chat.press("sample") != [asked], "it says what holds now"
    chat.press("sample.no")
    assert chat.asked(Prefer) == [Prefer({"may_be_sampled": False})]
    assert chat.press("sample") == [asked]
    assert chat.state == "Lesson:asked"


@pytest.mark.parametrize(("first", "then"), [("sample.no", "sample.yes"), ("sample.yes", "sample.no")])
def test_s20_what_she_pressed_last_holds_however_late_the_other_comes(book, first, then):
    chat = mother(book)
    chat.now += timedelta(minutes=5)
    chat.press(first)
    chat.behind = timedelta(minutes=1)
    chat.press(then)
    assert not chat.asked(Prefer)
    assert chat.participant.may_be_sampled is (first == "sample.yes")


def test_s20_without_a_choice_nobody_reads():
    assert participant().may_be_sampled is False


def test_a_stranger_is_not_asked(book):
    chat = stranger(book)
    chat.press("about")
    assert "sample" not in chat.choices


@pytest.mark.parametrize("level", [Level.CONCERN, Level.URGENT])
@pytest.mark.parametrize("state", ["Menu:open", "Lesson:asked", "Safety:stopped", "Safety:hidden"])
def test_s20_a_kept_answer_that_worries_rings_like_any_other_and_she_is_sent_nothing(book, level, state):
    chat = mother(book, state)
    assert chat.play(KeptAnswerWorried(level, "сухани ихтироъшуда")) == []
    (opened,), (added,) = chat.asked(OpenCase), chat.asked(AddToCase)
    assert (opened.finding.level, opened.finding.reasons) == (level, (REASON,))
    assert "сухани ихтироъшуда" in added.body
    assert chat.state == state
    assert chat.posts()


def test_a_kept_answer_joins_the_case_that_is_open(book):
    chat = mother(book)
    chat.play(KeptAnswerWorried(Level.CONCERN, "…"))
    chat.play(KeptAnswerWorried(Level.URGENT, "…"))
    assert chat.asked(OpenCase) == []
    assert chat.case.level is Level.URGENT
