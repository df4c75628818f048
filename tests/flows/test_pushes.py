"""What goes to her unprompted: in her hours, within the budget, the more important first, and one catch-up."""

from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.calendar import Hours
from bot.core.cases import Finding, Level
from bot.core.effects import CancelSends, CountPush, Purpose, Say, Schedule, SettleRecipient
from bot.core.events import (
    BroadcastArrived,
    BroadcastCancelled,
    CatchUpDue,
    CheckInDue,
    DeskAlarmed,
    LessonDue,
    ModuleOpened,
    NudgeDue,
)
from bot.core.people import Shared
from bot.core.teamwork import FollowUpBegun
from bot.flows.book import Book
from tests.flows.chat import MIDDAY, NOON, mother, participant

ZONE = ZoneInfo("Asia/Dushanbe")
EVENING = NOON + timedelta(hours=9)


def broadcast():
    return BroadcastArrived(
        "b1", "Салом. Вохӯрӣ рӯзи шанбе.", "Здравствуйте. Встреча в субботу.", NOON + timedelta(days=3)
    )


def test_an_opened_module_is_announced_in_her_hours_by_a_neutral_line(book):
    chat = mother(book)
    chat.now = EVENING
    chat.play(ModuleOpened("m1"))
    assert not chat.says
    (line,) = chat.pass_time(timedelta(days=1))
    assert line.outgoing.text == book.engine.library.curriculum.lesson("1.1").push.ru
    assert MIDDAY.contains(chat.timers["nudge"][0] - timedelta(hours=48), ZONE)
    assert [button.choice for button in line.outgoing.rows[0]] == ["push.open", "push.later"]
    assert line.expires_at.astimezone(ZONE).hour == 14
    chat.press("push.open")
    assert chat.state == "Lesson:reading"


@pytest.mark.parametrize(
    "event", [ModuleOpened("m1"), LessonDue("1.1"), CheckInDue("1.1"), NudgeDue(1), CatchUpDue()], ids=repr
)
def test_s2_without_hours_nothing_is_pushed_at_all(book, event):
    chat = mother(book, participant=participant(hours=None))
    chat.play(event)
    assert not chat.says
    assert not [say for say in chat.pass_time(timedelta(days=30)) if say.purpose is Purpose.PUSH]


@pytest.mark.parametrize("how", ["stopped_at", "hidden_at", "paused_until", "frozen_at", "unreachable_at"])
def test_s3_nothing_is_pushed_to_one_who_wants_or_needs_silence(book, how):
    chat = mother(book, participant=participant(**{how: NOON + timedelta(days=9)}))
    for event in (LessonDue("1.1"), CheckInDue("1.1"), NudgeDue(1), CatchUpDue()):
        chat.play(event)
        assert not chat.says


def test_at_most_one_push_a_day_and_four_a_week(book):
    chat = mother(book, participant=participant(opened=("m1", "m2", "m3")))
    for day in range(30):
        for event in (LessonDue("1.1"), CheckInDue("1.1"), CatchUpDue()):
            chat.play(event)
        chat.pass_time(timedelta(days=1))
        del day
    pushes = [effect.at for effect in chat.log if isinstance(effect, CountPush)]
    assert len(pushes) > 10
    for at in pushes:
        week = [push for push in pushes if at - timedelta(days=7) < push <= at]
        assert len(week) <= 4
        assert len({push.astimezone(ZONE).date() for push in week}) == len(week)


def test_in_the_middle_of_something_a_new_page_is_deferred_in_the_same_commit(book):
    chat = mother(book, "Lesson:reading", participant=participant(finished=frozenset()))
    chat.play(LessonDue("1.2"))
    assert not chat.says
    (schedule,) = chat.asked(Schedule)
    assert schedule.event == LessonDue("1.2")
    assert schedule.due_at > chat.now


def test_a_nudge_gives_way_to_a_lesson_of_the_same_day(book):
    chat = mother(book, data={"due": {"lesson": (NOON + timedelta(minutes=30)).isoformat()}})
    chat.conversation = type(chat.conversation)(
        "chat-hers", chat.conversation.owner, "participant-1", "Menu:open", chat.conversation.data, "ru", 0, None,
        NOON - timedelta(days=5),
    )  # fmt: skip
    chat.play(NudgeDue(1))
    assert not chat.says
    assert chat.timers["nudge"][0].astimezone(ZONE).day == 24


def test_a_page_that_needed_no_line_holds_no_nudge_and_no_broadcast_back(book):
    chat = mother(book, participant=participant(opened=("m1", "m2")))
    chat.play(ModuleOpened("m1"))
    chat.press("lesson.next")
    chat.now += timedelta(hours=20)
    chat.play(ModuleOpened("m2"))
    assert "lesson" in chat.timers
    at, _ = chat.timers["lesson"]
    chat.timers["lesson"] = (at, LessonDue("1.1"))  # she is in it already: nothing need be said
    said = chat.pass_time(timedelta(days=30))
    assert len(said) == 2, "both nudges"
    assert not chat.conversation.data.get("due")


def test_two_nudges_at_most_then_silence_and_a_line_for_her_facilitators(book):
    chat = mother(book)
    chat.press("lesson.next")
    said = chat.pass_time(timedelta(days=60))
    assert len(said) == 2
    told = [effect.event.what for effect in chat.log if isinstance(getattr(effect, "event", None), DeskAlarmed)]
    assert told == ["silent", "silent"], "one line for each of her facilitators"
    assert "nudge" not in chat.timers


def test_who_writes_again_is_not_nudged(book):
    chat = mother(book)
    chat.press("lesson.next")
    for _ in range(10):
        assert not chat.pass_time(timedelta(days=1))
        chat.press("menu")


