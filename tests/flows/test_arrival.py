"""What an update means where it came from."""

from datetime import UTC, datetime

import pytest

from bot.core.addresses import Address
from bot.core.conversation import Owner
from bot.core.groups import GroupBound
from bot.core.messages import Inbound, Sort
from bot.flows.arrival import event_of

GROUP, WRITER = (Address("telegram:1", number) for number in ("-5", "7"))
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("/bind ABC-1", "ABC-1"),
        ("/start@invented_test_bot ABC-1", "ABC-1"),
        ("/start@invented_test_bot", None),
        ("салом", None),
    ],
)
def test_s14_the_link_that_adds_the_bot_to_a_group_binds_it_as_the_command_does(text: str, code: str | None) -> None:
    inbound = Inbound("1", Sort.MESSAGE, GROUP, WRITER, NOON, text=text, is_group=True)
    wanted = GroupBound("staff-1", code) if code else None
    assert event_of(inbound, Owner.GROUP, "staff-1") == ("chat", wanted)
