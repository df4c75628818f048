"""What a batch of turns may know: each kind of fact is read once for all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from bot.core.addresses import free_until
from bot.core.cases import Case, CaseStep, Finding
from bot.core.conversation import BroadcastFigures, Conversation, Facts, Owner
from bot.core.event import Event
from bot.core.events import (
    AnswerGiven,
    AnswerStale,
    BroadcastArrived,
    BroadcastMoved,
    ButtonPressed,
    CaseRang,
    CommandGiven,
    MessageReceived,
    ReachChanged,
    SendsFailed,
    Started,
)
from bot.core.groups import GroupBound, GroupChanged
from bot.core.moving import MoveCode, MoveUsed, Newcomer, spoken_code
from bot.core.people import CohortFigures, Invitation, Participant, Readiness, Role, Staff
from bot.core.teamwork import HistoryAsked, ReflectionsAsked
from bot.core.voice_notes import VoiceNote
from storage import (
    accounts,
    audit,
    broadcasts,
    cases,
    cohorts,
    invitations,
    messages,
    moves,
    participants,
    pending,
    progress,
    reach,
    voice_notes,
)
from storage.staff import Desk
from storage.unit import Unit

Known = dict[str, Any]
"""Facts by their names."""
Completion = Callable[[Readiness], Readiness]
"""What adds to readiness what only the operator's files know."""
SHE_ACTS = (MessageReceived, ButtonPressed, CommandGiven, Started)
A_CARD_IS_LOST = (CaseRang, GroupChanged, ReachChanged, SendsFailed)
"""Events after which a group may have to say that cases must ring without it."""
WORDS_MAY_BE_LATE = (BroadcastArrived, AnswerGiven, AnswerStale)
"""Events after which it matters whether her messenger still takes free words to her."""
SEES_CASES = frozenset({Role.FACILITATOR, Role.COORDINATOR})
SEES_COHORTS = frozenset({Role.FACILITATOR, Role.COORDINATOR, Role.SUPERVISOR})


