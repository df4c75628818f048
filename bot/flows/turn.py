"""One event being played: what flows read, and the verbs by which they ask for effects.

A flow is a table of transitions; the first row whose condition holds wins.  Every state has a screen: the
function that says (again) what this step is about.  It serves entering, returning from a detour, a stale
button, a text that was not understood and a change of language alike.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

import orjson

from bot.core.conversation import Conversation, Facts, Owner
from bot.core.effects import Effect, Post, Purpose, Say
from bot.core.errors import FlowError
from bot.core.event import Event
from bot.core.events import ButtonPressed
from bot.core.messages import LANGUAGES, Button, Kind, Lane, Language, Outgoing, Rows
from bot.core.ports import Ids
from bot.curriculum.model import Curriculum
from bot.flows.policy import Policy
from bot.guidance.model import Guidance
from bot.orthography.commands import command
from bot.texts import Texts

Do = Callable[["Turn"], None]
When = Callable[["Turn"], bool]

REPLIES = frozenset({Purpose.REPLY, Purpose.NOTICED})
ANSWERS = REPLIES | {Purpose.DESK}
"""What is said because somebody acted just now; said once where one act comes several times."""

ANY = "*"
"""As a source: every state of the flow's audience, tried after the rows that name the state."""

BEFORE_ALL = "**"
"""As a source: every state of the flow's audience, tried before the rows that name the state (rights come first)."""

TELLING = frozenset({"has_language", "spoken", "enlist"})
"""What a stranger's conversation remembers once her language is known: chosen, told by her words, or asked as staff."""

BOTH = " / "
"""Between the two languages of one label."""
_WIDEST = 32


class Audience(StrEnum):
    """Whose states a flow has; strangers are mothers who have not joined yet."""

    MOTHER = "mother"
    STAFF = "staff"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class State:
    """A named step.

    `is_resting`: timed events may begin something here.  `is_detour`: a second detour replaces it (help, menu).
    `is_literal`: what staff write here is their words and never taken for a button (S13).
    """

    name: str
    screen: Do
    is_resting: bool = False
    is_detour: bool = False
    is_literal: bool = False


@dataclass(frozen=True, slots=True)
class Transition:
    """In `source`, on this event, when the condition holds: go `to` (None: stay, or `do` decides by Turn.go) and `do`.

    Without `do` the screen of the new state is shown.
    """

    on: type[Event]
    source: str | tuple[str, ...]
    to: str | None
    do: Do | None = None
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """One named piece of conversation: its states and its table."""

    name: str
    audience: Audience
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]


@dataclass(frozen=True, slots=True)
class Library:
    """All that is the same for every turn: lessons, sentences, the operator's policy, guidance, the screens.

    `listening` are the states of mothers in which words of her own are asked for.
    """

    curriculum: Curriculum
    texts: Texts
    policy: Policy
    guidance: Guidance
    screens: Mapping[str, Do] = field(default_factory=dict)
    resting: frozenset[str] = frozenset()
    detours: frozenset[str] = frozenset()
    literal: frozenset[str] = frozenset()
    listening: frozenset[str] = frozenset()


def audience_of(owner: Owner) -> Audience:
    """Whose states a conversation is in."""
    if owner is Owner.STAFF:
        return Audience.STAFF
    return Audience.GROUP if owner is Owner.GROUP else Audience.MOTHER


