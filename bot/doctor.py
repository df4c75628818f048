"""Looks at an installation as a careful colleague would, and says what to do about each thing."""

import contextlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.app import Messenger, make_book, make_policy, open_channels, open_store
from bot.channels.telegram import TelegramChannel
from bot.core.errors import HamrohError
from bot.flows.guiding import STALE
from bot.guidance.load import load_guidance
from bot.settings import Settings
from bot.system import RandomIds, SystemClock
from storage.store import Store

LEAST_DISK = 500 * 2**20
"""Bytes that should be free."""


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that was looked at."""

    name: str
    text: str
    is_well: bool = True


async def examine(settings: Settings) -> list[Result]:
    """Look at everything; a part that cannot even be looked at is a result too."""
    results = [
        _try("lessons", lambda: _lessons(settings)),
        _try("keys and database", lambda: _storage(settings)),
        _try("guidance and contacts", lambda: _guidance(settings)),
        _try("disk", lambda: _disk(settings)),
    ]
    results += await _channels(settings)
    if settings.has_channel:
        results += _try_readiness(settings)
    return _once(results)


def _once(results: list[Result]) -> list[Result]:
    """What is wrong with a file that several parts read is told once, where it was met first."""
    first = {result.text: result for result in reversed(results) if not result.is_well}
    return [result for result in results if result.is_well or first[result.text] is result]


def _try(name: str, look: Callable[[], str]) -> Result:
    try:
        return Result(name, look())
    except HamrohError as error:
        return Result(name, str(error), is_well=False)


def _lessons(settings: Settings) -> str:
    unreviewed = make_book(settings).engine.library.curriculum.unreviewed()
    return f"readable; {len(unreviewed)} await review by a native speaker" if unreviewed else "readable and reviewed"


def _guidance(settings: Settings) -> str:
    referrals = make_policy(settings).referrals
    today = SystemClock().now().date()
    stale = sum(not timedelta() <= today - referral.checked_on <= STALE for referral in referrals)
    if stale:
        raise HamrohError(
            f"{stale} contacts in HAMROH_REFERRALS_FILE were not checked in the last {STALE.days} days; call each, "
            "correct it, and write the day as checked_on"
        )
    contacts = f"{len(referrals)} contacts" if referrals else "no contacts"
    waiting = load_guidance().unreviewed()
    return f"{contacts}; {len(waiting)} kinds of guidance await review" if waiting else f"{contacts}; reviewed"


def _storage(settings: Settings) -> str:
    store = open_store(settings, SystemClock(), RandomIds())
    try:
        mode = settings.keys.stat().st_mode & 0o777
        if mode & 0o077:
            return f"well, but {settings.keys} can be read by others: run chmod 700 {settings.keys}"
        return f"well: {settings.database.split('://')[0]}"
    finally:
        store.close()


def _disk(settings: Settings) -> str:
    free = shutil.disk_usage(settings.keys.parent if settings.keys.parent.exists() else os.curdir).free
    if free < LEAST_DISK:
        raise HamrohError(f"only {free // 2**20} MiB free; make room, a full disk stops everything")
    return f"{free // 2**30} GiB free"


async def _channels(settings: Settings) -> list[Result]:
    try:
        channels = [one for one in open_channels(settings, SystemClock()) if isinstance(one, Messenger)]
    except HamrohError as error:
        return [Result("channel", str(error), is_well=False)]
    found = [await _look_at(channel) for channel in channels]
    return found or [Result("channel", "none configured: `hamroh run` shows the demo")]


async def _look_at(channel: Messenger) -> Result:
    is_telegram = isinstance(channel, TelegramChannel)
    messenger = "Telegram" if is_telegram else "WhatsApp"
    try:
        name = await channel.check()
    except HamrohError as error:
        return Result("channel", str(error), is_well=False)
    finally:
        await channel.close()
    if not name:
        return Result("channel", f"{messenger} cannot be reached from here now; check the network", is_well=False)
    return Result("channel", f"{messenger} answers; the {f'bot is @{name}' if is_telegram else f'number is +{name}'}")


_TODO = {
    "alarm": "a facilitator and a second person must acknowledge a test alarm (coordinator's menu, “Test alarm”)",
    "help_lines": "set HAMROH_HELP_FILE, and verify each line in it: no date may be older than 180 days, or lie ahead",
    "confidentiality": "set HAMROH_CONFIDENTIALITY_FILE, with a reviewer and the date of the review",
}


def _try_readiness(settings: Settings) -> list[Result]:
    try:
        store = open_store(settings, SystemClock(), RandomIds())
        with contextlib.closing(store):
            missing = _missing(settings, store)
    except HamrohError as error:
        return [Result("readiness", str(error), is_well=False)]
    return [Result("readiness", _TODO[name], is_well=False) for name in missing] or [
        Result("readiness", "mothers may join")
    ]


def _missing(settings: Settings, store: Store) -> tuple[str, ...]:
    roster, readiness = store.desk()
    return make_policy(settings).completed(readiness).lacks(SystemClock().now(), roster)
