"""The full fault plan: every place three times, many kills, a Bot API that fails, databases that go away."""

import asyncio
import os
import signal
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from bot.broadcasts import CHUNK
from tests.fakes.telegram import Mix, Rates
from tests.faults.conftest import SmallDisk
from tests.faults.crowd import add_mothers
from tests.faults.harness import Nursery, Stage, staged
from tests.faults.laws import check
from tests.faults.test_kills import AFTER_TURNS, AROUND_SENDS, SQLITE, die_and_go_on, webhook
from tests.faults.village import MOTHERS, WRITERS, Village
from tests.storage.conftest import Server, name_of

pytestmark = pytest.mark.soak
KILLS = int(os.environ.get("SOAK_KILLS", "40"))
POSTGRES = pytest.mark.parametrize("kind", ["postgres"], indirect=True)


@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("way", ["polling", "webhook"])
@pytest.mark.parametrize("point", [*AFTER_TURNS, *AROUND_SENDS])
async def test_every_place_three_times(village: Village, nursery: Nursery, point: str, way: str, nth: int):
    settings = webhook() if way == "webhook" else {}
    async with staged(village, nursery, seed=nth, **settings) as stage:
        await die_and_go_on(stage, f"{point}:{nth}")
        check(stage)


@pytest.mark.parametrize("way", ["polling", "webhook"])
async def test_many_kills_over_a_bot_api_that_fails(village: Village, nursery: Nursery, way: str, record_property):
    settings = webhook() if way == "webhook" else {}
    settings["reply_minutes"] = "60"  # however slow the machine: what expires meanwhile would not be answered, rightly
    async with staged(village, nursery, seed=KILLS, rates=Rates(), **settings) as stage:
        stage.tg.faults.mix = Mix()
        await stage.is_killed_at_random(KILLS, lives=(0.4, 1.6), messages=24)
        for name, count in check(stage).items():
            record_property(name, count)


@pytest.mark.parametrize("nth", [1, 2])
async def test_a_broadcast_killed_between_chunks_skips_nobody_and_doubles_nothing(
    village: Village, nursery: Nursery, nth: int
):
    crowd = range(5001, 5001 + 2 * CHUNK)
    add_mothers(village, crowd)
    async with staged(village, nursery) as stage:
        for number in crowd:
            stage.joined(number)
        stage.lets_broadcast_begin()
        stage.start(f"mid_broadcast:{nth}")
        await stage.dies()
        assert sum(stage.recipients().values()) == nth * CHUNK
        stage.start()
        await stage.waits(stage.is_broadcast_done, "the broadcast does not end", 120)
        await stage.finishes()
        await stage.stop()
        states = stage.recipients()
        assert sum(states.values()) == len(stage.mothers) == len(MOTHERS) + 2 * CHUNK
        assert states.get("unknown", 0) <= stage.in_flight
        assert states["sent"] + states.get("unknown", 0) == len(stage.mothers)
        assert check(stage)["broadcast_arrived"] >= states["sent"]


