"""Serves the demo: the stage's pages for this machine, the health pages where the real bot would have them."""

import asyncio

import structlog

from bot import faults
from bot.app import until_stopped
from bot.console.pages import stage_pages
from bot.core.errors import ConfigurationError
from bot.demo import history
from bot.demo.port import Port
from bot.demo.stage import Stage
from bot.doors import Server, outer
from bot.logs import set_up_logs
from bot.settings import Settings
from bot.system import release_collector

log = structlog.get_logger()


async def serve(settings: Settings, seed: int | None = None) -> None:
    """Run the stage until SIGTERM or SIGINT; with a seed it begins anew.  Raises ConfigurationError (S24)."""
    if settings.has_channel:
        raise ConfigurationError("a channel is configured: the stage exists only without one")
    set_up_logs()
    faults.arm(settings.fault or "")
    stage = Stage(settings, seed or 7)
    told = await stage.open()
    release_collector()
    try:
        if seed is not None:
            await stage.reset(seed)
            await history.live(stage, lambda how_far: log.info("demo", now=how_far))

        async def is_ready() -> bool:
            return await asyncio.to_thread(stage.app.store.is_available)

        inner = Server(stage_pages(Port(stage), settings.listen), settings.listen, "HAMROH_LISTEN")
        doors = [inner, Server(outer(is_ready), settings.webhook_listen, "HAMROH_WEBHOOK_LISTEN")]
        log.info("no channel configured: the demo runs", stage=told, address=f"http://{settings.listen}/")
        await until_stopped([door.serve() for door in doors])
    finally:
        await stage.close()
