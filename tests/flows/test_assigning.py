"""A coordinator names who should take a case, and reads nothing of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.cases import CaseState
from bot.core.effects import Audit
from bot.core.events import AnswerSettled, CardChanged, CaseGiven, CaseLeft, CaseRang, TakeAsked, TakeRefused
from bot.core.people import Away
from bot.core.teamwork import CaseAssigned
from tests.flows import chat as hers
from tests.flows.chat import mother
from tests.flows.desk_world import NOW, Chat, coordinator, facilitator, id_of, open_case
from tests.flows.test_case import CONCERN, URGENT, WORDS, answer, taken

ZARA, LOLA, NIGORA = facilitator("zara"), facilitator("lola"), coordinator("nigora")
TEAM = [ZARA, LOLA, NIGORA]
ONE = open_case("one", "4821")


def test_a_coordinator_assigns_from_the_queue_whether_or_not_somebody_has_it():
    chat = Chat.of(NIGORA, TEAM, cases=(ONE, open_case("two", "4822", LOLA, taken_at=NOW)))
    chat.press("menu.queue")
    assert {f"case.assign:{id_of('one')}", f"case.assign:{id_of('two')}"} <= set(chat.choices)
    assert not [choice for choice in chat.choices if choice.startswith("case.take")]
    chat.press(f"case.assign:{ONE.id}", loads={ZARA.id: 2})
    assert chat.choices[:2] == [f"assign.to:{LOLA.id}", f"assign.to:{ZARA.id}"], "who carries less comes first"
    chat.press_now(f"assign.to:{LOLA.id}", loads={ZARA.id: 2})
    assert [(post.event, post.to) for post in chat.posts] == [
        (CaseAssigned(ONE.id, NIGORA.id, LOLA.id, ""), ONE.conversation_id)
    ]
    assert chat.state == "Staff:menu"


def test_only_those_who_may_take_it_and_are_there_are_offered():
    away = replace(LOLA, away=Away(NOW.date(), NOW.date()))
    relative = facilitator("mehr", conflicts=frozenset({ONE.conversation_id}))
    elsewhere = facilitator("sarv", cohorts=frozenset({"other"}))
    chat = Chat.of(NIGORA, [ZARA, away, relative, elsewhere], cases=(ONE,))
    chat.press(f"case.assign:{ONE.id}")
    assert [choice for choice in chat.choices if choice.startswith("assign")] == [f"assign.to:{ZARA.id}"]
    chat.press_now(f"assign.to:{relative.id}")
    assert not chat.posts
    alone = Chat.of(NIGORA, [away], cases=(ONE,))
    alone.press(f"case.assign:{ONE.id}")
    assert "никто не может взять" in alone.said
    assert alone.state == "Staff:menu"


def test_s14_nobody_but_a_coordinator_assigns():
    chat = Chat.of(ZARA, TEAM, cases=(ONE,))
    chat.press("menu.queue")
    assert not [choice for choice in chat.choices if choice.startswith("case.assign")]
    chat.press(f"case.assign:{ONE.id}")
    assert chat.state == "Staff:menu"


def test_a_case_that_was_closed_meanwhile_is_not_assigned():
    chat = Chat.of(NIGORA, TEAM, cases=(ONE,))
    chat.press(f"case.assign:{ONE.id}")
    chat.press_now(f"assign.to:{ZARA.id}", cases=())
    assert not chat.posts
    assert chat.state == "Staff:menu"


@pytest.mark.parametrize("language", ["tg", "ru"])
def test_a_case_that_was_taken_while_the_coordinator_chose_stays_with_its_taker(language):
    chat = Chat.of(replace(NIGORA, language=language), TEAM, cases=(ONE,))
    chat.press(f"case.assign:{ONE.id}")
    taken_since = open_case("one", "4821", LOLA, taken_at=NOW)
    chat.press_now(f"assign.to:{ZARA.id}", cases=(taken_since,))
    assert not chat.posts
    assert "4821" in chat.said
    assert chat.state == "Staff:menu"
    chat.knows(cases=(taken_since,))
    chat.press(f"case.assign:{ONE.id}")
    chat.press_now(f"assign.to:{ZARA.id}")
    assert [post.event.owner_id for post in chat.posts] == [LOLA.id], "who wants it all the same asks again"


# ---- where the case is


def test_one_who_took_it_in_the_same_moment_keeps_it(book):
    chat = taken(book)
    before = chat.case
    chat.play(CaseAssigned(chat.case.id, "coordinator-1", "facilitator-2", ""))
    assert [post.event.why for post in chat.posts(TakeRefused)] == ["taken"]
    assert chat.case == before
    chat.play(CaseAssigned(chat.case.id, "coordinator-1", "facilitator-2", "facilitator-1"))
    assert chat.posts(CaseRang)


def assign(chat, to="facilitator-2", by="coordinator-1"):
    return chat.play(CaseAssigned(chat.case.id, by, to))


def test_s10_she_alone_is_rung_and_the_alarm_goes_on_without_her(book):
    chat = mother(book)
    chat.write(WORDS, URGENT)
    assign(chat)
    assert [(post.to, post.event.passed_by) for post in chat.posts(CaseRang)] == [
        ("chat-facilitator-2", "Coordinator-1")
    ]
    assert not chat.posts(CardChanged), "in the group it may still be taken"
    assert chat.asked(Audit) == [Audit("assign", "coordinator-1", chat.case.id)]
    assert chat.case.owner_id is None, "to be named is not to have taken it"
    chat.log.clear()
    chat.pass_time(timedelta(minutes=5))
    rung = {effect.to for effect in chat.log if isinstance(getattr(effect, "event", None), CaseRang)}
    assert "group-1" in rung


def test_s10_naming_somebody_puts_off_nobody_who_is_rung_by_the_clock(book):
    chat = mother(book)
    chat.write(WORDS, URGENT)
    clock = chat.timers[f"alarm:{chat.case.id}"]
    chat.now += timedelta(minutes=4)
    assign(chat)
    assert chat.timers[f"alarm:{chat.case.id}"] == clock


def test_s12_the_coordinator_gets_no_word_of_it(book):
    chat = mother(book)
    chat.write(WORDS, URGENT)
    assign(chat)
    assert not chat.posts(CaseGiven)
    assert not [post for post in chat.posts() if post.to == "chat-coordinator-1"]
    assert WORDS not in repr(chat.effects)


def test_a_case_that_somebody_has_leaves_her_and_what_waited_comes_back(book):
    chat = taken(book)
    chat.now += timedelta(minutes=20)
    answer(chat, "Тайный ответ")
    assign(chat)
    assert [post.to for post in chat.posts(CaseLeft)] == ["chat-facilitator-1"]
    assert chat.case.state is CaseState.OPEN
    assert chat.conversation.held_by is None
    assert not chat.press("case.now") or "Тайный ответ" not in chat.texts
    chat.play(TakeAsked(chat.case.id, "facilitator-2"))
    assert chat.case.owner_id == "facilitator-2"
    assert not chat.posts(AnswerSettled)


@pytest.mark.parametrize(
    ("to", "by", "why"),
    [
        ("coordinator-1", "coordinator-1", "role"),
        ("nobody", "coordinator-1", "role"),
        ("facilitator-1", "coordinator-1", "has_it"),
        ("facilitator-2", "facilitator-1", None),
        ("facilitator-2", "stranger", None),
    ],
)
def test_s14_what_may_not_be_changes_nothing(book, to, by, why):
    chat = taken(book)
    before = chat.case
    assign(chat, to, by)
    assert [post.event.why for post in chat.posts(TakeRefused)] == ([why] if why else [])
    assert chat.case == before
    assert not chat.asked(Audit)


def test_a_coordinator_of_another_cohort_or_a_relative_assigns_nothing(book):
    people = hers.roster(
        hers.facilitator(),
        replace(hers.coordinator(), cohorts=frozenset({"other"})),
        replace(hers.coordinator("relative"), conflicts=frozenset({"chat-hers"})),
    )
    chat = mother(book, roster=people)
    chat.write(WORDS, CONCERN)
    for by in ("coordinator-1", "relative"):
        assign(chat, "facilitator-1", by)
        assert [post.event.why for post in chat.posts(TakeRefused)] == ["other"]
        assert not chat.posts(CaseRang)
