"""What an answer of Telegram means for a send, in the words that every channel shares."""

from datetime import datetime, timedelta

from bot.channels.telegram.api import Answer, Done, Refusal
from bot.channels.wire import Garbage, Silence, unanswered
from bot.core.messages import SendFailure, Trouble

_UNREACHABLE = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "group chat was deactivated",
    "have no rights to send a message",
    "not enough rights to send",
    "chat_write_forbidden",
    "need administrator rights",
)
_GONE = (
    "message to edit not found",
    "message to delete not found",
    "message_id_invalid",
    "message can't be edited",
    "there is no text in the message to edit",
)
_REFUSED = (
    "message text is empty",
    "message is too long",
    "message caption is too long",
    "message can't be deleted",
    "button_data_invalid",
    "reply markup is too long",
    "wrong file identifier",
    "wrong remote file",
    "type of file mismatch",
    "text must be encoded in utf-8",
    "can't parse",
    "object expected as reply markup",
    "topic_closed",
    "voice_messages_forbidden",
    "method is available only for supergroups",
    "bad webhook",
    "secret token",
)
_FORBIDDEN = (
    "bot was blocked by the user",
    "user is deactivated",
    "bot was kicked",
    "bot is not a member",
    "the group chat was deleted",
    "bot can't initiate conversation",
    "bot can't send messages to bots",
)
NOT_MODIFIED = "message is not modified"
TOGETHER = timedelta(seconds=1)
LONG_WAIT = 30.0


def code_of(refusal: Refusal) -> str:
    """Telegram's refusal as a fixed phrase; words that we do not know stay out, they might quote people."""
    words = refusal.words.lower()
    known = (*_UNREACHABLE, *_GONE, *_REFUSED, *_FORBIDDEN, NOT_MODIFIED)
    return next((phrase for phrase in known if phrase in words), str(refusal.code))


def name_of(answer: Answer) -> str:
    """What to call an answer in a log line."""
    return code_of(answer) if isinstance(answer, Refusal) else type(answer).__name__.lower()


def is_token_refused(answer: Answer) -> bool:
    """Whether Telegram knows no bot with our token (404: it has not even the shape of one)."""
    return isinstance(answer, Refusal) and answer.code in {401, 404}


def failure_of(answer: Answer) -> SendFailure:
    """The failure that an answer without a usable result stands for (a flood of one chat, if it is a 429)."""
    match answer:
        case Silence() | Garbage():
            return unanswered(answer)
        case Done():
            return SendFailure(Trouble.AMBIGUOUS, "unknown result")
        case Refusal():
            return _refused(answer)


def _refused(refusal: Refusal) -> SendFailure:
    code = code_of(refusal)
    if refusal.moved_to:
        return SendFailure(Trouble.MOVED, "moved", moved_to=refusal.moved_to)
    if refusal.code == 429:
        return SendFailure(Trouble.RATE, "429", retry_after=max(refusal.retry_after, 1.0))
    if is_token_refused(refusal):
        return SendFailure(Trouble.TOKEN, str(refusal.code))
    if refusal.code == 403 or code in _UNREACHABLE:
        return SendFailure(Trouble.UNREACHABLE, code)
    if refusal.code >= 500:
        return SendFailure(Trouble.AMBIGUOUS if refusal.code == 504 else Trouble.AGAIN, str(refusal.code))
    return SendFailure(Trouble.GONE if code in _GONE else Trouble.REFUSED, code)


class Floods:
    """Whether a 429 is about one chat or about the whole line; Telegram does not say which.

    Taken as one chat's, except when another chat got one within the second, or when two private chats are told to
    wait longer than 30 s at the same time: one alone never silences the alarms of all.  A group may wait that long by
    itself: its own limit is counted by the minute.
    """

    def __init__(self) -> None:
        self._last: tuple[tuple[str, datetime], ...] = ()
        self._long: dict[str, datetime] = {}

    def is_line_wide(self, chat: str, seconds: float, now: datetime) -> bool:
        """Note one 429 and judge it."""
        recent = [(other, at) for other, at in self._last if now - at <= TOGETHER and other != chat]
        self._last = (*recent[-8:], (chat, now))
        if seconds <= LONG_WAIT or chat.startswith("-"):
            return bool(recent)
        waiting = {other: until for other, until in self._long.items() if until > now and other != chat}
        self._long = {**waiting, chat: now + timedelta(seconds=seconds)}
        return bool(recent or waiting)
