"""The limits that Telegram holds whatever the description says: lengths, buttons, text without its markup."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

TEXT = 4096
CAPTION = 1024
CALLBACK_DATA_BYTES = 64
CALLBACK_ANSWER = 200
BUTTONS = 100
BUTTONS_IN_ROW = 8
DELETE_AT_ONCE = 100
COMMANDS = 100
DOWNLOAD_BYTES = 20 * 1024 * 1024
UPLOAD_BYTES = 50 * 1024 * 1024
DESCRIPTION = 512
SHORT_DESCRIPTION = 120
COMMAND_NAME = re.compile(r"[a-z0-9_]{1,32}")
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
HTML_TAGS = frozenset("b strong i em u ins s strike del span tg-spoiler a tg-emoji code pre blockquote".split())
BUTTON_ACTIONS = frozenset(
    "url callback_data web_app login_url switch_inline_query switch_inline_query_current_chat "
    "switch_inline_query_chosen_chat copy_text callback_game pay".split()
)


@dataclass(frozen=True)
class Refusal:
    """An answer that is not ok, with its HTTP status and Telegram's own words."""

    code: int
    description: str
    parameters: Mapping[str, int] | None = None


def bad_request(words: str) -> Refusal:
    """A 400 in Telegram's way of writing it."""
    return Refusal(400, f"Bad Request: {words}")


def length(text: str) -> int:
    """Length as Telegram counts it for entities: UTF-16 units, so most emoji are two."""
    return len(text.encode("utf-16-le")) // 2


def read_text(params: Mapping[str, Any], name: str = "text") -> str | Refusal:
    """The text a person will see, without markup and outer spaces, or why it is refused."""
    shown = _without_markup(str(params.get(name) or ""), params.get("parse_mode"))
    if isinstance(shown, Refusal):
        return shown
    shown = shown.strip()
    if name == "caption":
        return bad_request("message caption is too long") if length(shown) > CAPTION else shown
    if not shown:
        return bad_request("message text is empty")
    return bad_request("message is too long") if length(shown) > TEXT else shown


def check_markup(markup: Mapping[str, Any] | None) -> Refusal | None:
    """Why a keyboard is refused, or None."""
    rows: Sequence[Sequence[Mapping[str, Any]]] = (markup or {}).get("inline_keyboard", [])
    if sum(len(row) for row in rows) > BUTTONS or any(len(row) > BUTTONS_IN_ROW for row in rows):
        return bad_request("reply markup is too long")
    for row in rows:
        for button in row:
            if (refusal := _check_button(button)) is not None:
                return refusal
    return None


def check_commands(commands: Sequence[Mapping[str, str]]) -> Refusal | None:
    """Why a menu of commands is refused, or None."""
    if len(commands) > COMMANDS:
        return bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not COMMAND_NAME.fullmatch(command["command"]):
            return bad_request("BOT_COMMAND_INVALID")
        if not 1 <= length(command["description"]) <= 256:
            return bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return None


def _check_button(button: Mapping[str, Any]) -> Refusal | None:
    if not str(button["text"]).strip():
        return bad_request("inline keyboard button text must be non-empty")
    if len(BUTTON_ACTIONS & button.keys()) != 1:
        return bad_request("text buttons are unallowed in the inline keyboard")
    if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= CALLBACK_DATA_BYTES:
        return bad_request("BUTTON_DATA_INVALID")
    return None


def _without_markup(text: str, parse_mode: object) -> str | Refusal:
    if parse_mode is None:
        return text
    if parse_mode != "HTML":
        return bad_request("unsupported parse_mode")
    reader = _HtmlText()
    reader.feed(text)
    reader.close()
    return bad_request(f"can't parse entities: {reader.wrong}") if reader.wrong else "".join(reader.shown)


class _HtmlText(HTMLParser):
    """Keeps the text of Telegram's HTML and notices tags that it would refuse."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shown: list[str] = []
        self._open: list[str] = []
        self._wrong = ""

    @property
    def wrong(self) -> str:
        """What Telegram would complain about; empty when nothing."""
        return self._wrong or (f"can't find end tag corresponding to start tag {self._open[-1]}" if self._open else "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a tag."""
        if tag not in HTML_TAGS:
            self._wrong = f'unsupported start tag "{tag}"'
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close a tag."""
        if not self._open or self._open.pop() != tag:
            self._wrong = "unexpected end tag"

    def handle_data(self, data: str) -> None:
        """Keep what is shown."""
        self.shown.append(data)
