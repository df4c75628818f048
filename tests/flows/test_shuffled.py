"""Her acts come late and in any order, as on WhatsApp: every order of them, played by the book (S1, S3, S15)."""

from datetime import timedelta
from random import Random

import pytest

from bot.core.effects import KeepReflection, Say
from bot.core.events import AnswerGiven, ButtonPressed, MessageReceived, TakeAsked
from bot.flows.book import Book
from tests.flows.chat import mother
from tests.flows.test_case import URGENT, WORDS, taken
from tests.laws.shuffled import SECRET, WRITTEN, Acted, Shown, Story, lives

STORIES, ACTS = 60, 20
MOMENT = timedelta(milliseconds=1)


class Late:
    """A chat in which what she does comes when it comes, and the facilitator answers in between."""

    def __init__(self, book: Book, random: Random) -> None:
        self.chat = mother(book, language="tg")
        self.chat.write(WORDS, URGENT)
        self.chat.play(TakeAsked(self.chat.case.id, "facilitator-1"))
        self.chat.now += timedelta(hours=5)  # her hours are over
        self.random = random
        self.story = Story(lives(random, self.chat.now, ACTS))

    def plays(self) -> Story:
        """All of it; what her phone was shown."""
        for act in sorted(self.story.acts, key=lambda act: act.heard_at):
            self._waits_for(act)
            self.chat.behind = act.heard_at - act.at
            is_written = act.what in WRITTEN
            self.chat.play(MessageReceived(act.what, message_id="hers") if is_written else ButtonPressed(act.what))
            self._shows(self.chat.says)
        return self.story

    def _waits_for(self, act: Acted) -> None:
        while due := [at for at, _ in self.chat.timers.values() if at <= act.heard_at]:
            self._shows(self.chat.pass_time(max(min(due) - self.chat.now, timedelta())))
        self.chat.now = max(act.heard_at - MOMENT, self.chat.now)
        if self.random.random() < 0.4:
            self.chat.play(AnswerGiven(self.chat.case.id, "facilitator-1", SECRET))
            self._shows(self.chat.says)
        self.chat.now = act.heard_at

    def _shows(self, says: list[Say]) -> None:
        for say in says:
            if say.expires_at is None or say.expires_at > self.chat.now:
                choices = tuple(button.choice for row in say.outgoing.rows for button in row)
                self.story.shown.append(Shown(self.chat.now, say.outgoing.text, choices))


def test_s1_in_any_order_she_is_shown_only_what_she_had_allowed(book):
    stories = [Late(book, Random(seed)).plays() for seed in range(STORIES)]
    assert [f"{n}: {line}" for n, story in enumerate(stories) for line in story.broken()] == []
    texts = [shown for story in stories for shown in story.shown]
    assert sum(shown.text == SECRET for shown in texts) > STORIES / 2
    assert sum(shown.choices == ("push.open", "push.later") for shown in texts) > 10


@pytest.mark.soak
def test_s1_in_any_order_over_thousands_of_stories(book):
    for seed in range(1000, 5000):
        assert [f"{seed}: {line}" for line in Late(book, Random(seed)).plays().broken()] == []


def late(chat, what, minutes):
    """She pressed so many minutes ago what comes now."""
    chat.behind = timedelta(minutes=minutes)
    said = chat.play(ButtonPressed(what) if what not in WRITTEN else MessageReceived(what))
    chat.behind = timedelta()
    return said


def answered(book):
    """Her hours are over, and an answer of her facilitator waits."""
    chat = taken(book)
    chat.now += timedelta(hours=4)
    chat.play(AnswerGiven(chat.case.id, "facilitator-1", SECRET))
    return chat


def test_s1_a_now_of_long_ago_asks_again_when_she_has_written_since(book):
    chat = answered(book)
    chat.write("салом")
    chat.now += timedelta(minutes=5)
    assert SECRET not in late(chat, "case.now", 20)
    assert "case.now" in chat.choices
    assert chat.press("case.now") == [SECRET]


