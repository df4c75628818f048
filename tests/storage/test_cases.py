"""What staff may know of cases without reading them."""

from dataclasses import replace
from datetime import timedelta

from bot.core import effects
from bot.core.cases import AnswerState, Voice
from bot.core.teamwork import HistoryAsked
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
    assert card.waits_at == stage.clock.now()


def _answer(message_id):
    return effects.AddToCase(CASE, message_id, Voice.STAFF, "text", answer=AnswerState.WAITING, by="x")


def test_the_history_of_a_case_is_loaded_when_it_is_asked_for_and_only_its_own(stage):
    other = "other".zfill(26)
    chat = stage.mother("olma", OPEN, effects.Audit("take", "x", CASE), effects.Audit("take", "x", other))
    stage.play("olma", effects.Audit("escalate", "", CASE))
    assert stage.facts(chat).steps == ()
    steps = stage.facts(chat, HistoryAsked(CASE, "x")).steps
    assert [(step.action, step.by) for step in steps] == [("take", "x"), ("escalate", "")]
    assert stage.facts(stage.mother("bodom"), HistoryAsked(CASE, "x")).steps == ()


def test_s12_when_she_wrote_is_known_to_staff_and_her_case_alone_until_she_is_erased(stage):
    desk, came, wrote = stage.staff("chinor"), stage.clock.now(), stage.clock.now() - timedelta(hours=5)
    words = effects.AddToCase(CASE, "hers".zfill(26), Voice.HERS, "text", said_at=wrote)
    chat = stage.mother("olma", replace(OPEN, said_at=wrote), words)
    (message,) = stage.facts(chat).case.messages
    assert (message.at, message.wrote_at) == (came, wrote)
    (card,) = stage.facts(desk).cases
    assert (card.opened_at, card.wrote_at) == (came, wrote)
    stage.play("olma", effects.Forget())
    assert [case.wrote_at for case in stage.facts(desk).cases] == [came]