class Turn:
    """The model the machine works on: a private copy of the conversation, and the effects asked for so far."""

    def __init__(self, library: Library, conversation: Conversation, event: Event, facts: Facts, ids: Ids) -> None:
        self.library = library
        self.conversation = conversation
        self.event: Any = event  # flows know by their table which event it is
        self.facts = facts
        self.ids = ids
        self.state = conversation.state
        self.data = _copied(conversation.data)
        self.language: Language = conversation.language
        self.held_by = conversation.held_by
        self.effects: list[Effect] = []
        self._options: list[list[str | bool | int]] = []
        self._has_step_buttons = self._has_said = False
        self._is_in_one = False
        self.is_hushed = False

    @cached_property
    def meaning(self) -> str | None:
        """Which word that acts everywhere the text of this turn's event is, as it came; looked up once."""
        return command(self.event.text)

    @property
    def now(self) -> datetime:
        """The instant of this turn."""
        return self.facts.now

    @property
    def version(self) -> int:
        """The version that this turn's step buttons carry."""
        return self.conversation.version + 1

    @property
    def is_resting(self) -> bool:
        """Whether timed events may begin something now."""
        return self.state in self.library.resting and self.held_by is None

    @property
    def is_live(self) -> bool:
        """Whether a text now is a reply: her own last act is younger than the reply window (S1)."""
        last = self.conversation.last_in_at
        return last is not None and self.now - last < self.reply_window

    @property
    def acted_at(self) -> datetime:
        """When she did this, or last acted before it; what she allows counts from there, however late it comes (S1)."""
        return self.facts.acted_at or self.conversation.last_in_at or self.now

    @property
    def has_acted_since(self) -> bool:
        """Whether we have heard already of something that she did after this."""
        last = self.conversation.last_in_at
        return last is not None and self.acted_at < last

    @property
    def is_fresh(self) -> bool:
        """Whether she did this so short a time ago that she still holds the phone; a newer act does not renew it."""
        return self.now - self.acted_at < self.reply_window

    @property
    def reply_window(self) -> timedelta:
        """How long after her own act a text is still a reply (S1; ten minutes)."""
        return self.library.policy.reply_window

    @property
    def languages(self) -> tuple[Language, ...]:
        """Her language; both while she is a stranger who has neither chosen one nor written words that tell it (S6)."""
        if self.conversation.owner is not Owner.STRANGER or self._is_in_one:
            return (self.language,)
        is_known = TELLING & (self.data.keys() | self.conversation.data.keys())
        return (self.language,) if is_known else LANGUAGES

    def in_each(self, say: Callable[[], str]) -> str:
        """What `say` says in her language, or in both, one after the other."""
        said, own, languages = [], self.language, self.languages
        self._is_in_one = True
        for self.language in languages:
            said.append(say())
        self.language, self._is_in_one = own, False
        return "\n\n".join(dict.fromkeys(said))

    def text(self, key: str, **values: object) -> str:
        """A sentence of ours in this conversation's language, or in both."""
        return "\n\n".join(self.library.texts.say(language, key, **values) for language in self.languages)

    def button(self, key: str, choice: str, *, standing: bool = False) -> Button:
        """A step button (or a standing one) labelled by a sentence of ours."""
        say, (language, *others) = self.library.texts.say, self.languages
        label = say(language, key)
        if others:
            label = BOTH.join(dict.fromkeys((label, *(say(other, key) for other in others))))
        return Button(label, choice, standing)

    def do(self, *effects: Effect) -> None:
        """Ask for effects."""
        self.effects.extend(effects)

    def post(self, event: Event, to: str) -> None:
        """Send an event to another conversation."""
        self.effects.append(Post(event, to))

    def outgoing(self, text: str, rows: Rows = ()) -> Outgoing:
        """A message whose step buttons are stamped with this turn's version; remembers what may be typed instead."""
        if self.is_hushed:
            return Outgoing(text, rows, self.version)
        first = len(self._options) + 1
        for row in rows:
            for button in row:
                self._options.append([button.label, button.choice, *([True] if button.is_standing else [])])
                self._has_step_buttons |= not button.is_standing
        return Outgoing(text, rows, self.version, first=first)

    def say(self, text: str, *rows: tuple[Button, ...], **how: Any) -> None:
        """Say something to this conversation; `how` are fields of Say (lane, purpose, due_at, ...).

        A reply to a mother expires with the reply window (S1), counted from her last own act.  Under words of her
        facilitator nothing is chosen by typing: what she types there is for her.
        """
        self._has_said |= not self.is_hushed
        first = len(self._options)
        self._send(self.outgoing(text, rows if len(self.languages) == 1 else _narrow(rows)), how)
        if how.get("purpose") is Purpose.ANSWER:
            del self._options[first:]
        elif self._is_too_late(how):
            self._options[first:] = _above(self._options[first:])

    def say_to_desk(self, text: str, *rows: tuple[Button, ...], **how: Any) -> None:
        """Say something to a member of staff or a group: the desk's purpose, the escalation lane unless told."""
        self.say(text, *rows, **{"lane": Lane.REPLY, "purpose": Purpose.DESK, **how})

    def say_file(self, file: str, kind: Kind, **how: Any) -> None:
        """Send a file that the channel already has, by its id there; `how` as in `say`."""
        self._send(replace(self.outgoing(""), file=file, file_kind=kind), how)

    def _send(self, outgoing: Outgoing, how: dict[str, Any]) -> None:
        if self.is_hushed and how.get("purpose", Purpose.REPLY) in ANSWERS:
            return
        is_hers = audience_of(self.conversation.owner) is Audience.MOTHER
        if is_hers and how.get("purpose", Purpose.REPLY) in REPLIES and how.get("expires_at") is None:
            began = self.conversation.last_in_at or self.now
            how = {**how, "expires_at": began + self.reply_window}
        self.effects.append(Say(outgoing, **how))

    def _is_too_late(self, how: dict[str, Any]) -> bool:
        """Whether it never goes out: a reply to an act of hers that is too long ago (S1)."""
        is_reply = how.get("purpose", Purpose.REPLY) in REPLIES and how.get("expires_at") is None
        return is_reply and not self.is_live and audience_of(self.conversation.owner) is Audience.MOTHER

    def unsee(self, gone: Collection[str] = ()) -> None:
        """What was said last has not reached her, or these choices left her chat: no bare word names them (S22)."""
        left = _above(self.data.get("options", ()))
        self.data["options"] = [one for one in left if str(one[1]).partition(":")[0] not in gone]

    def go(self, state: str) -> None:
        """Go to a state that only the data knows; raises FlowError when it is not one of ours."""
        if state not in self.library.screens:
            raise FlowError(f"unknown state {state}")
        self.state = state

    def come_back(self, resting: str) -> None:
        """End a detour: back to the remembered step, or to the given resting state; show it."""
        self.go(self.data.pop("return_to", resting))
        self.show()

    def show(self) -> None:
        """Say the screen of the present state."""
        self.library.screens[self.state](self)

    def leave_for(self, state: str) -> None:
        """Begin a detour: remember this step (a second detour replaces the first) and show the new state."""
        if self.state not in self.library.resting and self.state not in self.library.detours:
            self.data["return_to"] = self.state
        self.go(state)
        self.show()

    @property
    def is_overtaken(self) -> bool:
        """Whether to press a button of before this turn would be wrong now, so that a new version must begin.

        What is merely remembered (counters, dates, what is being told) leaves the buttons of her step good.
        A press is spent whatever it did: ten equal ones at once act once.
        """
        was, event = self.conversation, self.event
        return (
            self._has_step_buttons
            or (self.state, self.language, self.held_by) != (was.state, was.language, was.held_by)
            or (isinstance(event, ButtonPressed) and event.version == was.version)
        )

    def settle(self) -> Conversation:
        """The conversation as this turn leaves it; the very same where nothing has changed."""
        if self._has_said or self._options:
            self.data["options"] = [*self._options, *self._left()]
        if self._options:
            self.data["shown_at"] = self.now.isoformat()
        if not self.is_overtaken and self.data == self.conversation.data:
            return self.conversation
        was = self.conversation
        version = self.version if self.is_overtaken else was.version
        return Conversation(
            was.id,
            was.owner,
            was.owner_id,
            self.state,
            self.data,
            self.language,
            version,
            self.held_by,
            was.last_in_at,
        )

    def _left(self) -> list[list[str | bool | int]]:
        """What may be typed still, marked as above what was said: a step whose buttons stay good, or what was last."""
        if self._options and self.is_overtaken:
            return []
        was, said = _above(self.data.get("options", ())), {choice for _, choice, *_ in self._options}
        if self._options:
            was = [one for one in was if not one[2]]
        return [one for one in was if one[1] not in said]


def _above(options: Iterable[list[str | bool | int]]) -> list[list[str | bool | int]]:
    """The same options, marked by their number as standing above what was said last."""
    numbered = enumerate(options, start=1)
    return [[*one[:2], one[2:3] == [True], one[3] if len(one) > 3 else n] for n, one in numbered]


def _copied(data: dict[str, Any]) -> dict[str, Any]:
    """The same plain values, of which nothing is shared but the buttons of her screen, which are only ever replaced."""
    copy = {**data}
    for name, value in data.items():
        if isinstance(value, dict | list) and name != "options":
            copy[name] = orjson.loads(orjson.dumps(value))  # the quickest copy of plain values
    return copy


def _narrow(rows: Rows) -> Rows:
    """Rows of labels in two languages, each as wide as a small phone."""
    return tuple(part for row in rows for part in ((row,) if _is_narrow(row) else tuple((one,) for one in row)))


def _is_narrow(row: tuple[Button, ...]) -> bool:
    return sum(len(button.label) for button in row) <= _WIDEST
