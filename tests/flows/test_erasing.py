"""Erasing from the command line, and that no event of ours finds nobody who plays it."""

from datetime import timedelta

import pytest

from bot.core.cases import Finding, Level
from bot.core.effects import CancelSends, Forget, Post, Unsay
from bot.core.event import Event
from bot.core.events import (
    ActRecorded,
    CardChanged,
    CaseGiven,
    CaseLeft,
    CaseRang,
    DeskAlarmed,
    EraseAsked,
    TakeAsked,
)
from bot.flows.tables import FLOWS
from tests.flows.chat import mother
from tests.flows.desk_world import Chat, facilitator
from tests.flows.test_case import taken


def test_s22_the_operator_erases_in_silence_and_the_owner_of_the_case_hears_of_it(book):
    chat = taken(book)
    assert chat.play(EraseAsked()) == []
    assert chat.asked(Forget)
    assert chat.asked(CancelSends)
    assert chat.asked(Unsay)[0].everything
    assert chat.posts(CaseLeft)[0].event.why == "erased"
    assert chat.state == "Onboarding:new"


@pytest.mark.parametrize("level", [Level.URGENT, Level.CONCERN])
@pytest.mark.parametrize("how", ["her words", "the operator"])
def test_s22_a_case_that_nobody_took_goes_on_ringing_when_she_is_erased(book, how, level):
    chat = mother(book)
    chat.write("invented", Finding(level))
    if how == "her words":
        chat.write("забудьте меня")
        chat.press("forget.yes")
    else:
        chat.play(EraseAsked())
    assert {post.event.what for post in chat.posts(DeskAlarmed)} == {"erased_in_case"}
    assert chat.posts(CaseRang), "the card in the group says that it is open"
    assert not chat.posts(CardChanged)
    for _ in range(4):
        (due, event) = chat.timers[f"alarm:{chat.case.id}"]
        chat.now = due
        chat.play(event)
        assert chat.posts(CaseRang)
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    assert not chat.posts(CaseGiven)[0].event.lines
    chat.play(ActRecorded(chat.case.id, "facilitator-1", "…"))
    chat.pass_time(timedelta(days=2))
    assert f"alarm:{chat.case.id}" not in chat.timers


def test_s10_one_who_took_it_and_did_nothing_is_rung_although_the_mother_was_erased(book):
    chat = taken(book)
    chat.play(EraseAsked())
    chat.now, event = chat.timers[f"alarm:{chat.case.id}"]
    chat.play(event)
    assert chat.posts(CaseRang)


@pytest.mark.parametrize("is_answered", [True, False])
def test_s10_words_that_waited_for_an_answer_go_on_ringing_when_she_is_erased(book, is_answered):
    chat = taken(book)
    chat.play(ActRecorded(chat.case.id, "facilitator-1", "Позвоню."))
    chat.now += timedelta(hours=1)
    chat.write("завтра я дома после обеда")
    if is_answered:
        chat.play(ActRecorded(chat.case.id, "facilitator-1", "Позвонила."))
    chat.play(EraseAsked())
    came = chat.now
    assert (f"alarm:{chat.case.id}" in chat.timers) is not is_answered
    if not is_answered:
        chat.now, event = chat.timers[f"alarm:{chat.case.id}"]
        assert chat.now - came == timedelta(hours=4)
        chat.play(event)
        assert chat.posts(CaseRang)


def test_s22_the_rings_of_an_erased_mother_go_when_somebody_has_taken_what_is_left(book):
    chat = mother(book)
    chat.write("invented", Finding(Level.URGENT))
    chat.pass_time(timedelta(minutes=16))
    rung = {post.to for post in chat.log if isinstance(post, Post) and isinstance(post.event, CaseRang)}
    chat.play(EraseAsked())
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    changed = {post.to: post.event.state for post in chat.posts(CardChanged)}
    assert rung <= changed.keys()
    assert {state for to, state in changed.items() if to != "group-1"} == {"erased"}
    assert changed["group-1"] == "taken"


def test_a_ring_of_an_erased_mother_leaves_the_chat_and_nothing_is_said_where_there_is_none():
    chat = Chat.of(facilitator("zara"))
    chat.play(CardChanged("case", "4821", "erased"))
    assert [unsaid.tag for unsaid in chat.asked(Unsay)] == ["ring:case"]
    assert not chat.said


def test_s22_whoever_has_what_was_left_of_a_case_hears_that_it_ends_by_new_words_from_there(book):
    chat = taken(book)
    left = chat.case.id
    chat.play(EraseAsked())
    chat.write("invented", Finding(Level.URGENT))
    assert [(post.event.case_id, post.event.why, post.to) for post in chat.posts(CaseLeft)] == [
        (left, "replaced", "chat-facilitator-1")
    ]
    assert chat.case.id != left
    assert {post.event.case_id for post in chat.posts(CardChanged)} == {left}
    desk = Chat.of(facilitator("zara"))
    desk.play(chat.posts(CaseLeft)[0].event)
    assert "закрыт" in desk.said


@pytest.mark.parametrize("kind", list(Event.registry.values()), ids=str)
def test_every_event_is_played_by_some_flow(kind: type):
    if issubclass(kind, Event) and kind is not Event:
        assert any(row.on is kind for flow in FLOWS for row in flow.transitions)
