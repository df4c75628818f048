"""What a turn answers somebody for whom nothing waits is claimed in the commit that writes it, and nothing else is."""

from datetime import timedelta
from itertools import groupby
from typing import Any

import pytest
from sqlalchemy import select

from bot.core.effects import Join, Purpose, Say, Stand
from bot.core.errors import InvitationSpent
from bot.core.messages import Lane, Outgoing, Sent
from storage import claims, mailboxes, pending, schema
from storage.handing import Handed, Offer
from storage.receipts import Delivered
from tests.storage.stage import LINE, Stage

HI = Say(Outgoing("салом"))
MORE = Say(Outgoing("боз"))


def hand(stage: Stage, says: dict[str, Any], offer: Offer) -> Handed:
    """One commit in which these people are answered; what their sender gets."""
    with stage.store.work({LINE: offer}) as work:
        for chat, effects in says.items():
            stage.play_in(work, stage.update(chat), effects)
    return work.handed[LINE]


def states(stage: Stage) -> list[str]:
    return [row.state for row in sorted(stage.rows(schema.outbox), key=lambda row: row.seq)]


def claimed(stage: Stage) -> list[Any]:
    store = stage.store
    with store.database.transaction() as connection:
        return claims.claim(connection, store.sealer, store.ids, LINE, stage.clock.now(), 20).claimed


def text(one: Any) -> str:
    return one.parcel.outgoing.text


@pytest.mark.parametrize("is_hers", [False, True])
def test_an_answer_is_in_flight_with_its_commit_and_nobody_claims_it_again(stage: Stage, is_hers: bool):
    if is_hers:
        stage.mother("olma")
    handed = hand(stage, {"olma": [HI]}, Offer(10))
    assert [text(one) for one in handed.claimed] == ["салом"]
    assert (states(stage), handed.has_mail, handed.since) == (["sending"], False, stage.clock.now())
    assert claimed(stage) == []


def test_what_is_handed_over_is_what_the_sender_would_have_read(stage: Stage):
    stage.mother("olma")
    [one] = hand(stage, {"olma": [HI]}, Offer(10)).claimed
    with stage.store.database.transaction() as connection:
        read = pending.of_ids(connection, [one.row.id])[one.row.id]
        assert one.row == read._replace(seq=0)
        mailboxes.recover(connection, LINE)
    [again] = claimed(stage)
    assert again.parcel == one.parcel


def test_what_is_said_to_one_of_several_is_handed_over_side_by_side_in_its_order(stage: Stage):
    handed = hand(stage, {"olma": [HI, MORE], "nok": [MORE, HI]}, Offer(10))
    runs = [[text(one) for one in run] for _, run in groupby(handed.claimed, lambda one: one.row.account_id)]
    assert (sorted(runs), handed.has_mail) == ([["боз", "салом"], ["салом", "боз"]], False)
    assert (states(stage), claimed(stage)) == (["sending"] * 4, [])
    landed = [Delivered(one, Sent((f"7{n}",))) for n, one in enumerate(handed.claimed)]
    with stage.store.work({LINE: Offer(0, landed)}):
        pass
    assert (states(stage), stage.rows(schema.mailboxes)) == (["sent"] * 4, [])


@pytest.mark.parametrize("between", [{"purpose": Purpose.CASE_TEXT}, {"dedupe": "once"}], ids=str)
def test_what_comes_after_something_to_be_looked_at_waits_until_the_first_has_gone(
    stage: Stage, between: dict[str, Any]
):
    handed = hand(stage, {"olma": [HI, Say(Outgoing("он"), **between), MORE]}, Offer(10))
    assert ([text(one) for one in handed.claimed], handed.has_mail) == (["салом"], True)
    assert (states(stage), claimed(stage)) == (["sending", "waiting", "waiting"], [])
    landed = [Delivered(one, Sent(("77",))) for one in handed.claimed]
    with stage.store.work({LINE: Offer(0, landed)}):
        pass
    assert [text(one) for one in claimed(stage)] == ["он"]


def test_after_a_crash_what_was_handed_over_side_by_side_goes_again_in_its_order(stage: Stage):
    hand(stage, {"olma": [HI, MORE]}, Offer(10))
    with stage.store.database.transaction() as connection:
        mailboxes.recover(connection, LINE)
    first = claimed(stage)
    with stage.store.work({LINE: Offer(0, [Delivered(one, Sent(("77",))) for one in first])}):
        pass
    assert [text(one) for one in (*first, *claimed(stage))] == ["салом", "боз"]


