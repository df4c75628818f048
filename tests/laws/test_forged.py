"""S18: whoever does not know the secret gets one constant answer, and not a row is written."""

import hmac
import json
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import func, select

from bot.channels.whatsapp import WhatsAppChannel
from storage.schema import metadata
from tests.fakes.whatsapp import APP_SECRET, PHONE_ID
from tests.town import SECRET, Town, open_town
from tests.two_banks import open_banks
from tests.world import FrozenClock

HEADER = "X-Telegram-Bot-Api-Secret-Token"
HER = {"id": 731, "is_bot": False, "first_name": "Invented"}
LETTERS = SECRET + " жß🌷\0"


def rows(town: Town) -> dict[str, int]:
    """How many rows every table has."""
    with town.app.store.database.reading() as connection:
        return {t.name: connection.scalar(select(func.count()).select_from(t)) or 0 for t in metadata.sorted_tables}


def body(n: int, chance: Random) -> bytes:
    """What a real update looks like, or noise."""
    if n % 3 == 0:
        return chance.randbytes(40)
    chat = {"id": 731, "type": "private"}
    message = {"message_id": n, "date": 1, "chat": chat, "from": HER, "text": "шавҳарам маро мезанад"}
    return json.dumps({"update_id": n, "message": message}).encode()


async def forge(folder: Path, count: int) -> None:
    chance = Random(10)
    async with open_town(folder, FrozenClock(), is_hooked=True) as town:
        await town.coordinator()
        before, answers = rows(town), set()
        for n in range(count):
            guess = SECRET[: n % len(SECRET)] if n % 2 else "".join(chance.choices(LETTERS, k=len(SECRET)))
            headers = {HEADER: guess} if n % 7 else {}
            answers.add(repr(await town.app.channel.take_in(body(n, chance), headers)))  # type: ignore[attr-defined]
        await town.settle()
        assert answers == {"(401, {})"}
        assert rows(town) == before
        assert await town.app.channel.take_in(body(1, chance), {HEADER: SECRET}) == (200, {})  # type: ignore[attr-defined]
        assert rows(town) != before, "the true secret opens the door"


async def test_s18_forged_calls_of_the_webhook_are_refused_alike_and_leave_nothing(tmp_path: Path) -> None:
    await forge(tmp_path, 500)


@pytest.mark.soak
async def test_s18_ten_thousand_forged_calls_leave_nothing(tmp_path: Path) -> None:
    await forge(tmp_path, 10_000)


SIGNATURE = "X-Hub-Signature-256"


def cloud_body(n: int, chance: Random) -> bytes:
    """What a real call of WhatsApp looks like, or noise."""
    if n % 3 == 0:
        return chance.randbytes(40)
    written = {"id": f"wamid.{n}", "from": "731", "timestamp": "1", "type": "text", "text": {"body": "муж меня бьёт"}}
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": PHONE_ID}, "messages": [written]}
    return json.dumps({"entry": [{"changes": [{"field": "messages", "value": value}]}]}).encode()


def signed(body: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest()


def forged_signature(n: int, body: bytes, chance: Random) -> dict[str, str]:
    """None, noise, another's secret, a part of the true one, or the true one of other words."""
    true = signed(body, APP_SECRET)
    guesses = ("", "sha256=", chance.randbytes(32).hex(), signed(body, "another"), true[:-1], true.upper(), true[7:])
    guess = (*guesses, signed(body + b" ", APP_SECRET))[n % 8]
    return {SIGNATURE: guess} if n % 9 else {}


async def forge_on_whatsapp(folder: Path, count: int) -> None:
    chance = Random(11)
    async with open_banks(folder, FrozenClock()) as banks:
        await banks.coordinator()
        channel = next(office.channel for office in banks.app.offices if isinstance(office.channel, WhatsAppChannel))
        before, answers = rows(banks), set()
        for n in range(count):
            call = cloud_body(n, chance)
            answers.add(repr(await channel.take_in(call, forged_signature(n, call, chance))))
        await banks.settle()
        assert answers == {"(401, {})"}
        assert rows(banks) == before
        true = cloud_body(1, chance)
        assert await channel.take_in(true, {SIGNATURE: signed(true, APP_SECRET)}) == (200, {})
        assert rows(banks) != before, "the true signature opens the door"


async def test_s18_forged_calls_of_whatsapp_are_refused_alike_and_leave_nothing(tmp_path: Path) -> None:
    await forge_on_whatsapp(tmp_path, 500)


@pytest.mark.soak
async def test_s18_ten_thousand_forged_calls_of_whatsapp_leave_nothing(tmp_path: Path) -> None:
    await forge_on_whatsapp(tmp_path, 10_000)