def test_s1_a_window_that_is_over_opens_nothing_and_she_is_asked_again(book):
    chat = taken(book)
    chat.now += timedelta(hours=4)
    chat.write("салом")
    assert late(chat, "window:30", 60)
    assert chat.case.window_until is None
    assert "window:30" in chat.choices


def test_s1_a_window_counts_from_her_press_though_she_has_written_since(book):
    chat = taken(book)
    chat.now += timedelta(hours=4)
    chat.write("салом")
    late(chat, "window:120", 60)
    assert chat.case.window_until == chat.now + timedelta(minutes=60)


def test_s1_a_window_of_an_earlier_case_does_not_hold_for_this_one(book):
    chat = mother(book)
    chat.now += timedelta(hours=4)
    chat.write(WORDS, URGENT)
    late(chat, "window:120", 60)
    assert chat.case.window_until is None


def test_s1_what_she_pressed_last_holds_however_it_comes(book):
    chat = taken(book)
    chat.now += timedelta(hours=4)
    chat.press("window:hours")
    late(chat, "window:120", 1)
    assert chat.case.window_until is None
    chat.now += timedelta(minutes=30)
    chat.press("window:120")
    late(chat, "case.later", 1)
    assert chat.case.window_until == chat.now + timedelta(hours=2)


def test_s15_a_later_that_comes_late_takes_back_the_now_before_it(book):
    chat = answered(book)
    chat.write("салом")
    assert chat.press("case.now") == [SECRET]
    chat.now += timedelta(minutes=3)
    chat.write("салом")
    late(chat, "case.later", 1)
    chat.play(AnswerGiven(chat.case.id, "facilitator-1", SECRET))
    assert chat.texts != [SECRET]
    assert "case.now" in chat.choices


@pytest.mark.parametrize("before", ["push.open", "hidden.open", "start", "menu", "case.now", "салом"])
def test_s3_what_she_did_before_hide_shows_nothing_after_it(book, before):
    chat = answered(book)
    chat.write("пинҳон")
    assert late(chat, before, 2) == []
    assert chat.participant.hidden_at is not None
    assert chat.press("hidden.open")


def test_s3_a_cry_for_help_before_hide_reaches_a_person_without_a_word_to_her(book):
    chat = mother(book)
    chat.write("пинҳон")
    chat.behind = timedelta(minutes=2)
    assert chat.write(WORDS, URGENT) == []
    assert chat.case is not None


def test_s3_hide_that_comes_late_hides_and_an_open_after_it_opens(book):
    chat = mother(book)
    chat.write("салом")
    chat.now += timedelta(minutes=5)
    late(chat, "пинҳон", 4)
    assert chat.choices == ["hidden.open"]
    assert late(chat, "hidden.open", 2)
    assert chat.participant.hidden_at is None


def test_s3_a_pause_until_she_writes_outlasts_what_she_wrote_before_it(book):
    chat = mother(book)
    chat.press("pause")
    chat.press("pause.days:0")
    late(chat, "салом", 3)
    assert chat.participant.paused_until is not None
    chat.write("салом")
    assert chat.participant.paused_until is None


@pytest.mark.parametrize("language", ["tg", "ru"])
@pytest.mark.parametrize("start", ["START", "продолжить", "start"])
def test_s3_a_pause_of_days_outlasts_the_start_of_before_it(book, language, start):
    chat = mother(book, language=language)
    chat.now += timedelta(minutes=3)
    chat.write("пауза")
    chat.press("pause.days:30")
    until = chat.participant.paused_until
    for behind, holds in ((timedelta(minutes=3), True), (timedelta(), False)):
        chat.now += timedelta(minutes=1)
        chat.behind = behind
        chat.play(ButtonPressed(start)) if start == "start" else chat.write(start)
        assert (chat.participant.paused_until == until) is holds


def test_her_answer_to_a_question_is_kept_though_we_heard_later_first(book):
    chat = mother(book, "Lesson:asked")
    chat.press("case.later")
    assert chat.state == "Lesson:asked"
    chat.behind = timedelta(minutes=1)
    assert chat.write("Мы говорили за чаем") == []
    assert chat.asked(KeepReflection)
