"""A staff answer that was handed over and cancelled before it went: its conversation hears of it, once (S13)."""

from datetime import timedelta

import pytest

from bot.core import effects
from bot.core.cases import AnswerState, Finding, Level, Outcome, Voice
from bot.core.effects import Purpose
from bot.core.events import SendsFailed
from bot.core.messages import Lane, Outgoing, SendFailure, Sent, Trouble
from storage import schema
from storage.outbox import Withdrawn, cancel
from tests.storage.office import Office, Somebody
from tests.storage.stage import Stage

CASE, REF = "c" * 26, "r" * 26
ANSWER = effects.Say(
    Outgoing("invented"), lane=Lane.ESCALATION, purpose=Purpose.ANSWER, case_id=CASE, ref=REF
)  # fmt: skip
WITHDRAWN = SendsFailed("withdrawn", ("answer",), CASE, REF)


def put(office: Office) -> Somebody:
    her = office.somebody()
    office.put(her, purpose="answer", lane=Lane.ESCALATION, case_id=CASE, ref=REF)
    return her


def withdraw(office: Office, her: Somebody) -> list[Withdrawn]:
    with office.database.transaction() as connection:
        return cancel(connection, her.conversation_id, office.clock.now())


def told(stage: Stage) -> list[object]:
    posts = stage.rows(schema.inbox)
    return [post.conversation_id for post in posts if post.external_id.endswith("/withdrawn")]


def test_what_waits_is_told_in_the_same_commit(stage: Stage):
    stage.mother("olma", ANSWER)
    stage.play("olma", effects.CancelSends())
    assert [row.state for row in stage.rows(schema.outbox)] == ["cancelled"]
    assert len(told(stage)) == 1


def test_what_was_said_in_the_same_commit_is_told_too(stage: Stage):
    stage.mother("olma")
    stage.play("olma", ANSWER, effects.CancelSends((Purpose.ANSWER,)))
    assert stage.rows(schema.outbox) == []
    assert len(told(stage)) == 1


def test_whoever_knows_already_is_not_told(stage: Stage):
    stage.mother("olma", ANSWER)
    stage.play("olma", ANSWER, effects.CancelSends((Purpose.ANSWER,), is_settled=True))
    assert told(stage) == []


def test_s10_a_case_knows_which_of_its_answers_has_not_gone_yet(stage: Stage):
    """Handed over is not gone: until the channel took it, closing or passing on would take it back."""
    chat = stage.mother("olma")
    opened = effects.OpenCase(CASE, "4821", Finding(Level.URGENT), None, "ru")
    given = effects.AddToCase(CASE, REF, Voice.STAFF, "invented", answer=AnswerState.HANDED)
    stage.play("olma", opened, given, ANSWER)
    assert states(stage, chat) == [AnswerState.UNDERWAY]
    stage.play("olma", effects.CancelSends(is_settled=True))
    assert states(stage, chat) == [AnswerState.HANDED]


def states(stage: Stage, chat: str) -> list[AnswerState]:
    case = stage.facts(chat).case
    assert case is not None
    return [message.answer for message in case.messages]


@pytest.mark.parametrize(
    ("receipt", "why"),
    [
        (SendFailure(Trouble.AGAIN, "test"), "withdrawn"),
        (SendFailure(Trouble.RATE, "test", 5), "withdrawn"),
        (SendFailure(Trouble.AMBIGUOUS, "test"), "unknown"),
        (Sent(("m1",)), "unknown"),
    ],
)
def test_s13_an_answer_in_flight_when_it_was_withdrawn_goes_not_again_and_is_told(
    office: Office, receipt: Sent | SendFailure, why: str
):
    her = put(office)
    claim = office.claim()
    assert withdraw(office, her) == []
    office.mark((claim.claimed[0], receipt))
    assert office.told(her) == [SendsFailed(why, ("answer",), CASE, REF)]
    office.clock.advance(minutes=5)
    assert office.claim().claimed == []


def test_an_answer_in_flight_when_its_sender_died_is_told(office: Office):
    her = put(office)
    office.claim()
    withdraw(office, her)
    office.clock.set(office.clock.now() + timedelta(minutes=5))
    while office.claim().claimed:
        pass
    assert [event.why for event in office.told(her)] == ["unknown"]


def test_s10_an_answer_to_one_to_whom_nothing_leads_is_told_at_once_and_her_next_words_lead_to_her_again(stage: Stage):
    opened = effects.OpenCase(CASE, "1234", Finding(Level.URGENT), None, "tg")
    stage.play("olma", opened, effects.CloseCase(CASE, Outcome.HANDLED, "", "x"))
    stage.play("olma", effects.ReopenCase(CASE))
    chat = stage.names["olma"]
    stage.play_for(chat, ANSWER)
    (post,) = stage.posts()
    assert stage.play_post(post) == SendsFailed("unreachable", ("answer",), CASE, REF)
    stage.play("olma", effects.AddToCase(CASE, "h" * 26, Voice.HERS, "invented"))
    stage.play_for(chat, ANSWER)
    assert not stage.posts()
    assert [row.state for row in stage.rows(schema.outbox)] == ["failed", "waiting"]
