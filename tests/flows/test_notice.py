"""What a turn that cannot be played still gives: no loop of alarms, no clock that stops, a way on for everybody."""

from dataclasses import replace

import pytest

from bot.core.conversation import Conversation, Facts, Owner
from bot.core.effects import Post, Say, Schedule
from bot.core.events import AlarmDue, DeskAlarmed, MessageReceived
from bot.core.people import Group, Roster
from bot.flows.book import Book
from tests.flows.desk_world import IDS, NOW, coordinator, facilitator, id_of

NIGORA, SHAHLO, ZARA = coordinator("nigora"), coordinator("shahlo"), facilitator("zara")
FACTS = Facts(NOW, roster=Roster((NIGORA, SHAHLO, ZARA), (Group(id_of("group")),)))


def of(staff, state="Staff:menu"):
    return Conversation(staff.conversation_id, Owner.STAFF, staff.id, state, language="ru", last_in_at=NOW)


def told(played):
    return [(effect.event.what, effect.to) for effect in played.effects if isinstance(effect, Post)]


def test_a_coordinator_whose_alarm_cannot_be_played_is_not_alarmed_about_it_without_end(book: Book):
    facts = replace(FACTS, staff=NIGORA)
    assert told(book.fall_back(of(NIGORA), DeskAlarmed("poison"), facts, IDS, "inbox-1")) == []
    played = book.fall_back(of(NIGORA), DeskAlarmed("group_lost"), facts, IDS, "inbox-1")
    assert told(played) == [("poison", SHAHLO.conversation_id)]


@pytest.mark.parametrize("state", ["Staff:menu", "Staff:of_an_older_release"])
def test_a_member_of_staff_whose_act_cannot_be_played_gets_a_kind_sentence_and_a_way_on(book: Book, state: str):
    played = book.fall_back(of(ZARA, state), MessageReceived("салом"), replace(FACTS, staff=ZARA), IDS, "inbox-1")
    assert ["/menu" in effect.outgoing.text for effect in played.effects if isinstance(effect, Say)] == [True]
    assert played.conversation.state == "Staff:menu"


def test_a_group_in_an_unknown_state_finds_back_and_hears_nothing(book: Book):
    group = Conversation(id_of("group"), Owner.GROUP, id_of("group"), "Group:of_an_older_release")
    played = book.fall_back(group, DeskAlarmed("poison"), FACTS, IDS, "inbox-1")
    assert played.conversation.state == "Group:bound"
    assert not [effect for effect in played.effects if isinstance(effect, Say)]


def test_s10_the_clock_of_a_case_goes_on_although_its_turn_cannot_be_played(book: Book):
    her = Conversation("chat-1", Owner.PARTICIPANT, "participant-1", "Menu:open")
    due = AlarmDue("case-1", 3)
    played = book.fall_back(her, due, FACTS, IDS, "inbox-1")
    (clock,) = [effect for effect in played.effects if isinstance(effect, Schedule)]
    assert (clock.key, clock.event) == ("alarm:case-1", due)
    assert clock.due_at > NOW
