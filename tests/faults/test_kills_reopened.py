"""S10: killed between the failure of an answer and the turn that hears of it, the case opens again and rings once."""

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.core.messages import Language
from bot.flows.answering import SETTLED
from storage.database import Database, open_database
from storage.schema import audit, cases, inbox, timers
from tests.fakes.bot_api.faults import Fault, Gate, Kind
from tests.fakes.telegram import FakeTelegram
from tests.fakes.whatsapp import APP_SECRET, VERIFY_TOKEN, FakeWhatsApp
from tests.faults.harness import Nursery, Running
from tests.faults.test_kills_whatsapp import KILLED, until
from tests.faults.village import COORDINATOR, FACILITATOR
from tests.laws.doors import say
from tests.laws.test_s10_failed import NOT_TAKEN, WORDS, _answered, _answers, _closes
from tests.town import find_button
from tests.two_banks import TwoBanks, open_banks
from tests.world import FrozenClock

LANGUAGE: Language = "ru"
Fails = Callable[[TwoBanks], Awaitable[None]]


async def _whatsapp_says_that_it_failed(banks: TwoBanks) -> None:
    """Her case is closed on an answer that WhatsApp had taken, and its word that it failed is written."""
    her, facilitator = await _answered(banks, LANGUAGE, has_joined=True)
    about = {"id": her.bubbles[-1].id, "biz_opaque_callback_data": banks.wa.requests[-1]["biz_opaque_callback_data"]}
    await _closes(banks, facilitator)
    _nobody_goes_on(banks)
    at = str(int(banks.clock.now().timestamp()))
    status = {"status": "failed", "timestamp": at, "recipient_user_id": her.id, "errors": [{"code": NOT_TAKEN}]}
    banks.wa.tells({"statuses": [about | status]})
    await until(lambda: not banks.wa.hook.waiting)


async def _telegram_refuses_her_address(banks: TwoBanks) -> None:
    """Telegram says that she is no more (403) to an answer before which nobody may close, and that is written."""
    facilitator = await banks.facilitator(await banks.coordinator(), language=LANGUAGE)
    her, gate = await banks.mother(), Gate()
    await banks.says(her, WORDS[LANGUAGE])
    await banks.presses(facilitator, "case.take")
    await banks.says(her, WORDS[LANGUAGE])
    await _answers(banks, facilitator)
    banks.tg.faults.plan(Fault(Kind.HELD_BEFORE, "sendMessage", her.id, gate=gate))
    her.presses(*find_button(her, "case.now"))
    working = asyncio.create_task(banks.settle())
    await gate.arrived()
    working.cancel()
    _nobody_goes_on(banks)
    her.deactivates()
    gate.open()
    await banks.app.delivery.finish()


def _nobody_goes_on(banks: TwoBanks) -> None:
    """From here on it is as if the process were killed at the commit that writes what failed."""
    for office in banks.app.offices:
        office.delivery.on_posted.clear()


def _facts(database: Database) -> dict[str, int]:
    """Cases closed and open, whether a post waits for her, alarms that run, how often a case was opened again."""
    hers = inbox.c.conversation_id == cases.c.conversation_id
    waiting = select(inbox.c.id).join(cases, hers).where(inbox.c.state == "pending")
    queries = {
        "closed": select(func.count()).select_from(cases).where(cases.c.state == "closed"),
        "open": select(func.count()).select_from(cases).where(cases.c.state != "closed"),
        "waiting": select(waiting.exists()),
        "alarms": select(func.count()).select_from(timers).where(timers.c.key.like("alarm:%")),
        "reopened": select(func.count()).select_from(audit).where(audit.c.action == "reopen"),
    }
    with database.reading() as connection:
        return {name: int(connection.scalar(query) or 0) for name, query in queries.items()}


CLOSED = {"closed": 1, "open": 0, "waiting": 1, "alarms": 0, "reopened": 0}
UNREAD = {"closed": 0, "open": 1, "waiting": 1, "alarms": 1, "reopened": 0}
RINGS = {"closed": 0, "open": 1, "waiting": 0, "alarms": 1}
FAILURES = [
    (_whatsapp_says_that_it_failed, CLOSED, RINGS | {"reopened": 1}, "reopened"),
    (_telegram_refuses_her_address, UNREAD, RINGS | {"reopened": 0}, "unreachable"),
]
GIVEN = ("fails", "before", "after", "told")


@pytest.mark.parametrize(GIVEN, FAILURES[:1])
async def test_s10_a_failure_whose_turn_was_never_played_rings_at_the_next_look(
    banks: TwoBanks, fails: Fails, before: dict[str, int], after: dict[str, int], told: str
) -> None:
    await fails(banks)
    assert _facts(banks.app.store.database) == before
    await banks.settle()
    assert _facts(banks.app.store.database) == after
    assert _told(told) in "".join(seen.text for seen in banks.tg.chat(FACILITATOR).sees())


def _told(how: str) -> str:
    return say(LANGUAGE, SETTLED[how], number="\0").split("\0")[1]


@pytest.mark.soak
@pytest.mark.parametrize(GIVEN, FAILURES)
async def test_s10_killed_again_at_the_turn_that_rings_it_rings_once_and_its_owner_is_told(
    nursery: Nursery, tmp_path: Path, fails: Fails, before: dict[str, int], after: dict[str, int], told: str
) -> None:
    now = datetime.now(UTC)  # noqa: TID251 - Hamroh will run by the machine's own clock
    async with open_banks(tmp_path, FrozenClock(now - timedelta(hours=2))) as banks:
        await fails(banks)
    database = open_database(f"sqlite:///{tmp_path / 'town.db'}")
    async with FakeTelegram() as tg, FakeWhatsApp() as wa:
        tg._cloud._last_message_id = 1_000_000  # the database knows messages of another server
        tg.person(COORDINATOR, "Invented")
        facilitator = tg.person(FACILITATOR, "Invented")
        for fault in ("before_commit:1", "after_commit:1"):
            assert _facts(database) == before, "nothing of the turn is there before its commit"
            assert await _start(nursery, tmp_path, tg, wa, fault).ends() == KILLED
        living = _start(nursery, tmp_path, tg, wa)
        await until(lambda: _facts(database) == after and bool(facilitator.sees()))
        await until(lambda: _told(told) in "".join(seen.text for seen in facilitator.sees()))
        living.send(signal.SIGTERM)
        assert await living.ends() == 0
    database.dispose()


def _start(nursery: Nursery, folder: Path, tg: FakeTelegram, wa: FakeWhatsApp, fault: str = "") -> Running:
    """A real process over what the town has left, perhaps with a place where it dies."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = {
        "telegram_token": tg.token,
        "telegram_api_url": tg.root,
        "whatsapp_token": wa.token,
        "whatsapp_phone_id": wa.phone_id,
        "whatsapp_app_secret": APP_SECRET,
        "whatsapp_verify_token": VERIFY_TOKEN,
        "whatsapp_api_url": wa.root,
        "database_url": f"sqlite:///{folder / 'town.db'}",
        "keys_dir": str(folder / "keys"),
        "keys_url": f"sqlite:///{folder / 'keys.db'}",
        "listen": "127.0.0.1:0",
        "webhook_listen": f"127.0.0.1:{port}",
        "allow_unready": "1",
        "allow_unreviewed": "1",
    } | ({"fault": fault} if fault else {})
    return nursery.start(["run"], {f"HAMROH_{name.upper()}": value for name, value in given.items()}, folder)
