"""The log serves the work, never the other way round."""

import contextlib
import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.logs import set_up_logs


class Gone(io.StringIO):
    """A pipe whose reader left: writing succeeds or fails, flushing fails."""

    def write(self, text: str) -> int:
        raise BrokenPipeError

    def flush(self) -> None:
        raise BrokenPipeError


@contextlib.contextmanager
def logs_to(stream: io.StringIO) -> Iterator[None]:
    """Logs as the process sets them up; the test's own are put back."""
    kept, root = structlog.get_config(), logging.getLogger()
    handlers, root.handlers = root.handlers, []
    try:
        set_up_logs(stream)
        yield
    finally:
        root.handlers = handlers
        structlog.configure(**kept)


def closed() -> io.StringIO:
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize("end", [Gone, closed], ids=["broken pipe", "closed"])
def test_a_line_that_nobody_can_read_breaks_nothing(end, capsys):
    with logs_to(end()):
        structlog.get_logger().warning("batch_failed", jobs=1)
        logging.getLogger("library").error("something")

    assert capsys.readouterr() == ("", "")


def test_what_can_be_read_is_written_without_the_words_of_libraries():
    stream = io.StringIO()
    with logs_to(stream):
        structlog.get_logger().warning("batch_failed", jobs=1)
        logging.getLogger("library").error("words")

    ours, library = stream.getvalue().splitlines()
    assert "event='batch_failed' jobs=1" in ours
    assert "ERROR library:" in library
    assert "words" not in library
