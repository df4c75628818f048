"""What a channel says later of what it took: doubt ends, failures come late, words come twice and in any order."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bot.core.addresses import Line
from bot.core.errors import StorageUnavailable
from bot.core.events import ReachChanged, SendsFailed
from bot.core.messages import Lane, Outgoing, SendFailure, Stage, Trouble, Word
from bot.delivery import Delivery
from storage.database import open_database
from storage.keys import open_keyring
from storage.schema import accounts
from storage.store import Store
from tests.fakes.channel import ScriptedChannel, failed
from tests.storage.office import Office, Somebody
from tests.world import FrozenClock, SeededIds

LINE = Line("whatsapp", "100000000000001")


class Post:
    """A sender over a WhatsApp that does what the test says."""

    def __init__(self, store: Store, clock: FrozenClock) -> None:
        self.clock = clock
        self.office = Office(store.database, store.sealer, clock, store.ids)
        self.channel = ScriptedChannel(clock, LINE)
        self.delivery = Delivery(store, self.channel, clock, store.ids)

    def somebody(self) -> Somebody:
        return self.office.somebody(line=str(LINE))

    async def goes(self, **time: float) -> None:
        self.clock.advance(**time)
        while await self.delivery.sweep():
            pass

    async def hears(self, key: str, stage: Stage, *, id_: str = "1", last: bool = True, **failure: object) -> None:
        word = Word(key, id_, stage, last, SendFailure(**failure) if failure else None)  # type: ignore[arg-type]
        await self.delivery.hear([word])

    def arrived(self, who: Somebody) -> list[str]:
        return self.channel.chats[who.address.id]


@pytest.fixture
def post(url: str, tmp_path: Path) -> Iterator[Post]:
    clock = FrozenClock()
    database = open_database(url)
    keyring = open_keyring(tmp_path / "keys", f"sqlite:///{tmp_path}/keys.db", None, clock)
    yield Post(Store(database, keyring, clock, SeededIds()), clock)
    keyring.close()
    database.dispose()


@pytest.mark.parametrize("lane", [Lane.REPLY, Lane.ESCALATION, Lane.BROADCAST])
@pytest.mark.parametrize("stage", [Stage.SENT, Stage.ARRIVED])
async def test_a_word_within_a_minute_settles_what_was_in_doubt(post: Post, lane: Lane, stage: Stage) -> None:
    her = post.somebody()
    key = post.office.put(her, "якум", lane=lane)
    post.office.put(her, "дуюм", lane=lane)
    post.channel.answers.append(failed(Trouble.AMBIGUOUS))
    await post.goes()
    assert post.office.states() == {"waiting": 2}
    await post.hears(key, stage)
    await post.goes()
    assert post.arrived(her) == ["якум", "дуюм"]
    assert post.office.states() == {"sent": 2}
    await post.goes(minutes=5)
    assert len(post.channel.calls) == 2


async def test_without_a_word_the_class_of_the_row_decides_after_a_minute(post: Post) -> None:
    her, other = post.somebody(), post.somebody()
    reply, broadcast = post.office.put(her), post.office.put(other, lane=Lane.BROADCAST)
    post.channel.answers.extend([failed(Trouble.AMBIGUOUS)] * 2)
    await post.goes()
    await post.goes(seconds=59)
    assert len(post.channel.calls) == 2
    await post.goes(seconds=1)
    assert len(post.arrived(her)) == 2
    assert (post.office.row(reply).state, post.office.row(reply).is_maybe_duplicate) == ("sent", True)
    assert len(post.arrived(other)) == 1
    assert post.office.row(broadcast).state == "unknown"


async def test_a_word_that_overtakes_the_answer_is_not_lost_when_the_answer_is(post: Post) -> None:
    her = post.somebody()
    key = post.office.put(her, lane=Lane.BROADCAST)
    claim = post.delivery._take(post.clock.now(), 5)
    assert len(claim.claimed) == 1
    await post.hears(key, Stage.SENT)
    post.delivery._launch(claim)
    post.channel.answers.append(failed(Trouble.AMBIGUOUS))
    await post.goes()
    assert post.office.states() == {"sent": 1}


async def test_a_word_after_a_crash_keeps_the_row_from_going_twice(post: Post) -> None:
    her = post.somebody()
    first, second = post.office.put(her), post.office.put(post.somebody())
    post.delivery._take(post.clock.now(), 5)
    await post.hears(first, Stage.ARRIVED)
    post.delivery._recover()
    await post.goes()
    assert post.channel.calls == []
    await post.hears(second, Stage.SENT, id_="2")
    await post.goes(minutes=2)
    assert post.channel.calls == []
    assert post.office.states() == {"sent": 2}


@pytest.mark.parametrize(
    ("trouble", "code", "why"),
    [
        (Trouble.WINDOW, "131047", "window"),
        (Trouble.REFUSED, "131049", "refused"),
        (Trouble.UNREACHABLE, "131026", "unreachable"),
    ],
)
async def test_a_late_failure_is_told_to_her_conversation(post: Post, trouble: Trouble, code: str, why: str) -> None:
    her = post.somebody()
    key = post.office.put(her)
    await post.goes()
    assert post.office.states() == {"sent": 1}
    for _ in range(2):
        await post.hears(key, Stage.FAILED, trouble=trouble, code=code)
    assert (post.office.row(key).state, post.office.row(key).code, post.office.row(key).body) == ("failed", code, None)
    expected = [SendsFailed(why, ("reply",))] + ([ReachChanged(is_reachable=False)] if why == "unreachable" else [])
    assert post.office.told(her) == expected


async def test_what_waits_for_somebody_who_cannot_be_reached_is_dropped(post: Post) -> None:
    her = post.somebody()
    key = post.office.put(her)
    await post.goes()
    post.office.put(her, due_at=post.clock.now().replace(year=2030))
    await post.hears(key, Stage.FAILED, trouble=Trouble.UNREACHABLE, code="131026")
    assert post.office.states() == {"failed": 1, "cancelled": 1}


@pytest.mark.parametrize("lane", [Lane.REPLY, Lane.BROADCAST])
async def test_what_was_only_too_fast_goes_again(post: Post, lane: Lane) -> None:
    her = post.somebody()
    key = post.office.put(her, lane=lane)
    await post.goes()
    await post.hears(key, Stage.FAILED, trouble=Trouble.RATE, code="131056", retry_after=16.0)
    await post.goes(seconds=15)
    assert len(post.channel.calls) == 1
    await post.goes(seconds=1)
    assert len(post.channel.calls) == 2
    assert post.office.states() == {"sent": 1}


async def test_s10_what_was_too_fast_for_somebody_to_whom_nothing_leads_any_more_is_told(post: Post) -> None:
    her = post.somebody()
    key = post.office.put(her, purpose="answer", case_id="c" * 26, ref="r" * 26)
    await post.goes()
    with post.office.database.transaction() as connection:
        connection.execute(update(accounts).where(accounts.c.id == her.account_id).values(address=None))
    await post.hears(key, Stage.FAILED, trouble=Trouble.RATE, code="131056", retry_after=16.0)
    assert post.office.told(her) == [SendsFailed("refused", ("answer",), "c" * 26, "r" * 26)]
    await post.goes(minutes=1)
    assert len(post.channel.calls) == 1


async def test_a_word_about_the_whole_line_silences_it(post: Post) -> None:
    her, other = post.somebody(), post.somebody()
    key = post.office.put(her)
    await post.goes()
    failure = {"trouble": Trouble.RATE, "code": "131048", "retry_after": 3600.0, "is_line_wide": True}
    await post.hears(key, Stage.FAILED, **failure)
    post.office.put(other)
    await post.goes(minutes=59)
    assert len(post.channel.calls) == 1
    await post.goes(minutes=2)
    assert len(post.channel.calls) == 3


async def test_a_word_about_an_earlier_attempt_changes_nothing(post: Post) -> None:
    her = post.somebody()
    key = post.office.put(her)
    post.channel.answers.append(failed(Trouble.AMBIGUOUS))
    await post.goes()
    await post.goes(minutes=2)
    assert post.office.states() == {"sent": 1}
    await post.hears(key, Stage.FAILED, id_="the first attempt's", trouble=Trouble.REFUSED, code="131000")
    assert post.office.states() == {"sent": 1}


async def test_words_in_any_order_and_twice_come_to_the_same(post: Post) -> None:
    said = [Stage.SENT, Stage.ARRIVED, Stage.SENT, Stage.ARRIVED]
    for order in set(itertools.permutations(said)):
        key = post.office.put(post.somebody())
        await post.goes()
        for stage in order:
            await post.hears(key, stage)
        assert (post.office.row(key).state, post.office.row(key).code) == ("sent", "arrived")
        await post.hears(key, Stage.FAILED, trouble=Trouble.REFUSED, code="131000")
        assert post.office.row(key).state == "sent"


async def test_a_failure_is_the_last_word_about_a_message(post: Post) -> None:
    key = post.office.put(post.somebody())
    await post.goes()
    for stage, failure in ((Stage.FAILED, {"trouble": Trouble.REFUSED, "code": "131049"}), (Stage.SENT, {})):
        await post.hears(key, stage, **failure)
    assert post.office.states() == {"failed": 1}


async def test_the_first_part_of_a_long_text_does_not_settle_the_whole(post: Post) -> None:
    key = post.office.put(post.somebody(), outgoing=Outgoing("дароз"))
    post.channel.answers.append(failed(Trouble.AMBIGUOUS))
    await post.goes()
    await post.hears(key, Stage.ARRIVED, last=False)
    assert post.office.states() == {"waiting": 1}


async def test_a_failure_that_overtakes_the_answer_is_said_again(post: Post) -> None:
    key = post.office.put(post.somebody())
    post.delivery._take(post.clock.now(), 5)
    with pytest.raises(StorageUnavailable):
        await post.hears(key, Stage.FAILED, trouble=Trouble.REFUSED, code="131049")


async def test_a_word_about_nothing_of_ours_means_nothing(post: Post) -> None:
    await post.hears("01" * 13, Stage.FAILED, trouble=Trouble.REFUSED, code="131049")
    await post.hears("01" * 13, Stage.ARRIVED)
    assert post.office.states() == {}


@pytest.mark.parametrize(
    "failure", [{"trouble": Trouble.TOKEN}, {"trouble": Trouble.RATE, "retry_after": 3600.0, "is_line_wide": True}]
)
async def test_only_a_failure_that_settles_a_row_of_ours_silences_the_line(post: Post, failure: dict[str, Any]) -> None:
    """A word with another's key, or an old one come again, is nobody's: the line goes on."""
    her = post.somebody()
    key = post.office.put(her)
    await post.goes()
    await post.hears(key, Stage.ARRIVED)
    for unknown in ("another-app", key):
        await post.hears(unknown, Stage.FAILED, code="368", **failure)
    assert not post.delivery.is_refused
    other = post.somebody()
    post.office.put(other)
    await post.goes()
    assert len(post.arrived(other)) == 1


async def test_a_failure_of_a_row_of_ours_stops_the_line(post: Post) -> None:
    key = post.office.put(post.somebody())
    await post.goes()
    await post.hears(key, Stage.FAILED, trouble=Trouble.TOKEN, code="368")
    assert post.delivery.is_refused
