"""The methods about the bot itself: its name and menu, where updates go, files, and who is in a chat."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.bot_api.cloud import Cloud
from tests.fakes.bot_api.groups import Group
from tests.fakes.bot_api.limits import (
    DESCRIPTION,
    DOWNLOAD_BYTES,
    SECRET,
    SHORT_DESCRIPTION,
    Refusal,
    bad_request,
    check_commands,
    length,
)
from tests.fakes.bot_api.polling import Poller
from tests.fakes.bot_api.shapes import member
from tests.fakes.bot_api.webhook import Target, Webhook

Json = dict[str, Any]
Params = Mapping[str, Any]
WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
PORTS = (443, 80, 88, 8443)
LOOPBACK = ("127.0.0.1", "localhost")
LINK_LIFETIME = timedelta(hours=1)
ACTIONS = frozenset(
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document choose_sticker "
    "find_location record_video_note upload_video_note".split()
)


@dataclass
class Profile:
    """What the bot set about itself, by language code ("" is for everybody)."""

    commands: dict[str, list[Json]] = field(default_factory=dict)
    description: dict[str, str] = field(default_factory=dict)
    short_description: dict[str, str] = field(default_factory=dict)


class Account:
    """getMe, getUpdates, webhooks, files, members and the profile."""

    def __init__(self, cloud: Cloud, poller: Poller, webhook: Webhook) -> None:
        self.profile = Profile()
        self._cloud = cloud
        self._poller = poller
        self._webhook = webhook
        self._links: dict[str, tuple[str, datetime]] = {}

    def me(self, _: Params) -> Json:
        """Do getMe."""
        return self._cloud.bot

    async def updates(self, params: Params) -> list[Json] | Refusal:
        """Do getUpdates."""
        if self._webhook.target is not None:
            return Refusal(409, WEBHOOK_ACTIVE)
        return await self._poller.poll(params)

    async def set_webhook(self, params: Params) -> bool | Refusal:
        """Do setWebhook; loopback addresses may be plain http, all others only what Telegram allows."""
        if not params["url"]:
            return await self.delete_webhook(params)
        secret, connections = params.get("secret_token"), params.get("max_connections", 40)
        if (wrong := _wrong_address(params["url"])) is not None:
            return bad_request(f"bad webhook: {wrong}")
        if secret is not None and not SECRET.fullmatch(secret):
            return bad_request("secret token contains unallowed characters")
        if not 1 <= connections <= 100:
            return bad_request("max_connections must be between 1 and 100")
        self._remember_wishes(params)
        self._poller.end()
        await self._webhook.point_to(Target(params["url"], secret, connections))
        return True

    async def delete_webhook(self, params: Params) -> bool:
        """Do deleteWebhook."""
        self._remember_wishes(params)
        await self._webhook.point_to(None)
        return True

    def webhook_info(self, _: Params) -> Json:
        """Do getWebhookInfo."""
        target = self._webhook.target
        info: Json = {"has_custom_certificate": False, "pending_update_count": len(self._cloud.feed.live())}
        if target is None:
            return info | {"url": ""}
        failed = [attempt for attempt in self._webhook.attempts if attempt.status is None or attempt.status >= 300]
        if failed:
            status = failed[-1].status
            words = f"Wrong response from the webhook: {status}" if status else "Connection refused"
            info |= {"last_error_date": int(failed[-1].at.timestamp()), "last_error_message": words}
        if self._cloud.feed.allowed:
            info["allowed_updates"] = sorted(self._cloud.feed.allowed)
        return info | {"url": target.url, "max_connections": target.max_connections, "ip_address": "127.0.0.1"}

    def file(self, params: Params) -> Json | Refusal:
        """Do getFile: make a link that works for an hour."""
        kept = self._cloud.files.get(params["file_id"])
        if kept is None:
            return bad_request("invalid file_id")
        if kept.size > DOWNLOAD_BYTES:
            return bad_request("file is too big")
        path = f"{kept.kind}s/file_{kept.number}"
        self._links[path] = (params["file_id"], self._cloud.clock.now())
        return kept.ids | {"file_path": path}

    def download(self, path: str) -> bytes | None:
        """The bytes behind a link of getFile, while it works."""
        file_id, made_at = self._links.get(path, ("", self._cloud.clock.now()))
        is_alive = self._cloud.clock.now() - made_at <= LINK_LIFETIME
        return self._cloud.files[file_id].content if file_id and is_alive else None

    def member(self, params: Params) -> Json | Refusal:
        """Do getChatMember."""
        group = self._cloud.find_chat(params["chat_id"])
        if isinstance(group, Refusal):
            return group
        user = self._user(params["user_id"])
        if user is None or params["user_id"] not in group.statuses:
            return bad_request("member not found")
        return member(user, group.statuses[params["user_id"]])

    def administrators(self, params: Params) -> list[Json] | Refusal:
        """Do getChatAdministrators; other bots than ours do not exist here."""
        group = self._cloud.find_chat(params["chat_id"])
        if isinstance(group, Refusal):
            return group
        if not isinstance(group, Group):
            return bad_request("there are no administrators in the private chat")
        ranks = [(self._user(number), rank) for number, rank in group.statuses.items()]
        chosen = [(user, rank) for user, rank in ranks if user and rank in {"administrator", "creator"}]
        return [member(user, rank) for user, rank in chosen if not user["is_bot"] or params.get("return_bots")]

    def leave(self, params: Params) -> bool | Refusal:
        """Do leaveChat."""
        group = self._cloud.find_chat(params["chat_id"])
        if isinstance(group, Refusal):
            return group
        if not isinstance(group, Group):
            return bad_request("chat member status can't be changed in private chats")
        group.bot_leaves()
        return True

    def act(self, params: Params) -> bool | Refusal:
        """Do sendChatAction."""
        chat = self._cloud.find_chat(params["chat_id"])
        if isinstance(chat, Refusal):
            return chat
        return True if params["action"] in ACTIONS else bad_request("wrong parameter action in request")

    def set_commands(self, params: Params) -> bool | Refusal:
        """Do setMyCommands."""
        if (refusal := check_commands(params["commands"])) is not None:
            return refusal
        self.profile.commands[params.get("language_code", "")] = params["commands"]
        return True

    def set_description(self, params: Params) -> bool | Refusal:
        """Do setMyDescription."""
        return _describe(self.profile.description, params, "description", DESCRIPTION)

    def set_short_description(self, params: Params) -> bool | Refusal:
        """Do setMyShortDescription."""
        return _describe(self.profile.short_description, params, "short_description", SHORT_DESCRIPTION)

    def _remember_wishes(self, params: Params) -> None:
        if params.get("drop_pending_updates"):
            self._cloud.feed.drop_all()
        if "allowed_updates" in params:
            self._cloud.feed.allowed = frozenset(params["allowed_updates"])

    def _user(self, number: int) -> Json | None:
        if number == self._cloud.bot["id"]:
            return self._cloud.bot
        person = self._cloud.chats.get(number)
        return person.user_body() if person is not None and person.is_private else None


def _wrong_address(url: str) -> str | None:
    parts = urlsplit(url)
    if parts.hostname in LOOPBACK:
        return None
    if parts.scheme != "https" or not parts.hostname:
        return "An HTTPS URL must be provided for webhook"
    return None if (parts.port or 443) in PORTS else "Webhook can be set up only on ports 80, 88, 443 or 8443"


def _describe(shelf: dict[str, str], params: Params, name: str, at_most: int) -> bool | Refusal:
    text = params.get(name, "")
    if length(text) > at_most:
        return bad_request(f"{name} is too long")
    shelf[params.get("language_code", "")] = text
    return True
