"""`hamroh concern …`: how cases ended, and the blind sample of kept answers, read at a terminal (S20)."""

import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from secrets import SystemRandom
from typing import TYPE_CHECKING, Annotated

import typer

from bot.core.cases import Level
from bot.core.errors import CommandRefused
from bot.core.shares import wilson

if TYPE_CHECKING:  # slow to import, and `--help` needs none of it
    from bot.desk import Desk
    from storage.sampling import Count

concern = typer.Typer(no_args_is_help=True, help="How well screening does.")

ANSWERS = {"n": Level.NONE, "c": Level.CONCERN, "u": Level.URGENT}
QUESTION = "Does she need a person?  n no · c today · u at once · q stop"
EMPTIED = "\033[3J\033[2J\033[H"
"""Empties the terminal, with what can be scrolled back to: the answer before must not stay there."""
Ask = Callable[[str], str]


@concern.command()
def review(
    read: Annotated[int, typer.Option(min=0, max=200, help="Read so many kept answers for the blind sample.")] = 0,
    reader: Annotated[str, typer.Option("--as", help="The alias of the supervisor who reads them.")] = "",
) -> None:
    """Count how closed cases ended and what the blind sample showed, by version of the rules; no text."""
    from bot.app import open_desk
    from bot.demo.notes import clock_of
    from bot.settings import read_settings

    settings = read_settings()
    with open_desk(settings, None if settings.has_channel else clock_of(settings.database)) as desk:
        if read:
            _at_a_terminal()
            told = read_sample(desk, reader, read, _ask, SystemRandom().shuffle)
            typer.echo(EMPTIED + told)
        typer.echo("\n".join([*desk.verdicts(), *sampled(desk.sampled())]) or "no case was closed yet")


def read_sample(desk: "Desk", alias: str, most: int, ask: Ask, shuffle: Callable[[list[str]], None]) -> str:
    """Show answers one by one, without a name and without what the screen says; how it ended, in a line.

    Raises CommandRefused for somebody who is no confirmed supervisor.
    """
    reader = desk.sample_reader(alias)
    for number in range(most):
        drawn = desk.draw_sample(reader, shuffle)
        if drawn is None:
            return f"{number} read; there is no other that its writer lets anybody read"
        level = _answered(ask, f"{number + 1} of {most}\n\n{drawn.text}\n\n{QUESTION}")
        if level is None:
            return f"{number} read; the last one counts as seen and is not counted"
        desk.judge_sample(drawn, level)
    return f"{most} read"


def sampled(counts: Iterable["Count"]) -> Iterator[str]:
    """One line for each version: how often person and screen agreed, and what the screen missed, with the interval."""
    for rules, group in groupby(counts, key=lambda one: one.rules):
        theirs = list(group)
        read = sum(one.count for one in theirs)
        missed = sum(one.count for one in theirs if one.judged.rank > one.screened.rank)
        raised = sum(one.count for one in theirs if one.judged.rank < one.screened.rank)
        low, high = wilson(missed, read)
        parts = f"agree {read - missed - raised}\tmissed {missed}\traised {raised}"
        yield f"{rules}\tblind sample\t{parts}\tmissed of {read} read: {missed / read:.1%} ({low:.1%} to {high:.1%})"


def _answered(ask: Ask, question: str) -> Level | None:
    """The level; None when the reader stops."""
    while (answer := ask(question).strip().casefold()) != "q":
        if answer in ANSWERS:
            return ANSWERS[answer]
    return None


def _ask(question: str) -> str:
    """One answer alone on the screen."""
    return str(typer.prompt(EMPTIED + question, prompt_suffix=" ", default="", show_default=False))


def _at_a_terminal() -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CommandRefused("the blind sample is read at a terminal, by a person: nothing of it may go into a file")
