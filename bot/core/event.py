"""What every event is, and how it becomes a row and an event again."""

from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

import pydantic


@dataclass(frozen=True, slots=True)
class Event:
    """The root of all events; each subclass is known by its name when it is stored."""

    registry: ClassVar[dict[str, type["Event"]]] = {}

    def __init_subclass__(cls) -> None:
        Event.registry[cls.__name__] = cls


def pack(event: Event) -> dict[str, Any]:
    """The event as plain JSON values with its name."""
    return {"event": type(event).__name__, **asdict(event)}


_ADAPTERS: dict[str, pydantic.TypeAdapter[Any]] = {}


def unpack(packed: dict[str, Any]) -> Event:
    """The event again; raises KeyError for a name this release does not know, ValueError for wrong fields."""
    name = packed["event"]
    kind = Event.registry[name]
    if name not in _ADAPTERS:
        _ADAPTERS[name] = pydantic.TypeAdapter(kind)
    known = {field.name for field in fields(kind)}
    event: Event = _ADAPTERS[name].validate_python({k: v for k, v in packed.items() if k in known})
    return event
