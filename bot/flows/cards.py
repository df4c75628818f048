"""How a case is spoken of to staff: number, level, language and waiting time, and nothing else (S12)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.cases import Case, Category, Level
from bot.core.effects import Purpose, Say, Schedule
from bot.core.events import SweepDue
from bot.core.messages import Button, Lane, Language, Outgoing
from bot.core.speech import say_duration
from bot.flows.turn import Turn

LEVELS = {Level.URGENT: "urgent", Level.CONCERN: "needs an answer today", Level.NONE: "ordinary"}
LANGUAGES: dict[Language, str] = {"tg": "in Tajik", "ru": "in Russian"}
CATEGORIES = {
    "": "not clear, please read",
    Category.VIOLENT_EXTREMISM: "somebody may be drawn to violence",
    Category.DOMESTIC_VIOLENCE: "violence at home",
    Category.SELF_HARM: "harm to herself",
    Category.CHILD_AT_RISK: "a child at risk",
    Category.MEDICAL: "health",
    Category.DISTRESS: "she is very low",
}

NOW = timedelta(minutes=1)
"""What is younger is written now."""


def waiting(turn: Turn, since: datetime) -> str:
    """How long it has been, in the largest unit that says enough."""
    minutes = max(0, int((turn.now - since) / timedelta(minutes=1)))
    if minutes < 1:
        return turn.text("less than a minute")
    if minutes < 60:
        return say_duration(minutes, "minute", turn.language)
    if minutes < 48 * 60:
        return say_duration(minutes // 60, "hour", turn.language)
    return say_duration(minutes // (24 * 60), "day", turn.language)


def say_when(turn: Turn, at: datetime) -> str:
    """Day and time where this member of staff lives."""
    staff = turn.facts.staff
    zone = staff.zone if staff else turn.library.policy.zone
    return at.astimezone(ZoneInfo(zone)).strftime("%d.%m %H:%M")


def say_if_late(turn: Turn, said_at: datetime | None) -> str:
    """When she wrote what is shown now, where that was not this minute: nobody takes it for what happens now (S12)."""
    if said_at is None or turn.now - said_at < NOW:
        return ""
    return turn.text("Her message is from {when}.", when=say_when(turn, said_at))


def card(turn: Turn, number: str, level: Level, language: Language, since: datetime) -> str:
    """The one line that may be shown to everybody who might take it."""
    return turn.text(
        "No. {number} · {level} · {tongue} · waiting {wait}",
        number=number,
        level=turn.text(LEVELS[level]),
        tongue=turn.text(LANGUAGES[language]),
        wait=waiting(turn, since),
    )


def card_of(turn: Turn, case: Case) -> str:
    """The card of an open case."""
    return card(turn, case.number, case.level, case.language, case.wrote_at)


def take_button(turn: Turn, case_id: str) -> Button:
    """Works whenever it is pressed; her conversation decides who was first."""
    return turn.button("Take", f"case.take:{case_id}", standing=True)


def tag_of(case_id: str) -> str:
    """The tag of every message that belongs to one case."""
    return f"case:{case_id}"


def say_case_text(turn: Turn, case_id: str, text: str, *rows: tuple[Button, ...], lane: Lane = Lane.REPLY) -> None:
    """Say something that holds words of a case: it leaves this chat at closing, at the latest after 47 h (S12)."""
    turn.say(
        text,
        *rows,
        lane=lane,
        purpose=Purpose.CASE_TEXT,
        case_id=case_id,
        tag=tag_of(case_id),
        expires_at=sweep_at(turn, case_id),
    )


def say_case_file(turn: Turn, case_id: str, outgoing: Outgoing) -> None:
    """Give a file of a case; it leaves this chat like every text of it."""
    turn.do(
        Say(
            outgoing,
            purpose=Purpose.CASE_TEXT,
            case_id=case_id,
            tag=tag_of(case_id),
            expires_at=sweep_at(turn, case_id),
        )
    )


def sweep_at(turn: Turn, case_id: str) -> datetime:
    """When the texts of this case leave the chat; the first text sets the clock, later ones do not move it."""
    sweeps = turn.data.setdefault("sweeps", {})
    if case_id not in sweeps:
        due_at = turn.now + turn.library.policy.staff_text_stays
        sweeps[case_id] = due_at.isoformat()
        turn.do(Schedule(f"sweep:{case_id}", due_at, SweepDue(case_id)))
    return datetime.fromisoformat(sweeps[case_id])
