"""A stranger comes with a staff code: language, alias, what it means; then she waits for a colleague's word (S14)."""

import re
from datetime import datetime

from bot.core.conversation import NEW
from bot.core.effects import EnlistStaff, Unschedule
from bot.core.events import ButtonPressed, MessageReceived, StaffWaits, Started
from bot.core.messages import Button
from bot.core.people import Invitation, Role
from bot.flows.choices import chose, named
from bot.flows.conditions import HIDDEN, is_stranger, is_text
from bot.flows.rights import MENU, WAITING, colleagues
from bot.flows.scope import new_scope
from bot.flows.turn import ANY, Audience, Flow, State, Transition, Turn

CHOOSING, ASKED, AGREEING = "Enlist:language", "Enlist:asked", "Enlist:agreeing"
STATES = (CHOOSING, ASKED, AGREEING)
STAFF_ROLES = frozenset({Role.FACILITATOR, Role.COORDINATOR, Role.SUPERVISOR, Role.AUDITOR})
# Trees, fruit and water: nobody is called so, and everybody can say it in both languages.
ALIASES = ("Чинор", "Арча", "Бодом", "Анор", "Чашма", "Сарв", "Бед", "Себ", "Ток", "Писта", "Дарё", "Тут")
USED_UP = (
    "This code can no longer be used: it holds for 24 hours and for one person. Please ask the "
    "coordinator for a new one."
)
NOT_FOR_WORK = (
    "This chat is for the lessons, so it cannot also be used for work. Please open the code from another account."
)
_ALIAS = re.compile(r"[^\W\d_][\w' -]{1,19}")


def has_staff_code(turn: Turn) -> bool:
    """Whether she came by a code for staff."""
    invitation = turn.facts.invitation
    return invitation is not None and invitation.role in STAFF_ROLES


def begin(turn: Turn) -> None:
    """Take the code in, or say kindly why it opens nothing."""
    invitation = turn.facts.invitation
    if invitation is None or not has_staff_code(turn) or turn.state == HIDDEN:
        turn.show()
    elif not _is_free(turn):
        turn.say(turn.text(NOT_FOR_WORK))
    elif turn.event.is_lasting:
        _say_both(
            turn,
            "This is a chat in WhatsApp, from which nothing can be taken out again, so it cannot be used for work. "
            "Please open the link to Telegram.",
        )
    elif not invitation.is_open(turn.now):
        _say_both(turn, USED_UP)
    elif not turn.facts.roster.staff and invitation.role is not Role.COORDINATOR:
        _say_both(turn, "The team has no coordinator yet. Please open the same code again a little later.")
    else:
        _remember(turn, invitation)
        turn.go(CHOOSING)
        turn.show()


def _is_free(turn: Turn) -> bool:
    """Whether it can become a colleague's chat: nobody has joined from here, or waits here for a person (S10)."""
    return is_stranger(turn) and turn.facts.case is None


def _remember(turn: Turn, invitation: Invitation) -> None:
    turn.data["enlist"] = {
        "invitation": invitation.id,
        "role": invitation.role.value,
        "cohort": invitation.cohort_id,
        "expires_at": invitation.expires_at.isoformat(),
    }


def _say_both(turn: Turn, key: str) -> None:
    """In both languages, while she has not chosen one."""
    say = turn.library.texts.say
    turn.say(f"{say('tg', key)}\n\n{say('ru', key)}")


def ask_language(turn: Turn) -> None:
    """The bilingual first screen."""
    turn.say(
        "Забонро интихоб кунед.\nВыберите язык.",
        (Button("Тоҷикӣ", "enlist.language:tg"), Button("Русский", "enlist.language:ru")),
    )


def choose_language(turn: Turn) -> None:
    """From now on in her language."""
    turn.language = "ru" if named(turn) == "ru" else "tg"
    turn.show()


def ask_alias(turn: Turn) -> None:
    """A few neutral words to be known by, or one she types."""
    free = _free_aliases(turn)
    turn.say(
        turn.text("Welcome to the team. Everybody here is known by an alias, mothers included.")
        + "\n\n"
        + turn.text(
            "Choose a word or write your own, 2 to 20 letters. Please do not take your real name or "
            "one that people know you by."
        ),
        *(
            tuple(Button(alias, f"enlist.alias:{ALIASES.index(alias)}") for alias in row)
            for row in (free[:3], free[3:])
            if row
        ),
    )


def _free_aliases(turn: Turn) -> list[str]:
    """Up to six that nobody has, beginning at a chance place so that two newcomers seldom meet."""
    taken = _taken(turn)
    shift = int(turn.ids.number()) % len(ALIASES)
    around = ALIASES[shift:] + ALIASES[:shift]
    return [alias for alias in around if alias.casefold() not in taken][:6]


