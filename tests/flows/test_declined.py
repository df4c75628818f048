"""Who is asked for a case and cannot take it says so: it rings on at once, and whoever asked her hears it (S10)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.cases import Level, Outcome
from bot.core.effects import Amend, Audit
from bot.core.events import ActRecorded, CardChanged, CaseCloseAsked, CaseHandedBack, CaseRang, DeskAlarmed, TakeAsked
from bot.core.people import Away
from bot.core.teamwork import CaseAssigned, FollowUpBegun, TakeDeclined
from tests.flows import desk_world as desk
from tests.flows.chat import coordinator, facilitator, mother, roster
from tests.flows.desk_world import NOW, open_case
from tests.flows.test_carrying import URGENT
from tests.flows.test_case import taken

ONE, TWO, THREE, COORDINATOR = "facilitator-1", "facilitator-2", "facilitator-3", "coordinator-1"
MINUTE = timedelta(minutes=1)


def passed(book, **changes):
    """An urgent case that ONE has passed on to TWO a minute ago."""
    people = roster(facilitator(), facilitator(TWO), facilitator(THREE), coordinator())
    chat = taken(book, roster=people, **changes)
    chat.play(CaseHandedBack(chat.case.id, ONE, "", TWO))
    assert [post.to for post in chat.posts(CaseRang)] == [f"chat-{TWO}"]
    chat.pass_time(MINUTE)
    return chat


def declined(chat, who=TWO):
    """Whom her no rings, and whom it tells."""
    chat.play(TakeDeclined(chat.case.id, who))
    told = [(post.to, post.event.what, post.event.code_name) for post in chat.posts(DeskAlarmed)]
    return [post.to for post in chat.posts(CaseRang)], told


def test_s10_who_cannot_take_what_was_passed_on_to_her_lets_it_ring_on_at_once_and_the_other_hears_it(book):
    chat = passed(book)
    assert declined(chat) == (["group-1"], [(f"chat-{ONE}", "declined", TWO.title())])
    assert chat.asked(Audit)[-1] == Audit("decline", TWO, chat.case.id)
    assert chat.timers[f"alarm:{chat.case.id}"][0] <= chat.now + timedelta(minutes=5)
    chat.pass_time(timedelta(minutes=15))
    rung = [effect.to for effect in chat.log if isinstance(getattr(effect, "event", None), CaseRang)]
    assert {f"chat-{COORDINATOR}", f"chat-{THREE}"} <= set(rung)


def test_s10_where_there_is_no_group_persons_are_rung_and_first_those_who_have_not_said_no(book):
    chat = passed(book)
    chat.roster = replace(chat.roster, groups=())
    assert declined(chat)[0] == [f"chat-{ONE}", f"chat-{THREE}", f"chat-{COORDINATOR}"]


def test_s10_where_everybody_else_is_away_she_is_rung_all_the_same(book):
    chat = passed(book)
    gone = Away(chat.now.date(), chat.now.date())
    staff = [s if s.id in {TWO, COORDINATOR} else replace(s, away=gone) for s in chat.roster.staff]
    chat.roster = replace(chat.roster, staff=tuple(staff), groups=())
    assert declined(chat)[0] == [f"chat-{ONE}", f"chat-{TWO}", f"chat-{THREE}", f"chat-{COORDINATOR}"]


@pytest.mark.parametrize("who", [ONE, THREE, COORDINATOR, "stranger"])
def test_s14_whoever_was_not_asked_declines_nothing(book, who):
    chat = passed(book)
    assert declined(chat, who) == ([], [])
    assert not chat.asked(Audit)


def test_a_second_no_is_no_news(book):
    chat = passed(book)
    declined(chat)
    assert declined(chat) == ([], [])


def test_s10_a_no_that_comes_late_sets_no_clock_back(book):
    chat = passed(book)
    chat.pass_time(timedelta(minutes=11))
    clock = chat.timers[f"alarm:{chat.case.id}"]
    assert declined(chat) == ([], [(f"chat-{ONE}", "declined", TWO.title())])
    assert chat.timers[f"alarm:{chat.case.id}"] == clock


def test_s10_a_no_to_what_somebody_has_taken_meanwhile_rings_for_nobody(book):
    chat = passed(book)
    chat.play(TakeAsked(chat.case.id, THREE))
    assert declined(chat)[0] == []
    assert chat.case.owner_id == THREE


def test_s10_one_who_was_named_for_a_free_case_cannot_and_the_alarm_goes_on_as_before(book):
    chat = mother(book)
    chat.write("выдуманные слова", URGENT)
    chat.pass_time(timedelta(minutes=4))
    chat.play(CaseAssigned(chat.case.id, COORDINATOR, TWO))
    clock = chat.timers[f"alarm:{chat.case.id}"]
    assert declined(chat) == ([], [(f"chat-{COORDINATOR}", "declined", TWO.title())])
    assert chat.timers[f"alarm:{chat.case.id}"] == clock


def test_s10_passing_on_and_saying_no_without_end_keeps_it_from_coordinators_for_a_quarter_of_an_hour_at_most(book):
    chat = passed(book)
    last, rung = chat.now, []
    for minute in range(60):
        before = len(chat.log)
        if minute % 3 == 0 and chat.case.owner_id is None:
            chat.play(TakeDeclined(chat.case.id, TWO))
            chat.play(TakeAsked(chat.case.id, ONE))
            chat.play(CaseHandedBack(chat.case.id, ONE, "", TWO))
        chat.pass_time(MINUTE)
        posts = [effect for effect in chat.log[before:] if isinstance(getattr(effect, "event", None), CaseRang)]
        if f"chat-{COORDINATOR}" in {post.to for post in posts}:
            rung.append(chat.now - last)
            last = chat.now
    assert len(rung) >= 3
    assert max(rung) <= timedelta(minutes=16)


# ---- in her chat


LOLA, ZARA = desk.facilitator("lola"), desk.facilitator("zara")
FREE = open_case("one", "4821")


def rung(owner=None, by="Zara"):
    case = replace(FREE, owner_id=owner.id if owner else None, taken_at=NOW if owner else None)
    chat = desk.Chat.of(LOLA, [ZARA], cases=(case,))
    chat.play(CaseRang(case.id, case.number, Level.URGENT, "tg", NOW, passed_by=by))
    return chat


def test_only_who_was_asked_by_name_is_offered_to_say_no():
    assert rung().choices == [f"case.take:{FREE.id}", f"case.decline:{FREE.id}"]
    assert rung(by="").choices == [f"case.take:{FREE.id}"]


def test_her_no_goes_to_the_case_and_her_ring_says_so():
    chat = rung()
    chat.press(f"case.decline:{FREE.id}")
    assert [(post.event, post.to) for post in chat.posts] == [(TakeDeclined(FREE.id, LOLA.id), FREE.conversation_id)]
    (changed,) = chat.asked(Amend)
    assert "другим" in changed.outgoing.text
    assert not changed.outgoing.rows


@pytest.mark.parametrize("owner", [LOLA, ZARA])
def test_her_no_to_what_has_an_owner_changes_nothing(owner):
    chat = rung(owner)
    chat.press(f"case.decline:{FREE.id}")
    assert not chat.posts
    assert "4821" in chat.said


# ---- what a group never saw


def test_s12_a_group_hears_of_no_case_that_never_rang_there(book):
    chat = mother(book)
    chat.play(FollowUpBegun(ONE, "1234"))
    chat.play(ActRecorded(chat.case.id, ONE, "Поговорила лично."))
    chat.play(CaseCloseAsked(chat.case.id, ONE, Outcome.HANDLED, "Виделись."))
    assert chat.case is None or chat.closed
    assert not [effect for effect in chat.log if isinstance(getattr(effect, "event", None), CardChanged)]
