"""A broadcast for which no day is free comes with what she opens herself: once, and never near a case (S1, S2, S4)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.cases import Finding, Level, Outcome
from bot.core.conversation import SHOWN
from bot.core.effects import CloseCase, CountPush, Purpose, SettleRecipient
from bot.core.events import (
    BroadcastArrived,
    BroadcastCancelled,
    ButtonPressed,
    CommandGiven,
    FreezeAsked,
    MessageEdited,
    MessageReceived,
    Started,
)
from bot.core.messages import Lane
from bot.core.people import Shared
from bot.flows.broadcasting import LASTS
from tests.flows.chat import NOON, mother, participant

TEXTS = {"tg": "Салом. Вохӯрӣ рӯзи шанбе.", "ru": "Здравствуйте. Встреча в субботу."}
TEXT = TEXTS["ru"]
BUSY = (NOON - timedelta(hours=1),)
"""She had her line of this day already, so no day is free within the broadcast's life."""
WORRY = Finding(Level.CONCERN)


def arrived(name="b1", hours=24):
    return BroadcastArrived(name, TEXTS["tg"], TEXTS["ru"], NOON + timedelta(hours=hours))


def waiting(book, state="Menu:open", *events, changes=None, **how):
    """A mother for whom a broadcast waits: her day is taken, and it is over before the next one is free."""
    chat = mother(book, state, participant=participant(pushes=BUSY, **(changes or {})), **how)
    for event in events or (arrived(),):
        assert not chat.play(event)
    return chat


def shown(chat):
    return [say for say in chat.says if say.purpose is Purpose.BROADCAST]


def ever(chat):
    return [say for say in chat.log if getattr(say, "purpose", None) is Purpose.BROADCAST]


# ---- she opens something


@pytest.mark.parametrize("language", ["tg", "ru"])
def test_s4_what_waits_for_a_free_day_comes_before_what_she_opens_once_and_is_no_push(book, language):
    chat = waiting(book, language=language)
    assert chat.asked(SettleRecipient) == [SettleRecipient("b1", "waiting")]
    texts = chat.write("меню")
    assert texts[0] == TEXTS[language]
    assert texts[1:] == mother(book, language=language).write("меню")
    assert not chat.asked(CountPush)
    chat.write("меню")
    assert len(ever(chat)) == 1
    assert not [say for say in chat.pass_time(timedelta(days=9)) if say.purpose is Purpose.BROADCAST]


