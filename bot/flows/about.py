"""Is this safe for me? Three screens, true to what the code does: who reads, what is on her phone, what is kept."""

from datetime import timedelta

from bot.core.events import ButtonPressed
from bot.core.messages import LANGUAGES, Language
from bot.core.speech import say_until
from bot.flows.choices import chose, named
from bot.flows.conditions import has_joined
from bot.flows.consent import confidentiality
from bot.flows.policy import Policy
from bot.flows.screens import always
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn
from bot.texts import Texts, load_texts

READERS = (
    "Who can see this?\n\n"
    "A program looks through every message, in case you need a person. If you do, one facilitator reads that "
    "message. She may ask an experienced colleague to read along. The others of the team see a number only.\n\n"
    "Otherwise, what you write to a page is yours. A facilitator reads it only if you have allowed it.\n\n"
    "We send nothing of it to any office by ourselves."
)
PHONE = (
    "On your phone\n\n"
    "Whoever holds the phone can read what stands in this chat. In Telegram the button {hide} takes away what is "
    "younger than two days, and unless the phone is yours alone, what you wrote with a person leaves by itself "
    "{wait}. In WhatsApp we can take nothing back: please clear the chat yourself. What somebody has already seen or "
    "kept stays.\n\n"
    "By itself only a plain line comes, in your hours; without hours none comes. Telegram or WhatsApp can see the "
    "chat, too."
)
KEPT = (
    "What is kept, and what we cannot do\n\n"
    "Your answers are kept for 90 days, what you wrote with a person for 90 days after it ended; then they are "
    "gone. In the settings you can erase everything at once; while somebody is helping you, only a number stays, "
    "for at most 30 days.\n\n"
    "We cannot be there at once, keep proof for you, or promise that nobody will ever know. Somebody may demand "
    "what is kept; what is gone, nobody can get from us."
)
SCREENS = 3


def screens(texts: Texts, language: Language, policy: Policy) -> tuple[str, str, str]:
    """Who reads (S6, S12, S20); what others see on her phone (S1, S2, S3); what is kept and how it goes (S18, S22)."""
    wait = say_until(policy.case_text_stays // timedelta(minutes=1), "minute", language)
    hide = texts.say(language, "Hide")
    return (
        texts.say(language, READERS),
        texts.say(language, PHONE, hide=hide, wait=wait),
        texts.say(language, KEPT),
    )


def show(turn: Turn) -> None:
    """One of the screens, with the way to the next one; her step stays where it is."""
    at = int(named(turn)) if named(turn) in {"1", "2"} else 0
    menu = turn.button("Menu", "menu", standing=True)
    is_last = at + 1 == SCREENS
    row = (menu,) if is_last else (turn.button("Next", f"about:{at + 1}", standing=True), menu)
    choice = ((turn.button("Reading for a check", "sample", standing=True),),) if at == 0 and has_joined(turn) else ()
    turn.say(turn.in_each(lambda: _screen(turn, at)), row, *choice, always(turn))


def _screen(turn: Turn, at: int) -> str:
    """The operator's own words are under the last one."""
    shown = screens(turn.library.texts, turn.language, turn.library.policy)[at]
    return "\n\n".join([shown, *(confidentiality(turn) if at + 1 == SCREENS else ())])


def page() -> str:
    """The same in both languages, to print and to hang up; docs/reference/is-this-safe-for-me.md is made from it."""
    texts = load_texts()
    parts = ["# Is this safe for me?", _INTRODUCTION]
    for language in LANGUAGES:
        parts.append(f"## {_NAMES[language]}")
        for screen in screens(texts, language, Policy()):
            title, *rest = screen.split("\n\n")
            parts += [f"### {title}", *rest]
    return "\n\n".join(parts) + "\n"


_NAMES: dict[Language, str] = {"tg": "Тоҷикӣ", "ru": "Русский"}
_INTRODUCTION = (
    "For mothers: the three screens behind “Инро кӣ мебинад” / «Кто это видит» in the menu, to print. Made from the\n"
    "bot's own sentences by `bot/flows/about.py`; a test keeps it current. The operator adds the text on when staff\n"
    "may or must tell others. The Tajik awaits native review."
)

ABOUT = Flow(
    "About",
    Audience.MOTHER,
    (),
    (Transition(on=ButtonPressed, source=ANY, to=None, do=show, when=chose("about")),),
)
