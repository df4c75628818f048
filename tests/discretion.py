"""S18 over the whole suite: whatever a test does, no line that Hamroh logs tells of anybody.

Nobody is named in Latin letters, so a Cyrillic letter in a line of the log is somebody's word; a token and a long
number have a form of their own. `--all-talk` makes every library speak as well, in its own words; that takes longer.
"""

import logging
import re
from collections.abc import Generator

import pytest
import structlog

TELLING = re.compile(
    r"[\u0400-\u04ff]"  # a word of hers, of staff, of a lesson
    r"|\d{6,}:[\w-]{30,}|/bot\d+:|Bearer \w|NO-REAL-TOKEN"  # a token of either messenger
    r"|[?&#]start=\w{16,}"  # a code that lets somebody in
    r"|(?<![\w.:-])\+?\d{10,15}(?![\w.])"  # a telephone number
)


class _Ear(logging.Handler):
    """Keeps the lines that tell of somebody."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Hear what a library says."""
        self.hear(self.format(record))

    def hear(self, line: str) -> None:
        """Keep the line if it tells of somebody."""
        if TELLING.search(line):
            self.heard.append(line)

    def listens(self, _logger: object, _level: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        """Hear what Hamroh itself says, before it is put into words."""
        self.hear(" ".join(f"{name}={value!r}" for name, value in event.items()))
        return event


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-talk", action="store_true", help="every library logs all it has to say; S18 holds")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Listen to one test; what was said about somebody is its failure."""
    ear, kept = _Ear(), structlog.get_config()
    structlog.configure(
        processors=[ear.listens, *kept["processors"]], wrapper_class=structlog.make_filtering_bound_logger(0)
    )
    all_talk = item.config.getoption("--all-talk")
    root, engine = logging.getLogger(), logging.getLogger("sqlalchemy")
    levels = root.level, engine.level
    if all_talk:
        root.addHandler(ear)
        for logger in (root, engine):
            logger.setLevel(logging.DEBUG)
    try:
        outcome = yield
    finally:
        if all_talk:
            root.removeHandler(ear)
            for logger, level in zip((root, engine), levels, strict=True):
                logger.setLevel(level)
        structlog.configure(**kept)
    assert ear.heard == [], "S18: the log tells of somebody"
    return outcome
