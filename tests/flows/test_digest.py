"""What mothers chose to share, and when nothing comes from them any more."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest

from bot.core.calendar import Hours
from bot.core.conversation import SharedReflection
from bot.core.effects import Audit, Purpose, Say, Schedule, ShareReflection, Unsay
from bot.core.events import CheckInDue, DeskAlarmed, SweepDue
from bot.core.people import Away
from bot.core.teamwork import ConflictNamed, DigestDue, ReflectionsAsked, ReflectionsGone, ReflectionShared, SilenceDue
from tests.flows.chat import NOON, coordinator, invitation, mother, participant, roster, stranger
from tests.flows.chat import facilitator as member
from tests.flows.desk_world import NOW, Chat, facilitator, id_of
from tests.flows.test_case import URGENT, WORDS, taken
from tests.flows.test_onboarding import TO_JOIN, press_all

ZARA = facilitator("zara", duty=(Hours(time(13), time(17)),))
WEEKS = timedelta(days=14)


def shared(name, hours, text="сухани ихтироӣ", **changes):
    at = NOW - timedelta(days=1) + timedelta(hours=hours)
    return replace(SharedReflection(id_of(name), id_of("olma"), "chat-olma", "Себ 7", "1.1", text, at, at), **changes)


def at_nine(day):
    return datetime.fromisoformat(f"2026-11-{day}T09:00:00+05:00")


# ---- hers


def test_s20_what_she_shares_is_told_to_her_facilitators_without_a_word(book):
    people = roster(member(), member("elsewhere", cohorts=frozenset({"other"})), coordinator())
    chat = mother(book, "Lesson:asked", roster=people)
    chat.write("Тихие слова")
    assert not chat.posts(ReflectionShared)
    chat.press("answer.yes")
    assert chat.asked(ShareReflection)
    assert [(post.event, post.to) for post in chat.posts(ReflectionShared)] == [
        (ReflectionShared(), "chat-facilitator-1")
    ]


def test_s20_what_she_keeps_for_herself_is_told_to_nobody(book):
    chat = mother(book, "Lesson:asked")
    chat.write("Тихие слова")
    chat.press("answer.no")
    assert not chat.posts()


@pytest.mark.parametrize("has_shared", [True, False])
def test_s22_what_she_shared_leaves_their_chats_when_she_is_erased(book, has_shared):
    chat = mother(book, "Lesson:asked")
    chat.write("Тихие слова")
    chat.press("answer.yes" if has_shared else "answer.no")
    chat.write("забыть меня")
    chat.press("forget.yes")
    told = {post.to for post in chat.posts(ReflectionsGone)}
    assert told == ({"chat-facilitator-1", "chat-facilitator-2"} if has_shared else set())


# ---- the facilitator's


def test_a_digest_comes_once_a_day_in_duty_hours_and_counts_only():
    chat = Chat.of(ZARA)
    chat.play(ReflectionShared())
    (timer,) = chat.asked(Schedule)
    assert (timer.key, timer.event) == ("digest", DigestDue())
    assert timer.due_at == at_nine(24).replace(hour=13), "the next day, when her shift begins"
    chat.play(ReflectionShared())
    assert not chat.last, "one digest for all of a day"
    chat.play(DigestDue())
    assert chat.choices == ["menu.shared"]
    assert "прочесть: 2" in chat.said
    chat.play(DigestDue(), staff=replace(ZARA, away=Away(NOW.date(), NOW.date())))
    assert not chat.said
    assert chat.asked(Schedule)


def test_what_was_read_meanwhile_makes_no_digest():
    chat = Chat.of(ZARA)
    chat.play(ReflectionShared())
    chat.play(ReflectionsAsked(), reflections=(shared("a", 1),))
    chat.play(DigestDue())
    assert not chat.last


def test_s20_shared_answers_are_read_in_order_of_time_each_with_a_row_of_the_audit():
    chat = Chat.of(ZARA)
    chat.press("menu.shared")
    assert [(post.event, post.to) for post in chat.posts] == [(ReflectionsAsked(), ZARA.conversation_id)]
    later = shared("b", 2, "дуюм", shared_at=NOW - timedelta(hours=3))
    chat.play(ReflectionsAsked(), reflections=(later, shared("a", 1, "аввал", shared_at=NOW - timedelta(hours=2))))
    assert chat.said.index("аввал") < chat.said.index("дуюм")
    assert chat.asked(Audit) == [Audit("read_shared", ZARA.id, id_of("olma"))] * 2
    texts = [say for say in chat.asked(Say) if say.ref]
    assert {(say.purpose, say.tag) for say in texts} == {(Purpose.CASE_TEXT, "shared:chat-olma")}
    assert all(say.expires_at == NOW + timedelta(hours=47) for say in texts)


def test_what_was_read_is_not_shown_anew_but_may_be_looked_at_once_more():
    chat = Chat.of(ZARA)
    chat.knows(reflections=(shared("a", 1, "аввал"),))
    chat.play(ReflectionsAsked())
    chat.play(ReflectionsAsked())
    assert "аввал" not in chat.said
    assert chat.choices == ["shared.again"]
    chat.press("shared.again")
    assert chat.posts[0].event == ReflectionsAsked(is_again=True)
    chat.play(ReflectionsAsked(is_again=True), reflections=(shared("old", -24 * 14, "кӯҳна"), shared("a", 1, "аввал")))
    assert "аввал" in chat.said
    assert "кӯҳна" not in chat.said


def test_an_answer_shared_late_is_not_lost_and_many_come_in_parts():
    chat = Chat.of(ZARA)
    many = tuple(shared(f"n{n:02}", n / 10, f"ҷавоби {n:02}.") for n in range(20))
    chat.play(ReflectionsAsked(), reflections=many)
    assert chat.choices == ["menu.shared"]
    late = shared("late", -40, "дер", shared_at=NOW)
    seen = chat.said
    chat.play(ReflectionsAsked(), reflections=(*many, late))
    assert "дер" in chat.said
    for n in range(20):
        assert (seen + chat.said).count(f"ҷавоби {n:02}.") == 1


def test_s12_shared_answers_leave_the_chat_after_two_days_or_with_her():
    chat = Chat.of(ZARA)
    chat.play(ReflectionsAsked(), reflections=(shared("a", 1),))
    (timer,) = [effect for effect in chat.asked(Schedule) if isinstance(effect.event, SweepDue)]
    assert timer.due_at == NOW + timedelta(hours=47)
    chat.play(timer.event)
    assert chat.last == (Unsay(tag="shared:chat-olma"),)
    chat.play(ReflectionsGone("chat-olma"))
    assert chat.last == (Unsay(tag="shared:chat-olma"),)


@pytest.mark.parametrize("is_hers", [True, False])
def test_s12_what_a_relative_read_before_she_was_kept_apart_leaves_her_chat(is_hers):
    chat = Chat.of(ZARA)
    chat.play(ReflectionsAsked(), reflections=(shared("a", 1),))
    chat.play(ConflictNamed("chat-olma" if is_hers else "chat-anor", is_apart=True, by=id_of("nigora")))
    assert (Unsay(tag="shared:chat-olma") in chat.last) is is_hers


def test_s14_nobody_but_a_facilitator_reads_what_was_shared():
    for person in (replace(ZARA, is_confirmed=False), replace(ZARA, roles=frozenset())):
        chat = Chat.of(person)
        chat.press("menu.shared")
        assert not chat.posts
        chat.play(ReflectionsAsked(), reflections=(shared("a", 1, "аввал"),))
        assert "аввал" not in chat.said


# ---- silence


def silent_lines(chat):
    posts = [effect for effect in chat.log if isinstance(getattr(effect, "event", None), DeskAlarmed)]
    return [(post.event.what, post.to) for post in posts]


def test_two_weeks_without_a_sign_are_a_task_for_a_person_once_and_never_a_message(book):
    chat = mother(book, participant=participant(hours=None, opened=()))
    chat.write("Салом")
    assert chat.timers["silence"][1] == SilenceDue()
    chat.pass_time(timedelta(days=10))
    chat.write("Салом")
    chat.log.clear()
    assert not chat.pass_time(WEEKS - timedelta(hours=1))
    assert not silent_lines(chat)
    assert not chat.pass_time(timedelta(days=2))
    assert silent_lines(chat) == [("silent", "chat-facilitator-1"), ("silent", "chat-facilitator-2")]
    assert not chat.pass_time(timedelta(days=60))
    assert len(silent_lines(chat)) == 2, "once for a silence, not every day"
    chat.write("Салом")
    chat.pass_time(timedelta(days=16))
    assert len(silent_lines(chat)) == 4, "a new silence is a new task"


def test_reminders_and_the_two_weeks_tell_of_one_silence_once(book):
    chat = mother(book)
    chat.press("lesson.next")
    chat.pass_time(timedelta(days=40))
    assert [what for what, _ in silent_lines(chat)] == ["silent", "silent"], "two facilitators, one line each"


@pytest.mark.parametrize("how", ["stopped_at", "frozen_at", "unreachable_at"])
def test_whoever_stopped_or_cannot_be_reached_is_not_told_of_as_silent(book, how):
    chat = mother(book, participant=participant(opened=()))
    chat.write("Салом")
    chat.participant = replace(chat.participant, **{how: NOON})
    chat.pass_time(timedelta(days=40))
    assert not silent_lines(chat)


def test_rest_that_she_asked_for_is_no_silence(book):
    chat = mother(book, participant=participant(opened=()))
    chat.write("Салом")
    chat.participant = replace(chat.participant, paused_until=NOON + timedelta(days=30))
    chat.pass_time(timedelta(days=29))
    assert not silent_lines(chat)
    chat.participant = replace(chat.participant, paused_until=None)
    chat.pass_time(timedelta(days=20))
    assert [what for what, _ in silent_lines(chat)] == ["silent"] * 2


def test_a_silence_in_an_open_case_is_told_to_whoever_has_it(book):
    chat = taken(book)
    chat.log.clear()
    chat.play(SilenceDue())
    chat.now += timedelta(days=20)
    chat.play(SilenceDue())
    assert [(what, to) for what, to in silent_lines(chat) if what == "silent"] == [("silent", "chat-facilitator-1")]


@pytest.mark.parametrize(("is_open", "is_answered"), [(True, False), (True, True), (False, False)])
def test_a_missing_check_in_is_a_task_only_in_an_open_case(book, is_open, is_answered):
    chat = mother(book)
    chat.conversation = replace(chat.conversation, data={"check_in": {"lesson": "1.1", "from": NOON.isoformat()}})
    if is_open:
        chat.write(WORDS, URGENT)
    chat.play(CheckInDue("1.1"))
    assert "quiet" in chat.timers
    if is_answered:
        chat.conversation = replace(chat.conversation, data={})
    chat.log.clear()
    chat.pass_time(timedelta(days=3))
    told = [(what, to) for what, to in silent_lines(chat) if what == "no_check_in"]
    assert bool(told) is (is_open and not is_answered)
    if told:
        assert {post.event.number for post in chat.log if getattr(post, "event", None).__class__ is DeskAlarmed} == {
            chat.case.number
        }


def test_one_who_joins_and_then_does_nothing_is_noticed_too(book):
    chat = stranger(book)
    chat.start(invitation())
    press_all(chat, TO_JOIN)
    assert chat.participant is not None
    assert chat.timers["silence"][1] == SilenceDue()
