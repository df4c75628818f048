"""Starts `hamroh` again and again without importing it anew: each start is a forked process of its own.

Orders come as JSON lines on standard input: {"start": [arguments], "env": {...}, "log": FILE}.  Each start is answered
with {"started": pid}, each end with {"ended": pid, "status": code} (negative: the signal).  When standard input ends,
all that still runs is killed.
"""

import faulthandler
import gc
import json
import logging
import os
import resource
import select
import signal
import sys
import traceback
from typing import Any, NoReturn, TextIO

import psycopg  # noqa: F401 - these four only so that the children need not load them
import structlog
from alembic.runtime import migration  # noqa: F401

import bot.app
import bot.settings
from bot.cli import main
from bot.concern.screen import load_screen
from bot.guidance.load import load_guidance
from bot.texts import load_texts


def serve() -> None:
    """Follow orders until there are no more."""
    for load in (load_screen, load_guidance, load_texts):
        load()  # the children find what is read once in every process
    gc.freeze()
    running: set[int] = set()
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    waiting = b""
    while True:
        ready, _, _ = select.select([0, woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
            _bury(running)
        if 0 in ready:
            read = os.read(0, 65536)
            if not read:
                break
            *lines, waiting = (waiting + read).split(b"\n")
            for line in lines:
                running.add(_start(json.loads(line)))
    for pid in running:
        os.kill(pid, signal.SIGKILL)


def _bury(running: set[int]) -> None:
    for pid in list(running):
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            running.discard(pid)
            _say({"ended": pid, "status": os.waitstatus_to_exitcode(status)})


def _start(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        _become(order)
    _say({"started": pid})
    return pid


def _become(order: dict[str, Any]) -> NoReturn:
    """The child: as if the command had been typed, with its words going to the log."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(order["log"], os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    if order["file_size"]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["file_size"], resource.RLIM_INFINITY))
    os.environ.update(order["env"])
    if os.environ.pop("HAMROH_TALKS", ""):
        _talk()
    os.chdir(order["folder"])
    sys.argv = ["hamroh", *order["start"]]
    status = 0
    try:
        main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - as Python itself ends: it says what it was
        traceback.print_exc()
        status = 1
    finally:
        sys.stderr.flush()
        os._exit(status)


def _talk() -> None:
    """Everything is logged, by us and by every library, in its own words; SIGUSR2 is a crash that nobody expected."""
    set_up = bot.app.set_up_logs

    def set_up_all(stream: TextIO | None = None) -> None:
        set_up(stream)
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
        plainly = logging.StreamHandler()
        plainly.setFormatter(logging.Formatter("%(name)s %(message)s"))
        logging.getLogger().addHandler(plainly)
        for name in ("", "sqlalchemy"):
            logging.getLogger(name).setLevel(logging.DEBUG)

    def crash(*_: object) -> NoReturn:
        raise MemoryError

    bot.app.set_up_logs = set_up_all
    faulthandler.enable()
    signal.signal(signal.SIGUSR2, crash)


def _say(line: dict[str, Any]) -> None:
    os.write(1, json.dumps(line).encode() + b"\n")


if __name__ == "__main__":
    serve()
