"""Laws that hold in every state of a mother, by trying every state."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.cases import Category, Finding, Level, Outcome
from bot.core.conversation import NEW
from bot.core.effects import CancelSends, OpenCase, Purpose, Say, Stand, Unsay
from bot.core.events import (
    ActRecorded,
    AlarmDue,
    AnswerGiven,
    AnswerStale,
    BroadcastArrived,
    BroadcastCancelled,
    ButtonPressed,
    CaseCloseAsked,
    CaseHandedBack,
    CatchUpDue,
    CheckInDue,
    CommandGiven,
    CoverDue,
    FreezeAsked,
    LessonDue,
    MessageEdited,
    MessageReceived,
    ModuleOpened,
    NudgeDue,
    PauseEnded,
    PersonConfirmed,
    ReachChanged,
    ReadAsked,
    SendsFailed,
    Started,
    SweepDue,
    TakeAsked,
    TextUnplayed,
)
from bot.core.messages import LANGUAGES, Kind
from bot.core.teamwork import FollowUpBegun, FollowUpDue, GuidanceAsked, OpinionAsked, OpinionGiven
from bot.curriculum.neutral import is_neutral
from bot.flows.enlist import ENLIST
from bot.flows.interpret import EVERYWHERE
from bot.flows.tables import MOTHERS
from bot.orthography.commands import PHRASES
from tests.flows.chat import NOON, facilitator, mother, participant, roster, stranger

STATES = sorted(state.name for flow in MOTHERS if flow is not ENLIST for state in flow.states)
STRANGE = sorted(
    state for state in STATES if state.startswith(("Consent:", "Onboarding:new", "Onboarding:language", "Onboarding:c"))
)
UNSAID = {
    "ru": "полици насил муж ребён дет опасн замети тревож беспоко религ самоуб тайн секрет уйти уход заяв".split(),
    "tg": "полис зӯр шавҳар кӯдак фарзанд хатар пай бурд ташвиш хавотир дин худкуш сирр махфӣ ариза".split(),
}
URGENT = Finding(Level.URGENT, Category.DOMESTIC_VIOLENCE, 0.9, ("invented",), "rules-1")
TIMED = (
    LessonDue("1.1"), LessonDue("99.9"), CheckInDue("1.1"), CheckInDue("99.9"), NudgeDue(1), NudgeDue(2), PauseEnded(),
    CatchUpDue(), AlarmDue("case", 1), AlarmDue("case", 99), CoverDue("case", "m"), AnswerStale("case", "m"),
    SweepDue(), SweepDue("case"), ModuleOpened("m1"), ModuleOpened("m99"), TextUnplayed("inbox"),
    BroadcastArrived("b", "Салом.", "Здравствуйте.", NOON + timedelta(days=2)), BroadcastCancelled("b"),
)  # fmt: skip
POSTED = (
    TakeAsked("case", "facilitator-1"), ReadAsked("case", "facilitator-1"), AnswerGiven("case", "facilitator-1", "…"),
    ActRecorded("case", "facilitator-1", "…"), CaseHandedBack("case", "facilitator-1"),
    CaseCloseAsked("case", "facilitator-1", Outcome.HANDLED, "…", 7), OpinionAsked("case", "facilitator-1", "sarv"),
    OpinionGiven("case", "facilitator-1", "…"), GuidanceAsked("case", "facilitator-1"),
    FollowUpDue("1234", "facilitator-1"), FollowUpDue("1234", "gone"), FollowUpBegun("facilitator-1", "1234"),
    CaseHandedBack("case", "facilitator-1", "…", "facilitator-2"), SendsFailed("unknown", ("noticed",), "case"),
    FreezeAsked(is_frozen=True), FreezeAsked(is_frozen=False),
    PersonConfirmed("facilitator-1"), ReachChanged(is_reachable=False), ReachChanged(is_reachable=True),
    SendsFailed("expired", ("reply",)), SendsFailed("unreachable", ("push",)),
    SendsFailed("refused", ("answer",), "case", "m"),
)  # fmt: skip
NEVER_TAKEN = ("Каждый день варю плов на всю махаллю", "Ҳар рӯз барои ҳамсояҳо ош мепазам")


def in_every_state(book):
    """A chat in every state, of a participant, and of a stranger where a stranger can be."""
    for state in STATES:
        if state != NEW:
            yield mother(book, state)
    for state in STRANGE:
        chat = stranger(book)
        chat.conversation = replace(chat.conversation, state=state, data={"has_language": True}, language="ru")
        yield chat


def case_of(chat):
    """The same chat with an open case that somebody has taken."""
    chat.write("…", URGENT)
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    return chat


@pytest.mark.parametrize("kind", list(Kind))
def test_no_state_leaves_a_message_of_any_kind_unanswered(book, kind):
    for chat in in_every_state(book):
        text = NEVER_TAKEN[0] if kind is Kind.TEXT else ""
        assert chat.play(MessageReceived(text, kind, "hers-1")), f"{chat.state} says nothing to {kind}"
        assert all(chat.texts)


def test_no_state_leaves_forwarded_or_empty_messages_unanswered(book):
    for chat in in_every_state(book):
        for event in (
            MessageReceived("чужой текст", is_forwarded=True),
            MessageReceived("", Kind.VOICE, is_forwarded=True),
            MessageReceived(""),
            MessageReceived("🌸" * 4096),
            MessageReceived("1" * 500),
        ):
            assert chat.play(event), f"{chat.state} says nothing to {event.kind}"


def test_no_state_leaves_a_button_unanswered(book):
    every = set(
        "stale help hide menu start pause push.open push.later notice.later lines window:30 window:x case.now "
        "case.later hidden.open language:tg hours:99 days: lesson.repeat:99.9".split()
    )
    for choice in sorted(every):
        for chat in in_every_state(book):
            assert chat.press(choice), f"{chat.state} says nothing to {choice}"


def test_every_button_that_any_state_offers_leads_somewhere(book):
    for chat in in_every_state(book):
        chat.start()
        conversation, her = chat.conversation, chat.participant
        for choice in chat.choices:
            chat.conversation, chat.participant, chat.case = conversation, her, None
            assert chat.press(choice), f"{conversation.state} says nothing to {choice}"


@pytest.mark.parametrize("command", sorted(EVERYWHERE))
def test_no_state_leaves_a_command_unanswered(book, command):
    for chat in in_every_state(book):
        assert chat.play(CommandGiven(command)), f"{chat.state} says nothing to {command}"
    for chat in in_every_state(book):
        for phrase in PHRASES[command]:
            assert chat.write(phrase.removeprefix("=")), f"{chat.state} says nothing to {phrase}"


def test_a_press_of_last_month_shows_the_present_step_and_changes_nothing(book):
    for chat in in_every_state(book):
        state = chat.state
        assert chat.play(ButtonPressed("consent.yes", chat.conversation.version - 1))
        assert chat.state == state


def test_s3_stop_acts_in_every_state_and_holds_until_start(book):
    for chat in in_every_state(book):
        chat.timers["lesson"] = (NOON, LessonDue("1.1"))
        chat.write("стоп")
        assert chat.asked(CancelSends) == [CancelSends()]
        assert "lesson" not in chat.timers
        assert chat.state == "Safety:stopped"
        if chat.participant:
            assert chat.participant.stopped_at == chat.now
            chat.write("Добрый день")
            assert chat.participant.stopped_at
            assert not [say for say in chat.pass_time(timedelta(days=30)) if say.purpose is Purpose.PUSH]
        chat.write("начать")
        assert chat.state != "Safety:stopped"
        assert chat.participant is None or chat.participant.stopped_at is None


def test_s3_hide_acts_in_every_state_and_nothing_follows_until_she_opens(book):
    for chat in in_every_state(book):
        before = chat.state
        texts = chat.write("пинҳон")
        assert Unsay(everything=True) in chat.effects
        assert len(texts) == 1
        assert is_neutral(texts[0])
        assert chat.state == "Safety:hidden"
        assert is_neutral(chat.write("кто это пишет")[0])
        assert chat.state == "Safety:hidden"
        assert not [say for say in chat.pass_time(timedelta(days=30)) if say.purpose is Purpose.PUSH]
        for choice in ("menu", "pause", "case.now", "lines", "window:30", "push.later", "stale"):
            assert is_neutral(chat.press(choice)[0])
            assert chat.state == "Safety:hidden"
        chat.press("hidden.open")
        assert chat.state in {before, "Menu:open", "Onboarding:language"}
        assert chat.participant is None or chat.participant.hidden_at is None


def test_s3_pause_acts_as_a_word_and_ends_by_itself(book):
    for state in STATES:
        if state in {NEW, "Safety:hidden"}:
            continue
        chat = mother(book, state)
        chat.write("пауза")
        assert chat.state == "Safety:pause"
        chat.press("pause.days:7")
        assert chat.participant.paused_until == chat.now + timedelta(days=7)
        assert not [say for say in chat.pass_time(timedelta(days=7, minutes=-1)) if say.purpose is Purpose.PUSH]
        chat.pass_time(timedelta(minutes=1))
        assert chat.participant.paused_until is None


def test_s3_hide_stop_and_withdrawing_never_close_or_lower_a_case(book):
    for word in ("пинҳон", "стоп", "пауза"):
        for state in ("Menu:open", "Lesson:reading", "Safety:stopped"):
            chat = case_of(mother(book, state))
            level, alarm = chat.case.level, f"alarm:{chat.case.id}"
            chat.write(word)
            chat.play(MessageEdited("ничего", "hers-0"))
            assert chat.case.level is level
            assert alarm in chat.timers


@pytest.mark.parametrize("text", ["хватит, он меня бьёт", "ҳа, маро мезанад"])
def test_s7_a_finding_opens_a_case_in_every_state_and_counts_as_nothing_else(book, text):
    for chat in in_every_state(book):
        state = chat.state
        chat.write(text, URGENT)
        (opened,) = chat.asked(OpenCase)
        assert opened.finding.level is Level.URGENT
        assert chat.state == state, "it is no stop, no yes and no answer to a lesson"
        assert not chat.asked(Stand)
        assert chat.case.messages[0].body == text


def test_s7_an_edit_is_screened_in_every_state(book):
    for chat in in_every_state(book):
        chat.play(MessageEdited("он меня бьёт", "hers-1"), URGENT)
        assert chat.case.messages[0].is_edit


def test_s7_stopped_paused_hidden_and_frozen_mothers_are_heard(book):
    for how in ("stopped_at", "hidden_at", "paused_until", "frozen_at", "unreachable_at"):
        chat = mother(book, participant=participant(**{how: NOON + timedelta(days=1)}))
        chat.write("он меня бьёт", URGENT)
        assert chat.case is not None
        assert chat.posts()


def test_s3_nothing_goes_to_a_frozen_mother_whatever_she_does(book):
    for state in STATES:
        for event in (
            MessageReceived("салом"),
            MessageReceived("помощь"),
            CommandGiven("menu"),
            Started(),
            *TIMED,
            *POSTED,
        ):
            if isinstance(event, FreezeAsked):
                continue
            chat = mother(book, state, participant=participant(frozen_at=NOON))
            chat.play(event)
            assert not chat.says, f"{event} in {state}"


def test_s5_there_is_one_answer_for_every_category_level_and_cry_for_help(book):
    for language in LANGUAGES:
        texts = {mother(book, language=language).write("кӯмак")[0], mother(book, language=language).press("help")[0]}
        for category in Category:
            for level in (Level.CONCERN, Level.URGENT):
                chat = mother(book, language=language)
                chat.write("…", Finding(level, category))
                texts |= set(chat.texts)
                assert {"lines", "notice.later", "window:30", "window:120"} <= set(chat.choices)
        assert len(texts) == 1
        text = texts.pop().lower()
        assert not [word for word in UNSAID[language] if word in text]


def test_s5_only_the_promised_time_differs_and_it_is_that_of_the_duty_hours(book):
    now = mother(book).write("помощь")[0]
    later = mother(book, roster=roster(facilitator(duty=(participant().hours,))))
    later.now = NOON + timedelta(hours=5)
    assert "12:00" in later.write("помощь")[0]
    assert later.texts[0] != now
    nobody = mother(book, roster=roster(facilitator(duty=())))
    assert "на месте" in nobody.write("помощь")[0]


@pytest.mark.parametrize("event", [*TIMED, *POSTED], ids=repr)
def test_every_timed_or_posted_event_plays_in_every_state_with_a_case_and_without(book, event):
    for chat in in_every_state(book):
        chat.play(event)
        held = case_of(mother(book, chat.state if chat.participant else "Menu:open"))
        held.play(replace(event, case_id=held.case.id) if hasattr(event, "case_id") else event)


def test_help_and_hide_are_buttons_under_every_step(book):
    for chat in in_every_state(book):
        if chat.state == "Safety:hidden":
            continue
        chat.start()
        assert {"help", "hide"} <= set(chat.choices), chat.state


def test_every_neutral_line_is_neutral_and_says_say(book):
    for language in LANGUAGES:
        for key in (
            "Your page is here. Open it whenever you like.",
            "There is nothing new.",
            "Received.",
            "All right. It stays here until you open it.",
        ):
            assert is_neutral(book.engine.library.texts.say(language, key))
        for lesson in book.engine.library.curriculum.lessons():
            assert is_neutral(lesson.push.in_language(language))


def test_buttons_are_short_and_choices_fit_a_channel(book):
    for language in LANGUAGES:
        for chat in in_every_state(book):
            chat.conversation = replace(chat.conversation, language=language)
            chat.start()
            for say in (effect for effect in chat.effects if isinstance(effect, Say)):
                for row in say.outgoing.rows:
                    assert len(row) <= 8
                    for button in row:
                        assert len(button.choice.encode("ascii")) <= 40
                        assert len(button.label) <= 20 or button.choice.startswith("lesson.repeat"), button.label
                assert len(say.outgoing.text) <= 4096
