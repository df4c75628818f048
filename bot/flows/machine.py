"""The one shared machine that plays every flow; the only place that knows `transitions`."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import transitions
from transitions import EventData, MachineError

from bot.core.conversation import NEW, Conversation, Facts, Owner
from bot.core.effects import Effect
from bot.core.errors import FlowError
from bot.core.event import Event
from bot.core.events import MessageReceived
from bot.core.ports import Ids
from bot.flows.turn import ANY, BEFORE_ALL, Audience, Do, Flow, Library, Transition, Turn

RENAMED: dict[str, str] = {}
"""Stored states that were renamed in a later release: old name → new name."""

FIRST = {Owner.GROUP: "Group:unbound", Owner.STAFF: "Staff:waiting"}
"""Where a conversation that has never been played begins, if not where strangers do."""


@dataclass(frozen=True, slots=True)
class Played:
    """What playing one event gave: the conversation as it is now, and what is asked for."""

    conversation: Conversation
    effects: tuple[Effect, ...]


def rows_of(flows: Iterable[Flow], audience: Audience) -> list[tuple[str, Transition]]:
    """All (state, row) pairs of an audience in the order in which they are tried: BEFORE_ALL, named sources, ANY."""
    mine = [flow for flow in flows if flow.audience is audience]
    states = [state.name for flow in mine for state in flow.states]
    table = [row for flow in mine for row in flow.transitions]
    first = [(s, row) for row in table if row.source == BEFORE_ALL for s in states]
    named = [(s, row) for row in table if row.source not in {ANY, BEFORE_ALL} for s in _sources(row)]
    general = [(s, row) for row in table if row.source == ANY for s in states]
    return first + named + general


def _listening(flows: Iterable[Flow]) -> Iterable[str]:
    """The states of mothers whose own rows do something with a text."""
    rows = (row for flow in flows if flow.audience is Audience.MOTHER for row in flow.transitions)
    taken = (row for row in rows if row.on is MessageReceived and row.do is not None)
    return (name for row in taken if row.source not in {ANY, BEFORE_ALL} for name in _sources(row))


def _sources(row: Transition) -> tuple[str, ...]:
    return (row.source,) if isinstance(row.source, str) else row.source


def _perform(row: Transition) -> Do:
    return row.do if row.do is not None else Turn.show


class Row(transitions.Transition):
    """One row of a table, without the hooks that no flow has: they took half of a step's time."""

    conditions: list[Any]
    after: list[Any]

    def execute(self, event_data: EventData) -> bool:
        """Do it if its condition holds."""
        turn: Any = event_data.model
        for condition in self.conditions:
            if not condition.func(turn):
                return False
        if self.dest:
            turn.state = self.dest
        for do in self.after:
            do(turn)
        return True


class Machine(transitions.Machine):
    """The library's machine over such rows."""

    transition_cls = Row


class Engine:
    """Plays events; built once per process from all flows.

    Raises FlowError at construction when a row names a state that no flow declares.
    """

    def __init__(self, flows: tuple[Flow, ...], library: Library) -> None:
        states = [state for flow in flows for state in flow.states]
        self.flows = flows
        self.library = replace(
            library,
            screens={state.name: state.screen for state in states},
            resting=frozenset(state.name for state in states if state.is_resting),
            detours=frozenset(state.name for state in states if state.is_detour),
            literal=frozenset(state.name for state in states if state.is_literal),
            listening=frozenset(_listening(flows)),
        )
        self._machine = Machine(
            model=None,
            states=list(self.library.screens),
            initial=states[0].name,
            auto_transitions=False,
        )
        for audience in Audience:
            for source, row in rows_of(flows, audience):
                self._add(source, row)

    def _add(self, source: str, row: Transition) -> None:
        for name in (source, row.to):
            if name is not None and name not in self.library.screens:
                raise FlowError(f"no flow declares the state {name}")
        self._machine.add_transition(row.on.__name__, source, row.to, conditions=row.when, after=_perform(row))

    def begin(self, conversation: Conversation, event: Event, facts: Facts, ids: Ids) -> Turn:
        """A turn over a private copy; a renamed state is mapped, an unknown one raises FlowError."""
        state = RENAMED.get(conversation.state, conversation.state)
        if state == NEW:
            state = FIRST.get(conversation.owner, NEW)
        if state not in self.library.screens:
            raise FlowError(f"unknown state {conversation.state}")
        if state != conversation.state:
            conversation = replace(conversation, state=state)
        return Turn(self.library, conversation, event, facts, ids)

    def step(self, turn: Turn) -> None:
        """Play the turn's event in its state; raises FlowError when no row takes it."""
        name = type(turn.event).__name__
        try:
            has_moved = self._machine.events[name].trigger(turn, turn)
        except (MachineError, KeyError) as error:
            raise FlowError(f"{turn.state} knows no {name}") from error
        if not has_moved:
            raise FlowError(f"{turn.state}: no row takes {name}")

    @staticmethod
    def finish(turn: Turn) -> Played:
        """What the turn gave."""
        return Played(turn.settle(), tuple(turn.effects))