def test_after_a_long_outage_one_line_catches_up(book):
    chat = mother(book)
    chat.timers = {
        "lesson": (NOON - timedelta(days=9), LessonDue("1.1")),
        "check_in": (NOON - timedelta(days=8), CheckInDue("1.1")),
        "catch_up": (NOON - timedelta(days=1), CatchUpDue()),
        "nudge": (NOON - timedelta(days=7), NudgeDue(1)),
    }
    assert len(chat.pass_time(timedelta(hours=1))) == 1


def test_s4_a_broadcast_goes_in_her_hours_once_and_counts(book):
    chat = mother(book)
    chat.now = EVENING
    chat.play(broadcast())
    assert chat.asked(SettleRecipient) == [SettleRecipient("b1", "waiting")]
    (say,) = chat.pass_time(timedelta(days=1))
    assert say.outgoing.text == "Здравствуйте. Встреча в субботу."
    assert (say.purpose, say.broadcast_id) == (Purpose.BROADCAST, "b1")
    assert say.dedupe == "broadcast:b1:participant-1"
    assert chat.asked(CountPush)


def test_s2_on_a_shared_phone_a_broadcast_is_a_neutral_line_and_its_text_follows_open(book):
    chat = mother(book, participant=participant(phone_shared=Shared.YES))
    (line,) = chat.play(broadcast())
    assert "Встреча" not in line
    assert chat.press("push.open") == ["Здравствуйте. Встреча в субботу."]


@pytest.mark.parametrize(("hours_left", "reach", "is_line"), [(1, 250, True), (3, 250, False), (1, 0, False)])
def test_a_broadcast_that_may_leave_after_her_day_of_free_words_is_the_line_of_the_template(
    book, hours_left, reach, is_line
):
    library = book.engine.library
    chat = mother(Book(library.curriculum, library.texts, replace(book.policy, silent_reach=reach)))
    chat.free_until = NOON + timedelta(hours=hours_left)
    assert ("Встреча" not in chat.play(broadcast())[0]) is is_line
    assert [say.tag for say in chat.asked(Say)] == [""], "she was not counted as silent"
    if is_line:
        assert chat.press("push.open") == ["Здравствуйте. Встреча в субботу."]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"stopped_at": NOON}, "stopped"),
        ({"hidden_at": NOON}, "hidden"),
        ({"frozen_at": NOON}, "frozen"),
        ({"paused_until": NOON + timedelta(days=2)}, "paused"),
        ({"unreachable_at": NOON}, "unreachable"),
        ({"is_confirmed": False}, "unconfirmed"),
    ],
)
def test_s4_a_broadcast_leaves_out_who_must_be_left_out_and_says_why(book, changes, reason):
    chat = mother(book, participant=participant(**changes))
    chat.play(broadcast())
    assert not chat.says
    assert chat.asked(SettleRecipient) == [SettleRecipient("b1", "left_out", reason)]


def test_s4_a_broadcast_leaves_out_a_mother_with_an_open_case(book):
    chat = mother(book)
    chat.write("…", Finding(Level.CONCERN))
    chat.play(broadcast())
    assert not chat.says
    assert chat.asked(SettleRecipient)[0].reason == "case"


def test_a_broadcast_that_does_not_fit_before_it_expires_goes_by_itself_to_nobody(book):
    chat = mother(book, participant=participant(hours=Hours(time(12), time(14), frozenset({6}))))
    chat.play(broadcast())
    assert chat.asked(SettleRecipient) == [SettleRecipient("b1", "waiting")]
    assert not chat.pass_time(timedelta(days=9))
    chat.play(broadcast())
    assert chat.asked(SettleRecipient) == [SettleRecipient("b1", "left_out", "late")]


def test_a_cancelled_broadcast_neither_goes_nor_opens(book):
    chat = mother(book)
    chat.now = EVENING
    chat.play(broadcast())
    chat.play(BroadcastCancelled("b1"))
    assert chat.asked(CancelSends)[0].broadcast_id == "b1"
    assert not chat.pass_time(timedelta(days=4))


def test_later_says_a_neutral_word_and_nothing_follows(book):
    chat = mother(book)
    chat.play(LessonDue("1.1"))
    assert len(chat.press("push.later")) == 1
    assert chat.state == "Menu:open"


def test_who_comes_back_from_stop_hears_of_her_page_again(book):
    chat = mother(book)
    chat.write("стоп")
    assert not chat.pass_time(timedelta(days=10))
    chat.write("начать")
    assert chat.pass_time(timedelta(days=2))


def test_who_stops_while_a_broadcast_waits_is_left_out_of_it(book):
    chat = mother(book)
    chat.now = EVENING
    chat.play(broadcast())
    chat.write("стоп")
    assert chat.asked(SettleRecipient) == [SettleRecipient("b1", "left_out", "stopped")]


def test_a_broadcast_opened_too_late_shows_her_page_instead(book):
    chat = mother(book, participant=participant(phone_shared=Shared.YES))
    chat.play(broadcast())
    chat.now += timedelta(days=4)
    assert "Встреча" not in " ".join(chat.press("push.open"))
    assert chat.state == "Lesson:reading"


def test_s4_a_broadcast_on_its_way_does_not_come_when_somebody_begins_to_look_how_she_is(book):
    chat = mother(book)
    chat.play(FollowUpBegun("facilitator-1", "1234", chat.participant.code_name))
    assert chat.case is not None
    assert chat.asked(CancelSends) == [CancelSends((Purpose.BROADCAST,))]
