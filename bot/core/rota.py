"""Who is rung for a case, in which order, and when so many hours of shift are over; pure counting."""

from collections.abc import Container, Iterable, Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.cases import Case
from bot.core.people import Roster, Staff

WITHOUT_SHIFT = timedelta(days=7)
"""The longest that hours of shift are waited for: a case never sleeps because nobody set hours."""
MORNING = time(9)


def first_called(
    roster: Roster, case: Case, loads: Mapping[str, int], now: datetime, but: Container[str] = ()
) -> tuple[Staff, ...]:
    """Whom to ring privately first, the one with the fewest open cases in front.

    Suitable is who answers in the mother's language, carries fewer cases than her limit, and is neither away nor
    resting.  Those suitable and on duty; else anyone suitable and anyone on duty; else anyone who is there; else
    anyone at all.  Who knows the mother in her own life is never among them; who said that she cannot (`but`, ids of
    staff) is among them only where nobody else is there.
    """
    able = roster.facilitators(case.cohort_id, case.conversation_id)
    there = [s for s in able if not s.is_away(now) and s.id not in but]
    awake = [s for s in there if not s.is_resting(now)]
    suitable = [s for s in awake if case.language in s.languages and loads.get(s.id, 0) < s.load_limit]
    on_duty = [s for s in awake if s.is_on_duty(now)]
    tiers = (
        [s for s in suitable if s in on_duty],
        [s for s in awake if s in suitable or s in on_duty],
        awake,
        there,
        able,
    )
    called = next((tier for tier in tiers if tier), ())
    return tuple(sorted(called, key=lambda s: (loads.get(s.id, 0), s.id)))


def everybody_called(roster: Roster, case: Case, now: datetime) -> tuple[Staff, ...]:
    """All who may take the case and are there and awake; if none is, all who may take it."""
    return _preferring_awake(roster.facilitators(case.cohort_id, case.conversation_id), now)


def last_called(roster: Roster, case: Case, now: datetime) -> tuple[Staff, ...]:
    """The person named for the time when nobody is there, and the coordinators; they find somebody.

    Who knows the mother is called only when there is nobody else: the card tells nothing of her.
    """
    everybody = [s for s in roster.staff if s.is_fallback] + list(roster.coordinators())
    apart = [s for s in everybody if case.conversation_id in s.conflicts]
    return _preferring_awake([s for s in everybody if s not in apart] or apart, now)


def _preferring_awake(staff: Iterable[Staff], now: datetime) -> tuple[Staff, ...]:
    able = tuple(dict.fromkeys(staff))
    there = tuple(s for s in able if not s.is_away(now))
    return tuple(s for s in there if not s.is_resting(now)) or there or able


def next_morning(now: datetime, zone: ZoneInfo) -> datetime:
    """The next time that it is nine in the morning there: the hour of what is no alarm."""
    today = now.astimezone(zone).date()
    mornings = (datetime.combine(today + timedelta(days=n), MORNING, zone) for n in range(2))
    return next(at for at in mornings if at > now).astimezone(now.tzinfo)


def suited(roster: Roster, case: Case) -> tuple[Staff, ...]:
    """Those who may take the case and answer in its language; without any, all who may take it."""
    able = roster.facilitators(case.cohort_id, case.conversation_id)
    return tuple(s for s in able if case.language in s.languages) or able


def after_shift(roster: Roster, case: Case, since: datetime, wait: timedelta) -> datetime:
    """When at least one suitable person will have been on duty for so long, counted from `since`."""
    at = since
    for begin, end in sorted(window for staff in suited(roster, case) for window in staff.shifts(since)):
        begin_at = max(at, begin)
        if end <= begin_at:
            continue
        if begin_at + wait <= end:
            return (begin_at + wait).astimezone(since.tzinfo)
        wait -= end - begin_at
        at = end
    return since + max(wait, WITHOUT_SHIFT) if at > since else since + wait