@pytest.mark.parametrize("changes", [{}, {"hours": None}])
def test_one_who_opens_something_every_second_day_sees_it(book, changes):
    chat = waiting(book, "Menu:open", arrived(hours=LASTS // timedelta(hours=1)), changes=changes)
    seen = chat.pass_time(timedelta(hours=47))
    chat.write("меню")
    assert len(ever(chat)) == 1
    assert bool(seen) is not changes, "by itself on the day that is free, else with what she opens"


def test_s1_it_goes_as_part_of_the_reply_and_expires_with_it_and_with_its_own_end(book):
    chat = waiting(book)
    chat.write("меню")
    (say,) = shown(chat)
    assert (say.lane, say.tag, say.broadcast_id) == (Lane.REPLY, SHOWN, "b1")
    assert say.dedupe == "broadcast:b1:participant-1"
    assert say.expires_at == NOON + timedelta(minutes=10)
    chat = waiting(book)
    chat.now = NOON + timedelta(hours=23, minutes=58)
    chat.write("меню")
    assert shown(chat)[0].expires_at == NOON + timedelta(hours=24)


OPENING = {
    "the line of a page": ("Menu:open", ButtonPressed("push.open", None)),
    "the next page": ("Menu:open", ButtonPressed("lesson.next", 0)),
    "the next card": ("Lesson:reading", ButtonPressed("lesson.next_card", 0)),
    "an old button": ("Menu:open", ButtonPressed("lesson.next", 99)),
    "start": ("Menu:open", Started("")),
    "the word start": ("Menu:open", MessageReceived("начать")),
    "the menu": ("Lesson:asked", CommandGiven("menu")),
    "what she has read": ("Menu:open", ButtonPressed("menu.finished", 0)),
    "a greeting": ("Menu:open", MessageReceived("ассалому алайкум")),
}


@pytest.mark.parametrize(("state", "act"), OPENING.values(), ids=OPENING)
@pytest.mark.parametrize("shared", list(Shared))
def test_s2_whatever_she_opens_of_ours_brings_it_on_every_phone(book, state, act, shared):
    chat = waiting(book, state, changes={"phone_shared": shared, "finished": frozenset({"1.1"})})
    assert chat.play(act)[0] == TEXT
    assert len(chat.texts) > 1


NOT_NOW = {
    "words of her own": ("Menu:open", MessageReceived("выдуманные слова")),
    "her answer to a page": ("Lesson:asked", MessageReceived("выдуманный ответ")),
    "a greeting as an answer": ("Lesson:asked", MessageReceived("салом")),
    "a forwarded greeting": ("Menu:open", MessageReceived("салом", is_forwarded=True)),
    "help": ("Menu:open", MessageReceived("помощь")),
    "the button of help": ("Menu:open", ButtonPressed("help", None)),
    "stop": ("Menu:open", MessageReceived("стоп")),
    "hide": ("Menu:open", ButtonPressed("hide", None)),
    "pause": ("Menu:open", ButtonPressed("pause", None)),
    "later": ("Menu:open", ButtonPressed("push.later", None)),
    "settings": ("Menu:open", ButtonPressed("settings", 0)),
    "forget me": ("Menu:open", MessageReceived("забудь меня")),
    "a changed message": ("Menu:open", MessageEdited("меню", "hers-1")),
    "harder at home": ("Harm:asking", ButtonPressed("harm.told:home", 0)),
}


@pytest.mark.parametrize(("state", "act"), NOT_NOW.values(), ids=NOT_NOW)
def test_s3_s5_it_is_never_beside_words_of_hers_nor_beside_help_quiet_or_the_question_of_harm(book, state, act):
    chat = waiting(book, state)
    chat.play(act)
    assert not shown(chat)


def test_s5_neither_a_worrying_message_nor_what_follows_it_brings_it(book):
    chat = waiting(book)
    assert TEXT not in chat.write("меню", WORRY)
    assert chat.asked(SettleRecipient) == [SettleRecipient("b1", "left_out", "case")]
    for word in ("меню", "начать", "салом"):
        chat.write(word)
    chat.case = None
    chat.effects = (CloseCase("case", Outcome.HANDLED, "", ""),)
    chat.now += timedelta(hours=1)
    chat.write("меню")
    assert not ever(chat)


def test_s5_one_that_arrives_just_after_a_case_was_closed_waits_until_that_exchange_is_over(book):
    chat = waiting(book)
    chat.write("выдуманные слова", WORRY)
    chat.case = None
    assert not chat.play(arrived("b2"))
    assert TEXT not in chat.write("меню")
    chat.now += timedelta(minutes=11)
    assert chat.write("меню")[0] == TEXT


def test_s1_an_act_that_comes_late_brings_it_no_more_than_a_text(book):
    chat = waiting(book)
    chat.behind = timedelta(minutes=11)
    chat.press("menu")
    assert not shown(chat)
    chat.behind = timedelta()
    chat.press("menu")
    assert len(shown(chat)) == 1


def test_an_act_that_only_repeats_the_one_before_is_not_answered_by_it_alone(book):
    chat = waiting(book)
    chat.halted = frozenset({"b1"})
    chat.play(ButtonPressed("menu", None))
    chat.halted = frozenset()
    assert not chat.play(ButtonPressed("menu", None))


def test_what_she_changes_calls_back_all_that_waits_so_it_comes_with_the_next_thing(book):
    chat = waiting(book, "Preferences:hours")
    chat.press("hours:9")
    assert chat.state == "Menu:open"
    assert not ever(chat)
    assert chat.press("lesson.next")[0] == TEXT


def test_later_holds_until_she_comes_back_by_herself(book):
    chat = waiting(book)
    chat.press("push.later")
    assert not shown(chat)
    chat.now += timedelta(minutes=1)
    assert chat.press("push.open")[0] == TEXT


# ---- S4 at that moment


@pytest.mark.parametrize(
    "changes",
    [
        {"stopped_at": NOON},
        {"hidden_at": NOON},
        {"frozen_at": NOON},
        {"paused_until": NOON + timedelta(days=2)},
        {"is_confirmed": False},
        {"withheld_at": NOON},
        {"is_cohort_withheld": True},
    ],
    ids=str,
)
def test_s4_it_is_not_shown_to_one_who_is_left_out_at_that_moment(book, changes):
    chat = waiting(book)
    chat.participant = replace(chat.participant, **changes)
    opens = [] if "hidden_at" in changes else [ButtonPressed("push.open", None)]  # by it she is hidden no longer
    for event in (*opens, ButtonPressed("menu", None), ButtonPressed("lesson.next", 0)):
        chat.play(event)
        assert not shown(chat)


def test_s4_it_is_not_shown_while_a_person_has_the_conversation(book):
    chat = waiting(book)
    chat.conversation = replace(chat.conversation, held_by="facilitator-1")
    chat.press("menu")
    assert not shown(chat)


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (MessageReceived("стоп"), "stopped"),
        (MessageReceived("пинҳон"), "hidden"),
        (FreezeAsked(is_frozen=True), "frozen"),
    ],
    ids=["stop", "hide", "freeze"],
)
def test_s4_who_wants_quiet_while_it_waits_is_left_out_of_it_for_good(book, act, reason):
    chat = waiting(book)
    chat.play(act)
    assert chat.asked(SettleRecipient) == [SettleRecipient("b1", "left_out", reason)]
    chat.participant = replace(chat.participant, stopped_at=None, hidden_at=None, frozen_at=None)
    chat.write("начать")
    chat.write("меню")
    assert not ever(chat)


