"""Acts that come late and in any order, and what a phone may show by what was known at each moment (S1, S3, S15)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

SECRET = "Ман инҷо ҳастам"
REPLY = timedelta(minutes=10)
WRITTEN = ("салом", "пинҳон", "дар хона танҳоям")
PRESSED = (
    "window:30", "window:120", "window:hours", "case.now", "case.now", "case.later", "notice.later", "push.open",
    "hidden.open", "menu",
)  # fmt: skip
HIDES, OPENS = frozenset({"пинҳон"}), frozenset({"hidden.open", "push.open"})
LATER = frozenset({"case.later", "notice.later"})
GAPS, DELAYS = (0.5, 1, 3, 7, 12, 40), (0, 0, 0, 1, 4, 9, 20, 70, 130)


@dataclass(frozen=True)
class Acted:
    """What she did, when, and when we heard of it."""

    what: str
    at: datetime
    heard_at: datetime


@dataclass(frozen=True)
class Shown:
    """A message of ours on her phone, with what its buttons choose."""

    at: datetime
    text: str
    choices: tuple[str, ...]


@dataclass
class Story:
    """One mother: what she did, and what of ours her phone showed."""

    acts: tuple[Acted, ...]
    shown: list[Shown] = field(default_factory=list)

    def broken(self) -> Iterator[str]:
        """Every text of ours that she had not allowed."""
        for shown in self.shown:
            if why := self._why_not(shown):
                yield f"{shown.at:%H:%M:%S} {why}: {shown.text[:30]} {shown.choices}"

    def _why_not(self, shown: Shown) -> str:
        known = sorted((act for act in self.acts if act.heard_at <= shown.at), key=lambda act: act.at)
        is_reply = any(shown.at - REPLY < act.at for act in known)
        if not is_reply and not _is_cover_allowed(shown, known):
            return "no reply"
        if shown.choices != ("hidden.open",) and _is_hidden(known, shown.at):
            return "hidden"
        if shown.text == SECRET and not _is_read_now(known, shown.at):
            return "not now"
        return ""


def lives(random: Random, begins: datetime, acts: int) -> tuple[Acted, ...]:
    """Acts at distinct moments, each brought at once or late."""
    at, done = begins, []
    for n in range(acts):
        at += timedelta(minutes=random.choice(GAPS), seconds=random.randrange(1, 30))
        what = random.choice(WRITTEN if random.random() < 0.3 else PRESSED)
        late = timedelta(minutes=random.choice(DELAYS), milliseconds=10 * n)  # no two come at the same instant
        done.append(Acted(what, at, at + late))
    return tuple(done)


def _is_cover_allowed(shown: Shown, known: list[Acted]) -> bool:
    """A neutral line while the window holds that she pressed last; no story comes near her hours."""
    if shown.choices != ("push.open", "push.later"):
        return False
    last = [act for act in known if act.what.startswith("window:") or act.what in LATER | HIDES][-1:]
    minutes = last[0].what.partition(":")[2] if last else ""
    return minutes.isdecimal() and shown.at < last[0].at + timedelta(minutes=int(minutes))


def _is_hidden(known: list[Acted], now: datetime) -> bool:
    """Whether Hide is what she wanted last, of Hide and Open, and she has not just written."""
    wanted = [act for act in known if act.what in HIDES | OPENS]
    if not wanted or wanted[-1].what not in HIDES:
        return False
    return not any(act.what in WRITTEN and wanted[-1].at < act.at and now - act.at < REPLY for act in known)


def _is_read_now(known: list[Acted], now: datetime) -> bool:
    """Whether she said Now, has not taken it back since, and was never silent for ten minutes after it."""
    for n, act in enumerate(known):
        since = known[n:]
        is_taken_back = any(later.what in LATER | HIDES for later in since)
        is_there = all(b - a < REPLY for a, b in pairwise([*(one.at for one in since), now]))
        if act.what == "case.now" and is_there and not is_taken_back:
            return True
    return False
