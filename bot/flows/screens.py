"""How a step looks to a mother: its words, its choices, and under them help and hide, always (S3)."""

from dataclasses import replace
from datetime import datetime

from bot.core.effects import Stand
from bot.core.messages import LANGUAGES, Button
from bot.flows.conditions import QUIET, has_joined
from bot.flows.turn import BOTH, Turn

MENU = "Menu:open"
FIRST = "Onboarding:language"


def ask(turn: Turn, text: str, *rows: tuple[Button, ...]) -> None:
    """Show a step: its text and choices, and the two buttons that are under every step."""
    turn.say(text, *rows, always(turn))


def always(turn: Turn) -> tuple[Button, ...]:
    """Help and hide: they work whenever they are pressed."""
    return (turn.button("Help", "help", standing=True), turn.button("Hide", "hide", standing=True))


def say_received(turn: Turn) -> None:
    """It has arrived, who reads it, and the way on: words that nothing here asked for, with a case or without (S5)."""
    turn.say(
        turn.text(
            "Received, thank you. A program looks at it first; what is for a person, a facilitator reads and answers "
            "here. You can go on below. The word HELP calls a person at any time."
        )
    )
    turn.show()


def in_both(turn: Turn, key: str) -> str:
    """A sentence in both languages, while she has not chosen one."""
    return "\n\n".join(turn.library.texts.say(language, key) for language in LANGUAGES)


def always_in_both(turn: Turn) -> tuple[Button, ...]:
    """Help and hide where the language is asked."""
    say = turn.library.texts.say
    labels = {key: BOTH.join(say(language, key) for language in LANGUAGES) for key in ("Help", "Hide")}
    return tuple(Button(labels[key], key.lower(), is_standing=True) for key in labels)


def home(turn: Turn) -> str:
    """The state in which she rests: the menu, or for a stranger the first screen."""
    return MENU if has_joined(turn) else FIRST


def go_home(turn: Turn) -> None:
    """Leave whatever was begun, and show where she rests."""
    turn.data.pop("return_to", None)
    turn.go(home(turn))
    turn.show()


def stand(turn: Turn, **changes: object) -> None:
    """Change how she stands, also for the rest of this turn; a stranger's conversation remembers her quiet alone."""
    if (participant := turn.facts.participant) is not None:
        turn.do(Stand(changes))
        known = {name: changes[name] for name in changes.keys() - {"confirmed_by"}}
        turn.facts = replace(turn.facts, participant=replace(participant, **known))  # type: ignore[arg-type]
        return
    for what in QUIET & changes.keys():
        turn.data.pop(what, None)
        if isinstance(at := changes[what], datetime):
            turn.data[what] = at.isoformat()


def help_lines(turn: Turn) -> str:
    """The operator's help lines, one a line; the same for everybody (S5). Empty when none are configured."""
    lines = turn.library.policy.help_lines
    return turn.in_each(lambda: "\n".join(f"{line.text[turn.language]}: {line.number}" for line in lines))


def do_nothing(turn: Turn) -> None:
    """There is nothing to say or to change."""
