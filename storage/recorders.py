"""What each effect does to the database: one small function for each kind, and no other writers."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.core import effects
from bot.core.effects import Audit, Effect, Hold, Post, Schedule, Unschedule
from storage import (
    broadcasts,
    cases,
    cohorts,
    forgetting,
    inbox,
    invitations,
    measured,
    moves,
    participants,
    progress,
    sends,
    staff,
    voice_notes,
)
from storage.unit import Turn

Record = Callable[[Turn, Any], None]


def schedule(turn: Turn, effect: Schedule) -> None:
    """An event later."""
    turn.unit.timers.schedule(turn.conversation_id, effect.key, effect.due_at, effect.event)


def unschedule(turn: Turn, effect: Unschedule) -> None:
    """Fewer events later."""
    for prefix in effect.prefixes:
        turn.unit.timers.unschedule(turn.conversation_id, prefix)


def post(turn: Turn, effect: Post) -> None:
    """An event for another conversation, named so that playing this turn again would not post it twice."""
    turn.posted += 1
    name = f"{turn.source}/{turn.posted}"
    turn.unit.posts.append(inbox.Post(turn.unit.ids.id(), name, effect.to, effect.event))


def hold(turn: Turn, effect: Hold) -> None:
    """A person has the conversation, or has let it go."""
    turn.row.conversation = replace(turn.row.conversation, held_by=effect.staff_id)


def audit(turn: Turn, effect: Audit) -> None:
    """A row of the chain, in this very transaction (S14)."""
    turn.unit.audit.append(effect)


RECORDERS: Mapping[type[Effect], Record] = {
    effects.Say: sends.say,
    effects.Amend: sends.amend,
    effects.Unsay: sends.unsay,
    effects.CancelSends: sends.cancel,
    effects.Schedule: schedule,
    effects.Unschedule: unschedule,
    effects.Post: post,
    effects.Join: participants.join,
    effects.Consent: participants.consent,
    effects.Prefer: participants.prefer,
    effects.Stand: participants.stand,
    effects.CountPush: participants.count_push,
    effects.BeginLesson: progress.begin,
    effects.FinishLesson: progress.finish,
    effects.RecordCheckIn: progress.check_in,
    effects.AnswerMeasure: progress.answer_measure,
    effects.CountMeasures: measured.count,
    effects.KeepReflection: progress.keep_reflection,
    effects.AddToReflection: progress.add_to_reflection,
    effects.ShareReflection: progress.share_reflection,
    effects.Forget: forgetting.forget,
    effects.CountAttempt: invitations.count_attempt,
    effects.AllowMove: moves.allow,
    effects.MoveHere: moves.move_here,
    effects.KeepAddress: moves.keep,
    effects.DropAddress: moves.drop,
    effects.OpenCase: cases.open_case,
    effects.AddToCase: cases.add,
    effects.ChangeCase: cases.change,
    effects.SettleAnswer: cases.settle_answer,
    effects.CloseCase: cases.close,
    effects.ReopenCase: cases.reopen,
    effects.Audit: audit,
    effects.Hold: hold,
    effects.EnlistStaff: staff.enlist,
    effects.ConfirmStaff: staff.confirm,
    effects.SetDuty: staff.set_duty,
    effects.Arrange: staff.arrange,
    effects.KeepApart: staff.keep_apart,
    effects.BindGroup: staff.bind_group,
    effects.OpenModule: cohorts.open_module,
    effects.KeepVoiceNote: voice_notes.keep,
    effects.RemoveVoiceNote: voice_notes.remove,
    effects.CountHarm: cohorts.count_harm,
    effects.WithholdCohort: cohorts.withhold,
    effects.StartAlarmTest: staff.start_alarm_test,
    effects.AcknowledgeAlarm: staff.acknowledge,
    effects.StartBroadcast: broadcasts.start,
    effects.SteerBroadcast: broadcasts.steer,
    effects.SettleRecipient: broadcasts.settle,
}
