"""No words of hers wait for one who is not there: an owner asleep, away, off duty or out of reach (S5, S10)."""

from datetime import date, timedelta

import pytest

from bot.core.cases import NOTHING, CaseState, Category, Finding, Level
from bot.core.effects import Post
from bot.core.events import ActRecorded, AnswerGiven, CaseRang, DeskAlarmed, OwnerLost, SendsFailed, TakeAsked
from bot.core.people import Away
from tests.flows import desk_world
from tests.flows.chat import COHORT, coordinator, facilitator, mother, roster

URGENT = Finding(Level.URGENT, Category.DOMESTIC_VIOLENCE, 0.9, ("concept",), "rules-1")
CONCERN = Finding(Level.CONCERN, Category.DISTRESS, 0.6, ("concept",), "rules-1")
WAITS = "хорошо, жду вас, ответьте"
DAY_OFF = Away(date(2026, 11, 20), date(2026, 12, 20))


def answered(book, found=URGENT, **how):
    """A case whose owner has answered, an hour ago."""
    chat = mother(book, **how)
    chat.write("выдуманные слова", found)
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    chat.play(AnswerGiven(chat.case.id, "facilitator-1", "Я здесь."))
    chat.press("case.now")
    chat.now += timedelta(hours=1)
    return chat


def owner_is(**changes):
    return roster(facilitator(**changes), facilitator("facilitator-2"), coordinator())


def rung(chat, wait):
    before = len(chat.log)
    chat.pass_time(wait)
    return [
        effect.to for effect in chat.log[before:] if isinstance(effect, Post) and isinstance(effect.event, CaseRang)
    ]


@pytest.mark.parametrize("found", [URGENT, CONCERN])
def test_s10_words_that_wait_for_an_answer_ring_after_four_hours_of_duty(book, found):
    chat = answered(book, found)
    chat.write(WAITS)
    chat.now += timedelta(hours=1)
    chat.write("я ещё здесь")  # a further word does not put it off
    assert not rung(chat, timedelta(hours=2, minutes=59))
    assert rung(chat, timedelta(minutes=2))
    chat.play(TakeAsked(chat.case.id, "facilitator-2"))
    assert chat.case.owner_id == "facilitator-2"


@pytest.mark.parametrize("act", [AnswerGiven, ActRecorded])
def test_s10_an_answer_or_an_act_ends_that_wait(book, act):
    chat = answered(book)
    chat.write(WAITS)
    chat.now += timedelta(hours=1)
    chat.play(act(chat.case.id, "facilitator-1", "Договорились."))
    chat.press("push.open")
    chat.press("case.now")
    assert not rung(chat, timedelta(days=2))


@pytest.mark.parametrize("text", ["раҳмат", "Спасибо большое!", "хуб"])
def test_a_courtesy_wakes_nobody(book, text):
    chat = answered(book)
    chat.write(text)
    assert chat.case.state is CaseState.WAITING
    assert not rung(chat, timedelta(days=2))


@pytest.mark.parametrize("found", [NOTHING, CONCERN, URGENT])
def test_s10_for_an_owner_who_is_away_nobody_waits_a_minute(book, found):
    chat = answered(book)
    chat.roster = owner_is(away=DAY_OFF)
    chat.write(WAITS, found)
    assert "group-1" in [post.to for post in chat.posts(CaseRang)]
    chat.play(TakeAsked(chat.case.id, "facilitator-2"))
    assert chat.case.owner_id == "facilitator-2"


@pytest.mark.parametrize("found", [CONCERN, URGENT])
def test_s5_whoever_is_promised_a_person_now_is_brought_to_one_when_the_owner_is_off_duty(book, found):
    chat = answered(book, CONCERN)
    chat.roster = owner_is(duty=())
    chat.write(WAITS, found)
    assert chat.posts(CaseRang)


def test_s10_an_owner_who_is_off_duty_but_at_it_keeps_her_quarter_of_an_hour(book):
    chat = answered(book)
    chat.roster = owner_is(duty=())
    chat.play(ActRecorded(chat.case.id, "facilitator-1", "Позвонила."))
    chat.now += timedelta(minutes=5)
    chat.write("выдуманные слова", URGENT)
    assert not chat.posts(CaseRang)
    assert rung(chat, timedelta(minutes=16))


def test_s10_with_nobody_on_duty_coordinators_hear_at_once_of_new_words_in_an_owned_case(book):
    chat = answered(book)
    chat.roster = roster(facilitator(away=DAY_OFF), coordinator())
    chat.write("выдуманные слова", URGENT)
    assert [post.to for post in chat.posts(DeskAlarmed) if post.event.what == "nobody_on_duty"] == [
        "chat-coordinator-1"
    ]


def test_s10_words_in_the_case_of_one_who_left_ring_until_somebody_has_it(book):
    chat = answered(book)
    chat.roster = roster(facilitator("facilitator-2"), coordinator())
    chat.write("выдуманные слова", URGENT)
    assert "group-1" in [post.to for post in chat.posts(CaseRang)]
    assert len(rung(chat, timedelta(hours=1))) > 2


def test_s10_what_an_owner_out_of_reach_did_not_act_on_rings_once_for_others(book):
    chat = answered(book)
    chat.play(OwnerLost(chat.case.id, "facilitator-1"))
    assert not chat.posts()  # she has answered, and nothing came since
    chat.write("выдуманные слова", URGENT)
    chat.play(OwnerLost(chat.case.id, "facilitator-1"))
    assert "group-1" in [post.to for post in chat.posts(CaseRang)]
    chat.play(OwnerLost(chat.case.id, "facilitator-1"))
    assert not chat.posts()
    assert chat.case.cohort_id == COHORT


def test_s10_a_message_that_could_not_be_brought_to_an_owner_frees_her_cases_also_within_the_hour():
    zara = desk_world.facilitator("zara")
    case = desk_world.open_case("one", "4821", zara)
    chat = desk_world.Chat.of(zara, cases=(case,))
    for _ in range(2):
        chat.play(SendsFailed("unreachable"))
        assert [post.event for post in chat.posts if post.to == case.conversation_id] == [OwnerLost(case.id, zara.id)]
