"""A step with one case: it begins from a button of that case, and ends when the case is no longer hers (S13)."""

from collections.abc import Callable
from datetime import datetime

from bot.core.cases import Case
from bot.core.messages import Kind
from bot.flows.choices import named
from bot.flows.rights import own_case
from bot.flows.staff import leave_step
from bot.flows.turn import Do, Turn


def say_not_yours(turn: Turn) -> None:
    """The button of a case that was closed, passed on or moved (S13)."""
    turn.say_to_desk(
        turn.text("This case is not yours any more. Nothing was sent and nothing was changed."),
        (turn.button("My cases", "menu.mine", standing=True),),
    )


def begin(state: str, find: Callable[[Turn, str | None], Case | None] = own_case) -> Do:
    """Begin a step with the case that the button names, if it is hers (or otherwise open to her, by `find`)."""

    def begin_step(turn: Turn) -> None:
        case = find(turn, named(turn))
        leave_step(turn)
        if case is None:
            say_not_yours(turn)
            return
        turn.data["step"] = {
            "case": case.id,
            "number": case.number,
            "to": case.conversation_id,
            "begun_at": turn.now.isoformat(),
        }
        turn.go(state)
        turn.show()

    begin_step.__name__ = f"begin {state}"
    return begin_step


def begun_at(turn: Turn) -> datetime | None:
    """When this step began; None for one that an earlier release began."""
    began = turn.data["step"].get("begun_at")
    return datetime.fromisoformat(began) if began else None


def is_still_hers(turn: Turn) -> bool:
    """Whether the case of this step is open, hers, and where it was when the step began (S13)."""
    step = turn.data.get("step", {})
    case = own_case(turn, step.get("case"))
    return case is not None and case.conversation_id == step["to"]


def refuse_step(turn: Turn) -> None:
    """The case was closed, passed on or moved meanwhile: nothing leaves."""
    turn.data.pop("step", None)
    leave_step(turn)
    say_not_yours(turn)


def is_plain_text(turn: Turn) -> bool:
    """Whether she wrote words of her own that are not a reply to a message of a case."""
    event = turn.event
    return bool(
        event.kind is Kind.TEXT and event.text.strip() and not event.is_forwarded and not turn.facts.replied_case
    )


def keep_typed(turn: Turn) -> None:
    """Remember what she typed for a case, so that it leaves the chat with the case's texts."""
    typed = turn.data.setdefault("typed", {}).setdefault(turn.data["step"]["case"], [])
    if turn.event.message_id:
        typed.append(turn.event.message_id)
