"""What staff may know of cases without reading them."""

from bot.core import effects
from bot.core.cases import AnswerState, Voice
from tests.storage.test_recorders import CASE, OPEN


def test_answers_that_wait_and_those_taken_back_are_counted_apart_for_staff(stage):
    desk = stage.staff("chinor")
    said = [f"answer-{n}".zfill(26) for n in range(3)]
    stage.mother("olma", OPEN, *(_answer(one) for one in said))
    stage.play("olma", effects.SettleAnswer(CASE, said[0], AnswerState.HANDED))
    stage.play("olma", effects.SettleAnswer(CASE, said[1], AnswerState.EXPIRED))
    [card] = stage.facts(desk).cases
    assert (card.waits, card.unread) == (1, 1)
    assert not card.messages


def _answer(message_id):
    return effects.AddToCase(CASE, message_id, Voice.STAFF, "text", answer=AnswerState.WAITING, by="x")
