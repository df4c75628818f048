"""What she means: a word that acts everywhere, a choice she typed instead of pressing, or simply a text."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from bot.core.event import Event
from bot.core.events import ButtonPressed, CommandGiven, MessageReceived
from bot.core.messages import Button, Kind
from bot.flows.turn import BOTH, Audience, Turn, audience_of
from bot.orthography.ages import GROWN_UP, age
from bot.orthography.commands import guess
from bot.orthography.numbers import number
from bot.orthography.vocabulary import Vocabulary

EVERYWHERE = frozenset({"help", "stop", "start", "hide", "pause", "resume", "menu", "language", "city", "delete_me"})
"""The commands that act in every state (rule 4); the other words only choose among the buttons on her screen."""


ABOUT = "about"
"""“Who can see this?” is asked in the middle of anything: it is the button of that name, which works everywhere."""
MEANT, ONE_OF, WORD = "guess.yes", "guess.one", "word"
"""Yes to “did you mean”, or one of two: what follows is a choice of her screen, or `word:` and a command."""
_LABELS = {
    "menu": "Menu", "pause": "Pause", "start": "Start", "resume": "Continue", "delete_me": "Forget me",
    "language": "", "city": "Place",
}  # fmt: skip
_ALSO = {
    "consent.next": ("yes",), "case.now": ("yes",), "case.later": ("no",), "push.open": ("yes",), "push.later": ("no",),
    "practice.later": ("no",), "lesson.next_card": ("yes",),
}  # fmt: skip
"""On the first screen of consent yes is no agreement yet: it leads on, as its button does.  Whether now is good,
and whether she tries something at home, is answered by yes and no, too."""
LEADING_ON = frozenset({"lesson", "check", "practice", "prompt", "module", "measure", "menu", "about"})
"""The pages of which a bare word names a choice although something was said below: with a case as without (S5)."""
LATERS = frozenset({"case.later", "notice.later", "push.later"})
QUIETER = LATERS | {"pause.days", "pause.feast"}
"""What she may have typed before the page was there: it only makes it quieter (S3)."""
CLOCKS = timedelta(seconds=2)
"""So closely is it known how a messenger's clock goes beside ours (channels/watch.py)."""
_ABOVE = 3
"""An option of more parts stands above what was said last; this part is the number that it has there."""
_LEADING = re.compile(r"\d+")


def interpret(turn: Turn) -> Event:
    """The event as the flows should see it; only whole messages act (S7)."""
    event: Event = turn.event
    if isinstance(event, ButtonPressed):
        return _press(turn, event)
    written = _written(turn)
    if written is None:
        return event
    meaning = turn.meaning
    if meaning in EVERYWHERE and (_is_mothers(turn) or written.text.startswith("/")):
        return CommandGiven(meaning, written.message_id)
    if meaning == ABOUT and _is_mothers(turn):
        return ButtonPressed(ABOUT, None, written.message_id)
    choice = None if turn.state in turn.library.literal else _typed_choice(turn, written.text, meaning)
    if choice is None:
        return event
    version = None if choice in _standing(turn) else turn.conversation.version
    return _meant(ButtonPressed(choice, version, written.message_id))


def _written(turn: Turn) -> MessageReceived | None:
    """The words of her own that may act; words for one case never press a button of another (S13)."""
    event = turn.event
    if not isinstance(event, MessageReceived) or event.kind is not Kind.TEXT or event.is_forwarded:
        return None
    return None if turn.facts.replied_case else event


def _is_mothers(turn: Turn) -> bool:
    return audience_of(turn.conversation.owner) is Audience.MOTHER


def _press(turn: Turn, event: ButtonPressed) -> Event:
    """A press on a step button of an earlier step chooses nothing: the present step is shown again."""
    return replace(event, choice="stale") if is_stale(turn) else _meant(event)


def _meant(event: ButtonPressed) -> Event:
    """What she says yes to is what she meant."""
    is_yes, _, choice = event.choice.partition(":")
    if is_yes not in {MEANT, ONE_OF}:
        return event
    kind, _, word = choice.partition(":")
    return CommandGiven(word, event.message_id) if kind == WORD and word in _LABELS else replace(event, choice=choice)


def is_stale(turn: Turn) -> bool:
    """Whether the event is a press on a step button of an earlier step; quiet that she asked for since is no step."""
    event, version = turn.event, turn.conversation.version
    good = {None, version, version - 1} if turn.is_hushed else {None, version}
    return isinstance(event, ButtonPressed) and event.version not in good


def _options(turn: Turn, *, is_last: bool = False) -> list[tuple[str, str]]:
    """Every label and choice that may be typed, or those that a bare word may name: of a mother's last message."""
    every = turn.data.get("options", ())
    is_every = not (is_last and _is_mothers(turn))
    return [(one[0], one[1]) for one in every if is_every or len(one) <= _ABOVE or _leads_on(turn, one[1])]


def _by_number(turn: Turn, n: int) -> tuple[str, ...]:
    """The choices of this number on her screen: of the last message, or of what stands above it where that leads on."""
    every = turn.data.get("options", ())
    last = [(one[0], one[1]) for one in every if len(one) <= _ABOVE or not _is_mothers(turn)]
    if last:
        return _numbered(last, n)
    above = tuple(one[1] for one in every if one[_ABOVE] == n)
    return above if all(_leads_on(turn, choice) for choice in above) else ()


def _leads_on(turn: Turn, choice: str) -> bool:
    """Whether a choice only opens or tells of a page; below words of her facilitator's she answers those."""
    return "contact" not in turn.conversation.data and choice.partition(":")[0].partition(".")[0] in LEADING_ON


