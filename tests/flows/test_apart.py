"""Conflict of interest: nothing of a relative's or neighbour's is open to one who is kept apart (S14, S16)."""

from dataclasses import replace

import pytest

from bot.core.cases import Finding, Level
from bot.core.events import (
    AccessEnded,
    CaseGiven,
    CaseLeft,
    CaseMessageArrived,
    FileGiven,
    FreezeAsked,
    PersonConfirmed,
)
from bot.core.messages import Kind
from bot.core.people import Role
from bot.core.teamwork import ConflictNamed, LookEnded
from tests.flows.chat import facilitator as mothers_facilitator
from tests.flows.chat import mother, participant, roster
from tests.flows.desk_world import NOW, Chat, cohort, coordinator, facilitator, id_of, open_case

ZARA, NIGORA = facilitator("zara"), coordinator("nigora")
HERS = id_of("chat-a")


def desk(me, *others, **facts):
    return Chat.of(me, others, **{"cohorts": (cohort(),), **facts})


@pytest.mark.parametrize("by", ["herself", "a coordinator"])
def test_s14_a_case_she_looks_along_at_is_closed_to_one_who_is_kept_apart(by):
    ana = facilitator("ana", roles=frozenset({Role.SUPERVISOR, Role.COORDINATOR}))
    hers = replace(open_case("one", "4821", ZARA, conversation_id=HERS), second_id=ana.id)
    chat = desk(ana, ZARA, NIGORA, cases=(hers,))
    if by == "herself":
        chat.press("menu.people")
        chat.press_now(f"person:{HERS}")
        chat.press_now("meet.mine")
    else:
        chat.play(ConflictNamed(HERS, is_apart=True, by=NIGORA.id))
    assert [(p.event, p.to) for p in chat.posts] == [(LookEnded(hers.id, ana.id), HERS)]


@pytest.mark.parametrize("role", ["owner", "second"])
def test_s14_her_words_on_their_way_to_one_who_is_kept_apart_meanwhile_are_not_shown(role):
    apart = replace(facilitator("ana", roles=frozenset(Role)), conflicts=frozenset({HERS}))
    case = open_case("one", "4821", apart if role == "owner" else ZARA, conversation_id=HERS)
    chat = desk(apart, ZARA, NIGORA, cases=(replace(case, second_id=apart.id if role == "second" else None),))
    line = (id_of("m1"), "hers", "text", NOW, "выдуманные слова")
    for event in (
        CaseGiven(case.id, "4821", Level.URGENT, "lola-00001", "ru", "", (), (line,)),
        CaseMessageArrived(case.id, "4821", id_of("m2"), Kind.TEXT, "выдуманные слова", is_edit=False),
        FileGiven(case.id, "4821", "file-id", Kind.VOICE),
    ):
        chat.play(event)
        assert "больше не у Вас" in chat.said
        assert "выдуманные" not in chat.said
        assert "lola" not in chat.said


def test_s14_who_leaves_the_team_is_not_asked_to_look_along_any_more():
    ana = facilitator("ana", roles=frozenset({Role.SUPERVISOR}))
    case = replace(open_case("one", "4821", ZARA), second_id=ana.id)
    chat = desk(ana, ZARA, cases=(case,))
    chat.play(AccessEnded())
    assert [(p.event, p.to) for p in chat.posts] == [(LookEnded(case.id, ana.id), case.conversation_id)]


def test_s14_her_look_ends_where_the_case_is_and_its_texts_leave_her_chat(book):
    chat = mother(book)
    chat.write("выдуманные слова", Finding(Level.URGENT))
    chat.case = replace(chat.case, owner_id="facilitator-1", second_id="facilitator-2")
    chat.play(LookEnded(chat.case.id, "facilitator-1"))
    assert chat.case.second_id == "facilitator-2"
    chat.play(LookEnded(chat.case.id, "facilitator-2"))
    assert chat.case.second_id is None
    assert [(p.event.why, p.to) for p in chat.posts(CaseLeft)] == [("opinion", "chat-facilitator-2")]


@pytest.mark.parametrize("choice", ["meet.confirm", "meet.freeze", "meet.lift", "meet.release", "meet.move"])
def test_s16_who_knows_a_mother_in_her_own_life_does_nothing_to_her(choice):
    apart = replace(ZARA, conflicts=frozenset({HERS}))
    chat = desk(apart, NIGORA)
    chat.press("menu.people")
    chat.press_now(f"person:{HERS}")
    assert choice not in chat.choices
    chat.press_now(choice)
    assert not chat.posts


@pytest.mark.parametrize("language", ["tg", "ru"])
def test_s12_who_knows_a_mother_in_her_own_life_is_not_told_that_her_chat_is_frozen_or_her_pages_held(language):
    apart, said = replace(ZARA, conflicts=frozenset({HERS}), language=language), []
    for is_frozen in (False, True):
        hers = frozenset({HERS} if is_frozen else ())
        chat = Chat.of(apart, (NIGORA,), cohorts=(cohort(frozen=hers, withheld=hers),))
        chat.press("menu.people")
        chat.press_now(f"person:{HERS}")
        said.append((chat.said, chat.choices))
    assert said[0] == said[1]


@pytest.mark.parametrize(
    "asked", [PersonConfirmed("facilitator-1"), FreezeAsked(is_frozen=False, staff_id="facilitator-1")]
)
def test_s16_her_own_conversation_does_not_listen_to_one_who_is_kept_apart(book, asked):
    chat = mother(book, participant=participant(frozen_at=NOW, is_confirmed=False))
    chat.roster = roster(mothers_facilitator(conflicts=frozenset({"chat-hers"})))
    chat.play(asked)
    assert not chat.effects
