"""A mother's chat in memory: plays events through the book and keeps what its effects ask for; people are invented."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from bot.core.calendar import Hours
from bot.core.cases import NOTHING, Case, CaseMessage, CaseState, CaseStep, Finding
from bot.core.conversation import Conversation, Facts, Owner
from bot.core.effects import (
    AddToCase,
    ChangeCase,
    CloseCase,
    Consent,
    CountAttempt,
    CountPush,
    Effect,
    FinishLesson,
    Forget,
    Join,
    OpenCase,
    Post,
    Prefer,
    ReopenCase,
    Say,
    Schedule,
    SettleAnswer,
    Stand,
    Unschedule,
)
from bot.core.event import Event
from bot.core.events import ButtonPressed, MessageReceived, Started
from bot.core.messages import Kind, Language
from bot.core.people import Group, Invitation, Participant, Readiness, Role, Roster, Shared, Staff
from bot.core.voice_notes import VoiceNote
from bot.flows.book import HER_ACTS, Book

NOON = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)  # a Monday, 12:00 in Dushanbe
COHORT = "cohort-invented"
MIDDAY = Hours(time(12), time(14))
ALWAYS = Hours(time(0), time(23, 59))


class CountingIds:
    """Ids that count, so that a run can be read."""

    def __init__(self) -> None:
        self._n = count(1)

    def id(self) -> str:
        return f"{next(self._n):026}"

    def number(self) -> str:
        return f"{next(self._n) % 10_000:04}"

    def token(self) -> str:
        return f"invented-token-{next(self._n):020}"

    def spoken(self) -> str:
        return f"{next(self._n) % 10**8:08}"


def facilitator(name: str = "facilitator-1", **changes: Any) -> Staff:
    return replace(
        Staff(
            id=name,
            alias=name.title(),
            conversation_id=f"chat-{name}",
            language="ru",
            roles=frozenset({Role.FACILITATOR}),
            duty=(ALWAYS,),
            trained_on=date(2026, 1, 1),
            is_confirmed=True,
        ),
        **changes,
    )


def coordinator(name: str = "coordinator-1") -> Staff:
    return facilitator(name, roles=frozenset({Role.COORDINATOR}), trained_on=None, duty=())


def roster(*staff: Staff, groups: tuple[Group, ...] = (Group("group-1"),)) -> Roster:
    return Roster(staff or (facilitator(), facilitator("facilitator-2"), coordinator()), groups)


PRESENT = "the present one"
"""Stands for the version of consent that the book in play has."""

READY = Readiness(frozenset({"facilitator-1", "facilitator-2"}), NOON.date(), NOON.date())


def invitation(role: Role = Role.MOTHER, **changes: Any) -> Invitation:
    return replace(Invitation("invitation-1", role, COHORT, 5, NOON + timedelta(days=7)), **changes)


def participant(**changes: Any) -> Participant:
    return replace(
        Participant(
            id="participant-1",
            code_name="lola-00001",
            cohort_id=COHORT,
            language="ru",
            zone="Asia/Dushanbe",
            joined_at=NOON - timedelta(days=30),
            hours=MIDDAY,
            phone_shared=Shared.NO,
            is_confirmed=True,
            consent_version=PRESENT,
            opened=("m1",),
        ),
        **changes,
    )


@dataclass
class Chat:
    """One conversation with everything that storage would keep for it; what she does comes `behind` by so much."""

    book: Book
    conversation: Conversation
    participant: Participant | None = None
    roster: Roster = field(default_factory=roster)
    readiness: Readiness = READY
    case: Case | None = None
    steps: tuple[CaseStep, ...] = ()
    now: datetime = NOON
    behind: timedelta = timedelta()
    is_unseen: bool = False  # what was said last still waits to go
    free_until: datetime | None = None
    halted: frozenset[str] = frozenset()  # broadcasts that are paused or withdrawn
    attempts: int = 0
    loads: dict[str, int] = field(default_factory=dict)
    voice_notes: tuple[VoiceNote, ...] = ()
    ids: CountingIds = field(default_factory=CountingIds)
    timers: dict[str, tuple[datetime, Event]] = field(default_factory=dict)
    effects: tuple[Effect, ...] = ()
    log: list[Effect] = field(default_factory=list)
    closed: list[Case] = field(default_factory=list)

    # ---- what she and others do

    def play(self, event: Event, finding: Finding = NOTHING, code: Invitation | None = None) -> list[str]:
        """Play one event now and keep what it asked for; gives the texts she is sent."""
        acted_at = self.now - self.behind if isinstance(event, HER_ACTS) else None
        if acted_at is not None:
            last = self.conversation.last_in_at or acted_at
            self.conversation = replace(self.conversation, last_in_at=max(last, acted_at))
        facts = Facts(
            now=self.now,
            roster=self.roster,
            readiness=self.readiness,
            participant=self._her(),
            case=self.case,
            steps=self.steps,
            invitation=code,
            attempts=self.attempts,
            loads=self.loads,
            finding=finding,
            voice_notes=self.voice_notes,
            acted_at=acted_at,
            is_unseen=self.is_unseen,
            free_until=self.free_until,
            going=self.conversation.unshown - self.halted,
        )
        played = self.book.play(self.conversation, event, facts, self.ids)
        self.conversation, self.effects = played.conversation, played.effects
        self.log.extend(played.effects)
        for effect in played.effects:
            self._keep(effect)
        return self.texts

    def write(self, text: str, finding: Finding = NOTHING, **how: Any) -> list[str]:
        return self.play(MessageReceived(text, **{"message_id": f"hers-{len(self.log)}", **how}), finding)

    def send(self, kind: Kind, **how: Any) -> list[str]:
        return self.play(MessageReceived("", kind, message_id=f"hers-{len(self.log)}", file="invented-file", **how))

    def press(self, choice: str) -> list[str]:
        """Press a button of the present step, or a standing one."""
        return self.play(ButtonPressed(choice, self.conversation.version))

    def start(self, code: Invitation | None = None) -> list[str]:
        return self.play(Started("invented-code" if code else ""), code=code)

    def pass_time(self, wait: timedelta) -> list[Say]:
        """Let time go by, playing every timer at its due time; gives what was said meanwhile."""
        end, said = self.now + wait, []
        while due := sorted((at, key) for key, (at, _) in self.timers.items() if at <= end):
            at, key = due[0]
            self.now = max(self.now, at)
            _, event = self.timers.pop(key)
            self.play(event)
            said += self.says
        self.now = end
        return said

    # ---- what came of it

    @property
    def state(self) -> str:
        return self.conversation.state

    @property
    def says(self) -> list[Say]:
        return [effect for effect in self.effects if isinstance(effect, Say)]

    @property
    def texts(self) -> list[str]:
        return [say.outgoing.text for say in self.says]

    @property
    def choices(self) -> list[str]:
        """The choices under what was said last."""
        return [button.choice for row in self.says[-1].outgoing.rows for button in row] if self.says else []

    def asked(self, kind: type[Effect]) -> list[Any]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def posts(self, kind: type[Event] = Event) -> list[Post]:
        return [effect for effect in self.asked(Post) if isinstance(effect.event, kind)]

    # ---- storage, in small

    def _keep(self, effect: Effect) -> None:
        match effect:
            case Schedule(key, due_at, event):
                self.timers[key] = (due_at, event)
            case Unschedule(prefixes):
                self.timers = {k: v for k, v in self.timers.items() if not k.startswith(prefixes)}
            case _:
                self._keep_person(effect)

    def _keep_person(self, effect: Effect) -> None:
        match effect:
            case CountAttempt():
                self.attempts += 1
            case Join():
                self._join(effect)
            case Forget():
                self._forget()
            case Consent(version):
                self._change_her(consent_version=version)
            case Prefer(changes) | Stand(changes):
                self._change_her(**{k: v for k, v in changes.items() if k != "confirmed_by"})
            case CountPush(at):
                self._change_her(pushes=(*self.participant.pushes, at) if self.participant else ())
            case FinishLesson(lesson):
                self._change_her(finished=self.participant.finished | {lesson} if self.participant else frozenset())
            case _:
                self._keep_case(effect)

    def _join(self, join: Join) -> None:
        self.participant = participant(
            language=join.language,
            code_name=join.code_name,
            consent_version=join.consent_version,
            hours=None,
            phone_shared=Shared.UNKNOWN,
            is_confirmed=False,
            joined_at=self.now,
        )
        self.conversation = replace(self.conversation, owner=Owner.PARTICIPANT, owner_id="participant-1")

    def _forget(self) -> None:
        self.participant, self.timers = None, {}
        if self.case is not None:
            self.case = replace(self.case, is_erased=True, messages=(), finding=NOTHING)
        self.conversation = replace(self.conversation, owner=Owner.STRANGER, owner_id="account-1")

    def _her(self) -> Participant | None:
        if self.participant is not None and self.participant.consent_version == PRESENT:
            return replace(self.participant, consent_version=self.book.policy.consent_version)
        return self.participant

    def _change_her(self, **changes: Any) -> None:
        assert self.participant is not None, f"nobody has joined: {changes}"
        self.participant = replace(self.participant, **changes)

    def _keep_case(self, effect: Effect) -> None:
        match effect:
            case OpenCase(case_id, number, finding, cohort_id, language, earlier):
                assert self.case is None, "one open case for each conversation"
                self.case = Case(
                    case_id,
                    number,
                    self.conversation.id,
                    cohort_id,
                    finding.level,
                    CaseState.OPEN,
                    language,
                    self.now,
                    earlier=earlier,
                    finding=finding,
                    said_at=effect.said_at,
                )
            case AddToCase():
                assert self.case is not None
                assert self.case.id == effect.case_id
                message = CaseMessage(
                    effect.message_id,
                    effect.voice,
                    effect.body,
                    self.now,
                    effect.kind,
                    effect.file,
                    effect.is_edit,
                    effect.answer,
                    effect.external_id,
                    effect.said_at,
                )
                self.case = replace(self.case, messages=(*self.case.messages, message))
            case ChangeCase(case_id, changes):
                assert self.case is not None
                assert self.case.id == case_id
                self.case = replace(self.case, **changes)
            case SettleAnswer():
                self.case = self.case and _settled(self.case, effect)
                self.closed = [_settled(case, effect) for case in self.closed]
            case CloseCase():
                assert self.case is not None
                self.closed.append(self.case)
                self.case = None
            case ReopenCase(case_id):
                assert self.case is None, "one open case for each conversation"
                case = next(case for case in self.closed if case.id == case_id)
                free = {"owner_id": None, "taken_at": None, "acted_at": None, "window_until": None}
                self.case = replace(case, state=CaseState.OPEN, **free)
            case _:
                pass


def _settled(case: Case, effect: SettleAnswer) -> Case:
    settled = (replace(m, answer=effect.answer) if m.id == effect.message_id else m for m in case.messages)
    return replace(case, messages=tuple(settled))


def stranger(book: Book, **changes: Any) -> Chat:
    """Somebody who has never written."""
    return Chat(book, Conversation("chat-hers", Owner.STRANGER, "account-1"), **changes)


def mother(book: Book, state: str = "Menu:open", language: Language = "ru", **changes: Any) -> Chat:
    """A mother who has joined, in some state."""
    data = changes.pop("data", _data_for(state))
    conversation = Conversation("chat-hers", Owner.PARTICIPANT, "participant-1", state, data, language)
    return Chat(book, conversation, changes.pop("participant", participant()), **changes)


def _data_for(state: str) -> dict[str, Any]:
    if state == "Lesson:check_in":
        return {"check_in": {"lesson": "1.1", "from": NOON.isoformat()}}
    if state == "Measures:asking":
        return {"measure": {"moment": "before", "at": 0}}
    if state == "Harm:asking":
        return {"harm": {"at": NOON.isoformat(), "then": "Menu:open"}}
    return {"lesson": "1.1", "step": 0} if state.startswith("Lesson:") else {}
