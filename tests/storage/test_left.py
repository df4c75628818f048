"""S17: what fails at an address that a mother has left tells of its answers, and nothing of her."""

from sqlalchemy import update

from bot.core.events import ReachChanged, SendsFailed
from bot.core.messages import SendFailure, Trouble
from storage.schema import conversations
from tests.storage.office import Office, Somebody

CASE, REF = "c" * 26, "r" * 26


def fail(office: Office, *, moves: bool) -> Somebody:
    """A page and an answer are on their way to her, and neither can be brought there."""
    her, new = office.somebody(), office.somebody()
    office.put(her, purpose="answer", case_id=CASE, ref=REF)
    office.put(her)
    [flying] = office.claim().claimed
    if moves:
        with office.database.transaction() as connection:
            hers = conversations.c.id == her.conversation_id
            connection.execute(update(conversations).where(hers).values(account_id=new.account_id))
    office.mark((flying, SendFailure(Trouble.UNREACHABLE)))
    return her


def test_s17_nothing_but_the_answer_is_told_of_an_address_that_she_has_left(office: Office) -> None:
    assert office.told(fail(office, moves=True)) == [SendsFailed("left", ("answer",), CASE, REF)]


def test_where_she_is_answered_it_says_that_she_cannot_be_reached(office: Office) -> None:
    told = office.told(fail(office, moves=False))
    assert ReachChanged(is_reachable=False) in told
    assert SendsFailed("unreachable", ("reply",)) in told
