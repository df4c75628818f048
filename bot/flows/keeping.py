"""An answer that came back: kept until she writes, and then it goes only when its owner says so once more (S1)."""

from datetime import datetime

from bot.core.cases import Case
from bot.core.events import AnswerGiven, ButtonPressed
from bot.core.messages import Button
from bot.flows.cards import say_case_text, say_when
from bot.flows.choices import chose, named
from bot.flows.rights import every, me, own_case
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn

RETURNED = frozenset({"expired", "window", "moved"})
"""Why an answer comes back that may still be right when she writes next."""


def window_lines(turn: Turn, case: Case) -> list[str]:
    """Where she writes: until when free words reach her, and that nothing can be taken out of that chat (S2)."""
    if case.free_until is None:
        return []
    key = (
        "She writes on WhatsApp: free words reach her until {when}, and after each message of hers for a day."
        if case.free_until > turn.now
        else "She writes on WhatsApp and last wrote more than a day ago (until {when}): no free words reach her now."
    )
    return [
        turn.text(key, when=say_when(turn, case.free_until)),
        turn.text("What reaches her there stays on her phone until she clears the chat herself."),
    ]


def offer_to_keep(turn: Turn) -> list[tuple[Button, ...]]:
    """Buttons under the word that an answer came back; its words are kept with her own key meanwhile."""
    event = turn.event
    if event.how not in RETURNED or not event.text or own_case(turn, event.case_id) is None:
        return []
    which = turn.data["returned"] = turn.data.get("returned", 0) + 1
    turn.data.setdefault("kept", {})[event.case_id] = {
        "text": event.text,
        "which": str(which),
        "at": turn.now.isoformat(),
    }
    return [
        (
            turn.button("Offer it when she writes", f"answer.keep:{event.case_id}:{which}", standing=True),
            turn.button("Withdraw", f"answer.forget:{event.case_id}:{which}", standing=True),
        )
    ]


def _case_id(turn: Turn) -> str:
    """Of which case the answer under the button is."""
    return named(turn).partition(":")[0]


def is_kept(turn: Turn) -> bool:
    """Whether the very answer under this button came back and was neither sent nor withdrawn nor replaced (S13)."""
    case_id, _, which = named(turn).partition(":")
    kept = turn.data.get("kept", {}).get(case_id)
    return kept is not None and kept.get("which", "") == which and own_case(turn, case_id) is not None


def keep(turn: Turn) -> None:
    """She wants to say it when the mother writes."""
    kept = turn.data["kept"][_case_id(turn)]
    kept["is_wanted"] = True
    case = own_case(turn, _case_id(turn))
    number = case.number if case else ""
    turn.say_to_desk(
        turn.text("No. {number}: kept. When she writes you are asked once more; by itself nothing goes.", number=number)
    )


def remind(turn: Turn) -> None:
    """She has written: what was kept for this moment is shown with the number, and goes only when Send is pressed."""
    event = turn.event
    kept = turn.data.get("kept", {}).get(event.case_id)
    if kept is None or not kept.get("is_wanted"):
        return
    kept["at"] = turn.now.isoformat()
    names = f"{event.case_id}:{kept['which']}" if "which" in kept else event.case_id
    say_case_text(
        turn,
        event.case_id,
        turn.text("This waits for your word, No. {number}:", number=event.number) + f"\n\n{kept['text']}",
        (
            turn.button("Send", f"answer.kept:{names}", standing=True),
            turn.button("Withdraw", f"answer.forget:{names}", standing=True),
        ),
    )


def send(turn: Turn) -> None:
    """Her word: it goes as any answer does, unless the mother has moved since it was shown (S13)."""
    case = own_case(turn, _case_id(turn))
    kept = turn.data["kept"].pop(_case_id(turn))
    if case is not None:
        begun_at = datetime.fromisoformat(kept["at"])
        turn.post(AnswerGiven(case.id, me(turn).id, kept["text"], begun_at), case.conversation_id)
        turn.say_to_desk(
            turn.text("No. {number}: taken over. You will be told when it is with her.", number=case.number)
        )


def withdraw(turn: Turn) -> None:
    """It never goes."""
    turn.data["kept"].pop(_case_id(turn))
    turn.say_to_desk(turn.text("Withdrawn: it goes to nobody."))


KEEPING = Flow(
    "Keeping",
    Audience.STAFF,
    (),
    (
        Transition(on=ButtonPressed, source=ANY, to=None, do=keep, when=every(chose("answer.keep"), is_kept)),
        Transition(on=ButtonPressed, source=ANY, to=None, do=send, when=every(chose("answer.kept"), is_kept)),
        Transition(on=ButtonPressed, source=ANY, to=None, do=withdraw, when=every(chose("answer.forget"), is_kept)),
    ),
)
