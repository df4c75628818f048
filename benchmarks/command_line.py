"""What can be measured, and what the command line asks for of it."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn

ROUNDS = 5
MOST_ROUNDS = 100
MOTHERS = 200


@dataclass(slots=True)
class Figure:
    """What is measured: the class that plays a round, for so many mothers; `parts` name the values of one round."""

    name: str
    target: str
    unit: str
    mothers: int = MOTHERS
    parts: tuple[str, ...] = ("",)
    is_large: bool = False
    has_failed: bool = False
    values: dict[str, list[float]] = field(default_factory=dict)

    def names(self) -> list[str]:
        """How its values are called."""
        return [f"{self.name}{part}" for part in self.parts]


PTB, AIOGRAM = "benchmarks.peers.ptb", "benchmarks.peers.aiogram_bot"
RATE = "updates/s"
FIGURES = (
    Figure("updates/hamroh-sqlite", "benchmarks.updates:Sqlite", RATE),
    Figure("updates/ptb-memory", f"{PTB}:Memory", RATE),
    Figure("updates/aiogram-memory", f"{AIOGRAM}:Memory", RATE),
    Figure("updates/aiogram-sql", f"{AIOGRAM}:Sql", RATE),
    Figure("updates/ptb-pickle", f"{PTB}:Pickle", RATE, mothers=40),
    Figure("updates/ptb-pickle-default", f"{PTB}:PickleDefault", RATE),
    Figure("updates/hamroh-postgres", "benchmarks.postgres:Postgres", RATE),
    Figure("workers/2-over-1", "benchmarks.postgres:Workers", "ratio"),
    Figure("writes/sqlite3-limit", "benchmarks.limit:Limit", RATE),
    Figure("step", "benchmarks.thinking:Step", "µs"),
    Figure("fold", "benchmarks.thinking:Fold", "µs"),
    Figure("screen/", "benchmarks.thinking:Screening", "ms", parts=("mean", "p95")),
    Figure("reply/idle-", "benchmarks.thinking:Reply", "ms", mothers=10, parts=("p50", "p99")),
    Figure("start", "benchmarks.start:Start", "s"),
    Figure("stage/", "benchmarks.stage:Stage", "s", mothers=40, parts=("page", "story", "week")),
    *(
        Figure(f"{name}{mothers}", f"benchmarks.due:{target}", unit, mothers=mothers, is_large=True)
        for name, target, unit, sizes in (
            ("due/", "Due", "s", (10_000, 100_000, 1_000_000)),
            ("due/cohort-", "Cohort", "s", (10_000, 1_000_000)),
            ("rss/", "Rss", "MB", (10_000, 1_000_000)),
        )
        for mothers in sizes
    ),
)


def read(words: Sequence[str] | None = None) -> tuple[list[Figure], int]:
    """The figures that are asked for, all without a name, and the rounds of each; what is wrong is said in one line."""
    parser = _Parser(
        prog="python -m benchmarks",
        usage="%(prog)s [--rounds N] [NAME ...]",
        description="Measures, and writes one line of JSON for each figure; the rounds are interleaved.",
        epilog=f"Figures: {', '.join(_names())}.",
    )
    parser.add_argument("figures", nargs="*", metavar="NAME", help="a figure, or what stands before its /")
    parser.add_argument(
        "--rounds", type=_rounds, default=ROUNDS, metavar="N", help=f"rounds of each figure, {ROUNDS} without"
    )
    parser.add_argument("--list", action="store_true", help="name the figures, one a line, and measure nothing")
    asked = parser.parse_args(words)
    if asked.list:
        print("\n".join(_names()))
        parser.exit()
    unknown = [one for one in asked.figures if not any(_is_meant(name, one) for name in _names())]
    if unknown:
        parser.error(f"no figure is called {', '.join(unknown)}; --list names them all")
    wanted = asked.figures or _names()
    figures = [one for one in FIGURES if any(_is_meant(name, w) for name in one.names() for w in wanted)]
    return figures, asked.rounds


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage above it."""

    def error(self, message: str) -> NoReturn:
        """Say it on standard error, and end with 2."""
        self.exit(2, f"{self.prog}: {message}\n")


def _rounds(word: str) -> int:
    """So many rounds; raises ArgumentTypeError when it is no number of them."""
    if not (word.isascii() and word.isdecimal() and 1 <= int(word) <= MOST_ROUNDS):
        raise argparse.ArgumentTypeError(f"{word!r} is no number from 1 to {MOST_ROUNDS}")
    return int(word)


def _names() -> list[str]:
    return [name for one in FIGURES for name in one.names()]


def _is_meant(name: str, wanted: str) -> bool:
    """`due/10000`, or `due` for all of them."""
    return name == wanted or name.startswith(f"{wanted}/")
