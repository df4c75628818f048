"""One figure in a process of its own: it gets ready, and plays a round whenever it is told to."""

import importlib
import json
import logging
import sys
from pathlib import Path
from typing import Any

import structlog

from bot.system import calm_collector


def main(target: str, folder: Path, mothers: int) -> None:
    """Play a round for every line on standard input, and answer with its figures as one line of JSON."""
    said, sys.stdout = sys.stdout, sys.stderr
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    module, _, name = target.partition(":")
    bench: Any = getattr(importlib.import_module(module), name)(folder, mothers)
    calm_collector()  # as Hamroh does at its start; here for everybody
    try:
        for _ in sys.stdin:
            print(json.dumps(bench.round()), file=said, flush=True)
    finally:
        if hasattr(bench, "close"):
            bench.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
