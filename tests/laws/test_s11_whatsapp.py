"""S11 beside WhatsApp, in both languages: before the team is ready her good code opens nothing, and stays good."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.core.errors import CommandRefused
from bot.core.messages import Language
from bot.core.people import Role
from storage.schema import invitations, participants
from tests.laws.doors import say
from tests.two_banks import JOINING, TwoBanks, open_banks
from tests.world import FrozenClock

PREPARING = "We are still preparing, so nobody can join yet. Your code stays good. Please try again in a few days."


@pytest.fixture
async def banks(tmp_path: Path) -> AsyncIterator[TwoBanks]:
    async with open_banks(tmp_path, FrozenClock(), allow_unready=False) as opened:
        yield opened


def joined_and_left(banks: TwoBanks) -> tuple[int, int]:
    """How many mothers have joined, and how often the only invitation may still be used."""
    with banks.app.store.database.reading() as connection:
        joined = connection.scalar(select(func.count()).select_from(participants))
        return int(joined or 0), connection.execute(select(invitations.c.uses_left)).scalar_one()


async def test_s11_beside_whatsapp_no_mother_is_invited_before_all_is_ready(banks: TwoBanks) -> None:
    with pytest.raises(CommandRefused, match="alarm"):
        banks.invite(Role.MOTHER)
    assert banks.invite(Role.FACILITATOR)


@pytest.mark.parametrize("language", ["tg", "ru"])
async def test_s11_on_whatsapp_a_good_code_opens_nothing_and_she_reads_in_her_language_to_come_again(
    banks: TwoBanks, language: Language
) -> None:
    expires = banks.clock.now() + timedelta(days=7)
    code, spoken = banks.app.store.make_invitation(Role.MOTHER, "Bahor", 1, expires)
    her = banks.wa.person(900)
    first = (await banks.writes(her, f"/start {code}"))[0]
    assert first == f"{say('tg', PREPARING)}\n\n{say('ru', PREPARING)}", "no language is chosen yet"
    for choice in (f"language:{language}", *JOINING):
        with contextlib.suppress(LookupError):  # wherever she is led, she tries to go on
            await banks.chooses(her, choice)
    assert (await banks.writes(her, spoken or ""))[0] == say(language, PREPARING)
    assert joined_and_left(banks) == (0, 1)
