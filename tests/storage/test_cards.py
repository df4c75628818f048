"""S10: in the facilitators' group the card of a case waits for no other card that cannot go just now."""

from bot.core.conversation import Owner
from bot.core.messages import Act, Lane, Outgoing, SendFailure, Trouble
from storage.claims import Claim
from storage.outbox import body_of
from tests.storage.office import Office, Somebody

AGAIN = SendFailure(Trouble.AGAIN, "503")


def put(office: Office, group: Somebody, case: str, text: str, act: Act = Act.SEND) -> None:
    tag = f"card:{case}"
    body = {**body_of(Outgoing(text)), "tag": tag}
    office.put(group, act=act, body=body, tag=tag, lane=Lane.ESCALATION, purpose="card")


def texts(claim: Claim) -> list[str]:
    return [one.parcel.outgoing.text for one in claim.claimed if one.parcel.outgoing]


def fails(office: Office, times: int) -> None:
    """The messenger refuses whatever is due, so often, each time as soon as it is tried again."""
    for _ in range(times):
        while not (claim := office.claim()).claimed:
            office.passes(seconds=1)
        office.mark(*((claimed, AGAIN) for claimed in claim.claimed))


def test_s10_a_card_that_cannot_go_holds_back_no_card_of_another_case(office: Office):
    group = office.somebody(Owner.GROUP)
    put(office, group, "first", "refused")
    fails(office, 6)
    put(office, group, "second", "urgent")
    assert texts(office.claim()) == ["urgent"]


def test_what_a_card_becomes_waits_for_the_card(office: Office):
    group = office.somebody(Owner.GROUP)
    put(office, group, "first", "refused")
    fails(office, 4)
    put(office, group, "first", "taken", Act.EDIT)
    assert texts(office.claim()) == []