def _taken(turn: Turn) -> set[str]:
    roster = turn.facts.roster
    return {alias.casefold() for alias in (*roster.aliases, *(staff.alias for staff in roster.staff))}


def choose_alias(turn: Turn) -> None:
    """One of ours."""
    number = named(turn)
    is_ours = number.isdecimal() and int(number) < len(ALIASES)
    _propose(turn, ALIASES[int(number)] if is_ours else "")


def write_alias(turn: Turn) -> None:
    """One of hers."""
    _propose(turn, " ".join(turn.event.text.split()))


def _propose(turn: Turn, alias: str) -> None:
    if not _ALIAS.fullmatch(alias):
        turn.say(turn.text("An alias has 2 to 20 letters and begins with a letter."))
        turn.go(ASKED)
    elif alias.casefold() in _taken(turn):
        turn.say(turn.text("Somebody here already has this alias. Please choose another."))
        turn.go(ASKED)
    else:
        turn.data["enlist"]["alias"] = alias
        turn.go(AGREEING)
    turn.show()


def explain(turn: Turn) -> None:
    """What it means to be on the team, before she says yes."""
    turn.say(
        turn.text("Your alias: {alias}.", alias=turn.data["enlist"]["alias"])
        + "\n\n"
        + turn.text(
            "What it means: you see messages that mothers wrote in trust. You read them only for the case you took, "
            "copy or show them to nobody, and write to a mother only through this chat. Every reading is recorded. "
            "A colleague who knows you in person must confirm you before anything opens."
        ),
        (turn.button("I agree", "enlist.agree"), turn.button("Another alias", "enlist.another")),
    )


def is_too_late(turn: Turn) -> bool:
    """Whether the code ran out or was used, or a person is needed here, since she began to choose."""
    return _is_used_up(turn) or not _is_free(turn)


def _is_used_up(turn: Turn) -> bool:
    return turn.facts.is_spent or datetime.fromisoformat(turn.data["enlist"]["expires_at"]) <= turn.now


def give_up(turn: Turn) -> None:
    """Back to where strangers begin."""
    turn.say(turn.text(USED_UP if _is_used_up(turn) else NOT_FOR_WORK))
    turn.data.pop("enlist")


def enlist(turn: Turn) -> None:
    """She is on the list, inert; the very first coordinator, whose code came from the server, needs nobody's word."""
    asked = turn.data["enlist"]
    if asked["alias"].casefold() in _taken(turn):  # two who chose the same at the same time must not look the same
        turn.go(ASKED)
        _propose(turn, asked["alias"])
        return
    role = Role(asked["role"])
    is_first = role is Role.COORDINATOR and not turn.facts.roster.staff  # else one of them can vouch
    turn.data = {}
    turn.do(
        Unschedule(("",)),
        EnlistStaff(asked["invitation"], asked["alias"], turn.language, is_confirmed=is_first),
    )
    turn.go(MENU if is_first else WAITING)
    if is_first:
        turn.say(turn.text("You are the first coordinator. Send /menu to begin."))
        return
    scope = new_scope(role, asked.get("cohort"))
    for colleague in colleagues(turn):
        waits = StaffWaits("", turn.conversation.id, asked["alias"], scope.roles, scope.cohorts)
        turn.post(waits, colleague.conversation_id)
    turn.show()


def is_ours(turn: Turn) -> bool:
    """Whether the button belongs to this flow, or to an earlier step; help and hide are everybody's."""
    return str(turn.event.choice).startswith(("enlist.", "stale"))


ENLIST = Flow(
    "Enlist",
    Audience.MOTHER,
    (State(CHOOSING, ask_language), State(ASKED, ask_alias), State(AGREEING, explain)),
    (
        Transition(on=Started, source=(NEW, *STATES), to=None, do=begin, when=has_staff_code),
        Transition(on=ButtonPressed, source=CHOOSING, to=ASKED, do=choose_language, when=chose("enlist.language")),
        Transition(on=ButtonPressed, source=ASKED, to=None, do=choose_alias, when=chose("enlist.alias")),
        Transition(on=MessageReceived, source=ASKED, to=None, do=write_alias, when=is_text),
        Transition(on=ButtonPressed, source=AGREEING, to=ASKED, when=chose("enlist.another")),
        Transition(on=ButtonPressed, source=AGREEING, to=NEW, do=give_up, when=is_too_late),
        Transition(on=ButtonPressed, source=AGREEING, to=None, do=enlist, when=chose("enlist.agree")),
        Transition(on=MessageReceived, source=AGREEING, to=None, do=write_alias, when=is_text),
        Transition(on=ButtonPressed, source=STATES, to=None, when=is_ours),
        Transition(on=MessageReceived, source=STATES, to=None),
        Transition(on=Started, source=STATES, to=None),
        Transition(on=Started, source=ANY, to=None, do=begin, when=has_staff_code),
    ),
)
