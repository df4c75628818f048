"""Who is rung, in which order, and how hours of shift are counted."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.core import rota
from bot.core.calendar import Hours
from bot.core.cases import Case, CaseState, Level
from bot.core.people import Away, Role, Roster, Staff

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # a Monday, 11:00 in Dushanbe
ALWAYS = Hours(time(0), time(0))
MORNINGS = Hours(time(9), time(13), frozenset(range(5)))
NIGHTS = Hours(time(22), time(7))
CASE = Case("case", "1234", "chat-hers", "bahor", Level.URGENT, CaseState.OPEN, "tg", NOW)
FOUR_HOURS = timedelta(hours=4)
TODAY = NOW.date()


def facilitator(name, **changes):
    member = Staff(
        id=name,
        alias=name.title(),
        conversation_id=f"chat-{name}",
        language="ru",
        roles=frozenset({Role.FACILITATOR}),
        duty=(ALWAYS,),
        trained_on=date(2026, 1, 1),
        is_confirmed=True,
    )
    return replace(member, **changes)


def coordinator(name, **changes):
    return facilitator(name, roles=frozenset({Role.COORDINATOR}), trained_on=None, **changes)


def first(*staff, loads=None, now=NOW, case=CASE):
    return [member.id for member in rota.first_called(Roster(staff), case, loads or {}, now)]


def test_the_least_loaded_on_duty_comes_first():
    people = (facilitator("anor"), facilitator("bed"), facilitator("olma", duty=()))
    assert first(*people, loads={"anor": 3, "bed": 1}) == ["bed", "anor"]


def test_who_carries_as_many_as_she_can_is_rung_only_when_nobody_else_suits():
    full = facilitator("anor", load_limit=2)
    assert first(full, facilitator("bed"), loads={"anor": 2, "bed": 4}) == ["bed"]
    assert first(full, loads={"anor": 2}) == ["anor"]


def test_who_does_not_answer_in_her_language_comes_after_those_who_do():
    russian = facilitator("anor", languages=frozenset({"ru"}))
    assert first(russian, facilitator("bed")) == ["bed"]
    off_duty = facilitator("bed", duty=())
    assert first(russian, off_duty) == ["anor", "bed"], "present in another language, or suited and at home: both"
    assert first(russian) == ["anor"]


def test_nobody_is_rung_in_her_rest_unless_nobody_else_is_there():
    resting = facilitator("anor", rest=(ALWAYS,))
    assert first(resting, facilitator("bed", duty=())) == ["bed"]
    assert first(resting) == ["anor"]


def test_nobody_is_rung_on_her_days_away_unless_there_is_nobody_at_all():
    away = facilitator("anor", away=Away(date(2026, 11, 23), date(2026, 11, 25)))
    assert first(away, facilitator("bed", rest=(ALWAYS,))) == ["bed"]
    assert first(away) == ["anor"]
    assert first(away, facilitator("bed"), now=NOW + timedelta(days=3)) == ["anor", "bed"]


def test_a_relative_or_neighbour_is_never_rung_as_a_facilitator():
    neighbour = facilitator("anor", conflicts=frozenset({"chat-hers"}))
    assert first(neighbour) == []
    assert rota.everybody_called(Roster((neighbour,)), CASE, NOW) == ()
    assert first(neighbour, case=replace(CASE, conversation_id="chat-other")) == ["anor"]


def test_the_fallback_person_is_called_with_the_coordinators_and_a_relative_only_when_alone():
    named, chief = facilitator("bed", trained_on=None, is_fallback=True), coordinator("nigora")
    assert [s.id for s in rota.last_called(Roster((chief, named)), CASE, NOW)] == ["bed", "nigora"]
    apart = replace(chief, conflicts=frozenset({"chat-hers"}))
    assert [s.id for s in rota.last_called(Roster((apart, named)), CASE, NOW)] == ["bed"]
    assert [s.id for s in rota.last_called(Roster((apart,)), CASE, NOW)] == ["nigora"]


# ---- hours of shift


def test_hours_of_shift_count_only_while_somebody_suitable_is_on_duty():
    desk = Roster((facilitator("anor", duty=(MORNINGS,)),))
    at = rota.after_shift(desk, CASE, NOW, FOUR_HOURS)
    assert at == datetime(2026, 11, 24, 6, 0, tzinfo=UTC), "two hours today, two tomorrow"
    friday = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
    assert rota.after_shift(desk, CASE, friday, FOUR_HOURS) == datetime(2026, 11, 30, 7, 0, tzinfo=UTC)


def test_hours_of_those_who_do_not_suit_are_not_counted():
    tajik = facilitator("anor", duty=(MORNINGS,))
    others = (
        facilitator("bed", languages=frozenset({"ru"})),
        facilitator("olma", conflicts=frozenset({"chat-hers"})),
        facilitator("sarv", cohorts=frozenset({"navbahor"})),
        coordinator("nigora"),
    )
    assert rota.after_shift(Roster((tajik, *others)), CASE, NOW, FOUR_HOURS) == rota.after_shift(
        Roster((tajik,)), CASE, NOW, FOUR_HOURS
    )


def test_two_on_duty_at_the_same_time_make_no_time_pass_twice():
    one, two = facilitator("anor", duty=(MORNINGS,)), facilitator("bed", duty=(MORNINGS, MORNINGS))
    assert rota.after_shift(Roster((one, two)), CASE, NOW, FOUR_HOURS) == rota.after_shift(
        Roster((one,)), CASE, NOW, FOUR_HOURS
    )


def test_days_away_are_no_shift_and_are_not_promised():
    away = Away(date(2026, 11, 24), date(2026, 11, 25))
    gone = facilitator("anor", duty=(MORNINGS,), away=away)
    assert rota.after_shift(Roster((gone,)), CASE, NOW, FOUR_HOURS) == datetime(2026, 11, 26, 6, 0, tzinfo=UTC)
    evening = NOW + timedelta(hours=9)
    assert gone.next_duty(evening) == datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
    assert not gone.is_on_duty(NOW + timedelta(days=1))
    assert gone.is_on_duty(NOW)


def test_a_shift_that_she_ended_counts_until_then_and_the_next_one_is_promised():
    resting = facilitator("anor", duty=(MORNINGS,), off=(NOW, NOW + timedelta(hours=8)))
    assert not resting.is_on_duty(NOW)
    assert resting.next_duty(NOW) == datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
    begun = NOW - timedelta(hours=1)
    assert rota.after_shift(Roster((resting,)), CASE, begun, FOUR_HOURS) == datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def test_without_any_hours_the_wait_is_counted_by_the_clock():
    assert rota.after_shift(Roster((facilitator("anor", duty=()),)), CASE, NOW, FOUR_HOURS) == NOW + FOUR_HOURS


HOURS = st.builds(
    Hours,
    st.builds(time, st.integers(0, 23), st.sampled_from((0, 30))),
    st.builds(time, st.integers(0, 23), st.sampled_from((0, 30))),
    st.frozensets(st.integers(0, 6), min_size=1),
)
PEOPLE = st.lists(
    st.builds(
        lambda duty, rest, languages, days: {
            "duty": tuple(duty),
            "rest": tuple(rest),
            "languages": languages,
            "away": Away(NOW.date() + timedelta(days=days), NOW.date() + timedelta(days=days + 2))
            if days < 9
            else None,
            "off": (NOW + timedelta(days=days), NOW + timedelta(days=days, hours=13)) if days % 2 else None,
        },
        st.lists(HOURS, max_size=2),
        st.lists(HOURS, max_size=1),
        st.frozensets(st.sampled_from(("tg", "ru")), min_size=1),
        st.integers(-2, 12),
    ),
    min_size=1,
    max_size=4,
)


@given(PEOPLE, st.integers(0, 7 * 24 * 60), st.lists(st.integers(0, 7), min_size=4, max_size=4))
def test_s10_whoever_is_there_somebody_is_always_called_and_the_clock_always_ends(people, minutes, loads):
    now = NOW + timedelta(minutes=minutes)
    desk = Roster(tuple(facilitator(f"person-{n}", **changes) for n, changes in enumerate(people)))
    counted = {f"person-{n}": load for n, load in enumerate(loads)}
    called = rota.first_called(desk, CASE, counted, now)
    assert called
    assert rota.everybody_called(desk, CASE, now)
    assert [counted[s.id] for s in called] == sorted(counted[s.id] for s in called)
    at = rota.after_shift(desk, CASE, now, FOUR_HOURS)
    assert now + FOUR_HOURS <= at <= now + timedelta(days=16)
