"""What screening finds and what a case is: levels, categories, findings, outcomes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.core.messages import Kind, Language


class Level(StrEnum):
    """How soon a person must act on a text."""

    NONE = "none"
    CONCERN = "concern"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        """0, 1 or 2: a higher rank is more pressing."""
        return _RANKS[self]


_RANKS = {Level.NONE: 0, Level.CONCERN: 1, Level.URGENT: 2}


class Category(StrEnum):
    """What a finding is about; seen only by the person who took the case (S12)."""

    VIOLENT_EXTREMISM = "violent_extremism"
    DOMESTIC_VIOLENCE = "domestic_violence"
    SELF_HARM = "self_harm"
    CHILD_AT_RISK = "child_at_risk"
    MEDICAL = "medical"
    DISTRESS = "distress"


@dataclass(frozen=True, slots=True)
class Finding:
    """What screening one text gave.

    `score` is in 0..1; `reasons` name concepts and rules, for the taker of the case; `rules` is the
    version of lexicons and model that judged.  For `Level.NONE` nothing of it is kept (S18).
    """

    level: Level = Level.NONE
    category: Category | None = None
    score: float = 0.0
    reasons: tuple[str, ...] = ()
    rules: str = ""


NOTHING = Finding()


class Outcome(StrEnum):
    """How a case ended, in the words of the person who closed it."""

    HANDLED = "handled"
    REFERRED = "referred"
    NO_ANSWER = "no_answer"
    FALSE_ALARM = "false_alarm"


class CaseState(StrEnum):
    """Where a case stands; `waiting` is taken and answered, waiting for her."""

    OPEN = "open"
    TAKEN = "taken"
    WAITING = "waiting"
    CLOSED = "closed"


class Voice(StrEnum):
    """Who speaks in a message of a case."""

    HERS = "hers"
    STAFF = "staff"
    NOTE = "note"  # stays with the desk; never goes to her
    BRIEF = "brief"  # the note of a hand-over, which the next owner reads first


class AnswerState(StrEnum):
    """What became of a staff answer."""

    WAITING = "waiting"  # for her hours or for her Open and Now (S1)
    HANDED = "handed"  # given to the outbox
    UNDERWAY = "underway"  # given to the outbox, which still has it; read from there, never kept
    EXPIRED = "expired"  # it never reached her, and its owner was told
    UNSURE = "unsure"  # nobody knows whether it reached her, and its owner was told
    NONE = ""


NOT_WITH_HER = frozenset({AnswerState.WAITING, AnswerState.UNDERWAY})
"""Answers that are taken back when their owner closes the case or lets it go."""


@dataclass(frozen=True, slots=True)
class CaseMessage:
    """One message of a case; `body` is opened only for its taker, in a turn that writes the audit row (S14).

    `external_id` is the channel's id of a message of hers, by which an edit finds what it changes.  `at` is when it
    came to us, `said_at` when she sent it by the messenger's clock, where that is known.
    """

    id: str
    voice: Voice
    body: str
    at: datetime
    kind: Kind = Kind.TEXT
    file: str = ""
    is_edit: bool = False
    answer: AnswerState = AnswerState.NONE
    external_id: str = ""
    said_at: datetime | None = None

    @property
    def wrote_at(self) -> datetime:
        """The time that people are shown: when it was written, however late it came (S12)."""
        return self.said_at or self.at


@dataclass(frozen=True, slots=True)
class CaseStep:
    """Something that was done with a case, as the audit has it: `by` is a member of staff, or nobody for the clock."""

    at: datetime
    action: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A concern that a person must handle.

    `number` is fresh and tells nothing (S12).  `owner_id` took it at `taken_at`; `acted_at` is her latest
    answer or recorded act (S10).  `window_until` ends the window the mother pressed for this case (S1).
    `second_id` is a supervisor asked to look along; `earlier` the number of a case of hers that was closed shortly
    before this one was opened.
    `waits` counts the answers that wait for her, `unread` those that were taken back: apart from the clock, which
    measures what people do; `waits_at` is when the latest of those that wait was written.
    `opened_at` is when it came to us, and every clock runs from there; `said_at` when she did what opened it, where
    that is known.
    `free_until` is until when the messenger takes free words to her; None where it sets no end.
    `finding` and `messages` are there only for the conversation the case belongs to, the counts only for staff.
    """

    id: str
    number: str
    conversation_id: str
    cohort_id: str | None
    level: Level
    state: CaseState
    language: Language
    opened_at: datetime
    owner_id: str | None = None
    taken_at: datetime | None = None
    acted_at: datetime | None = None
    window_until: datetime | None = None
    is_erased: bool = False
    second_id: str | None = None
    earlier: str = ""
    waits: int = 0
    waits_at: datetime | None = None
    unread: int = 0
    free_until: datetime | None = None
    finding: Finding = NOTHING
    messages: tuple[CaseMessage, ...] = ()
    said_at: datetime | None = None

    @property
    def wrote_at(self) -> datetime:
        """Since when she waits, as people are told it (S12): after an outage longer than we know of her."""
        return min(self.said_at or self.opened_at, self.opened_at)

    @property
    def is_act_taken_back(self) -> bool:
        """Whether the latest act is an answer that is not with her yet: who lets the case go has not acted (S10)."""
        return self.acted_at is not None and self.acted_at in {m.at for m in self.messages if m.answer in NOT_WITH_HER}

    @property
    def lacks_act(self) -> bool:
        """Whether nobody has answered her or recorded an act, without which an alarm does not end (S10)."""
        return self.level is Level.URGENT and self.acted_at is None and not self.is_erased

    @property
    def lacks(self) -> str:
        """What is missing before it may be closed but as a false alarm: `unacted`, `unread`, or nothing (S10).

        Closing is neither an answer nor an act, nor is an answer that it would take back.
        """
        if self.lacks_act:
            return "unacted"
        is_urgent = self.level is Level.URGENT and not self.is_erased
        return "unread" if is_urgent and self.waits_at is not None and self.waits_at == self.acted_at else ""
