"""A flow as a drawing: its states one below the other, the ways between them as arcs, where somebody is lit."""

from collections.abc import Iterable

from bot.console.views import ArcView, GraphView, NodeView
from bot.flows.turn import Flow

ROW = 30
"""Pixels from one state to the next."""
LEFT, RIGHT = 70, 230
"""Where the boxes of the states begin and end; ways on run at their right, ways back at their left."""
WIDEST = 62
Way = tuple[str, str]


def draw(flow: Flow, travelled: Iterable[Way], here: str) -> GraphView:
    """The flow's own states, then those of other flows to which its ways lead; `travelled` were gone in this run."""
    own = [state.name for state in flow.states]
    gone = {way for way in travelled if way[0] != way[1] and set(way) & set(own)}
    ways = sorted({*ways_of(flow), *gone})
    names = [*own, *sorted({name for way in ways for name in way} - set(own))]
    places = {name: ROW * number + ROW // 2 for number, name in enumerate(names)}
    resting = {state.name for state in flow.states if state.is_resting}
    alone = len({name.partition(":")[0] for name in own}) == 1
    nodes = tuple(
        NodeView(_label(name, own if alone else []), name == here, name in resting, name not in own, places[name])
        for name in names
    )
    arcs = tuple(ArcView(_path(places[way[0]], places[way[1]]), way in gone, way[0] == here) for way in ways)
    return GraphView(flow.name, ROW * len(names), nodes, arcs)


def ways_of(flow: Flow) -> set[Way]:
    """The ways between states that the flow's table names, but for those that lead from anywhere."""
    own = [state.name for state in flow.states]
    rows = ((row, (row.source,) if isinstance(row.source, str) else row.source) for row in flow.transitions)
    return {
        (source, row.to)
        for row, sources in rows
        for source in sources
        if source in own and row.to not in {None, source}
    }


def _label(name: str, short: list[str]) -> str:
    return name.rpartition(":")[2] if name in short else name


def _path(start: int, end: int) -> str:
    """A straight arrow to the next state, an arc to any other: at the right when it leads on, at the left when back."""
    if end - start == ROW:
        middle = (LEFT + RIGHT) // 2
        return f"M{middle} {start + 11}V{end - 13}"
    edge, out = (RIGHT, 1) if end > start else (LEFT, -1)
    bend = edge + out * min(14 + abs(end - start) // 4, WIDEST)
    return f"M{edge} {start + 3}C{bend} {start + 3} {bend} {end - 3} {edge + out * 2} {end - 3}"
