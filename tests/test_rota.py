"""The rota as a table: what is written is understood again, every mistake is named, and one mistake changes nothing."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from bot.cli import app
from bot.core.calendar import Hours
from bot.core.messages import LANGUAGES
from bot.core.people import Away, Role, Staff
from bot.rota import COLUMNS, Row, read, write

HEAD = ",".join(COLUMNS)
WEEK = tuple(range(5))


def facilitator(alias, **changes):
    member = Staff(alias, alias, f"chat-{alias}", "ru", frozenset({Role.FACILITATOR}), is_confirmed=True)
    return replace(member, **changes)


HOURS = st.builds(
    Hours,
    st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30))),
    st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30))),
    st.frozensets(st.integers(0, 6), min_size=1),
)
AWAYS = st.one_of(
    st.none(),
    st.builds(
        lambda first, days: Away(first, first + timedelta(days=days)),
        st.dates(date(2026, 1, 1), date(2030, 1, 1)),
        st.integers(0, 30),
    ),
)
ARRANGEMENTS = st.builds(
    lambda duty, rest, languages, limit, away: {
        "duty": tuple(duty),
        "rest": tuple(rest),
        "languages": languages,
        "load_limit": limit,
        "away": away,
    },
    st.lists(HOURS, max_size=3),
    st.lists(HOURS, max_size=2),
    st.frozensets(st.sampled_from(LANGUAGES), min_size=1),
    st.integers(1, 99),
    AWAYS,
)


@given(ARRANGEMENTS, st.sampled_from(LANGUAGES))
def test_what_is_exported_is_imported_as_it_was(changes, language):
    staff = facilitator("Себ", **changes)
    rows, mistakes = read(write([staff], language), {"Себ"})
    assert mistakes == []
    [row] = rows
    assert [Hours(time.fromisoformat(b), time.fromisoformat(e), frozenset(d)) for b, e, d in row.duty] == list(
        staff.duty
    )
    assert [Hours(time.fromisoformat(b), time.fromisoformat(e), frozenset(d)) for b, e, d in row.rest] == list(
        staff.rest
    )
    assert (frozenset(row.languages), row.load_limit) == (staff.languages, staff.load_limit)
    assert row.away == ((staff.away.first.isoformat(), staff.away.last.isoformat()) if staff.away else None)


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_spreadsheet_of_our_region_is_understood(delimiter):
    text = delimiter.join(["alias", "duty", "languages"]) + "\r\n"
    text += delimiter.join(["Себ", '"дш-ҷм 9-17; шб 10-13"', "ru"]) + "\r\n"
    rows, mistakes = read("\ufeff" + text, {"Себ"})
    assert mistakes == []
    assert rows == [Row("Себ", (("09:00", "17:00", WEEK), ("10:00", "13:00", (5,))), ("ru",), 5, (), None)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Нок,дш-ҷм 9-17,,,,,", "alias: "),
        (",дш-ҷм 9-17,,,,,", "alias: "),
        ("Себ,когда смогу,,,,,", "duty: "),
        ("Себ,дш 9-17,en,,,,", "languages: "),
        ("Себ,дш 9-17,,много,,,", "limit: "),
        ("Себ,дш 9-17,,0,,,", "limit: "),
        ("Себ,дш 9-17,,²,,,", "limit: "),
        ("Себ,дш 9-17,,,ночью,,", "rest: "),
        ("Себ,дш 9-17,,,,2026-11-24,", "away_from, away_until: "),
        ("Себ,дш 9-17,,,,24.11.2026,30.11.2026", "away_from, away_until: "),
        ("Себ,дш 9-17,,,,2026-11-30,2026-11-24", "away_until: "),
    ],
)
def test_every_mistake_is_named_with_its_line_and_column(line, expected):
    rows, mistakes = read(f"{HEAD}\nАнор,дш 9-17,,,,,\n{line}\n", {"Себ", "Анор"})
    assert len(rows) == 1
    [mistake] = mistakes
    assert mistake.startswith(f"line 3: {expected}")


def test_a_person_who_stands_there_twice_is_a_mistake():
    _, mistakes = read(f"{HEAD}\nСеб,дш 9-17,,,,,\nСеб,сш 9-17,,,,,\n", {"Себ"})
    assert mistakes == ["line 3: alias: stands here for the second time"]


@pytest.mark.parametrize("head", ["", "alias", "duty", "alias,duty,password"])
def test_other_columns_are_refused(head):
    rows, mistakes = read(f"{head}\nСеб,дш 9-17,x\n", {"Себ"})
    assert rows == []
    assert mistakes[0].startswith("line 1: the columns are ")


# ---- the commands


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The command line over a fresh database with nobody in it."""
    for name, value in {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'house.db'}",
        "KEYS_DIR": str(tmp_path / "keys"),
        "KEYS_URL": f"sqlite:///{tmp_path / 'keys.db'}",
    }.items():
        monkeypatch.setenv(f"HAMROH_{name}", value)
    return lambda *words: CliRunner().invoke(app, ["rota", *words])


def test_an_empty_desk_is_exported_as_its_columns(run):
    done = run("export")
    assert (done.exit_code, done.stdout) == (0, f"{HEAD}\n")


def test_import_names_every_mistake_and_changes_nothing(run, tmp_path):
    table = tmp_path / "rota.csv"
    table.write_text(f"{HEAD}\nСеб,дш 9-17,,,,,\nНок,дш 9-17,,,,,\n", encoding="utf-8")
    done = run("import", str(table))
    assert done.exit_code == 1
    assert done.stdout.count("alias: no confirmed facilitator") == 2


def test_a_file_that_cannot_be_read_is_refused(run, tmp_path):
    (tmp_path / "old.csv").write_bytes("Себ".encode("cp1251"))
    for name, told in (("nowhere.csv", "No such file"), ("old.csv", "is not UTF-8 text")):
        done = run("import", str(tmp_path / name))
        assert done.exit_code == 1
        assert told in done.stderr
