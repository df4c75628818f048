"""The command line: what a volunteer types on the server; one clear line for everything that cannot be done."""

import asyncio
import json
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot.concern_commands import concern
from bot.content_commands import content
from bot.core.errors import HamrohError, StorageUnavailable
from bot.core.people import Role

if TYPE_CHECKING:  # both are slow to import, and `--help` needs neither
    from bot.desk import Desk
    from bot.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Hamroh, the companion between the sessions of a Mothers School.",
)
rota = typer.Typer(no_args_is_help=True, help="The rota as a table: who is on duty when, and how she works.")
audit = typer.Typer(no_args_is_help=True, help="The record of who read and did what.")
app.add_typer(content, name="content")
app.add_typer(rota, name="rota")
app.add_typer(audit, name="audit")
app.add_typer(concern, name="concern")

CODE = "Her code-name (a mother) or alias (staff), as staff see it."


def main() -> None:
    """Run a command; whatever Hamroh refuses becomes one line on standard error and exit code 1."""
    try:
        app()
    except StorageUnavailable as error:
        _refuse(f"the database cannot be reached or written now ({error}); see that it runs and its disk has room")
    except HamrohError as error:
        _refuse(str(error))
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _refuse(line: str) -> NoReturn:
    sys.stderr.write(f"hamroh: {line}\n")
    raise SystemExit(1)


def _desk(settings: "Settings | None" = None) -> AbstractContextManager["Desk"]:
    """The desk of the configured Hamroh; of a rehearsal at the stage's own hour, which is seldom today's."""
    from bot.app import open_desk
    from bot.demo.notes import clock_of
    from bot.settings import read_settings

    settings = settings or read_settings()
    return open_desk(settings, None if settings.has_channel else clock_of(settings.database))


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)


@app.command()
def run() -> None:
    """Start Hamroh: the real bot when a channel is configured, otherwise the demo on a page of this machine."""
    from bot.system import hold_collector, release_collector

    hold_collector()
    try:
        _run()
    finally:
        release_collector()


def _run() -> None:
    from bot.settings import read_settings, strangers

    settings = read_settings()
    for line in strangers():
        typer.echo(f"hamroh: {line}", err=True)
    if settings.has_channel:
        from bot.app import serve
    else:
        from bot.demo.house import serve
    asyncio.run(serve(settings))


@app.command()
def demo(
    seed: Annotated[int, typer.Option(min=0, help="Another seed gives other people and another history.")] = 7,
) -> None:
    """Fill the demo database with invented people and four weeks of history, then show it on a page."""
    from bot.demo.house import serve
    from bot.settings import read_settings

    asyncio.run(serve(read_settings(), seed))


@app.command()
def sim(
    script: Annotated[Path | None, typer.Option(help="A story (YAML) to play; without it, lines are typed.")] = None,
) -> None:
    """Rehearse in the terminal, on a stage that is thrown away; fails when a story does not go as it is told."""
    from bot.demo.terminal import rehearse

    differences = asyncio.run(rehearse(script, typer.echo))
    if differences:
        _print(["", *differences])
        _refuse(f"{len(differences)} differences")


@app.command()
def migrate() -> None:
    """Bring the database up to this version; a copy is made first when anything has to change."""
    from bot.app import migrate_database
    from bot.settings import read_settings

    typer.echo(migrate_database(read_settings()))


@app.command()
def doctor() -> None:
    """Check settings, keys, database, channel, clock, disk and readiness; tells what to do about each."""
    from bot.doctor import examine
    from bot.logs import set_up_logs
    from bot.settings import read_settings

    set_up_logs()  # what is found is standard output, what a library has to say is not
    results = asyncio.run(examine(read_settings()))
    _print(f"{'ok  ' if result.is_well else 'FIX '} {result.name}: {result.text}" for result in results)
    if not all(result.is_well for result in results):
        raise SystemExit(1)


