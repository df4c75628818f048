"""Answers that mothers share: who may read them, and that every copy goes with her (S20, S22)."""

from datetime import timedelta

from sqlalchemy import update

from bot.core.cases import Outcome
from bot.core.effects import (
    AddToReflection,
    BeginLesson,
    CloseCase,
    ConfirmStaff,
    FinishLesson,
    Forget,
    KeepApart,
    KeepReflection,
    Say,
    ShareReflection,
)
from bot.core.messages import Outgoing
from bot.core.people import Role
from bot.core.teamwork import ReflectionsAsked
from storage import schema
from storage.retention import purge
from tests.storage.test_recorders import CASE, NOW, OPEN


def facilitator(stage, chat, **how):
    """A trained one: somebody has met her."""
    desk = stage.staff(chat, **how)
    stage.play(chat, ConfirmStaff(is_accepted=True, by="x"))
    return desk


def reads(stage, desk):
    return [(one.code_name, one.lesson, one.text) for one in stage.facts(desk, ReflectionsAsked()).reflections]


def test_s20_only_what_she_shared_is_read_by_facilitators_of_her_cohort(stage):
    desk, elsewhere = facilitator(stage, "chinor"), facilitator(stage, "sarv", cohort="Elsewhere")
    coordinator = stage.staff("bed", Role.COORDINATOR)
    stage.mother("olma", KeepReflection("1.1", "аввал"), KeepReflection("1.2", "дуюм"))
    assert reads(stage, desk) == [], "private unless she says otherwise"
    stage.play("olma", ShareReflection("1.2"))
    assert reads(stage, desk) == [("Olma-olma", "1.2", "дуюм")]
    assert reads(stage, elsewhere) == reads(stage, coordinator) == []
    assert stage.facts(desk).reflections == (), "nothing is opened unless she asks"


def test_s20_what_she_adds_is_read_with_her_latest_answer_to_that_lesson(stage):
    desk = facilitator(stage, "chinor")
    stage.mother("olma", KeepReflection("1.2", "дуюм"))
    stage.play("olma", KeepReflection("1.1", "аввал"), AddToReflection("1.1", "боз"))
    stage.play("olma", AddToReflection("1.1", "ва боз"), ShareReflection("1.1"))
    stage.play("olma", AddToReflection("2.1", "ба ҳеҷ ҷавоб"))
    assert reads(stage, desk) == [("Olma-olma", "1.1", "аввал\nбоз\nва боз")]


def test_s22_what_she_wrote_in_the_very_turn_that_forgets_her_goes_with_her(stage):
    stage.mother("olma")
    stage.play("olma", BeginLesson("1.1", 1), KeepReflection("1.1", "аввал"), Forget())
    assert stage.rows(schema.reflections) == stage.rows(schema.progress) == []


def test_a_page_begun_and_finished_in_one_turn_is_one_row_with_both(stage):
    stage.mother("olma")
    stage.play("olma", BeginLesson("1.1", 1), FinishLesson("1.1", "calm"), BeginLesson("1.1", 2))
    [row] = stage.rows(schema.progress)
    assert (row.version, row.finished_at, row.practice) == (2, NOW, "calm")


def test_s20_what_was_shared_comes_in_the_order_of_sharing(stage):
    desk = facilitator(stage, "chinor")
    stage.mother("olma", KeepReflection("1.1", "аввал"))
    stage.mother("nok", KeepReflection("1.1", "дуюм"))
    stage.clock.advance(hours=1)
    stage.play("nok", ShareReflection("1.1"))
    stage.clock.advance(hours=1)
    stage.play("olma", ShareReflection("1.1"))
    found = stage.facts(desk, ReflectionsAsked()).reflections
    assert [(one.text, one.at, one.shared_at) for one in found] == [
        ("дуюм", NOW, NOW + timedelta(hours=1)),
        ("аввал", NOW, NOW + timedelta(hours=2)),
    ]


def test_whoever_knows_her_in_her_own_life_does_not_read_her(stage):
    desk, chat = facilitator(stage, "chinor"), stage.mother("olma", KeepReflection("1.1", "матн", is_shared=True))
    assert reads(stage, desk)
    stage.play("chinor", KeepApart(chat, "x"))
    assert reads(stage, desk) == []


def test_s22_with_her_go_the_copies_in_the_chats_of_staff(stage):
    desk = facilitator(stage, "chinor")
    stage.mother("olma", KeepReflection("1.1", "матн", is_shared=True), OPEN)
    [shared] = stage.facts(desk, ReflectionsAsked()).reflections
    other = Say(Outgoing("чизи дигар"))
    stage.play("chinor", Say(Outgoing("матн"), ref=shared.id), Say(Outgoing("сухан"), case_id=CASE), other)
    stage.play("olma", Forget())
    copies = [row for row in stage.rows(schema.outbox) if row.conversation_id == desk]
    assert [(row.body is None, row.state) for row in copies] == [
        (True, "cancelled"), (True, "cancelled"), (False, "waiting"),
    ]  # fmt: skip
    assert reads(stage, desk) == []


def test_s21_what_was_sent_of_a_false_alarm_lives_no_longer_than_it(stage):
    stage.staff("chinor")
    stage.mother("olma", OPEN)
    stage.play("chinor", Say(Outgoing("сухан"), case_id=CASE))
    stage.play("olma", CloseCase(CASE, Outcome.FALSE_ALARM, "", "x"))
    with stage.store.database.transaction() as connection:
        connection.execute(update(schema.outbox).values(state="sent", purge_at=NOW + timedelta(days=7)))
        purge(connection, stage.store.sealer, NOW + timedelta(hours=23))
    assert all(row.body is not None for row in stage.rows(schema.outbox) if row.case_id == CASE)
    with stage.store.database.transaction() as connection:
        purge(connection, stage.store.sealer, NOW + timedelta(hours=24))
    assert [row.body for row in stage.rows(schema.outbox) if row.case_id == CASE] == [None]
