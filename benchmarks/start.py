"""From the command line to ready: the second start of a demo, which has its database already."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

PATIENCE = 300.0
"""Seconds; everything else gets ready at the same time as the first start."""


class Start:
    """Starts `hamroh run` and asks until it is ready."""

    def __init__(self, folder: Path, mothers: int) -> None:
        del mothers
        self._home = Path(tempfile.mkdtemp(dir=folder))
        self.round()  # the first run makes database and keys

    def round(self) -> dict[str, float]:
        """Seconds."""
        inner, outer = _free_port(), _free_port()
        mine = {name: value for name, value in os.environ.items() if not name.startswith("HAMROH_")}
        mine.pop("PYTHONDONTWRITEBYTECODE", None)  # as in the Makefile: nobody compiles everything at every start
        mine |= {"HAMROH_LISTEN": f"127.0.0.1:{inner}", "HAMROH_WEBHOOK_LISTEN": f"127.0.0.1:{outer}"}
        mine["PYTHONPATH"] = str(Path.cwd())
        began = time.perf_counter()
        command = [sys.executable, "-m", "bot.cli", "run"]
        with (self._home / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=self._home, env=mine, stdout=log, stderr=log)  # noqa: S603 - our own
        try:
            if not _is_ready(process, f"http://127.0.0.1:{outer}/readyz"):
                said = (self._home / "log").read_text(encoding="utf-8")[-500:]
                raise RuntimeError(f"hamroh run did not become ready (exit code {process.poll()}): {said}")
            return {"": time.perf_counter() - began}
        finally:
            process.terminate()
            process.wait(20)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _is_ready(process: subprocess.Popen[bytes], address: str) -> bool:
    """Whether it answers before it ends or patience does."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5) as response:  # noqa: S310 - a loopback address of ours
                if response.status == 200:
                    return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.01)
    return False
