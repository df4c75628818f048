"""`make eval`: how much screening finds and how often it calls for nothing, on the development and the test split.

Prints the tables of docs/reference/screening-figures.md and draws its curves.
"""

import argparse
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.concern.fusion import CLEAR
from bot.concern.lexicon import load_lexicons
from bot.concern.model import load_model
from bot.concern.screen import Screen
from bot.core.cases import Finding, Level
from bot.core.shares import wilson
from training import plain, rows
from training.curves import draw
from training.rows import Row

PAGE = rows.ROOT / "docs" / "reference" / "screening-figures.md"
PICTURE = rows.ROOT / "docs" / "reference" / "screening-curves.svg"
BASE_RATE = 0.02
CONFUSIONS = 40


@dataclass(frozen=True, slots=True)
class Seen:
    """A row, what screening said of it, and what the model alone believes."""

    row: Row
    finding: Finding
    margin: float

    @property
    def is_flagged(self) -> bool:
        """Whether anybody would be called."""
        return self.finding.level is not Level.NONE


def look(split: Sequence[Row]) -> list[Seen]:
    """Screen every row by the same way that the bot goes."""
    screen = Screen(load_lexicons(), load_model())
    found = []
    for row in split:
        judgement = screen.weigh(row.text, row.state).judgement
        margin = judgement.any + CLEAR * judgement.clearest if judgement else -99.0
        found.append(Seen(row, screen.screen(row.text, row.state), margin))
    return found


def interval(found: int, of: int) -> str:
    """A share with its Wilson interval of 95 %."""
    if not of:
        return "-"
    low, high = wilson(found, of)
    return f"{found / of:.3f} ({low:.3f}-{high:.3f}, n={of})"


def share(seen: Iterable[Seen], holds: Callable[[Seen], bool]) -> str:
    """How many of them hold, with the interval."""
    listed = list(seen)
    return interval(sum(map(holds, listed)), len(listed))


def figures(seen: Sequence[Seen]) -> list[str]:
    """The figures that the issue of trust is about, as lines of a table."""
    reports = [one for one in seen if one.row.is_positive]
    urgent = [one for one in reports if one.row.level is Level.URGENT]
    ordinary = [one for one in seen if not one.row.is_positive]
    found = [one for one in reports if one.is_flagged]
    recall = len(found) / len(reports)
    alarms = sum(one.is_flagged for one in ordinary) / len(ordinary)
    precision = recall * BASE_RATE / (recall * BASE_RATE + alarms * (1 - BASE_RATE)) if recall else 0.0
    return [
        f"| reports found at all | {share(reports, _flagged)} |",
        f"| urgent reports found at all | {share(urgent, _flagged)} |",
        f"| urgent reports marked urgent | {share(urgent, _paged)} |",
        f"| hard negatives flagged | {share(ordinary, _flagged)} |",
        f"| hard negatives paged as urgent | {share(ordinary, _paged)} |",
        f"| ordinary religiosity flagged | {share((o for o in ordinary if 'religiosity' in o.row.notes), _flagged)} |",
        f"| category right, of those found | {share(found, lambda one: one.finding.category is one.row.category)} |",
        f"| precision when 2 of 100 messages are reports | {precision:.3f} |",
    ]


def baselines(seen: Sequence[Seen]) -> list[str]:
    """Others in the same run: the plain word list, the lexicons alone, the model alone."""
    lexicons, model = Screen(load_lexicons()), load_model()
    ways: dict[str, Callable[[Seen], bool]] = {
        "plain word list": lambda one: plain.is_flagged(one.row),
        "lexicons alone": lambda one: lexicons.screen(one.row.text, one.row.state).level is not Level.NONE,
        "model alone, at its threshold": lambda one: one.margin >= model.thresholds.any,
        "**fused, as the bot screens**": _flagged,
    }
    reports, ordinary = _parted(seen)
    return [f"| {name} | {share(reports, way)} | {share(ordinary, way)} |" for name, way in ways.items()]


def groups(seen: Sequence[Seen]) -> list[str]:
    """Recall and false alarms by every property of a row."""
    properties: dict[str, Callable[[Row], str]] = {
        "level": lambda row: row.level.value,
        "category": lambda row: row.category.value if row.category else "none",
        "language": lambda row: row.language,
        "typing": lambda row: row.typing,
        "narrator": lambda row: row.narrator,
        "state": lambda row: row.state,
        "words": lambda row: _length(len(row.text.split())),
        "wording": lambda row: next(
            (note for note in ("no_key_word", "indirect", "explicit") if note in row.notes), "-"
        ),
    }
    reports, ordinary = _parted(seen)
    lines = []
    for name, of in properties.items():
        for value in sorted({of(one.row) for one in seen}):
            good, bad = ([one for one in part if of(one.row) == value] for part in (reports, ordinary))
            lines.append(f"| {name} | {value} | {share(good, _flagged)} | {share(bad, _flagged)} |")
    return lines


