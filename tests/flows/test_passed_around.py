"""A case that goes from hand to hand keeps ringing, and a ring is never older than the case (S10)."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.cases import Level
from bot.core.effects import Amend, CancelSends, Say, Unsay
from bot.core.events import ActRecorded, AnswerGiven, CardChanged, CaseHandedBack, CaseRang, TakeAsked
from bot.core.people import Away
from bot.flows.ringing import UNACTED
from tests.flows.chat import mother
from tests.flows.desk_world import NOW, Chat, coordinator, facilitator, open_case, staff_texts
from tests.flows.test_case import taken

ONE, TWO = "facilitator-1", "facilitator-2"
COORDINATOR = "chat-coordinator-1"
CASE = open_case("one", "4821")


def pass_to_each_other(chat, *, hours=2):
    """Fourteen minutes nothing, then to the other by name, who takes it a moment before it rings for all."""
    end, owner, other = chat.now + timedelta(hours=hours), ONE, TWO
    chat.log.clear()
    rung = []
    while chat.now < end:
        rung += rings(chat, 14)
        chat.play(CaseHandedBack(chat.case.id, owner, "", other))
        rung += rings(chat, 4)
        chat.play(TakeAsked(chat.case.id, other))
        owner, other = other, owner
    return rung


def rings(chat, minutes):
    """When a coordinator is rung in the next minutes."""
    at = []
    for _ in range(minutes):
        before = len(chat.log)
        chat.pass_time(timedelta(minutes=1))
        done = [e for e in chat.log[before:] if isinstance(getattr(e, "event", None), CaseRang) and e.to == COORDINATOR]
        at += [chat.now] if done else []
    return at


def test_s10_two_who_pass_an_urgent_case_to_each_other_keep_it_from_nobody(book):
    chat = taken(book)
    begun = chat.now
    rung = pass_to_each_other(chat)
    assert rung
    waits = [after - before for before, after in zip([begun, *rung], rung, strict=False)]
    assert max(waits) <= timedelta(minutes=15)


def test_s10_one_who_passes_it_on_and_takes_it_again_rings_coordinators_all_the_same(book):
    chat = taken(book)
    chat.log.clear()
    rung = []
    for _ in range(4):
        chat.play(CaseHandedBack(chat.case.id, ONE, ""))
        chat.play(TakeAsked(chat.case.id, ONE))
        rung += rings(chat, 10)
    assert len(rung) >= 2


def test_s10_two_who_pass_a_concern_to_each_other_keep_it_from_nobody_for_longer_than_a_day_of_shift(book):
    chat = mother(book)
    chat.press("help")
    chat.play(TakeAsked(chat.case.id, ONE))
    begun, owner, other, before = chat.now, ONE, TWO, len(chat.log)
    for _ in range(18):
        chat.pass_time(timedelta(hours=3))
        chat.play(CaseHandedBack(chat.case.id, owner, "", other))
        chat.play(TakeAsked(chat.case.id, other))
        owner, other = other, owner
    assert chat.now - begun == timedelta(hours=54)
    rung = [e.to for e in chat.log[before:] if isinstance(getattr(e, "event", None), CaseRang)]
    assert rung.count(COORDINATOR) == 2


def test_s10_two_who_pass_it_on_with_answers_that_passing_takes_back_keep_it_from_nobody(book):
    chat, owner, other = taken(book), ONE, TWO
    chat.log.clear()
    rung = []
    for _ in range(4):
        rung += rings(chat, 11)
        chat.play(AnswerGiven(chat.case.id, owner, "."))
        chat.play(CaseHandedBack(chat.case.id, owner, "", other))
        rung += rings(chat, 4)
        chat.play(TakeAsked(chat.case.id, other))
        owner, other = other, owner
    assert len(rung) == 4


def test_s10_what_was_counted_of_another_case_is_not_taken_for_this_one(book):
    chat = taken(book)
    chat.conversation.data["unacted"] = {"case": "erased-before", "since": chat.now.isoformat()}
    assert pass_to_each_other(chat, hours=1)


@pytest.mark.parametrize("act", [AnswerGiven, ActRecorded])
def test_s10_an_act_of_the_next_one_ends_the_count(book, act):
    chat = taken(book)
    chat.pass_time(timedelta(minutes=14))
    chat.play(CaseHandedBack(chat.case.id, ONE, "", TWO))
    chat.play(TakeAsked(chat.case.id, TWO))
    chat.play(act(chat.case.id, TWO, "Я с Вами."))
    assert not rings(chat, 60)


def test_s10_whoever_was_rung_learns_that_it_was_taken(book):
    chat = taken(book)
    chat.pass_time(timedelta(minutes=40))
    chat.play(TakeAsked(chat.case.id, TWO))
    told = {post.to for post in chat.posts(CardChanged)}
    assert {"group-1", COORDINATOR, "chat-facilitator-1"} <= told


def test_s10_a_ring_takes_the_place_of_one_that_waits_for_an_outage_to_end():
    case = CASE
    chat = Chat.of(coordinator("nigora"), [facilitator("zara")], cases=(case,))
    chat.play(CaseRang(case.id, "4821", Level.URGENT, "tg", NOW, 3))
    assert [type(effect) for effect in chat.last] == [CancelSends, Unsay, Say]
    assert chat.last[0].ref == chat.last[-1].ref == case.id
    chat.play(CardChanged(case.id, "4821", "closed"))
    assert [type(effect) for effect in chat.last] == [CancelSends, Amend]


def test_nobody_is_sent_to_a_relative_of_hers_or_to_one_who_is_away():
    relative = facilitator("mehr", conflicts=frozenset({CASE.conversation_id}))
    away = facilitator("lola", away=Away(NOW.date(), NOW.date()))
    chat = Chat.of(coordinator("nigora"), [facilitator("zara"), relative, away], cases=(CASE,))
    chat.play(CaseRang(CASE.id, "4821", Level.URGENT, "tg", NOW, 3))
    assert "Zara" in chat.said
    assert not {"Mehr", "Lola"} & set(re.findall(r"\w+", chat.said))


@pytest.mark.parametrize("language", ["tg", "ru"])
def test_s10_a_ring_does_not_say_that_nobody_took_what_somebody_took(language):
    taken = open_case("one", "4821", facilitator("zara"), taken_at=NOW)
    chat = Chat.of(replace(coordinator("nigora"), language=language), [facilitator("zara")], cases=(taken,))
    chat.play(CaseRang(CASE.id, "4821", Level.URGENT, "tg", NOW, 3))
    assert staff_texts().say(language, UNACTED, names="Zara") in chat.said
