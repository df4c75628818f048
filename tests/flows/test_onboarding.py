"""A stranger becomes a participant, or is told kindly why not."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.core.cases import Category, Finding, Level, Outcome
from bot.core.effects import CountAttempt, Join, OpenCase, Prefer, Purpose
from bot.core.events import AnswerGiven, CaseCloseAsked, DeskAlarmed, Started, TakeAsked
from bot.core.people import Readiness, Role, Shared
from bot.flows.policy import Policy
from tests.flows.chat import MIDDAY, Chat, invitation, mother, participant, stranger

TO_JOIN = ("language:ru", "consent.next", "consent.yes", "consent.yes", "adult.yes")
TO_FIRST_PAGE = (*TO_JOIN, "phone.skip", "name.skip", "hours:12", "lesson.next")


def press_all(chat: Chat, choices):
    for choice in choices:
        assert choice in chat.choices, f"{choice} is not offered in {chat.state}: {chat.choices}"
        chat.press(choice)


def test_a_link_leads_to_the_first_lesson_in_at_most_ten_taps_without_typing(book):
    chat = stranger(book)
    chat.start(invitation())
    press_all(chat, TO_FIRST_PAGE)
    assert chat.state == "Lesson:reading"
    assert "1" in chat.texts[-1]
    assert 1 + len(TO_FIRST_PAGE) <= 10


def test_name_and_hours_may_be_skipped_and_then_nothing_is_ever_pushed(book):
    chat = stranger(book)
    chat.start(invitation())
    press_all(chat, (*TO_JOIN, "phone.skip", "name.skip", "hours.skip"))
    assert chat.state == "Onboarding:ready"
    assert chat.participant.hours is None
    assert chat.pass_time(timedelta(days=30)) == []


def test_the_first_screen_is_bilingual_and_asks_for_nothing_but_the_language(book):
    chat = stranger(book)
    (text,) = chat.write("салом")
    assert "Забонро интихоб кунед" in text
    assert "Выберите язык" in text
    assert chat.choices[:2] == ["language:tg", "language:ru"]


@pytest.mark.parametrize(
    "code",
    [
        None,
        invitation(uses_left=0),
        invitation(expires_at=invitation().expires_at - timedelta(days=30)),
        invitation(Role.GROUP),
    ],
    ids=["unknown", "used", "expired", "of a group"],
)
def test_a_code_that_opens_nothing_gets_one_kind_sentence_and_a_way_on(book, code):
    chat = stranger(book)
    chat.play(Started("wrong"), code=code)
    assert chat.asked(CountAttempt)
    assert "код" in chat.texts[0]
    assert "рамз" in chat.texts[0]
    assert "language:ru" in chat.choices


def test_after_five_wrong_codes_even_a_right_one_waits(book):
    chat = stranger(book, attempts=5)
    chat.start(invitation())
    assert "invitation" not in chat.conversation.data
    assert not chat.asked(CountAttempt)


def test_s11_nobody_joins_before_the_team_is_ready(book):
    chat = stranger(book, readiness=Readiness())
    chat.start(invitation())
    assert "invitation" not in chat.conversation.data
    assert chat.texts
    assert not chat.asked(CountAttempt), "the code stays good"


def test_s11_the_operator_may_allow_it(book):
    book = type(book)(book.engine.library.curriculum, book.engine.library.texts, Policy(is_unready_allowed=True))
    chat = stranger(book, readiness=Readiness())
    chat.start(invitation())
    assert chat.conversation.data["invitation"]["id"] == "invitation-1"


def test_s6_consent_says_what_must_be_said_and_asks_data_abroad_apart(book):
    for language in ("tg", "ru"):
        chat = stranger(book)
        chat.start(invitation())
        chat.press(f"language:{language}")
        screens = [chat.texts[-1]]
        screens += [chat.press(choice)[-1] for choice in ("consent.next", "consent.yes")]
        whole = "\n".join(screens)
        assert "Telegram" in whole
        assert "WhatsApp" in whole
        assert "90" in whole
        assert "30" in whole
        assert book.engine.library.policy.confidentiality.text[language] in whole
        assert "01.11.2026" in whole
        assert chat.state == "Consent:abroad"
        chat.press("consent.yes")
        assert not chat.asked(Join), "her age is asked before she joins"


def test_without_her_yes_nothing_is_kept_and_she_may_read_again(book):
    chat = stranger(book)
    chat.start(invitation())
    press_all(chat, ("language:tg", "consent.no"))
    assert chat.state == "Consent:declined"
    chat.press("consent.again")
    assert chat.state == "Consent:readers"
    assert not any(isinstance(effect, Join) for effect in chat.log)


def test_s16_a_child_gets_kind_words_and_a_person_but_no_lesson(book):
    chat = stranger(book)
    chat.start(invitation())
    press_all(chat, (*TO_JOIN[:-1], "adult.no"))
    assert chat.state == "Onboarding:child"
    assert chat.participant is None
    (opened,) = chat.asked(OpenCase)
    assert opened.finding.level is Level.CONCERN
    assert opened.cohort_id == invitation().cohort_id
    assert {post.event.what for post in chat.posts(DeskAlarmed)} == {"child"}
    chat.write("мне пятнадцать")
    assert chat.case.messages[-1].body == "мне пятнадцать"
    chat.press("lesson.next")
    assert chat.state == "Onboarding:child"


def test_s16_a_second_code_is_refused_neutrally_and_her_facilitators_hear(book):
    chat = mother(book, "Lesson:reading")
    chat.start(invitation(id="invitation-2"))
    assert {post.event.what for post in chat.posts(DeskAlarmed)} == {"second_person"}
    assert chat.state == "Lesson:reading"
    assert not chat.asked(Join)


def test_the_same_link_once_more_only_shows_where_she_is(book):
    chat = mother(book, "Lesson:reading", data={"lesson": "1.1", "step": 1, "joined_by": "invitation-1"})
    chat.start(invitation())
    assert not chat.posts()
    assert chat.state == "Lesson:reading"


def test_a_code_that_runs_out_before_she_agrees_lets_nobody_join(book):
    chat = stranger(book)
    chat.start(invitation(expires_at=invitation().expires_at - timedelta(days=6, hours=23)))
    chat.now += timedelta(hours=2)
    for choice in TO_JOIN:
        chat.press(choice)
    assert not any(isinstance(effect, Join) for effect in chat.log)
    assert chat.state == "Onboarding:code"


def test_her_answers_are_kept(book):
    chat = stranger(book)
    chat.start(invitation())
    press_all(chat, (*TO_JOIN, "phone.no"))
    assert chat.asked(Prefer)[0].changes == {"phone_shared": Shared.NO}
    chat.write("Бахор\nвторая строка")
    assert chat.participant.name == "Бахор вторая строка"
    chat.press("own")
    chat.press("hours:5")
    assert chat.participant.hours.begin.hour == 5
    chat.press("days")
    chat.press("days:56")
    assert chat.participant.hours.days == {5, 6}


def test_a_new_version_of_the_rules_is_read_before_anything_new(book):
    chat = mother(book, participant=participant(consent_version="0", finished=frozenset({"1.1"})))
    chat.press("lesson.next")
    assert chat.state == "Consent:readers"
    press_all(chat, ("consent.next", "consent.yes", "consent.yes"))
    assert chat.participant.consent_version == book.policy.consent_version
    assert chat.state == "Menu:open"
    chat.press("lesson.next")
    assert chat.state == "Lesson:reading"


def test_s6_other_words_of_the_operator_are_another_version_and_another_reviewer_is_not(book):
    words = book.policy.confidentiality
    reviewed = replace(words, reviewer="Another Invented", reviewed_on=date(2026, 12, 1))
    reworded = replace(words, text={**words.text, "tg": "Матни дигар."})
    versions = {
        replace(book.policy, confidentiality=text).consent_version for text in (words, reviewed, reworded, None)
    }
    assert len(versions) == 3


def test_s2_a_name_is_shown_only_on_a_phone_that_is_hers_alone(book):
    shown = mother(book, participant=participant(name="Бахор"))
    assert "Бахор" in shown.press("menu")[-1]
    shared = mother(book, participant=participant(name="Бахор", phone_shared=Shared.UNKNOWN))
    assert "Бахор" not in shared.press("menu")[-1]


def test_settings_change_hours_and_come_back(book):
    chat = mother(book)
    for choice in ("settings", "hours", "hours:9"):
        chat.press(choice)
    assert chat.participant.hours == replace(MIDDAY, begin=chat.participant.hours.begin, end=chat.participant.hours.end)
    assert chat.participant.hours.begin.hour == 9
    assert chat.state == "Menu:open"


def test_before_the_first_session_no_page_is_offered_that_is_not_there(book):
    chat = mother(book, "Onboarding:ready", participant=participant(opened=()))
    assert "встреч" in chat.start()[-1]
    assert "lesson.next" not in chat.choices


@pytest.mark.parametrize(("outcome", "state"), [(Outcome.FALSE_ALARM, "adult"), (Outcome.HANDLED, "child")])
def test_s16_who_was_no_child_is_asked_her_age_again_once_a_person_has_looked(book, outcome, state):
    chat = stranger(book)
    chat.start(invitation())
    press_all(chat, (*TO_JOIN[:-1], "adult.no"))
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    chat.play(CaseCloseAsked(chat.case.id, "facilitator-1", outcome, "Взрослая."))
    assert chat.state == f"Onboarding:{state}"


@pytest.mark.parametrize(("text", "state"), [("мне 30", "Onboarding:phone"), ("14 лет", "Onboarding:child")])
def test_an_age_typed_where_it_is_asked_is_the_answer(book, text, state):
    chat = stranger(book)
    chat.start(invitation())
    press_all(chat, TO_JOIN[:-1])
    chat.write(text)
    assert chat.state == state


def test_s16_a_bare_yes_below_the_answer_to_a_finding_says_nothing_of_her_age(book):
    chat = stranger(book)
    chat.start(invitation())
    press_all(chat, TO_JOIN[:-1])
    chat.write("муж меня бьёт", Finding(Level.CONCERN, Category.DOMESTIC_VIOLENCE))
    chat.write("да")
    assert chat.state == "Onboarding:adult"
    chat.now += timedelta(minutes=12)
    chat.write("вы тут?")
    chat.write("да")
    assert chat.state == "Onboarding:phone"
    chat.write("нет")
    assert chat.state == "Onboarding:name"


def test_s5_later_said_while_she_joins_holds_when_she_has_joined(book):
    chat = stranger(book)
    chat.start(invitation())
    press_all(chat, TO_JOIN[:3])
    chat.write("выдуманные слова", Finding(Level.URGENT))
    chat.play(TakeAsked(chat.case.id, "facilitator-1"))
    chat.press("notice.later")
    chat.now += timedelta(minutes=1)
    for choice in (*TO_JOIN[3:], "phone.skip", "name.skip", "hours:12"):
        chat.press(choice)
    assert chat.participant is not None
    chat.play(AnswerGiven(chat.case.id, "facilitator-1", "Я с Вами."))
    assert not [say for say in chat.pass_time(timedelta(hours=1)) if say.purpose in {Purpose.COVER, Purpose.ANSWER}]