@app.command()
def invite(
    role: Annotated[
        Role, typer.Argument(help="Who is invited; `group` makes the code for /bind in the facilitators' group.")
    ],
    cohort: Annotated[str | None, typer.Option(help="Name of the Mothers School group; made if it is new.")] = None,
    uses: Annotated[
        int, typer.Option(min=1, max=100, help="How many mothers may use it (staff codes: always one).")
    ] = 1,
    expires: Annotated[
        int, typer.Option(min=1, max=90, help="Days until it expires (staff codes: always 24 hours).")
    ] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    qr: Annotated[Path | None, typer.Option(help="Also write the link as a QR code to this SVG file.")] = None,
) -> None:
    """Make an invitation; the code is shown once and stored only as a hash."""
    from bot.app import learn_names
    from bot.logs import set_up_logs
    from bot.settings import read_settings

    set_up_logs()  # asking a messenger may warn, and standard output is the invitation's alone
    settings = read_settings()
    with _desk(settings) as desk:
        unreached = learn_names(settings, desk)
        made = desk.invite(role, cohort, uses, expires)
    link = made.telegram or made.whatsapp
    if not link and not settings.has_channel:
        typer.echo("hamroh: no messenger is configured, so there is no link; the code is good on the stage", err=True)
    if role is not Role.MOTHER and settings.has_channel and settings.telegram_token is None:
        typer.echo("hamroh: staff work on Telegram: set HAMROH_TELEGRAM_TOKEN, the code is good nowhere else", err=True)
        unreached = []
    for name in unreached:
        messenger = {"telegram": "Telegram", "whatsapp": "WhatsApp"}[name]
        typer.echo(f"hamroh: {messenger} cannot be reached now, so there is no link; the code itself is good", err=True)
    if qr is not None and link:
        _write_qr(link, qr)
    elif qr is not None:
        typer.echo(f"hamroh: {qr} was not written, a QR code needs the link", err=True)
    fields = made.fields()
    _print([json.dumps(fields)] if as_json else [f"{key}: {value}" for key, value in fields.items()])


def _write_qr(text: str, path: Path) -> None:
    import segno

    try:
        segno.make(text, error="m").save(str(path), kind="svg", scale=8)
    except OSError as error:
        _refuse(f"{path} cannot be written ({error.strerror})")


@app.command()
def freeze(
    code: Annotated[str, typer.Argument(help=CODE)],
    lift: Annotated[bool, typer.Option("--lift", help="End the freeze instead.")] = False,
) -> None:
    """End everything that goes to a mother, at once; only staff lift it."""
    with _desk() as desk:
        typer.echo(desk.freeze(code, is_frozen=not lift))


@app.command()
def revoke(code: Annotated[str, typer.Argument(help=CODE)]) -> None:
    """End a staff member's access; her cases ring again and case texts leave her chat."""
    with _desk() as desk:
        typer.echo(desk.revoke(code))


