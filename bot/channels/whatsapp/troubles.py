"""What an answer or a later word of WhatsApp means for a send, in the words that every channel shares.

Codes are judged, never titles.  131048 (too many people marked us as spam) silences the line for an hour; 131049 and
130472 are about this message alone: WhatsApp will not have it brought, and trying again makes it worse.
"""

from collections import OrderedDict
from collections.abc import Container
from datetime import datetime, timedelta

from bot.channels.whatsapp.api import Answer, Done, Refusal
from bot.channels.wire import Garbage, Silence, unanswered
from bot.core.messages import SendFailure, Trouble

PAIR = 131056
"""Too many messages to one person."""
OUTSIDE_WINDOW = 131047
_LINE_SECONDS = {130429: 1.0, **dict.fromkeys((4, 17, 32, 613, 80007), 60.0), 131048: 3600.0, 131064: 3600.0}
"""Codes about the whole line, with the seconds it is silent when WhatsApp names none."""
_UNREACHABLE = frozenset({131026, 131030, 131021, 130497})
"""About this recipient alone; 130497: a business may not write to people of her country."""
_AGAIN = frozenset({1, 2, 131000, 131016, 131052, 131053, 131057, 133004})
RESTRICTED = frozenset({368, 131031})
"""Meta has restricted the account; no other token helps."""
_NUMBER = frozenset({33, 131037, 131045, 133006, 133010, 133015})
"""Our number: unknown, not (any more) registered or verified, or its name not approved."""
_ACCOUNT = frozenset({0, 3, 10, 190, 131005, *RESTRICTED, *_NUMBER, *range(200, 300)})
"""The token, its rights, the number, or the whole account: nothing can be sent until an operator has acted."""
_TEMPLATE = range(132000, 133000)
"""The approved line is unknown, paused, switched off, or has other places than ours."""
_CODES: tuple[tuple[Trouble, Container[int]], ...] = (
    (Trouble.WINDOW, (OUTSIDE_WINDOW,)),
    (Trouble.UNREACHABLE, _UNREACHABLE),
    (Trouble.AGAIN, _AGAIN),
    (Trouble.TEMPLATE, _TEMPLATE),
    (Trouble.TOKEN, _ACCOUNT),
)
_LOST_BEHIND = frozenset({408, 500, 502})
"""A page of a gateway that does not know what became of the call; at 503 it had nobody to give it to."""
PAIR_FIRST = 4.0
PAIR_LONGEST = 1024.0
_FORGOTTEN = timedelta(hours=1)
_REMEMBERED = 1000


def name_of(answer: Answer) -> str:
    """What to call an answer in a log line."""
    return str(answer.code or answer.status) if isinstance(answer, Refusal) else type(answer).__name__.lower()


def is_token_refused(answer: Answer) -> bool:
    """Whether WhatsApp does not know our token or our number, or gives us no right to it."""
    refused = isinstance(answer, Refusal) and (answer.status == 401 or answer.code in _ACCOUNT)
    return refused or is_unknown(answer)


def is_unknown(answer: Answer) -> bool:
    """Whether the number or file does not exist (any more), or this token may not see it."""
    return isinstance(answer, Refusal) and answer.code == 100 and answer.status in {400, 404}


def failure_of(answer: Answer) -> SendFailure:
    """The failure that an answer without a usable result stands for."""
    match answer:
        case Garbage(status) if status in _LOST_BEHIND:
            return SendFailure(Trouble.AMBIGUOUS, f"unreadable {status}")
        case Silence() | Garbage():
            return unanswered(answer)
        case Done():
            return SendFailure(Trouble.AMBIGUOUS, "unknown result")
        case Refusal():
            return _refused(answer)


def _refused(refusal: Refusal) -> SendFailure:
    judged = judge_code(refusal.subcode if refusal.subcode in _NUMBER else refusal.code, refusal.retry_after)
    if judged.trouble is not Trouble.REFUSED:
        return judged
    if refusal.status == 401:
        return SendFailure(Trouble.TOKEN, "401")
    if refusal.status == 429:
        return SendFailure(Trouble.RATE, "429", max(refusal.retry_after, 1.0), is_line_wide=True)
    if refusal.status >= 500:
        return SendFailure(Trouble.AMBIGUOUS if refusal.status == 504 else Trouble.AGAIN, str(refusal.status))
    return judged


def judge_code(number: int, retry_after: float = 0.0) -> SendFailure:
    """What one of WhatsApp's codes means, in an answer or in a word that comes later."""
    code = str(number)
    if number == PAIR:
        return SendFailure(Trouble.RATE, code, max(retry_after, PAIR_FIRST))
    if number in _LINE_SECONDS:
        return SendFailure(Trouble.RATE, code, max(retry_after, _LINE_SECONDS[number]), is_line_wide=True)
    return SendFailure(next((trouble for trouble, codes in _CODES if number in codes), Trouble.REFUSED), code)


class Pairs:
    """How long to leave one person alone after too many messages to her: 4, 16, 64 ... seconds, while it goes on."""

    def __init__(self) -> None:
        self._last: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def wait(self, address: str, now: datetime) -> float:
        """Note one 131056 and say how many seconds to wait."""
        seconds, at = self._last.pop(address, (0.0, now))
        is_fresh = seconds == 0.0 or now - at > _FORGOTTEN
        seconds = PAIR_FIRST if is_fresh else min(seconds * 4, PAIR_LONGEST)
        self._last[address] = (seconds, now)
        if len(self._last) > _REMEMBERED:
            self._last.popitem(last=False)
        return seconds

    def passed(self, address: str) -> None:
        """A message to her was taken."""
        self._last.pop(address, None)
