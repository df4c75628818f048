"""What she means: a word that acts everywhere, a choice she typed instead of pressing, or simply a text."""

from dataclasses import replace
from functools import lru_cache

from bot.core.event import Event
from bot.core.events import ButtonPressed, CommandGiven, MessageReceived
from bot.core.messages import Kind
from bot.flows.turn import Audience, Turn, audience_of
from bot.orthography.commands import command
from bot.orthography.vocabulary import Vocabulary

EVERYWHERE = frozenset({"help", "stop", "start", "hide", "pause", "resume", "menu", "language", "delete_me"})
"""The commands that act in every state (rule 4); the other words only choose among the buttons on her screen."""


def interpret(turn: Turn) -> Event:
    """The event as the flows should see it; only whole messages act (S7)."""
    event: Event = turn.event
    if isinstance(event, ButtonPressed):
        return _press(turn, event)
    if not isinstance(event, MessageReceived) or event.kind is not Kind.TEXT or event.is_forwarded:
        return event
    if turn.facts.replied_case:  # words for one case never press a button of another (S13)
        return event
    meaning = command(event.text)
    is_mother = audience_of(turn.conversation.owner) is Audience.MOTHER
    if meaning in EVERYWHERE and (is_mother or event.text.startswith("/")):
        return CommandGiven(meaning, event.message_id)
    choice = None if turn.state in turn.library.literal else _typed_choice(turn, event.text, meaning)
    if choice is None:
        return event
    version = None if choice in _standing(turn) else turn.conversation.version
    return ButtonPressed(choice, version, event.message_id)


def _press(turn: Turn, event: ButtonPressed) -> Event:
    """A press on a step button of an earlier step chooses nothing: the present step is shown again."""
    return replace(event, choice="stale") if is_stale(turn) else event


def is_stale(turn: Turn) -> bool:
    """Whether the event is a press on a step button of an earlier step."""
    event = turn.event
    return isinstance(event, ButtonPressed) and event.version not in {None, turn.conversation.version}


def _typed_choice(turn: Turn, text: str, meaning: str | None) -> str | None:
    """The choice on her screen that the text names: by number, by label, or by yes, no, skip, later, now, open."""
    options: list[tuple[str, str]] = [(label, choice) for label, choice, *_ in turn.data.get("options", ())]
    stripped = text.strip()
    if stripped.isdecimal() and len(stripped) < 3 and 0 < int(stripped) <= len(options):
        return options[int(stripped) - 1][1]
    if meaning is not None:
        named = [choice for _, choice in options if choice.split(":")[0].rpartition(".")[2] == meaning]
        if named:
            return named[0]
    screen = _vocabulary(tuple(map(tuple, options)))
    return screen.meaning(text) if screen is not None else None


def _standing(turn: Turn) -> set[str]:
    """The choices on her screen that work whenever they are pressed; their buttons carry no version either."""
    return {choice for _, choice, *is_standing in turn.data.get("options", ()) if is_standing}


@lru_cache(maxsize=1000)
def _vocabulary(options: tuple[tuple[str, str], ...]) -> Vocabulary | None:
    """What may be typed on a screen; None where two labels are alike: then only numbers and presses choose."""
    labels: dict[str, list[str]] = {}
    for label, choice in options:
        labels.setdefault(choice, []).append(label)
    try:
        return Vocabulary(labels)
    except ValueError:
        return None
