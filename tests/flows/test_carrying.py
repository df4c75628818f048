"""A case carried by several people, where it is: passed on, looked at together, looked after, told when it fails."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.cases import Category, Finding, Level, Outcome, Voice
from bot.core.effects import AddToCase, Audit, ChangeCase, OpenCase, Purpose
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
    MessageEdited,
    ReachChanged,
    ReadAsked,
    SendsFailed,
    TakeAsked,
    TakeRefused,
)
from bot.core.people import Role
from bot.core.teamwork import (
    FollowUpAsked,
    FollowUpBegun,
    FollowUpDue,
    GuidanceAsked,
    GuidanceGiven,
    NoteLeft,
    OpinionAsked,
    OpinionGiven,
    OpinionWanted,
)
from tests.flows.chat import NOON, coordinator, facilitator, mother, participant, roster, stranger

URGENT = Finding(Level.URGENT, Category.DOMESTIC_VIOLENCE, 0.9, ("concept",), "rules-1")
CONCERN = Finding(Level.CONCERN, Category.DISTRESS, 0.6, ("concept",), "rules-1")
WORDS = "выдуманные тревожные слова"
SUPERVISOR = facilitator("supervisor-1", roles=frozenset({Role.SUPERVISOR}), trained_on=None)
HERE, ONE, TWO = "chat-hers", "facilitator-1", "facilitator-2"


def desk(*more):
    return roster(facilitator(), facilitator(TWO), coordinator(), SUPERVISOR, *more)


def taken(book, finding=URGENT, by=ONE, **changes):
    chat = mother(book, **{"roster": desk(), **changes})
    chat.write(WORDS, finding)
    chat.play(TakeAsked(chat.case.id, by))
    return chat


def close(chat, outcome=Outcome.HANDLED, days=0, by=ONE):
    number = chat.case.number
    chat.play(ActRecorded(chat.case.id, by, "Говорили."))
    chat.play(CaseCloseAsked(chat.case.id, by, outcome, "Говорили.", days))
    return number


# ---- whom it rings


def test_s10_the_least_loaded_is_named_first_and_the_steps_stay(book):
    chat = mother(book, roster=desk())
    chat.loads = {ONE: 4, TWO: 1}
    chat.write(WORDS, URGENT)
    rung = []
    for minutes in (5, 5, 5):
        chat.pass_time(timedelta(minutes=minutes))
        rung.append([post.to for post in chat.posts(CaseRang)])
    assert rung[0] == ["group-1"]
    assert rung[1] == ["chat-facilitator-2", "chat-facilitator-1"]
    assert {"group-1", "chat-facilitator-1", "chat-facilitator-2", "chat-coordinator-1"} == set(rung[2])
    assert {post.event.first for post in chat.posts(CaseRang)} == {"Facilitator-2"}


def test_s10_a_relative_is_not_rung_and_cannot_take_even_when_she_is_alone(book):
    neighbour = facilitator(conflicts=frozenset({HERE}))
    chat = mother(book, roster=roster(neighbour, coordinator()))
    chat.write(WORDS, URGENT)
    assert "chat-coordinator-1" in {post.to for post in chat.posts(CaseRang)}, "as if nobody were on duty"
    chat.play(TakeAsked(chat.case.id, ONE))
    assert [post.event.why for post in chat.posts(TakeRefused)] == ["other"]
    assert not chat.posts(CaseGiven)
    for _ in range(8):
        chat.pass_time(timedelta(minutes=15))
        assert "chat-facilitator-1" not in {post.to for post in chat.posts()}


def test_every_ring_after_the_first_is_written_down_as_an_escalation(book):
    chat = mother(book, roster=desk())
    chat.write(WORDS, URGENT)
    assert not chat.asked(Audit)
    chat.pass_time(timedelta(minutes=5))
    assert chat.asked(Audit) == [Audit("escalate", "", chat.case.id)]


def test_s10_a_concern_taken_and_left_waits_four_hours_of_shift_not_of_the_clock(book):
    chat = taken(book, CONCERN)
    assert chat.timers[f"alarm:{chat.case.id}"][0] == NOON + timedelta(hours=4)
    mornings = replace(participant().hours, begin=participant().hours.begin, end=participant().hours.end)  # 12 to 14
    chat = taken(book, CONCERN, roster=roster(facilitator(duty=(mornings,)), coordinator()))
    assert chat.timers[f"alarm:{chat.case.id}"][0] == NOON + timedelta(days=1, hours=2)


# ---- passing on


def test_a_case_passed_on_by_name_rings_her_alone_and_then_everybody(book):
    chat = taken(book)
    chat.play(CaseHandedBack(chat.case.id, ONE, "Обещала написать завтра.", TWO))
    assert [(p.to, p.event.passed_by) for p in chat.posts(CaseRang)] == [("chat-facilitator-2", "Facilitator-1")]
    assert [p.event.state for p in chat.posts(CardChanged)] == ["passed"]
    assert chat.asked(Audit) == [Audit("hand_over", ONE, chat.case.id)]
    assert chat.case.owner_id is None
    assert chat.timers[f"alarm:{chat.case.id}"] == (NOON + timedelta(minutes=5), AlarmDue(chat.case.id, 0))
    chat.pass_time(timedelta(minutes=5))
    assert "group-1" in {post.to for post in chat.posts(CaseRang)}


def test_the_note_of_a_hand_over_is_part_of_the_case_and_reaches_the_next_owner(book):
    chat = taken(book)
    chat.play(CaseHandedBack(chat.case.id, ONE, "Обещала написать завтра.", TWO))
    [brief] = [m for m in chat.case.messages if m.voice is Voice.BRIEF]
    assert brief.body == "Обещала написать завтра."
    chat.play(TakeAsked(chat.case.id, TWO))
    [given] = chat.posts(CaseGiven)
    assert ("brief", "Обещала написать завтра.") in {(line[1], line[4]) for line in given.event.lines}
    assert not chat.says, "nothing of it goes to her"


@pytest.mark.parametrize(
    "to",
    [
        "gone",
        "coordinator-1",
        facilitator("facilitator-3", conflicts=frozenset({HERE})),
        facilitator("facilitator-3", trained_on=None),
    ],
    ids=["gone", "coordinator", "relative", "untrained"],
)
def test_s14_a_case_passed_on_to_one_who_may_not_take_it_rings_for_everybody(book, to):
    more = () if isinstance(to, str) else (to,)
    chat = taken(book, roster=desk(*more))
    chat.play(CaseHandedBack(chat.case.id, ONE, "…", to if isinstance(to, str) else to.id))
    assert {post.to for post in chat.posts(CaseRang)} == {"group-1"}


def test_s13_only_the_owner_passes_on(book):
    chat = taken(book)
    chat.play(CaseHandedBack(chat.case.id, TWO, "…", TWO))
    assert chat.case.owner_id == ONE
    assert not chat.effects


# ---- a second opinion


def asked(book):
    chat = taken(book)
    chat.play(OpinionAsked(chat.case.id, ONE, SUPERVISOR.id))
    return chat


def test_s14_a_supervisor_reads_only_when_asked_and_every_reading_is_an_audit_row(book):
    chat = taken(book)
    chat.play(ReadAsked(chat.case.id, SUPERVISOR.id))
    assert not chat.posts(CaseGiven)
    chat.play(OpinionAsked(chat.case.id, ONE, SUPERVISOR.id))
    assert [(p.to, p.event.by) for p in chat.posts(OpinionWanted)] == [("chat-supervisor-1", "Facilitator-1")]
    chat.play(ReadAsked(chat.case.id, SUPERVISOR.id))
    assert [post.to for post in chat.posts(CaseGiven)] == ["chat-supervisor-1"]
    assert chat.asked(Audit) == [Audit("read", SUPERVISOR.id, chat.case.id)]


def test_s10_a_supervisors_note_goes_to_the_owner_and_ends_no_alarm(book):
    chat = asked(book)
    chat.play(OpinionGiven(chat.case.id, SUPERVISOR.id, "Спросите о детях."))
    assert [(p.to, p.event.text) for p in chat.posts(NoteLeft)] == [("chat-facilitator-1", "Спросите о детях.")]
    assert chat.case.messages[-1].voice is Voice.NOTE
    assert chat.case.acted_at is None
    assert not chat.says
    chat.pass_time(timedelta(minutes=15))
    assert chat.posts(CaseRang)


def test_s13_a_supervisor_who_looks_along_can_do_nothing_else(book):
    chat = asked(book)
    before = chat.case
    for event in (
        AnswerGiven(chat.case.id, SUPERVISOR.id, "…"),
        ActRecorded(chat.case.id, SUPERVISOR.id, "…"),
        CaseCloseAsked(chat.case.id, SUPERVISOR.id, Outcome.HANDLED, "…"),
        CaseHandedBack(chat.case.id, SUPERVISOR.id),
        TakeAsked(chat.case.id, SUPERVISOR.id),
        OpinionAsked(chat.case.id, SUPERVISOR.id, SUPERVISOR.id),
    ):
        chat.play(event)
        assert chat.case == before
        assert not chat.says


@pytest.mark.parametrize("end", ["closed", "passed", "erased", "taken over"])
def test_s12_when_the_case_moves_its_texts_leave_the_supervisors_chat_too(book, end):
    chat = asked(book)
    case_id = chat.case.id
    if end == "closed":
        close(chat)
    elif end == "passed":
        chat.play(CaseHandedBack(case_id, ONE))
    elif end == "taken over":
        chat.pass_time(timedelta(minutes=15))
        chat.play(TakeAsked(case_id, TWO))
    else:
        chat.write("удалить меня")
        chat.press("forget.yes")
    assert ("chat-supervisor-1", "opinion") in {(p.to, p.event.why) for p in chat.posts(CaseLeft)}
    if chat.case is not None:
        assert chat.case.second_id is None
        chat.play(ReadAsked(case_id, SUPERVISOR.id))
        assert not chat.posts(CaseGiven)


def test_a_supervisor_who_knows_her_is_not_let_in(book):
    knows_her = replace(SUPERVISOR, conflicts=frozenset({HERE}))
    chat = taken(book, roster=roster(facilitator(), coordinator(), knows_her))
    chat.play(OpinionAsked(chat.case.id, ONE, SUPERVISOR.id))
    assert chat.case.second_id is None
    assert not chat.posts(OpinionWanted)


# ---- guidance


def test_s12_of_which_kind_a_case_is_goes_only_to_who_reads_it(book):
    chat = asked(book)
    for who, expected in ((ONE, 1), (SUPERVISOR.id, 1), (TWO, 0), ("coordinator-1", 0)):
        chat.play(GuidanceAsked(chat.case.id, who))
        assert len(chat.posts(GuidanceGiven)) == expected
        assert len(chat.asked(Audit)) == expected
    chat.play(GuidanceAsked(chat.case.id, ONE))
    [given] = chat.posts(GuidanceGiven)
    assert (given.event.category, given.event.level) == ("domestic_violence", Level.URGENT)


# ---- afterwards


@pytest.mark.parametrize(
    ("finding", "outcome", "is_heavy"),
    [
        (URGENT, Outcome.HANDLED, True),
        (CONCERN, Outcome.HANDLED, False),
        (replace(CONCERN, category=Category.SELF_HARM), Outcome.REFERRED, True),
        (replace(CONCERN, category=Category.VIOLENT_EXTREMISM), Outcome.NO_ANSWER, True),
        (URGENT, Outcome.FALSE_ALARM, False),
    ],
)
def test_who_carried_a_heavy_case_is_asked_how_she_is(book, finding, outcome, is_heavy):
    chat = taken(book, finding)
    close(chat, outcome)
    assert [post.event.is_heavy for post in chat.posts(CaseLeft)] == [is_heavy]


def test_a_planned_look_comes_to_the_owner_in_her_hours_and_nothing_goes_to_the_mother(book):
    chat = taken(book)
    chat.now = NOON + timedelta(hours=7)
    number = close(chat, days=3)
    due_at, event = chat.timers[f"follow:{number}"]
    assert event == FollowUpDue(number, ONE)
    assert due_at == NOON + timedelta(days=4), "three days later it is evening: the next day at noon"
    said = [say for say in chat.pass_time(timedelta(days=4)) if say.purpose is not Purpose.PUSH]
    assert not said
    chat.play(FollowUpDue(number, ONE))
    [task] = chat.posts(FollowUpAsked)
    assert (task.to, task.event.number, task.event.code_name, task.event.why_not) == (
        "chat-facilitator-1",
        number,
        "lola-00001",
        "",
    )


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"stopped_at": NOON}, "stopped"), ({"unreachable_at": NOON}, "unreachable"), ({"frozen_at": NOON}, "stopped")],
)
def test_s3_a_planned_look_never_asks_to_write_to_one_who_wants_quiet(book, changes, why):
    chat = mother(book, roster=desk(), participant=participant(**changes))
    chat.play(FollowUpDue("1234", ONE))
    assert [post.event.why_not for post in chat.posts(FollowUpAsked)] == [why]
    chat.play(FollowUpBegun(ONE, "1234"))
    assert chat.case is None
    assert [post.event.why_not for post in chat.posts(FollowUpAsked)] == [why]


def test_a_planned_look_of_one_who_left_or_became_a_neighbour_goes_to_the_others(book):
    for gone in (roster(facilitator(TWO), coordinator()), desk_with_neighbour()):
        chat = mother(book, roster=gone)
        chat.play(FollowUpDue("1234", ONE))
        assert [post.to for post in chat.posts(FollowUpAsked)] == ["chat-facilitator-2"]


def desk_with_neighbour():
    return roster(facilitator(conflicts=frozenset({HERE})), facilitator(TWO), coordinator())


def test_s1_s15_a_case_begun_to_look_after_her_speaks_by_the_same_rules(book):
    chat = mother(book, roster=desk())
    chat.now = NOON + timedelta(hours=7)
    chat.play(FollowUpBegun(ONE, "1234"))
    assert (chat.case.owner_id, chat.case.level, chat.case.earlier) == (ONE, Level.CONCERN, "1234")
    assert [post.to for post in chat.posts(CaseGiven)] == ["chat-facilitator-1"]
    assert chat.asked(Audit) == [Audit("take", ONE, chat.case.id)]
    assert f"alarm:{chat.case.id}" in chat.timers
    chat.play(AnswerGiven(chat.case.id, ONE, "Как Вы?"))
    assert not chat.says, "outside her hours nothing goes"
    said = chat.pass_time(timedelta(hours=24))
    assert "Как Вы?" not in [say.outgoing.text for say in said]
    chat.play(AnswerGiven(chat.case.id, ONE, "Как Вы?"))
    chat.start()
    assert chat.texts[0] != "Как Вы?", "first the cover question"
    chat.press("push.open")
    chat.press("case.now")
    assert "Как Вы?" in chat.texts


def test_a_relative_cannot_begin_a_case_to_look_after_her(book):
    chat = mother(book, roster=desk_with_neighbour())
    chat.play(FollowUpBegun(ONE, "1234"))
    assert chat.case is None


# ---- she comes back


def test_a_new_case_within_fourteen_days_names_the_earlier_one_to_its_taker(book):
    chat = taken(book)
    number = close(chat)
    chat.pass_time(timedelta(days=13))
    chat.write(WORDS, CONCERN)
    assert [effect.earlier for effect in chat.asked(OpenCase)] == [number]
    chat.play(TakeAsked(chat.case.id, TWO))
    assert [post.event.earlier for post in chat.posts(CaseGiven)] == [number]


@pytest.mark.parametrize(("outcome", "days"), [(Outcome.FALSE_ALARM, 1), (Outcome.HANDLED, 15)])
def test_s21_neither_a_false_alarm_nor_an_old_case_is_remembered(book, outcome, days):
    chat = taken(book)
    close(chat, outcome)
    chat.pass_time(timedelta(days=days))
    chat.write(WORDS, CONCERN)
    assert [effect.earlier for effect in chat.asked(OpenCase)] == [""]


def test_both_versions_of_an_edited_message_stay_in_a_case_that_nobody_has_taken_yet(book):
    chat = mother(book, roster=desk())
    chat.write(WORDS, URGENT, message_id="m-7")
    chat.pass_time(timedelta(minutes=40))
    chat.play(MessageEdited("совсем другое", "m-7"))
    assert [(m.body, m.is_edit) for m in chat.case.messages] == [(WORDS, False), ("совсем другое", True)]
    chat.play(MessageEdited("ответ урока", "m-lesson"))
    assert len(chat.case.messages) == 2, "what was never of the case does not become so"


# ---- what fails is told


def test_a_blocked_bot_is_told_to_the_owner_with_the_number_at_once(book):
    chat = taken(book)
    chat.play(ReachChanged(is_reachable=False))
    assert [(p.to, p.event.what, p.event.number) for p in chat.posts(DeskAlarmed)] == [
        ("chat-facilitator-1", "unreachable", chat.case.number)
    ]


def test_a_stranger_with_a_case_who_blocked_the_bot_is_told_of_too(book):
    chat = stranger(book, roster=desk())
    chat.write(WORDS, URGENT)
    chat.play(ReachChanged(is_reachable=False))
    assert {(p.event.what, p.event.number) for p in chat.posts(DeskAlarmed)} == {("unreachable", chat.case.number)}
    chat.play(TakeAsked(chat.case.id, ONE))
    chat.play(SendsFailed("unreachable", ("noticed",), chat.case.id))
    assert [p.to for p in chat.posts(DeskAlarmed)] == ["chat-facilitator-1"]


@pytest.mark.parametrize(
    ("why", "how"),
    [("refused", "failed"), ("unknown", "unknown"), ("unreachable", "unreachable"), ("expired", "expired")],
)
def test_an_answer_that_did_not_arrive_is_told_to_its_owner_as_what_it_is(book, why, how):
    chat = taken(book)
    chat.play(AnswerGiven(chat.case.id, ONE, "Я с Вами."))
    chat.press("case.now")
    chat.play(AnswerGiven(chat.case.id, ONE, "Слышу Вас."))
    waiting = chat.case.messages[-1]
    assert waiting.body == "Слышу Вас."
    chat.play(SendsFailed(why, ("answer",), chat.case.id, waiting.id))
    assert how in [post.event.how for post in chat.posts(AnswerSettled)]


@pytest.mark.parametrize("why", ["refused", "unknown", "expired"])
def test_the_first_answer_that_did_not_arrive_is_told_in_the_case(book, why):
    chat = mother(book, roster=desk())
    chat.write(WORDS, URGENT)
    chat.play(SendsFailed(why, ("noticed",), chat.case.id))
    assert {(p.to, p.event.what) for p in chat.posts(DeskAlarmed)} == {
        ("chat-facilitator-1", "not_answered"),
        ("chat-facilitator-2", "not_answered"),
    }
    chat.play(TakeAsked(chat.case.id, TWO))
    chat.play(SendsFailed(why, ("noticed",), chat.case.id))
    assert [p.to for p in chat.posts(DeskAlarmed)] == ["chat-facilitator-2"]


def test_what_she_changed_is_told_to_the_owner_as_changed(book):
    chat = taken(book)
    chat.play(MessageEdited("совсем другое", "m-lesson"))
    assert [(p.event.text, p.event.is_edit) for p in chat.posts(CaseMessageArrived)] == [("совсем другое", True)]
    assert chat.asked(AddToCase)
    assert not chat.asked(ChangeCase)
