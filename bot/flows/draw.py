"""Draws every flow as a Mermaid state diagram, straight from its table.

`transitions` can draw too, but collapses names like `Lesson:reading` into one box; hence these few lines.
"""

import re
from collections.abc import Iterable

from bot.flows.machine import rows_of
from bot.flows.turn import ANY, BEFORE_ALL, Audience, Flow, State, Transition


def draw(flow: Flow) -> str:
    """One flow as a page of documentation with its diagram."""
    lines = [f"# {flow.name}", "", f"Audience: {flow.audience}.", "", "```mermaid", "stateDiagram-v2"]
    lines += [f"    {_node(state.name)} : {_label(state)}" for state in flow.states]
    lines += [line for row in flow.transitions for line in _arrows(row)]
    return "\n".join([*lines, "```", ""])


def pages(flows: Iterable[Flow]) -> dict[str, str]:
    """File name → page, for all flows and their index."""
    drawn = {f"{flow.name.lower()}.md": draw(flow) for flow in flows}
    listed = [f"- [{name.removesuffix('.md')}]({name})" for name in sorted(drawn)]
    index = ["# Flows", "", "Drawn by `hamroh draw` from the tables in `bot/flows`; checked by `make test`.", ""]
    return {**drawn, "index.md": "\n".join([*index, *listed, ""])}


def _node(state: str) -> str:
    return state.replace(":", "_").replace("-", "_")


def _label(state: State) -> str:
    name = state.name.rpartition(":")[2]
    return f"{name} (resting)" if state.is_resting else name


def _arrows(row: Transition) -> list[str]:
    sources = (row.source,) if isinstance(row.source, str) else row.source
    said = (
        _words(row.on.__name__)
        + (f" [{_name(row.when)}]" if row.when else "")
        + (f" / {_name(row.do)}" if row.do else "")
    )
    arrows = []
    for source in sources:
        begin = "Anywhere" if source in {ANY, BEFORE_ALL} else _node(source)
        end = begin if row.to is None else _node(row.to)
        arrows.append(f"    {begin} --> {end} : {said}")
    return arrows


def _name(function: object) -> str:
    """A rule in words; a colon would end what Mermaid reads as its label."""
    name = _words(str(getattr(function, "__name__", "rule"))).replace("<lambda>", "rule")
    return " ".join(re.split(r"[_:\s]+", name.strip("_")))


def _words(name: str) -> str:
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()


def flow_of(flows: Iterable[Flow], state: str) -> Flow | None:
    """The flow that declares a state."""
    return next((flow for flow in flows if any(one.name == state for one in flow.states)), None)


def arrows_from(flows: Iterable[Flow], audience: Audience, state: str) -> list[tuple[str, str, str]]:
    """The ways on from a state in the order in which they are tried: event, condition, where to (empty: it stays)."""
    rows = (row for source, row in rows_of(flows, audience) if source == state)
    return [(_words(row.on.__name__), _name(row.when) if row.when else "", row.to or "") for row in rows]
