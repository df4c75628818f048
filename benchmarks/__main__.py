"""`python -m benchmarks [NAME…]`: measures every figure, or those named; standard output is one line of JSON for each.

The rounds of all figures are interleaved, each figure in a process of its own, so that a busy minute of the machine
falls on all of them alike.  A figure that cannot be measured is named on standard error, and the exit code is 1.
"""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from benchmarks.command_line import MOTHERS, Figure, read
from benchmarks.due import fill
from benchmarks.rehearsal import prepare
from benchmarks.updates import copy_house


def main(words: Sequence[str] | None = None) -> None:
    """Measure and print what the command line asks for."""
    figures, rounds = read(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that everything is cleared away
    load = os.getloadavg()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hamroh-bench-")))
        prepare(folder, MOTHERS)
        _tell(f"load {load[0]:.1f} on {os.cpu_count()} processors, databases in {folder.parent}")
        if _kind_of(folder.parent) in {"tmpfs", "ramfs"}:
            _tell("They lie in memory, where a commit costs nothing: set TMPDIR to a folder on a disk.")
        workers = [(one, stack.enter_context(_worker(one, _folder_of(one, folder)))) for one in figures]
        for number in range(rounds + 1):
            for one, worker in workers:
                if not one.has_failed and (number or not one.is_large):  # every timer can be played but once
                    _tell(f"round {number} of {one.name}")
                    _note(one, _ask(worker), is_warm_up=number == 0)
    for one in figures:
        for part in () if one.has_failed else one.parts:
            print(json.dumps(_line(one, part), ensure_ascii=False), flush=True)
    failed = [name for one in figures if one.has_failed for name in one.names()]
    if failed:
        sys.exit(f"not measured: {', '.join(failed)}")


def _kind_of(folder: Path) -> str:
    """The kind of file system that holds a folder; empty where the system does not tell."""
    mounts = Path("/proc/mounts")
    lines = [line.split() for line in mounts.read_text(encoding="utf-8").splitlines()] if mounts.exists() else []
    holding = [(len(line[1]), line[2]) for line in lines if folder.resolve().is_relative_to(line[1])]
    return max(holding, default=(0, ""))[1]


def _note(one: Figure, found: dict[str, float], *, is_warm_up: bool) -> None:
    """Keep the values of a round; a worker that gave none has died, and said why on standard error."""
    one.has_failed = not found
    for part, value in found.items():
        if not is_warm_up:
            one.values.setdefault(part, []).append(value)


def _folder_of(one: Figure, folder: Path) -> Path:
    """The prepared house; for the large ones a copy with many mothers, made once for each size."""
    if not one.is_large:
        return folder
    large = folder / str(one.mothers)
    if not large.exists():
        _tell(f"{one.mothers} mothers join")
        large.mkdir()
        copy_house(folder, large)
        fill(large, one.mothers)
    return large


@contextmanager
def _worker(one: Figure, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Its process, ended whatever happens."""
    _tell(f"{one.name} gets ready")
    command = [sys.executable, "-m", "benchmarks.worker", one.target, str(folder), str(one.mothers)]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            assert process.stdin is not None  # noqa: S101 - it has a pipe
            with suppress(BrokenPipeError):
                process.stdin.close()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def _ask(worker: subprocess.Popen[str]) -> dict[str, float]:
    assert worker.stdin is not None  # noqa: S101 - it has pipes
    assert worker.stdout is not None  # noqa: S101
    with suppress(BrokenPipeError):
        worker.stdin.write("\n")
        worker.stdin.flush()
    answer: dict[str, float] = json.loads(worker.stdout.readline() or "{}")
    return answer  # empty when the worker died; what it said of it is on standard error


def _line(one: Figure, part: str) -> dict[str, object]:
    values = one.values[part]
    value = statistics.median(values)
    figures = {"value": value, "unit": one.unit, "runs": len(values), "min": min(values), "max": max(values)}
    return {"name": f"{one.name}{part}", **{k: round(v, 3) if isinstance(v, float) else v for k, v in figures.items()}}


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
