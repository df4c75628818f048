"""A case from her first word to its end, on her side."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.cases import NOTHING, AnswerState, Category, Finding, Level, Outcome
from bot.core.conversation import Facts
from bot.core.effects import Audit, CancelSends, CloseCase, Forget, Hold, OpenCase, Purpose, Unsay
from bot.core.events import (
    ActRecorded,
    AlarmDue,
    AnswerGiven,
    AnswerSettled,
    CardChanged,
    CaseCloseAsked,
    CaseGiven,
    CaseHandedBack,
    CaseLeft,
    CaseMessageArrived,
    CaseRang,
    DeskAlarmed,
    FileGiven,
    LessonDue,
    MessageEdited,
    MessageReceived,
    ReadAsked,
    SendsFailed,
    TakeAsked,
    TakeRefused,
    TextUnplayed,
)
from bot.core.messages import Kind
from bot.core.people import Group, Shared
from tests.flows.chat import ALWAYS, NOON, coordinator, facilitator, mother, participant, roster, stranger

URGENT = Finding(Level.URGENT, Category.DOMESTIC_VIOLENCE, 0.9, ("concept",), "rules-1")
CONCERN = Finding(Level.CONCERN, Category.DISTRESS, 0.6, ("concept",), "rules-1")
WORDS = "выдуманные тревожные слова"


def taken(book, **changes):
    chat = mother(book, **changes)
    chat.write(WORDS, URGENT)
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    return chat


def answer(chat, text="Я с Вами.", staff="facilitator-1"):
    return chat.play(AnswerGiven(chat.case.id, staff, text))


def facts_of(chat, finding=NOTHING):
    return Facts(chat.now, chat.roster, chat.readiness, chat.participant, case=chat.case, finding=finding)


def test_s10_an_urgent_case_rings_until_a_person_acts(book):
    chat = mother(book)
    chat.write(WORDS, URGENT)
    assert [(post.to, post.event.step) for post in chat.posts(CaseRang)] == [("group-1", 0)]
    rung = []
    for minutes in (5, 5, 5, 15, 15, 15):
        chat.pass_time(timedelta(minutes=minutes))
        rung.append({post.to for post in chat.posts(CaseRang)})
    facilitators, everyone = {"chat-facilitator-1", "chat-facilitator-2"}, {"group-1", "chat-coordinator-1"}
    assert rung[0] == {"group-1"}
    assert rung[1] == facilitators
    assert all(people == facilitators | everyone for people in rung[2:])
    chat.pass_time(timedelta(days=3))
    assert any(key.startswith("alarm:") for key in chat.timers), "it never ends by itself"


def test_s10_taken_without_an_act_for_fifteen_minutes_it_rings_again_and_another_may_take_it(book):
    chat = taken(book)
    chat.pass_time(timedelta(minutes=14))
    chat.play(TakeAsked(chat.case.id, "facilitator-2"))
    assert chat.posts(TakeRefused)[0].event.why == "taken"
    chat.pass_time(timedelta(minutes=1))
    assert chat.posts(CaseRang)
    chat.play(TakeAsked(chat.case.id, "facilitator-2"))
    assert chat.case.owner_id == "facilitator-2"
    assert [post.to for post in chat.posts(CaseLeft)] == ["chat-facilitator-1"]


def test_s10_words_of_hers_never_put_off_the_alarm_of_a_case_whose_taker_does_nothing(book):
    chat = taken(book)
    chat.log.clear()
    for _ in range(4):
        chat.pass_time(timedelta(minutes=4))
        chat.write(WORDS, URGENT)
    rings = [effect for effect in chat.log if getattr(effect, "event", None).__class__ is CaseRang]
    assert {post.to for post in rings} == {"group-1"}


def test_s10_a_concern_that_becomes_urgent_in_the_hands_of_a_taker_rings_after_fifteen_minutes_at_the_latest(book):
    chat = mother(book)
    chat.write(WORDS, CONCERN)
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    chat.write(WORDS, URGENT)
    chat.log.clear()
    chat.pass_time(timedelta(minutes=15))
    assert [effect for effect in chat.log if getattr(effect, "event", None).__class__ is CaseRang]


@pytest.mark.parametrize("act", ["answer", "note"])
def test_s10_an_answer_or_a_recorded_act_ends_the_alarm(book, act):
    chat = taken(book)
    if act == "answer":
        answer(chat)
        chat.press("case.now")
    else:
        chat.play(ActRecorded(chat.case.id, "facilitator-1", "Поговорила лично."))
        assert chat.case.messages[-1].body == "Поговорила лично."
        assert not chat.says
    chat.log.clear()
    chat.pass_time(timedelta(hours=1))
    assert not [effect for effect in chat.log if getattr(effect, "event", None).__class__ is CaseRang]


@pytest.mark.parametrize(
    "people",
    [
        roster(facilitator(duty=()), coordinator()),
        roster(facilitator(), coordinator(), groups=()),
        roster(facilitator(), coordinator(), groups=(Group("group-1", is_reachable=False),)),
    ],
    ids=["nobody on duty", "no group", "group lost"],
)
def test_s10_coordinators_hear_at_once_when_nobody_else_can(book, people):
    chat = mother(book, roster=people)
    chat.write(WORDS, URGENT)
    assert "chat-coordinator-1" in {post.to for post in chat.posts(CaseRang)}


def test_s10_a_concern_waits_four_hours_of_duty_and_then_goes_to_the_facilitators(book):
    on_duty = replace(ALWAYS, begin=ALWAYS.begin.replace(hour=11), end=ALWAYS.end.replace(hour=13, minute=0))
    chat = mother(book, roster=roster(facilitator(duty=(on_duty,)), coordinator()))
    chat.write(WORDS, CONCERN)
    due_at, event = chat.timers[f"alarm:{chat.case.id}"]
    assert event == AlarmDue(chat.case.id, 1)
    assert due_at == NOON + timedelta(days=2, minutes=-60 + 60), "1 h today, 2 h tomorrow, 1 h the day after"
    chat.pass_time(timedelta(days=2))
    assert {post.to for post in chat.posts(CaseRang)} == {"chat-facilitator-1"}


def test_s12_the_ring_and_the_card_hold_no_word_of_hers(book):
    chat = mother(book)
    chat.write(WORDS, URGENT)
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    for post in (*chat.posts(CaseRang), *chat.posts(CardChanged)):
        assert WORDS not in repr(post)
        assert str(URGENT.category) not in repr(post)
        assert chat.participant.code_name not in repr(post)


def test_a_burst_is_one_case_and_is_answered_shortly(book):
    chat = mother(book)
    first = chat.write(WORDS, URGENT)
    chat.now += timedelta(minutes=1)
    second = chat.write("и ещё вот что")
    third = chat.write("и это", CONCERN)
    assert len([effect for effect in chat.log if isinstance(effect, OpenCase)]) == 1
    assert [message.body for message in chat.case.messages] == [WORDS, "и ещё вот что", "и это"]
    assert second == third
    assert len(second[0]) < len(first[0])
    assert len([post for post in chat.log if isinstance(getattr(post, "event", None), CaseRang)]) == 1


def test_after_the_burst_she_goes_on_with_her_lesson(book):
    chat = mother(book, "Lesson:asked")
    chat.write(WORDS, CONCERN)
    chat.now += timedelta(hours=1)
    chat.write("Обычный ответ")
    assert chat.state == "Lesson:kept"
    assert len(chat.case.messages) == 1


def test_a_concern_that_becomes_urgent_rings_anew(book):
    chat = mother(book)
    chat.write(WORDS, CONCERN)
    chat.write(WORDS, URGENT)
    assert chat.case.level is Level.URGENT
    assert [post.event.level for post in chat.posts(CaseRang)] == [Level.URGENT]
    assert chat.timers[f"alarm:{chat.case.id}"][0] == chat.now + timedelta(minutes=5)


def test_s14_take_checks_role_training_cohort_and_whether_it_is_free(book):
    people = roster(
        facilitator(),
        facilitator("untrained", trained_on=None),
        facilitator("elsewhere", cohorts=frozenset({"other"})),
        facilitator("unconfirmed", is_confirmed=False),
        coordinator(),
    )
    chat = mother(book, roster=people)
    chat.write(WORDS, URGENT)
    for who in ("untrained", "elsewhere", "unconfirmed", "coordinator-1"):
        chat.play(TakeAsked(chat.case.id, who))
        assert chat.posts(TakeRefused)[0].event.why == "role"
        assert chat.case.owner_id is None
    chat.play(TakeAsked(chat.case.id, "nobody-we-know"))
    assert not chat.effects
    chat.play(TakeAsked("another-case", "facilitator-1"))
    assert chat.posts(TakeRefused)[0].event.why == "closed"


def test_s14_take_gives_everything_with_an_audit_row_and_holds_the_conversation(book):
    chat = mother(book, "Lesson:reading")
    chat.write(WORDS, URGENT)
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    (given,) = chat.posts(CaseGiven)
    assert given.to == "chat-facilitator-1"
    assert given.event.lines[0][4] == WORDS
    assert given.event.category == str(URGENT.category)
    assert given.event.lesson == "1.1"
    assert chat.asked(Audit) == [Audit("take", "facilitator-1", chat.case.id)]
    assert chat.asked(Hold) == [Hold("facilitator-1")]
    assert chat.conversation.held_by == "facilitator-1"
    assert [(post.to, post.event.state) for post in chat.posts(CardChanged)] == [("group-1", "taken")]


def test_s14_every_reading_is_an_audit_row_and_only_the_owner_reads(book):
    chat = taken(book)
    chat.send(Kind.VOICE)
    voice = chat.case.messages[-1]
    chat.play(ReadAsked(chat.case.id, "facilitator-1"))
    assert chat.asked(Audit) == [Audit("read", "facilitator-1", chat.case.id)]
    assert chat.posts(CaseGiven)[0].event.is_reading_again
    chat.play(ReadAsked(chat.case.id, "facilitator-1", voice.id))
    assert chat.asked(Audit) == [Audit("listen", "facilitator-1", chat.case.id)]
    assert chat.posts(FileGiven)[0].event.file == "invented-file"
    chat.play(ReadAsked(chat.case.id, "facilitator-2"))
    assert not chat.asked(Audit)
    assert chat.posts(TakeRefused)


def test_while_a_person_has_it_her_texts_go_there_and_words_still_act(book):
    chat = taken(book, state="Lesson:asked")
    for text in ("обычные слова", "да", "77"):
        chat.write(text)
        assert chat.posts(CaseMessageArrived)[0].event.text == text
        assert chat.posts(CaseMessageArrived)[0].to == "chat-facilitator-1"
        assert chat.texts
    assert chat.state == "Lesson:asked"
    chat.write("меню")
    assert chat.state == "Menu:open"
    chat.write("помощь")
    assert chat.posts(CaseMessageArrived)


def test_both_versions_of_an_edited_message_reach_the_owner(book):
    chat = taken(book)
    chat.play(MessageEdited("другие слова", "hers-0"))
    assert [message.body for message in chat.case.messages] == [WORDS, "другие слова"]
    assert chat.posts(CaseMessageArrived)[0].event.is_edit


def test_s15_the_first_answer_of_each_contact_is_the_cover_question(book):
    chat = taken(book)
    (question,) = answer(chat, "Первый ответ")
    assert "Первый ответ" not in question
    assert {"case.now", "case.later"} == set(chat.choices)
    assert chat.press("case.now") == ["Первый ответ"]
    assert chat.posts(AnswerSettled)[0].event.how == "sent"
    assert answer(chat, "Второй ответ") == ["Второй ответ"], "the contact goes on"
    chat.now += timedelta(minutes=11)
    chat.write("это снова я")
    assert "Третий ответ" not in str(answer(chat, "Третий ответ")), "perhaps it is somebody else by now"


def test_s1_an_answer_to_one_who_is_away_waits_for_her_hours_and_her_open_and_now(book):
    chat = taken(book)
    chat.now += timedelta(hours=3)  # 15:00, her hours are 12 to 14
    assert answer(chat, "Тайный ответ") == []
    assert chat.posts(AnswerSettled)[0].event.how == "held"
    said = chat.pass_time(timedelta(hours=5))
    assert not said
    settled = [e.event for e in chat.log if isinstance(getattr(e, "event", None), AnswerSettled)]
    assert settled[-1].how == "expired"
    assert chat.case.messages[-1].answer is AnswerState.EXPIRED
    assert any(key.startswith("alarm:") for key in chat.timers), "an answer she never got is no act"


def test_s1_in_her_hours_one_neutral_line_goes_and_content_only_after_open_and_now(book):
    chat = taken(book)
    chat.now += timedelta(minutes=30)
    assert answer(chat, "Тайный ответ") == []
    (line,) = chat.pass_time(timedelta(minutes=1))
    assert line.purpose is Purpose.COVER
    assert "Тайный" not in line.outgoing.text
    assert "Тайный ответ" not in chat.press("push.open")
    assert chat.press("case.now") == ["Тайный ответ"]


def test_s1_a_window_she_pressed_lets_the_line_through_outside_her_hours(book):
    chat = mother(book, participant=participant(hours=None))
    chat.write(WORDS, URGENT)
    chat.press("window:120")
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    chat.now += timedelta(minutes=40)
    answer(chat)
    assert [say.purpose for say in chat.pass_time(timedelta(minutes=1))] == [Purpose.COVER]


def test_s5_later_removes_the_exchange_and_holds_everything_until_she_writes(book):
    chat = mother(book)
    chat.write(WORDS, URGENT)
    chat.press("window:120")
    chat.press("notice.later")
    assert Unsay(case_id=chat.case.id) in chat.effects
    assert chat.case.level is Level.URGENT
    assert f"alarm:{chat.case.id}" in chat.timers
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    chat.now += timedelta(minutes=1)
    assert answer(chat) == [], "although she was here a minute ago"
    assert not chat.pass_time(timedelta(minutes=90))
    assert chat.write("я здесь")
    assert "case.now" in chat.choices


def test_s2_what_concerns_a_case_leaves_a_shared_phone_after_half_an_hour(book):
    shared = mother(book, participant=participant(phone_shared=Shared.UNKNOWN))
    shared.write(WORDS, URGENT)
    tags = {say.tag for say in shared.says}
    shared.pass_time(timedelta(minutes=29))
    assert not [e for e in shared.log if isinstance(e, Unsay)]
    shared.pass_time(timedelta(minutes=2))
    unsaid = [e for e in shared.log if isinstance(e, Unsay)]
    assert tags <= {effect.tag for effect in unsaid}
    assert any(effect.message_ids for effect in unsaid)
    hers = mother(book)
    hers.write(WORDS, URGENT)
    assert not [key for key in hers.timers if key.startswith("sweep:")]


def test_s13_only_the_owner_of_the_open_case_answers(book):
    chat = taken(book)
    assert answer(chat, staff="facilitator-2") == []
    assert chat.posts(AnswerSettled)[0].event.how == "refused"
    case_id = chat.case.id
    chat.play(ActRecorded(chat.case.id, "facilitator-1", "Поговорила лично."))
    chat.play(CaseCloseAsked(case_id, "facilitator-1", Outcome.HANDLED, "Поговорили."))
    chat.play(AnswerGiven(case_id, "facilitator-1", "поздно"))
    assert not chat.says
    assert chat.posts(AnswerSettled)[0].event.how == "refused"


def test_s3_no_answer_reaches_one_who_stopped_or_hid(book):
    for word in ("стоп", "пинҳон"):
        chat = taken(book)
        chat.write(word)
        answer(chat, "Тайный ответ")
        assert not chat.says
        assert not chat.pass_time(timedelta(hours=3))


def test_hand_back_rings_again_and_lets_her_go_on(book):
    chat = taken(book)
    chat.play(CaseHandedBack(chat.case.id, "facilitator-1"))
    assert chat.case.owner_id is None
    assert chat.conversation.held_by is None
    assert chat.posts(CaseRang)
    assert chat.posts(CaseLeft)[0].to == "chat-facilitator-1"


def test_e3_closing_names_the_person_and_the_reason_and_ends_everything(book):
    chat = taken(book, state="Lesson:reading")
    chat.write("…")
    chat.play(ActRecorded(chat.case.id, "facilitator-1", "Поговорила лично."))
    chat.play(CaseCloseAsked(chat.case.id, "facilitator-1", Outcome.REFERRED, "К врачу."))
    (closed,) = chat.asked(CloseCase)
    assert (closed.by, closed.note, closed.outcome) == ("facilitator-1", "К врачу.", Outcome.REFERRED)
    assert chat.case is None
    assert chat.conversation.held_by is None
    assert not [key for key in chat.timers if key.startswith("alarm:")]
    assert len(chat.says) == 1
    assert "catch_up" in chat.timers


@pytest.mark.parametrize("outcome", [Outcome.HANDLED, Outcome.REFERRED, Outcome.NO_ANSWER])
def test_s10_an_urgent_case_is_not_closed_before_somebody_answered_or_wrote_down_an_act(book, outcome):
    chat = taken(book)
    chat.play(CaseCloseAsked(chat.case.id, "facilitator-1", outcome, "."))
    assert chat.asked(CloseCase) == []
    assert [post.event.why for post in chat.posts(TakeRefused)] == ["unacted"]
    assert [key for key in chat.timers if key.startswith("alarm:")]
    chat.play(ActRecorded(chat.case.id, "facilitator-1", "Поговорила лично."))
    chat.play(CaseCloseAsked(chat.case.id, "facilitator-1", outcome, "Договорились."))
    assert chat.asked(CloseCase) != []


def test_s1_closing_says_nothing_to_one_who_is_away(book):
    chat = taken(book)
    chat.now += timedelta(hours=1)
    chat.play(ActRecorded(chat.case.id, "facilitator-1", "Поговорила лично."))
    chat.play(CaseCloseAsked(chat.case.id, "facilitator-1", Outcome.HANDLED, "Готово."))
    assert not chat.says


def test_s21_a_false_alarm_tells_her_nothing(book):
    chat = taken(book)
    chat.play(CaseCloseAsked(chat.case.id, "facilitator-1", Outcome.FALSE_ALARM, "Шутка."))
    assert not chat.says


def test_lessons_wait_while_a_person_has_the_conversation_and_one_line_catches_up(book):
    chat = taken(book)
    chat.log.clear()
    for _ in range(4):
        chat.play(LessonDue("1.1"))
        assert not chat.says
    chat.play(ActRecorded(chat.case.id, "facilitator-1", "Поговорила лично."))
    chat.play(CaseCloseAsked(chat.case.id, "facilitator-1", Outcome.HANDLED, "Готово."))
    said = [say for say in chat.pass_time(timedelta(days=1)) if say.purpose is Purpose.PUSH]
    assert len(said) == 1


def test_s19_her_voice_waits_for_a_person_and_a_second_one_is_urgent(book):
    chat = mother(book)
    (text,) = chat.send(Kind.VOICE)
    assert "Помощь" in text
    assert chat.case.level is Level.CONCERN
    assert (chat.case.messages[0].kind, chat.case.messages[0].file) == (Kind.VOICE, "invented-file")
    chat.now += timedelta(minutes=2)
    chat.send(Kind.VOICE)
    assert chat.case.level is Level.URGENT


def test_s19_forwarded_media_open_nothing(book):
    chat = mother(book)
    assert chat.send(Kind.VOICE, is_forwarded=True)
    assert chat.case is None


def test_strangers_are_heard_too(book):
    chat = stranger(book)
    chat.write(WORDS, URGENT)
    assert chat.asked(OpenCase)[0].cohort_id is None
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    assert chat.posts(CaseGiven)[0].event.code_name == ""
    answer(chat)
    assert "case.now" in chat.choices


def test_s22_erasing_with_an_open_case_rings_its_owner(book):
    chat = taken(book)
    chat.write("забудьте меня")
    chat.press("forget.yes")
    assert chat.asked(Forget)
    assert chat.posts(CaseLeft)[0].event.why == "erased"
    assert not chat.posts(CardChanged), "its card goes on saying who has it"
    assert chat.conversation.data.keys() <= {"options"}
    assert chat.state == "Onboarding:new"


def test_s22_erased_while_the_only_answer_waits_what_is_left_goes_on_ringing(book):
    chat = taken(book)
    chat.pass_time(timedelta(minutes=11))
    answer(chat)
    chat.write("забудьте меня")
    chat.press("forget.yes")
    chat.pass_time(timedelta(minutes=20))
    assert chat.posts(CaseRang), "the erasure took that answer away"


def test_an_answer_that_could_not_be_sent_returns_to_its_owner(book):
    chat = taken(book)
    answer(chat)
    message = chat.case.messages[-1]
    chat.play(SendsFailed("expired", ("answer",), chat.case.id, message.id))
    assert chat.posts(AnswerSettled)[0].event.how == "expired"
    chat.play(SendsFailed("unreachable", ("reply",)))
    assert chat.posts(DeskAlarmed)[0].event.what == "unreachable"
    assert chat.participant.unreachable_at


@pytest.mark.parametrize(("why", "purpose"), [("expired", "reply"), ("expired", "noticed"), ("unknown", "push")])
def test_what_may_not_have_reached_her_is_made_good_by_one_line_in_her_hours(book, why, purpose):
    chat = mother(book)
    for _ in range(5):
        chat.play(SendsFailed(why, (purpose,)))
    assert len([say for say in chat.pass_time(timedelta(days=3)) if say.purpose is Purpose.PUSH]) == 1


@pytest.mark.parametrize("state", ["Menu:open", "Lesson:asked", "Gone:state"])
def test_s7_what_cannot_be_played_is_an_urgent_unread_item_and_gets_a_gentle_sentence(book, state):
    chat = mother(book, "Menu:open")
    conversation = replace(chat.conversation, state=state, last_in_at=chat.now)
    event = MessageReceived(WORDS, message_id="hers-1")
    played = book.fall_back(conversation, event, facts_of(chat, CONCERN), chat.ids, "inbox-1")
    for effect in played.effects:
        chat._keep(effect)
    chat.effects = played.effects
    assert chat.case.level is Level.URGENT
    assert chat.case.messages[0].body == WORDS
    assert len(chat.says) == 1
    assert [post.event.what for post in chat.posts(DeskAlarmed)] == ["poison"]
    assert played.conversation.state in book.engine.library.screens


def test_s7_a_timer_that_cannot_be_played_says_nothing_to_her(book):
    chat = mother(book)
    played = book.fall_back(chat.conversation, LessonDue("1.1"), facts_of(chat), chat.ids, "inbox-1")
    assert [type(effect.event) for effect in played.effects] == [DeskAlarmed]


def test_s7_a_quarantined_item_that_is_posted_rings(book):
    chat = mother(book)
    chat.play(TextUnplayed("inbox-1"))
    assert chat.case.level is Level.URGENT
    assert chat.posts(CaseRang)
    assert not chat.says


def test_cancelling_on_later_reaches_what_waits(book):
    chat = taken(book)
    answer(chat)
    chat.press("case.later")
    assert chat.asked(CancelSends) == [CancelSends((Purpose.COVER, Purpose.ANSWER))]
    assert not chat.pass_time(timedelta(hours=3))


def test_s22_who_was_erased_and_writes_again_is_heard_in_a_case_of_its_own(book):
    chat = taken(book)
    old = chat.case.id
    chat.write("забудьте меня")
    chat.press("forget.yes")
    chat.write("обычные слова")
    assert not chat.posts(CaseMessageArrived)
    chat.write(WORDS, URGENT)
    assert chat.asked(CloseCase)[0].case_id == old
    assert chat.case.id != old
    assert [message.body for message in chat.case.messages] == [WORDS]
    assert {(post.event.state, post.to) for post in chat.posts(CardChanged)} >= {("closed", "group-1")}


@pytest.mark.parametrize(("is_acted", "level"), [(False, Level.URGENT), (True, Level.CONCERN)])
def test_s10_an_urgent_case_that_nobody_acted_on_stays_urgent_when_the_erased_one_is_here_again(book, is_acted, level):
    chat = taken(book)
    if is_acted:
        chat.play(ActRecorded(chat.case.id, "facilitator-1", "…"))
    chat.write("забудьте меня")
    chat.press("forget.yes")
    chat.press("help")
    assert chat.case.level is level


def test_s1_one_cover_line_stands_for_all_that_waits(book):
    chat = taken(book)
    chat.now += timedelta(minutes=20)
    said = []
    for text in ("Первый", "Второй", "Третий"):
        answer(chat, text)
        said += chat.pass_time(timedelta(minutes=1))
    assert [say.purpose for say in said] == [Purpose.COVER]
    chat.press("push.open")
    assert chat.press("case.now") == ["Первый", "Второй", "Третий"]


def test_s10_with_the_group_lost_the_five_minute_ring_reaches_people(book):
    chat = mother(book, roster=roster(facilitator(), coordinator(), groups=()))
    chat.write(WORDS, URGENT)
    chat.pass_time(timedelta(minutes=5))
    assert {post.to for post in chat.posts(CaseRang)} >= {"chat-facilitator-1", "chat-coordinator-1"}
