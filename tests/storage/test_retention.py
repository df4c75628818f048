"""What goes when (S18), and what erasing leaves (S22)."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update

from bot.core.cases import CaseState, Category, Finding, Level, Outcome, Voice
from bot.core.effects import (
    AddToCase,
    Audit,
    ChangeCase,
    CloseCase,
    CountAttempt,
    Forget,
    KeepApart,
    KeepReflection,
    OpenCase,
    Say,
)
from bot.core.messages import Outgoing
from storage import retention
from storage import schema as s
from tests.storage.stage import Stage
from tests.world import MORNING

CASE = "case-1"
FINDING = Finding(Level.CONCERN, Category.DISTRESS, 0.7, ("r1",), "rules-1")
OPEN = (OpenCase(CASE, "4711", FINDING, None, "tg"), AddToCase(CASE, "message-1", Voice.HERS, "матн"))


@pytest.fixture
def stage(store, clock):
    return Stage(store, clock)


def total(stage, table):
    return stage.total(table)


def purge(stage):
    while stage.store.purge(stage.clock.now()):
        pass


def passes(stage, **time):
    stage.clock.advance(**time)
    purge(stage)


def close(outcome):
    return ChangeCase(CASE, {"state": CaseState.TAKEN}), CloseCase(CASE, outcome, "қайд", "staff-1")


def test_s18_proof_that_an_update_came_lives_8_days(stage):
    stage.play("olma")
    passes(stage, days=7, hours=23)
    assert total(stage, s.inbox) == 1
    passes(stage, hours=1)
    assert total(stage, s.inbox) == 0


def test_s18_quarantine_lives_30_days(stage):
    with stage.store.work() as work:
        [arrived] = work.admit([stage.update("olma", "ношинос")])
        work.quarantine(arrived.inbox_id, arrived.chat.conversation_id, {"text": "ношинос"})
    passes(stage, days=29)
    assert [row.state for row in stage.rows(s.inbox)] == ["quarantined"]
    passes(stage, days=1)
    assert total(stage, s.inbox) == 0


def test_s18_a_post_that_waits_is_never_deleted(stage):
    from bot.core.events import PauseEnded  # noqa: PLC0415

    stage.mother("olma")
    stage.store.post(PauseEnded(), stage.names["olma"])
    passes(stage, days=400)
    assert [row.state for row in stage.rows(s.inbox)] == ["pending"]


def test_s18_reflections_live_90_days(stage):
    stage.mother("olma", KeepReflection("1.1", "матн"))
    passes(stage, days=89)
    assert total(stage, s.reflections) == 1
    passes(stage, days=1)
    assert total(stage, s.reflections) == 0


def test_s18_sent_bodies_live_7_days_and_message_ids_49_hours(stage):
    stage.mother("olma")
    stage.play("olma", Say(Outgoing("салом")))
    with stage.store.database.transaction() as connection:
        connection.execute(update(s.outbox).values(state="sent", purge_at=MORNING + timedelta(days=7)))
    kept = total(stage, s.messages)
    assert kept > 0
    passes(stage, hours=48)
    assert total(stage, s.messages) == kept
    passes(stage, hours=1)
    assert (total(stage, s.messages), total(stage, s.outbox)) == (0, 1)
    passes(stage, days=5)
    assert total(stage, s.outbox) == 0


def test_wrong_codes_are_counted_for_an_hour(stage):
    stage.play("olma", CountAttempt())
    passes(stage, minutes=59)
    assert total(stage, s.attempts) == 1
    passes(stage, minutes=1)
    assert total(stage, s.attempts) == 0


@pytest.mark.parametrize(
    ("outcome", "lives"), [(Outcome.HANDLED, timedelta(days=90)), (Outcome.FALSE_ALARM, timedelta(days=1))]
)
def test_s21_a_closed_case_keeps_its_text_and_key_until_its_date(stage, outcome, lives):
    stage.mother("olma", *OPEN)
    stage.play("olma", *close(outcome))
    find = stage.store.sealer.keyring.find
    passes(stage, seconds=lives.total_seconds() - 7200)
    assert (total(stage, s.case_messages), list(find([f"case:{CASE}"]))) == (1, [f"case:{CASE}"])
    passes(stage, hours=2)
    passes(stage, hours=1)
    assert total(stage, s.case_messages) == 0
    assert [(row.body, row.number) for row in stage.rows(s.cases)] == [(None, "4711")]
    assert find([f"case:{CASE}"]) == {}


def test_the_chain_of_acts_lives_3_years_and_stays_whole(stage):
    stage.mother("olma", Audit("one", "staff-1"))
    passes(stage, days=3 * 365 - 1)
    stage.play("olma", Audit("two", "staff-1"))
    passes(stage, days=2)
    assert [row.action for row in stage.rows(s.audit)] == ["two"]
    assert stage.store.verify_audit() is None


def test_a_purge_is_a_bounded_portion(stage):
    stage.mother("olma")
    chat = stage.names["olma"]
    with stage.store.database.transaction() as connection:
        rows = [{"id": f"{n:026}", "conversation_id": chat, "at": MORNING} for n in range(retention.PORTION + 7)]
        connection.execute(insert(s.attempts), rows)
    stage.clock.advance(hours=2)
    assert stage.store.purge(stage.clock.now()) == retention.PORTION
    assert stage.store.purge(stage.clock.now()) == 7
    assert total(stage, s.attempts) == 0


# ---- keys of whom nothing is left


def test_keys_of_the_living_stay(stage):
    stage.mother("olma", *OPEN, KeepReflection("1.1", "матн"), Say(Outgoing("салом")))
    stage.staff("chinor")
    stage.group("guruh", "chinor")
    stage.play("begona", OpenCase("case-2", "4712", FINDING, None, "tg"))
    before = stage.store.sealer.keyring.subjects("", MORNING + timedelta(days=1), 1000)
    stage.clock.advance(hours=2)
    assert stage.store.destroy_orphans() == 0
    assert stage.store.sealer.keyring.subjects("", MORNING + timedelta(days=1), 1000) == before


def test_a_crash_between_erasing_and_destroying_keys_is_made_good(stage):
    stage.mother("olma", KeepReflection("1.1", "матн"), *OPEN)
    her = stage.rows(s.participants)[0].id
    work = stage.store.work()
    opened = work.__enter__()
    stage.play_in(opened, stage.update("olma"), [Forget()])
    opened._unit.after_commit.clear()  # as if the machine stopped right after the commit
    work.__exit__(None, None, None)
    find = stage.store.sealer.keyring.find
    assert find([f"participant:{her}", f"case:{CASE}"]).keys() == {f"participant:{her}", f"case:{CASE}"}
    passes(stage, hours=2)
    assert find([f"participant:{her}", f"case:{CASE}"]) == {}


def test_a_young_key_may_belong_to_a_turn_that_has_not_ended(stage):
    stage.store.sealer.ensure(["participant:not-yet-there"])
    assert stage.store.destroy_orphans() == 0
    stage.clock.advance(hours=2)
    assert stage.store.destroy_orphans() == 1


# ---- erasing, law S22


def test_s22_erasing_with_an_open_case_leaves_a_stub_without_text_for_30_days(stage):
    stage.mother("olma", *OPEN)
    stage.play("olma", ChangeCase(CASE, {"owner_id": "staff-1", "state": CaseState.TAKEN}))
    stage.play("olma", Forget())
    [stub] = stage.rows(s.cases)
    assert (stub.number, stub.level, stub.owner_id, stub.body, stub.participant_id) == (
        "4711",
        "concern",
        "staff-1",
        None,
        None,
    )
    assert total(stage, s.case_messages) == 0
    passes(stage, days=29)
    assert total(stage, s.cases) == 1
    passes(stage, days=1)
    assert total(stage, s.cases) == 0


def test_s22_the_stub_goes_when_its_owner_closes_it(stage):
    hers = stage.mother("olma", *OPEN)
    stage.staff("chinor")
    stage.play("chinor", KeepApart(hers, by="x"))
    stage.play("olma", Forget())
    assert total(stage, s.conflicts) == 1  # what is left may not ring her relative
    stage.play_for(stage.names["olma"], *close(Outcome.HANDLED))
    purge(stage)
    assert (total(stage, s.cases), total(stage, s.conflicts)) == (0, 0)


def test_s22_erasing_removes_every_row_of_hers_closed_cases_included(stage):
    stage.mother("olma", *OPEN, KeepReflection("1.1", "матн"), Say(Outgoing("салом")))
    stage.mother("nok", KeepReflection("1.1", "матн"))
    her = stage.rows(s.participants)[0].id
    account = stage.rows(s.links)[0].account_id
    stage.play("olma", *close(Outcome.HANDLED))
    stage.play("olma", Forget())
    assert total(stage, s.cases) == 0
    with stage.store.database.reading() as connection:
        for table in s.metadata.sorted_tables:
            for column in table.columns:
                if str(column.type) == "VARCHAR(26)":
                    held = connection.scalar(select(func.count()).select_from(table).where(column.in_([her, account])))
                    assert held == 0, f"{table.name}.{column.name}"
    assert total(stage, s.participants) == 1
    assert [row.body for row in stage.rows(s.outbox)] == [None]
    passes(stage, days=8)
    assert total(stage, s.outbox) == 0
