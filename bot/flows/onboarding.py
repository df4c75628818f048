"""A stranger becomes a participant: code, language, consent, age; nothing has to be typed (S6, S11, S16)."""

from datetime import datetime

from bot.core.conversation import NEW
from bot.core.effects import CountAttempt, Join
from bot.core.events import ButtonPressed, CommandGiven, DeskAlarmed, MessageReceived, Started
from bot.core.messages import Button
from bot.core.people import Invitation, Role
from bot.flows import notice, quiet, silence
from bot.flows.choices import chose, named
from bot.flows.conditions import has_joined, is_stranger, said
from bot.flows.consent import ADULT, READERS
from bot.flows.preferences import FIRST_PHONE
from bot.flows.screens import FIRST, always_in_both, ask, in_both
from bot.flows.turn import ANY, Audience, Flow, State, Transition, Turn

CODE, CHILD = "Onboarding:code", "Onboarding:child"
NOT_OPEN = (
    "This code does not open anything now. Please look at the digits once more, or ask your facilitator for a new code."
)
TOO_MANY = "Too many codes were tried here. Please wait an hour, then open the link or write the digits again."
ATTEMPTS = 5
"""Wrong codes an hour, then a pause (S14)."""
WORDS = (
    "anor", "archa", "behi", "bodom", "chashma", "chinor", "gandum", "gelos", "kabutar", "lola", "mavj", "moh",
    "nargis", "nilufar", "nok", "olu", "pista", "rayhon", "sadbarg", "sarv", "savsan", "seb", "shabnam", "shaftolu",
    "sitora", "sumbul", "tok", "tut", "yosuman", "zardolu", "zarang", "zira",
)  # fmt: skip


def say_languages(turn: Turn) -> None:
    """The bilingual first screen."""
    turn.say(
        "Салом. Забонро интихоб кунед.\n\nЗдравствуйте. Выберите язык.",
        (Button("Тоҷикӣ", "language:tg"), Button("Русский", "language:ru")),
        always_in_both(turn),
    )


def choose_language(turn: Turn) -> None:
    """From now on in her language; on to the rules if she came by a code, else the code is asked."""
    turn.language = "ru" if named(turn) == "ru" else "tg"
    turn.data["has_language"] = True
    turn.go(READERS if "invitation" in turn.data else CODE)
    turn.show()


def ask_code(turn: Turn) -> None:
    """How one comes in."""
    ask(turn, turn.text("To begin, open the link from your facilitator, or write here the eight digits she gave you."))


def take_code(turn: Turn) -> None:
    """A code came by link or typed: take it in, or say kindly why it opens nothing, with a way on."""
    invitation = turn.facts.invitation
    if turn.facts.attempts >= ATTEMPTS:
        refuse_code(turn, TOO_MANY)
    elif invitation is None or invitation.role is not Role.MOTHER or not invitation.is_open(turn.now):
        turn.do(CountAttempt())
        refuse_code(
            turn,
            NOT_OPEN,
        )
    elif not is_ready(turn):
        refuse_code(
            turn,
            "We are still preparing, so nobody can join yet. Your code stays good. Please try again in a few days.",
        )
    else:
        _remember(turn, invitation)
        _go_on(turn)


def refuse_code(turn: Turn, key: str) -> None:
    """A code opens nothing: why, in her language or in both."""
    turn.say(turn.text(key) if "has_language" in turn.data else in_both(turn, key))
    if turn.state in {NEW, FIRST}:
        turn.go(FIRST)
        turn.show()


def is_ready(turn: Turn) -> bool:
    """Whether mothers may join at all (S11)."""
    facts = turn.facts
    return turn.library.policy.is_unready_allowed or not facts.readiness.lacks(facts.now, facts.roster)


def _remember(turn: Turn, invitation: Invitation) -> None:
    turn.data["invitation"] = {
        "id": invitation.id,
        "cohort_id": invitation.cohort_id,
        "expires_at": invitation.expires_at.isoformat(),
        **({"is_lasting": True} if turn.event.is_lasting else {}),
    }


