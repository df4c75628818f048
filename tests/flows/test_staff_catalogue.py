"""Texts that staff press are marked as buttons, so that the check of content keeps them short."""

import ast
from importlib.resources import files

import polib
import pytest
from babel.messages.catalog import Message

from bot.content_check import faults
from bot.flows.answering import READY
from bot.flows.casework import OUTCOMES
from bot.flows.staff import COORDINATOR_MENU, FACILITATOR_MENU, OTHERS_MENU, SHARED_MENU
from bot.flows.staff_tables import STAFF_FLOWS

REMARK = "Button, at most 20 letters."
FLOWS = files("bot") / "flows"


def pressed():
    """Every sentence that a staff flow puts on a button: literals, and the tables that hold them."""
    names = {row.do.__module__ for flow in STAFF_FLOWS for row in flow.transitions if row.do is not None}
    names |= {state.screen.__module__ for flow in STAFF_FLOWS for state in flow.states}
    for name in sorted(names | {"bot.flows.cards", "bot.flows.ringing"}):
        tree = ast.parse((FLOWS / f"{name.rpartition('.')[2]}.py").read_text("utf-8"))
        calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
        for call in calls:
            if getattr(call.func, "attr", "") == "button" and call.args:
                said = (node.value for node in ast.walk(call.args[0]) if isinstance(node, ast.Constant))
                yield from (text for text in said if isinstance(text, str))
    yield from (*READY, *OUTCOMES.values())
    menus = (*FACILITATOR_MENU, *COORDINATOR_MENU, *OTHERS_MENU, *SHARED_MENU)
    yield from (label for row in menus for label, _ in row)


@pytest.mark.parametrize("place", ["staff.pot", "tg/LC_MESSAGES/staff.po", "ru/LC_MESSAGES/staff.po"])
def test_every_button_of_staff_carries_the_remark_that_keeps_it_short(place):
    remarks = {entry.msgid: entry.comment for entry in polib.pofile(str(files("bot") / "locales" / place))}
    found = {label for label in pressed() if label in remarks}
    assert len(found) > 80
    assert not sorted(label for label in found if REMARK not in remarks[label])


def test_a_button_of_staff_that_is_too_long_is_named():
    entry = Message("Take", "Гирифтани муроҷиат ба худ", auto_comments=[REMARK])
    (wrong,) = faults(entry, str(entry.string), "staff", "tg")
    assert "shorten it to 20" in wrong
