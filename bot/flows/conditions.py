"""What a row of a mother's table may ask: which word was said, what kind of message it is, who she is."""

from bot.core.cases import Case
from bot.core.conversation import Owner
from bot.core.messages import Kind
from bot.flows.turn import Turn, When

STOPPED, HIDDEN = "Safety:stopped", "Safety:hidden"
"""Where she stands after these words."""
QUIET = frozenset({"stopped_at", "hidden_at"})
"""Since when she wants quiet: of the participant, or in the data of one who has not joined."""
HEARD = frozenset({Kind.VOICE, Kind.PHOTO, Kind.VIDEO})
"""What a person behind the desk can hear or see; everything else that is not text is left alone (S19)."""


def said(*commands: str) -> When:
    """Whether the event is one of the words that act everywhere."""

    def is_said(turn: Turn) -> bool:
        return turn.event.command in commands

    is_said.__name__ = f"said {' or '.join(commands)}"
    return is_said


def is_text(turn: Turn) -> bool:
    """Whether she wrote words of her own."""
    event = turn.event
    return event.kind is Kind.TEXT and not event.is_forwarded and bool(event.text.strip())


def is_hearable(turn: Turn) -> bool:
    """Whether it is her own voice or picture."""
    return turn.event.kind in HEARD and not turn.event.is_forwarded


def has_joined(turn: Turn) -> bool:
    """Whether she is a participant."""
    return turn.facts.participant is not None


def is_looked_after_by(turn: Turn, staff_id: str) -> bool:
    """Whether she is of a cohort of this member of the team, who is with us and not kept apart from her (S14)."""
    participant, member = turn.facts.participant, turn.facts.roster.member(staff_id)
    if participant is None or member is None or turn.conversation.id in member.conflicts:
        return False
    return member.looks_after(participant.cohort_id)


def is_stranger(turn: Turn) -> bool:
    """Whether nobody has joined from here yet."""
    return turn.conversation.owner is Owner.STRANGER


def open_case(turn: Turn) -> Case | None:
    """The case that she may be spoken to about; what an erasure left is its owner's alone (S22)."""
    case = turn.facts.case
    return None if case is None or case.is_erased else case


def is_frozen(turn: Turn) -> bool:
    """Whether staff have ended everything that goes to her (S3)."""
    participant = turn.facts.participant
    return participant is not None and participant.frozen_at is not None
