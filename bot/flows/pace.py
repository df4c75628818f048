"""When she may next be written to unprompted: her hours, one push a day and four a week, the more important first.

Her hours are hers alone; the calendar of feasts takes from them, never adds.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.calendar import Hours, Window
from bot.core.effects import CountPush, Purpose, Schedule, SettleRecipient, Unschedule
from bot.core.event import Event
from bot.core.events import LessonDue
from bot.core.feasts import Feasts
from bot.core.messages import Button, Lane
from bot.core.people import Participant
from bot.flows.course import next_lesson
from bot.flows.turn import Turn

RANKS = {"lesson": 1, "check_in": 1, "catch_up": 1, "nudge": 2, "broadcast": 3}
"""What goes first when two pushes want the same day; the key of a timer begins with one of these."""
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
HORIZON = 60


def next_open(hours: Hours, zone: ZoneInfo, feasts: Feasts, after: datetime) -> Window | None:
    """What is next left of some hours by the calendar of feasts; its begin is `after` when that lies inside."""
    for days in range(0, HORIZON, 8):
        for window in hours.windows(after + days * DAY, zone):
            for begin, end in feasts.open(window, zone):
                if after < end:
                    return max(begin, after), end
    return None


def window_end(participant: Participant, now: datetime) -> datetime:
    """The end of the window that now lies in."""
    hours, zone = participant.hours, ZoneInfo(participant.zone)
    ends = [end for begin, end in hours.windows(now, zone) if begin <= now < end] if hours else []
    return min(ends, default=now)


def is_closed(turn: Turn) -> bool:
    """Whether her messenger takes nothing but a template to her now."""
    return closes_by(turn, turn.now)


def closes_by(turn: Turn, at: datetime) -> bool:
    """Whether her messenger takes nothing but a template to her then, if she does not write before."""
    until = turn.facts.free_until
    return until is not None and until <= at


def open_until(turn: Turn) -> datetime | None:
    """Until when she may be pushed to now; None when she may not."""
    participant = turn.facts.participant
    if participant is None or participant.hours is None:
        return None
    found = next_open(participant.hours, ZoneInfo(participant.zone), turn.library.policy.feasts, turn.now)
    return found[1] if found is not None and found[0] == turn.now else None


def next_push(turn: Turn, after: datetime) -> datetime | None:
    """When the next push may go, at the earliest `after`; None when she chose no hours."""
    participant = turn.facts.participant
    if participant is None or participant.hours is None:
        return None
    zone = ZoneInfo(participant.zone)
    for _ in range(HORIZON):
        found = next_open(participant.hours, zone, turn.library.policy.feasts, after)
        if found is None or has_budget(turn, participant, found[0], zone):
            return found[0] if found else None
        after = _next_midnight(found[0], zone)
    return None


def _next_midnight(at: datetime, zone: ZoneInfo) -> datetime:
    tomorrow = at.astimezone(zone).date() + DAY
    return datetime.combine(tomorrow, time(), zone)


def has_budget(turn: Turn, participant: Participant, at: datetime, zone: ZoneInfo) -> bool:
    """Whether one more push fits that day there and the week before it (architecture §1)."""
    policy = turn.library.policy
    day = at.astimezone(zone).date()
    same_day = sum(push.astimezone(zone).date() == day for push in participant.pushes)
    same_week = sum(at - WEEK < push <= at for push in participant.pushes)
    return same_day < policy.pushes_a_day and same_week < policy.pushes_a_week


def plan(turn: Turn, key: str, event: Event, after: datetime) -> None:
    """Set the timer of a push to the next time it may go; none when she chose no hours, or when that is too late."""
    at = next_push(turn, after)
    until: datetime | None = getattr(event, "expires_at", None)
    if at is not None and (until is None or at < until):
        turn.do(Schedule(key, at, event))
        turn.data.setdefault("due", {})[key] = at.isoformat()


def fell_due(turn: Turn, key: str) -> None:
    """The timer of this push has rung, whatever comes of it: nothing waits behind it any more."""
    turn.data.get("due", {}).pop(key, None)


def unplan(turn: Turn, why: str) -> None:
    """Drop the timers of all pushes; a broadcast that waited is told why she was left out."""
    turn.do(Unschedule(tuple(RANKS)))
    leave_out(turn, why)
    turn.data.pop("due", None)


def leave_out(turn: Turn, why: str) -> None:
    """No broadcast that waited for her comes any more; it is told why she was left out (S4)."""
    timed = {key.partition(":")[2] for key in turn.data.get("due", {}) if key.startswith("broadcast:")}
    for broadcast_id in sorted(timed | turn.data.get("unshown", {}).keys()):
        drop_broadcast(turn, broadcast_id)
        turn.do(Unschedule((f"broadcast:{broadcast_id}",)), SettleRecipient(broadcast_id, "left_out", why))


def drop_broadcast(turn: Turn, broadcast_id: str) -> bool:
    """It waits for her no longer; whether it did."""
    is_timed = turn.data.get("due", {}).pop(f"broadcast:{broadcast_id}", None) is not None
    unshown = turn.data.pop("unshown", {})
    is_kept = unshown.pop(broadcast_id, None) is not None
    if unshown:
        turn.data["unshown"] = unshown
    return is_timed or is_kept


def is_idle(turn: Turn) -> bool:
    """Whether she is in the middle of nothing, so that something new may be offered."""
    return turn.is_resting and "return_to" not in turn.data


def may_go(turn: Turn, key: str, *, is_new: bool = True) -> bool:
    """Whether this push may go now; when it is only too early, it is planned anew in this commit.

    Silent means dropped: she is caught up when she comes back.  `is_new` pushes wait until she is idle.
    """
    fell_due(turn, key)
    participant = turn.facts.participant
    if participant is None or participant.is_silent(turn.now) or participant.hours is None:
        return False
    if turn.held_by is not None or participant.are_pushes_withheld or turn.data.get("holds_pages"):
        turn.data["has_missed"] = True
        return False
    zone = ZoneInfo(participant.zone)
    if is_new and not is_idle(turn):
        plan(turn, key, turn.event, turn.now + DAY)
    elif open_until(turn) is None or not has_budget(turn, participant, turn.now, zone):
        plan(turn, key, turn.event, turn.now)
    elif _is_outranked(turn, key, open_until(turn) or turn.now):
        plan(turn, key, turn.event, _next_midnight(turn.now, zone))
    else:
        return True
    return False


def _is_outranked(turn: Turn, key: str, end: datetime) -> bool:
    """Whether something more important is due before this window ends; what should have come a day ago is gone."""
    rank = RANKS[key.partition(":")[0]]
    due: dict[str, str] = turn.data.get("due", {})
    ahead = (k for k, at in due.items() if turn.now - DAY < datetime.fromisoformat(at) < end)
    return any(RANKS[k.partition(":")[0]] < rank for k in ahead)


def push(turn: Turn, text: str) -> None:
    """One neutral line with Open and Later; content follows only after Open (S1, S2)."""
    participant = turn.facts.participant
    if participant is None:
        return
    turn.say(
        text,
        open_or_later(turn),
        lane=Lane.SCHEDULE,
        purpose=Purpose.PUSH,
        expires_at=open_until(turn),
    )
    turn.do(CountPush(turn.now))


def open_or_later(turn: Turn) -> tuple[Button, ...]:
    """What stands under a neutral line."""
    return turn.button("Open", "push.open", standing=True), turn.button("Later", "push.later", standing=True)


def restart(turn: Turn) -> None:
    """She is back, or chose other hours or a place: the next page is announced in her hours, not before tomorrow."""
    page = next_lesson(turn)
    if page is not None:
        plan(turn, "lesson", LessonDue(page.id), turn.now + DAY)
