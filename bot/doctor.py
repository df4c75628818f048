"""Looks at an installation as a careful colleague would, and says what to do about each thing."""

import contextlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from bot.app import Messenger, make_book, make_policy, open_channels, open_store
from bot.channels.telegram import TelegramChannel
from bot.channels.whatsapp import WhatsAppChannel
from bot.core.errors import ConfigurationError, HamrohError
from bot.core.messages import LANGUAGES
from bot.core.templates import Approved, Template
from bot.curriculum.neutral import offending
from bot.flows.guiding import STALE
from bot.flows.policy import Policy
from bot.guidance.load import load_guidance
from bot.operator_files import (
    is_example,
    is_no_number,
    read_confidentiality,
    read_help_lines,
    read_referrals,
    read_templates,
)
from bot.settings import Settings, strangers
from bot.system import RandomIds, SystemClock
from bot.texts import load_texts
from storage.store import Store

T = TypeVar("T")

CLOCK_MAY_DIFFER = timedelta(seconds=30)
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
        *(Result("settings", line, is_well=False) for line in strangers()),
        _try("lessons", lambda: _lessons(settings)),
        _try("keys and database", lambda: _storage(settings)),
        _try("guidance and contacts", lambda: _guidance(settings)),
        *_examples(settings),
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


def _examples(settings: Settings) -> list[Result]:
    """What was copied from the documentation and never replaced: nobody answers there."""
    lines = _readable(read_help_lines, settings.help_file)
    words = _readable(read_confidentiality, settings.confidentiality_file)
    referrals = _readable(read_referrals, settings.referrals_file)
    copied = [n for n, x in enumerate(lines, 1) if is_no_number(x.number) or is_example(x.country, *x.text.values())]
    contacts = [n for n, x in enumerate(referrals, 1) if is_no_number(x.contact) or is_example(*x.name.values())]
    found = [
        f"HAMROH_HELP_FILE: entry {n} is an example; write a number that somebody answers, call it, then date it"
        for n in copied
    ]
    found += [f"HAMROH_REFERRALS_FILE: entry {n} is an example; write a real contact and try it" for n in contacts]
    if words is not None and is_example(words.reviewer, *words.text.values()):
        found.append(
            "HAMROH_CONFIDENTIALITY_FILE: is the example; write your own words, and who reviewed them on what day"
        )
    return [Result("examples", text, is_well=False) for text in found]


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
    found: list[Result] = []
    if channels and settings.telegram_token is None:
        found.append(Result("channel", _NO_DESK, is_well=False))
    for channel in channels:
        found.append(await _look_at(channel))
        if isinstance(channel, TelegramChannel):
            found.append(_clock(channel.is_ahead_by))
            found += await _groups(settings, channel)
        if isinstance(channel, WhatsAppChannel):
            found += await _number(settings, channel)
            found.append(await _templates(settings, channel))
        await channel.close()
    return found or [Result("channel", "none configured: `hamroh run` shows the demo")]


_NO_DESK = "WhatsApp alone: staff work on Telegram, so nobody would hear of a case; set HAMROH_TELEGRAM_TOKEN, too"


async def _look_at(channel: Messenger) -> Result:
    is_telegram = isinstance(channel, TelegramChannel)
    messenger = "Telegram" if is_telegram else "WhatsApp"
    try:
        name = await channel.check()
    except HamrohError as error:
        return Result("channel", str(error), is_well=False)
    if not name:
        return Result("channel", f"{messenger} cannot be reached from here now; check the network", is_well=False)
    return Result("channel", f"{messenger} answers; the {f'bot is @{name}' if is_telegram else f'number is +{name}'}")


def _clock(ahead: timedelta | None) -> Result:
    """Ours against the messenger's: her hours and every alarm go by ours."""
    if ahead is None:
        return Result("clock", "not compared: Telegram did not tell the time")
    if abs(ahead) <= CLOCK_MAY_DIFFER:
        return Result("clock", "goes as Telegram's does")
    minutes, way = round(abs(ahead) / timedelta(minutes=1), 1), "fast" if ahead > timedelta() else "slow"
    text = f"{minutes} minutes {way}: reminders and alarms come at wrong times; run `timedatectl set-ntp on`"
    return Result("clock", text, is_well=False)


