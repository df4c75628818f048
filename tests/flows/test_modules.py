"""The beginning and the end of modules: recalled, quietly left, taken up again; and the last page of all."""

from datetime import timedelta

import pytest

from bot.core.effects import Purpose
from bot.core.events import LessonDue, ModuleOpened
from bot.curriculum.load import load
from tests.flows.chat import ALWAYS, mother, participant

CURRICULUM = load()
ALL = frozenset(lesson.id for lesson in CURRICULUM.lessons())
OPEN = tuple(module.id for module in CURRICULUM.modules)


def at_the_beginning_of(book, number: int):
    done = frozenset(name for name in ALL if int(name.split(".")[0]) < number)
    opened = OPEN[:number]
    chat = mother(book, participant=participant(finished=done, opened=opened, hours=ALWAYS))
    chat.press("lesson.next")
    return chat


@pytest.mark.parametrize("number", range(1, 11))
def test_every_module_can_be_left_without_a_question_and_nothing_follows(book, number):
    chat = at_the_beginning_of(book, number)
    texts = chat.press("module.leave")
    assert chat.state == "Menu:open"
    assert not any("?" in text for text in texts)
    assert "lesson.next" not in chat.choices
    said = chat.pass_time(timedelta(days=60))
    assert not [say for say in said if say.purpose is Purpose.PUSH]
    chat.play(LessonDue(f"{number}.1"))
    assert not chat.says


def test_the_next_module_is_announced_after_one_was_left(book):
    chat = at_the_beginning_of(book, 6)
    chat.press("module.leave")
    chat.participant = participant(finished=chat.participant.finished, opened=OPEN[:7], hours=ALWAYS)
    chat.play(ModuleOpened("m7"))
    (push,) = chat.pass_time(timedelta(days=1))
    assert push.outgoing.text == CURRICULUM.lesson("7.1").push.ru
    assert CURRICULUM.modules[6].opening.ru in chat.press("push.open")[0]


def test_pages_that_were_left_can_be_taken_up_from_the_menu(book):
    chat = at_the_beginning_of(book, 6)
    chat.press("module.leave")
    assert "module.back" in chat.choices
    assert CURRICULUM.modules[5].opening.ru in chat.press("module.back")[0]
    chat.press("menu")
    assert "module.back" not in chat.choices


def test_who_was_not_at_the_session_reads_three_lines_and_goes_on(book):
    chat = at_the_beginning_of(book, 3)
    recap, card = chat.press("module.recap")
    assert recap == CURRICULUM.modules[2].recap.ru
    assert CURRICULUM.lesson("3.1").cards[0].ru in card
    chat.press("lesson.next_card")
    assert not {"module.recap", "module.leave"} & set(chat.choices)


def test_later_pages_and_pages_read_again_do_not_offer_it(book):
    chat = mother(book, participant=participant(finished=frozenset({"1.1"})))
    chat.press("lesson.next")
    assert "module.leave" not in chat.choices
    chat = mother(book, participant=participant(finished=frozenset({"1.1"})))
    chat.press("menu.finished")
    chat.press("lesson.repeat:1.1")
    assert "module.leave" not in chat.choices
    chat.press("module.leave")
    assert chat.state == "Lesson:reading"


def test_measures_come_at_the_end_also_when_a_module_was_left(book):
    done = frozenset(name for name in ALL if not name.startswith("6."))
    chat = mother(book, data={"put_away": ["m6"]}, participant=participant(finished=done, opened=OPEN))
    chat.press("menu")
    assert "measure.begin" in chat.choices


# ---- the last page


def at_the_end(book):
    chat = mother(book, "Lesson:practice", data={"lesson": "10.3", "step": 0})
    chat.participant = participant(finished=ALL - {"10.3"}, opened=OPEN)
    closing, _ = chat.press("practice.later")
    chat.press("harm.skip")
    assert CURRICULUM.modules[-1].closing.ru in closing
    assert {"end.stop", "end.again", "end.stay"} <= set(chat.choices)
    return chat


def test_at_the_end_she_may_stop(book):
    chat = at_the_end(book)
    chat.press("end.stop")
    assert chat.state == "Safety:stopped"
    assert chat.participant.stopped_at


def test_at_the_end_she_may_read_again(book):
    chat = at_the_end(book)
    chat.press("end.again")
    assert "lesson.repeat:1.1" in chat.choices


def test_at_the_end_she_may_stay(book):
    chat = at_the_end(book)
    assert "«Помощь»" in chat.press("end.stay")[0]
    assert chat.state == "Menu:open"


def test_reading_the_last_page_again_asks_nothing(book):
    chat = mother(book, participant=participant(finished=ALL, opened=OPEN))
    chat.conversation.data.update({"lesson": "10.3", "step": 0, "is_repeat": True})
    chat = mother(book, "Lesson:practice", data=chat.conversation.data, participant=chat.participant)
    chat.press("practice.later")
    assert chat.state == "Menu:open"