def kinds(seen: Sequence[Seen]) -> list[str]:
    """False alarms by the kind of a hard negative."""
    _, ordinary = _parted(seen)
    names = sorted({note for one in ordinary for note in one.row.notes})
    return [f"| {name} | {share((one for one in ordinary if name in one.row.notes), _flagged)} |" for name in names]


def confusions(seen: Sequence[Seen]) -> list[str]:
    """Some rows that were judged wrongly, to read; of the development split only."""
    wrong = [one for one in seen if one.row.level is not one.finding.level]
    some = random.Random(CONFUSIONS).sample(wrong, min(CONFUSIONS, len(wrong)))  # noqa: S311 - a sample to read
    return [
        f"| {one.row.level} | {one.finding.level} | {', '.join(one.finding.reasons) or '-'} | {one.row.text} |"
        for one in sorted(some, key=lambda one: (one.row.level.rank, one.row.id))
    ]


def curve(seen: Sequence[Seen]) -> list[tuple[float, float]]:
    """False alarms and recall of the model alone at every threshold."""
    reports, ordinary = _parted(seen)
    points = []
    for margin in sorted({one.margin for one in seen}, reverse=True):
        alarms, recall = (sum(one.margin >= margin for one in part) / len(part) for part in (ordinary, reports))
        points.append((alarms, recall))
    return [(0.0, 0.0), *points]


def point(seen: Sequence[Seen], way: Callable[[Seen], bool]) -> tuple[float, float]:
    """False alarms and recall of one way of screening."""
    reports, ordinary = _parted(seen)
    return sum(map(way, ordinary)) / len(ordinary), sum(map(way, reports)) / len(reports)


def report(name: str, seen: Sequence[Seen]) -> list[str]:
    """All tables of one split."""
    return [
        f"## The {name} split ({len(seen):,} messages)",
        "",
        "| what | figure |",
        "|---|---|",
        *figures(seen),
        "",
        "| way | reports found | hard negatives flagged |",
        "|---|---|---|",
        *baselines(seen),
        "",
        "| by | | reports found | hard negatives flagged |",
        "|---|---|---|---|",
        *groups(seen),
        "",
        "| kind of hard negative | flagged |",
        "|---|---|",
        *kinds(seen),
        "",
    ]


def page() -> str:
    """The page of figures, and its picture beside it."""
    splits = {name: look(rows.corpus(name)) for name in ("development", "test")}
    curves = {name: curve(seen) for name, seen in splits.items()}
    marks = {f"fused, {name}": point(seen, _flagged) for name, seen in splits.items()}
    marks["plain word list, test"] = point(splits["test"], lambda one: plain.is_flagged(one.row))
    PICTURE.write_text(draw(curves, marks), "utf-8")
    rules = Screen(load_lexicons(), load_model()).rules
    confused = ["| is | was called | because of | text |", "|---|---|---|---|", *confusions(splits["development"])]
    body = [line for name, seen in splits.items() for line in report(name, seen)]
    return "\n".join(
        [_HEAD.format(rules=rules), *body, "## To read: what went wrong on the development split", "", *confused, ""]
    )


_HEAD = """# Figures of screening

Written by `make eval`; how screening works and what the figures mean is in
[how a message is screened](../explanation/screening.md). Shares carry their Wilson interval of 95 %. Rules: `{rules}`.
Every message is invented. No narrator stands in two splits; nothing was ever tuned on the test split.

![Recall over false alarms](screening-curves.svg)
"""


def _flagged(one: Seen) -> bool:
    return one.is_flagged


def _paged(one: Seen) -> bool:
    return one.finding.level is Level.URGENT


def _parted(seen: Sequence[Seen]) -> tuple[list[Seen], list[Seen]]:
    return [one for one in seen if one.row.is_positive], [one for one in seen if not one.row.is_positive]


def _wording(row: Row) -> str:
    return next((note for note in ("no_key_word", "indirect", "explicit") if note in row.notes), "-")


def _length(count: int) -> str:
    return "01-05" if count < 6 else "06-12" if count < 13 else "13-25" if count < 26 else "26-45"


def main() -> None:
    """Write the page and print the main figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=rows.SPLITS, help="print one split and write nothing")
    chosen = parser.parse_args().only
    if chosen:
        print("\n".join(report(chosen, look(rows.corpus(chosen)))))
        return
    text = page()
    Path(PAGE).write_text(text, "utf-8")
    print(text.partition("## To read")[0])


if __name__ == "__main__":
    main()