async def _groups(settings: Settings, channel: TelegramChannel) -> list[Result]:
    """Whether the bot may see who comes into the facilitators' groups (S14)."""
    try:
        with contextlib.closing(open_store(settings, SystemClock(), RandomIds())) as store:
            groups = store.groups_on(str(channel.line))
    except HamrohError:
        return []  # told where the database was looked at
    standings = [await channel.standing_in(group.id) for group in groups.values()]
    return [Result("group", *_RIGHTS.get(standing, _RIGHTS[""])) for standing in standings]


_RIGHTS = {
    "administrator": ("the bot is its administrator", True),
    "member": ("the bot is no administrator of a facilitators' group: make it one, or strangers come in unseen", False),
    "left": ("the bot is no longer in a facilitators' group: add it again as administrator, or bind another", False),
    "": ("Telegram does not say now what the bot may do in a facilitators' group", True),
}


async def _number(settings: Settings, channel: WhatsAppChannel) -> list[Result]:
    """What of our number cannot be seen from its answering: whether it may send, and whether anything comes."""
    standing, account = await channel.standing(), read_templates(settings.whatsapp_templates_file).account
    found = []
    if standing not in {"", "CONNECTED"}:
        found.append(f"the number is {standing} and cannot send; register it, or look into WhatsApp's manager")
    if account and not await channel.has_app(account):
        found.append(f"no app is subscribed to account {account}, so nothing that is written comes; subscribe yours")
    return [Result("number", f"{what} (docs/how-to/connect-whatsapp.md)", is_well=False) for what in found]


async def _templates(settings: Settings, channel: WhatsAppChannel) -> Result:
    """What goes to her a day after she last wrote, compared with what WhatsApp has approved."""
    templates = read_templates(settings.whatsapp_templates_file)
    if not templates.by_purpose:
        return Result("templates", "none: a day after she last wrote on WhatsApp nothing goes to her until she writes")
    if not templates.account:
        return Result("templates", "not compared with WhatsApp: name your `account` in HAMROH_WHATSAPP_TEMPLATES_FILE")
    known = await channel.approved(templates.account)
    if known is None:
        return Result("templates", f"WhatsApp does not list those of account {templates.account}", is_well=False)
    wrong = [f"{purpose}: {what}" for purpose, one in templates.by_purpose.items() if (what := _misfit(one, known))]
    return Result("templates", "; ".join(wrong) or "approved and neutral", is_well=not wrong)


def _misfit(template: Template, known: list[Approved]) -> str:
    """What is wrong with a template, and what to do; empty when it is as the file says."""
    same = [one for one in known if (one.name, one.language) == (template.name, template.language)]
    if not same:
        return f"{template.name} ({template.language}) does not exist; make it in WhatsApp's manager"
    [found] = same[:1]
    if not found.is_approved:
        return f"{template.name} is not approved yet"
    if found.parameters != len(template.parameters):
        return f"{template.name} has {found.parameters} places, the file gives {len(template.parameters)} parameters"
    if not found.is_plain:
        return f"{template.name} has a picture, a link, or a place beside those of its text; take it out"
    needed = _titles(template.language)
    if len(found.titles) != template.buttons or (needed and found.titles != needed):
        has, needs = ("".join(map("«{}»".format, titles)) for titles in (found.titles, needed))
        return f"{template.name} has the quick replies {has or 'none'}, it needs {needs or template.buttons}"
    words = next(filter(None, map(offending, found.shown)), None)
    return f"«{words}» can be read in {template.name}; a locked screen shows it" if words else ""


def _titles(language: str) -> tuple[str, ...]:
    """What the quick replies say in a language of ours, in their order: the first opens, the second puts off."""
    ours = [known for known in LANGUAGES if known == language.partition("_")[0]]
    return tuple(load_texts().say(known, key) for known in ours for key in ("Open", "Later"))


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
    """What of S11 is still to do; a file that cannot be read is as good as none here, and told where it was met."""
    roster, readiness = store.desk()
    known = Policy(
        help_lines=_readable(read_help_lines, settings.help_file),
        confidentiality=_readable(read_confidentiality, settings.confidentiality_file),
    )
    return known.completed(readiness).lacks(SystemClock().now(), roster)


def _readable(read: Callable[[Path | None], T], path: Path | None) -> T:
    """What the file says; a file that cannot be read says as much as none."""
    try:
        return read(path)
    except ConfigurationError:
        return read(None)
