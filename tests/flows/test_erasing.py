"""Erasing from the command line, and that no event of ours finds nobody who plays it."""

import pytest

from bot.core.effects import CancelSends, Forget, Unsay
from bot.core.event import Event
from bot.core.events import CaseLeft, EraseAsked
from bot.flows.tables import FLOWS
from tests.flows.test_case import taken


def test_s22_the_operator_erases_in_silence_and_the_owner_of_the_case_hears_of_it(book):
    chat = taken(book)
    assert chat.play(EraseAsked()) == []
    assert chat.asked(Forget)
    assert chat.asked(CancelSends)
    assert chat.asked(Unsay)[0].everything
    assert chat.posts(CaseLeft)[0].event.why == "erased"
    assert chat.state == "Onboarding:new"


@pytest.mark.parametrize("kind", list(Event.registry.values()), ids=str)
def test_every_event_is_played_by_some_flow(kind: type):
    if issubclass(kind, Event) and kind is not Event:
        assert any(row.on is kind for flow in FLOWS for row in flow.transitions)
