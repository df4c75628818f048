"""She writes in another language than she chose: it is offered once, never done by itself, and never a worry (S8)."""

import re
from datetime import datetime, timedelta

from bot.core.events import ButtonPressed, DeskAlarmed, MessageReceived
from bot.core.messages import LANGUAGES, Button, Kind
from bot.flows import alarm
from bot.flows.choices import chose, named
from bot.flows.conditions import HIDDEN, STOPPED, has_joined
from bot.flows.hearing import cohort_of
from bot.flows.screens import in_both
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn, audience_of
from bot.orthography.tongue import Tongue, tongue

MESSAGES = 2
"""So many messages in a row in the other language, and it is offered."""
OFFERED_AGAIN, ANSWERED_AGAIN = timedelta(days=60), timedelta(days=7)
NAMES = {"tg": "Тоҷикӣ", "ru": "Русский"}
# Drafts that await review by a native speaker, as all Tajik here does.
UZBEK = (
    "Rahmat. Bu yerda sahifalar tojik va rus tillarida. O'zbekcha gaplashadigan odam kerak bo'lsa, tugmani bosing.",
    "Раҳмат. Бу ерда саҳифалар тожик ва рус тилларида. Ўзбекча гаплашадиган одам керак бўлса, тугмани босинг.",
)
UZBEK_PERSON = ("Odam kerak", "Одам керак")
_LATIN = re.compile("[a-z]", re.IGNORECASE)


def listen(turn: Turn) -> None:
    """After a message of hers was answered: look in which language it was, and whether another should be offered."""
    event = turn.event
    if not isinstance(event, MessageReceived) or event.kind is not Kind.TEXT or event.is_forwarded:
        return
    if audience_of(turn.conversation.owner) is not Audience.MOTHER or turn.state in {HIDDEN, STOPPED}:
        return
    if not (has_joined(turn) or turn.data.get("has_language")):
        return
    spoken = tongue(event.text, turn.language)
    if spoken in LANGUAGES:
        _count(turn, spoken)
    elif spoken is not None and _is_time(turn, "tongue_answered", ANSWERED_AGAIN):
        _answer(turn, spoken, event.text)


def _is_time(turn: Turn, key: str, pause: timedelta) -> bool:
    """Whether this was not said for so long; from now on it was."""
    said = turn.data.get(key)
    if said is not None and turn.now - datetime.fromisoformat(said) < pause:
        return False
    turn.data[key] = turn.now.isoformat()
    return True


def _count(turn: Turn, spoken: Tongue) -> None:
    """The second message in a row in the other language brings the offer; one in her own begins anew."""
    if spoken == turn.language:
        turn.data.pop("tongue", None)
        return
    count = turn.data.get("tongue", 0) + 1
    turn.data["tongue"] = count
    if count >= MESSAGES and _is_time(turn, "tongue_offered", OFFERED_AGAIN):
        turn.data.pop("tongue")
        turn.say(
            in_both(turn, "Here you can also read in the other language. It changes only when you press."),
            (Button(NAMES[spoken], f"tongue.take:{spoken}", is_standing=True),),
        )


def _answer(turn: Turn, spoken: Tongue, text: str) -> None:
    """Kind words, and a way to a person who speaks it."""
    if spoken == "uz":
        script = 0 if _LATIN.search(text) else 1
        said, label = UZBEK[script], UZBEK_PERSON[script]
    else:
        said = in_both(
            turn,
            "Thank you. The pages here are in Tajik and in Russian. If you would like a person who speaks your "
            "language, press the button.",
        )
        label = turn.text("A person, please")
    turn.say(said, (Button(label, "tongue.person", is_standing=True),))


def take(turn: Turn) -> None:
    """She pressed: from now on in that language; the step she is in is shown in it."""
    turn.language = "ru" if named(turn) == "ru" else "tg"
    turn.data.pop("tongue", None)
    turn.show()


def ask_for_person(turn: Turn) -> None:
    """Her facilitators hear that she would like to speak another language: a neutral line, no case, no finding."""
    if _is_time(turn, "tongue_asked", ANSWERED_AGAIN):
        participant = turn.facts.participant
        told = turn.facts.roster.looking_after(cohort_of(turn), turn.conversation.id)
        code_name = participant.code_name if participant else ""
        alarm.tell(turn, DeskAlarmed("language", code_name, conversation_id=turn.conversation.id), told)
    turn.say(turn.text("Thank you. Your facilitator has been told that you would like to speak another language."))


TONGUES = Flow(
    "Tongues",
    Audience.MOTHER,
    (),
    (
        Transition(on=ButtonPressed, source=ANY, to=None, do=take, when=chose("tongue.take")),
        Transition(on=ButtonPressed, source=ANY, to=None, do=ask_for_person, when=chose("tongue.person")),
    ),
)
