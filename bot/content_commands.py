"""`hamroh content …`: check the lessons, read them, compare them, send them to translators and take them back."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.core.errors import ContentError

if TYPE_CHECKING:
    from bot.exchange.exchange import Home

content = typer.Typer(no_args_is_help=True, help="The lessons: check them, read them, compare them, translate them.")


class Form(StrEnum):
    """In which form texts go to translators."""

    PO = "po"
    XLSX = "xlsx"


Lessons = Annotated[Path | None, typer.Argument(help="Lessons elsewhere than in Hamroh.")]


@content.command("check")
def check(directory: Lessons = None) -> None:
    """Check lessons and catalogues against every rule that a machine can check."""
    from bot.content_check import problems

    found = problems(directory)
    for problem in found:
        typer.echo(problem)
    if found:
        raise ContentError(f"{len(found)} problems")
    typer.echo("lessons and catalogues are well")


@content.command("proof")
def proof(
    lang: Annotated[str, typer.Option(help="tg or ru.")] = "tg",
    html: Annotated[Path | None, typer.Option(help="Write both languages side by side to this page instead.")] = None,
    directory: Lessons = None,
) -> None:
    """Print every lesson as a mother will read it."""
    from bot.core.messages import LANGUAGES
    from bot.curriculum import proof as terminal
    from bot.curriculum.load import load
    from bot.proof_page import proof_page
    from bot.texts import load_texts

    languages = {language: language for language in LANGUAGES}
    if lang not in languages:
        raise ContentError("--lang is tg or ru")
    if html is None:
        typer.echo(terminal.proof(load(directory), languages[lang]))
        return
    _write(html, proof_page(load(directory), load_texts()))
    typer.echo(f"written to {html}; open it in a browser to read or print it")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ContentError(f"{path} cannot be written ({error.strerror})") from None


@content.command("diff")
def diff(
    old: Annotated[Path, typer.Argument(help="Directory of the earlier lessons.")],
    new: Annotated[Path, typer.Argument(help="Directory of the later lessons.")],
) -> None:
    """Print what changed between two versions of the lessons."""
    from bot.curriculum import proof as terminal
    from bot.curriculum.load import load

    for line in terminal.diff(load(old), load(new)):
        typer.echo(line)


@content.command("export")
def send_out(
    to: Annotated[Path, typer.Option(help="Folder in which the files are written.")],
    form: Annotated[
        Form, typer.Option("--format", help="Catalogues for translation tools, or one spreadsheet.")
    ] = Form.PO,
    directory: Lessons = None,
) -> None:
    """Write every text of lessons and bot for translators."""
    from bot.exchange.exchange import send

    for path in send(_home(directory), to, form.value):
        typer.echo(path)


@content.command("import")
def take_back(
    files: Annotated[list[Path], typer.Argument(help="What came back: PO files or spreadsheets.")],
    directory: Annotated[Path | None, typer.Option("--lessons", help="Lessons elsewhere than in Hamroh.")] = None,
) -> None:
    """Put translators' words into lessons and bot; when one row is wrong, nothing is changed."""
    from bot.exchange.exchange import take

    changed = take(_home(directory), files)
    for path in changed:
        typer.echo(path)
    typer.echo(f"{len(changed)} files changed" if changed else "nothing is different")


def _home(directory: Path | None) -> "Home":
    from bot.exchange.exchange import Home, shipped

    return Home(directory, shipped().locales) if directory else shipped()
