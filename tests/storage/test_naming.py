"""Somebody whom her messenger names by an id of her own, by a number, or by both: one person, and never two in one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.core.addresses import Address
from bot.core.effects import Effect, Forget, KeepAddress, Purpose, Say
from bot.core.events import ReachChanged
from bot.core.messages import Inbound, Lane, Outgoing, Sort
from storage import schema as s
from tests.storage.stage import Stage

LINE = "whatsapp:1"
NUMBER, OTHER = "000111000222", "000111000333"
HER, HIS = "TJ.1", "TJ.2"
BOTH, ALONE, NUMBERED = (HER, NUMBER), (HER, ""), ("", NUMBER)
ANOTHER = (HIS, NUMBER)
Shape = tuple[str, str]
"""The id of her own and the number that a call names; either may be missing."""
HELLO = Say(Outgoing("салом"), Lane.REPLY, Purpose.REPLY)


class Calls:
    """What a messenger brings, in the order in which it brings it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.store = stage.store

    def update(self, shape: Shape, at: datetime | None = None) -> Inbound:
        own, number = shape
        self.stage.count += 1
        chat, at = Address(LINE, own or number), at or self.stage.clock.now()
        return Inbound(f"u{self.stage.count}", Sort.MESSAGE, chat, chat, at, text="салом", alias=number)

    def leaves(self, shape: Shape) -> None:
        """WhatsApp says that she has another number."""
        self.come(replace(self.update(shape), sort=Sort.REACH, text="elsewhere"), effects=())

    def come(self, *updates: Inbound, effects: Sequence[Effect] = (KeepAddress(), HELLO)) -> list[str]:
        """All in one batch; the conversations in which they were played."""
        with self.store.work() as work:
            arrived = [one for one in work.admit(updates) if one is not None]
            found = work.lock([one.chat.conversation_id for one in arrived])
            for one in arrived:
                before = found[one.chat.conversation_id]
                work.record(one.inbox_id, before, before, effects, self.stage.clock.now(), one.inbound)
        return [one.chat.conversation_id for one in arrived]

    def writes(
        self, shape: Shape, *, at: datetime | None = None, effects: Sequence[Effect] = (KeepAddress(), HELLO)
    ) -> str:
        """She writes once."""
        [chat] = self.come(self.update(shape, at), effects=effects)
        return chat

    def goes_to(self) -> list[str]:
        """Where everything that waits would go, in the order in which it was said."""
        with self.store.database.reading() as connection:
            query = select(s.outbox.c.account_id).where(s.outbox.c.state == "waiting").order_by(s.outbox.c.seq)
            accounts = connection.scalars(query).all()
            boxes = dict(connection.execute(select(s.mailboxes.c.account_id, s.mailboxes.c.address)).all())
        opened = self.store.sealer.open
        return [opened(f"account:{one}", "mailboxes.address", one, boxes[one]).decode() for one in accounts]

    def aliases(self) -> dict[str, str]:
        """Every number that can be read, by the conversation it leads to."""
        opened = self.store.sealer.open
        return {
            row.conversation_id: opened(f"account:{row.id}", "accounts.alias", row.id, row.alias).decode()
            for row in self.stage.rows(s.accounts)
            if row.alias is not None
        }

    def doubted(self) -> list[str]:
        """The conversations that are told of another person behind their address."""
        found = []
        for id_ in self.stage.posts():
            with self.store.work() as work:
                [posted] = work.posted([id_])
            assert posted.event == ReachChanged(is_reachable=False, is_another=True)
            found.append(posted.conversation_id)
        return found


@pytest.fixture
def calls(stage: Stage) -> Calls:
    return Calls(stage)


@pytest.mark.parametrize(
    "shapes",
    [
        (BOTH, ALONE, NUMBERED, BOTH),
        (BOTH, NUMBERED, ALONE),
        (NUMBERED, BOTH, ALONE, NUMBERED),
        (NUMBERED, NUMBERED, BOTH, NUMBERED, ALONE),
        (ALONE, BOTH, NUMBERED),
    ],
)
def test_she_is_one_person_whatever_a_call_names_and_is_written_to_by_her_own_id_once_it_is_known(
    calls: Calls, shapes: tuple[Shape, ...]
) -> None:
    chats = [calls.writes(shape) for shape in shapes]
    assert len(set(chats)) == 1
    assert set(calls.goes_to()) == {HER}
    assert calls.aliases() == {chats[0]: NUMBER}
    assert calls.doubted() == []


@pytest.mark.parametrize("shapes", [(NUMBERED, BOTH), (BOTH, NUMBERED), (BOTH, BOTH), (NUMBERED, BOTH, NUMBERED)])
@pytest.mark.parametrize("before", [(), (NUMBERED,), (BOTH,)])
def test_in_one_batch_she_is_one_person_as_well(
    calls: Calls, before: tuple[Shape, ...], shapes: tuple[Shape, ...]
) -> None:
    chats = [calls.writes(shape) for shape in before]
    chats += calls.come(*map(calls.update, shapes))
    assert len(set(chats)) == 1
    assert set(calls.goes_to()) == {HER}


def test_screening_sees_the_state_in_which_she_is_by_whichever_name_she_comes(calls: Calls) -> None:
    chat = calls.writes(NUMBERED)
    with calls.store.database.transaction() as connection:
        connection.execute(update(s.conversations).where(s.conversations.c.id == chat).values(state="Lesson:asked"))
    seen = [calls.store.states([calls.update(shape)])[0] for shape in (NUMBERED, BOTH, ALONE)]
    assert seen[:2] == ["Lesson:asked"] * 2
    assert seen[2] != "Lesson:asked"
    calls.writes(BOTH)
    assert calls.store.states([calls.update(one) for one in (NUMBERED, BOTH, ALONE)]) == ["Lesson:asked"] * 3
    assert calls.store.states([calls.update(ANOTHER)]) != ["Lesson:asked"]


