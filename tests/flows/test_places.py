"""A mother abroad is asked for her city and never guessed; in Ramadan a rest until the feast is offered."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.core.calendar import Hours
from bot.core.effects import Prefer, Purpose, Stand
from bot.core.events import LessonDue, ModuleOpened
from bot.core.feasts import Announced, Feasts
from bot.core.places import CITIES
from bot.curriculum.load import load
from bot.flows.book import Book
from bot.flows.policy import Policy
from bot.texts import load_texts
from tests.flows.chat import MIDDAY, NOON, mother, participant

VLADIVOSTOK = ZoneInfo("Asia/Vladivostok")
IN_RAMADAN = datetime(2027, 2, 20, 7, tzinfo=UTC)


def test_her_hours_go_by_the_clock_of_the_city_she_chose(book):
    chat = mother(book)
    for choice in ("settings", "city", "city:vladivostok"):
        chat.press(choice)
    assert chat.participant.zone == "Asia/Vladivostok"
    chat.play(ModuleOpened("m1"))
    chat.pass_time(timedelta(days=2))
    sent = [at.astimezone(VLADIVOSTOK) for at in chat.participant.pushes]
    assert sent
    assert all(MIDDAY.contains(at, VLADIVOSTOK) for at in sent)


def test_a_page_that_was_planned_by_the_old_clock_is_planned_anew(book):
    chat = mother(book, participant=participant(hours=Hours(time(9), time(11))))
    chat.play(ModuleOpened("m1"))
    before, _ = chat.timers["lesson"]
    for choice in ("settings", "city", "city:moscow"):
        chat.press(choice)
    after, event = chat.timers["lesson"]
    assert event == LessonDue("1.1")
    assert chat.participant.hours.contains(after, ZoneInfo("Europe/Moscow"))
    assert after != before


@pytest.mark.parametrize("choice", ["city:", "city:nowhere", "city:Asia/Dushanbe", "city:home:x"])
def test_a_city_that_is_not_on_the_list_changes_nothing(book, choice):
    chat = mother(book, "Preferences:city")
    assert chat.press(choice)
    assert not [effect for effect in chat.log if isinstance(effect, Prefer)]


def test_every_city_of_the_list_can_be_pressed_and_typed(book):
    for one in CITIES:
        for said in (f"city:{one.id}", one.name["ru"]):
            chat = mother(book, "Preferences:city")
            chat.press("no such choice")
            chat.press(said) if said.startswith("city:") else chat.write(said)
            assert chat.participant.zone == one.zone, said


def test_who_has_just_joined_is_asked_whether_she_is_abroad(book):
    chat = mother(book, "Onboarding:ready")
    chat.press("no such choice")
    assert "city" in chat.choices
    chat.press("city")
    assert chat.state == "Preferences:city"


def test_in_ramadan_the_pause_offers_a_rest_until_the_feast_is_over(book):
    chat = mother(book, "Safety:pause", now=IN_RAMADAN)
    chat.press("no such choice")
    assert "pause.feast" in chat.choices
    chat.press("pause.feast")
    (stand,) = [effect for effect in chat.log if isinstance(effect, Stand)]
    assert stand.changes["paused_until"].astimezone(ZoneInfo("Asia/Dushanbe")) == datetime(
        2027, 3, 11, tzinfo=ZoneInfo("Asia/Dushanbe")
    )
    assert not chat.pass_time(timedelta(days=17))
    assert chat.pass_time(timedelta(days=4)), "one line when it is over"


def test_outside_ramadan_the_offer_does_not_exist_and_an_old_button_does_nothing(book):
    chat = mother(book, "Safety:pause")
    chat.press("no such choice")
    assert "pause.feast" not in chat.choices
    assert chat.press("pause.feast")
    assert not [effect for effect in chat.log if isinstance(effect, Stand)]


def test_an_announced_eid_is_kept_by_the_flows():
    told = Policy(feasts=Feasts((Announced("idi_ramazon", date(2027, 3, 10)),)))
    for policy, day in ((told, 11), (Policy(), 11)):
        her = participant(hours=MIDDAY, opened=("m1",))
        chat = mother(Book(load(), load_texts(), policy), participant=her, now=datetime(2027, 3, 9, 15, tzinfo=UTC))
        chat.play(ModuleOpened("m1"))
        assert chat.timers["lesson"][0].astimezone(ZoneInfo("Asia/Dushanbe")).date() == date(2027, 3, day)


def test_a_push_that_went_near_sunset_expires_before_it(book):
    her = participant(hours=Hours(time(15), time(21)))
    chat = mother(book, participant=her, now=IN_RAMADAN - timedelta(hours=12))
    chat.play(ModuleOpened("m1"))
    said = [say for say in chat.pass_time(timedelta(days=1)) if say.purpose is Purpose.PUSH]
    assert said
    assert said[0].expires_at.astimezone(ZoneInfo("Asia/Dushanbe")).hour < 18
    assert chat.now > NOON
