"""S14: every kind of person and every command, kind of words and step of the desk; who may ask what of a mother."""

from collections.abc import AsyncIterator
from dataclasses import MISSING, fields
from typing import Any

import pytest
import pytest_asyncio

from bot.core.effects import Amend, OpenCase, Post, Say
from bot.core.event import Event
from bot.core.events import (
    ButtonPressed,
    CommandGiven,
    EraseAsked,
    FreezeAsked,
    MessageEdited,
    MessageReceived,
    Started,
)
from bot.core.harm import PushesReleased
from bot.core.messages import Kind
from bot.core.teamwork import FollowUpDue
from bot.flows.machine import Played
from bot.flows.staff_tables import STAFF_FLOWS
from bot.flows.tables import MOTHERS
from bot.orthography.commands import PHRASES
from tests.house import open_house
from tests.laws.desk import open_desk
from tests.laws.matrix import INERT, OUTSIDE, SECRET, STAFF, Everybody, choices, told
from tests.laws.test_matrix import GUARDED_BEFORE, OWN, SAYS_NO
from tests.world import FrozenClock

HERS_ALONE = SECRET.split()[-1]
LOOP = pytest.mark.asyncio(loop_scope="module")
TYPED = (
    "салом",
    "/menu",
    "/start",
    "/bind x",
    "1",
    "9",
    "меню",
    "Take",
    "ҳа",
    "дш 9-17",
    "муж меня бьёт",
    "\u202e",
    " ",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def everybody(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Everybody]:
    """One house for all tests, which change nothing in it."""
    async with open_house(tmp_path_factory.mktemp("roles"), FrozenClock()) as house:
        found = Everybody(await open_desk(house))
        await found.come()
        yield found


def _said(played: Played) -> list[str]:
    return [effect.outgoing.text for effect in played.effects if isinstance(effect, Say | Amend)]


def _posts(played: Played) -> list[Post]:
    return [effect for effect in played.effects if isinstance(effect, Post)]


# ---- commands and words


@LOOP
async def test_s14_every_command_of_everybody_is_answered_and_shows_nobody_her_words(everybody: Everybody) -> None:
    commands = [CommandGiven(word) for word in sorted(PHRASES)]
    assert len(commands) >= 8
    for name in (*STAFF, *INERT, *OUTSIDE):
        for event, played in everybody.plays(name, commands):
            assert played.effects, (name, event)
            assert HERS_ALONE not in "\n".join(_said(played)), (name, event)
            if name not in OUTSIDE:
                assert not [post for post in _posts(played) if post.to == everybody.chats["mother"]], (name, event)
    for event, played in everybody.plays("group", commands):
        assert played.effects == (), event


@LOOP
async def test_s14_words_of_everybody_are_answered_and_reach_a_mother_from_nobody(everybody: Everybody) -> None:
    typed: list[Event] = [MessageReceived(text, message_id=f"t{n}") for n, text in enumerate(TYPED)]
    typed += [MessageReceived("", kind, f"k{kind}") for kind in Kind]
    typed += [MessageEdited("салом", "t1"), Started(""), Started("no-such-code-0123456789")]
    for name in (*STAFF, *INERT):
        for event, played in everybody.plays(name, typed):
            assert _said(played) or isinstance(event, MessageEdited), (name, event)
            assert HERS_ALONE not in "\n".join(_said(played)), (name, event)
            assert not any(isinstance(effect, OpenCase) for effect in played.effects), (name, event)
            hers = {everybody.chats["mother"], everybody.chats["unmet"]}
            assert not [post for post in _posts(played) if post.to in hers], (name, event)
    for event, played in everybody.plays("group", typed):
        assert played.effects == (), event


# ---- steps


STEPS = [state.name for flow in STAFF_FLOWS for state in flow.states]


@LOOP
@pytest.mark.parametrize("name", ["other", "auditor", "revoked"])
async def test_s14_no_choice_in_any_step_lets_one_without_rights_touch_a_mother(
    everybody: Everybody, name: str
) -> None:
    """As if a step about her had been begun before the rights ended, or its buttons were forged."""
    hers, case = everybody.chats["mother"], everybody.cases[0]
    step = {"case": case, "to": hers, "person": hers, "number": "1234", "draft": "forged", "cohort": "", "from": 0}
    step |= {"outcome": "handled", "days": 0, "language": "ru", "level": "urgent", "cohorts": [], "tg": "", "ru": ""}
    step |= {"module": "m1", "lesson": "1.1", "moment": "before", "summary": "", "is_seen": False, "file": ""}
    step |= {"seconds": 1, "size": 1, "at": "2026-03-02T05:00:00+00:00", "begun_at": "2026-03-02T05:00:00+00:00"}
    data = {"step": step, "withheld": [], "follow_ups": {}}
    of_people = ("person", "meet", "move", "rest", "follow")
    pressed = [f"{one}:{hers if one.partition('.')[0] in of_people else case}" for one in sorted(choices())]
    for state in STEPS:
        standing = {"state": state, "data": data, "version": 7}
        for event, played in everybody.plays(name, [ButtonPressed(one, 7) for one in pressed], **standing):
            reached = [post for post in _posts(played) if post.to in {hers, everybody.chats["unmet"]}]
            assert all(_is_refused_there(everybody, post) for post in reached), (state, event)
            assert HERS_ALONE not in "\n".join(_said(played)), (state, event)


def _is_refused_there(everybody: Everybody, post: Post) -> bool:
    """What such a step may still post, her conversation refuses."""
    ((_, played),) = everybody.plays("mother", [post.event])
    return (
        all(isinstance(effect, Post) for effect in played.effects)
        and {type(one.event).__name__ for one in _posts(played)} <= SAYS_NO
    )


# ---- what her conversation believes

WHO = {
    "CaseAssigned": frozenset({"coordinator"}),
    "FollowUpBegun": OWN,
    "FreezeAsked": frozenset({"own", "coordinator"}),
    "PersonConfirmed": frozenset({"own", "coordinator"}),
    "PushesReleased": frozenset({"own", "coordinator"}),
}


def test_s14_every_event_that_was_tried_only_where_it_was_pressed_is_tried_at_hers_as_well() -> None:
    assert {*WHO, "FollowUpDue"} == GUARDED_BEFORE
    assert {event.__name__ for event in told(MOTHERS, "staff_id")} >= GUARDED_BEFORE


@LOOP
async def test_s14_her_conversation_lets_only_her_people_assign_begin_freeze_confirm_and_release(
    everybody: Everybody,
) -> None:
    believed = set()
    for event_type in (event for event in told(MOTHERS, "staff_id") if event.__name__ in WHO):
        for name in (*STAFF, *INERT):
            if _is_believed(everybody, _filled(event_type, everybody, name)):
                believed.add((event_type.__name__, name))
    assert believed == {(event, name) for event, names in WHO.items() for name in names}


def _is_believed(everybody: Everybody, event: Event) -> bool:
    where = "unmet" if type(event).__name__ == "CaseAssigned" else "mother"  # whose case is free
    ((_, played),) = everybody.plays(where, [event])
    return any(not isinstance(effect, Post) or type(effect.event).__name__ not in SAYS_NO for effect in played.effects)


def _filled(event: type[Event], everybody: Everybody, name: str) -> Event:
    ids = everybody.staff_ids
    known: dict[str, Any] = {"case_id": everybody.cases[1], "staff_id": ids[name], "to_staff_id": ids["own"]}
    known["is_frozen"] = True
    needed = {field.name for field in fields(event) if field.default is MISSING} | ({"staff_id"} & known.keys())
    return event(**{name: known.get(name, "") for name in needed})


@LOOP
async def test_s14_the_task_to_look_how_she_is_goes_to_nobody_who_may_not_take_her_case(everybody: Everybody) -> None:
    for name in (*STAFF, *INERT):
        ((_, played),) = everybody.plays("mother", [FollowUpDue("1234", everybody.staff_ids[name])])
        assert {post.to for post in _posts(played)} == {everybody.chats["own"]}, name


@LOOP
async def test_s14_the_operator_has_no_id_and_may_freeze_and_erase_but_confirm_and_release_nobody(
    everybody: Everybody,
) -> None:
    asked = [FreezeAsked(is_frozen=True), EraseAsked(), PushesReleased("")]
    done = [bool(played.effects) for _, played in everybody.plays("mother", asked)]
    assert done == [True, True, False]
