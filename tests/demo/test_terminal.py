"""The stage in the terminal: what is typed happens, to whoever is on it."""

import io
import sys

import pytest

from bot.demo import terminal
from bot.demo.stage import Stage


async def typed(stage: Stage, monkeypatch: pytest.MonkeyPatch, *lines: str) -> str:
    """All that is shown after these lines."""
    shown: list[str] = []
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines)))
    await terminal._talk(stage, shown.append)
    return "\n".join(shown[1:])


async def test_one_more_of_the_team_comes_by_a_code_and_is_confirmed_in_the_terminal_too(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    leads = ("starts", "presses: Тоҷикӣ", "writes: Чинор", "presses: Розӣ ҳастам")
    shown = await typed(stage, monkeypatch, *(f"coordinator {one}" for one in leads), "+ facilitator")
    assert "facilitator 2 is there" in shown
    comes = ("starts", "presses: Тоҷикӣ", "writes: Себ", "presses: Розӣ ҳастам")
    shown = await typed(stage, monkeypatch, *(f"facilitator 2 {one}" for one in comes), "coordinator presses: Худи ӯст")
    assert "coordinator ┃ Касе бо рамзи кормандон омад: Себ" in shown
    assert "facilitator 2 ┃ Ҳамкор шуморо тасдиқ кард" in shown


async def test_a_role_that_is_none_is_refused_with_those_that_are(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    assert "supervisor" in await typed(stage, monkeypatch, "+ grandmother")
