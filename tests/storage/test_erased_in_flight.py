"""S22: what is in flight when a mother erases herself is known to its sender still, and leaves every chat."""

import pytest

from bot.core import effects
from bot.core.cases import Category, Finding, Level
from bot.core.messages import Act, Outgoing, Receipt, SendFailure, Sent, Trouble
from storage import schema
from tests.storage.office import Office
from tests.storage.stage import Stage

CASE = "c" * 26
FOUND = Finding(Level.URGENT, Category.DISTRESS, 0.9, ("invented-rule",), "rules-1")
ERASE = (effects.CancelSends(is_settled=True), effects.Unsay(everything=True), effects.Forget())


def states(stage: Stage) -> list[str]:
    """Of all that was to go, in order."""
    return [row.state for row in sorted(stage.rows(schema.outbox), key=lambda row: row.seq)]


def test_s22_what_lands_after_she_erased_herself_is_taken_out_of_her_chat(stage: Stage, office: Office) -> None:
    stage.mother("olma", effects.Say(Outgoing("invented")))
    flying = office.claim().claimed
    stage.play("olma", *ERASE)
    assert office.claim().claimed == []  # the deletion waits behind what is in flight
    office.mark((flying[0], Sent(("77",))))
    [deletion] = office.claim().claimed
    assert (deletion.parcel.act, "77" in deletion.parcel.targets) == (Act.DELETE, True)
    office.mark((deletion, Sent()))
    assert stage.rows(schema.mailboxes) == []


@pytest.mark.parametrize("receipt", [SendFailure(Trouble.AGAIN), SendFailure(Trouble.RATE, "429", 5), None])
def test_s22_what_was_in_flight_never_goes_again(stage: Stage, office: Office, receipt: Receipt | None) -> None:
    stage.mother("olma", effects.Say(Outgoing("invented")))
    flying = office.claim().claimed
    stage.play("olma", *ERASE)
    if receipt is None:
        office.recover()  # its sender died
        office.claim()
    else:
        office.mark((flying[0], receipt))
    assert states(stage)[0] == "cancelled"
    assert {row.body for row in stage.rows(schema.outbox) if row.act == Act.SEND} == {None}


def test_s22_s12_her_words_that_land_in_a_chat_of_staff_leave_it_and_others_are_heard_at_once(
    stage: Stage, office: Office
) -> None:
    stage.mother("olma", effects.OpenCase(CASE, "4711", FOUND, None, "tg"))
    facilitator = stage.staff("chinor")
    stage.play_for(facilitator, effects.Say(Outgoing("her words"), case_id=CASE))
    flying = office.claim().claimed
    stage.play("olma", *ERASE)
    stage.play_for(facilitator, effects.Unsay(case_id=CASE), effects.Say(Outgoing("of another")))
    office.mark(*((one, Sent((f"7{n}",))) for n, one in enumerate(flying)))
    [deletion] = [one for one in office.claim().claimed if one.row.conversation_id == facilitator]
    assert (deletion.parcel.act, len(deletion.parcel.targets)) == (Act.DELETE, 1)
    office.mark((deletion, Sent()))
    [other] = [one for one in office.claim().claimed if one.row.conversation_id == facilitator]
    assert other.parcel.outgoing == Outgoing("of another")
