"""S5: whoever holds her phone and writes something harmless learns nothing of a case: it is answered as without one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.cases import Category, Finding, Level, Outcome, Voice
from bot.core.effects import AddToReflection, KeepReflection, RecordCheckIn
from bot.core.events import ActRecorded, AnswerGiven, ButtonPressed, CaseCloseAsked, MessageEdited, TakeAsked
from bot.core.messages import LANGUAGES
from bot.flows.belonging import TALKING
from bot.flows.onboarding import CHILD
from tests.flows.chat import mother, stranger
from tests.flows.test_laws import STATES, STRANGE

CONCERN = Finding(Level.CONCERN, Category.DISTRESS, 0.7, ("concept",), "rules-1")
URGENT = Finding(Level.URGENT, Category.DOMESTIC_VIOLENCE, 0.9, ("concept",), "rules-1")
OURS = "facilitator-1"
TYPED = {
    "tg": ("пагоҳ ба дарс меоям", "Салом", "раҳмат", "завтра приду к вам", "завтра обязательно приду", "1", "менюю"),
    "ru": ("завтра приду на занятие", "Привет", "спасибо", "пагоҳ ба дарс меоям", "боз пагоҳ меоям", "1", "менюю"),
}
AFTER = timedelta(hours=3)


def untaken(chat, finding=URGENT):
    chat.write("выдуманные слова", finding)


def concern(chat):
    untaken(chat, CONCERN)


def taken(chat):
    untaken(chat)
    chat.play(TakeAsked(chat.case.id, OURS))


def acted(chat):
    taken(chat)
    chat.play(ActRecorded(chat.case.id, OURS, "Поговорила лично."))


def answered(chat):
    taken(chat)
    chat.play(AnswerGiven(chat.case.id, OURS, "Выдуманный ответ."))
    chat.press("case.now")
    chat.write("выдуманный вопрос")


def closed(chat):
    answered(chat)
    chat.play(CaseCloseAsked(chat.case.id, OURS, Outcome.HANDLED, "Поговорили."))


def allowed(chat):
    taken(chat)
    chat.press("window:120")


CASES = (untaken, concern, taken, acted, answered, allowed)


def in_state(book, state, language):
    """A chat in a state in which she can be: a stranger's, or that of one who has joined."""
    if state not in STRANGE:
        return mother(book, state, language)
    chat = stranger(book)
    chat.conversation = replace(chat.conversation, state=state, data={"has_language": True}, language=language)
    return chat


def shown(chat, texts):
    """What she sees after each text: words and buttons."""
    return [
        [(say.outgoing.text, [button.label for row in say.outgoing.rows for button in row]) for say in chat.says]
        for text in texts
        if chat.write(text) is not None
    ]


def worlds(book, state, language, tell):
    """The same chat without a case, and with one of some hours ago; she stands in the state by a later press."""
    without = in_state(book, state, language)
    within = in_state(book, "Onboarding:language" if state in STRANGE else "Menu:open", language)
    tell(within)
    within.conversation = replace(
        within.conversation,
        state=without.conversation.state,
        data={
            **{key: value for key, value in within.conversation.data.items() if key not in TALKING},
            **without.conversation.data,
        },
        language=language,
    )
    without.now = within.now = within.now + AFTER
    without.conversation = replace(without.conversation, last_in_at=within.conversation.last_in_at)
    return without, within


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tell", CASES)
def test_s5_in_every_state_harmless_words_are_answered_as_without_a_case(book, tell, language):
    for state in STATES:
        if state in {"Onboarding:new", CHILD}:  # the first message of all; where every word is a person's
            continue
        without, within = worlds(book, state, language, tell)
        assert shown(within, TYPED[language]) == shown(without, TYPED[language]), state
        assert within.case is not None
        assert within.state == without.state, state


@pytest.mark.parametrize("language", LANGUAGES)
def test_s5_her_words_arrive_all_the_same_and_she_is_told_so(book, language):
    for tell in CASES:
        _, within = worlds(book, "Menu:open", language, tell)
        first, *_ = within.write(TYPED[language][0])
        assert first.startswith({"tg": "Расид", "ru": "Получили"}[language])
        assert [message.body for message in within.case.messages if message.voice is Voice.HERS][-1] == TYPED[language][
            0
        ]
        assert bool(within.posts()) is (within.case.owner_id is not None)


def test_s5_what_a_stranger_adds_is_answered_like_the_second_words_of_any_stranger(book):
    without, within = stranger(book), stranger(book)
    within.write("выдуманные слова", URGENT)
    without.write("салом")
    without.now = within.now = within.now + AFTER
    assert shown(within, ("я дома",)) == shown(without, ("я дома",))
    assert [message.body for message in within.case.messages][-1] == "я дома"


