"""The periods of alarms and cases: settings with bounds, so that no setting turns an alarm off (S10)."""

import re
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app import make_policy
from bot.core.errors import ConfigurationError
from bot.curriculum.load import load
from bot.flows.answering import SETTLED
from bot.flows.book import Book
from bot.settings import Settings, read_settings
from bot.texts import load_texts
from tests.flows.chat import coordinator, facilitator, mother, roster
from tests.flows.desk_world import Chat, engine
from tests.flows.desk_world import facilitator as staff
from tests.flows.test_case import URGENT, WORDS

BOUNDS = {
    "alarm_group_minutes": (1, 10),
    "alarm_private_minutes": (2, 20),
    "alarm_coordinators_minutes": (3, 30),
    "alarm_again_minutes": (5, 30),
    "concern_first_hours": (1, 8),
    "concern_last_hours": (2, 48),
    "answer_waits_minutes": (30, 240),
    "case_text_minutes": (5, 60),
    "silent_days": (7, 30),
    "reopened_days": (7, 30),
}
LESSONS, TEXTS = load(), load_texts()


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", sorted(BOUNDS))
def test_s10_a_period_beyond_its_bounds_is_refused_with_one_line(monkeypatch, name):
    least, most = BOUNDS[name]
    for value in ("0", "-1", str(least - 1), str(most + 1)):
        monkeypatch.setenv(f"HAMROH_{name.upper()}", value)
        with pytest.raises(ConfigurationError, match=f"HAMROH_{name.upper()}"):
            read_settings()


@pytest.mark.parametrize(
    ("given_", "named"),
    [
        ({"HAMROH_ALARM_GROUP_MINUTES": "10"}, "HAMROH_ALARM_PRIVATE_MINUTES"),
        ({"HAMROH_ALARM_PRIVATE_MINUTES": "15"}, "HAMROH_ALARM_COORDINATORS_MINUTES"),
        ({"HAMROH_CONCERN_FIRST_HOURS": "5", "HAMROH_CONCERN_LAST_HOURS": "5"}, "HAMROH_CONCERN_LAST_HOURS"),
    ],
)
def test_s10_no_step_of_the_alarm_comes_before_the_one_it_follows(monkeypatch, given_, named):
    for name, value in given_.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=f"{named} must be more than"):
        read_settings()


def test_every_period_reaches_the_conversations():
    least = {name: bounds[0] for name, bounds in BOUNDS.items()}
    policy, usual = make_policy(Settings(_env_file=None, **least)), make_policy(Settings(_env_file=None))
    names = (
        "alarm_group alarm_private alarm_coordinators alarm_again concern_first concern_last answer_expires "
        "case_text_stays silent_after reopened_within"
    ).split()
    assert len(names) == len(BOUNDS)
    assert all(getattr(policy, name) < getattr(usual, name) for name in names)


def test_no_text_of_ours_promises_another_period_than_the_one_that_is_set():
    least = {name: bounds[0] for name, bounds in BOUNDS.items()}
    chat = Chat.of(staff("zara"))
    chat.engine = engine(make_policy(Settings(_env_file=None, **least)))
    chat.press("menu.help")
    assert "за 5 минут" in chat.said
    assert not [key for key in SETTLED.values() if re.search(r"\b(\d+|two|some) (hour|minute)", key)]


PERIODS = st.fixed_dictionaries({name: st.integers(*bounds) for name, bounds in BOUNDS.items()}).filter(
    lambda p: (
        p["alarm_group_minutes"] < p["alarm_private_minutes"] < p["alarm_coordinators_minutes"]
        and p["concern_first_hours"] < p["concern_last_hours"]
    )
)


@given(PERIODS)
@settings(max_examples=10, deadline=None)
def test_s10_under_every_setting_an_urgent_case_rings_at_least_every_half_hour_without_end(periods):
    book = Book(LESSONS, TEXTS, make_policy(Settings(_env_file=None, **periods)))
    chat = mother(book, roster=roster(facilitator(), coordinator()))
    chat.write(WORDS, URGENT)
    began = chat.now
    for _ in range(20):
        due = chat.timers[f"alarm:{chat.case.id}"][0]
        assert timedelta() < due - chat.now <= timedelta(minutes=30)
        chat.pass_time(due - chat.now)
    heard = {effect.to for effect in chat.log if effect.__class__.__name__ == "Post"}
    assert {"group-1", "chat-facilitator-1", "chat-coordinator-1"} <= heard
    assert chat.now - began <= timedelta(hours=10)
