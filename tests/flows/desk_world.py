"""An invented desk for tests: people with made-up aliases, their conversations, facts made from a few cases."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files

from babel.messages.pofile import read_po

from bot.core.calendar import Hours
from bot.core.cases import Case, CaseState, Level
from bot.core.conversation import NEW, Conversation, Facts, Owner
from bot.core.effects import Amend, Effect, Post, Say
from bot.core.event import Event
from bot.core.events import ButtonPressed, MessageReceived
from bot.core.messages import LANGUAGES, Outgoing
from bot.core.people import CohortFigures, Group, Invitation, Role, Roster, Staff
from bot.curriculum.load import load
from bot.flows.enlist import ENLIST
from bot.flows.group import GROUP
from bot.flows.interpret import interpret
from bot.flows.machine import Engine, Played
from bot.flows.policy import Policy
from bot.flows.staff_tables import STAFF_FLOWS
from bot.flows.turn import Audience, Flow, Library, State, Turn
from bot.guidance.load import load_guidance
from bot.texts import Texts
from tests.world import SeededIds

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # a Monday, 11:00 in Dushanbe
ALWAYS = Hours(time(0), time(0))


def show_door(turn: Turn) -> None:
    """What a stranger sees who has no staff code; the mothers' flows own it."""
    turn.say("—")


def staff_texts() -> Texts:
    """The staff's catalogue alone: its flows need no other words."""
    sentences = {}
    for language in LANGUAGES:
        path = files("bot") / "locales" / language / "LC_MESSAGES" / "staff.po"
        with path.open("rb") as file:
            sentences[language] = {str(m.id): str(m.string) for m in read_po(file, locale=language) if m.id}
    return Texts(sentences)


DOOR = Flow("Door", Audience.MOTHER, (State(NEW, show_door),), ())


def engine(policy: Policy) -> Engine:
    """The staff's flows under what an operator decided."""
    return Engine((ENLIST, DOOR, *STAFF_FLOWS, GROUP), Library(load(), staff_texts(), policy, load_guidance()))


_ENGINE = engine(Policy())


def id_of(name: str) -> str:
    """A 26-character id that can be read."""
    return name.ljust(26, "0")


def facilitator(name: str, **changes: object) -> Staff:
    member = Staff(
        id=id_of(name),
        alias=name.title(),
        conversation_id=id_of(f"chat-{name}"),
        language="ru",
        roles=frozenset({Role.FACILITATOR}),
        duty=(ALWAYS,),
        trained_on=date(2026, 11, 1),
        is_confirmed=True,
    )
    return replace(member, **changes)


def coordinator(name: str, **changes: object) -> Staff:
    return facilitator(name, roles=frozenset({Role.COORDINATOR}), trained_on=None, **changes)


def open_case(name: str, number: str, owner: Staff | None = None, **changes: object) -> Case:
    case = Case(
        id=id_of(name),
        number=number,
        conversation_id=id_of(f"mother-{name}"),
        cohort_id=id_of("bahor"),
        level=Level.URGENT,
        state=CaseState.TAKEN if owner else CaseState.OPEN,
        language="tg",
        opened_at=NOW - timedelta(minutes=7),
        owner_id=owner.id if owner else None,
        taken_at=NOW if owner else None,
    )
    return replace(case, **changes)


def cohort(name: str = "bahor", **changes: object) -> CohortFigures:
    figures = CohortFigures(
        id=id_of(name),
        name=f"Баҳор {name}",
        opened=("m1",),
        total=12,
        by_language={"tg": 8, "ru": 4},
        left_out={"open_case": 1, "stopped": 1},
        participants=((id_of("chat-a"), "Себ 1", False), (id_of("chat-b"), "Нок 2", True)),
    )
    return replace(figures, **changes)


def invitation(role: Role, **changes: object) -> Invitation:
    made = Invitation(id_of(f"invite-{role}"), role, None, uses_left=1, expires_at=NOW + timedelta(hours=24))
    return replace(made, **changes)


@dataclass
class Chat:
    """One conversation of the desk, played event by event, with everything it asked for."""

    conversation: Conversation
    facts: Facts
    effects: list[Effect] = field(default_factory=list)
    last: tuple[Effect, ...] = ()
    engine: Engine = _ENGINE

    @classmethod
    def of(cls, staff: Staff, roster: Iterable[Staff] = (), state: str = "Staff:menu", **facts: object) -> "Chat":
        known = Roster(tuple({s.id: s for s in (staff, *roster) if s.is_confirmed}.values()), (Group(id_of("group")),))
        conversation = Conversation(staff.conversation_id, Owner.STAFF, staff.id, state, language=staff.language)
        return cls(conversation, Facts(NOW, roster=known, staff=staff, **facts))

    @classmethod
    def stranger(cls, roster: Iterable[Staff] = (), owner: Owner = Owner.STRANGER) -> "Chat":
        conversation = Conversation(id_of("chat-new"), owner, id_of("new"), last_in_at=NOW)
        return cls(conversation, Facts(NOW, roster=Roster(tuple(roster))))

    @classmethod
    def group(cls, roster: Iterable[Staff] = (), state: str = "Group:bound") -> "Chat":
        conversation = Conversation(id_of("group"), Owner.GROUP, id_of("group"), state, language="ru")
        return cls(conversation, Facts(NOW, roster=Roster(tuple(roster), (Group(conversation.id),))))

    def play(self, event: Event, **facts: object) -> tuple[Effect, ...]:
        """One event; `facts` hold for this event alone."""
        turn = self.engine.begin(self.conversation, event, replace(self.facts, **facts), IDS)
        turn.event = interpret(turn)
        self.engine.step(turn)
        played: Played = self.engine.finish(turn)
        self.conversation, self.last = played.conversation, played.effects
        self.effects.extend(played.effects)
        return played.effects

    def press(self, choice: str, version: int | None = None, **facts: object) -> tuple[Effect, ...]:
        return self.play(ButtonPressed(choice, version), **facts)

    def press_now(self, choice: str, **facts: object) -> tuple[Effect, ...]:
        """A step button of the present step."""
        return self.press(choice, self.conversation.version, **facts)

    def write(self, text: str, message_id: str = "m1", **facts: object) -> tuple[Effect, ...]:
        return self.play(MessageReceived(text, message_id=message_id), **facts)

    def knows(self, **facts: object) -> None:
        """From now on these facts hold."""
        self.facts = replace(self.facts, **facts)

    @property
    def state(self) -> str:
        return self.conversation.state

    @property
    def posts(self) -> list[Post]:
        return [effect for effect in self.last if isinstance(effect, Post)]

    @property
    def said(self) -> str:
        return "\n".join(outgoing.text for outgoing in outgoings(self.last))

    @property
    def choices(self) -> list[str]:
        return [b.choice for outgoing in outgoings(self.last) for row in outgoing.rows for b in row]

    def asked(self, kind: type) -> list[Effect]:
        return [effect for effect in self.last if isinstance(effect, kind)]


def outgoings(effects: Iterable[Effect]) -> list[Outgoing]:
    return [effect.outgoing for effect in effects if isinstance(effect, Say | Amend)]


IDS = SeededIds()
ENGINE = _ENGINE
