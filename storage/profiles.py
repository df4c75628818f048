"""What a mother chose for herself, as the sealed JSON of her row."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from bot.core.calendar import Hours
from bot.core.people import Shared

PLACE = "participants.profile"
COUNTED = timedelta(days=7)
"""How long an unprompted message counts against her budget."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Name, hours, whether the phone is shared, zone, recent unprompted messages, and may answers be sampled."""

    name: str = ""
    hours: Hours | None = None
    phone_shared: Shared = Shared.UNKNOWN
    zone: str = ""
    pushes: tuple[datetime, ...] = ()
    may_be_sampled: bool = False

    def change(self, changes: dict[str, Any]) -> "Profile":
        """With what she chose now; raises TypeError for something that is not hers to choose."""
        return replace(self, **changes)

    def push(self, at: datetime) -> "Profile":
        """With one more unprompted message; those older than a week are forgotten."""
        return replace(self, pushes=(*(p for p in self.pushes if at - p < COUNTED), at))


def to_json(profile: Profile) -> dict[str, Any]:
    """As plain values."""
    return {
        "name": profile.name,
        "hours": profile.hours and hours_to_json(profile.hours),
        "phone_shared": profile.phone_shared,
        "zone": profile.zone,
        "pushes": [push.isoformat() for push in profile.pushes],
        "may_be_sampled": profile.may_be_sampled,
    }


def from_json(value: dict[str, Any]) -> Profile:
    """From plain values."""
    hours = value.get("hours")
    return Profile(
        value.get("name", ""),
        hours and hours_from_json(hours),
        Shared(value.get("phone_shared", Shared.UNKNOWN)),
        value.get("zone", ""),
        tuple(datetime.fromisoformat(push) for push in value.get("pushes", ())),
        may_be_sampled=value.get("may_be_sampled", False),
    )


def hours_to_json(hours: Hours) -> list[Any]:
    """`["18:00", "20:00", [0, 1]]`."""
    return [hours.begin.isoformat("minutes"), hours.end.isoformat("minutes"), sorted(hours.days)]


def hours_from_json(value: Sequence[Any]) -> Hours:
    """From begin, end and weekdays."""
    begin, end, days = value
    return Hours(time.fromisoformat(begin), time.fromisoformat(end), frozenset(days))
