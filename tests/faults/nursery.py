"""Starts `hamroh` again and again without importing it anew: each start is a forked process of its own.

Orders come as JSON lines on standard input: {"start": [arguments], "env": {...}, "log": FILE}.  Each start is answered
with {"started": pid}, each end with {"ended": pid, "status": code} (negative: the signal).  When standard input ends,
all that still runs is killed.
"""

import json
import os
import resource
import select
import signal
import sys
from typing import Any, NoReturn

import psycopg  # noqa: F401 - these four only so that the children need not load them
from alembic.runtime import migration  # noqa: F401

import bot.app
import bot.settings  # noqa: F401
from bot.cli import main


def serve() -> None:
    """Follow orders until there are no more."""
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
    os.chdir(order["folder"])
    sys.argv = ["hamroh", *order["start"]]
    status = 0
    try:
        main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stderr.flush()
        os._exit(status)


def _say(line: dict[str, Any]) -> None:
    os.write(1, json.dumps(line).encode() + b"\n")


if __name__ == "__main__":
    serve()
