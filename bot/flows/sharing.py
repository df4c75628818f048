"""What she chose to share, on her side: her facilitators hear that it is there, and lose it when she is erased."""

from bot.core.teamwork import ReflectionsGone, ReflectionShared
from bot.flows import alarm
from bot.flows.turn import Turn


def tell_shared(turn: Turn) -> None:
    """Those who may read it hear that an answer waits, without a word of it (S12, S20)."""
    participant = turn.facts.participant
    if participant is not None:
        turn.data["has_shared"] = True
        alarm.tell(
            turn, ReflectionShared(), turn.facts.roster.facilitators(participant.cohort_id, turn.conversation.id)
        )


def take_back_shared(turn: Turn) -> None:
    """She is being erased: what they read leaves their chats at once (S22)."""
    participant = turn.facts.participant
    if participant is not None and turn.data.get("has_shared"):
        readers = turn.facts.roster.facilitators(participant.cohort_id)
        alarm.tell(turn, ReflectionsGone(turn.conversation.id), readers)
