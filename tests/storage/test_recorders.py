"""Every effect is recorded: a kind without a recorder, or without an example here, fails."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from bot.core import effects
from bot.core.addresses import Address
from bot.core.calendar import Hours
from bot.core.cases import AnswerState, CaseState, Category, Finding, Level, Outcome, Voice
from bot.core.conversation import Owner
from bot.core.effects import Effect, Purpose
from bot.core.errors import InvitationSpent
from bot.core.events import (
    BroadcastArrived,
    BroadcastCancelled,
    BroadcastMoved,
    MessageReceived,
    ModuleOpened,
    PauseEnded,
    Started,
)
from bot.core.harm import CohortWithheld, PushesReleased
from bot.core.measured import Measured, MeasuresCounted
from bot.core.messages import Button, Kind, Lane, Outgoing
from bot.core.moving import AddressClosed, MoveCode
from bot.core.people import Away, Role, Shared
from bot.core.voice_notes import VoiceNote
from storage import schema
from storage.recorders import RECORDERS
from storage.store import Person
from tests.storage.stage import Stage

NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
CASE = "case".zfill(26)
SAID = "said".zfill(26)
BROADCAST = "broadcast".zfill(26)
FOUND = Finding(Level.URGENT, Category.DISTRESS, 0.9, ("invented-word", "invented-rule"), "rules-1")
OPEN = effects.OpenCase(CASE, "1234", FOUND, None, "tg")
HI = effects.Say(
    Outgoing("салом", ((Button("Ҳа", "yes"),),), 3), lane=Lane.SCHEDULE, purpose=Purpose.PUSH, tag="t", ref=SAID
)

EXAMPLES: dict[type[Effect], Callable[[Stage], Any]] = {}


def example(kind: type[Effect]) -> Callable[[Callable[[Stage], Any]], Callable[[Stage], Any]]:
    def keep(check: Callable[[Stage], Any]) -> Callable[[Stage], Any]:
        EXAMPLES[kind] = check
        return check

    return keep


def body_of(stage: Stage, row: Any, subject: str) -> Any:
    return stage.store.sealer.open_json(subject, "outbox.body", row.id, row.body)


def her(stage: Stage) -> str:
    return str(stage.rows(schema.participants)[0].id)


# ---- speaking


@example(effects.Say)
def say(stage):
    chat = stage.mother("olma", HI)
    [row] = stage.rows(schema.outbox)
    [box] = stage.rows(schema.mailboxes)
    assert (row.conversation_id, row.lane, row.act, row.purpose, row.tag, row.ref) == (
        chat,
        2,
        "send",
        "push",
        "t",
        SAID,
    )
    assert (row.state, row.due_at, row.dedupe) == ("waiting", NOW, None)
    said = body_of(stage, row, f"participant:{her(stage)}")
    assert (said["text"], said["rows"], said["version"]) == ("салом", [[["Ҳа", "yes", False]]], 3)
    assert (box.account_id, box.next_due_at, box.line) == (row.account_id, NOW, "telegram:1")
    stage.play("olma", effects.Say(Outgoing("later"), due_at=NOW + timedelta(hours=1)))
    assert stage.rows(schema.mailboxes)[0].next_due_at == NOW
    twice = effects.Say(Outgoing("once"), dedupe="for-ever")
    stage.play("olma", twice)
    stage.play("olma", twice)
    assert [row.dedupe for row in stage.rows(schema.outbox)] == [None, None, "for-ever"]


@example(effects.Amend)
def amend(stage):
    stage.mother("olma", effects.Amend("t", Outgoing("new"), case_id=CASE))
    [row] = stage.rows(schema.outbox)
    assert (row.act, row.tag, row.case_id, row.purpose) == ("edit", "t", CASE, "desk")
    assert body_of(stage, row, f"participant:{her(stage)}")["tag"] == "t"


@example(effects.Unsay)
def unsay(stage):
    stage.mother("olma", effects.Unsay(case_id=CASE, message_ids=("m1",)))
    [row] = stage.rows(schema.outbox)
    assert row.act == "delete"
    assert body_of(stage, row, f"participant:{her(stage)}") == {
        "case_id": CASE, "every_case": False, "tag": "", "everything": False, "message_ids": ["m1"],
        "before": NOW.isoformat(),
    }  # fmt: skip


@example(effects.CancelSends)
def cancel(stage):
    stage.mother("olma", HI, effects.Say(Outgoing("reply")), effects.Unsay(everything=True))
    stage.play("olma", effects.CancelSends((Purpose.PUSH,)))
    assert [(row.state, row.body is None) for row in stage.rows(schema.outbox)] == [
        ("cancelled", True), ("waiting", False), ("waiting", False),
    ]  # fmt: skip
    stage.play("olma", HI, effects.CancelSends(), effects.Say(Outgoing("last")))
    assert [row.state for row in stage.rows(schema.outbox)] == ["cancelled", "cancelled", "waiting", "waiting"]
    assert [row.act for row in stage.rows(schema.outbox)][2:] == ["delete", "send"]


# ---- time and other conversations


@example(effects.Schedule)
def schedule(stage):
    chat = stage.mother("olma", effects.Schedule("k", NOW, PauseEnded()))
    assert stage.store.due_timers(NOW, 9) == [(chat, "k")]


@example(effects.Unschedule)
def unschedule(stage):
    stage.mother("olma", effects.Schedule("k:1", NOW, PauseEnded()), effects.Schedule("l", NOW, PauseEnded()))
    stage.play("olma", effects.Unschedule(("k", "m")))
    assert [key for _, key in stage.store.due_timers(NOW, 9)] == ["l"]


@example(effects.Post)
def post(stage):
    desk = stage.staff("chinor")
    stage.mother("olma", effects.Post(PauseEnded(), desk))
    [inbox_id] = stage.posts()
    assert stage.play_post(inbox_id) == PauseEnded()


# ---- mothers


@example(effects.Join)
def join(stage):
    stage.play("olma", data={"step": 1})
    code, _ = stage.store.make_invitation(Role.MOTHER, "Chorbogh", 2, NOW + timedelta(days=1))
    facts = stage.play("olma", OPEN, event=Started(code))
    stage.play("olma", effects.Join(facts.invitation.id, "ru", "7", "Olma-1"), data={"step": 2})
    [row] = stage.rows(schema.participants)
    [account] = stage.rows(schema.accounts)
    [invitation] = stage.rows(schema.invitations)
    assert (row.code_name, row.cohort_id, row.is_confirmed, row.joined_at) == (
        "Olma-1",
        invitation.cohort_id,
        False,
        NOW,
    )
    assert (invitation.uses_left, invitation.used) == (1, 1)
    assert stage.store.sealer.open(f"account:{account.id}", "accounts.address", account.id, account.address) == b"olma"
    assert [(link.participant_id, link.account_id, link.until) for link in stage.rows(schema.links)] == [
        (row.id, account.id, None),
    ]  # fmt: skip
    chat = stage.conversation(row.conversation_id)
    assert (chat.owner, chat.owner_id, chat.language, chat.data) == (Owner.PARTICIPANT, row.id, "ru", {"step": 2})
    known = stage.facts(chat.id).participant
    assert (known.consent_version, known.phone_shared, known.hours) == ("7", Shared.UNKNOWN, None)
    assert stage.rows(schema.cases)[0].participant_id == row.id


@example(effects.Consent)
def consent(stage):
    chat = stage.mother("olma")
    stage.clock.advance(days=1)
    stage.play("olma", effects.Consent("2"))
    assert stage.facts(chat).participant.consent_version == "2"
    assert stage.total(schema.consents) == 2


@example(effects.Prefer)
def prefer(stage):
    hours = Hours(time(18), time(20, 30), frozenset({0, 4}))
    chosen = {"name": "Invented", "hours": hours, "phone_shared": Shared.NO}
    chat = stage.mother("olma", effects.Prefer(chosen))
    stage.play("olma", effects.Prefer({"zone": "Europe/Moscow"}))
    known = stage.facts(chat).participant
    assert (known.name, known.hours, known.phone_shared, known.zone) == ("Invented", hours, Shared.NO, "Europe/Moscow")
    stage.play("olma", effects.Prefer({"hours": None}))
    assert stage.facts(chat).participant.hours is None
    with pytest.raises(TypeError):
        stage.play("olma", effects.Prefer({"address": "x"}))


@example(effects.Stand)
def stand(stage):
    chat = stage.mother("olma", effects.Stand({"stopped_at": NOW, "is_confirmed": True, "confirmed_by": "x"}))
    known = stage.facts(chat).participant
    assert (known.stopped_at, known.is_confirmed, known.frozen_at) == (NOW, True, None)
    stage.play("olma", effects.Stand({"stopped_at": None, "frozen_at": NOW}))
    known = stage.facts(chat).participant
    assert (known.stopped_at, known.frozen_at) == (None, NOW)
    group = stage.group("team", stage.staff("chinor", Role.COORDINATOR))
    stage.play_for(group, effects.Stand({"unreachable_at": NOW}))
    assert [g.is_reachable for g in stage.facts(group).roster.groups] == [False]
    with pytest.raises(TypeError):
        stage.play("olma", effects.Stand({"code_name": "x"}))


@example(effects.CountPush)
def count_push(stage):
    chat = stage.mother("olma", effects.CountPush(NOW))
    stage.clock.advance(days=6)
    stage.play("olma", effects.CountPush(NOW + timedelta(days=6)))
    assert stage.facts(chat).participant.pushes == (NOW, NOW + timedelta(days=6))
    stage.play("olma", effects.CountPush(NOW + timedelta(days=7)))
    assert stage.facts(chat).participant.pushes == (NOW + timedelta(days=6), NOW + timedelta(days=7))


@example(effects.BeginLesson)
def begin_lesson(stage):
    chat = stage.mother("olma", effects.BeginLesson("1.1", 1))
    stage.play("olma", effects.FinishLesson("1.1", "chosen"), effects.BeginLesson("1.1", 2))
    [row] = stage.rows(schema.progress)
    assert (row.lesson, row.version, row.began_at, row.finished_at) == ("1.1", 2, NOW, NOW)
    assert stage.facts(chat).participant.finished == {"1.1"}


@example(effects.FinishLesson)
def finish_lesson(stage):
    chat = stage.mother("olma", effects.BeginLesson("1.1", 1), effects.BeginLesson("1.2", 1))
    stage.play("olma", effects.FinishLesson("1.2", "calm"))
    assert stage.facts(chat).participant.finished == {"1.2"}
    assert [row.practice for row in stage.rows(schema.progress)] == [None, "calm"]


@example(effects.RecordCheckIn)
def check_in(stage):
    stage.mother("olma", effects.BeginLesson("1.1", 1), effects.RecordCheckIn("1.1", "hard"))
    assert [row.check_in for row in stage.rows(schema.progress)] == ["hard"]


@example(effects.AnswerMeasure)
def answer_measure(stage):
    stage.mother("olma", effects.AnswerMeasure("before", "talk", 2))
    stage.play("olma", effects.AnswerMeasure("before", "talk", 4), effects.AnswerMeasure("after", "talk", 5))
    rows = {(row.participant_id, row.moment, row.question): row.answer for row in stage.rows(schema.measures)}
    assert rows == {(her(stage), "before", "talk"): 4, (her(stage), "after", "talk"): 5}


@example(effects.KeepReflection)
def keep_reflection(stage):
    stage.mother("olma", effects.KeepReflection("1.1", "пинҳон"))
    [row] = stage.rows(schema.reflections)
    opened = stage.store.sealer.open_json(f"participant:{her(stage)}", "reflections.body", row.id, row.body)
    assert (opened, row.is_shared, row.expires_at) == ({"text": "пинҳон"}, False, NOW + timedelta(days=90))


@example(effects.AddToReflection)
def add_to_reflection(stage):
    stage.mother("olma", effects.KeepReflection("1.1", "a"), effects.AddToReflection("1.1", "b"))
    stage.play("olma", effects.AddToReflection("1.1", "c"), effects.AddToReflection("1.2", "never asked"))
    [row] = stage.rows(schema.reflections)
    opened = stage.store.sealer.open_json(f"participant:{her(stage)}", "reflections.body", row.id, row.body)
    assert opened == {"text": "a\nb\nc"}


@example(effects.ShareReflection)
def share_reflection(stage):
    stage.mother("olma", effects.KeepReflection("1.1", "a"), effects.KeepReflection("1.2", "b"))
    stage.play("olma", effects.KeepReflection("1.1", "c"), effects.ShareReflection("1.1"))
    assert [row.is_shared for row in stage.rows(schema.reflections)] == [False, False, True]


@example(effects.Forget)
def forget(stage):
    desk = stage.staff("chinor")
    stage.mother(
        "olma", HI, OPEN, effects.KeepReflection("1.1", "x"), effects.Prefer({"name": "Invented"}),
        effects.Schedule("k", NOW, PauseEnded()),
    )  # fmt: skip
    chat, participant_id = stage.names["olma"], her(stage)
    stage.play(
        "olma", effects.ChangeCase(CASE, {"state": CaseState.TAKEN, "owner_id": stage.conversation(desk).owner_id})
    )
    stage.store.post(PauseEnded(), chat)
    goodbye = effects.Say(Outgoing("goodbye"))
    stage.play(
        "olma", effects.CountPush(NOW), effects.CancelSends(), effects.Unsay(everything=True), effects.Forget(),
        goodbye, state="Onboarding:new", data={},
    )  # fmt: skip
    gone = (schema.participants, schema.reflections, schema.links, schema.consents, schema.timers)
    assert [stage.total(table) for table in gone] == [0] * len(gone)
    assert stage.posts() == []
    assert stage.store.sealer.keyring.find([f"participant:{participant_id}", f"case:{CASE}"]) == {}
    account = next(row for row in stage.rows(schema.accounts) if row.conversation_id == chat)
    now = stage.conversation(chat)
    assert (now.owner, now.owner_id, now.data, account.address) == (Owner.STRANGER, account.id, {}, None)
    waiting = [row for row in stage.rows(schema.outbox) if row.state == "waiting"]
    assert [row.act for row in waiting] == ["delete", "send"]
    assert body_of(stage, waiting[1], f"account:{account.id}")["text"] == "goodbye"
    box = next(box for box in stage.rows(schema.mailboxes) if box.account_id == account.id)
    assert stage.store.sealer.open(f"account:{account.id}", "mailboxes.address", account.id, box.address) == b"olma"
    stub = stage.facts(desk).cases[0]
    assert (stub.number, stub.is_erased, stub.messages) == ("1234", True, ())
    stage.play("olma", HI)
    assert stage.names["olma"] == chat


@example(effects.CountAttempt)
def count_attempt(stage):
    stage.play("olma", effects.CountAttempt(), effects.CountAttempt())
    stage.play("bodom", effects.CountAttempt())
    assert stage.play("olma", event=Started("wrong")).attempts == 2
    stage.clock.advance(hours=1)
    assert stage.play("olma", event=Started("wrong")).attempts == 0


# ---- cases


@example(effects.OpenCase)
def open_case(stage):
    chat = stage.mother("olma", OPEN)
    case = stage.facts(chat).case
    assert (case.id, case.number, case.level, case.state, case.finding) == (
        CASE,
        "1234",
        Level.URGENT,
        CaseState.OPEN,
        FOUND,
    )
    assert case.earlier == ""
    with pytest.raises(Exception, match=r"uq_cases_one_open|UNIQUE"):
        stage.play("olma", effects.OpenCase("other".zfill(26), "1235", FOUND, None, "tg"))
    stage.play("bodom", effects.OpenCase("third".zfill(26), "1236", FOUND, None, "tg", "1111"))
    assert stage.facts(stage.names["bodom"]).case.earlier == "1111"
    bodom = next(row for row in stage.rows(schema.accounts) if row.conversation_id == stage.names["bodom"])
    assert bodom.address is not None  # a stranger with an open case can be answered
    stage.play("bodom", effects.CloseCase("third".zfill(26), Outcome.HANDLED, "done", "x"))
    bodom = next(row for row in stage.rows(schema.accounts) if row.conversation_id == stage.names["bodom"])
    assert bodom.address is None


@example(effects.AddToCase)
def add_to_case(stage):
    chat = stage.mother("olma", OPEN)
    update = stage.update("olma", "planted")
    hers = effects.AddToCase(CASE, SAID, Voice.HERS, "planted", Kind.VOICE, "file-1", external_id=update.message_id)
    stage.play("olma", hers, inbound=update)
    [said] = stage.facts(chat).case.messages
    assert said.external_id == update.message_id
    assert (said.id, said.voice, said.body, said.kind, said.file) == (SAID, Voice.HERS, "planted", Kind.VOICE, "file-1")
    kept = [row for row in stage.rows(schema.messages) if row.case_id == CASE]
    assert update.message_id in {row.external_id for row in kept}


@example(effects.ChangeCase)
def change_case(stage):
    chat = stage.mother("olma", OPEN)
    worse = Finding(Level.URGENT, Category.SELF_HARM, 1.0, ("another",), "rules-1")
    changes = {"state": CaseState.TAKEN, "owner_id": "x", "taken_at": NOW, "window_until": NOW, "finding": worse}
    stage.play("olma", effects.ChangeCase(CASE, {**changes, "second_id": "y"}))
    case = stage.facts(chat).case
    assert (case.second_id, stage.facts(chat).loads) == ("y", {"x": 1})
    assert (case.state, case.owner_id, case.taken_at, case.window_until) == (CaseState.TAKEN, "x", NOW, NOW)
    assert case.finding == worse
    stage.play("bodom", effects.ChangeCase(CASE, {"owner_id": "thief"}))
    assert stage.facts(chat).case.owner_id == "x"
    with pytest.raises(TypeError):
        stage.play("olma", effects.ChangeCase(CASE, {"number": "1"}))


@example(effects.SettleAnswer)
def settle_answer(stage):
    answer = effects.AddToCase(CASE, SAID, Voice.STAFF, "text", answer=AnswerState.WAITING, by="x")
    chat = stage.mother("olma", OPEN, answer)
    stage.play("olma", effects.SettleAnswer(CASE, SAID, AnswerState.HANDED))
    assert [said.answer for said in stage.facts(chat).case.messages] == [AnswerState.HANDED]


@example(effects.CloseCase)
def close_case(stage):
    chat = stage.mother("olma", OPEN)
    stage.play("olma", effects.CloseCase(CASE, Outcome.FALSE_ALARM, "a song", "x"))
    [row] = stage.rows(schema.cases)
    assert (row.state, row.closed_at, row.expires_at) == ("closed", NOW, NOW + timedelta(hours=24))
    assert stage.facts(chat).case is None
    counted = [(row.rules, row.concept, row.outcome, row.count) for row in stage.rows(schema.verdicts)]
    assert counted == [("rules-1", "invented-rule", "false_alarm", 1), ("rules-1", "invented-word", "false_alarm", 1)]
    second = "second".zfill(26)
    stage.play(
        "olma",
        effects.OpenCase(second, "1235", FOUND, None, "tg"),
        effects.CloseCase(second, Outcome.FALSE_ALARM, "", "x"),
    )
    assert [row.count for row in stage.rows(schema.verdicts)] == [2, 2]
    third = "third".zfill(26)
    stage.play(
        "olma", effects.OpenCase(third, "1236", FOUND, None, "tg"), effects.CloseCase(third, Outcome.HANDLED, "", "x")
    )
    assert {row.expires_at for row in stage.rows(schema.cases)} == {NOW + timedelta(hours=24), NOW + timedelta(days=90)}


@example(effects.ReopenCase)
def reopen_case(stage):
    chat = stage.mother("olma", OPEN, effects.ChangeCase(CASE, {"owner_id": "x".zfill(26), "acted_at": NOW}))
    stage.play("olma", effects.CloseCase(CASE, Outcome.HANDLED, "done", "x"))
    stage.play("olma", effects.ReopenCase(CASE))
    [row] = stage.rows(schema.cases)
    free = (row.owner_id, row.taken_at, row.acted_at, row.window_until, row.closed_at, row.expires_at, row.second_id)
    assert (row.state, free) == ("open", (None,) * 7)
    case = stage.facts(chat).case
    assert (case.id, case.finding) == (CASE, FOUND)
    assert [row.count for row in stage.rows(schema.verdicts)] == [0, 0], "it counts as never closed"


@example(effects.Audit)
def audit(stage):
    stage.mother("olma", effects.Audit("case_read", "x", CASE), effects.Audit("case_read", "y", CASE))
    assert [(row.seq, row.action, row.actor_id) for row in stage.rows(schema.audit)] == [
        (1, "case_read", "x"), (2, "case_read", "y"),
    ]  # fmt: skip
    assert stage.store.verify_audit() is None


@example(effects.Hold)
def hold(stage):
    chat = stage.mother("olma", effects.Hold("x"))
    assert stage.conversation(chat).held_by == "x"
    stage.play("olma", effects.Hold(None))
    assert stage.conversation(chat).held_by is None


# ---- staff


@example(effects.EnlistStaff)
def enlist(stage):
    stage.play("chinor", effects.EnlistStaff(stage.invitation(Role.FACILITATOR), "Chinor", "ru"))
    chat = stage.names["chinor"]
    facts = stage.facts(chat)
    assert (facts.staff.alias, facts.staff.is_confirmed, facts.roster.staff) == ("Chinor", False, ())
    assert stage.conversation(chat).owner is Owner.STAFF
    further = stage.invitation(Role.COORDINATOR, "Navbahor")
    stage.play("chinor", effects.EnlistStaff(further, "Chinor", "ru"))
    staff = stage.facts(chat).staff
    assert (staff.roles, len(staff.cohorts)) == ({Role.FACILITATOR, Role.COORDINATOR}, 2)
    stage.play("chinor", effects.EnlistStaff(stage.invitation(Role.AUDITOR, None), "Chinor", "ru"))
    assert len(stage.facts(chat).staff.cohorts) == 2, "an auditor's code opens no cohort to a facilitator"
    stage.play("chinor", effects.EnlistStaff(stage.invitation(Role.COORDINATOR, None), "Chinor", "ru"))
    assert stage.facts(chat).staff.cohorts == frozenset()  # no cohort means all
    assert stage.total(schema.staff) == 1


@example(effects.ConfirmStaff)
def confirm(stage):
    stage.play("chinor", effects.EnlistStaff(stage.invitation(Role.FACILITATOR), "Chinor", "ru"))
    chat = stage.names["chinor"]
    stage.play_for(chat, effects.ConfirmStaff(is_accepted=True, by="x"))
    staff = stage.facts(chat).staff
    assert (staff.is_confirmed, staff.trained_on) == (True, NOW.date())
    assert staff.may_take(next(iter(staff.cohorts)))
    stage.play("archa", effects.EnlistStaff(stage.invitation(Role.COORDINATOR), "Archa", "ru"))
    stage.play_for(stage.names["archa"], effects.ConfirmStaff(is_accepted=False, by="x"))
    assert not stage.facts(stage.names["archa"]).staff.is_confirmed
    assert [member.alias for member in stage.facts(chat).roster.staff] == ["Chinor"]


@example(effects.SetDuty)
def set_duty(stage):
    chat = stage.staff("chinor")
    stage.play("chinor", effects.SetDuty((("09:00", "13:00", (0, 1)), ("22:00", "02:00", (5,)))))
    duty = stage.facts(chat).staff.duty
    assert duty == (Hours(time(9), time(13), frozenset({0, 1})), Hours(time(22), time(2), frozenset({5})))


@example(effects.Arrange)
def arrange(stage):
    chat = stage.staff("chinor")
    before = stage.facts(chat).staff
    assert (before.languages, before.load_limit, before.rest, before.away) == ({"tg", "ru"}, 5, (), None)
    before_noon = datetime(2026, 3, 2, 6, tzinfo=UTC)
    changes = {
        "languages": ("ru",),
        "load_limit": 2,
        "rest": (("22:00", "07:00", (0, 6)),),
        "away": ("2026-03-03", "2026-03-05"),
        "off": (before_noon, before_noon + timedelta(hours=8)),
        "is_fallback": True,
    }
    stage.play("chinor", effects.Arrange(changes))
    staff = stage.facts(chat).staff
    assert (staff.languages, staff.load_limit, staff.is_fallback) == ({"ru"}, 2, True)
    assert staff.rest == (Hours(time(22), time(7), frozenset({0, 6})),)
    assert staff.away == Away(date(2026, 3, 3), date(2026, 3, 5))
    assert staff.off == changes["off"]
    stage.play("chinor", effects.Arrange({"away": None, "off": None}))
    staff = stage.facts(chat).staff
    assert (staff.away, staff.off, staff.load_limit) == (None, None, 2)
    with pytest.raises(TypeError):
        stage.play("chinor", effects.Arrange({"roles": "coordinator"}))


@example(effects.KeepApart)
def keep_apart(stage):
    desk, hers = stage.staff("chinor"), stage.mother("olma")
    apart = effects.KeepApart(hers, by=stage.conversation(desk).owner_id)
    stage.play("chinor", apart, apart)
    assert stage.facts(desk).staff.conflicts == {hers}
    cohort = stage.facts(hers).participant.cohort_id
    stage.play("olma", effects.OpenCase(CASE, "1234", FOUND, cohort, "tg"))
    assert stage.facts(desk).cases == ()
    stage.play("chinor", effects.KeepApart(hers, by="x", is_apart=False))
    assert (stage.facts(desk).staff.conflicts, len(stage.facts(desk).cases)) == (frozenset(), 1)
    stage.play("chinor", apart)
    stage.play("olma", effects.Forget())  # what is left of her case does not ring her relative
    assert (stage.total(schema.conflicts), stage.facts(desk).cases) == (1, ())
    anor = stage.mother("anor")
    stage.play("chinor", effects.KeepApart(anor, by="x"))
    stage.play("anor", effects.Forget())
    assert stage.total(schema.conflicts) == 1


@example(effects.BindGroup)
def bind_group(stage):
    coordinator = stage.staff("chinor", Role.COORDINATOR)
    chat = stage.group("team", coordinator)
    assert [(g.conversation_id, g.is_reachable) for g in stage.facts(coordinator).roster.groups] == [(chat, True)]
    stage.play_for(chat, effects.Stand({"unreachable_at": NOW}))
    assert stage.group("team", coordinator) == chat
    assert [g.is_reachable for g in stage.facts(coordinator).roster.groups] == [True]
    stage.play_for(chat, HI)
    assert stage.rows(schema.outbox)[-1].state == "waiting"  # its address is kept


@example(effects.OpenModule)
def open_module(stage):
    coordinator = stage.staff("chinor", Role.COORDINATOR)
    hers, other = stage.mother("olma"), stage.mother("bodom", cohort="Navbahor")
    cohort = stage.facts(hers).participant.cohort_id
    stage.play_for(coordinator, effects.OpenModule(cohort, "m1"))
    stage.play_for(coordinator, effects.OpenModule(cohort, "m1"))
    [inbox_id] = stage.posts()
    assert stage.play_post(inbox_id) == ModuleOpened("m1")
    stage.clock.advance(days=30)
    stage.play_for(coordinator, effects.OpenModule(cohort, "m0"))
    assert (stage.facts(hers).participant.opened, stage.facts(other).participant.opened) == (("m1", "m0"), ())


@example(effects.CountMeasures)
def count_measures(stage):
    coordinator = stage.staff("chinor", Role.COORDINATOR)
    for n in range(6):
        hers = stage.mother(f"olma-{n}", effects.AnswerMeasure("before", "talk", 1 + n % 5))
        if n < 4:
            stage.play_for(hers, effects.AnswerMeasure("after", "talk", 5))
    for n in range(5):
        stage.mother(f"bodom-{n}", effects.AnswerMeasure("before", "days", 5), cohort="Navbahor")
    cohort = stage.facts(hers).participant.cohort_id
    stage.play_for(coordinator, effects.CountMeasures((cohort,)))
    [inbox_id] = stage.posts()
    figures = (Measured("Chorbogh", "before", "talk", 2.5, 5),)  # 16 by 6; after: four only; Navbahor: not asked for
    assert stage.play_post(inbox_id) == MeasuresCounted(figures)


@example(effects.KeepVoiceNote)
def keep_voice_note(stage):
    stage.staff("chinor")
    for size in (70_000, 80_000):
        stage.play("chinor", effects.KeepVoiceNote("1.1", "tg", 2, f"file-{size}", 42, size))
    assert stage.play("chinor").voice_notes == (VoiceNote("1.1", "tg", 2, "telegram:1", "file-80000", 42, 80_000),)
    hers = stage.mother("olma")
    assert [note.file for note in stage.play("olma").voice_notes] == ["file-80000"]
    assert stage.play_for(hers).voice_notes == ()  # nobody wrote: nothing is sent of it
    elsewhere = stage.update("anor", sender=Address("whatsapp:1", "anor"))
    with stage.store.work() as work:
        inbound = replace(elsewhere, chat=Address("whatsapp:1", "anor"))
        assert stage.play_in(work, inbound, []).voice_notes == ()


@example(effects.RemoveVoiceNote)
def remove_voice_note(stage):
    stage.staff("chinor")
    for language in ("tg", "ru"):
        stage.play("chinor", effects.KeepVoiceNote("1.1", language, 2, "file", 42, 80_000))
    stage.play("chinor", effects.RemoveVoiceNote("1.1", "tg"))
    assert [note.language for note in stage.play("chinor").voice_notes] == ["ru"]


@example(effects.CountHarm)
def count_harm(stage):
    supervisor = stage.staff("sarv", Role.SUPERVISOR)
    hers, other = stage.mother("olma"), stage.mother("bodom", cohort="Navbahor")
    cohort, elsewhere = (stage.facts(chat).participant.cohort_id for chat in (hers, other))
    told = effects.CountHarm(cohort, 2, timedelta(days=30), (supervisor,))
    stage.play_for(hers, told)
    stage.play_for(other, effects.CountHarm(elsewhere, 2, timedelta(days=30), (supervisor,)))
    assert not stage.posts()
    stage.clock.advance(days=30)
    stage.play_for(hers, told)  # the first one no longer counts
    assert not stage.posts()
    stage.clock.advance(days=29)
    stage.play_for(hers, told)
    [inbox_id] = stage.posts()
    assert stage.play_post(inbox_id) == CohortWithheld(cohort, "Chorbogh", 2)
    assert stage.facts(hers).participant.is_cohort_withheld
    assert not stage.facts(other).participant.is_cohort_withheld
    assert {c.name for c in stage.facts(supervisor).cohorts if c.is_withheld} == {"Chorbogh"}
    assert {column.name for column in schema.harms.columns} == {"id", "cohort_id", "at", "expires_at"}  # not who


@example(effects.WithholdCohort)
def withhold_cohort(stage):
    supervisor = stage.staff("sarv", Role.SUPERVISOR)
    hers, _ = stage.mother("olma"), stage.mother("bodom", cohort="Navbahor")
    cohort = stage.facts(hers).participant.cohort_id
    stage.play_for(supervisor, effects.WithholdCohort(cohort, is_withheld=False, by="sarv"))
    assert not stage.posts()
    for _ in range(2):
        stage.play_for(supervisor, effects.WithholdCohort(cohort, is_withheld=True, by="sarv"))
        assert stage.facts(hers).participant.is_cohort_withheld
    stage.play_for(supervisor, effects.WithholdCohort(cohort, is_withheld=False, by="sarv"))
    [inbox_id] = stage.posts()
    assert stage.play_post(inbox_id) == PushesReleased("sarv", is_of_cohort=True)
    assert not stage.facts(hers).participant.are_pushes_withheld


@example(effects.StartAlarmTest)
def start_alarm_test(stage):
    stage.staff("chinor", Role.COORDINATOR)
    stage.play("chinor", effects.StartAlarmTest("test".zfill(26)))
    assert [row.id for row in stage.rows(schema.alarm_tests)] == ["test".zfill(26)]


@example(effects.AcknowledgeAlarm)
def acknowledge(stage):
    chat = stage.staff("chinor", Role.COORDINATOR)
    stage.play("chinor", effects.StartAlarmTest("test".zfill(26)), *[effects.AcknowledgeAlarm("test".zfill(26))] * 2)
    assert stage.facts(chat).readiness.alarm_acknowledged_by == {stage.conversation(chat).owner_id}
    stage.clock.advance(days=7, seconds=1)
    assert stage.facts(chat).readiness.alarm_acknowledged_by == frozenset()


# ---- moving


CODE = "00010002"
ALLOW = effects.AllowMove("move".zfill(26), CODE, NOW + timedelta(minutes=15))
CLOSED = AddressClosed("tg", NOW)


def brought(stage):
    """A stranger gave the code of Olma, who has a timer from before she joined."""
    stage.play("olma", effects.Schedule("alarm:1", NOW + timedelta(hours=1), PauseEnded()))
    olma = stage.mother("olma", HI, ALLOW)
    move = stage.play("bodom", effects.KeepAddress(), event=Started(CODE)).move
    return olma, move


def addresses_of(stage, conversation_id):
    return {row.id for row in stage.rows(schema.accounts) if row.conversation_id == conversation_id}


@example(effects.AllowMove)
def allow_move(stage):
    olma = stage.mother("olma", ALLOW)
    guessed, given = (stage.play("bodom", event=Started(code)).move for code in ("00010003", CODE))
    assert (guessed, given) == (None, MoveCode(ALLOW.move_id, olma, ALLOW.expires_at))
    stage.play("olma", effects.AllowMove("later".zfill(26), "00010004", ALLOW.expires_at))
    assert stage.play("bodom", event=Started(CODE)).move is None, "a later code replaces it"
    assert CODE.encode() not in stage.rows(schema.moves)[0].hash


@example(effects.MoveHere)
def move_here(stage):
    olma, move = brought(stage)
    [old], [new] = addresses_of(stage, olma), addresses_of(stage, stage.names["bodom"])
    stage.play_for(move.conversation_id, effects.MoveHere(stage.names["bodom"], CLOSED), HI)
    assert addresses_of(stage, olma) == {new}
    assert stage.rows(schema.moves) == []
    assert [row.account_id for row in stage.rows(schema.outbox)] == [old, new]
    [closed] = [row for row in stage.rows(schema.conversations) if row.account_id == old]
    assert (closed.owner, closed.owner_id) == (Owner.STRANGER, old)
    [told] = stage.posts()
    assert stage.play_post(told) == CLOSED
    assert [(row.account_id, row.until) for row in stage.rows(schema.links)] == [(old, NOW), (new, None)]
    stage.clock.advance(hours=1)
    with stage.store.work() as work:
        [fallen] = work.fallen([(olma, "alarm:1")])
        assert fallen.event == PauseEnded(), "sealed anew: the key of the old address is not needed any more"
    stage.play("olma")
    assert stage.names["olma"] == closed.id, "whoever writes from there is somebody unknown"


@example(effects.KeepAddress)
def keep_address(stage):
    stage.play("bodom")
    assert stage.rows(schema.accounts)[0].address is None
    stage.play("bodom", effects.KeepAddress())
    assert stage.rows(schema.accounts)[0].address is not None


@example(effects.DropAddress)
def drop_address(stage):
    stage.play("bodom", effects.KeepAddress())
    stage.play_for(stage.names["bodom"], HI, effects.DropAddress())
    assert stage.rows(schema.accounts)[0].address is None
    assert [row.state for row in stage.rows(schema.outbox)] == ["waiting"], "what was said still goes"


def test_s17_nobody_is_moved_who_joined_or_asked_for_help_meanwhile(stage):
    _, move = brought(stage)
    for more in (OPEN, effects.Join(stage.invitation(Role.MOTHER), "tg", "1", "Bodom-1")):
        stage.play("bodom", more)
        with pytest.raises(InvitationSpent):
            stage.play_for(move.conversation_id, effects.MoveHere(stage.names["bodom"], CLOSED))
        stage.play("bodom", effects.CloseCase(CASE, Outcome.HANDLED, "", ""))


# ---- broadcasts


def started(stage):
    chat = stage.staff("chinor", Role.COORDINATOR)
    mothers = [stage.mother("olma"), stage.mother("bodom")]
    stage.mother("anor", cohort="Navbahor")
    cohort = stage.facts(mothers[0]).participant.cohort_id
    broadcast = effects.StartBroadcast(BROADCAST, (cohort,), "Ҷаласа", "Встреча", NOW, NOW + timedelta(days=1))
    stage.play("chinor", broadcast)
    return chat, mothers


@example(effects.StartBroadcast)
def start_broadcast(stage):
    chat, _ = started(stage)
    assert stage.store.running_broadcasts() == [BROADCAST]
    first = stage.store.expand_broadcast(BROADCAST, 1)
    second = stage.store.expand_broadcast(BROADCAST, 1)
    assert stage.facts(chat).broadcast.counts == {"waiting": 2}
    assert stage.store.expand_broadcast(BROADCAST, 1) == []  # both have it, and it still goes to them
    for mother in ("olma", "bodom"):
        stage.play(mother, effects.SettleRecipient(BROADCAST, "sent"))
    [end] = stage.store.expand_broadcast(BROADCAST, 1)
    assert stage.store.expand_broadcast(BROADCAST, 1) == []
    assert stage.store.running_broadcasts() == []
    told = [stage.play_post(inbox_id) for inbox_id in (*first, *second, end)]
    arrived = BroadcastArrived(BROADCAST, "Ҷаласа", "Встреча", NOW + timedelta(days=1))
    assert told == [arrived, arrived, BroadcastMoved(BROADCAST)]


@example(effects.SteerBroadcast)
def steer_broadcast(stage):
    chat, _ = started(stage)
    stage.play("chinor", effects.SteerBroadcast(BROADCAST, "paused"))
    assert stage.store.expand_broadcast(BROADCAST, 9) == []
    stage.play("chinor", effects.SteerBroadcast(BROADCAST, "running"))
    [reached] = stage.store.expand_broadcast(BROADCAST, 1)
    stage.play_post(reached)
    stage.play("chinor", effects.SteerBroadcast(BROADCAST, "cancelled"))
    assert stage.store.expand_broadcast(BROADCAST, 9) == []
    [told] = stage.posts()
    assert stage.play_post(told) == BroadcastCancelled(BROADCAST)
    stage.play("chinor", effects.SteerBroadcast(BROADCAST, "running"))
    assert stage.facts(chat).broadcast.state == "cancelled"


def test_s4_another_coordinator_stops_a_broadcast_and_its_author_hears_of_it(stage):
    chat, _ = started(stage)
    stage.staff("archa", Role.COORDINATOR)
    stage.play("archa", effects.SteerBroadcast(None, "cancelled"))
    assert stage.facts(chat).broadcast.state == "waiting"  # none of hers
    stage.play("archa", effects.SteerBroadcast(BROADCAST, "cancelled"))
    assert stage.facts(chat).broadcast.state == "cancelled"
    [told] = stage.posts()
    assert stage.play_post(told) == BroadcastMoved(BROADCAST)


def test_s4_all_that_one_began_is_stopped_at_once(stage):
    chat, _ = started(stage)
    stage.play("chinor", effects.SteerBroadcast(None, "cancelled"))
    assert stage.facts(chat).broadcast.state == "cancelled"
    assert stage.store.expand_broadcast(BROADCAST, 9) == []


def test_s4_what_all_have_can_be_cancelled_as_long_as_it_opens(stage):
    chat, _ = started(stage)
    with stage.store.database.transaction() as connection:
        connection.execute(update(schema.broadcasts).values(state="done"))
    for refused in ("paused", "running"):
        stage.play("chinor", effects.SteerBroadcast(BROADCAST, refused))
    assert (stage.facts(chat).broadcast.state, stage.facts(chat).broadcast.may_open) == ("done", True)
    stage.clock.advance(days=1)
    stage.play("chinor", effects.SteerBroadcast(BROADCAST, "cancelled"))
    assert (stage.facts(chat).broadcast.state, stage.facts(chat).broadcast.may_open) == ("done", False)
    stage.clock.advance(minutes=-1)
    stage.play("chinor", effects.SteerBroadcast(BROADCAST, "cancelled"))
    assert stage.facts(chat).broadcast.state == "cancelled"


@example(effects.SettleRecipient)
def settle_recipient(stage):
    chat, _ = started(stage)
    stage.store.expand_broadcast(BROADCAST, 9)
    stage.play("olma", effects.SettleRecipient(BROADCAST, "left_out", "stopped"))
    assert stage.facts(chat).broadcast.counts == {"waiting": 1, "left_out": 1}


# ---- the law


KINDS = {
    kind
    for kind in vars(effects).values()
    if isinstance(kind, type) and issubclass(kind, Effect) and kind is not Effect
}


def test_every_kind_of_effect_has_a_recorder_and_an_example():
    assert set(RECORDERS) == KINDS
    assert set(EXAMPLES) == KINDS


@pytest.mark.parametrize("effect", list(EXAMPLES), ids=lambda effect: effect.__name__)
def test_an_effect_is_recorded(effect, stage):
    EXAMPLES[effect](stage)


# ---- what a turn may know


def test_s13_a_reply_of_staff_is_known_by_the_case_of_the_message_it_answers(stage):
    chat = stage.staff("chinor")
    [account] = stage.rows(schema.accounts)
    with stage.store.database.transaction() as connection:
        for number, case_id in (("m-1", CASE), ("m-2", None)):
            connection.execute(
                insert(schema.messages).values(
                    id=number, account_id=account.id, conversation_id=chat, external_id=number, is_ours=True,
                    case_id=case_id, tag="", at=NOW,
                )
            )  # fmt: skip
    replied = [stage.facts(chat, MessageReceived("x", reply_to=to)).replied_case for to in ("m-1", "m-2", "m-3", "")]
    assert replied == [CASE, None, None, None]


def test_s14_staff_see_cards_of_their_cohorts_without_text_and_the_others_none(stage):
    hers, other = stage.staff("chinor", cohort="Chorbogh"), stage.staff("archa", cohort="Navbahor")
    all_of_them, inert = stage.staff("sarv", Role.COORDINATOR, cohort=None), "bed"
    stage.play(inert, effects.EnlistStaff(stage.invitation(Role.FACILITATOR), "Bed", "ru"))
    chat = stage.mother("olma")
    cohort = stage.facts(chat).participant.cohort_id
    said = effects.AddToCase(CASE, SAID, Voice.HERS, "planted")
    stage.play("olma", effects.OpenCase(CASE, "1234", FOUND, cohort, "tg"), said)
    seen = [len(stage.facts(who).cases) for who in (hers, other, all_of_them, stage.names[inert])]
    assert seen == [1, 0, 1, 0]
    [card] = stage.facts(hers).cases
    assert (card.number, card.messages, card.finding.category, card.finding.reasons) == ("1234", (), None, ())


@pytest.mark.parametrize("how", ["owner_id", "second_id"])
def test_s14_whose_rights_have_ended_still_knows_her_cases_so_that_they_ring_again(stage, how):
    desk = stage.staff("chinor")
    stage.mother("olma", OPEN)
    stage.play("olma", effects.ChangeCase(CASE, {how: stage.conversation(desk).owner_id}))
    stage.store.revoke(Person(stage.conversation(desk).owner_id, desk))
    assert [case.id for case in stage.facts(desk).cases] == [CASE]


def test_a_coordinator_sees_her_cohort_in_counts_with_the_reasons_of_s4(stage):
    desk = stage.staff("chinor", Role.COORDINATOR)
    stage.mother("olma", OPEN, effects.Stand({"stopped_at": NOW}))
    stage.mother("bodom", effects.Stand({"paused_until": NOW + timedelta(days=1), "is_confirmed": True}))
    anor = stage.mother("anor", effects.Stand({"frozen_at": NOW, "withheld_at": NOW}))
    stage.mother("sarv", cohort="Navbahor")
    [cohort] = stage.facts(desk).cohorts
    assert (cohort.name, cohort.total, cohort.by_language) == ("Chorbogh", 3, {"tg": 3})
    assert cohort.left_out == {"open_case": 1, "paused": 1, "frozen": 1}
    assert cohort.frozen == cohort.withheld == {anor}
    assert [(name, confirmed) for _, name, confirmed in cohort.participants] == [
        ("Olma-anor", False), ("Olma-bodom", True), ("Olma-olma", False),
    ]  # fmt: skip


def test_a_code_is_known_by_its_link_and_by_its_spoken_form(stage):
    code, spoken = stage.store.make_invitation(Role.MOTHER, "Chorbogh", 1, NOW + timedelta(days=1))
    by_link, by_word, by_guess = (
        stage.play("olma", event=Started(given)).invitation for given in (code, spoken, "00000000")
    )
    assert (by_link.id, by_link.is_spoken, by_link.role) == (by_word.id, False, Role.MOTHER)
    assert by_word.is_spoken
    assert by_guess is None


def test_a_row_without_any_address_is_recorded_as_failed(stage):
    stage.play("olma")
    stage.play_for(stage.names["olma"], HI)
    [row] = stage.rows(schema.outbox)
    assert (row.state, row.code, row.body) == ("failed", "no_address", None)
    assert stage.total(schema.mailboxes) == 0


def test_two_who_chose_the_same_name_are_told_apart(stage):
    for chat in ("olma", "bodom", "anor"):
        stage.play(chat, effects.Join(stage.invitation(Role.MOTHER), "tg", "1", "Olma-1"))
    for chat in ("chinor", "archa"):
        stage.play(chat, effects.EnlistStaff(stage.invitation(Role.FACILITATOR), "Sarv", "ru"))
    assert {row.code_name for row in stage.rows(schema.participants)} == {"Olma-1", "Olma-1 2", "Olma-1 3"}
    assert {row.alias for row in stage.rows(schema.staff)} == {"Sarv", "Sarv 2"}
