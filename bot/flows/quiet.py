"""What she did before she asked for quiet and comes to us only afterwards: WhatsApp keeps no order (S1, S3)."""

from datetime import datetime

from bot.core.cases import Case
from bot.core.effects import CancelSends, ChangeCase, Purpose
from bot.core.events import ButtonPressed, CatchUpDue, CommandGiven, MessageEdited, MessageReceived
from bot.flows.choices import OF_THE_CASE
from bot.flows.conditions import QUIET, is_frozen, open_case
from bot.flows.interpret import interpret
from bot.flows.pace import plan
from bot.flows.turn import Turn

ENDS = frozenset({"hide", "stop", "pause", "delete_me"})
"""Words that only make it quieter, whenever they come."""
COUNTS = frozenset({
    "hide", "stop", "pause.days", "pause.feast", "forget.yes", "harm.told",
    "notice.later", "case.later", "push.later", "window:hours",
})  # fmt: skip
"""Presses that count whenever they come, although nothing is said to them: they make it quieter, or a person looks."""
OPENS = frozenset({"case.now", "push.open", "window", "help", "start", "hidden.open"})
"""Presses that end Later in a case, as words do; by any other button nobody says that it is a good moment (S5)."""

# ---- what she takes back


def take_back(turn: Turn, case: Case | None) -> None:
    """Later, Hide or Stop: what she allowed before holds no longer; what she allowed after it does."""
    turn.data["later_at"] = _latest(turn, turn.data.get("later_at"))
    contact, purposes = turn.data.get("contact", {}), []
    if not _is_since(turn, turn.data.get("asked_at")):  # her Now answers no question of before (S15)
        turn.data.pop("asked_at", None)
    if case is not None and not _is_since(turn, turn.data.get("window_at")):
        purposes = [Purpose.COVER]
        turn.do(ChangeCase(case.id, {"window_until": None}))
    if not _is_since(turn, contact.get("since", contact.get("at"))):
        turn.data.pop("contact", None)
        purposes.append(Purpose.ANSWER)
    if case is not None and purposes:
        turn.do(CancelSends(tuple(purposes)))


def is_taken_back(turn: Turn) -> bool:
    """Whether we know already that she said Later, Hide or Stop after this act."""
    return _is_since(turn, turn.data.get("later_at"))


def _latest(turn: Turn, known: str | None) -> str:
    return max(turn.acted_at, datetime.fromisoformat(known) if known else turn.acted_at).isoformat()


def _is_since(turn: Turn, at: str | None) -> bool:
    """Whether that was after the act which is played."""
    return at is not None and turn.acted_at < datetime.fromisoformat(at)


# ---- a window and a Now, each from the moment of its press


def is_her_last(turn: Turn, what: str) -> bool:
    """Whether her press on one of several choices counts, however late it comes: she has pressed none since.

    `what` is where the moment of her last press is kept.
    """
    if _is_since(turn, turn.data.get(what)):
        return False
    turn.data[what] = turn.acted_at.isoformat()
    return True


def make_contact(turn: Turn, case: Case) -> None:
    """She can read now: from her press, or from the latest act of hers since an earlier one."""
    contact = turn.data.get("contact", {})
    known = contact if contact.get("case") == case.id else {}
    since = _latest(turn, known.get("since"))
    turn.data["contact"] = {"case": case.id, "at": _latest(turn, known.get("at")), "since": since}
    turn.data["is_talking"] = True


def ask(turn: Turn) -> None:
    """She is asked whether it is a good moment: from now on her Now answers this question and no earlier one (S15).

    Asked as a reply it counts from her own act, by her messenger's clock, which need not be ours and tells seconds.
    """
    turn.data["asked_at"] = (turn.facts.acted_at or turn.now).replace(microsecond=0).isoformat()


def answers_question(turn: Turn, case: Case) -> bool:
    """Whether her Now answers a question of these hours, or she is still reading since one; each is answered once.

    What she did before it was asked answers nothing, however soon we hear of it: her 1 may have meant a page.
    """
    asked, contact = turn.data.get("asked_at"), turn.data.get("contact", {})
    if _is_since(turn, asked):
        return False
    turn.data.pop("asked_at", None)
    is_asked = asked is not None and turn.now - datetime.fromisoformat(asked) < turn.library.policy.answer_expires
    return is_asked or contact.get("case") == case.id


