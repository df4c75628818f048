"""The history of a case in the chat of the one who has it: who did what and when, without anybody's words."""

from datetime import datetime

from bot.core.events import ButtonPressed
from bot.core.teamwork import HistoryAsked, HistoryGiven
from bot.flows.cards import say_case_text, say_when
from bot.flows.choices import chose, named
from bot.flows.rights import me, seen_case
from bot.flows.steps import say_not_yours
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn

SHOWN = 40
"""The latest steps that are shown; how many came before them is said."""

DONE = {
    "open": "it was opened",
    "wrote": "she wrote",
    "edited": "she changed a message",
    "answered": "an answer was given to her chat",
    "answer_waits": "an answer waits for her",
    "answer_unread": "an answer did not get to her",
    "answer_unsure": "it is not known whether an answer got to her",
    "raise": "it became urgent",
    "escalate": "it rang again",
    "reopen": "it was opened again, because an answer had not reached her",
    "withdraw": "she took a message back",
    "take": "{alias} took it",
    "read": "{alias} read it",
    "bring": "it was brought to {alias}",
    "listen": "{alias} listened or looked",
    "act": "{alias} wrote down what she did",
    "note": "{alias} left a note",
    "guidance": "{alias} looked at the guidance",
    "ask_opinion": "{alias} asked a supervisor to look along",
    "hand_over": "{alias} passed it on to a colleague",
    "hand_back": "{alias} passed it on to everybody",
    "assign": "{alias} named who should take it",
    "decline": "{alias} could not take it",
    "move_code": "{alias} made a code for her new phone or chat",
    "move_allowed": "{alias} agreed that she moves",
    "move_refused": "{alias} did not agree that she moves",
    "moved": "she moved to another phone or chat, by a code of {alias}",
}
OTHER = "something else was done"

Step = tuple[datetime, str, str]


def ask(turn: Turn) -> None:
    """The case's conversation knows what was said, the audit what was done."""
    case = seen_case(turn, named(turn))
    if case is None:
        say_not_yours(turn)
        return
    turn.post(HistoryAsked(case.id, me(turn).id), case.conversation_id)
    turn.say_to_desk(turn.text("No. {number}: one moment.", number=case.number))


def bring(turn: Turn) -> None:
    """One message; it leaves this chat with the case's texts."""
    event = turn.event
    if seen_case(turn, event.case_id) is None:
        return
    runs = _runs(event.steps)
    lines = [turn.text("No. {number}, history:", number=event.number)]
    if len(runs) > SHOWN:
        lines.append(turn.text("Earlier steps not shown here: {n}", n=len(runs) - SHOWN))
    lines += [_line(turn, run) for run in runs[-SHOWN:]]
    say_case_text(turn, event.case_id, "\n".join(lines))


def _runs(steps: tuple[Step, ...]) -> list[list[Step]]:
    """Equal steps in a row are told once, with their number: an alarm rings often."""
    runs: list[list[Step]] = []
    for step in steps:
        if runs and runs[-1][-1][1:] == step[1:]:
            runs[-1].append(step)
        else:
            runs.append([step])
    return runs


def _line(turn: Turn, run: list[Step]) -> str:
    at, action, alias = run[0]
    told = turn.text(DONE.get(action, OTHER), alias=alias or "—")
    line = f"{say_when(turn, at)} {told}"
    return line if len(run) == 1 else f"{line} ×{len(run)}, {say_when(turn, run[-1][0])}"


HISTORY = Flow(
    "History",
    Audience.STAFF,
    (),
    (
        Transition(on=ButtonPressed, source=ANY, to=None, do=ask, when=chose("case.history")),
        Transition(on=HistoryGiven, source=ANY, to=None, do=bring),
    ),
)
