"""What holds for every test: how long properties are tried, and that no test leaves this machine."""

import pytest
from hypothesis import HealthCheck, settings

from tests.statements import remember

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