@dataclass
class Knowledge:
    """Facts for these turns, read when they are first asked for."""

    unit: Unit
    desk: Desk
    turns: Sequence[tuple[Conversation, Event]]
    findings: Sequence[Finding]
    acts: Sequence[datetime | None]
    now: datetime
    complete: Completion

    def all(self) -> list[Facts]:
        """The facts of every turn, in their order."""
        return [
            Facts(
                self.now,
                self.desk.roster,
                self._readiness,
                invitation=self._invitations.get(_code(event)),
                attempts=self._attempts.get(chat.id, 0),
                finding=finding,
                acted_at=acted_at,
                voice_notes=self._voice_notes(chat) if self.desk.voice_notes else (),
                **self._of(chat, event),
            )
            for (chat, event), finding, acted_at in zip(self.turns, self.findings, self.acts, strict=True)
        ]

    def _voice_notes(self, chat: Conversation) -> tuple[VoiceNote, ...]:
        """The recorded pages of the line on which somebody has just acted; none where nobody did."""
        row = self.unit.rows.get(chat.id)
        address = self.unit.addresses.get(row.account_id or "") if row else None
        return voice_notes.of_line(self.desk.voice_notes, address.line) if address else ()

    def _of(self, chat: Conversation, event: Event) -> Known:
        if chat.owner is Owner.STAFF:
            return self._of_staff(chat, event)
        if chat.owner is Owner.GROUP:
            return {"cases": tuple(self._cards)} if isinstance(event, A_CARD_IS_LOST) else {}
        return self._of_hers(chat, event)

    def _of_hers(self, chat: Conversation, event: Event) -> Known:
        return {
            "participant": self._participants.get(chat.owner_id),
            "case": self._cases.get(chat.id),
            "steps": self._steps.get(chat.id, ()) if isinstance(event, HistoryAsked) else (),
            "loads": self._loads,
            "move": self._moves.get(_move_code(chat, event)),
            "newcomer": self._newcomer(event) if isinstance(event, MoveUsed) else None,
            "free_until": self._free_until(chat) if isinstance(event, WORDS_MAY_BE_LATE) else None,
            "going": self._going & unshown if (unshown := chat.unshown) else unshown,
            "is_unseen": chat.id in self._unseen,
        }

    def _newcomer(self, event: MoveUsed) -> Newcomer:
        return moves.newcomer(self.unit.connection, event.conversation_id)

    def _free_until(self, chat: Conversation) -> datetime | None:
        """Until when her messenger takes free words to her."""
        row = self.unit.rows.get(chat.id)
        account_id = (row.account_id if row else None) or ""
        return free_until(self._lines.get(account_id, ""), chat.last_in_at)

    @cached_property
    def _lines(self) -> dict[str, str]:
        return accounts.lines_of(self.unit.connection, (row.account_id or "" for row in self.unit.rows.values()))

    def _of_staff(self, chat: Conversation, event: Event) -> Known:
        staff = self.desk.everybody.get(chat.owner_id)
        if staff is None:
            return {}
        known: Known = {
            "staff": staff,
            "loads": self._loads,
            "cases": tuple(case for case in self._cards if _may_know(staff, case)),
            "replied_case": self._replied.get((chat.id, _reply_to(event))),
        }
        if isinstance(event, ReflectionsAsked):
            return known | {"reflections": progress.shared_with(self.unit.connection, self.unit.sealer, staff)}
        if not isinstance(event, (*SHE_ACTS, BroadcastMoved)):
            return known
        return known | {
            "cohorts": cohorts.visible(self._cohorts, staff.cohorts) if _has(staff, SEES_COHORTS) else (),
            "broadcast": self._broadcasts.get(staff.id) if staff.has(Role.COORDINATOR) else None,
            "reached_today": self._reached_today if staff.has(Role.COORDINATOR) else 0,
        }

    @cached_property
    def _readiness(self) -> Readiness:
        return self.complete(self.desk.readiness(self.now))

    @cached_property
    def _participants(self) -> dict[str, Participant]:
        return participants.load(self.unit, (chat for chat, _ in self.turns))

    @cached_property
    def _cases(self) -> dict[str, Case]:
        mothers = [chat.id for chat, _ in self.turns if chat.owner in {Owner.STRANGER, Owner.PARTICIPANT}]
        return cases.open_of(self.unit.connection, self.unit.sealer, mothers)

    @cached_property
    def _steps(self) -> dict[str, tuple[CaseStep, ...]]:
        found = audit.steps_of(self.unit.connection, (case.id for case in self._cases.values()))
        return {chat_id: found.get(case.id, ()) for chat_id, case in self._cases.items()}

    @cached_property
    def _invitations(self) -> dict[str, Invitation]:
        codes = {code for _, event in self.turns if (code := _code(event))}
        return invitations.find(self.unit.connection, self.unit.sealer, codes)

    @cached_property
    def _moves(self) -> dict[str, MoveCode]:
        codes = {code for chat, event in self.turns if (code := _move_code(chat, event))}
        return moves.find(self.unit.connection, self.unit.sealer, codes)

    @cached_property
    def _attempts(self) -> dict[str, int]:
        trying = [chat.id for chat, event in self.turns if _code(event)]
        return invitations.attempts_of(self.unit.connection, trying, self.now)

    @cached_property
    def _cards(self) -> list[Case]:
        return cases.open_cards(self.unit.connection)

    @cached_property
    def _loads(self) -> dict[str, int]:
        return cases.loads(self.unit.connection)

    @cached_property
    def _replied(self) -> dict[tuple[str, str], str]:
        replies = [(chat.id, to) for chat, event in self.turns if (to := _reply_to(event))]
        return messages.cases_of(self.unit.connection, replies)

    @cached_property
    def _cohorts(self) -> dict[str, CohortFigures]:
        return cohorts.figures(self.unit.connection, self.now)

    @cached_property
    def _reached_today(self) -> int:
        return reach.reached_today(self.unit.connection, self.now)

    @cached_property
    def _going(self) -> frozenset[str]:
        """Broadcasts that may be shown now; asked only where the text of one waits in the chat of one who acts."""
        unshown = {id_ for chat, event in self.turns if isinstance(event, SHE_ACTS) for id_ in chat.unshown}
        return broadcasts.going(self.unit.connection, unshown, self.now)

    @cached_property
    def _unseen(self) -> frozenset[str]:
        """Asked only where words may name a choice of what was said last."""
        choosing = [chat.id for chat, event in self.turns if isinstance(event, MessageReceived) and _is_asked(chat)]
        return pending.unseen(self.unit.connection, choosing, self.now)

    @cached_property
    def _broadcasts(self) -> dict[str, BroadcastFigures]:
        coordinators = [chat.owner_id for chat, _ in self.turns if chat.owner is Owner.STAFF]
        return broadcasts.latest(self.unit.connection, coordinators, self.now)


def _code(event: Event) -> str:
    """The code that the event brings, if any."""
    return event.code if isinstance(event, Started | GroupBound) else ""


def _move_code(chat: Conversation, event: Event) -> str:
    """What may be a code for moving: a mother may have typed hers in her old chat, where digits are only words."""
    if chat.owner is Owner.PARTICIPANT and isinstance(event, MessageReceived):
        return spoken_code(event.text)
    return "" if chat.owner is Owner.STAFF else _code(event)


def _reply_to(event: Event) -> str:
    """The channel's id of the message that the event replies to, if any."""
    return event.reply_to if isinstance(event, MessageReceived) else ""


def _is_asked(chat: Conversation) -> bool:
    """Whether a mother, or a stranger, may choose something by typing it."""
    return chat.owner in {Owner.STRANGER, Owner.PARTICIPANT} and bool(chat.data.get("options"))


def _has(staff: Staff, roles: frozenset[Role]) -> bool:
    return any(staff.has(role) for role in roles)


def _may_know(staff: Staff, case: Case) -> bool:
    """Hers, and what she looks along at, even when her rights have ended, so that both end; others by role and cohort.

    A case of a mother whom she knows in her own life is not hers to know of.
    """
    if case.owner_id == staff.id:
        return True
    if case.conversation_id in staff.conflicts:
        return False
    is_in_scope = case.cohort_id is None or not staff.cohorts or case.cohort_id in staff.cohorts
    is_asked = case.second_id == staff.id
    return is_asked or (is_in_scope and _has(staff, SEES_CASES))