@pytest.mark.parametrize("is_one_batch", [False, True])
def test_s13_a_number_that_shows_with_another_id_is_another_persons_and_whoever_had_it_is_doubted(
    calls: Calls, *, is_one_batch: bool
) -> None:
    hers = calls.writes(BOTH)
    if is_one_batch:
        [*_, his] = calls.come(calls.update(BOTH), calls.update(ANOTHER))
    else:
        his = calls.writes(ANOTHER)
    assert hers != his
    assert calls.aliases() == {his: NUMBER}
    assert calls.doubted() == [hers]
    assert calls.writes(NUMBERED) == his
    assert calls.goes_to()[-1] == HIS
    assert calls.writes(ALONE) == hers, "her own id is hers still"
    assert calls.goes_to()[-1] == HER
    calls.writes((HER, OTHER))
    assert calls.aliases() == {his: NUMBER, hers: OTHER}
    assert len(calls.doubted()) == 1


def test_s13_whoever_was_known_by_the_number_alone_loses_it_to_one_who_shows_it_beside_an_id_known_before(
    calls: Calls,
) -> None:
    by_number, by_id = calls.writes(NUMBERED), calls.writes(ALONE)
    assert by_number != by_id
    assert calls.writes(BOTH) == by_id, "nothing is merged"
    assert calls.doubted() == [by_number]
    with calls.store.database.reading() as connection:
        states = connection.execute(select(s.outbox.c.conversation_id, s.outbox.c.state)).all()
    assert {state for chat, state in states if chat == by_number} == {"cancelled"}, "it would reach the other one"
    assert calls.writes(NUMBERED) == by_id
    calls.stage.play_for(by_number, HELLO)
    assert set(calls.goes_to()) == {HER}


@pytest.mark.parametrize("known", [NUMBERED, BOTH])
@pytest.mark.parametrize("named", [NUMBERED, ALONE])
@pytest.mark.parametrize("next_one", [NUMBERED, ANOTHER])
def test_s13_whoever_shows_a_number_that_she_has_left_is_somebody_unknown(
    calls: Calls, known: Shape, named: Shape, next_one: Shape
) -> None:
    before, hers = calls.stage.clock.now(), calls.writes(known)
    calls.stage.clock.advance(hours=1)
    calls.leaves(NUMBERED if known is NUMBERED else named)
    assert calls.aliases() == {}
    if known is BOTH:
        assert calls.writes(BOTH, at=before) == hers, "late, and by the id that nobody else has"
    assert calls.writes(next_one) != hers
    assert calls.doubted() == []
    assert calls.goes_to()[-1] == (next_one[0] or NUMBER)


def test_a_call_that_was_late_takes_no_number_back(calls: Calls) -> None:
    before = calls.stage.clock.now()
    calls.writes(BOTH)
    calls.stage.clock.advance(hours=2)
    his = calls.writes(ANOTHER)
    assert len(calls.doubted()) == 1
    calls.writes(BOTH, at=before + timedelta(hours=1))
    assert calls.aliases() == {his: NUMBER}
    assert len(calls.doubted()) == 1


@pytest.mark.parametrize("is_one_batch", [False, True])
def test_s13_a_call_of_days_ago_with_her_number_and_its_former_owners_id_takes_nothing_of_hers(
    calls: Calls, *, is_one_batch: bool
) -> None:
    long_ago = calls.stage.clock.now()
    calls.stage.clock.advance(days=5)
    hers = calls.writes(NUMBERED)
    if is_one_batch:
        [his, again] = calls.come(calls.update(ANOTHER, long_ago), calls.update(NUMBERED))
    else:
        his, again = calls.writes(ANOTHER, at=long_ago), calls.writes(NUMBERED)
    assert his != hers == again
    assert calls.doubted() == []
    assert calls.goes_to()[-1] == NUMBER
    assert calls.writes(BOTH) == hers, "her own id, when it is told at last"


def test_a_call_that_comes_again_changes_nothing(calls: Calls) -> None:
    first = calls.update(BOTH)
    calls.come(first)
    his = calls.writes(ANOTHER)
    assert calls.come(first) == []
    assert calls.aliases() == {his: NUMBER}


def test_s18_a_number_is_kept_only_where_the_address_is_and_goes_with_it(calls: Calls) -> None:
    chat = calls.writes(BOTH, effects=())
    [row] = calls.stage.rows(s.accounts)
    assert (row.address, row.alias, row.alias_blind, row.aliased_at) == (None, None, None, None)
    assert calls.writes(BOTH) == chat
    assert calls.aliases() == {chat: NUMBER}
    calls.stage.play_for(chat, Forget())
    [row] = calls.stage.rows(s.accounts)
    assert (row.address, row.alias, row.alias_blind, row.aliased_at) == (None, None, None, None)
    assert calls.writes(NUMBERED, effects=()) != chat


def test_s18_the_number_stands_nowhere_readable(calls: Calls) -> None:
    calls.writes(BOTH)
    calls.writes(NUMBERED)
    [row] = calls.stage.rows(s.accounts)
    assert all(NUMBER.encode() not in value for value in row if isinstance(value, bytes))
