"""The command line as a volunteer meets it: what it prints, with which exit code, and that a refusal is one line."""

import asyncio
import contextlib
import io
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from typer.main import get_command

from bot.app import open_store
from bot.cli import app, main
from bot.demo.stage import Stage
from bot.demo.steps import Step, Verb
from bot.settings import Settings
from bot.system import RandomIds, SystemClock
from tests.curriculum.lessons import changed, write

TOKEN = "1000000001:THIS-IS-NO-REAL-TOKEN-0000000000000"
REAL = {
    "HAMROH_TELEGRAM_TOKEN": TOKEN,
    "HAMROH_TELEGRAM_API_URL": "http://127.0.0.1:9",
    "HAMROH_ALLOW_UNREVIEWED": "1",
    "HAMROH_ALLOW_UNREADY": "1",
}
"""An invented bot on a Telegram that nobody answers for."""
COMMANDS = [
    [name, *rest]
    for name, command in get_command(app).commands.items()
    for rest in [[], *([sub] for sub in getattr(command, "commands", {}))]
]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


Hamroh = Callable[..., Ended]


@pytest.fixture(scope="module")
def furnished(tmp_path_factory) -> Path:
    """The folder of a demo whose bot has a name; copied, because making a database takes longer than any command."""
    folder = tmp_path_factory.mktemp("furnished")
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        database_url=f"sqlite:///{folder / 'hamroh.db'}",
        keys_dir=folder / "keys",
        keys_url=f"sqlite:///{folder / 'keys.db'}",
    )
    store = open_store(settings, SystemClock(), RandomIds())
    store.remember("bot_name", "invented_test_bot")
    store.close()
    return folder


