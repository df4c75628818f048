"""Until when a line was heard, and what coordinators are told when it was away for longer than a day."""

from datetime import timedelta

from sqlalchemy import select

from bot.core.conversation import Owner
from bot.core.events import DeskAlarmed
from storage import lines, mailboxes
from storage.schema import lines as rows
from tests.storage.office import LINE, Office, Somebody

GAP = [DeskAlarmed("gap")]


def hear(office: Office, *coordinators: Somebody, line: str = LINE) -> list[str]:
    """The line is heard now."""
    chats = [one.conversation_id for one in coordinators]
    with office.database.transaction() as connection:
        return lines.hear(connection, office.sealer, office.ids, line, chats, office.clock.now())


def test_a_line_heard_for_the_first_time_or_every_day_alarms_nobody(office: Office):
    coordinator = office.somebody(Owner.STAFF)
    for _ in range(3):
        assert hear(office, coordinator) == []
        office.passes(hours=23, minutes=59)
    assert office.told(coordinator) == []


def test_after_a_day_away_each_coordinator_hears_once_that_messages_may_be_lost(office: Office):
    both = office.somebody(Owner.STAFF), office.somebody(Owner.STAFF)
    hear(office, *both)
    office.passes(hours=25)
    assert len(hear(office, *both)) == 2
    assert hear(office, *both) == []
    office.passes(minutes=1)
    assert hear(office, *both) == []
    assert [office.told(one) for one in both] == [GAP, GAP]


def test_whatsapp_brings_again_for_a_week_so_only_then_something_may_be_lost(office: Office):
    coordinator = office.somebody(Owner.STAFF)
    for days, told in ((0, []), (6.9, []), (7.1, GAP)):
        office.passes(days=days)
        hear(office, coordinator, line="whatsapp:1")
        assert office.told(coordinator) == told


def test_each_further_gap_is_told_again(office: Office):
    coordinator = office.somebody(Owner.STAFF)
    for _ in range(3):
        hear(office, coordinator)
        office.passes(hours=30)
    assert office.told(coordinator) == GAP * 2


def test_a_clock_that_goes_back_is_no_gap_and_forgets_nothing(office: Office):
    coordinator = office.somebody(Owner.STAFF)
    hear(office, coordinator)
    noted = office.clock.now()
    office.clock.set(noted - timedelta(days=3))
    assert hear(office, coordinator) == []
    with office.database.reading() as connection:
        assert connection.scalar(select(rows.c.seen_at)) == noted


def test_a_pause_of_the_line_stays_when_it_is_heard(office: Office):
    until = office.clock.now() + timedelta(hours=1)
    with office.database.transaction() as connection:
        mailboxes.pause_line(connection, LINE, until)
    hear(office)
    with office.database.reading() as connection:
        assert connection.scalar(select(rows.c.paused_until)) == until
