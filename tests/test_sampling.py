"""`hamroh concern review --read`: a supervisor judges kept answers at a terminal; only counts remain (S20)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import open_store
from bot.batch import Batch
from bot.concern import load_screen
from bot.concern_commands import read_sample, review, sampled
from bot.core.cases import Level
from bot.core.effects import KeepReflection, Prefer
from bot.core.errors import CommandRefused
from bot.core.people import Role
from bot.desk import ANSWERED, Desk
from storage.sampling import Count
from storage.schema import cases
from tests.book import book_of
from tests.house import settings_in
from tests.storage.stage import Stage
from tests.world import FrozenClock, SeededIds

NONE = Level.NONE
QUIET = "Ман бо писарам китоб хондам ва ҳарду хандидем."
MISSED = "Халтаи ӯ дар пушти дар аст."


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    clock = FrozenClock()
    store = open_store(settings_in(tmp_path), clock, SeededIds())
    stage = Stage(store, clock)
    stage.staff("sarv", Role.SUPERVISOR)
    stage.mother("olma", Prefer({"may_be_sampled": True}), KeepReflection("1.1", QUIET), KeepReflection("1.2", MISSED))
    yield stage
    store.close()


@pytest.fixture
def desk(stage: Stage, tmp_path: Path) -> Desk:
    batch = Batch(stage.store, book_of(settings_in(tmp_path)), load_screen(), stage.clock, stage.store.ids)
    return Desk(stage.store, batch, stage.clock)


class Reader:
    """Answers what she was told to, and remembers what stood before her."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.shown: list[str] = []

    def __call__(self, question: str) -> str:
        self.shown.append(question)
        return self.answers.pop(0)


def by_age(ids: list[str]) -> None:
    """The oldest first, so that a test knows what comes."""


def test_s20_she_reads_text_alone_and_only_counts_remain(desk: Desk, stage: Stage) -> None:
    reader = Reader("n", "what", "u")
    assert read_sample(desk, "Chinor-sarv", 5, reader, by_age).startswith("2 read")
    assert [QUIET in reader.shown[0], MISSED in reader.shown[1], MISSED in reader.shown[2]] == [True] * 3
    everything = "\n".join(reader.shown)
    assert "Olma" not in everything
    assert not any(word in everything for word in ("none", "concern", "urgent", "model", "1.1", "1.2"))
    screen = load_screen()
    judged = [(screen.screen(text, ANSWERED).level, level) for text, level in ((QUIET, NONE), (MISSED, Level.URGENT))]
    expected = [Count(screen.rules, screened, level, 1) for screened, level in judged]
    assert sorted(desk.sampled(), key=str) == sorted(expected, key=str)
    assert not any(word in "\n".join(sampled(desk.sampled())) for word in (*QUIET.split(), *MISSED.split()))


def test_s20_an_answer_that_worries_her_rings_for_the_facilitators(desk: Desk, stage: Stage) -> None:
    read_sample(desk, "Chinor-sarv", 2, Reader("n", "c"), by_age)
    (case,) = stage.rows(cases)
    assert (case.level, case.state) == ("concern", "open")
    assert case.opened_at - stage.clock.now() < timedelta(seconds=1)


def test_s20_whoever_stops_has_read_that_answer_and_counts_nothing(desk: Desk) -> None:
    assert read_sample(desk, "Chinor-sarv", 2, Reader("q"), by_age).startswith("0 read")
    assert desk.sampled() == []
    assert read_sample(desk, "Chinor-sarv", 2, Reader("n"), by_age).startswith("1 read")


@pytest.mark.parametrize("alias", ["", "Chinor-nobody"])
def test_s20_only_a_confirmed_supervisor_reads(desk: Desk, alias: str) -> None:
    with pytest.raises(CommandRefused, match="no confirmed supervisor"):
        read_sample(desk, alias, 1, Reader(), by_age)


def test_s20_a_facilitator_reads_no_sample(desk: Desk, stage: Stage) -> None:
    stage.staff("chinor", Role.FACILITATOR)
    with pytest.raises(CommandRefused, match="no confirmed supervisor"):
        read_sample(desk, "Chinor-chinor", 1, Reader(), by_age)


def test_s20_what_is_read_goes_into_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HAMROH_DATABASE_URL", f"sqlite:///{tmp_path / 'house.db'}")
    monkeypatch.setenv("HAMROH_KEYS_DIR", str(tmp_path / "keys"))
    monkeypatch.setenv("HAMROH_KEYS_URL", f"sqlite:///{tmp_path / 'keys.db'}")
    with pytest.raises(CommandRefused, match="at a terminal"):
        review(read=1, reader="Chinor-sarv")  # standard output is none here


def test_the_line_of_a_version_tells_what_was_missed_and_within_what() -> None:
    one = [
        Count("rules-1", Level.NONE, Level.NONE, 36),
        Count("rules-1", Level.NONE, Level.URGENT, 3),
        Count("rules-1", Level.CONCERN, Level.NONE, 1),
        Count("rules-2", Level.NONE, Level.NONE, 4),
    ]
    first, second = sampled(one)
    assert first.startswith("rules-1\tblind sample\tagree 36\tmissed 3\traised 1\t")
    assert first.endswith("missed of 40 read: 7.5% (2.6% to 19.9%)")
    assert second.endswith("missed of 4 read: 0.0% (0.0% to 49.0%)")
