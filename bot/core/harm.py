"""When the programme itself may have done harm: pushes are withheld, and persons decide when they go on (S23)."""

from dataclasses import dataclass

from bot.core.event import Event

# ---- to a mother's conversation


@dataclass(frozen=True, slots=True)
class PushesReleased(Event):
    """A person lets pushes to the mother of that code-name go on; of her whole cohort when `is_of_cohort`."""

    staff_id: str
    code_name: str = ""
    is_of_cohort: bool = False


# ---- to a member of staff


@dataclass(frozen=True, slots=True)
class StillWithheld(Event):
    """The case that she closed had withheld pushes to the mother, and still does, until she releases them."""

    number: str
    code_name: str
    conversation_id: str


@dataclass(frozen=True, slots=True)
class CohortWithheld(Event):
    """So many mothers of one cohort told of harm within 30 days: its pushes are withheld until she decides."""

    cohort_id: str
    name: str
    told: int
