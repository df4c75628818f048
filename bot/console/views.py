"""What the stage's page shows, in plain values, and what it asks of the stage behind it."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ButtonView:
    """A button; `back` counts the later ones of the same label, `is_old` when its step is over."""

    label: str
    back: int
    is_old: bool


@dataclass(frozen=True, slots=True)
class BubbleView:
    """A message; `day` is set when it is the first of a day, `tick` is queued, sent, delivered, read or empty."""

    id: str
    is_ours: bool
    text: str
    time: str
    day: str
    rows: tuple[tuple[ButtonView, ...], ...]
    kind: str
    is_edited: bool
    tick: str
    sender: str


@dataclass(frozen=True, slots=True)
class PhoneView:
    """A phone: whose it is, what is on it, and where its conversation is."""

    name: str
    role: str
    number: int
    is_group: bool
    is_online: bool
    has_blocked: bool
    channel: str
    free_until: str
    is_free: bool
    has_begun: bool
    state: str
    language: str
    code_name: str
    is_held: bool
    unseen: int
    bubbles: tuple[BubbleView, ...]
    speakers: tuple[str, ...] = ()
    code: str = ""


@dataclass(frozen=True, slots=True)
class PendingView:
    """A message or an event that waits; `reason` is a key of the page's words."""

    who: str
    what: str
    due: str
    reason: str


@dataclass(frozen=True, slots=True)
class EntryView:
    """One turn that was played, or a fault that came between: a key of the page's words."""

    time: str
    who: str
    event: str
    was: str
    now: str
    effects: str
    level: str
    rules: str
    commit: int
    is_quarantined: bool
    fault: str = ""


@dataclass(frozen=True, slots=True)
class NodeView:
    """A state in a drawing, at its height; `is_other` when it belongs to another flow."""

    name: str
    is_here: bool
    is_resting: bool
    is_other: bool
    y: int


@dataclass(frozen=True, slots=True)
class ArcView:
    """A way between two states as an SVG path; `is_gone` when it was taken in this run, `is_next` from here."""

    path: str
    is_gone: bool
    is_next: bool


@dataclass(frozen=True, slots=True)
class GraphView:
    """A flow that is drawn; without a name there is none."""

    name: str = ""
    height: int = 0
    nodes: tuple[NodeView, ...] = ()
    arcs: tuple[ArcView, ...] = ()


@dataclass(frozen=True, slots=True)
class ArrowView:
    """A way on from the present state."""

    event: str
    when: str
    to: str


@dataclass(frozen=True, slots=True)
class KeptView:
    """What one table keeps about the chosen person."""

    table: str
    column: str
    data: str
    rows: int
    keep: str
    expires: str


@dataclass(frozen=True, slots=True)
class StageView:
    """Everything on the page at one moment."""

    version: int
    clock: str
    seed: int
    steps: int
    next_due: str
    phones: tuple[PhoneView, ...]
    away: tuple[str, ...]
    who: str
    has_team: bool = False
    has_weeks: bool = False
    graph: GraphView = GraphView()
    is_playing: bool = False
    share: str = ""
    arrows: tuple[ArrowView, ...] = ()
    pending: tuple[PendingView, ...] = ()
    log: tuple[EntryView, ...] = ()
    kept: tuple[KeptView, ...] = ()
    armed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnvisitedView:
    """How many states and ways a flow has, and which of them no saved journey visits."""

    flow: str
    states: int
    ways: int
    unseen: tuple[str, ...]
    ungone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """How an act went: a sentence when it was refused, a place to go when there is something to see."""

    refused: str = ""
    told: str = ""
    texts: tuple[str, ...] = field(default=())


class StagePort(Protocol):
    """The stage, as the page knows it."""

    async def look(self, language: str, who: str) -> StageView:
        """What is to be shown now; `who` is the phone that the rail is about."""
        ...

    async def act(self, form: Mapping[str, str], language: str) -> Answer:
        """Do what a form of the page asks for; a refusal is told in this language."""
        ...

    def changes(self) -> AsyncIterator[None]:
        """Yields at once, and whenever there may be something new to see."""
        ...

    async def figures(self) -> Mapping[str, int]:
        """What an operator would watch of the real bot."""
        ...

    async def script(self, story: str) -> str:
        """The run so far as a script that can be replayed."""
        ...

    def shared(self, run: str, language: str) -> Answer:
        """The steps of a run that came in a link, in words; refused when the link is not whole."""
        ...

    async def unvisited(self, language: str) -> tuple[Answer, tuple[UnvisitedView, ...]]:
        """What no saved journey visits, flow by flow; refused when there are no journeys here."""
        ...

    async def proof(self, module: str) -> tuple[tuple[str, ...], tuple[tuple[str, str, str], ...]]:
        """The modules there are, and the texts of one: name, Tajik, Russian."""
        ...
