"""S18: a real process that logs everything and crashes in every way tells nothing of anybody."""

import asyncio
import signal
import socket
import urllib.request

import pytest

from tests.faults.harness import PLANTED, Nursery, staged
from tests.faults.village import MOTHERS, Village

WORDS = "шавҳарам маро мезанад нилуфарисохта"
HOW = {"an error nobody expected": signal.SIGUSR2, "an abort": signal.SIGABRT, "a kill": signal.SIGKILL}


def _free() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def _read(address: str) -> str:
    with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as answer:
        return str(answer.read().decode())


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("how", HOW)
async def test_s18_at_debug_neither_log_nor_figures_nor_traceback_of_a_crashed_process_tell_of_anybody(
    village: Village, nursery: Nursery, how: str
) -> None:
    door = _free()
    async with staged(village, nursery, talks="1", listen=door) as stage:
        process = stage.start()
        await stage.serves()
        stage.write(6)
        stage.person(MOTHERS[0]).says(WORDS)
        await stage.group.waits_for_answers(1, 30)
        await stage.waits(stage.is_answered, "somebody was not answered")
        figures = await asyncio.to_thread(_read, door)
        stage.write(3)
        process.send(HOW[how])
        assert await process.ends() != 0
        stage.note()
        stage.start(talks="")
        await stage.finishes()
        await stage.stop()
        log = stage.log()
        assert "hamroh_" in figures
        assert "sqlalchemy.engine" in log
        assert "transitions.core" in log
        assert ("Traceback" in log or "most recent call first" in log) == (how != "a kill")
        names = (PLANTED, "Шамшод", "Invented", "нилуфарисохта", "мезанад", stage.tg.token, str(MOTHERS[0]))
        assert [word for word in names if word in log or word in figures] == []
