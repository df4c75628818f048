"""Whether words without a finding are for a person: those of an open case, and the first after one was closed."""

from datetime import datetime

from bot.core.cases import Case, Level
from bot.core.events import ButtonPressed, MessageEdited
from bot.flows import harm
from bot.flows.answer import is_telling
from bot.flows.case_hers import is_in_contact, waiting
from bot.flows.choices import OF_THE_CASE
from bot.flows.conditions import is_text, open_case
from bot.flows.course import has_just_answered
from bot.flows.interpret import guessed, interpret, is_before_page
from bot.flows.turn import Turn
from bot.orthography.courtesy import courtesy

CHILD = "Onboarding:child"
TALKING = frozenset({"telling", "is_talking"})
"""What is known while the last that she said or pressed was for her case, and no page was opened since."""


def belongs_to_case(turn: Turn) -> bool:
    """Whether a text without a finding is for a person: a child's, one of an open case, or one that reopens it."""
    if turn.state == CHILD:
        return True
    case = open_case(turn)
    if case is None:
        return reopens(turn)
    if isinstance(turn.event, MessageEdited):
        is_of_the_case = any(m.external_id == turn.event.message_id for m in case.messages if m.external_id)
        return is_of_the_case or case.owner_id is not None or is_telling(turn)
    choice = typed_choice(turn)
    if is_in_contact(turn, case) or (case.owner_id is not None and waiting(case)):
        return choice not in OF_THE_CASE
    if choice:  # her yes may be for whoever has her case; her page takes it all the same
        return case.owner_id is not None and is_talking(turn) and choice not in OF_THE_CASE
    return is_telling(turn) or not _answers_a_page(turn, case)


def is_talking(turn: Turn) -> bool:
    """Whether the last that she said or pressed was for her case."""
    return not TALKING.isdisjoint(turn.data)


def typed_choice(turn: Turn) -> str:
    """What she chose by typing it; empty for words of her own."""
    meant = interpret(turn)
    return meant.choice.split(":")[0] if isinstance(meant, ButtonPressed) else ""


def _answers_a_page(turn: Turn, case: Case | None = None) -> bool:
    """Whether a page asked for her words before she wrote them.

    In a case that is urgent or taken, only one opened since she told us.
    """
    is_pressing = case is not None and (case.level is Level.URGENT or case.owner_id is not None)
    is_for_us = is_pressing and is_talking(turn)
    is_asked = turn.state in turn.library.listening and not is_before_page(turn)
    return not is_for_us and (is_asked or has_just_answered(turn) or harm.is_asked(turn))


def reopens(turn: Turn) -> bool:
    """Whether she writes on after her case was closed: words that nothing here asked for, and no mere courtesy.

    A false alarm leaves no mark to know her by (S21), and words that may be a slip of a command are asked about first.
    """
    closed = turn.data.get("closed")
    if closed is None or turn.now - datetime.fromisoformat(closed["at"]) > turn.library.policy.reopened_within:
        return False
    if isinstance(turn.event, MessageEdited) or not is_text(turn) or not any(map(str.isalpha, turn.event.text)):
        return False
    is_asked_for = turn.meaning is not None or bool(typed_choice(turn)) or _answers_a_page(turn)
    return not is_asked_for and courtesy(turn.event.text) is None and not guessed(turn)
