"""What holds for every test: how long properties are tried, and that no test leaves this machine."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.statements import remember
from tests.two_banks import TwoBanks, open_banks
from tests.world import FrozenClock

pytest_plugins = ["tests.discretion"]

# Two cores are shared by all workers, so time says nothing about a property; `make test` tries the same
# examples every time, `make soak` looks for new ones.
_ALWAYS = settings(deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("test", _ALWAYS, max_examples=60, derandomize=True, database=None)
settings.register_profile("soak", _ALWAYS, max_examples=5_000)
settings.load_profile("test")

remember()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write what the golden journeys really show into them")


@pytest.fixture
async def banks(tmp_path: Path) -> AsyncIterator[TwoBanks]:
    """A Hamroh on both messengers, its clock moved by hand."""
    async with open_banks(tmp_path, FrozenClock()) as opened:
        yield opened
