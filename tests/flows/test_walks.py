"""Laws over random lives: any events in any order at any hour break no flow and reach her phone only as she allows."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.core.cases import NOTHING, Category, Finding, Level, Outcome
from bot.core.conversation import SHOWN, Owner
from bot.core.effects import Amend, CountPush, Purpose, Say
from bot.core.events import (
    ActRecorded,
    AnswerGiven,
    BroadcastArrived,
    ButtonPressed,
    CaseCloseAsked,
    CaseHandedBack,
    CatchUpDue,
    CheckInDue,
    CommandGiven,
    FreezeAsked,
    LessonDue,
    MessageEdited,
    MessageReceived,
    ModuleOpened,
    NudgeDue,
    ReachChanged,
    ReadAsked,
    SendsFailed,
    Started,
    TakeAsked,
)
from bot.core.messages import Kind
from bot.core.people import Role, Shared
from bot.curriculum.load import load
from bot.curriculum.neutral import is_neutral
from bot.flows.book import HER_ACTS, Book
from bot.flows.interpret import EVERYWHERE
from bot.flows.policy import Policy
from bot.texts import load_texts
from tests.flows.chat import ALWAYS, MIDDAY, NOON, invitation, mother, participant, stranger
from tests.flows.conftest import LINES

BOOK = Book(load(), load_texts(), Policy(help_lines=LINES))
FINDINGS = st.sampled_from(
    [NOTHING, NOTHING, NOTHING, Finding(Level.CONCERN, Category.DISTRESS), Finding(Level.URGENT)]
)
REPLIES = {Purpose.REPLY, Purpose.NOTICED, Purpose.ANSWER}
UNPROMPTED = {Purpose.PUSH, Purpose.BROADCAST, Purpose.COVER}
CHOICES = (
    "stale help hide menu start pause push.open push.later case.now case.later window:30 notice.later hidden.open lines"
).split()

her_acts = st.one_of(
    st.builds(MessageReceived, st.sampled_from(["салом", "1", "2", "да", "стоп", "помощь", "меню", "ҳа", "", "🌸"])),
    st.builds(MessageReceived, st.just(""), st.sampled_from(list(Kind)), st.just("m"), st.just(""), st.booleans()),
    st.builds(MessageEdited, st.just("другое"), st.just("m")),
    st.builds(CommandGiven, st.sampled_from(sorted(EVERYWHERE))),
    st.builds(ButtonPressed, st.sampled_from(CHOICES)),
    st.just(Started()),
)
theirs = st.one_of(
    st.builds(TakeAsked, st.just("case"), st.sampled_from(["facilitator-1", "facilitator-2", "coordinator-1"])),
    st.builds(AnswerGiven, st.just("case"), st.just("facilitator-1"), st.just("Слова ведущей.")),
    st.builds(ActRecorded, st.just("case"), st.just("facilitator-1"), st.just("Заметка.")),
    st.builds(ReadAsked, st.just("case"), st.just("facilitator-1")),
    st.builds(CaseHandedBack, st.just("case"), st.just("facilitator-1")),
    st.builds(CaseCloseAsked, st.just("case"), st.just("facilitator-1"), st.sampled_from(list(Outcome)), st.just("…")),
    st.builds(ModuleOpened, st.sampled_from(["m1", "m2", "m99"])),
    st.builds(LessonDue, st.sampled_from(["1.1", "2.1", "99.9"])),
    st.builds(CheckInDue, st.sampled_from(["1.1", "99.9"])),
    st.builds(NudgeDue, st.sampled_from([1, 2])),
    st.just(CatchUpDue()),
    st.builds(
        BroadcastArrived,
        st.uuids().map(str),
        st.just("Салом."),
        st.just("Здравствуйте."),
        st.sampled_from([NOON + timedelta(hours=3), NOON + timedelta(days=3)]),
    ),
    st.builds(FreezeAsked, st.booleans(), st.just("facilitator-1")),
    st.builds(ReachChanged, st.booleans()),
    st.builds(
        SendsFailed, st.sampled_from(["expired", "refused", "unreachable"]), st.sampled_from([("reply",), ("push",)])
    ),
)
pauses = st.sampled_from(
    [timedelta(seconds=20), timedelta(minutes=6), timedelta(minutes=40), timedelta(hours=5), timedelta(days=2)]
)
steps = st.lists(st.tuples(st.one_of(her_acts, theirs, st.none()), pauses, FINDINGS, st.integers(0, 20)), max_size=30)
women = st.builds(
    participant,
    hours=st.sampled_from([None, MIDDAY, ALWAYS]),
    phone_shared=st.sampled_from(list(Shared)),
    opened=st.sampled_from([(), ("m1",), ("m1", "m2")]),
)


def check(chat):
    """S1 to S4 over the effects of the turn that was just played."""
    her, said = chat.participant, [e for e in chat.effects if isinstance(e, Say)]
    assert not [e for e in chat.effects if isinstance(e, Amend)]
    last = chat.conversation.last_in_at
    for say in said:
        if say.purpose in REPLIES or say.tag == SHOWN:
            assert last is not None
            assert chat.now - last < timedelta(minutes=10), "a reply only while she is here"
            assert say.expires_at <= last + timedelta(minutes=10)
        if say.tag == SHOWN:
            check_shown(chat, her, said)
        elif say.purpose not in REPLIES:
            assert say.purpose in UNPROMPTED
            check_unprompted(chat, her, say)


def check_shown(chat, her, said):
    assert her is not None
    assert not her.is_silent(chat.now)
    assert her.is_confirmed
    assert chat.case is None, "never beside a case"
    assert {say.purpose for say in said if say.tag != SHOWN} == {Purpose.REPLY}
    shown = [say.dedupe for say in chat.log if getattr(say, "purpose", None) is Purpose.BROADCAST]
    assert len(set(shown)) == len(shown), "pushed or shown, it comes once"


def check_unprompted(chat, her, say):
    assert not her or not her.is_silent(chat.now), "never while she is stopped, hidden, paused or frozen"
    assert say.expires_at is not None
    pressed = chat.case is not None and chat.case.window_until is not None and chat.case.window_until > chat.now
    is_in_hours = her is not None and her.next_window(chat.now) == chat.now
    assert is_in_hours or (say.purpose is Purpose.COVER and pressed)
    assert is_neutral(say.outgoing.text)
    if say.purpose is Purpose.COVER:
        assert "Слова ведущей" not in say.outgoing.text
    else:
        assert chat.case is None or say.purpose is not Purpose.BROADCAST
        assert CountPush(chat.now) in chat.effects


def live(chat, life):
    for event, pause, finding, pick in life:
        if event is None:
            offered = [o[1] for o in chat.conversation.data.get("options", ())] or ["stale"]
            event = ButtonPressed(offered[pick % len(offered)], chat.conversation.version)  # noqa: PLW2901 - her choice
        if getattr(event, "case_id", None) == "case" and chat.case is not None:
            event = replace(event, case_id=chat.case.id)  # noqa: PLW2901 - the case she has now
        is_text = isinstance(event, MessageReceived | MessageEdited)
        chat.play(event, finding if is_text else NOTHING)
        check(chat)
        if isinstance(event, HER_ACTS) and not isinstance(event, MessageEdited) and not is_frozen(chat):
            assert chat.says, f"{event} in {chat.state}"
        wait(chat, pause)
        check_alarm(chat)


def is_frozen(chat):
    return chat.participant is not None and chat.participant.frozen_at is not None


def wait(chat, pause):
    """Time goes by; every timer that falls due is checked like everything else."""
    end = chat.now + pause
    for _ in range(200):
        due = min(((at, key) for key, (at, _) in chat.timers.items() if at <= end), default=None)
        if due is None:
            break
        chat.now = max(chat.now, due[0])
        _, event = chat.timers.pop(due[1])
        chat.play(event)
        check(chat)
    chat.now = end


def check_alarm(chat):
    """No open case without an owner who acted or a running alarm (S10)."""
    case = chat.case
    if case is not None and not case.is_erased and not (case.owner_id and case.acted_at):
        assert f"alarm:{case.id}" in chat.timers


@given(women, steps)
def test_s1_to_s4_a_random_life_breaks_nothing_and_reaches_her_only_as_she_allows(her, life):
    live(mother(BOOK, participant=her), life)


@given(
    st.sampled_from(["Lesson:reading", "Lesson:asked", "Lesson:kept", "Lesson:practice", "Safety:stopped"]),
    women,
    steps,
)
def test_s1_to_s4_a_random_life_from_the_middle_of_a_lesson(state, her, life):
    live(mother(BOOK, state, participant=her), life)


@given(steps)
def test_a_random_life_of_a_stranger(life):
    chat = stranger(BOOK)
    chat.start(invitation())
    live(chat, life)


@given(steps, st.sampled_from([None, Role.MOTHER, Role.GROUP]))
def test_a_random_life_of_somebody_without_a_right_code(life, role):
    chat = stranger(BOOK)
    chat.play(Started("some-invented-code"), code=invitation(role, uses_left=0) if role else None)
    live(chat, life)
    assert chat.conversation.owner is Owner.STRANGER


def test_hours_are_kept_in_her_own_zone():
    for zone in ("Asia/Dushanbe", "Europe/Moscow", "Asia/Vladivostok"):
        chat = mother(BOOK, participant=participant(zone=zone))
        chat.play(ModuleOpened("m1"))
        for say in chat.pass_time(timedelta(days=20)):
            assert say.expires_at.astimezone(ZoneInfo(zone)).hour == 14