@app.command()
def erase(
    code: Annotated[str, typer.Argument(help=CODE)],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a mother: text, address and key. This cannot be undone."""
    with _desk() as desk:
        desk.conversation(code)  # an unknown name is told before anybody has to be sure
        if not yes:
            typer.confirm(f"Erase {code} for ever?", abort=True)
        typer.echo(desk.erase(code))


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="Where to write; FILE.keys is written beside it.")]) -> None:
    """Write the database (sealed) to FILE and its wrapped keys to FILE.keys; keep them apart."""
    from bot.app import back_up_all
    from bot.settings import read_settings

    typer.echo(back_up_all(read_settings(), file))


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="FILE of a backup; FILE.keys must lie beside it.")]) -> None:
    """Put a backup back; Hamroh must not be running, and an existing database is moved aside first."""
    from bot.app import restore_all
    from bot.settings import read_settings

    typer.echo(restore_all(read_settings(), file))


@app.command("rotate-key")
def rotate_key() -> None:
    """Make a new master key, wrap every key with it and destroy the old one."""
    from bot.app import rotate_master_key
    from bot.settings import read_settings

    typer.echo(rotate_master_key(read_settings()))


@rota.command("export")
def rota_export(
    file: Annotated[Path | None, typer.Argument(help="Where to write; without it, standard output.")] = None,
    lang: Annotated[str, typer.Option(help="Names of weekdays: tg or ru.")] = "tg",
) -> None:
    """Write the rota as CSV, one row for each facilitator and coordinator."""
    from bot.core.messages import LANGUAGES
    from bot.rota import write

    language = next((known for known in LANGUAGES if known == lang), None)
    if language is None:
        _refuse("--lang is tg or ru")
    with _desk() as desk:
        page = write(desk.workers(), language)
    if file is None:
        typer.echo(page, nl=False)
        return
    try:
        file.write_text(page, encoding="utf-8-sig")  # spreadsheets know by the mark that it is UTF-8
    except OSError as error:
        _refuse(f"{file} cannot be written ({error.strerror})")
    typer.echo(f"{page.count(chr(10)) - 1} rows written to {file}")


@rota.command("import")
def rota_import(file: Annotated[Path, typer.Argument(help="A table like that of `rota export`.")]) -> None:
    """Bring in a changed rota; when one row is wrong, nothing changes, and every mistake is named."""
    from bot.core.teamwork import RotaSet
    from bot.rota import read

    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        _refuse(f"{file} cannot be read ({error.strerror})")
    except UnicodeDecodeError:
        _refuse(f"{file} is not UTF-8 text: save it as “CSV UTF-8”")
    with _desk() as desk:
        rows, mistakes = read(text, {staff.alias for staff in desk.workers()})
        if mistakes:
            _print(mistakes)
            _refuse(f"{file}: nothing was changed; mend {len(mistakes)} rows and try again")
        for row in rows:
            desk.set_rota(row.alias, RotaSet(row.duty, row.languages, row.load_limit, row.rest, row.away))
    typer.echo(f"{len(rows)} rows are in force; each of them was told in her chat")


@audit.command("verify")
def audit_verify() -> None:
    """Check that no row of the record was changed or removed."""
    with _desk() as desk:
        typer.echo(desk.verify_audit())


@app.command()
def settings() -> None:
    """Print every setting with its meaning and default."""
    from bot.settings import reference

    typer.echo(reference())


@app.command()
def screen(
    text: Annotated[
        str | None, typer.Argument(help="A text; without it, JSON lines are read from standard input.")
    ] = None,
) -> None:
    """Show what screening says of a text; JSON lines in ({"id","text","state"?}), JSON lines out."""
    from bot.concern.screen import explain, load_screen

    judge = load_screen()
    if text is not None:
        typer.echo(json.dumps(explain(judge.screen(text)), ensure_ascii=False))
        return
    for number, line in enumerate(sys.stdin, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            finding = judge.screen(str(row["text"]), row.get("state"))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            _refuse(f'line {number}: must be a JSON object with "text", like {{"id": 1, "text": "..."}}')
        typer.echo(json.dumps({"id": row.get("id"), **explain(finding)}, ensure_ascii=False))


@app.command()
def draw(
    directory: Annotated[Path, typer.Argument(help="Where the diagrams go.")] = Path("docs/flows"),
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail when a diagram is not current.")] = False,
) -> None:
    """Draw the flows as diagrams, straight from their tables."""
    from bot.flows.draw import pages
    from bot.flows.tables import FLOWS

    drawn = pages(FLOWS)
    stale = [name for name, page in drawn.items() if _read(directory / name) != page]
    if check:
        if stale:
            _refuse(f"not current: {', '.join(stale)}; run `hamroh draw`")
        return
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name in stale:
            (directory / name).write_text(drawn[name], encoding="utf-8")
    except OSError as error:
        _refuse(f"{directory} cannot be written ({error.strerror}); name a folder of yours")
    typer.echo(f"{len(stale)} of {len(drawn)} pages written to {directory}")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    main()