def test_s4_a_pause_leaves_it_out_too(book):
    chat = waiting(book)
    chat.press("pause")
    chat.press("pause.days:3")
    assert chat.asked(SettleRecipient) == [SettleRecipient("b1", "left_out", "paused")]


def test_s4_what_is_withdrawn_or_paused_is_not_shown_although_nobody_has_told_her_conversation_yet(book):
    chat = waiting(book)
    chat.halted = frozenset({"b1"})
    chat.write("меню")
    assert not shown(chat)
    chat.halted = frozenset()
    assert chat.write("меню")[0] == TEXT, "it was paused, and goes on"


def test_s4_what_is_withdrawn_leaves_her_conversation_and_is_counted_so(book):
    chat = waiting(book)
    chat.play(BroadcastCancelled("b1"))
    assert chat.asked(SettleRecipient) == [SettleRecipient("b1", "cancelled")]
    assert "unshown" not in chat.conversation.data
    chat.write("меню")
    assert not ever(chat)


def test_what_is_over_leaves_her_conversation_and_stays_counted_as_late(book):
    chat = waiting(book)
    chat.play(BroadcastCancelled("b1", is_over=True))
    assert not chat.asked(SettleRecipient)
    assert "unshown" not in chat.conversation.data


def test_past_its_end_it_is_not_shown_whoever_has_not_swept_yet(book):
    chat = waiting(book)
    chat.now = NOON + timedelta(hours=24)
    chat.write("меню")
    assert not shown(chat)


def test_s4_what_was_announced_by_a_line_and_then_withdrawn_does_not_open(book):
    chat = mother(book, participant=participant(phone_shared=Shared.YES))
    chat.play(arrived())
    chat.halted = frozenset({"b1"})
    assert TEXT not in chat.press("push.open")
    assert chat.state == "Lesson:reading"


@pytest.mark.parametrize("changes", [{"is_confirmed": False}, {"withheld_at": NOON}])
def test_s16_what_was_announced_opens_to_nobody_for_whom_it_is_not_now(book, changes):
    chat = mother(book, participant=participant(phone_shared=Shared.YES))
    chat.play(arrived())
    chat.participant = replace(chat.participant, **changes)
    assert TEXT not in chat.press("push.open")


# ---- who gets no push at all


def test_who_chose_no_hours_sees_it_when_she_opens_something(book):
    chat = mother(book, participant=participant(hours=None))
    assert not chat.play(arrived())
    assert chat.asked(SettleRecipient) == [SettleRecipient("b1", "waiting", "hours")]
    assert not chat.timers.keys() & {"broadcast:b1"}
    assert chat.write("меню")[0] == TEXT


def test_who_is_silent_on_whatsapp_sees_it_when_she_writes(book):
    chat = mother(book, free_until=NOON - timedelta(hours=1))
    assert not chat.play(arrived())
    assert chat.asked(SettleRecipient) == [SettleRecipient("b1", "waiting", "window")]
    assert not chat.pass_time(timedelta(hours=1))
    assert chat.write("салом")[0] == TEXT


# ---- once


def test_a_free_day_before_its_end_brings_it_by_itself_and_then_nothing_is_left_to_show(book):
    chat = waiting(book, "Menu:open", arrived(hours=48))
    (say,) = chat.pass_time(timedelta(days=1))
    assert (say.outgoing.text, say.tag) == (TEXT, "")
    chat.write("меню")
    assert len(ever(chat)) == 1


def test_once_shown_its_timer_is_gone(book):
    chat = waiting(book, "Menu:open", arrived(hours=48))
    assert "broadcast:b1" in chat.timers
    chat.write("меню")
    assert "broadcast:b1" not in chat.timers


def test_two_that_wait_come_together_the_older_first(book):
    second = BroadcastArrived("b2", "Дуюм.", "Второе.", NOON + timedelta(days=1))
    chat = waiting(book, "Menu:open", arrived("b1"), second)
    assert chat.write("меню")[:2] == [TEXT, "Второе."]


def test_ten_equal_presses_bring_it_once(book):
    chat = waiting(book)
    for _ in range(10):
        chat.play(ButtonPressed("menu", None))
    assert len(ever(chat)) == 1