@pytest.fixture
def hamroh(monkeypatch, tmp_path, capsys) -> Iterator[Hamroh]:
    """`hamroh("invite", "mother", stdin="", HAMROH_X="…")` in a folder of its own, in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("HAMROH_DATABASE_URL", f"sqlite:///{tmp_path / 'hamroh.db'}")
    monkeypatch.setenv("HAMROH_KEYS_DIR", str(tmp_path / "keys"))
    monkeypatch.setenv("HAMROH_KEYS_URL", f"sqlite:///{tmp_path / 'keys.db'}")

    def run(*words: object, stdin: str = "", **environment: str) -> Ended:
        with monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            patch.setattr(sys, "argv", ["hamroh", *map(str, words)])
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            capsys.readouterr()
            with pytest.raises(SystemExit) as ended:
                main()
        shown = capsys.readouterr()
        return Ended(int(ended.value.code or 0), shown.out, shown.err)

    yield run
    structlog.reset_defaults()


def is_refused(ended: Ended, *named: str) -> bool:
    """Whether it was refused in one line for people that names each of these."""
    (line,) = ended.err.splitlines()
    assert line.startswith("hamroh: ")
    assert "Traceback" not in ended.err
    assert all(word in line for word in named), line
    return ended.code == 1


@pytest.fixture
def process(tmp_path) -> Hamroh:
    """The same as a process of its own, for commands that set up the logs of their process."""

    def run(*words: object, stdin: str = "", **environment: str) -> Ended:
        command = [sys.executable, "-m", "bot.cli", *map(str, words)]
        root = {"PYTHONPATH": str(Path(__file__).parent.parent)}
        done = subprocess.run(
            command, input=stdin, cwd=tmp_path, env=root | environment, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
        return Ended(done.returncode, done.stdout, done.stderr)

    return run


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(hamroh: Hamroh, words):
    ended = hamroh(*words, "--help")
    assert ended.code == 0
    assert re.search(rf"Usage: .*{' '.join(words)}\b.* \[OPTIONS\]", ended.out)


# ---- screening


def test_a_text_is_screened(hamroh: Hamroh):
    calm, worrying = hamroh("screen", "Салом"), hamroh("screen", "муж меня бьёт, мне страшно")
    assert json.loads(calm.out)["level"] == "none"
    assert json.loads(worrying.out)["level"] == "urgent"


def test_lines_in_are_lines_out_with_the_same_ids(hamroh: Hamroh):
    rows = [{"id": 7, "text": "Салом"}, {"id": "x", "text": "маро мезанад"}, {"text": "Здравствуйте"}]
    ended = hamroh("screen", stdin="\n\n".join(json.dumps(row) for row in rows))
    found = [json.loads(line) for line in ended.out.splitlines()]
    assert ended.code == 0
    assert [row["id"] for row in found] == [7, "x", None]
    assert [row["level"] != "none" for row in found] == [False, True, False]


@pytest.mark.parametrize("line", ["no json", "[]", '"text"', "{}", "7", "null", '{"text": "a"', "[" * 100_000])
def test_a_line_that_is_no_text_is_named_after_those_before_it_are_answered(hamroh: Hamroh, line):
    ended = hamroh("screen", stdin=f'{{"id": 1, "text": "Салом"}}\n{line}\n')
    assert is_refused(ended, "line 2")
    assert json.loads(ended.out)["id"] == 1


def test_a_story_that_is_no_text_is_one_line(hamroh: Hamroh, tmp_path):
    (tmp_path / "story.yaml").write_bytes(b"\xff\xfe\x00story")
    assert is_refused(hamroh("sim", "--script", tmp_path / "story.yaml"), "story.yaml", "UTF-8")


def test_a_folder_that_cannot_be_drawn_into_is_one_line(hamroh: Hamroh, tmp_path):
    (tmp_path / "file").write_text("")
    assert is_refused(hamroh("draw", tmp_path / "file" / "flows"), "cannot be written")


# ---- invitations


@pytest.fixture
def house(hamroh: Hamroh, tmp_path, furnished) -> Hamroh:
    """The same, with a database and its keys in the folder."""
    shutil.copytree(furnished, tmp_path, dirs_exist_ok=True)
    return hamroh


def code_of(link: str, word: str) -> str:
    """The code in a link that opens the bot."""
    found = re.fullmatch(rf"https://t\.me/invented_test_bot\?{word}=([A-Za-z0-9_-]{{22,43}})", link)
    assert found, link
    return found[1]


def lives(made: dict[str, str]) -> timedelta:
    """How long an invitation lives, to the hour."""
    left = datetime.fromisoformat(made["expires"]) - SystemClock().now()
    return timedelta(hours=round(left / timedelta(hours=1)))


def test_a_mother_is_invited_by_a_link_and_by_eight_digits(house: Hamroh, tmp_path):
    words = ("--cohort", "Bahor", "--uses", 3, "--expires", 5)
    ended = house("invite", "mother", *words, "--json", "--qr", tmp_path / "link.svg")
    made = json.loads(ended.out)
    assert (ended.code, ended.err) == (0, "")
    assert made["code"] == code_of(made["telegram"], "start")
    assert re.fullmatch(r"\d{8}", made["spoken"])
    assert lives(made) == timedelta(days=5)
    assert "<svg" in (tmp_path / "link.svg").read_text(encoding="utf-8")
    assert uses_left(tmp_path) == 3


@pytest.mark.parametrize("role", ["coordinator", "facilitator", "group"])
def test_s14_a_staff_code_is_one_link_for_a_day_and_is_never_spoken(house: Hamroh, tmp_path, role):
    ended = house("invite", role, "--cohort", "Bahor", "--uses", 9, "--expires", 30)
    made = dict(line.split(": ", 1) for line in ended.out.splitlines())
    assert made["code"] == code_of(made["telegram"], "startgroup" if role == "group" else "start")
    assert lives(made) == timedelta(hours=24)
    assert "spoken" not in made
    assert uses_left(tmp_path) == 1


def uses_left(folder: Path) -> int:
    """How often the only invitation may still be used."""
    with contextlib.closing(sqlite3.connect(folder / "hamroh.db")) as connection:
        (row,) = connection.execute("SELECT uses_left FROM invitations").fetchall()
    return int(row[0])


def test_a_code_is_kept_as_a_hash_alone(house: Hamroh, tmp_path):
    made = json.loads(house("invite", "mother", "--cohort", "Bahor", "--json").out)
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert made["code"].encode() not in kept
    assert made["spoken"].encode() not in kept


def test_without_telegram_the_code_is_good_and_the_missing_link_is_said(process: Hamroh):
    ended = process("invite", "coordinator", "--json", **REAL)
    made = json.loads(ended.out)
    assert ended.code == 0
    assert made["code"]
    assert made["telegram"] == ""
    assert "there is no link" in ended.err
    assert TOKEN not in ended.err


@pytest.mark.parametrize("role", ["mother", "facilitator"])
def test_who_belongs_to_a_cohort_is_not_invited_without_it(house: Hamroh, role):
    assert is_refused(house("invite", role), role, "--cohort")


@pytest.mark.parametrize("name", ["a" * 81, "Bahor\nsecond line", " Bahor", "   ", "Bahor\x00"])
def test_the_name_of_a_cohort_is_one_short_line(house: Hamroh, name):
    assert is_refused(house("invite", "mother", "--cohort", name), "--cohort", "80")


def test_s11_mothers_are_not_invited_before_all_is_ready(process: Hamroh):
    ended = process("invite", "mother", "--cohort", "Bahor", **{**REAL, "HAMROH_ALLOW_UNREADY": "0"})
    assert ended.code == 1
    assert ended.out == ""
    assert ended.err.splitlines()[-1].startswith("hamroh: mothers cannot be invited yet, run `hamroh doctor`")


def test_a_qr_code_that_cannot_be_written_is_told(house: Hamroh, tmp_path):
    nowhere = tmp_path / "no" / "link.svg"
    assert is_refused(house("invite", "coordinator", "--qr", nowhere), str(nowhere))


# ---- people


WORDS = [("freeze",), ("freeze", "--lift"), ("revoke",), ("erase",), ("erase", "--yes")]


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_who_is_not_known_is_refused_by_that_name(house: Hamroh, words):
    assert is_refused(house(*words, "lola-00000"), "lola-00000")


LOLA = """
INSERT INTO participants (id, code_name, conversation_id, profile, is_confirmed, joined_at)
VALUES ('p', 'lola-00000', 'c', x'00', false, '2026-01-01')
"""


def test_erasing_asks_first_and_no_means_no(house: Hamroh, tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "hamroh.db", isolation_level=None)) as database:
        database.execute(LOLA)
        ended = house("erase", "lola-00000", stdin="n\n")
        assert (ended.code, "for ever" in ended.out) == (1, True)
        assert database.execute("SELECT count(*) FROM participants").fetchone() == (1,)


# ---- the database and its keys


def test_migrating_twice_changes_nothing(hamroh: Hamroh):
    first, second = hamroh("migrate"), hamroh("migrate")
    assert (first.code, first.out) == (0, "the database is up to date now\n")
    assert (second.code, second.out) == (0, "the database is up to date\n")


def test_what_was_backed_up_comes_back_and_what_is_there_is_moved_aside(house: Hamroh, tmp_path):
    house("invite", "coordinator")
    assert house("backup", tmp_path / "copy").code == 0
    house("invite", "coordinator")
    ended = house("restore", tmp_path / "copy")
    assert ended.code == 0, ended.err
    assert uses_left(tmp_path) == 1
    assert (tmp_path / "copy.keys").exists()
    assert house("audit", "verify").code == 0


def test_what_is_no_backup_is_not_restored(house: Hamroh, tmp_path):
    (tmp_path / "letter").write_text("Салом", encoding="utf-8")
    assert is_refused(house("restore", tmp_path / "letter"), "is not a backup")
    assert is_refused(house("restore", tmp_path / "nothing"), "is not there")


def test_a_new_master_key_takes_the_place_of_the_old_one(house: Hamroh, tmp_path):
    house("invite", "mother", "--cohort", "Bahor")
    before = {path.name for path in (tmp_path / "keys").glob("*")}
    ended = house("rotate-key")
    assert ended.code == 0
    assert "wrapped with a new master key" in ended.out
    assert {path.name for path in (tmp_path / "keys").glob("*")} != before
    assert house("audit", "verify").out == "the record is whole\n"


def test_a_backup_into_a_directory_says_to_name_a_file(house: Hamroh, tmp_path):
    assert is_refused(house("backup", tmp_path), "is a directory", "name the file")
    assert not list(tmp_path.glob("*.keys"))


# ---- a rehearsal is at another hour than this machine


async def _rehearsed(folder: Path) -> datetime:
    """A stage with its team and a mother, left at its own hour."""
    stage = Stage(
        Settings(
            _env_file=None,  # type: ignore[call-arg]
            database_url=f"sqlite:///{folder / 'hamroh.db'}",
            keys_dir=folder / "keys",
            keys_url=f"sqlite:///{folder / 'keys.db'}",
        )
    )
    await stage.open()
    await stage.act(Step("mother", Verb.STARTS))
    for label in ("Русский", "Дальше", "Согласна", "Да, согласна", "Да"):
        await stage.act(Step("mother", Verb.PRESSES, label))
    await stage.close()
    return stage.clock.now()


def test_what_is_done_to_a_rehearsal_is_done_at_its_own_hour(hamroh: Hamroh, tmp_path):
    now = asyncio.run(_rehearsed(tmp_path))
    with contextlib.closing(sqlite3.connect(tmp_path / "hamroh.db")) as connection:
        (code,) = connection.execute("SELECT code_name FROM participants").fetchone()
        assert hamroh("freeze", code).code == 0
        (frozen_at,) = connection.execute("SELECT frozen_at FROM participants").fetchone()
        assert datetime.fromtimestamp(frozen_at / 1_000_000, UTC) == now


# ---- looking at it


def test_the_verdicts_on_screening_are_counted_without_text(house: Hamroh):
    assert house("concern", "review").out == "no case was closed yet\n"


def test_the_demo_is_well(house: Hamroh):
    ended = house("doctor")
    assert ended.code == 0, ended.out
    assert "none configured: `hamroh run` shows the demo" in ended.out
    assert "FIX" not in ended.out


def test_a_real_bot_that_is_not_ready_hears_everything_at_once(hamroh: Hamroh):
    unreviewed = {**REAL, "HAMROH_ALLOW_UNREVIEWED": "0", "HAMROH_ALLOW_UNREADY": "0"}
    ended = hamroh("doctor", **unreviewed)
    assert ended.code == 1
    told = [line.split(":")[0] for line in ended.out.splitlines()]
    assert [told.count(f"FIX  {name}") for name in ("lessons", "channel", "readiness")] == [1, 1, 3]
    assert "ok   guidance and contacts" in told
    assert TOKEN not in ended.out + ended.err


def test_what_is_wrong_with_one_file_is_told_once(hamroh: Hamroh, tmp_path):
    (tmp_path / "lines.yaml").write_text("- country: TJ\n", encoding="utf-8")
    ended = hamroh("doctor", **REAL, HAMROH_HELP_FILE=str(tmp_path / "lines.yaml"))
    assert ended.out.count("entry 1: `number` is missing") == 1


@pytest.mark.parametrize("lines", ["nowhere.yaml", "broken.yaml", None])
def test_all_that_is_not_ready_is_named_although_a_file_cannot_be_read(hamroh: Hamroh, tmp_path, lines):
    (tmp_path / "broken.yaml").write_text("- country: [", encoding="utf-8")
    given = {"HAMROH_HELP_FILE": str(tmp_path / lines)} if lines else {}
    ended = hamroh("doctor", **REAL, **given)
    told = [line.removeprefix("FIX  ") for line in ended.out.splitlines() if line.startswith("FIX  readiness")]
    assert len(told) == 3
    for point in ("test alarm", "HAMROH_HELP_FILE", "HAMROH_CONFIDENTIALITY_FILE"):
        assert any(point in line for line in told), point
    if lines:
        assert ended.out.count(lines) == 1, "what is wrong with the file is told once"


def test_every_setting_is_printed(hamroh: Hamroh):
    ended = hamroh("settings")
    assert ended.code == 0
    assert all(f"`HAMROH_{name.upper()}`" in ended.out for name in Settings.model_fields)


def test_a_broken_lesson_is_told_by_its_file_and_line(hamroh: Hamroh, tmp_path):
    page = write(tmp_path / "lessons", lesson=changed("Вода кипит.", "Чай. " * 70))
    ended = hamroh("content", "check", tmp_path / "lessons")
    assert re.match(rf"{re.escape(str(page))}:\d+: ", ended.out)
    assert is_refused(ended, "problems")


# ---- settings that cannot be right

HIDDEN = "invented-word-that-must-not-show"
HOOK = {"HAMROH_WEBHOOK_URL": "https://invented.example"}
WRONG = (
    ("migrate", {"HAMROH_DATABASE_URL": f"//{HIDDEN}://"}, "HAMROH_DATABASE_URL"),
    ("migrate", {"HAMROH_DATABASE_URL": f"mysql://invented:{HIDDEN}@127.0.0.1/x"}, "HAMROH_DATABASE_URL"),
    ("migrate", {"HAMROH_DATABASE_URL": f"postgresql://invented:{HIDDEN}@127.0.0.1:9/x"}, "cannot be reached"),
    ("run", REAL | {"HAMROH_TELEGRAM_TOKEN": HIDDEN}, "HAMROH_TELEGRAM_TOKEN"),
    ("run", REAL | {"HAMROH_TELEGRAM_API_URL": HIDDEN}, "HAMROH_TELEGRAM_API_URL"),
    ("run", REAL | HOOK, "HAMROH_WEBHOOK_SECRET"),
    ("run", HOOK | {"HAMROH_WEBHOOK_SECRET": HIDDEN}, "HAMROH_TELEGRAM_TOKEN"),
    ("run", REAL | HOOK | {"HAMROH_WEBHOOK_SECRET": f"{HIDDEN}!"}, "HAMROH_WEBHOOK_SECRET"),
    ("run", {"HAMROH_TELEGRAM_TOKEN_FILE": HIDDEN[:8]}, "HAMROH_TELEGRAM_TOKEN_FILE"),
)


@pytest.mark.parametrize(("command", "given", "named"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_setting_is_one_line_that_repeats_no_secret(hamroh: Hamroh, command, given, named):
    ended = hamroh(command, **given)
    assert is_refused(ended, named)
    assert HIDDEN not in ended.out + ended.err


def test_s24_a_real_channel_refuses_a_demo_database_and_the_demo_a_real_one(house: Hamroh, tmp_path):
    assert is_refused(house("run", **REAL), "HAMROH_DATABASE_URL", "demo")
    with contextlib.closing(sqlite3.connect(tmp_path / "hamroh.db")) as connection, connection:
        connection.execute("UPDATE facts SET value = 'no' WHERE name = 'demo'")
    assert is_refused(house("backup", "copy"), "HAMROH_DATABASE_URL", "demo")
