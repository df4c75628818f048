"""Killed at its worst moments, and at any moment, Hamroh loses nothing, says little twice, and keeps every order."""

import signal
import socket
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from storage.instants import EPOCH
from storage.schema import audit, cases, lines, participants, timers
from tests.faults.harness import Nursery, Stage, staged
from tests.faults.laws import check, data_keys_of_nobody
from tests.faults.village import COORDINATOR, FACILITATOR, MOTHERS, Village
from tests.town import find_button

AFTER_TURNS = ("before_commit", "after_commit", "before_confirm")
AROUND_SENDS = ("after_claim", "after_send", "before_mark")
SQLITE = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
ON_BOTH = [(kind, point) for point in (*AFTER_TURNS, *AROUND_SENDS) for kind in ("sqlite",)]
ON_BOTH += [("postgres", "after_send")]


def webhook() -> dict[str, str]:
    """Settings with which updates come by webhook, to a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    return {"webhook_url": f"http://{address}", "webhook_listen": address, "webhook_secret": "invented"}


async def die_and_go_on(stage: Stage, fault: str) -> None:
    """Start with a fault, die of it while people write, start again and finish everything."""
    stage.write(9)
    stage.start(fault)
    await stage.dies()
    stage.write(3)
    stage.start()
    await stage.finishes()
    await stage.stop()


@pytest.mark.parametrize(("kind", "point"), ON_BOTH, indirect=["kind"])
async def test_nothing_is_lost_when_it_dies_there(village: Village, nursery: Nursery, point: str):
    async with staged(village, nursery, seed=len(point)) as stage:
        await die_and_go_on(stage, f"{point}:2")
        assert check(stage)["quarantined"] == 0


@SQLITE
@pytest.mark.parametrize("point", AFTER_TURNS)
async def test_nothing_is_lost_when_it_dies_there_behind_a_webhook(village: Village, nursery: Nursery, point: str):
    async with staged(village, nursery, seed=3, **webhook()) as stage:
        await die_and_go_on(stage, f"{point}:2")
        assert check(stage)["quarantined"] == 0


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("sqlite", "before_commit:1"),
        ("sqlite", "after_commit:1"),
        ("sqlite", "before_commit:2"),
        ("postgres", "after_commit:1"),
    ],
    indirect=["kind"],
)
async def test_a_case_that_was_opened_at_a_kill_reaches_staff_and_goes_on_ringing(
    village: Village, nursery: Nursery, fault: str
):
    async with staged(village, nursery) as stage:
        stage.person(MOTHERS[0]).says("HELP")
        stage.start(fault)
        await stage.dies()
        stage.start()
        await stage.group.waits_for_answers(1, 30)
        await stage.finishes()
        await stage.stop()
        with stage.database.reading() as connection:
            assert connection.scalar(select(func.count()).select_from(cases)) == 1
        assert check(stage)["quarantined"] == 0


@pytest.mark.parametrize(
    ("kind", "point"),
    [("sqlite", "after_commit"), ("sqlite", "before_confirm"), ("postgres", "before_confirm")],
    indirect=["kind"],
)
async def test_a_case_that_is_taken_at_a_kill_has_one_owner_and_is_audited_once(
    village: Village, nursery: Nursery, point: str
):
    """`before_confirm`: the acknowledgement is stored, but the webhook has not answered 200 yet."""
    async with staged(village, nursery, **webhook()) as stage:
        stage.person(MOTHERS[0]).says("HELP")
        stage.start()
        await stage.group.waits_for_answers(1, 30)
        await stage.finishes()
        await stage.stop()
        stage.group.presses(*find_button(stage.group, "case.take"), by=stage.person(FACILITATOR))
        assert await stage.start(f"{point}:1").ends() == -signal.SIGKILL
        stage.note()
        assert len(stage.tg.feed.live()) == 1
        stage.start()
        await stage.finishes()
        await stage.stop()
        with stage.database.reading() as connection:
            case = connection.execute(select(cases)).one()
            takes = connection.scalar(select(func.count()).select_from(audit).where(audit.c.action == "take"))
        assert (case.owner_id is not None, takes) == (True, 1)
        check(stage)


@SQLITE
async def test_a_timer_that_was_taken_at_a_kill_is_taken_again(village: Village, nursery: Nursery):
    async with staged(village, nursery) as stage:
        stage.person(MOTHERS[0]).says("HELP")
        stage.start()
        await stage.group.waits_for_answers(1, 30)
        await stage.finishes()
        await stage.stop()
        told = len(stage.tg.sent)
        with stage.database.transaction() as connection:
            alarm = update(timers).where(timers.c.key.like("alarm:%"))
            assert connection.execute(alarm.values(due_at=EPOCH)).rowcount == 1
        stage.start("timer_taken:1")
        await stage.dies()
        stage.start()
        await stage.waits(lambda: len(stage.tg.sent) > told, "the alarm did not ring again")
        await stage.finishes()
        await stage.stop()
        assert check(stage)["quarantined"] == 0


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("sqlite", "mid_broadcast:1"),
        ("sqlite", "after_claim:1"),
        ("sqlite", "after_send:5"),
        ("sqlite", "before_mark:1"),
        ("postgres", "after_send:3"),
    ],
    indirect=["kind"],
)
async def test_a_broadcast_never_goes_twice_to_anybody(village: Village, nursery: Nursery, fault: str):
    async with staged(village, nursery) as stage:
        stage.lets_broadcast_begin()
        stage.start(fault)
        await stage.dies()
        stage.start()
        await stage.waits(stage.is_broadcast_done, "the broadcast does not end")
        await stage.finishes()
        await stage.stop()
        states = stage.recipients()
        assert set(states) <= {"sent", "unknown"}
        assert sum(states.values()) == len(MOTHERS)
        assert states.get("sent", 0) <= check(stage)["broadcast_arrived"]


@SQLITE
async def test_her_keys_are_destroyed_although_it_died_between_erasing_and_destroying(
    village: Village, nursery: Nursery
):
    async with staged(village, nursery) as stage:
        with stage.database.reading() as connection:
            code = connection.scalars(select(participants.c.code_name).order_by(participants.c.id)).first()
        assert await stage.command("erase", str(code), "--yes", fault="erase_half:1") == -signal.SIGKILL
        assert data_keys_of_nobody(stage)
        stage.write(3)
        stage.start()
        await stage.waits(lambda: not data_keys_of_nobody(stage), "her keys are still there")
        await stage.finishes()
        await stage.stop()
        assert check(stage)["quarantined"] == 0


@SQLITE
async def test_everything_can_be_read_although_it_died_half_way_through_a_rotation(village: Village, nursery: Nursery):
    async with staged(village, nursery) as stage:
        assert await stage.command("rotate-key", fault="rotation_half:1") == -signal.SIGKILL
        stage.write(6)
        stage.start()
        await stage.finishes()
        await stage.stop()
        assert [path.name for path in (village.folder / "keys").glob("0*.key")] == ["0002.key"]
        assert check(stage)["quarantined"] == 0


@SQLITE
async def test_a_migration_that_was_killed_is_done_by_the_next_start(village: Village, nursery: Nursery):
    async with staged(village, nursery) as stage:
        (village.folder / "hamroh.db").rename(village.folder / "away.db")
        assert await stage.command("migrate", fault="migration_half:1") == -signal.SIGKILL
        assert await stage.command("migrate") == 0
        assert await stage.command("migrate") == 0
        assert "the database is up to date now" in stage.log()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"], indirect=True)
async def test_killed_at_random_under_load_it_loses_nothing(village: Village, nursery: Nursery):
    async with staged(village, nursery, seed=41) as stage:
        await stage.is_killed_at_random(4)
        assert check(stage)["quarantined"] == 0


def last_heard(stage: Stage) -> datetime | None:
    """Until when the line was heard."""
    with stage.database.reading() as connection:
        return connection.scalar(select(lines.c.seen_at))


async def is_up_again(stage: Stage) -> None:
    """One life of the process in which it takes everything in, notes that it heard, and says all it has to say."""
    before = last_heard(stage)
    stage.write(3)
    stage.start()
    await stage.waits(lambda: last_heard(stage) != before, "nobody notes until when the line was heard")
    await stage.finishes()
    await stage.stop()


@SQLITE
@pytest.mark.parametrize(("hours", "told"), [pytest.param(23, 0, marks=pytest.mark.soak), (25, 1)])
async def test_after_more_than_a_day_away_coordinators_hear_once_that_messages_may_be_lost(
    village: Village, nursery: Nursery, hours: int, told: int
):
    async with staged(village, nursery) as stage:
        await is_up_again(stage)
        with stage.database.transaction() as connection:
            noted = connection.scalar(select(lines.c.seen_at))
            connection.execute(update(lines).values(seen_at=noted - timedelta(hours=hours)))
        for _ in range(2):
            await is_up_again(stage)
        alarms = [sent.chat_id for sent in stage.tg.sent if "дольше, чем мессенджер хранит" in sent.text]
        assert alarms == [COORDINATOR] * told
        check(stage)
