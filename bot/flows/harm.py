"""Whether the programme itself has done harm: one short question with neutral answers that leave the chat (S23)."""

from datetime import datetime, timedelta

from bot.core.cases import Case, Category, Finding, Level
from bot.core.effects import Audit, CancelSends, CountHarm, Purpose, Schedule, Unsay, Unschedule
from bot.core.events import ButtonPressed, CatchUpDue, MessageReceived, SweepDue
from bot.core.harm import PushesReleased, StillWithheld
from bot.core.messages import Button
from bot.core.people import Roster, Staff
from bot.flows import quiet
from bot.flows.answer import answer
from bot.flows.choices import chose, named
from bot.flows.conditions import is_looked_after_by, is_text, open_case
from bot.flows.hearing import Heard, cohort_of, hear
from bot.flows.interpret import CLOCKS, is_before_page
from bot.flows.pace import plan
from bot.flows.rights import every
from bot.flows.screens import MENU, always, stand
from bot.flows.turn import ANY, BEFORE_ALL, Audience, Flow, State, Transition, Turn
from bot.orthography.commands import ASKED
from bot.orthography.courtesy import courtesy
from bot.orthography.moods import mood

ASKING = "Harm:asking"
TAG = "harm"
SWEEP = "sweep:harm"
TELLING = ("seen", "home", "self")
"""The answers that are a yes."""
TOLD = Finding(Level.CONCERN, Category.DISTRESS, 1.0, ("rule.harm_told",), "question")
NOT_AGAIN_FOR = timedelta(days=1)
ALARM_AT, WITHIN = 2, timedelta(days=30)


# ---- the question


def is_due(turn: Turn) -> bool:
    """Whether she may be asked now: she is here, nobody is on it yet, and she was not asked a moment ago."""
    participant = turn.facts.participant
    if participant is None or not turn.is_live or turn.held_by is not None or open_case(turn) is not None:
        return False
    asked = turn.data.get("harm_asked")
    is_recent = asked is not None and turn.now - datetime.fromisoformat(asked) < NOT_AGAIN_FOR
    return participant.withheld_at is None and not is_recent


def begin(turn: Turn, then: str) -> None:
    """Ask; afterwards she is in the state `then`."""
    turn.data["harm_asked"] = turn.now.isoformat()
    turn.data["harm"] = {"at": turn.now.isoformat(), "then": then}
    turn.go(ASKING)
    turn.show()


def show_question(turn: Turn) -> None:
    """The question, for ten minutes at most: later somebody else may hold the phone."""
    asked = turn.data.get("harm")
    if asked is None or turn.now - datetime.fromisoformat(asked["at"]) >= turn.reply_window:
        turn.go(_take_out(turn))
        turn.show()
        return
    labels = telling(turn)
    turn.say(
        turn.text("One short question more: how is it for you with these pages? If harder, a person reads it."),
        (turn.button("All is well", "harm.no"), Button(labels["seen"], "harm.told:seen")),
        (Button(labels["home"], "harm.told:home"), Button(labels["self"], "harm.told:self")),
        (turn.button("Skip", "harm.skip"),),
        always(turn),
        tag=TAG,
    )
    turn.do(Schedule(SWEEP, turn.now + turn.reply_window, SweepDue(tag=TAG)))


def telling(turn: Turn) -> dict[str, str]:
    """How a yes reads: nobody who looks over her shoulder learns more than that something was asked."""
    words = turn.text("Harder with the phone"), turn.text("Harder at home"), turn.text("Harder for me")
    return dict(zip(TELLING, words, strict=True))


def is_asked(turn: Turn) -> bool:
    """Whether she wrote this below the question, while it stands; numbers choose there as on every page."""
    asked = turn.data.get("harm")
    is_there = turn.state == ASKING or quiet.has_begun(turn)  # also where she has hidden or stopped since
    if not is_there or asked is None or not isinstance(turn.event, MessageReceived) or not is_text(turn):
        return False
    at = datetime.fromisoformat(asked["at"])
    return turn.now - at < turn.reply_window and turn.acted_at + CLOCKS >= at


def says_all_is_well(turn: Turn) -> bool:
    """Whether she wrote that it is well, which is the first answer in her own word."""
    if not is_asked(turn) or is_before_page(turn) or ASKED.search(turn.event.text):
        return False
    return courtesy(turn.event.text) == "fine" or mood(turn.event.text) == "well"


