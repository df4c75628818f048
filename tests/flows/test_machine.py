"""The one shared machine: whatever it does not know is one error of ours, and a mistake changes nothing."""

import timeit
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from bot.core.conversation import NEW, Conversation, Facts, Owner
from bot.core.errors import FlowError
from bot.core.event import Event
from bot.core.events import ButtonPressed, MessageReceived, PauseEnded
from bot.flows.machine import Engine
from bot.flows.turn import ANY, Audience, Flow, State, Transition, Turn
from tests.flows.desk_world import ENGINE, IDS, NOW, coordinator

READING, RESTING = "Test:reading", "Test:resting"


def never(turn: Turn) -> bool:
    return False


def rest(turn: Turn) -> None:
    turn.data["seen"] = True
    turn.say("resting")


def break_down(turn: Turn) -> None:
    turn.data["half"] = "done"
    turn.go(RESTING)
    raise RuntimeError("an invented mistake")


def engine(*rows: Transition) -> Engine:
    states = (State(READING, rest), State(RESTING, rest, is_resting=True))
    return Engine((Flow("Test", Audience.MOTHER, states, rows),), ENGINE.library)


def her(state: str = READING) -> Conversation:
    return Conversation("chat-1", Owner.PARTICIPANT, "participant-1", state, {"kept": [1]})


def play(machine: Engine, event: Event, conversation: Conversation) -> Conversation:
    turn = machine.begin(conversation, event, Facts(NOW), IDS)
    machine.step(turn)
    return machine.finish(turn).conversation


def test_an_unknown_state_is_one_error_of_ours() -> None:
    with pytest.raises(FlowError, match="unknown state Test:gone"):
        play(engine(), MessageReceived("салом"), her("Test:gone"))


def test_an_event_that_no_row_names_is_one_error_of_ours() -> None:
    machine = engine(Transition(on=ButtonPressed, source=READING, to=RESTING))
    for event, state in ((MessageReceived("салом"), READING), (ButtonPressed("x"), RESTING)):
        with pytest.raises(FlowError, match="knows no"):
            play(machine, event, her(state))


def test_an_event_that_the_release_does_not_know_is_one_error_of_ours() -> None:
    @dataclass(frozen=True, slots=True)
    class Unheard:
        """An event of no table."""

    with pytest.raises(FlowError, match="knows no Unheard"):
        play(engine(), Unheard(), her())  # type: ignore[arg-type]


def test_when_all_conditions_are_false_it_is_an_error_and_not_silence() -> None:
    with pytest.raises(FlowError, match="no row takes"):
        play(engine(Transition(on=PauseEnded, source=ANY, to=RESTING, when=never)), PauseEnded(), her())


def test_a_callback_that_raises_changes_nothing_of_the_conversation() -> None:
    before = her()
    machine = engine(Transition(on=PauseEnded, source=READING, to=RESTING, do=break_down))
    with pytest.raises(RuntimeError):
        play(machine, PauseEnded(), before)
    assert before == her()
    after = play(engine(Transition(on=PauseEnded, source=READING, to=RESTING)), PauseEnded(), before)
    assert (after.state, after.data["seen"], before.data) == (RESTING, True, {"kept": [1]})


def test_a_row_to_a_state_that_no_flow_declares_is_found_when_the_machine_is_built() -> None:
    with pytest.raises(FlowError, match="Test:nowhere"):
        engine(Transition(on=PauseEnded, source=READING, to="Test:nowhere"))


def test_nobody_new_begins_where_another_begins() -> None:
    new = {owner: replace(her(NEW), owner=owner) for owner in Owner}
    starts = {owner: ENGINE.begin(chat, PauseEnded(), Facts(NOW), IDS).state for owner, chat in new.items()}
    assert starts[Owner.GROUP] == "Group:unbound"
    assert starts[Owner.STAFF] == "Staff:waiting"
    assert starts[Owner.STRANGER] == NEW


def test_the_cost_of_a_step_is_known(record_property: Callable[[str, object], None]) -> None:
    staff = coordinator("nigora")
    conversation = Conversation(staff.conversation_id, Owner.STAFF, staff.id, "Staff:menu")
    facts = Facts(NOW, staff=staff)
    turns = [ENGINE.begin(conversation, MessageReceived("салом"), facts, IDS) for _ in range(500)]
    seconds = timeit.timeit(lambda: ENGINE.step(turns.pop()), number=500)
    record_property("microseconds_a_step", round(seconds / 500 * 1e6, 1))
    assert not turns
