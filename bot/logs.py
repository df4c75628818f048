"""How the process tells the operator what happens: one line each on standard error, ids only, never words of people."""

import logging
import sys
from types import TracebackType

import structlog

_Trouble = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class _Discreet(logging.Formatter):
    """Names a library and the kind of its trouble; its own words might quote somebody."""

    def formatException(self, ei: _Trouble) -> str:  # noqa: N802 - logging's name
        return ei[0].__name__ if ei[0] else ""


def set_up_logs() -> None:
    """Lines as `time level event key=value`; libraries speak only when something is wrong."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Discreet("%(asctime)s %(levelname)s %(name)s:%(lineno)d"))
    logging.basicConfig(level=logging.ERROR, handlers=[handler])
