"""Whether the programme itself does harm: asked while she is here, gone from the chat; a yes withholds pushes (S23)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.cases import Category, Finding, Level, Outcome
from bot.core.effects import (
    AddToCase,
    Audit,
    CancelSends,
    CountHarm,
    OpenCase,
    Purpose,
    Stand,
    Unsay,
    WithholdCohort,
)
from bot.core.events import BroadcastArrived, CaseCloseAsked, CaseRang, LessonDue, TakeAsked
from bot.core.harm import CohortWithheld, PushesReleased, StillWithheld
from bot.core.messages import LANGUAGES
from bot.core.people import Role
from bot.curriculum.load import load
from bot.curriculum.neutral import is_neutral
from bot.flows.harm import TELLING
from tests.flows import desk_world as desk
from tests.flows.chat import ALWAYS, COHORT, NOON, facilitator, mother, participant, roster
from tests.flows.test_measures import MEASURES, who_finished

CURRICULUM = load()
YES = [f"harm.told:{name}" for name in TELLING]
SARV = facilitator("sarv", roles=frozenset({Role.SUPERVISOR}), trained_on=None, duty=())


def at_the_end_of_a_module(book, language="ru", **changes):
    """A mother who presses the last button of the first module."""
    her = participant(finished=frozenset({"1.1", "1.2"}), **changes)
    data = {"lesson": "1.3", "step": 0}
    return mother(book, "Lesson:practice", language, participant=her, data=data, roster=roster(facilitator(), SARV))


def asked(book, language="ru", **changes):
    chat = at_the_end_of_a_module(book, language, **changes)
    chat.press("practice.yes")
    assert chat.state == "Harm:asking"
    return chat


# ---- when and how she is asked


@pytest.mark.parametrize("language", LANGUAGES)
def test_s23_she_is_asked_after_the_last_page_of_a_module_in_neutral_words(book, language):
    chat = asked(book, language)
    question = chat.says[-1]
    assert question.tag == "harm"
    assert question.expires_at == NOON + timedelta(minutes=10)
    assert {"harm.no", "harm.skip", *YES} <= set(chat.choices)
    labels = [button.label for row in question.outgoing.rows[:-1] for button in row]
    assert all(is_neutral(text) for text in (question.outgoing.text, *labels))


def test_s23_she_is_asked_with_the_measures_in_the_middle_and_after_not_before(book):
    for modules, is_asked in ((0, False), (5, True), (10, True)):
        chat = mother(book, participant=who_finished(*(str(n) for n in range(1, modules + 1))))
        chat.press("menu")
        chat.press("measure.begin")
        for _ in MEASURES.questions:
            chat.press("measure.answer:3")
        assert (chat.state == "Harm:asking") is is_asked
        assert MEASURES.thanks.ru in chat.texts[0]


def test_s23_who_skips_all_measures_or_leaves_a_module_is_asked_nothing(book):
    chat = mother(book, participant=who_finished(*"12345"))
    chat.press("menu")
    chat.press("measure.begin")
    chat.press("measure.end")
    assert chat.state == "Menu:open"
    chat = mother(book)
    chat.press("lesson.next")
    chat.press("module.leave")
    assert chat.state == "Menu:open"


def test_s23_she_is_not_asked_twice_in_a_day_nor_while_a_person_is_on_it(book):
    chat = asked(book)
    chat.press("harm.no")
    chat.conversation = replace(chat.conversation, state="Lesson:practice")
    chat.conversation.data.update(lesson="1.3", step=0)
    chat.press("practice.yes")
    assert chat.state == "Menu:open"
    chat = at_the_end_of_a_module(book)
    chat.press("help")
    chat.press("practice.yes")
    assert chat.state == "Menu:open"


def test_s23_the_question_is_not_shown_again_to_whoever_comes_later(book):
    chat = asked(book)
    question = chat.texts[-1]
    chat.now += timedelta(minutes=5)
    assert question in chat.write("Салом")
    chat.now = NOON + timedelta(minutes=10)
    assert question not in chat.write("Салом")
    assert chat.state == "Menu:open"


def test_s23_an_unanswered_question_leaves_the_chat_by_itself(book):
    chat = asked(book)
    chat.pass_time(timedelta(minutes=10))
    assert Unsay(tag="harm") in chat.effects
    assert not chat.says


@pytest.mark.parametrize(
    "text",
    [
        "хорошо",
        "всё хорошо",
        "хуб",
        "nagz",
        "слава Богу",
        "не труднее",
        "раҳмат ҳамааш нағз",
        "всё понравилось",
    ],
)
def test_s23_a_typed_all_is_well_is_the_first_answer_and_leaves_the_chat_too(book, text):
    chat = asked(book)
    chat.write(text, message_id="hers-7")
    assert chat.asked(Unsay)[0].message_ids == ("hers-7",)
    assert chat.state != "Harm:asking"
    assert not chat.asked(OpenCase)


@pytest.mark.parametrize(
    "text",
    [
        "рахмат",
        "да",
        "салом",
        "хорошо?",
        "🙏",
        "...",
        "попробую",
        "сегодня вечером",
        "не знаю",
        "баъдтар мехонам",
    ],
)
def test_s23_what_says_nothing_about_it_is_no_answer(book, text):
    chat = asked(book)
    chat.write(text)
    assert chat.state == "Harm:asking"
    assert {"harm.no", *YES} <= set(chat.choices)


@pytest.mark.parametrize("choice", ["harm.no", "harm.skip"])
def test_s23_of_a_no_or_a_skip_nothing_is_kept(book, choice):
    chat = asked(book)
    chat.press(choice)
    assert chat.asked(Unsay) == [Unsay(tag="harm")]
    assert chat.state == "Menu:open"
    assert "harm" not in chat.conversation.data
    assert not [e for e in chat.log if isinstance(e, OpenCase | CountHarm) or (isinstance(e, Stand) and e.changes)]


def test_s23_a_typed_answer_leaves_the_chat_too_and_yes_alone_is_no_answer(book):
    chat = asked(book)
    chat.write("да")
    assert not chat.asked(OpenCase)
    assert chat.state == "Harm:asking"
    chat.write("Мне тяжелее", message_id="typed")
    assert chat.asked(Unsay) == [Unsay(tag="harm", message_ids=("typed",))]
    assert chat.asked(OpenCase)


@pytest.mark.parametrize("choice", ["harm.told:", "harm.told:other"])
def test_s23_a_bent_answer_opens_nothing(book, choice):
    chat = asked(book)
    chat.press(choice)
    assert not chat.asked(OpenCase)
    assert chat.texts


def test_s23_after_the_very_last_page_the_end_of_the_programme_follows(book):
    her = who_finished(*(str(n) for n in range(1, 10)))
    her = replace(her, finished=her.finished | {"10.1", "10.2"})
    chat = mother(book, "Lesson:practice", participant=her, data={"lesson": "10.3", "step": 0})
    chat.press("practice.yes")
    chat.press("harm.skip")
    assert chat.state == "Ending:choice"


# ---- a yes


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("choice", YES)
def test_s23_any_yes_opens_a_case_and_withholds_pushes(book, choice, language):
    chat = asked(book, language)
    options = chat.conversation.data["options"]
    chat.press(choice)
    (opened,) = chat.asked(OpenCase)
    assert (opened.finding.level, opened.finding.category) == (Level.CONCERN, Category.DISTRESS)
    assert opened.finding.reasons == ("rule.harm_told",)
    (said,) = chat.asked(AddToCase)
    [label] = [text for text, name, *_ in options if name == choice]
    assert label in said.body
    assert Stand({"withheld_at": NOON}) in chat.effects
    assert CancelSends((Purpose.PUSH, Purpose.BROADCAST)) in chat.effects
    assert chat.asked(CountHarm) == [CountHarm(COHORT, 2, timedelta(days=30), ("chat-sarv",))]
    assert chat.posts(CaseRang)
    assert chat.state == "Menu:open"


@pytest.mark.parametrize(("number", "answer"), [("2", "seen"), ("3", "home"), ("4", "self")])
def test_s23_a_number_is_the_answer_it_stands_for(book, number, answer):
    chat = asked(book)
    words = chat.write(number)
    assert words == asked(book).press(f"harm.told:{answer}")
    assert chat.participant.withheld_at is not None
    assert asked(book).write("1")[0].startswith("Меню")


@pytest.mark.parametrize(
    "words",
    [
        "стало хуже",
        "да, труднее",
        "душвор шуд",
        "бадтар",
        "не хорошо",
        "хуб не",
        "стало хуже, что делать?",
    ],
)
def test_s23_a_yes_in_her_own_words_is_read_by_a_person(book, words):
    chat = asked(book)
    chat.write(words)
    assert chat.case.messages[-1].body == words
    assert chat.participant.withheld_at is not None
    assert chat.asked(CountHarm)
    assert "harm" in [effect.tag for effect in chat.asked(Unsay)]


def test_s23_harder_is_a_yes_also_where_screening_finds_something_in_it(book):
    chat = asked(book)
    chat.write("дома хуже, выдуманное", Finding(Level.URGENT, Category.DOMESTIC_VIOLENCE, 0.9, ("concept",), "rules-1"))
    assert chat.case.level is Level.URGENT
    assert chat.participant.withheld_at is not None


@pytest.mark.parametrize(
    "words",
    [
        "стало хуже",
        "всё понравилось",
    ],
)
def test_s23_an_answer_to_it_opens_no_closed_case_by_itself(book, words):
    chat = asked(book)
    data = {**chat.conversation.data, "closed": {"id": "case-9", "number": "0009", "at": NOON.isoformat()}}
    chat.conversation = replace(chat.conversation, data=data)
    chat.write(words)
    assert (chat.participant.withheld_at is not None) == (words == "стало хуже")
    assert (chat.case is not None) == (words == "стало хуже")


@pytest.mark.parametrize(("words", "minutes"), [("а когда встреча?", 1), ("спасибо", 1), ("обычные слова", 11)])
def test_s23_a_question_of_hers_a_courtesy_and_what_comes_later_are_no_yes(book, words, minutes):
    chat = asked(book)
    chat.now += timedelta(minutes=minutes)
    chat.write(words)
    assert chat.case is None
    assert chat.participant.withheld_at is None


def test_s23_her_answer_is_the_one_of_s5(book):
    plain = at_the_end_of_a_module(book)
    plain.press("help")
    for choice in YES:
        chat = asked(book)
        assert chat.press(choice) == plain.texts


def test_s23_nothing_is_pushed_to_her_until_a_person_releases_it(book):
    chat = asked(book, hours=ALWAYS, opened=("m1", "m2"))
    chat.press(YES[0])
    case = chat.case
    chat.play(TakeAsked(case.id, "facilitator-1"))
    chat.play(CaseCloseAsked(case.id, "facilitator-1", Outcome.HANDLED, "…"))
    assert chat.posts(StillWithheld)[0].to == "chat-facilitator-1"
    assert chat.participant.withheld_at == NOON
    said = chat.pass_time(timedelta(days=30))
    chat.play(LessonDue("2.1"))
    said += chat.says
    assert not [say for say in said if say.purpose in {Purpose.PUSH, Purpose.BROADCAST}]
    chat.play(PushesReleased("facilitator-1", "anor-00009"))
    assert chat.participant.withheld_at == NOON, "she joined from the phone of one who was erased"
    chat.play(PushesReleased("facilitator-1", chat.participant.code_name))
    assert Audit("release", "facilitator-1") in chat.effects
    (push,) = [say for say in chat.pass_time(timedelta(days=1)) if say.purpose is Purpose.PUSH]
    assert chat.participant.withheld_at is None
    assert chat.press("push.open")
    assert push


def test_s23_a_false_alarm_releases_nothing_either(book):
    chat = asked(book)
    chat.press(YES[0])
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    chat.play(CaseCloseAsked(chat.case.id, "facilitator-1", Outcome.FALSE_ALARM, ""))
    assert chat.posts(StillWithheld)
    assert chat.participant.withheld_at is not None


def test_s23_broadcasts_leave_out_whom_and_what_is_withheld(book):
    for changes in ({"withheld_at": NOON}, {"is_cohort_withheld": True}):
        chat = mother(book, participant=participant(hours=ALWAYS, **changes))
        chat.play(BroadcastArrived("b", "Салом.", "Здравствуйте.", NOON + timedelta(days=2)))
        (settled,) = [effect for effect in chat.effects if getattr(effect, "broadcast_id", "") == "b"]
        assert (settled.state, settled.reason) == ("left_out", "withheld")


def test_s23_a_withheld_cohort_is_caught_up_once_when_it_is_released(book):
    chat = mother(book, participant=participant(hours=ALWAYS, is_cohort_withheld=True))
    chat.play(LessonDue("1.1"))
    assert not chat.says
    chat.participant = replace(chat.participant, is_cohort_withheld=False)
    chat.play(PushesReleased("sarv", is_of_cohort=True))
    assert len([say for say in chat.pass_time(timedelta(days=2)) if say.purpose is Purpose.PUSH]) == 1
    chat = mother(book, participant=participant(hours=ALWAYS))
    chat.play(PushesReleased("sarv", is_of_cohort=True))
    assert not chat.pass_time(timedelta(days=2))


def test_s23_a_second_yes_while_pushes_are_withheld_counts_once(book):
    chat = asked(book)
    chat.participant = replace(chat.participant, withheld_at=NOON)
    chat.press(YES[0])
    assert chat.asked(OpenCase)
    assert not chat.asked(CountHarm)


# ---- the desk


ZARA, NIGORA = desk.facilitator("zara"), desk.coordinator("nigora")
LOOKS = desk.facilitator("looks", roles=frozenset({Role.SUPERVISOR}), trained_on=None)
BAHOR = desk.cohort(is_withheld=True)
HELD = CohortWithheld(BAHOR.id, BAHOR.name, 2)


def test_s23_the_supervisor_decides_with_two_buttons_and_no_word_of_a_mother():
    chat = desk.Chat.of(LOOKS, (ZARA, NIGORA))
    chat.play(HELD)
    assert BAHOR.name in chat.said
    assert chat.choices == [f"rest.stays:{BAHOR.id}", f"rest.cohort:{BAHOR.id}"]
    chat.press(f"rest.stays:{BAHOR.id}")
    assert chat.asked(WithholdCohort) == [WithholdCohort(BAHOR.id, is_withheld=True, by=LOOKS.id)]
    chat.press(f"rest.cohort:{BAHOR.id}")
    assert chat.asked(WithholdCohort) == [WithholdCohort(BAHOR.id, is_withheld=False, by=LOOKS.id)]
    assert chat.asked(Audit) == [Audit("release_cohort", LOOKS.id)]


def test_s23_nobody_else_decides():
    for staff in (ZARA, NIGORA, desk.facilitator("far", roles=frozenset({Role.SUPERVISOR}), cohorts=frozenset({"x"}))):
        chat = desk.Chat.of(staff, (LOOKS,))
        chat.press(f"rest.cohort:{BAHOR.id}")
        assert not chat.asked(WithholdCohort)
    chat = desk.Chat.of(NIGORA, (ZARA,))  # without any supervisor a coordinator decides
    chat.press(f"rest.cohort:{BAHOR.id}")
    assert chat.asked(WithholdCohort)


def test_s23_held_cohorts_are_found_again_in_the_menu():
    chat = desk.Chat.of(LOOKS, (ZARA,), cohorts=(BAHOR, desk.cohort("tir")))
    chat.write("/menu")
    assert "menu.withheld" in chat.choices
    chat.press("menu.withheld")
    assert chat.choices == [f"rest.stays:{BAHOR.id}", f"rest.cohort:{BAHOR.id}"]
    chat.press("menu.withheld", cohorts=(desk.cohort("tir"),))
    assert not chat.choices


def test_s23_whoever_closed_the_case_releases_once_and_only_the_mother_she_was_told_of():
    chat = desk.Chat.of(ZARA, (LOOKS,))
    hers = desk.id_of("chat-a")
    chat.press("rest.release:4821")
    assert not chat.posts
    chat.play(StillWithheld("4821", "Себ 1", hers))
    assert all(len(choice.encode()) <= 40 for choice in chat.choices)
    chat.play(StillWithheld("4822", "Себ 2", hers))
    chat.press("rest.release:4821")
    assert [(post.to, post.event) for post in chat.posts] == [(hers, PushesReleased(ZARA.id, "Себ 1"))]
    chat.press("rest.release:4821")
    assert not chat.posts


def test_s23_a_facilitator_releases_in_my_cohort_too():
    chat = desk.Chat.of(ZARA, (LOOKS,), cohorts=(desk.cohort(),))
    chat.press("menu.people")
    chat.press_now(f"person:{desk.id_of('chat-a')}")
    chat.press_now("meet.release")
    assert [(post.to, post.event) for post in chat.posts] == [(desk.id_of("chat-a"), PushesReleased(ZARA.id, "Себ 1"))]