@SQLITE
async def test_a_database_locked_by_somebody_else_refuses_kindly_and_loses_nothing(village: Village, nursery: Nursery):
    async with staged(village, nursery, **webhook()) as stage:
        stage.start()
        await stage.serves()
        with closing(sqlite3.connect(village.folder / "hamroh.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            stage.write(12)
            await stage.waits(lambda: any(one.status == 503 for one in stage.tg.deliveries), "it does not refuse")
        await stage.finishes()
        await stage.stop()
        assert {one.status for one in stage.tg.deliveries} == {200, 503}
        assert check(stage)["duplicates"] == 0


@SQLITE
async def test_a_database_locked_for_a_while_keeps_the_order_of_what_is_polled(village: Village, nursery: Nursery):
    async with staged(village, nursery) as stage:
        stage.start()
        await stage.serves()
        with closing(sqlite3.connect(village.folder / "hamroh.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            stage.write(60)
            await stage.waits(lambda: "storage_unavailable" in stage.log(), "it does not notice")
        await stage.finishes()
        await stage.stop()
        assert check(stage)["duplicates"] == 0


@SQLITE
async def test_a_full_disk_loses_nothing_and_is_survived(village: Village, nursery: Nursery):
    async with staged(village, nursery, **webhook()) as stage:
        process = stage.start(file_size=_largest(village.folder) + 60_000)
        await stage.serves()
        await _fills_until_refused(stage)
        process.may_grow()
        await stage.finishes()
        assert not process.is_over
        await stage.stop()
        check(stage)


async def _fills_until_refused(stage: Stage) -> None:
    """People write until somebody is refused; answers need not come before: marking what went may find no room, too."""
    while not _refused(stage):
        stage.write(20)
        await stage.waits(lambda: not stage.tg.feed.live() or _refused(stage), "it neither takes nor refuses")


def _refused(stage: Stage) -> bool:
    return any(one.status == 503 for one in stage.tg.deliveries)


def _largest(folder: Path) -> int:
    return max(path.stat().st_size for path in folder.glob("*.db"))


def _accepts(url: str) -> bool:
    """Whether the server lets anybody in; while it recovers from the crash before it does not."""
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


@POSTGRES
async def test_a_database_server_that_crashes_loses_nothing(village: Village, nursery: Nursery, postgres: Server):
    async with staged(village, nursery) as stage:
        stage.start()
        await stage.serves()
        for _ in range(3):
            stage.write(20)
            work = len(stage.tg.sent) + 5
            await stage.waits(lambda work=work: len(stage.tg.sent) >= work, "it does not work")
            stage.database.dispose()
            await stage.waits(lambda: _accepts(village.url), "the server does not come back")
            with psycopg.connect(village.url) as connection:
                os.kill(connection.info.backend_pid, signal.SIGKILL)  # the server takes every other process down, too
        await stage.waits(lambda: not stage.tg.feed.live() and stage.is_answered(), "somebody was not answered", 60)
        stage.in_flight = len(stage.tg.sent)  # what was sent when the server went may not have been marked
        await stage.finishes()
        await stage.stop()
        assert check(stage)["duplicates"] <= 3 * 32


@POSTGRES
@pytest.mark.parametrize("how", ["fast", "immediate"])
async def test_a_database_server_that_is_restarted_under_load_loses_nothing(
    village: Village, nursery: Nursery, postgres: Server, how: str
):
    async with staged(village, nursery, **webhook()) as stage:
        stage.start()
        await stage.serves()
        for _ in range(3):
            stage.write(20)
            restarting = asyncio.create_task(asyncio.to_thread(postgres.restart, how))
            await stage.waits(restarting.done, "the server does not come back")
            await restarting
            stage.database.dispose()
            stage.write(20)
            await stage.goes_on(stage.is_answered, "nobody was answered for 10 s after the restart", 10)
        await stage.finishes()
        await stage.stop()
        assert {one.status for one in stage.tg.deliveries} <= {200, 503}
        assert check(stage)["duplicates"] == 0


@POSTGRES
async def test_a_full_disk_under_postgres_loses_nothing_and_is_survived(
    village: Village, nursery: Nursery, postgres: Server, small_disk: SmallDisk
):
    postgres.execute(f"CREATE TABLESPACE small LOCATION '{small_disk.folder}'")
    name = postgres.create(name_of(village.url), "small")
    try:
        async with staged(replace(village, url=postgres.url(name)), nursery, **webhook()) as stage:
            process = stage.start()
            await stage.serves()
            small_disk.fill()
            await _fills_until_refused(stage)
            small_disk.empty()
            await stage.finishes()
            assert not process.is_over
            await stage.stop()
            assert {one.status for one in stage.tg.deliveries} == {200, 503}
            check(stage)
    finally:
        postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")
        postgres.execute("DROP TABLESPACE small")


@POSTGRES
async def test_two_processes_share_one_database_and_one_takes_over(
    village: Village, nursery: Nursery, postgres: Server
):
    async with staged(village, nursery, seed=2) as stage:
        stage.lets_broadcast_begin()
        first = stage.start()
        await stage.serves()
        second = stage.start()
        stage.write(30)
        await stage.waits(stage.is_answered, "somebody was not answered")
        stage.write(30)
        stage.process = first
        await stage.kill()
        await stage.waits(stage.is_answered, "the other did not take over")
        stage.process = second
        await stage.finishes()
        await stage.stop()
        check(stage)
        assert "other_poller" not in stage.log()
        assert "storage_unavailable" not in stage.log()


async def test_poison_is_set_aside_and_the_same_chat_goes_on(village: Village, nursery: Nursery):
    async with staged(village, nursery) as stage:
        stage.start()
        await stage.serves()
        for body in ({}, {"chat": {"id": WRITERS[0]}}, {"text": 5, "chat": {"id": "x"}}, None, [], {"message_id": "x"}):
            stage.tg.emits("message", body, WRITERS[0])
            stage.tg.emits("callback_query", body, WRITERS[0])
            stage.tg.emits("something_of_the_future", body, WRITERS[0])
        stage.write(20)
        await stage.finishes()
        await stage.stop()
        assert check(stage)["quarantined"] > 0


@pytest.mark.parametrize("seed", [1, 2])
async def test_updates_that_come_twice_or_restart_their_ids_count_once(village: Village, nursery: Nursery, seed: int):
    async with staged(village, nursery, seed=seed) as stage:
        stage.start()
        await stage.serves()
        stage.write(20)
        await stage.finishes()
        for update_id in stage.chance.sample(sorted(stage.tg.feed.made), 10):
            stage.tg.feed.repeat(update_id)
        await stage.finishes()
        stage.tg.feed.restart_ids(1000)
        stage.write(20)
        await stage.finishes()
        await stage.stop()
        assert check(stage)["duplicates"] == 0
