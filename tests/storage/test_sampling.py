"""The blind sample: only what its writer allowed, each answer once, each reading recorded; counts without text."""

from bot.core.cases import Level
from bot.core.effects import Forget, KeepApart, KeepReflection, Prefer
from bot.core.people import Role
from storage import schema
from storage.audit import verify
from storage.sampling import Count

ALLOWED = Prefer({"may_be_sampled": True})


def as_it_is(ids):
    """No chance: what was kept first comes first."""


def last_first(ids):
    ids.reverse()


def reader(stage, chat="sarv", **how):
    stage.staff(chat, Role.SUPERVISOR, **how)
    roster, _ = stage.store.desk()
    return next(one for one in roster.supervisors() if one.alias == f"Chinor-{chat}")


def drawn(stage, by, shuffle=as_it_is):
    found = stage.store.draw_sample(by, shuffle)
    return found and found.text


def test_s20_nothing_is_drawn_unless_she_allowed_it_herself_and_nothing_after_she_took_that_back(stage):
    by = reader(stage)
    stage.mother("olma", KeepReflection("1.1", "аввал"), KeepReflection("1.2", "дуюм", is_shared=True))
    assert drawn(stage, by) is None, "sharing with her facilitator is another choice"
    stage.play("olma", ALLOWED)
    assert drawn(stage, by) == "аввал"
    stage.play("olma", Prefer({"may_be_sampled": False}))
    assert drawn(stage, by) is None


def test_s20_chance_decides_the_order_and_each_answer_is_read_once(stage):
    by = reader(stage)
    stage.mother("olma", ALLOWED, KeepReflection("1.1", "аввал"), KeepReflection("1.2", "дуюм"))
    assert [drawn(stage, by, last_first), drawn(stage, by), drawn(stage, by)] == ["дуюм", "аввал", None]


def test_s20_each_reading_is_a_row_of_the_record_without_a_word(stage):
    by = reader(stage)
    stage.mother("olma", ALLOWED, KeepReflection("1.1", "аввал"))
    assert drawn(stage, by) == "аввал"
    (row,) = (one for one in stage.rows(schema.audit) if one.action == "read_sample")
    assert (row.actor_id, row.case_id) == (by.id, None)
    with stage.store.database.reading() as connection:
        assert verify(connection, stage.store.sealer) is None
    assert drawn(stage, by) is None
    assert sum(one.action == "read_sample" for one in stage.rows(schema.audit)) == 1


def test_s20_a_reader_sees_her_own_cohorts_and_nobody_whom_she_knows(stage):
    elsewhere, everywhere = reader(stage, cohort="Elsewhere"), reader(stage, "bed", cohort=None)
    hers = stage.mother("olma", ALLOWED, KeepReflection("1.1", "аввал"))
    assert drawn(stage, elsewhere) is None
    stage.play("bed", KeepApart(hers, by="x"))
    roster, _ = stage.store.desk()
    assert drawn(stage, next(one for one in roster.supervisors() if one.id == everywhere.id)) is None


def test_s20_what_is_past_its_date_or_erased_is_not_there_any_more(stage):
    by = reader(stage)
    stage.mother("olma", ALLOWED, KeepReflection("1.1", "аввал"))
    stage.mother("nok", ALLOWED, KeepReflection("1.1", "дуюм"))
    stage.play("nok", Forget())
    stage.clock.advance(days=91)
    assert drawn(stage, by) is None


def test_s20_what_came_of_it_is_counted_by_version_beside_the_verdicts_of_cases(stage):
    for judged in (Level.NONE, Level.NONE, Level.URGENT):
        stage.store.count_sample("rules-1", Level.NONE, judged)
    stage.store.count_sample("rules-2", Level.CONCERN, Level.NONE)
    assert stage.store.sample_counts() == [
        Count("rules-1", Level.NONE, Level.NONE, 2),
        Count("rules-1", Level.NONE, Level.URGENT, 1),
        Count("rules-2", Level.CONCERN, Level.NONE, 1),
    ]
    assert stage.store.verdicts() == []
