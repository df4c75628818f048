"""What a chat holds and what a person sees of it now, after edits and deletions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.fakes.bot_api.limits import Refusal, bad_request
from tests.fakes.bot_api.time import Bell

Json = dict[str, Any]
CONTENT = (
    "voice photo video document audio sticker video_note animation contact location poll dice "
    "new_chat_members left_chat_member"
).split()


@dataclass(frozen=True)
class Button:
    """One inline button as a person sees it, with what it carries."""

    label: str
    data: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class Seen:
    """One message as it stands on her screen now."""

    message_id: int
    text: str
    rows: tuple[tuple[Button, ...], ...]
    kind: str
    from_bot: bool
    at: datetime
    is_edited: bool
    protect_content: bool
    reply_to: int | None

    @property
    def buttons(self) -> tuple[Button, ...]:
        """All buttons, row after row."""
        return tuple(button for row in self.rows for button in row)

    @property
    def labels(self) -> tuple[str, ...]:
        """What is written on the buttons."""
        return tuple(button.label for button in self.buttons)


@dataclass
class Kept:
    """One message as the server keeps it: Telegram's JSON and what the JSON does not say."""

    body: Json
    from_bot: bool
    at: datetime
    protect_content: bool = False
    is_deleted: bool = False
    markups: list[Json] = field(default_factory=list)

    @property
    def id(self) -> int:
        """Its message_id."""
        number: int = self.body["message_id"]
        return number

    @property
    def text(self) -> str:
        """Its text or caption."""
        return str(self.body.get("text", self.body.get("caption", "")))

    @property
    def kind(self) -> str:
        """`text`, or the field of Message that holds its content."""
        return next((name for name in CONTENT if name in self.body), "text")

    def set_markup(self, markup: Json | None) -> None:
        """Show these inline buttons from now on; None or no rows takes them away."""
        if markup and markup.get("inline_keyboard"):
            self.body["reply_markup"] = markup
            self.markups.append(markup)
        else:
            self.body.pop("reply_markup", None)

    def button(self, wanted: str, *, is_stale: bool = False) -> Button:
        """The button with that label or callback data, shown now (or ever, if stale); raises LookupError."""
        shown = self.markups if is_stale else [self.body["reply_markup"]] if "reply_markup" in self.body else []
        buttons = [button for markup in shown for row in _rows(markup) for button in row]
        for button in buttons:
            if wanted in (button.label, button.data):
                return button
        labels = [button.label for button in buttons]
        raise LookupError(f"no button {wanted!r} on message {self.id}; it shows {labels}")

    def seen(self) -> Seen:
        """How it looks on the screen."""
        return Seen(
            message_id=self.id,
            text=self.text,
            rows=_rows(self.body.get("reply_markup", {})),
            kind=self.kind,
            from_bot=self.from_bot,
            at=self.at,
            is_edited="edit_date" in self.body,
            protect_content=self.protect_content,
            reply_to=self.body.get("reply_to_message", {}).get("message_id"),
        )


class Transcript:
    """The messages of one chat and the ways to look at them and to wait for them."""

    def __init__(self, bell: Bell) -> None:
        self.kept: dict[int, Kept] = {}
        self.keyboard: tuple[str, ...] = ()
        self._bell = bell

    def sees(self) -> list[Seen]:
        """Every message that is on the screen now, oldest first."""
        return [kept.seen() for kept in self.kept.values() if not kept.is_deleted]

    def hears(self) -> list[str]:
        """The texts of the bot that are on the screen now, oldest first."""
        return [seen.text for seen in self.sees() if seen.from_bot]

    def last(self) -> Seen:
        """The newest message of the bot that is on the screen; raises LookupError when there is none."""
        for seen in reversed(self.sees()):
            if seen.from_bot:
                return seen
        raise LookupError("the bot has nothing on this screen")

    async def waits_for(self, holds: Callable[[Sequence[Seen]], bool], seconds: float = 5.0) -> list[Seen]:
        """Wait until the screen fulfils the predicate and give it; raises TimeoutError that counts what is there."""
        if await self._bell.until(lambda: holds(self.sees()), seconds):
            return self.sees()
        raise TimeoutError(f"not seen within {seconds} s; {len(self.sees())} messages are on the screen")

    async def waits_for_text(self, part: str, seconds: float = 5.0) -> Seen:
        """Wait until the bot shows a message that contains `part`, and give the newest one."""
        screen = await self.waits_for(lambda seen: any(part in one.text for one in seen if one.from_bot), seconds)
        return next(one for one in reversed(screen) if one.from_bot and part in one.text)

    async def waits_for_answers(self, count: int = 1, seconds: float = 5.0) -> list[Seen]:
        """Wait until the bot shows at least `count` messages, and give those."""
        screen = await self.waits_for(lambda seen: sum(one.from_bot for one in seen) >= count, seconds)
        return [one for one in screen if one.from_bot]

    def find(self, message_id: int, refused: str) -> Kept | Refusal:
        """A message that still exists, or the refusal in those words."""
        kept = self.kept.get(message_id)
        return bad_request(refused) if kept is None or kept.is_deleted else kept


def _rows(markup: Json) -> tuple[tuple[Button, ...], ...]:
    return tuple(
        tuple(Button(button["text"], button.get("callback_data"), button.get("url")) for button in row)
        for row in markup.get("inline_keyboard", [])
    )
