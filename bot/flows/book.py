"""All flows together, and the way one event goes through them: notice, interpret, step."""

from bot.core.conversation import Conversation, Facts, Owner
from bot.core.event import Event
from bot.core.events import ButtonPressed, CommandGiven, MessageReceived, Started
from bot.core.ports import Ids
from bot.curriculum.model import Curriculum
from bot.flows import broadcast_hers, echoes, tongues
from bot.flows.interpret import interpret
from bot.flows.machine import Engine, Played
from bot.flows.notice import notice, unplayed
from bot.flows.policy import Policy
from bot.flows.tables import FLOWS
from bot.flows.turn import Library, Turn
from bot.guidance.load import load_guidance
from bot.guidance.model import Guidance
from bot.texts import Texts

HER_ACTS = (MessageReceived, ButtonPressed, CommandGiven, Started)


class Book:
    """Plays any event of any conversation; one per process, no state of its own."""

    def __init__(self, curriculum: Curriculum, texts: Texts, policy: Policy, guidance: Guidance | None = None) -> None:
        self.policy = policy
        self.engine = Engine(FLOWS, Library(curriculum, texts, policy, guidance or load_guidance()))

    def play(self, conversation: Conversation, event: Event, facts: Facts, ids: Ids) -> Played:
        """Play one event; raises FlowError when the tables do not know what to do with it.

        What screening found is acted on first, whatever the state and whatever the flow thinks (S7).
        """
        turn = self.engine.begin(conversation, event, facts, ids)
        if echoes.listen(turn):
            return self.engine.finish(turn)
        is_confirmed_staff = facts.staff is not None and facts.staff.is_confirmed
        if is_confirmed_staff or conversation.owner is Owner.GROUP or not notice(turn):
            turn.event = interpret(turn)
            self.engine.step(turn)
            tongues.listen(turn)
            if "unshown" in turn.data and isinstance(event, HER_ACTS):
                broadcast_hers.show(turn)
        return self.engine.finish(turn)

    def fall_back(self, conversation: Conversation, event: Event, facts: Facts, ids: Ids, inbox_id: str) -> Played:
        """What an event that cannot be played still gives: its finding, one kind sentence, and the alarms of S7."""
        turn = Turn(self.engine.library, conversation, event, facts, ids)
        unplayed(turn, inbox_id)
        return self.engine.finish(turn)