@pytest.mark.parametrize("greeting", ["салом", "Здравствуйте", "Ассалому алайкум"])
def test_s5_a_strangers_second_greeting_is_answered_by_the_first_screen_alone(book, greeting):
    without, within = stranger(book), stranger(book)
    within.write("выдуманные слова", URGENT)
    first = without.write("салом")
    without.now = within.now = within.now + AFTER
    assert len(first) == 1
    assert within.write(greeting) == without.write(greeting) == first


@pytest.mark.parametrize("tell", CASES)
def test_s5_to_change_an_old_harmless_message_shows_nothing(book, tell):
    _, within = worlds(book, "Menu:open", "ru", tell)
    within.write("завтра приду")
    assert within.play(MessageEdited("завтра не приду", f"hers-{len(within.log)}")) == []


@pytest.mark.parametrize("tell", CASES)
def test_s5_a_page_that_she_opened_since_keeps_her_answer_for_her(book, tell):
    _, within = worlds(book, "Lesson:asked", "ru", tell)
    known = len(within.case.messages)
    within.write("обычный ответ")
    assert within.asked(KeepReflection)
    assert len(within.case.messages) == known


@pytest.mark.parametrize("tell", [taken, acted, answered])
def test_s10_words_to_her_facilitator_are_no_answer_to_the_page_that_stood_there(book, tell):
    within = mother(book, "Lesson:asked")
    tell(within)
    within.now += AFTER
    said = within.write("он ушёл, я дома")
    assert [message.body for message in within.case.messages][-1] == "он ушёл, я дома"
    assert not within.asked(KeepReflection)
    assert said[0].startswith("Получили")
    assert within.state == "Lesson:asked"


def test_s10_words_after_a_read_answer_are_for_whoever_wrote_it_though_a_page_asks(book):
    within = mother(book, "Lesson:asked")
    taken(within)
    within.play(ButtonPressed("menu"))
    within.conversation = replace(within.conversation, state="Lesson:asked")
    within.play(AnswerGiven(within.case.id, OURS, "Выдуманный ответ."))
    within.press("case.now")
    within.now += AFTER
    within.write("он ушёл, я дома")
    assert [message.body for message in within.case.messages][-1] == "он ушёл, я дома"


def test_s13_an_answer_that_waits_is_offered_to_whoever_writes(book):
    within = mother(book, "Lesson:asked")
    taken(within)
    within.now += AFTER
    within.press("menu")
    within.now += AFTER
    within.play(AnswerGiven(within.case.id, OURS, "Выдуманный ответ."))
    within.write("обычный ответ")
    assert {"case.now", "case.later"} <= set(within.choices)


@pytest.mark.parametrize("tell", [taken, acted])
def test_s10_a_yes_that_her_page_takes_reaches_whoever_has_her_case_too(book, tell):
    without, within = mother(book, "Lesson:check_in"), mother(book, "Lesson:check_in")
    for chat in (without, within):
        chat.write("завтра приду")
    tell(within)
    without.now = within.now = within.now + AFTER
    assert within.write("да") == without.write("да")
    assert within.asked(RecordCheckIn)
    assert [message.body for message in within.case.messages][-1] == "да"
    within.write("1")
    assert [message.body for message in within.case.messages][-1] == "да", "from here on she is at her pages"


@pytest.mark.parametrize("tell", [untaken, taken, closed])
def test_s20_what_she_adds_to_her_answer_is_as_private_as_its_beginning(book, tell):
    chat = mother(book)
    tell(chat)
    chat.now += timedelta(hours=3)
    chat.press("menu")
    chat.conversation = replace(
        chat.conversation, state="Lesson:asked", data={**chat.conversation.data, "lesson": "1.1"}
    )
    heard = len(chat.case.messages) if chat.case else 0
    for text in ("Утром", "когда дети в школе"):
        chat.now += timedelta(seconds=20)
        chat.write(text)
    assert (len(chat.case.messages) if chat.case else 0) == heard
    assert [effect.text for effect in chat.log if isinstance(effect, AddToReflection)] == ["когда дети в школе"]


def test_s20_what_follows_an_answer_that_is_not_kept_goes_to_nobody_either(book):
    chat = mother(book, "Lesson:practice", data={"lesson": "1.1"})
    closed_at = {"id": "case-9", "number": "0009", "at": chat.now.isoformat()}
    data = {"lesson": "1.1", "answered_at": chat.now.isoformat(), "closed": closed_at}
    chat.conversation = replace(chat.conversation, data=data)
    chat.now += timedelta(seconds=20)
    chat.write("дети обнимают меня")
    assert chat.case is None