def _typed_choice(turn: Turn, text: str, meaning: str | None) -> str | None:
    """The choice on her screen that the text names: by number, by label, or by yes, no, skip, later, now, open.

    Where she is asked for words of her own, a number is her answer.  A bare number, yes, no, now or later answers
    what was said last; of what stands above it only what leads on: else a yes to her facilitator erases her (S22).
    What she wrote before her page was asked names none of its choices.
    """
    options, last = _options(turn), _options(turn, is_last=True)
    if is_before_page(turn):
        return _called(_laters(turn, meaning), meaning) or _labelled(_quieter(options), text)
    aged = _aged(last, text)
    if aged is not None:
        return aged
    named = number(text)
    if named is not None and turn.state not in turn.library.listening:
        meant = _by_number(turn, named)
        return meant[0] if len(meant) == 1 else None
    if meaning is not None:
        options = [*last, *_laters(turn, meaning)]
    return _called(options, meaning) or _labelled(options, text)


def _labelled(options: list[tuple[str, str]], text: str) -> str | None:
    """The choice whose label the whole text is."""
    screen = _vocabulary(tuple(options))
    return screen.sure(text) if screen is not None else None


def _quieter(options: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(label, choice) for label, choice in options if choice.partition(":")[0] in QUIETER]


def _laters(turn: Turn, meaning: str | None) -> list[tuple[str, str]]:
    """Later above what was said last still makes it quiet, but where she reads her facilitator: there it is for her."""
    is_for_us = meaning == "later" and "contact" not in turn.conversation.data
    return [] if not is_for_us else [(label, choice) for label, choice in _options(turn) if choice in LATERS]


def is_before_page(turn: Turn) -> bool:
    """Whether she wrote this before the page was there.

    WhatsApp keeps no order, an outage brings all at once, and a messenger that asks for patience has not shown it yet.
    One who comes to the team is no mother: what she writes is her alias, which she sees before she agrees.
    """
    if "enlist" in turn.data:
        return False
    if turn.facts.is_unseen:
        return True
    shown_at = turn.data.get("shown_at")
    if shown_at is None or turn.facts.acted_at is None or not _is_mothers(turn):
        return False
    return turn.has_acted_since or turn.acted_at + CLOCKS < datetime.fromisoformat(shown_at)


def is_bare(turn: Turn) -> bool:
    """Whether she wrote nothing but a number, a yes, a no or what a button says."""
    written = _written(turn)
    if written is None or turn.state in turn.library.listening:
        return False
    is_said = turn.meaning is not None or number(written.text) is not None
    return is_said or _labelled(_options(turn), written.text) is not None


def _aged(options: list[tuple[str, str]], text: str) -> str | None:
    """Whether she is grown up, told by her age where that is asked (S16)."""
    years = age(text) if any(choice == "adult.yes" for _, choice in options) else None
    return None if years is None else "adult.yes" if years >= GROWN_UP else "adult.no"


def _numbered(options: list[tuple[str, str]], n: int) -> tuple[str, ...]:
    """The n-th choice, and the one whose label begins with n («09:00–11:00», «3 рӯз»), if that is another."""
    leading = [choice for label, choice in options if (found := _LEADING.match(label)) and int(found[0]) == n]
    placed = [options[n - 1][1]] if 0 < n <= len(options) else []
    return tuple(dict.fromkeys((*leading, *placed)))


def _called(options: list[tuple[str, str]], meaning: str | None) -> str | None:
    """The choice that says this meaning: `consent.yes` for yes."""
    return next((choice for _, choice in options if meaning in _saying(choice)), None)


def _saying(choice: str) -> tuple[str, ...]:
    """What a choice says: the end of its name, and the word that means the same on its screen."""
    name = choice.partition(":")[0]
    return (name.rpartition(".")[2], *_ALSO.get(name, ()))


def guessed(turn: Turn) -> tuple[Button, ...]:
    """What a mother's words may have meant: with a slip, or by a number with two readings. She confirms, or nothing."""
    written = _written(turn)
    if written is None or not _is_mothers(turn) or is_before_page(turn):
        return ()
    options, last, named = _options(turn), _options(turn, is_last=True), number(written.text)
    if named is not None:
        return _buttons(options, _by_number(turn, named)[:2], ONE_OF)
    meaning = guess(written.text)
    if meaning is not None:
        options = last
    screen = _vocabulary(tuple(options))
    choice = (screen.guess(written.text) if screen is not None else None) or _called(options, meaning)
    if choice is not None:
        return _buttons(options, (choice,), MEANT)
    if meaning not in _LABELS:
        return ()
    label = turn.text(_LABELS[meaning]) if _LABELS[meaning] else "Забон / Язык"
    return (Button(label, f"{MEANT}:{WORD}:{meaning}"),)


def _buttons(options: list[tuple[str, str]], choices: Iterable[str], how: str) -> tuple[Button, ...]:
    """The same choices once more, each under its own label."""
    labels = {choice: label for label, choice in options}
    return tuple(Button(labels[choice], f"{how}:{choice}") for choice in choices)


def _standing(turn: Turn) -> set[str]:
    """The choices on her screen that work whenever they are pressed; their buttons carry no version either."""
    return {one[1] for one in turn.data.get("options", ()) if one[2:3] == [True]}


@lru_cache(maxsize=1000)
def _vocabulary(options: tuple[tuple[str, str], ...]) -> Vocabulary | None:
    """What may be typed on a screen; None where two labels are alike: then only numbers and presses choose."""
    labels: dict[str, list[str]] = {}
    for label, choice in options:
        labels.setdefault(choice, []).extend({label, *label.split(BOTH)})
    try:
        return Vocabulary(labels)
    except ValueError:
        return None