def _go_on(turn: Turn) -> None:
    """To the language, to the rules, or on with the step she is in."""
    if "has_language" not in turn.data:
        turn.go(FIRST)
    elif turn.state in {NEW, FIRST, CODE}:
        turn.go(READERS)
    turn.show()


def has_code(turn: Turn) -> bool:
    """Whether Start came with a code."""
    return bool(turn.event.code)


def ask_age(turn: Turn) -> None:
    """One question, no birth date (S16)."""
    ask(
        turn,
        turn.text("Are you 18 or older?"),
        (turn.button("Yes", "adult.yes"), turn.button("No, younger", "adult.no")),
    )


def join(turn: Turn) -> None:
    """She is a participant from now on, unconfirmed until a facilitator has met her."""
    invitation = turn.data.pop("invitation", None)
    is_over = invitation is None or datetime.fromisoformat(invitation["expires_at"]) <= turn.now or turn.facts.is_spent
    if is_over or not is_ready(turn):
        turn.say(turn.text(NOT_OPEN))
        turn.go(CODE)
        return
    turn.do(Join(invitation["id"], turn.language, turn.library.policy.consent_version, code_name(turn)))
    for key in ("return_to", "spoken", "enlist"):
        turn.data.pop(key, None)
    turn.data |= {"joined_by": invitation["id"], "has_language": True}
    silence.begin(turn)
    turn.go(FIRST_PHONE)
    turn.show()


def code_name(turn: Turn) -> str:
    """How staff will know her: a garden word and five digits, nothing of herself."""
    chance = turn.ids.spoken()
    return f"{WORDS[int(chance[:3]) % len(WORDS)]}-{chance[3:]}"


def welcome_child(turn: Turn) -> None:
    """No lessons for a child, but a person who looks (S16)."""
    notice.open_for_child(turn)
    turn.go(CHILD)
    turn.show()


def say_child(turn: Turn) -> None:
    """Kind words, and who will write."""
    ask(
        turn,
        turn.text(
            "Thank you for telling us. The lessons here are for grown-up women, so they do not open for you. "
            "You have done nothing wrong. A person has been told and can write to you here. You may write too."
        ),
    )


def is_second_code(turn: Turn) -> bool:
    """Whether a participant gives another code than the one she came by (S16)."""
    invitation = turn.facts.invitation
    return has_joined(turn) and invitation is not None and invitation.id != turn.data.get("joined_by")


def refuse_second(turn: Turn) -> None:
    """Nothing is mixed: one neutral sentence, and her facilitators hear of it."""
    participant = turn.facts.participant
    quiet.say_openly(turn, turn.text("This code cannot be used here. Your facilitator has been told and will help."))
    cohort_id = participant.cohort_id if participant else None
    for staff in turn.facts.roster.facilitators(cohort_id, turn.conversation.id):
        alarm = DeskAlarmed(
            "second_person", participant.code_name if participant else "", conversation_id=turn.conversation.id
        )
        turn.post(alarm, staff.conversation_id)
    turn.show()


def is_new_code(turn: Turn) -> bool:
    """Whether a stranger comes with a code."""
    return is_stranger(turn) and has_code(turn)


ONBOARDING = Flow(
    "Onboarding",
    Audience.MOTHER,
    (
        State(NEW, say_languages),
        State(FIRST, say_languages),
        State(CODE, ask_code),
        State(ADULT, ask_age),
        State(CHILD, say_child),
    ),
    (
        Transition(on=Started, source=ANY, to=None, do=refuse_second, when=is_second_code),
        Transition(on=Started, source=ANY, to=None, do=take_code, when=is_new_code),
        Transition(on=MessageReceived, source=NEW, to=FIRST),
        Transition(on=CommandGiven, source=(NEW, FIRST), to=FIRST, when=said("language")),
        Transition(on=ButtonPressed, source=(NEW, FIRST), to=None, do=choose_language, when=chose("language")),
        Transition(on=ButtonPressed, source=ADULT, to=None, do=join, when=chose("adult.yes")),
        Transition(on=ButtonPressed, source=ADULT, to=None, do=welcome_child, when=chose("adult.no")),
    ),
)
