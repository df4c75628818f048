"""What she agrees to, in three short screens, and again whenever the text changes (S6)."""

from bot.core.effects import Consent
from bot.core.events import ButtonPressed
from bot.flows.choices import chose
from bot.flows.conditions import has_joined
from bot.flows.rights import every
from bot.flows.screens import ask, home
from bot.flows.turn import Audience, Flow, State, Transition, Turn

READERS, KEEPING, ABROAD, DECLINED = "Consent:readers", "Consent:keeping", "Consent:abroad", "Consent:declined"
ADULT = "Onboarding:adult"
AGAIN = (READERS, KEEPING, ABROAD)


def is_outdated(turn: Turn) -> bool:
    """Whether she has agreed to another version than the present one."""
    participant = turn.facts.participant
    return participant is not None and participant.consent_version != turn.library.policy.consent_version


def say_readers(turn: Turn) -> None:
    """What a program reads, who reads, and when staff must tell others, in the operator's own words."""
    parts = [
        turn.text(
            "Before we begin, three short screens.\n\n"
            "Every message you write is first read by a program. It looks for words that a person should answer. "
            "If it finds them, or if you ask for help, a trained facilitator reads that message and answers. "
            "She may consult an experienced colleague, who then reads it too. "
            "Your other answers to lesson questions are read by nobody, unless you allow it."
        ),
        turn.text("Facilitators write only in this chat. They never ask for a name, address, money or a code."),
        *confidentiality(turn),
    ]
    ask(turn, "\n\n".join(parts), (turn.button("Next", "consent.next"), turn.button("No, thank you", "consent.no")))


def confidentiality(turn: Turn) -> list[str]:
    """The operator's text on when staff may or must tell others, with the day it was reviewed."""
    text = turn.library.policy.confidentiality
    if text is None:
        return []
    reviewed = f"{text.reviewed_on.day:02}.{text.reviewed_on.month:02}.{text.reviewed_on.year}"
    return [text.text[turn.language] + "\n" + turn.text("Reviewed on {date}.", date=reviewed)]


def say_keeping(turn: Turn) -> None:
    """How long, how to stop and erase, who else can see it, and what this is not."""
    text = turn.text(
        "What you write is kept for at most 90 days, then erased. "
        "Your place in the lessons stays while you take part.\n\n"
        "The word STOP ends all messages. The words FORGET ME erase everything. If a facilitator is just then helping "
        "you, only a number without your words stays, for at most 30 days.\n\n"
        "Telegram or WhatsApp can see this chat, and so can anyone who holds the phone.\n\n"
        "This is not an emergency service, and no place to keep proof of anything."
    )
    if turn.data.get("invitation", {}).get("is_lasting"):
        text = f"{text}\n\n{lasting(turn)}"
    ask(turn, text, (turn.button("I agree", "consent.yes"), turn.button("No, thank you", "consent.no")))


def lasting(turn: Turn) -> str:
    """What is different where nothing can be taken out of the chat again; told once."""
    return turn.text(
        "In WhatsApp nothing can be taken out of the chat from here. “Hide” only makes us silent; older messages "
        "stay until you clear the chat yourself in its menu. Whoever holds the phone sees our number too."
    )


def say_abroad(turn: Turn) -> None:
    """The separate yes: data abroad, and nobody else's name."""
    text = turn.text(
        "And two things apart.\n\n"
        "Messages pass through computers in other countries.\n"
        "Please do not write other people's names here.\n\n"
        "Do you agree to both?"
    )
    ask(turn, text, (turn.button("Yes, I agree", "consent.yes"), turn.button("No, thank you", "consent.no")))


def say_declined(turn: Turn) -> None:
    """Without her yes nothing begins, and nothing is lost."""
    if has_joined(turn):
        text = turn.text(
            "All right. Without your yes no new page opens. What you have stays as it is. "
            "You can read the rules again at any time."
        )
    else:
        text = turn.text(
            "All right. Without your yes nothing begins here, and nothing is kept. You can read it again at any time."
        )
    ask(turn, text, (turn.button("Read again", "consent.again"),))


def agree_again(turn: Turn) -> None:
    """She agreed to the new text: back to her step."""
    turn.do(Consent(turn.library.policy.consent_version))
    if turn.data.get("return_to") in (*AGAIN, DECLINED):
        turn.data.pop("return_to")
    turn.come_back(home(turn))


def ask_again(turn: Turn) -> None:
    """The text has changed: nothing new before she has read it."""
    turn.say(turn.text("The rules of this chat have changed. Please look at them once more."))
    turn.leave_for(READERS)


CONSENT = Flow(
    "Consent",
    Audience.MOTHER,
    (
        State(READERS, say_readers),
        State(KEEPING, say_keeping),
        State(ABROAD, say_abroad),
        State(DECLINED, say_declined),
    ),
    (
        Transition(on=ButtonPressed, source=READERS, to=KEEPING, when=chose("consent.next", "consent.yes")),
        Transition(on=ButtonPressed, source=KEEPING, to=ABROAD, when=chose("consent.yes")),
        Transition(
            on=ButtonPressed, source=ABROAD, to=None, do=agree_again, when=every(has_joined, chose("consent.yes"))
        ),
        Transition(on=ButtonPressed, source=ABROAD, to=ADULT, when=chose("consent.yes")),
        Transition(on=ButtonPressed, source=AGAIN, to=DECLINED, when=chose("consent.no")),
        Transition(on=ButtonPressed, source=DECLINED, to=READERS, when=chose("consent.again")),
    ),
)
