"""S13, S14 and S15 in the facilitator's chat: taking, reading, answering."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.cases import Category, Level, Outcome
from bot.core.effects import Purpose, Say, Schedule, Unsay
from bot.core.events import (
    AccessEnded,
    ActRecorded,
    AnswerGiven,
    CaseCloseAsked,
    CaseGiven,
    CaseHandedBack,
    CaseLeft,
    CaseMessageArrived,
    FileGiven,
    MessageEdited,
    ReadAsked,
    SweepDue,
    TakeAsked,
)
from bot.core.messages import Kind
from tests.flows.desk_world import NOW, Chat, facilitator, id_of, open_case

ZARA, LOLA = facilitator("zara"), facilitator("lola")


def given_event(case, *lines, is_again=False):
    return CaseGiven(
        case.id,
        case.number,
        case.level,
        "Себ 1",
        case.language,
        Category.DISTRESS,
        ("low_mood",),
        lines or ((id_of("w1"), "hers", "text", NOW, "Салом, гап ҳаст"),),
        is_reading_again=is_again,
    )


@pytest.fixture
def one():
    return open_case("one", "4821", ZARA)


@pytest.fixture
def two():
    return open_case("two", "1907", ZARA)


@pytest.fixture
def chat(one, two):
    return Chat.of(ZARA, [LOLA], cases=(one, two))


def answers(effects):
    return [
        (e.event.case_id, e.to, e.event.text) for e in effects if hasattr(e, "to") and isinstance(e.event, AnswerGiven)
    ]


def test_s14_take_posts_the_wish_to_the_conversation_of_the_case(one):
    free = open_case("one", "4821")
    chat = Chat.of(ZARA, cases=(free,))
    chat.press(f"case.take:{free.id}")
    assert [(p.event, p.to) for p in chat.posts] == [(TakeAsked(free.id, ZARA.id), free.conversation_id)]


@pytest.mark.parametrize(
    "member",
    [
        facilitator("zara", is_confirmed=False),
        facilitator("zara", trained_on=None),
        facilitator("zara", roles=frozenset()),
        facilitator("zara", cohorts=frozenset({id_of("other")})),
    ],
)
def test_s14_take_is_refused_without_confirmation_training_role_or_cohort(member):
    free = open_case("one", "4821")
    chat = Chat.of(member, cases=(free,))
    chat.press(f"case.take:{free.id}")
    assert not chat.posts
    assert chat.said


def test_a_take_of_an_unknown_or_taken_case_is_refused_kindly():
    taken = open_case("one", "4821", LOLA)
    chat = Chat.of(ZARA, [LOLA], cases=(taken,))
    for choice in (f"case.take:{taken.id}", f"case.take:{id_of('gone')}"):
        chat.press(choice)
        assert not chat.posts
        assert chat.said


def test_s15_the_taker_is_told_that_the_writer_is_not_verified(chat, one):
    chat.play(given_event(one))
    assert "не проверено" in chat.said
    assert "Салом, гап ҳаст" in chat.said


def test_s12_every_text_of_a_case_is_marked_expires_and_leaves_within_47_hours(chat, one):
    chat.play(given_event(one))
    says = chat.asked(Say)
    assert {(s.purpose, s.case_id, s.tag) for s in says} == {(Purpose.CASE_TEXT, one.id, f"case:{one.id}")}
    assert all(s.expires_at == NOW + timedelta(hours=47) for s in says)
    assert [(s.due_at, s.event) for s in chat.asked(Schedule)] == [(NOW + timedelta(hours=47), SweepDue(one.id))]


def test_s12_a_later_text_does_not_move_the_clock_of_the_first(chat, one):
    chat.play(given_event(one))
    later = NOW + timedelta(hours=40)
    chat.play(CaseMessageArrived(one.id, one.number, id_of("w2"), Kind.TEXT, "боз"), now=later)
    assert not chat.asked(Schedule)
    assert chat.asked(Say)[0].expires_at == NOW + timedelta(hours=47)


def test_a_message_of_hers_is_one_message_with_its_words_alone(chat, one):
    lines = tuple((id_of(f"w{n}"), "hers", "text", NOW, f"сухан {n}") for n in range(3))
    chat.play(given_event(one, *lines))
    for _, _, _, _, text in lines:
        assert sum(text in s.outgoing.text for s in chat.asked(Say)) == 1


def test_s14_a_case_that_left_meanwhile_is_not_shown(chat, one):
    chat.knows(cases=(open_case("one", "4821", LOLA),))
    chat.play(given_event(one))
    assert "Салом" not in chat.said
    assert chat.said


def test_s19_a_voice_message_is_offered_and_fetched_on_tap(chat, one):
    chat.play(given_event(one, (id_of("v1"), "hers", "voice", NOW, "")))
    assert f"case.file:{id_of('v1')}" in chat.choices
    chat.press(f"case.file:{id_of('v1')}")
    assert [p.event for p in chat.posts] == [ReadAsked(one.id, ZARA.id, file_of=id_of("v1"))]
    chat.play(FileGiven(one.id, one.number, "file-id", Kind.VOICE))
    (say,) = chat.asked(Say)
    assert (say.outgoing.file, say.outgoing.file_kind, say.case_id) == ("file-id", Kind.VOICE, one.id)


def test_s13_an_answer_is_shown_with_its_number_before_it_goes(chat, one):
    chat.press(f"case.reply:{one.id}")
    chat.write("Ман ин ҷо")
    assert "4821" in chat.said
    assert "Ман ин ҷо" in chat.said
    assert not chat.posts
    chat.press_now("answer.send")
    assert answers(chat.last) == [(one.id, one.conversation_id, "Ман ин ҷо")]
    assert chat.state == "Staff:menu"


def test_s13_a_reply_to_a_message_of_a_case_is_an_answer_to_that_case(chat, one, two):
    chat.press(f"case.reply:{two.id}")
    chat.write("барои яке", replied_case=one.id)
    assert "4821" in chat.said
    chat.press_now("answer.send")
    assert answers(chat.last) == [(one.id, one.conversation_id, "барои яке")]


def test_s13_a_number_replied_to_one_case_never_presses_send_for_another(chat, one, two):
    chat.press(f"case.reply:{two.id}")
    chat.write("барои ду")
    chat.write("1", replied_case=one.id)
    assert not chat.posts
    assert "4821" in chat.said


def test_s13_loose_text_goes_to_nobody_even_with_a_single_case(one):
    chat = Chat.of(ZARA, cases=(one,))
    chat.write("Салом")
    assert not chat.posts
    assert "никому не ушло" in chat.said


def test_s13_an_answer_is_refused_when_the_case_moved_on_meanwhile(chat, one, two):
    for gone in (
        (two,),
        (open_case("one", "4821", LOLA), two),
        (open_case("one", "4821", ZARA, conversation_id=id_of("elsewhere")), two),
    ):
        chat.knows(cases=(one, two))
        chat.press(f"case.reply:{one.id}")
        chat.write("кӯҳна")
        chat.knows(cases=gone)
        chat.press_now("answer.send")
        assert not chat.posts
        assert "больше не у Вас" in chat.said


def test_s13_a_stale_send_button_sends_nothing(chat, one, two):
    chat.press(f"case.reply:{one.id}")
    chat.write("яке")
    old = chat.conversation.version
    chat.press(f"case.reply:{two.id}")
    chat.write("ду")
    chat.press("answer.send", old)
    assert not chat.posts
    assert "1907" in chat.said


EITHER = st.sampled_from([0, 1])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("reply"), EITHER),
        st.tuples(st.just("write"), EITHER),
        st.tuples(st.just("answer"), EITHER),
        st.tuples(st.just("compose"), EITHER),
        st.tuples(st.just("press"), st.just("answer.send")),
        st.tuples(st.just("press"), st.sampled_from(["answer.change", "answer.drop", "answer.ready:0"])),
        st.tuples(st.just("loose"), st.sampled_from(["1", "2", "да", "Отправить", "ҳа", "привет"])),
        st.tuples(st.just("stale"), st.integers(0, 9)),
        st.tuples(st.just("arrives"), EITHER),
        st.tuples(st.just("lose"), EITHER),
        st.tuples(st.just("regain"), EITHER),
    ),
    min_size=10,
    max_size=40,
)


class Interleaved:
    """A facilitator with two cases that come and go, and what was last shown to her as about to leave."""

    def __init__(self):
        self.cases = [open_case("one", "4821", ZARA), open_case("two", "1907", ZARA)]
        self.lost = [open_case("one", "4821", LOLA), open_case("two", "1907", LOLA)]
        self.mine = [True, True]
        self.chat = Chat.of(ZARA, [LOLA])
        self.versions = []
        self.shown = None

    def know(self):
        self.chat.knows(cases=tuple(self.cases[i] if self.mine[i] else self.lost[i] for i in (0, 1)))

    def step(self, n, what, which):
        self.know()
        getattr(self, what)(n, which)
        self.check()
        self.versions.append(self.chat.conversation.version)

    def reply(self, n, which):
        self.chat.press(f"case.reply:{self.cases[which].id}")

    def write(self, n, which):
        self.chat.write(f"матни {n}", f"t{n}")

    def compose(self, n, which):
        self.reply(n, which)
        self.check()
        self.write(n, which)

    def answer(self, n, which):
        case = self.cases[which]
        self.chat.write(f"ҷавоб ба {case.number} {n}", f"t{n}", replied_case=case.id)

    def loose(self, n, text):
        self.chat.write(text, f"t{n}")

    def press(self, n, choice):
        self.chat.press_now(choice)

    def stale(self, n, which):
        self.chat.press("answer.send", self.versions[which] if which < len(self.versions) else 0)

    def arrives(self, n, which):
        case = self.cases[which]
        self.chat.play(CaseMessageArrived(case.id, case.number, id_of(f"w{n}"), Kind.TEXT, "сухан"))

    def lose(self, n, which):
        self.mine[which] = False
        self.know()
        self.chat.play(CaseLeft(self.cases[which].id, self.cases[which].number, "passed"))

    def regain(self, n, which):
        self.mine[which] = True

    def check(self):
        """What leaves is hers, goes to the right mother, and is word for word what was last shown with that number."""
        for case_id, to, text in answers(self.chat.last):
            n = next(i for i in (0, 1) if self.cases[i].id == case_id)
            assert self.mine[n]
            assert to == self.cases[n].conversation_id
            assert self.shown == (self.cases[n].number, text)
        for say in self.chat.asked(Say):
            head, _, draft = say.outgoing.text.partition("\n\n")
            if "answer.send" in {button.choice for row in say.outgoing.rows for button in row}:
                self.shown = (head.partition("№ ")[2][:4], draft)


@given(STEPS)
def test_s13_two_interleaved_cases_never_cross(steps):
    desk = Interleaved()
    for n, (what, which) in enumerate(steps):
        desk.step(n, what, which)


@pytest.mark.parametrize("text", ["Я здесь", "1", "Отмена", "да", "отправить"])
def test_s13_what_she_writes_as_an_answer_is_never_taken_for_a_button(chat, one, text):
    chat.press(f"case.reply:{one.id}")
    chat.write(text)
    chat.press_now("answer.send")
    assert answers(chat.last) == [(one.id, one.conversation_id, text)]


def test_s13_an_edited_draft_is_shown_again_and_sent_as_changed(chat, one):
    chat.press(f"case.reply:{one.id}")
    chat.write("хато", "t1")
    chat.play(MessageEdited("дуруст", "t1"))
    chat.press_now("answer.send")
    assert answers(chat.last) == [(one.id, one.conversation_id, "дуруст")]


@pytest.mark.parametrize("reply", [False, True])
def test_s13_what_is_written_in_two_messages_goes_whole_and_an_edit_changes_its_part(chat, one, reply):
    chat.press(f"case.reply:{one.id}")
    chat.write("Хато.", "t1")
    chat.write("Занг занед.", "t2", replied_case=one.id if reply else None)
    assert "Хато.\nЗанг занед." in chat.said
    chat.play(MessageEdited("Ором.", "t1"))
    assert "Ором.\nЗанг занед." in chat.said
    chat.press_now("answer.send")
    assert answers(chat.last) == [(one.id, one.conversation_id, "Ором.\nЗанг занед.")]


def test_s13_change_begins_the_answer_anew(chat, one):
    chat.press(f"case.reply:{one.id}")
    chat.write("Якум.", "t1")
    chat.press_now("answer.change")
    chat.write("Дуюм.", "t2")
    chat.press_now("answer.send")
    assert answers(chat.last) == [(one.id, one.conversation_id, "Дуюм.")]


def test_s15_ready_answers_are_in_the_mothers_language_and_begin_with_the_cover_question(chat, one):
    chat.press(f"case.reply:{one.id}")
    chat.press_now("answer.ready:0")
    chat.press_now("answer.send")
    ((_, _, text),) = answers(chat.last)
    assert text.startswith("Салом")


def test_s12_when_a_case_leaves_its_texts_and_what_was_typed_for_it_leave_too(chat, one):
    chat.play(given_event(one))
    chat.press(f"case.reply:{one.id}")
    chat.write("ҷавоб", "typed-1")
    chat.play(CaseLeft(one.id, one.number, "closed"))
    (unsay,) = chat.asked(Unsay)
    assert (unsay.case_id, unsay.message_ids) == (one.id, ("typed-1",))
    assert chat.state == "Staff:menu"
    assert "никому не ушёл" in chat.said


def test_s12_a_sweep_takes_the_texts_and_leaves_the_case(chat, one):
    chat.play(given_event(one))
    chat.play(SweepDue(one.id))
    assert [u.case_id for u in chat.asked(Unsay)] == [one.id]
    chat.play(given_event(one))
    assert chat.asked(Schedule)


def test_s10_a_note_is_an_act_and_never_an_answer(chat, one):
    chat.press(f"case.note:{one.id}")
    chat.write("Занг задам")
    assert [(p.event, p.to) for p in chat.posts] == [(ActRecorded(one.id, ZARA.id, "Занг задам"), one.conversation_id)]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_case_is_closed_with_an_outcome_and_a_reason(chat, one, outcome):
    chat.knows(cases=(replace(one, acted_at=NOW),))
    chat.press(f"case.close:{one.id}")
    chat.press_now(f"case.outcome:{outcome}")
    assert not chat.posts
    chat.write("Гап задем")
    assert [p.event for p in chat.posts] == [CaseCloseAsked(one.id, ZARA.id, outcome, "Гап задем", 0, NOW)]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_s10_without_an_answer_or_an_act_only_a_false_alarm_is_closed(chat, one, outcome):
    chat.press(f"case.close:{one.id}")
    chat.press_now(f"case.outcome:{outcome}")
    if outcome is not Outcome.FALSE_ALARM:
        assert chat.state == "Staff:menu"
        assert f"case.note:{one.id}" in chat.choices
    chat.write("Гап задем")
    assert bool(chat.posts) == (outcome is Outcome.FALSE_ALARM)


def test_passing_on_is_asked_once_and_then_posted(chat, one):
    chat.press(f"case.pass:{one.id}")
    assert not chat.posts
    chat.press_now("case.passed")
    assert [(p.event, p.to) for p in chat.posts] == [(CaseHandedBack(one.id, ZARA.id), one.conversation_id)]


def test_every_step_with_a_case_is_refused_when_it_is_not_hers(chat, one):
    chat.knows(cases=(open_case("one", "4821", LOLA),))
    for choice in ("case.reply", "case.note", "case.pass", "case.close", "case.again"):
        chat.press(f"{choice}:{one.id}")
        assert not chat.posts
        assert chat.state == "Staff:menu"


def test_s22_nobody_writes_to_her_after_she_was_erased():
    case = open_case("one", "4821", ZARA, is_erased=True)
    chat = Chat.of(ZARA, cases=(case,))
    chat.press(f"case.reply:{case.id}")
    assert chat.state == "Staff:menu"
    assert "не пишите" in chat.said


def test_s14_when_access_ends_everything_leaves_and_her_cases_ring_again(chat, one, two):
    chat.play(given_event(one))
    chat.play(AccessEnded())
    assert [u.everything for u in chat.asked(Unsay)] == [True]
    assert {p.event.case_id for p in chat.posts} == {one.id, two.id}
    assert chat.conversation.data.keys() <= {"options"}
    chat.press(f"case.reply:{one.id}", staff=None)
    assert not chat.posts
    assert chat.state == "Staff:ended"


def test_urgent_words_in_a_case_pass_the_others(chat, one):
    chat.play(CaseMessageArrived(one.id, one.number, id_of("w9"), Kind.TEXT, "боз", is_urgent=True))
    assert chat.asked(Say)[0].lane == "escalation"
    assert one.level is Level.URGENT
