"""All flows, in the order in which their rows are tried."""

from bot.flows.about import ABOUT
from bot.flows.answer import ANSWER
from bot.flows.broadcast_hers import BROADCAST_HERS
from bot.flows.case_hers import CASE_HERS
from bot.flows.case_owner import CASE_OWNER
from bot.flows.case_second import CASE_SECOND
from bot.flows.consent import CONSENT
from bot.flows.courtesies import COURTESIES
from bot.flows.ending import ENDING_FLOW
from bot.flows.enlist import ENLIST
from bot.flows.everywhere import EVERYWHERE
from bot.flows.group import GROUP
from bot.flows.harm import HARM
from bot.flows.lesson import LESSON
from bot.flows.listening import LISTENING
from bot.flows.measures import MEASURES
from bot.flows.menu import MENU_FLOW
from bot.flows.modules import MODULES
from bot.flows.moving import MOVING
from bot.flows.onboarding import ONBOARDING
from bot.flows.preferences import PREFERENCES
from bot.flows.pushes import PUSHES
from bot.flows.safety import SAFETY
from bot.flows.sampling import SAMPLING
from bot.flows.silence import SILENCE
from bot.flows.staff_tables import STAFF_FLOWS
from bot.flows.tongues import TONGUES
from bot.flows.turn import Flow
from bot.flows.window import WINDOW

MOTHERS: tuple[Flow, ...] = (
    MOVING,
    ENLIST,  # before Onboarding: a staff code is no mother's
    ONBOARDING,
    CONSENT,
    SAFETY,
    ANSWER,
    WINDOW,
    CASE_HERS,
    CASE_OWNER,
    CASE_SECOND,
    SILENCE,
    PREFERENCES,
    LESSON,
    LISTENING,
    MODULES,
    ENDING_FLOW,
    MEASURES,
    HARM,
    MENU_FLOW,
    ABOUT,
    SAMPLING,
    PUSHES,
    BROADCAST_HERS,
    TONGUES,
    COURTESIES,
    EVERYWHERE,  # last: what nobody else took
)
FLOWS: tuple[Flow, ...] = (*MOTHERS, *STAFF_FLOWS, GROUP)
