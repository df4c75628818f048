"""Where a cohort has no facilitator left, coordinators hear of its mothers, but never one who knows her (S10, S12)."""

from dataclasses import replace

import pytest

from bot.core.events import DeskAlarmed, EraseAsked, ReachChanged
from bot.core.teamwork import FollowUpAsked, FollowUpDue, SilenceDue
from bot.flows.afterwards import TASK_OF_A_STRANGER
from tests.flows import chat as hers
from tests.flows.chat import NOON, mother, participant, stranger
from tests.flows.desk_world import Chat, coordinator, facilitator, staff_texts
from tests.flows.test_case import URGENT, WORDS

RELATIVE = replace(hers.coordinator("relative"), conflicts=frozenset({"chat-hers"}))
LEFT_ALONE = hers.roster(hers.coordinator(), RELATIVE)


def told(chat, event):
    return [(post.to, getattr(post.event, "what", "")) for post in chat.posts(event)]


def test_s3_stop_in_an_open_case_is_told_to_coordinators_when_there_is_no_facilitator(book):
    chat = mother(book, roster=LEFT_ALONE)
    chat.write(WORDS, URGENT)
    chat.write("стоп")
    assert told(chat, DeskAlarmed) == [("chat-coordinator-1", "stopped_in_case")]


@pytest.mark.parametrize(
    ("event", "what"),
    [
        (None, "nobody_on_duty"),
        (EraseAsked(), "erased_in_case"),
        (ReachChanged(is_reachable=False), "unreachable"),
        (ReachChanged(is_reachable=False, is_another=True), "another_phone"),
    ],
)
def test_s12_what_happens_with_her_is_not_told_to_a_coordinator_who_knows_her(book, event, what):
    chat = mother(book, roster=LEFT_ALONE)
    chat.write(WORDS, URGENT)
    if event is not None:
        chat.play(event)
    assert told(chat, DeskAlarmed) == [("chat-coordinator-1", what)]


def test_s12_a_coordinator_of_other_cohorts_hears_of_her_only_where_no_other_is_there(book):
    elsewhere = replace(hers.coordinator("elsewhere"), cohorts=frozenset({"another-cohort"}))
    for team, to in ((hers.coordinator(), elsewhere), "chat-coordinator-1"), ((elsewhere,), elsewhere.conversation_id):
        chat = mother(book, roster=hers.roster(*team))
        chat.play(ReachChanged(is_reachable=False))
        assert told(chat, DeskAlarmed) == [(to, "unreachable")]


def test_a_silence_and_a_planned_look_find_coordinators_when_there_is_no_facilitator(book):
    long_ago = participant(joined_at=NOON.replace(year=2025))
    chat = mother(book, roster=LEFT_ALONE, participant=long_ago)
    chat.play(SilenceDue())
    assert ("chat-coordinator-1", "silent") in told(chat, DeskAlarmed)
    chat.play(FollowUpDue("1234", "facilitator-1"))
    assert [post.to for post in chat.posts(FollowUpAsked)] == ["chat-coordinator-1"]


def test_a_planned_look_comes_for_one_who_has_not_joined(book):
    chat = stranger(book)
    chat.play(FollowUpDue("1234", "facilitator-1"))
    assert [(post.to, post.event.code_name) for post in chat.posts(FollowUpAsked)] == [("chat-facilitator-1", "")]


@pytest.mark.parametrize("language", ["tg", "ru"])
def test_a_planned_look_for_one_who_has_not_joined_offers_no_writing(language):
    chat = Chat.of(facilitator("zara", language=language))
    chat.play(FollowUpAsked("4821", "", "chat-hers", "unreachable"))
    assert staff_texts().say(language, TASK_OF_A_STRANGER, number="4821") in chat.said
    assert not chat.choices


def test_a_coordinator_is_not_offered_to_write_to_her():
    chat = Chat.of(coordinator("nigora"))
    chat.play(FollowUpAsked("4821", "Себ 1", "chat-hers"))
    assert chat.choices == ["follow.done:chat-hers"]