def stay_in_contact(turn: Turn) -> None:
    """She is still here, or is here again after a while: then she is asked first (S15)."""
    contact = turn.data.get("contact")
    if contact is None:
        return
    if turn.now - datetime.fromisoformat(contact["at"]) >= turn.reply_window:
        turn.data.pop("contact")
    elif _is_for_the_owner(turn):
        turn.data["contact"] = {**contact, "at": _latest(turn, contact["at"])}


def _is_for_the_owner(turn: Turn) -> bool:
    """Words of hers, or a choice of the case; whoever leafs through the menu or old messages is perhaps not she."""
    meant = interpret(turn)
    if isinstance(meant, ButtonPressed):
        return meant.choice.partition(":")[0] in OF_THE_CASE
    return isinstance(meant, MessageReceived)


# ---- quiet


def hold_off(turn: Turn) -> bool:
    """Later: nothing follows until she acts again, and in a case no page either (S5).

    False when she has acted since, so that it is over already.
    """
    turn.data["is_held_off"] = not turn.has_acted_since
    turn.data["holds_pages"] = open_case(turn) is not None and not turn.has_acted_since
    return not turn.has_acted_since


def doubt(turn: Turn) -> None:
    """From now on it is perhaps not she who holds the phone; what was done before was done on hers."""
    turn.data["doubted_at"] = (turn.facts.acted_at or turn.now).isoformat()


def is_doubted(turn: Turn) -> bool:
    """Whether it is perhaps not she who holds the phone, and nobody has written from it since."""
    return "doubted_at" in turn.data


def end(turn: Turn) -> None:
    """She is here again; in a case Later holds until she writes, or opens (S5)."""
    turn.data.pop("doubted_at", None)
    event = turn.event
    is_open = not isinstance(event, ButtonPressed) or event.choice.partition(":")[0] in OPENS
    if not is_open and open_case(turn) is not None:
        return
    turn.data.pop("is_held_off", None)
    if turn.data.pop("holds_pages", False) and turn.held_by is None and turn.data.pop("has_missed", False):
        plan(turn, "catch_up", CatchUpDue(), turn.now)


def has_begun(turn: Turn) -> bool:
    """Whether she hid, stopped or said Later after this act, or another phone came behind her address."""
    is_asked = any((at := since(turn, what)) is not None and turn.acted_at < at for what in QUIET)
    is_held_off = bool(turn.data.get("is_held_off")) and is_taken_back(turn)
    return is_asked or is_held_off or _is_since(turn, turn.data.get("doubted_at"))


def is_hidden(turn: Turn) -> bool:
    """Whether a neutral screen is all that her phone shows; what comes late is no reason to show more."""
    return since(turn, "hidden_at") is not None


def say_openly(turn: Turn, text: str) -> None:
    """Say it where no neutral screen stands: beside that one nothing is read (S3)."""
    if not is_hidden(turn):
        turn.say(text)


def is_unwanted(turn: Turn) -> bool:
    """Whether she stopped or hid, or staff froze her chat: nothing may go there that she has not asked for (S3)."""
    return is_frozen(turn) or any(since(turn, what) is not None for what in QUIET)


def since(turn: Turn, what: str) -> datetime | None:
    """Since when she is hidden or has stopped; None where she is not."""
    participant, kept = turn.facts.participant, turn.data.get(what)
    if participant is not None:
        return participant.hidden_at if what == "hidden_at" else participant.stopped_at
    return datetime.fromisoformat(kept) if kept else None


def is_pausing(turn: Turn) -> bool:
    """Whether nothing may come first now, by a wish of hers that is not over (S3)."""
    participant = turn.facts.participant
    return is_unwanted(turn) or (participant is not None and participant.is_silent(turn.now))


def is_since_pause(turn: Turn) -> bool:
    """Whether she did this after she asked for the pause that holds."""
    return not _is_since(turn, turn.data.get("paused_at"))


def is_played(turn: Turn) -> bool:
    """Whether it still does something where nothing is said: her words are kept, her wishes hold (S3, S22, S23).

    So is what came too late, and what a frozen chat brings.
    """
    meant = interpret(turn)
    if isinstance(meant, CommandGiven):
        return meant.command in ENDS
    if isinstance(meant, ButtonPressed):
        return meant.choice in COUNTS or meant.choice.partition(":")[0] in COUNTS
    return isinstance(meant, MessageReceived | MessageEdited)
