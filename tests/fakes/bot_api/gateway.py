"""The door of the API: find the method, check the call, apply faults and rates, do it, answer as Telegram does."""

import asyncio
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import unquote

from tests.fakes.bot_api.account import Account
from tests.fakes.bot_api.cloud import Cloud
from tests.fakes.bot_api.faults import Fault, Faults, Kind
from tests.fakes.bot_api.http import HttpAnswer, HttpRequest
from tests.fakes.bot_api.limits import Refusal, bad_request
from tests.fakes.bot_api.messages import Messages
from tests.fakes.bot_api.params import Params, read_params
from tests.fakes.bot_api.rates import METERED_IN_GROUPS, Meter
from tests.fakes.bot_api.schema import BotApiSchema, Upload

HTML = {"Content-Type": "text/html"}
BINARY = {"Content-Type": "application/octet-stream"}
ERRORS = {
    Kind.SERVER_ERROR: HttpAnswer(500, b'{"ok":false,"error_code":500,"description":"Internal Server Error"}'),
    Kind.BAD_GATEWAY: HttpAnswer(502, b"<html><h1>502 Bad Gateway</h1>", HTML),
    Kind.UNAUTHORIZED: HttpAnswer(401, b'{"ok":false,"error_code":401,"description":"Unauthorized"}'),
    Kind.NOT_FOUND: HttpAnswer(404, b'{"ok":false,"error_code":404,"description":"Not Found"}'),
}


@dataclass
class Request:
    """One call as the bot made it, and what came of it: an HTTP status, or None when the answer was lost."""

    method: str
    params: Params
    at: datetime
    status: int | None = None
    fault: Kind | None = None

    @property
    def chat(self) -> int | None:
        """The chat it is about, if any."""
        chat = self.params.get("chat_id")
        return chat if isinstance(chat, int) else None


class Gateway:
    """Answers every request to `/bot<token>/METHOD` and `/file/bot<token>/PATH`."""

    def __init__(
        self,
        token: str,
        cloud: Cloud,
        account: Account,
        messages: Messages,
        faults: Faults,
        meter: Meter | None,
        schema: BotApiSchema | None,
    ) -> None:
        self.requests: list[Request] = []
        self.violations: list[str] = []
        self.impatient: list[Request] = []
        self.open_calls = 0
        self.calls_made = 0
        self._token = token
        self._cloud = cloud
        self._account = account
        self._faults = faults
        self._meter = meter
        self._schema = schema
        self._paused_until: dict[int, datetime] = {}
        self._methods = _table(account, messages)

    async def respond(self, request: HttpRequest) -> HttpAnswer | None:
        """Answer one request for a file or a method."""
        kind, _, rest = unquote(request.target.partition("?")[0]).removeprefix("/").partition("/")
        if kind == "file":
            token, _, path = rest.partition("/")
            return self._download(token, path)
        if not kind.startswith("bot") or not rest:
            return _answer(Refusal(404, "Not Found"))
        if kind != f"bot{self._token}":
            return _answer(Refusal(401, "Unauthorized"))
        return await self._call(rest, request)

    async def _call(self, method: str, request: HttpRequest) -> HttpAnswer | None:
        if method not in self._methods:
            self.violations.append(f"{method}: no such method here")
            return _answer(Refusal(404, "Not Found: method not found"))
        try:
            params = read_params(request)
        except (ValueError, KeyError):
            self.violations.append(f"{method}: unreadable body")
            return _answer(bad_request("can't parse the request body"))
        call = Request(method, params, self._cloud.clock.now())
        self.requests.append(call)
        is_brief = method != "getUpdates"
        self.open_calls += is_brief
        self.calls_made += is_brief
        try:
            answer = await self._play(call)
        finally:
            self.open_calls -= is_brief
            self._cloud.bell.ring()
        call.status = answer.status if answer else None
        return answer

    async def _play(self, call: Request) -> HttpAnswer | None:
        if wrong := self._wrong(call):
            self.violations += wrong
            return _answer(bad_request(wrong[0]))
        self._note_impatience(call)
        fault = self._faults.draw(call.method, call.chat)
        if fault is None:
            return await self._do(call)
        call.fault = fault.kind
        return await self._fail(call, fault)

    async def _fail(self, call: Request, fault: Fault) -> HttpAnswer | None:
        if fault.kind in ERRORS:
            return ERRORS[fault.kind]
        if fault.kind is Kind.TOO_MANY:
            return self._too_many(call, max(1, int(fault.seconds)))
        if fault.kind is Kind.LOST_BEFORE:
            return None
        if fault.kind is Kind.HELD_BEFORE and fault.gate:
            await fault.gate.pass_through()
        answer = await self._do(call)
        if fault.kind is Kind.HELD_AFTER and fault.gate:
            await fault.gate.pass_through()
        if fault.kind is Kind.SLOW:
            await asyncio.sleep(fault.seconds)
        return None if fault.kind is Kind.LOST_AFTER else answer

    async def _do(self, call: Request) -> HttpAnswer:
        if self._meter is not None and call.chat is not None:
            wait = self._meter.retry_after(call.method, call.chat, self._cloud.clock.now())
            if wait is not None:
                return self._too_many(call, wait)
        try:
            result = self._methods[call.method](call.params)
        except (KeyError, TypeError, AttributeError, ValueError):
            if self._schema is not None:
                raise
            self.violations.append(f"{call.method}: a parameter is missing or has a wrong type")
            result = bad_request("a parameter is missing or has a wrong type")
        return _answer(await result if inspect.isawaitable(result) else result)

    def _wrong(self, call: Request) -> list[str]:
        return self._schema.wrong_request(call.method, call.params) if self._schema else []

    def _too_many(self, call: Request, seconds: int) -> HttpAnswer:
        if call.chat is not None:
            self._paused_until[call.chat] = self._cloud.clock.now() + timedelta(seconds=seconds)
        words = f"Too Many Requests: retry after {seconds}"
        return _answer(Refusal(429, words, {"retry_after": seconds}))

    def _note_impatience(self, call: Request) -> None:
        until = self._paused_until.get(call.chat) if call.chat is not None else None
        if until is not None and call.at < until and call.method in METERED_IN_GROUPS:
            self.impatient.append(call)

    def _download(self, token: str, path: str) -> HttpAnswer:
        content = self._account.download(path) if token == f"bot{self._token}" else None
        return HttpAnswer(200, content, BINARY) if content is not None else _answer(Refusal(404, "Not Found"))