def test_what_waits_already_goes_first(stage: Stage):
    stage.play("olma", MORE)
    assert hand(stage, {"olma": [HI]}, Offer(10)).claimed == ()
    assert [text(one) for one in claimed(stage)] == ["боз"]


def test_no_more_are_handed_over_than_there_is_room_for(stage: Stage):
    handed = hand(stage, {"olma": [HI], "nok": [HI], "anor": [HI]}, Offer(2))
    assert (len(handed.claimed), handed.has_mail, states(stage)) == (2, True, ["sending", "sending", "waiting"])
    assert len(claimed(stage)) == 1


def test_what_has_landed_is_marked_in_the_same_commit_and_makes_room_first(stage: Stage):
    first = hand(stage, {"olma": [HI]}, Offer(10))
    landed = [Delivered(one, Sent(("77",))) for one in first.claimed]
    second = hand(stage, {"olma": [MORE]}, Offer(10, landed))
    assert second.marked.settled.counts == {"sent": 1}
    assert [text(one) for one in second.claimed] == ["боз"]
    assert states(stage) == ["sent", "sending"]
    assert "77" in {row.external_id for row in stage.rows(schema.messages)}


def test_a_commit_that_fails_hands_nothing_over_and_marks_nothing(stage: Stage):
    first = hand(stage, {"olma": [HI]}, Offer(10))
    landed = [Delivered(one, Sent(("77",))) for one in first.claimed]
    spent = Join("no-such-invitation", "tg", "1", "Olma-nok")
    with pytest.raises(InvitationSpent):
        hand(stage, {"nok": [HI, spent]}, Offer(10, landed))
    assert states(stage) == ["sending"]
    assert len(stage.rows(schema.mailboxes)) == 1


def test_a_mailbox_that_rests_is_left_alone_and_an_empty_one_that_has_rested_is_used(stage: Stage):
    [one] = hand(stage, {"olma": [HI]}, Offer(10)).claimed
    rest_until = stage.clock.now() + timedelta(seconds=1)
    with stage.store.work({LINE: Offer(0, [Delivered(one, Sent(("77",)), rest_until)])}):
        pass
    assert hand(stage, {"olma": [HI]}, Offer(10)).claimed == ()
    stage.clock.set(rest_until)
    [two] = claimed(stage)
    rest_until += timedelta(seconds=1)
    with stage.store.work({LINE: Offer(0, [Delivered(two, Sent(("78",)), rest_until)])}):
        pass
    stage.clock.set(rest_until)
    assert len(hand(stage, {"olma": [HI]}, Offer(10)).claimed) == 1


@pytest.mark.parametrize(
    "how",
    [
        {"purpose": Purpose.PUSH},
        {"purpose": Purpose.ANSWER},
        {"purpose": Purpose.CASE_TEXT},
        {"lane": Lane.ESCALATION},
        {"lane": Lane.SCHEDULE},
        {"lane": Lane.BROADCAST},
        {"dedupe": "once"},
        {"expires_at": timedelta()},
        {"due_at": timedelta(minutes=1)},
    ],
    ids=str,
)
def test_whatever_might_have_to_wait_or_be_judged_is_left_to_the_sender(stage: Stage, how: dict[str, Any]):
    at = {name: stage.clock.now() + value for name, value in how.items() if isinstance(value, timedelta)}
    stage.mother("olma")
    assert hand(stage, {"olma": [Say(Outgoing("салом"), **{**how, **at})]}, Offer(10)).claimed == ()
    assert states(stage) == ["waiting"]


@pytest.mark.parametrize("name", ["frozen_at", "hidden_at", "stopped_at"])
def test_s3_she_who_is_frozen_or_stopped_in_this_very_commit_is_left_to_the_sender(stage: Stage, name: str):
    stage.mother("olma")
    stand = Stand({name: stage.clock.now()})
    assert hand(stage, {"olma": [HI, stand]}, Offer(10)).claimed == ()
    assert states(stage) == ["waiting"]


def test_s3_nothing_is_handed_over_for_her_who_is_frozen(stage: Stage):
    stage.mother("olma", Stand({"frozen_at": stage.clock.now()}))
    assert hand(stage, {"olma": [HI]}, Offer(10)).claimed == ()
    assert claimed(stage) == []
    assert states(stage) == ["cancelled"]


def test_without_an_offer_nothing_is_handed_over(stage: Stage):
    stage.play("olma", HI)
    assert states(stage) == ["waiting"]
    with stage.store.database.reading() as connection:
        assert connection.scalar(select(schema.mailboxes.c.lease_until)) is None
