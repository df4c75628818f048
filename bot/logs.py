"""How the process tells the operator what happens: one line each on standard error, ids only, never words of people."""

import contextlib
import logging
import sys
from types import TracebackType
from typing import TextIO, cast

import structlog

_Trouble = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class _Discreet(logging.Formatter):
    """Names a library and the kind of its trouble; its own words might quote somebody."""

    def formatException(self, ei: _Trouble) -> str:  # noqa: N802 - logging's name
        return ei[0].__name__ if ei[0] else ""


class _Careful:
    """A stream whose end may be gone: a line that nobody can read is dropped, the work that tells it goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write what can be written."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Hand over what was written; the end may have gone in between."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()


def set_up_logs(stream: TextIO | None = None) -> None:
    """Lines as `time level event key=value`; libraries speak only when something is wrong.

    Standard error is a pipe to somebody's terminal or journal and can close at any time: that never ends a loop.
    """
    careful = cast("TextIO", _Careful(stream or sys.stderr))
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(careful),
    )
    handler = logging.StreamHandler(careful)
    handler.setFormatter(_Discreet("%(asctime)s %(levelname)s %(name)s:%(lineno)d"))
    logging.basicConfig(level=logging.ERROR, handlers=[handler])
