"""Which button was pressed and what it names: `case.take:01J…` is the choice `case.take` of one case."""

from bot.flows.turn import Turn, When

OF_THE_CASE = frozenset({"case.now", "case.later", "push.open", "push.later", "notice.later", "window", "lines"})
"""Choices of a mother that she may type even while a person has the conversation."""


def chose(*names: str) -> When:
    """Whether the event is a press on one of these choices."""

    def is_chosen(turn: Turn) -> bool:
        return str(turn.event.choice).partition(":")[0] in names

    is_chosen.__name__ = f"chose {' or '.join(names)}"
    return is_chosen


def named(turn: Turn) -> str:
    """What the pressed button names; empty for a plain choice."""
    return str(turn.event.choice).partition(":")[2]