def says_harder(turn: Turn) -> bool:
    """Whether she says in words of her own that it got harder."""
    return is_asked(turn) and mood(turn.event.text) == "harder"


def go_on(turn: Turn) -> None:
    """Of a no or a skip nothing is kept."""
    turn.go(_take_out(turn, turn.event.message_id))
    turn.show()


def _take_out(turn: Turn, answered: str = "") -> str:
    """Question and answer (also a typed one) leave the chat; where she goes on."""
    turn.do(Unsay(tag=TAG, message_ids=(answered,) if answered else ()), Unschedule((SWEEP,)))
    then = str(turn.data.pop("harm", {}).get("then", MENU))
    return then if then in turn.library.screens else MENU


# ---- a yes


def is_telling(turn: Turn) -> bool:
    """Whether the choice is one of the answers that are a yes."""
    return chose("harm.told")(turn) and named(turn) in TELLING


def tell(turn: Turn) -> None:
    """A person looks, and what a yes brings."""
    words = turn.text("To the short question she answered: {answer}", answer=telling(turn)[named(turn)])
    heed(turn)
    answer(turn, hear(turn, Heard(TOLD.level, words, found=TOLD)))


def tell_in_words(turn: Turn) -> None:
    """The same by words of her own, which the person reads."""
    event = turn.event
    heed(turn)
    answer(turn, hear(turn, Heard(TOLD.level, event.text, message_id=event.message_id, found=TOLD)))


def heed(turn: Turn) -> None:
    """Question and answer leave the chat, all pushes to her wait for a person's word, and the cohort is counted."""
    participant = turn.facts.participant
    then = _take_out(turn, turn.event.message_id)
    if turn.state == ASKING:
        turn.go(then)
    if participant is not None and participant.withheld_at is None:
        stand(turn, withheld_at=turn.now)
        turn.do(CancelSends((Purpose.PUSH, Purpose.BROADCAST)))
        _count(turn)


def _count(turn: Turn) -> None:
    cohort_id = cohort_of(turn)
    if cohort_id is not None:
        told = tuple(member.conversation_id for member in deciders(turn.facts.roster, cohort_id))
        turn.do(CountHarm(cohort_id, ALARM_AT, WITHIN, told))


def deciders(roster: Roster, cohort_id: str) -> tuple[Staff, ...]:
    """Who decides about a cohort's pushes: its supervisors, or without any the coordinators."""
    theirs = tuple(s for s in roster.supervisors() if not s.cohorts or cohort_id in s.cohorts)
    return theirs or roster.coordinators()


# ---- until a person releases them


def remind(turn: Turn, case: Case, staff_id: str) -> None:
    """Closing her case releases nothing: whoever closed it is asked to do that by itself."""
    participant, staff = turn.facts.participant, turn.facts.roster.member(staff_id)
    if participant is not None and participant.withheld_at is not None and staff is not None:
        turn.post(StillWithheld(case.number, participant.code_name, turn.conversation.id), staff.conversation_id)


def release(turn: Turn) -> None:
    """A person let them go on: one line in her hours if she missed something, none if there is nothing."""
    participant, event = turn.facts.participant, turn.event
    if participant is None:
        return
    if not event.is_of_cohort:
        is_hers = event.code_name in {"", participant.code_name} and is_looked_after_by(turn, event.staff_id)
        if participant.withheld_at is None or not is_hers:
            return
        stand(turn, withheld_at=None)
        turn.do(Audit("release", event.staff_id))
    if turn.data.pop("has_missed", False):
        plan(turn, "catch_up", CatchUpDue(), turn.now)


HARM = Flow(
    "Harm",
    Audience.MOTHER,
    (State(ASKING, show_question, is_resting=True),),
    (
        Transition(on=ButtonPressed, source=ASKING, to=None, do=tell, when=is_telling),
        Transition(on=ButtonPressed, source=ASKING, to=None, do=go_on, when=chose("harm.no", "harm.skip")),
        Transition(on=MessageReceived, source=ANY, to=None, do=go_on, when=says_all_is_well),
        Transition(on=MessageReceived, source=BEFORE_ALL, to=None, do=tell_in_words, when=says_harder),
        Transition(on=ButtonPressed, source=ANY, to=None, do=tell, when=every(quiet.has_begun, is_telling)),
        Transition(on=PushesReleased, source=ANY, to=None, do=release),
    ),
)
