"""Which buttons are still good: a step's own until the step is over, however much is remembered meanwhile."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from bot.core.cases import Category, Finding, Level
from bot.core.effects import Say, Unschedule
from bot.core.event import Event
from bot.core.events import (
    AnswerGiven,
    ButtonPressed,
    CatchUpDue,
    FreezeAsked,
    LessonDue,
    MessageReceived,
    ModuleOpened,
    NudgeDue,
    PersonConfirmed,
    SendsFailed,
    TakeAsked,
)
from bot.core.messages import Button
from tests.flows.chat import Chat, mother
from tests.flows.test_laws import STATES, URGENT, in_every_state

CONCERN = Finding(Level.CONCERN, Category.DOMESTIC_VIOLENCE)
TYPED = ("салом", "помощь", "пинҳон", "меню", "1", "2", "Рано утром", "язык", "пауза", "стоп", "начать", "позже")
TIMED = (
    MessageReceived("он меня бьёт", message_id="hers"), ButtonPressed("help"), ButtonPressed("window:30"),
    LessonDue("1.1"), ModuleOpened("m1"), NudgeDue(1), CatchUpDue(), PersonConfirmed("facilitator-1"),
    SendsFailed("expired", ("reply",)), FreezeAsked(is_frozen=True), FreezeAsked(is_frozen=False),
    TakeAsked("case", "facilitator-1"), AnswerGiven("case", "facilitator-1", "…"),
)  # fmt: skip


def step_buttons(chat: Chat) -> list[tuple[Button, int]]:
    """The step buttons of what was said by the last turn, each with the version that it carries."""
    return [
        (button, say.outgoing.version)
        for say in chat.says
        for row in say.outgoing.rows
        for button in row
        if not button.is_standing
    ]


def place(chat: Chat) -> tuple[object, ...]:
    """Where a conversation is, as far as a button can tell."""
    return chat.state, chat.conversation.language, chat.conversation.held_by


def copy_of(chat: Chat) -> Chat:
    return replace(chat, timers=dict(chat.timers), log=[], closed=[])


def shown_in_every_state(book):
    """Every step button of every state, each with a chat that has just been shown it."""
    for chat in in_every_state(book):
        chat.press("no such choice")
        for button, version in step_buttons(chat):
            yield copy_of(chat), button.choice, version


def test_a_step_button_still_acts_after_an_automatic_answer_or_a_timer(book):
    tried = 0
    for chat, choice, version in shown_in_every_state(book):
        plain = copy_of(chat)
        plain.play(ButtonPressed(choice, version))
        here = place(chat)
        chat.write("он меня бьёт", URGENT)
        chat.play(NudgeDue(9))
        if place(chat) != here or step_buttons(chat):  # the answer itself led elsewhere
            continue
        chat.play(ButtonPressed(choice, version))
        assert chat.state == plain.state, f"{choice} in {here}"
        tried += 1
    assert tried > 100


def test_of_ten_equal_presses_at_once_one_acts(book):
    tried = 0
    for chat, choice, version in shown_in_every_state(book):
        chat.play(ButtonPressed(choice, version))
        after, acted, spoke = place(chat), _kept(chat.conversation.data), 0
        for _ in range(9):
            chat.play(ButtonPressed(choice, version))
            spoke += bool(chat.says)
            assert place(chat) == after, f"{choice} acted twice"
            assert {type(effect) for effect in chat.effects} <= {Say, Unschedule}, f"{choice} acted twice"
            assert _kept(chat.conversation.data).items() <= acted.items(), f"{choice} acted twice"
        assert spoke <= 1, "one fresh screen is enough"
        tried += 1
    assert tried > 100


def _kept(data: dict) -> dict:
    """Without what is typed instead of pressed, and what was said once; a mark that any act takes away may go."""
    return {key: repr(value) for key, value in data.items() if key not in {"options", "shown_at", "echo"}}


def test_what_she_may_always_press_makes_no_step_button_old(book):
    chat = mother(book)
    chat.press("lesson.next")
    ((button, version), *_) = step_buttons(chat)
    chat.write("он меня бьёт", URGENT)
    (label,) = (b.label for row in chat.says[-1].outgoing.rows for b in row if b.choice == "window:30")
    chat.write(label)
    assert chat.case.window_until == chat.now + timedelta(minutes=30), "a label chooses from what was said last"
    chat.play(ButtonPressed("lines"))
    before = chat.conversation.data["step"]
    chat.play(ButtonPressed(button.choice, version))
    assert chat.conversation.data["step"] == before + 1


def test_the_button_of_a_step_that_is_over_shows_the_present_one(book):
    chat = mother(book)
    chat.press("lesson.next")
    ((button, version), *_) = step_buttons(chat)
    chat.press("lesson.next_card")
    shown = chat.texts
    assert chat.play(ButtonPressed(button.choice, version)) == shown


def test_a_choice_that_was_typed_is_spent_like_a_button(book):
    chat = mother(book, "Preferences:hours")
    chat.press("no such choice")
    buttons = step_buttons(chat)
    chat.write(buttons[0][0].label)
    state, (other, version) = chat.state, buttons[1]
    chat.play(ButtonPressed(other.choice, version))
    assert chat.state == state


def test_s3_a_second_tap_on_a_pause_until_she_writes_does_not_end_it(book):
    chat = mother(book)
    chat.write("пауза")
    version = chat.conversation.version
    for _ in range(3):
        chat.play(ButtonPressed("pause.days:0", version))
        assert chat.participant.paused_until
    chat.write("Добрый день")
    assert chat.participant.paused_until is None


@pytest.mark.parametrize("seed", range(60))
def test_a_button_is_good_exactly_as_long_as_its_step(book, seed):
    """Whatever happens in between: an older version never means the present step, and data alone makes none old."""
    random = Random(seed)
    chat = mother(book, random.choice(STATES))
    shown: dict[int, tuple[object, ...]] = {}
    buttons: list[tuple[Button, int]] = []
    for _ in range(25):
        before, version = place(chat), chat.conversation.version
        event = _happens(chat, random, buttons)
        fresh = step_buttons(chat)
        is_pressed = isinstance(event, ButtonPressed) and event.version == version
        if fresh:
            assert {carried for _, carried in fresh} == {chat.conversation.version}
            shown[chat.conversation.version] = place(chat)
        elif place(chat) == before and not is_pressed and event not in TYPED:
            assert chat.conversation.version == version, f"{event} made the buttons of {before} old"
        assert shown.get(chat.conversation.version, place(chat)) == place(chat), f"old buttons act after {event}"
        assert not is_pressed or chat.conversation.version > version, "a press is spent"
        buttons = [*buttons, *fresh][-12:]


def _happens(chat: Chat, random: Random, buttons: list[tuple[Button, int]]) -> Event | str:
    """Something happens to her; gives the event, or the words she wrote."""
    chat.now += timedelta(minutes=random.choice((0, 1, 5, 20, 700)))
    drawn = random.random()
    if drawn < 0.2:
        word = random.choice(TYPED)
        chat.write(word)
        return word
    if drawn < 0.6 and buttons:
        button, version = random.choice(buttons)
        event: Event = ButtonPressed(button.choice, version)
    else:
        event = random.choice(TIMED)
    if isinstance(event, MessageReceived):
        chat.play(event, random.choice((URGENT, CONCERN)))
        return event
    if hasattr(event, "case_id"):
        event = replace(event, case_id=chat.case.id if chat.case else "none")
    chat.play(event)
    return event
