"""A move and what is written beside it, in one call or one batch: nothing of hers goes to a chat that nobody reads."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import select, update

from bot.batch import Bundle
from bot.core.cases import CaseState
from storage.schema import accounts, case_messages, cases, conversations, inbox
from tests.test_moving import HERE, WORDS, WRONG, Anybody, Move, move, telegram, whatsapp
from tests.two_banks import TwoBanks

__all__ = ("move",)

SOAK = pytest.mark.soak
NEW = {"telegram": telegram, "whatsapp": whatsapp}


def homes(banks: TwoBanks) -> list[str]:
    """Whose the conversations with an open case are; every one of them is where its address leads."""
    c = conversations.c
    query = select(c.owner, c.id, accounts.c.conversation_id).join(cases, cases.c.conversation_id == c.id)
    query = query.outerjoin(accounts, accounts.c.id == c.account_id).where(cases.c.state != CaseState.CLOSED)
    with banks.app.store.database.reading() as connection:
        found = connection.execute(query).all()
        assert connection.scalar(select(inbox.c.id).where(inbox.c.state == "quarantined")) is None
    assert all(row.id == row.conversation_id for row in found)
    return [row.owner for row in found]


@pytest.mark.parametrize(
    ("channel", "has_case"), [("telegram", False), ("whatsapp", True), pytest.param("whatsapp", False, marks=SOAK)]
)
async def test_s17_she_moves_before_the_concern_in_the_same_call_is_heard_and_it_is_hers(
    banks: TwoBanks, move: Move, channel: str, *, has_case: bool
) -> None:
    old, new = await banks.mother(), NEW[channel](banks)
    if has_case:
        await move.opens_case(old, move.facilitator)
    code = await move.code()
    banks.wa.hook.batch = 2
    new.says(code)
    new.says(WORDS)
    await banks.settle()
    assert homes(banks) == ["participant"]
    assert HERE in move.screen(new)
    assert said(banks) == [WORDS] * (2 if has_case else 1)


async def test_s17_in_a_flood_as_well_she_moves_before_what_follows_her_code_is_heard(
    banks: TwoBanks, move: Move
) -> None:
    await banks.mother()
    new, code = banks.wa.person(990), await move.code()
    banks.wa.hook.batch = 20
    for text in (*["салом"] * 8, code, WORDS, *["салом"] * 8):
        new.says(text)
    await banks.settle()
    assert homes(banks) == ["participant"]
    assert HERE in new.screen


@pytest.mark.parametrize("channel", NEW)
async def test_s17_a_concern_in_the_same_call_as_a_code_that_opens_nothing_reaches_a_person_and_her_answer_her(
    banks: TwoBanks, move: Move, channel: str
) -> None:
    await banks.mother()
    new = NEW[channel](banks)
    await move.code()
    banks.wa.hook.batch = 2
    new.says("0000 0000")
    new.says(WORDS)
    await banks.settle()
    assert homes(banks) == ["stranger"]
    await banks.passes(minutes=10)
    await banks.presses(move.facilitator, "case.take")
    await move.writes(new, "салом")
    await banks.presses(move.facilitator, "case.reply")
    await banks.says(move.facilitator, "Ман инҷо ҳастам")
    await banks.presses(move.facilitator, "answer.send")
    await move.presses(new, "case.now")
    assert "Ман инҷо ҳастам" in move.screen(new)


async def test_s17_what_waits_behind_a_move_in_one_batch_is_hers_at_the_new_address_and_nobodys_at_the_old(
    banks: TwoBanks, move: Move
) -> None:
    old, new = await banks.mother(), banks.wa.person(990)
    used = await gives(banks, move, new)
    turns = banks.app.turns
    next_batch = turns._next_batch
    turns._next_batch = list  # type: ignore[method-assign]
    turns.play_posted(used)
    new.says(WORDS)
    old.says("меню")
    async with asyncio.timeout(20):
        while len(turns._waiting) < 3:  # noqa: ASYNC110 - the doors say nothing before the commit
            await asyncio.sleep(0.002)
    turns._next_batch = next_batch  # type: ignore[method-assign]
    turns._wake.set()
    await banks.settle()
    assert homes(banks) == ["participant"]
    assert HERE in new.screen


def said(banks: TwoBanks) -> list[str]:
    """Everything of hers in the open cases, oldest first."""
    opened = banks.app.store.sealer.open_json
    with banks.app.store.database.reading() as connection:
        found = connection.execute(select(case_messages).order_by(case_messages.c.at, case_messages.c.id)).all()
    return [opened(f"case:{row.case_id}", "case_messages.body", row.id, row.body)["text"] for row in found]


async def gives(banks: TwoBanks, move: Move, new: Anybody) -> list[str]:
    """She gives her code, and what it posts is held back for a moment."""
    code = await move.code()
    turns = banks.app.turns
    play = turns.play_posted
    held: list[str] = []

    def hold(inbox_ids: Sequence[str], *, is_first: bool = False) -> Bundle:
        assert is_first in {False, bool(inbox_ids)}
        held.extend(inbox_ids)
        return play([])

    turns.play_posted = hold  # type: ignore[method-assign]
    await move.writes(new, code)
    turns.play_posted = play  # type: ignore[method-assign]
    return held


async def test_s17_who_asks_for_help_between_her_code_and_her_move_is_told_kindly_and_can_come_with_a_fresh_code(
    banks: TwoBanks, move: Move
) -> None:
    await banks.mother()
    new = banks.wa.person(990)
    used = await gives(banks, move, new)
    await banks.writes(new, WORDS)
    banks.app.turns.play_posted(used)
    await banks.settle()
    assert homes(banks) == ["stranger"], "the case stays with whoever takes it"
    assert WRONG in new.screen
    assert "чизе омехта нашуд" in banks.screen(move.facilitator)
    with banks.app.store.database.transaction() as connection:
        connection.execute(update(cases).values(state=CaseState.CLOSED))
    await banks.passes(minutes=20)
    assert HERE in "".join(await banks.writes(new, await move.code()))


@pytest.mark.parametrize("channel", ["telegram", "whatsapp"])
async def test_s17_the_digits_in_her_own_old_chat_are_answered_with_where_they_belong(
    banks: TwoBanks, move: Move, channel: str
) -> None:
    her: Anybody = await banks.mother() if channel == "telegram" else await banks.her()
    code = await move.code()
    assert "аз телефон ё сӯҳбати нав" in "".join(await move.writes(her, code))
    assert "аз телефон ё сӯҳбати нав" not in "".join(await move.writes(her, "0000 0000"))
    assert HERE in "".join(await move.writes(banks.person(391), code)), "it is as good as before"
