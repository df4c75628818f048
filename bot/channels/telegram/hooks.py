"""What polling and the webhook share: whom they tell, and how long they wait."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from bot.channels.telegram.api import Refusal
from bot.core.messages import Inbound

log = structlog.get_logger()

LONGEST_PAUSE = 30.0

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

    def token_refused(self, refusal: Refusal) -> None:
        """Say that this line is at its end until it gets another token."""
        log.critical("token_refused", code=refusal.code, advice="set a new HAMROH_TELEGRAM_TOKEN")
        self.tell("token_refused")


def backoff(failures: int) -> float:
    """Seconds to wait after so many failures in a row: 1, 2, 4 ... at most 30."""
    return float(min(2.0 ** (min(failures, 8) - 1), LONGEST_PAUSE))
