"""What mothers chose to share, on their facilitator's side: a line once a day, and the answers when she asks (S20)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core import rota
from bot.core.conversation import SharedReflection
from bot.core.effects import Audit, Purpose, Schedule, Unsay
from bot.core.events import ButtonPressed, SweepDue
from bot.core.teamwork import DigestDue, ReflectionsAsked, ReflectionsGone, ReflectionShared
from bot.flows.cards import say_when
from bot.flows.choices import chose
from bot.flows.course import lesson_of
from bot.flows.plain import plain
from bot.flows.rights import every, is_facilitator, me
from bot.flows.staff import leave_step
from bot.flows.turn import ANY, Audience, Flow, Transition, Turn

SHOWN = 15
"""How many answers are shown at once, the oldest first; then she may read on."""
AGAIN = timedelta(days=14)
"""How far back she may look once more, for example before a session."""


def tag_of(conversation_id: str) -> str:
    """The tag of every answer of one mother in a reader's chat."""
    return f"shared:{conversation_id}"


# ---- once a day


def count(turn: Turn) -> None:
    """One more waits to be read; a line about it comes in her duty hours, once a day."""
    turn.data["shared"] = int(turn.data.get("shared", 0)) + 1
    if not turn.data.get("has_digest"):
        _plan(turn)


def _plan(turn: Turn) -> None:
    staff = me(turn)
    morning = rota.next_morning(turn.now, ZoneInfo(staff.zone))
    turn.data["has_digest"] = True
    turn.do(Schedule("digest", staff.next_duty(morning) or morning, DigestDue()))


def bring(turn: Turn) -> None:
    """How many wait; nothing when she has read them meanwhile, another day when she is away."""
    turn.data.pop("has_digest", None)
    waiting = int(turn.data.get("shared", 0))
    if not waiting or not is_facilitator(turn):
        return
    if me(turn).is_away(turn.now):
        _plan(turn)
        return
    turn.say_to_desk(
        turn.text("Answers that mothers have shared with you since you last looked: {n}", n=waiting),
        (turn.button("Shared answers", "menu.shared", standing=True),),
    )


# ---- reading


def ask(turn: Turn) -> None:
    """She wants to read what is new, before a session or at any time."""
    _ask(turn, ReflectionsAsked())


def ask_again(turn: Turn) -> None:
    """The last two weeks once more."""
    _ask(turn, ReflectionsAsked(is_again=True))


def _ask(turn: Turn, event: ReflectionsAsked) -> None:
    leave_step(turn)
    turn.post(event, turn.conversation.id)
    turn.say_to_desk(turn.text("One moment."))


def read(turn: Turn) -> None:
    """In order of time, each by itself, each a row of the audit; they leave this chat after two days."""
    fresh = _asked_for(turn)
    part = fresh[:SHOWN]
    if not part:
        turn.data["shared"] = 0
        again = (turn.button("The last two weeks", "shared.again", standing=True),)
        turn.say_to_desk(turn.text("No new answer was shared with you."), *((again,) if turn.facts.reflections else ()))
        return
    for reflection in sorted(part, key=lambda one: (one.at, one.id)):
        _say(turn, reflection)
    if not turn.event.is_again:
        turn.data["shared_until"] = _place(part[-1])
        turn.data["shared"] = len(fresh) - len(part)
    _say_rest(turn, len(fresh) - len(part))


def _asked_for(turn: Turn) -> list[SharedReflection]:
    """What she has not read, or everything of the last two weeks, the earliest sharing first."""
    if turn.event.is_again:
        return [one for one in turn.facts.reflections if one.shared_at > turn.now - AGAIN][-SHOWN:]
    until = turn.data.get("shared_until", "")
    return [one for one in turn.facts.reflections if _place(one) > until]


def _place(reflection: SharedReflection) -> str:
    """Its place in the order of sharing, as text that sorts."""
    return f"{reflection.shared_at.isoformat(timespec='microseconds')} {reflection.id}"


def _say(turn: Turn, reflection: SharedReflection) -> None:
    page = lesson_of(turn, reflection.lesson)
    title = page.title.in_language(turn.language) if page else "—"
    head = turn.text(
        "{name}, {when}, page {lesson} “{title}”:",
        name=reflection.code_name,
        when=say_when(turn, reflection.at),
        lesson=reflection.lesson,
        title=title,
    )
    turn.do(Audit("read_shared", me(turn).id, reflection.participant_id))
    turn.say_to_desk(
        f"{head}\n{plain(reflection.text)}",
        purpose=Purpose.CASE_TEXT,
        tag=tag_of(reflection.conversation_id),
        ref=reflection.id,
        expires_at=_sweep_at(turn, reflection.conversation_id),
    )


def _say_rest(turn: Turn, more: int) -> None:
    text = turn.text(
        "These are hers to tell: please quote nothing of it in the group. They leave this chat after two days."
    )
    if more:
        rest = turn.text("More to read: {n}", n=more)
        turn.say_to_desk(f"{text}\n{rest}", (turn.button("Read on", "menu.shared", standing=True),))
    else:
        turn.say_to_desk(text)


# ---- leaving the chat


def _sweep_at(turn: Turn, conversation_id: str) -> datetime:
    """When her answers leave this chat; the first sets the clock, later ones do not move it."""
    tag = tag_of(conversation_id)
    sweeps = turn.data.setdefault("sweeps", {})
    if tag not in sweeps:
        due_at = turn.now + turn.library.policy.staff_text_stays
        sweeps[tag] = due_at.isoformat()
        turn.do(Schedule(f"sweep:{tag}", due_at, SweepDue(tag=tag)))
    return datetime.fromisoformat(sweeps[tag])


def is_of_shared(turn: Turn) -> bool:
    """Whether it is about shared answers and not about a case."""
    return bool(turn.event.tag)


def sweep(turn: Turn) -> None:
    """Two days are over."""
    _take_away(turn, turn.event.tag)


def take_back(turn: Turn) -> None:
    """She was erased (S22)."""
    _take_away(turn, tag_of(turn.event.conversation_id))


def take_from(turn: Turn, conversation_id: str) -> None:
    """She is somebody whom this person knows: what was read of her leaves this chat, where something was (S12)."""
    tag = tag_of(conversation_id)
    if tag in turn.data.get("sweeps", {}):
        _take_away(turn, tag)


def _take_away(turn: Turn, tag: str) -> None:
    turn.data.get("sweeps", {}).pop(tag, None)
    turn.do(Unsay(tag=tag))


DIGEST = Flow(
    "Digest",
    Audience.STAFF,
    (),
    (
        Transition(on=ReflectionShared, source=ANY, to=None, do=count),
        Transition(on=DigestDue, source=ANY, to=None, do=bring),
        Transition(on=ButtonPressed, source=ANY, to=None, do=ask, when=every(chose("menu.shared"), is_facilitator)),
        Transition(
            on=ButtonPressed, source=ANY, to=None, do=ask_again, when=every(chose("shared.again"), is_facilitator)
        ),
        Transition(on=ReflectionsAsked, source=ANY, to=None, do=read, when=is_facilitator),
        Transition(on=ReflectionsAsked, source=ANY, to=None),
        Transition(on=ReflectionsGone, source=ANY, to=None, do=take_back),
        Transition(on=SweepDue, source=ANY, to=None, do=sweep, when=is_of_shared),
    ),
)
