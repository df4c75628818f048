"""Guidance in the chat of the one who has a case: what to do, and whom she may be referred to."""

from datetime import timedelta

from bot.core.cases import Level
from bot.core.events import ButtonPressed
from bot.core.speech import say_short_day
from bot.core.teamwork import GuidanceAsked, GuidanceGiven
from bot.flows.cards import CATEGORIES, LEVELS, say_case_text
from bot.flows.choices import chose, named
from bot.flows.rights import me, seen_case
from bot.flows.steps import say_not_yours
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn
from bot.guidance.model import Card, Referral, Section

STALE = timedelta(days=180)
"""A contact that was checked longer ago must be checked again before it is given to anybody."""
SHOWN = 20
"""The most contacts on one card."""

HEADINGS = {
    Section.LISTEN: "How to listen",
    Section.SAFETY: "Safety first",
    Section.ASK: "What to ask",
    Section.PROMISE: "Do not promise",
    Section.SUPERVISOR: "Call the supervisor",
}


def ask_guidance(turn: Turn) -> None:
    """The case's conversation says of which kind it is; that is kept nowhere else (S12)."""
    case = seen_case(turn, named(turn))
    if case is None:
        say_not_yours(turn)
        return
    turn.post(GuidanceAsked(case.id, me(turn).id), case.conversation_id)
    turn.say_to_desk(turn.text("No. {number}: one moment.", number=case.number))


def bring_guidance(turn: Turn) -> None:
    """Asked for again."""
    event = turn.event
    if seen_case(turn, event.case_id) is None:
        return
    say_guidance(turn, event.case_id, event.number, event.level, event.category)


def say_guidance(turn: Turn, case_id: str, number: str, level: Level, category: str) -> None:
    """One card; it leaves this chat with the texts of the case, because it tells of which kind it is (S12)."""
    card = turn.library.guidance.card(category, level)
    lines = [
        turn.text(
            "No. {number}, guidance · {level} · {category}",
            number=number,
            level=turn.text(LEVELS[level]),
            category=turn.text(CATEGORIES.get(category, CATEGORIES[""])),
        )
    ]
    if not card.is_reviewed:
        lines.append(turn.text("Draft, awaiting review by trained facilitators. Your own judgement comes first."))
    lines += [f"{turn.text(HEADINGS[name])}: {card.sections[name][turn.language]}" for name in Section]
    lines.append(
        turn.text(
            "Always: ask first whether it is a good moment, never repeat what she wrote before, and never ask for "
            "names, an address, money or a code."
        )
    )
    lines += _contacts(turn, card)
    say_case_text(turn, case_id, "\n\n".join(lines))


def _contacts(turn: Turn, card: Card) -> list[str]:
    """The contacts for the topics of the card, by district, with the day on which each was checked."""
    found = [referral for referral in turn.library.policy.referrals if referral.topic in card.topics]
    if not found:
        return [turn.text("Contacts: the operator has entered none for this yet. Ask your supervisor.")]
    order = {topic: n for n, topic in enumerate(card.topics)}
    found.sort(key=lambda r: (order[r.topic], r.district[turn.language], r.name[turn.language]))
    head = turn.text("Contacts, only if she wants one; what you send stays in her chat:")
    return ["\n".join([head, *(_contact(turn, referral) for referral in found[:SHOWN])])]


def _contact(turn: Turn, referral: Referral) -> str:
    day = say_short_day(referral.checked_on)
    is_stale = turn.now.date() - referral.checked_on > STALE
    checked = turn.text("last checked {day}, check it before you give it", day=day) if is_stale else day
    district, name = referral.district[turn.language], referral.name[turn.language]
    return f"{district}: {name}, {referral.contact} ({checked})"


GUIDING = Flow(
    "Guiding",
    Audience.STAFF,
    (),
    (
        Transition(on=ButtonPressed, source=ANY, to=None, do=ask_guidance, when=chose("case.guide")),
        Transition(on=GuidanceGiven, source=ANY, to=None, do=bring_guidance),
    ),
)
