"""What polling and the webhook share: whom they tell, and how long they wait."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.core.messages import Inbound

LONGEST_PAUSE = 30.0
REFUSED_SECONDS = 60.0
"""Between two tries with a refused token: a proxy, or a Bot API that starts, may have refused it by mistake."""

Pause = Callable[[float], Awaitable[None]]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Hooks:
    """`committed` hears of what was accepted, `tell` of trouble that only an operator can end.

    `heard` hears that Telegram was there, and that what it brought was taken in.
    """

    committed: Callable[[Sequence[Inbound]], None]
    tell: Tell
    heard: Callable[[], None] = lambda: None


def backoff(failures: int) -> float:
    """Seconds to wait after so many failures in a row: 1, 2, 4 ... at most 30."""
    return float(min(2.0 ** (min(failures, 8) - 1), LONGEST_PAUSE))