def _answer(result: object) -> HttpAnswer:
    if isinstance(result, Refusal):
        body: dict[str, Any] = {"ok": False, "error_code": result.code, "description": result.description}
        body |= {"parameters": dict(result.parameters)} if result.parameters else {}
        return HttpAnswer(result.code, json.dumps(body).encode())
    return HttpAnswer(200, json.dumps({"ok": True, "result": result}, ensure_ascii=False).encode())


def plain_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a call as JSON can hold them: an upload becomes its name and size."""
    return {
        name: {"upload": value.name, "bytes": len(value.content)} if isinstance(value, Upload) else value
        for name, value in params.items()
    }


def _table(account: Account, messages: Messages) -> dict[str, Callable[[Params], object]]:
    return {
        "getMe": account.me,
        "getUpdates": account.updates,
        "setWebhook": account.set_webhook,
        "deleteWebhook": account.delete_webhook,
        "getWebhookInfo": account.webhook_info,
        "getFile": account.file,
        "getChatMember": account.member,
        "getChatAdministrators": account.administrators,
        "leaveChat": account.leave,
        "sendChatAction": account.act,
        "setMyCommands": account.set_commands,
        "setMyDescription": account.set_description,
        "setMyShortDescription": account.set_short_description,
        "sendMessage": messages.send_text,
        "sendVoice": partial(messages.send_file, "voice"),
        "sendPhoto": partial(messages.send_file, "photo"),
        "sendVideo": partial(messages.send_file, "video"),
        "sendVideoNote": partial(messages.send_file, "video_note"),
        "sendDocument": partial(messages.send_file, "document"),
        "editMessageText": messages.edit_text,
        "editMessageReplyMarkup": messages.edit_markup,
        "deleteMessage": messages.delete,
        "deleteMessages": messages.delete_many,
        "answerCallbackQuery": messages.answer_press,
    }
