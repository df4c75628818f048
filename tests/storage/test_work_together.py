"""Several at once: single-use codes, two writers, and the same update at two doors."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bot.core.effects import Join, Post, Say, Schedule
from bot.core.errors import InvitationSpent
from bot.core.events import PauseEnded, Started
from bot.core.messages import Outgoing
from bot.core.people import Role
from bot.system import RandomIds
from storage import schema
from storage.store import Store
from tests.storage.stage import Stage


def another(stage: Stage) -> Store:
    """The store of another process."""
    return Store(stage.store.database, stage.store.sealer.keyring, stage.clock, RandomIds())


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each gave, or the error it ended with, all having begun together."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return act()
        except InvitationSpent as error:
            return error

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def test_of_two_who_redeem_a_single_use_code_at_once_exactly_one_joins(stage):
    code, _ = stage.store.make_invitation(Role.MOTHER, "Chorbogh", 1, stage.clock.now().replace(year=2030))
    updates = [stage.update("olma"), stage.update("bodom")]

    def join(n: int) -> bool:
        """As a flow does: joins when the code is open in what it may know."""
        store = another(stage)
        with store.work() as work:
            [arrived] = work.admit([updates[n]])
            chat = arrived.chat.conversation_id
            before = work.lock([chat])[chat]
            [facts] = work.facts([(before, Started(code))], stage.clock.now())
            is_open = facts.invitation.is_open(facts.now)
            effects = [Join(facts.invitation.id, "tg", "1", f"Olma-{n}")] if is_open else []
            work.record(arrived.inbox_id, before, before, effects, facts.now, updates[n])
        return is_open

    assert sorted(at_once(lambda: join(0), lambda: join(1))) == [False, True]
    assert [row.uses_left for row in stage.rows(schema.invitations)] == [0]
    assert stage.total(schema.participants) == 1


def test_two_of_one_batch_cannot_both_use_the_last_of_a_code(stage):
    invitation = stage.invitation(Role.MOTHER)

    def join_both() -> None:
        with stage.store.work() as work:
            for n, chat in enumerate(("olma", "bodom")):
                stage.play_in(work, stage.update(chat), [Join(invitation, "tg", "1", f"Olma-{n}")])

    with pytest.raises(InvitationSpent):
        join_both()
    assert [stage.total(table) for table in (schema.participants, schema.inbox)] == [0, 0]


def test_the_same_update_at_two_doors_is_admitted_by_one(stage):
    updates = [stage.update(f"chat-{n}") for n in range(20)]

    def admit(order: list[Any]) -> int:
        with another(stage).work() as work:
            return sum(one is not None for one in work.admit(order))

    assert sum(at_once(lambda: admit(updates), lambda: admit(updates[::-1]))) == len(updates)
    assert stage.total(schema.accounts) == stage.total(schema.conversations) == len(updates)


def test_two_writers_over_the_same_people_never_wait_for_each_other_in_a_circle(stage):
    chats = [f"chat-{n}" for n in range(6)]
    for chat in chats:
        stage.mother(chat)
    ids = [stage.names[chat] for chat in chats]

    def write(order: list[str], rounds: int) -> int:
        """Batches that mix updates, posts and timers, each over everybody, each in an order of its own."""
        store = another(stage)
        for number in range(rounds):
            coming = [stage.update(chat) for chat in (chats if order == ids else chats[::-1])][number % 3 :]
            with store.work() as work:
                arrived = [one for one in work.admit(coming) if one is not None]
                posted = work.posted(store.pending_posts(50))
                fallen = work.fallen(store.due_timers(stage.clock.now(), 50)[:: 1 if order == ids else -1])
                chosen = [one.chat.conversation_id for one in arrived]
                chosen += [one.conversation_id for one in (*posted, *fallen)]
                for id_ in chosen:
                    before = work.lock(chosen)[id_]
                    now = stage.clock.now()
                    effects = [Say(Outgoing("x")), Schedule("k", now, PauseEnded()), Post(PauseEnded(), order[0])]
                    work.record(store.ids.id(), before, before, effects, now, None)
                    work.flush()
                work.done([one.inbox_id for one in posted])
        return rounds

    assert at_once(lambda: write(ids, 12), lambda: write(ids[::-1], 12)) == [12, 12]
    assert {row.state for row in stage.rows(schema.outbox)} == {"waiting"}


def test_what_two_processes_play_at_once_is_played_once(stage):
    chat = stage.mother("olma")
    stage.play("olma", Schedule("k", stage.clock.now(), PauseEnded()), *[Post(PauseEnded(), chat)] * 5)
    posts, timers = stage.posts(), stage.store.due_timers(stage.clock.now(), 10)
    assert (len(posts), len(timers)) == (5, 1)

    def play() -> tuple[int, int]:
        store = another(stage)
        with store.work() as work:
            fallen = work.fallen(timers)
        with store.work() as work:
            found = work.posted(posts)
            work.done([one.inbox_id for one in found])
        return len(found), len(fallen)

    played = at_once(play, play)
    assert (sum(n for n, _ in played), sum(n for _, n in played)) == (5, 1)
