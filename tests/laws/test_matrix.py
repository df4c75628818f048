"""S14: who may do what: every kind of person and every choice, menu entry and event of the desk, from the tables."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.app import open_store
from bot.batch import Batch
from bot.channels.simulator import Phone
from bot.concern.screen import load_screen
from bot.core.cases import Outcome
from bot.core.effects import Amend, Post, Say, Unsay, Unschedule
from bot.core.event import Event
from bot.core.events import DeskAlarmed
from bot.core.groups import GroupChanged
from bot.desk import Desk as CommandLine
from bot.flows.machine import Played
from bot.flows.ringing import REFUSALS
from bot.flows.tables import MOTHERS
from bot.settings import Settings
from bot.system import RandomIds
from bot.texts import load_texts
from tests.book import book_of
from tests.house import House, open_house, settings_in
from tests.laws.desk import choices as shown_choices
from tests.laws.desk import open_desk
from tests.laws.matrix import INERT, OUTSIDE, SECRET, STAFF, Everybody, choices, told
from tests.world import FrozenClock

TEAM = frozenset(STAFF)
FACILITATORS, WORKERS = frozenset({"own", "other"}), frozenset({"own", "other", "coordinator"})
COORDINATOR, SUPERVISOR, OWN, NOBODY = (frozenset(names) for names in (["coordinator"], ["supervisor"], ["own"], []))

MAY = {
    **dict.fromkeys(("menu.help", "menu.language", "menu.leave", "menu.mine", "menu.queue", "menu.arrange"), TEAM),
    **dict.fromkeys(("menu.newcomers", "menu.withheld", "language.set", "staff.remind", "debrief.ask"), TEAM),
    "alarm.seen": TEAM,
    **dict.fromkeys(("menu.duty", "duty.back", "menu.shift", "menu.session", "menu.people"), WORKERS),
    **dict.fromkeys(("menu.voices", "menu.cohorts"), WORKERS),
    **dict.fromkeys(("menu.shared", "shared.again"), FACILITATORS),
    **dict.fromkeys(("menu.broadcast", "menu.fallback", "menu.measures", "menu.ready", "menu.test"), COORDINATOR),
    **dict.fromkeys(("cast.cancel", "cast.on", "cast.pause", "case.assign"), COORDINATOR),
    **dict.fromkeys(("rest.cohort", "rest.stays"), SUPERVISOR),
    **dict.fromkeys(("case.again", "case.ask", "case.close", "case.guide", "case.history", "case.note"), OWN),
    **dict.fromkeys(("case.decline", "case.pass", "case.reply", "case.take", "move.no", "move.yes"), OWN),
    # only for what was offered to her by name: nobody here
    **dict.fromkeys(("case.advise", "case.file", "follow.done", "follow.open", "rest.release"), NOBODY),
    **dict.fromkeys(("answer.forget", "answer.keep", "answer.kept", "staff.accept", "staff.refuse"), NOBODY),
}
"""Whom each choice that acts in any state is for, when it is pressed for the case of `own` or the free one."""
STEPS = frozenset(
    """
    answer.change answer.drop answer.ready answer.send apart arrange.away arrange.days arrange.here
    arrange.limit arrange.no_rest arrange.rest arrange.tongue assign.to case.follow case.outcome case.passed
    case.second case.to cast.all cast.cohort cast.go cast.me cast.russian cast.tajik cast.write duty.days
    duty.hours duty.more duty.save fallback held.cohort held.yes meet.confirm meet.freeze meet.lift meet.mine
    meet.move meet.release meet.whose move.ask people.from person voices.again voices.hear voices.keep voices.module
    voices.page voices.remove
    """.split()
)
HERS = frozenset(
    """
    about adult.no adult.yes answer.no answer.yes case.later case.now check.hard check.later check.yes city
    consent.again consent.next consent.no consent.yes days end.again end.stay end.stop enlist.agree enlist.alias
    enlist.another enlist.language forget forget.no forget.yes harm.no harm.skip harm.told help hidden.open hide
    hours hours.skip language lesson.check_in lesson.listen lesson.next lesson.next_card lesson.repeat lines
    measure.answer measure.begin measure.end measure.skip menu menu.finished menu.more menu.resume module.back
    name name.skip no notice.later own pause pause.days pause.feast pause.no phone practice.later practice.yes
    prompt.skip prompt.think push.later push.open sample sample.no sample.yes settings skip start stop tongue.person
    tongue.take unknown window yes
    """.split()
)
"""STEPS act only in a step that began from one of the choices above; HERS are a mother's or a newcomer's."""

TOLD = {
    **dict.fromkeys(("AnswerGiven", "ActRecorded", "CaseHandedBack", "CaseCloseAsked", "OpinionAsked"), OWN),
    **dict.fromkeys(("ReadAsked", "GuidanceAsked", "HistoryAsked", "TakeAsked"), OWN),
    "LookEnded": NOBODY,  # no supervisor looks along
    "OwnerLost": OWN,
    "OpinionGiven": NOBODY,  # no supervisor was asked
    "TakeDeclined": NOBODY,  # nobody was asked to take it
    "MoveAsked": OWN,  # a facilitator of her cohort, here the one who has the case as well
    "MoveAllowed": NOBODY,  # nobody asked for a code
}
"""Whom her conversation believes that she may do this to the case which `own` has."""
GUARDED_BEFORE = frozenset("CaseAssigned FollowUpDue FollowUpBegun PushesReleased FreezeAsked PersonConfirmed".split())
"""Posted by a row of the desk whose condition was tried where the button was pressed."""
SAYS_NO = {"TakeRefused", "AnswerSettled", "MoveSettled"}
HERS_ALONE = SECRET.split()[-1]
QUIET = (Say, Amend, Unsay, Unschedule)


LOOP = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def everybody(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Everybody]:
    """One house for all tests that change nothing in it."""
    async with open_house(tmp_path_factory.mktemp("matrix"), FrozenClock()) as house:
        yield await gather(house)


async def gather(house: House) -> Everybody:
    found = Everybody(await open_desk(house))
    await found.come()
    return found


def _refusals() -> set[str]:
    keys = (
        "This button does nothing now.", "This has been done already.", *REFUSALS.values(),
        "This case is not yours any more. Nothing was sent and nothing was changed.",
        "This is already settled, or it is not yours to decide. Nothing was changed.",
    )  # fmt: skip
    texts = load_texts()
    return {_plain(texts.say(language, key, number="")) for language in ("tg", "ru") for key in keys}


def _plain(text: str) -> str:
    return re.sub(r"\d+|\s+", "", text)


def _said(played: Played) -> list[str]:
    return [effect.outgoing.text for effect in played.effects if isinstance(effect, Say)]


def _is_refused(played: Played, refusals: set[str]) -> bool:
    """Kindly: something is said, and nothing else is done."""
    said = _said(played)
    return bool(said) and _plain(said[0]) in refusals and all(isinstance(effect, QUIET) for effect in played.effects)


def test_s14_every_choice_in_the_tables_is_classified() -> None:
    assert len(MAY) + len(STEPS) + len(HERS) == len(MAY | dict.fromkeys(STEPS | HERS))
    assert choices() == set(MAY) | STEPS | HERS


@LOOP
async def test_s14_every_role_meets_every_choice_and_gets_what_is_hers_or_a_kind_refusal(everybody: Everybody) -> None:
    refusals, allowed = _refusals(), {(choice, name) for choice, names in MAY.items() for name in names}
    found = set()
    for name in STAFF:
        for choice, played in everybody.presses(name, choices()):
            if not _is_refused(played, refusals):
                found.add((choice, name))
            assert HERS_ALONE not in repr(played.effects), (choice, name)
    assert (found - allowed, allowed - found) == (set(), set())


@LOOP
async def test_s14_who_is_not_confirmed_or_no_longer_with_us_gets_one_sentence_whatever_she_does(
    everybody: Everybody,
) -> None:
    for name in INERT:
        answers = set()
        for choice, played in everybody.presses(name, choices() - {"staff.remind", "language.set"}):
            others = [effect for effect in played.effects if not isinstance(effect, QUIET)]
            posted = [effect.event for effect in others if isinstance(effect, Post)]
            assert len(posted) == len(others), (name, choice)
            known = {"group_stranger"} if choice == "case.take" else set()  # only the group has that button for her
            assert {event.what for event in posted if isinstance(event, DeskAlarmed)} == known, (name, choice)
            answers.add(tuple(_said(played)))
        assert len(answers) == 1, name


@LOOP
async def test_s14_a_mother_or_a_stranger_who_sends_the_choices_of_the_desk_moves_nothing(everybody: Everybody) -> None:
    for name in OUTSIDE:
        for choice, played in everybody.presses(name, set(MAY) | STEPS):
            assert _said(played), (name, choice)
            assert all(isinstance(effect, QUIET) for effect in played.effects), (name, choice)


@LOOP
async def test_s14_being_in_the_group_grants_nothing(everybody: Everybody) -> None:
    house, group = everybody.house, everybody.desk.group
    before = len(group.transcript)
    for bubble in list(group.bubbles):
        for row in bubble.rows:
            for button in row:
                await house.channel.presses_button(group, bubble, button, sender="somebody")
    await house.app.settle()
    assert [bubble.text for bubble in group.transcript[before:] if bubble.is_ours] == []
    assert everybody.owner_of(everybody.cases[1]) is None
    ((_, played),) = everybody.plays("group", [GroupChanged("joined")])
    assert {type(effect.event).__name__ for effect in played.effects if isinstance(effect, Post)} == {"DeskAlarmed"}


def test_s14_every_event_that_somebody_of_the_desk_may_post_to_her_is_classified() -> None:
    assert {event.__name__ for event in told(MOTHERS, "staff_id")} == set(TOLD) | GUARDED_BEFORE


@LOOP
async def test_s14_her_conversation_believes_nobody_but_the_one_who_has_the_case(everybody: Everybody) -> None:
    believed = set()
    asked = [event for event in told(MOTHERS, "staff_id") if event.__name__ in TOLD]
    for name in (*STAFF, *INERT):
        events = [_filled(event, everybody, name) for event in asked]
        for event, played in everybody.plays("mother", events):
            posts = [effect for effect in played.effects if isinstance(effect, Post)]
            if len(posts) < len(played.effects) or {type(post.event).__name__ for post in posts} - SAYS_NO:
                believed.add((type(event).__name__, name))
            assert {post.to for post in posts if HERS_ALONE in repr(post.event)} <= {everybody.chats["own"]}, (
                event,
                name,
            )
    assert believed == {(event, name) for event, names in TOLD.items() for name in names}


def _filled(event: type[Event], everybody: Everybody, name: str) -> Event:
    """One such event, by that person, about the case that `own` has."""
    ids = everybody.staff_ids
    known: dict[str, Any] = {"case_id": everybody.cases[0], "staff_id": ids[name], "supervisor_id": ids["supervisor"]}
    known["outcome"] = Outcome.FALSE_ALARM  # any other end wants an act before it (S10)
    needed = [field.name for field in fields(event) if field.default is MISSING]
    return event(**{name: known.get(name, "") for name in needed})


@LOOP
async def test_s14_a_facilitator_knows_of_no_case_and_no_mother_of_another_cohort(everybody: Everybody) -> None:
    house = everybody.house
    numbers, other = everybody.numbers(), house.phone("other")
    seen = ("menu.queue", "menu.mine", "menu.cohorts", "menu.people", "menu.shared", "menu.session")
    for choice, played in everybody.presses("other", seen):
        said = "\n".join(_said(played))
        assert not any(text in said for text in (*numbers, "Bahor")), choice
    assert not any(number in bubble.text for bubble in other.transcript for number in numbers), "nor was she rung"


async def test_s14_revoke_on_the_command_line_ends_access_in_a_running_bot_within_a_minute(tmp_path: Path) -> None:
    async with open_house(tmp_path, FrozenClock()) as house:
        everybody = await gather(house)
        facilitator = everybody.desk.facilitator
        assert SECRET in _screen(facilitator)
        await asyncio.to_thread(_revoke, settings_in(tmp_path), house.clock, "Чинор")
        await house.passes(seconds=60)
        assert SECRET not in _screen(facilitator)
        assert everybody.owner_of(everybody.cases[0]) is None, "it is free, and rings again"
        await house.says(facilitator, "/menu")
        assert shown_choices(facilitator.bubbles[-1]) == []


def _screen(phone: Phone) -> str:
    return "\n".join(bubble.text for bubble in phone.bubbles)


def _revoke(settings: Settings, clock: FrozenClock, alias: str) -> None:
    """As the operator does it: another process with a store of its own."""
    ids = RandomIds()
    store = open_store(settings, clock, ids)
    CommandLine(store, Batch(store, book_of(settings), load_screen(), clock, ids), clock).revoke(alias)
    store.close()
