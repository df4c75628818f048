"""`/control/...`: the same script for a test that lives in another process; JSON in, JSON out."""

import json
from dataclasses import asdict
from datetime import datetime
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from tests.fakes.bot_api.faults import Fault, Kind, Mix
from tests.fakes.bot_api.gateway import plain_params
from tests.fakes.bot_api.groups import Group
from tests.fakes.bot_api.http import HttpAnswer, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.telegram import FakeTelegram

Json = dict[str, Any]
ACTS = frozenset(
    "says starts sends sends_album forwards edits presses press_again blocks unblocks deactivates toasts hears "
    "joins leaves appoints adds_bot demotes_bot removes_bot dies upgrades".split()
)


class Control:
    """One function for each `/control/NAME`; the body of the request is its arguments.

    `POST /control/person {"person_id": 1, "first_name": "Invented"}`, then
    `POST /control/act {"chat": 1, "do": "says", "with": {"text": "..."}}` (people inside are given by their ids:
    `by`, `person`). Always POST, always JSON.
    """

    def __init__(self, server: "FakeTelegram") -> None:
        self._server = server
        self._table: dict[str, Callable[..., object]] = {
            "person": self._person,
            "group": self._group,
            "act": self._act,
            "sees": self._sees,
            "wait": self._wait,
            "quiet": self._quiet,
            "advance": self._advance,
            "fault": self._fault,
            "mix": self._mix,
            "log": self._log,
        }

    async def respond(self, request: HttpRequest) -> HttpAnswer:
        """Answer 200 with the result, or 400 with what was wrong."""
        name = request.target.removeprefix("/control/")
        if name not in self._table:
            return HttpAnswer(404, json.dumps({"error": f"one of {sorted(self._table)}"}).encode())
        try:
            result = self._table[name](**json.loads(request.body or b"{}"))
            result = await result if isawaitable(result) else result
        except (LookupError, TypeError, ValueError, TimeoutError) as wrong:
            return HttpAnswer(400, json.dumps({"error": f"{type(wrong).__name__}: {wrong}"}).encode())
        return HttpAnswer(200, json.dumps(result, default=_plain, ensure_ascii=False).encode())

    def _person(self, person_id: int, **more: Any) -> int:
        return self._server.person(person_id, **more).id

    def _group(self, group_id: int, **more: Any) -> int:
        return self._server.group(group_id, **more).id

    def _act(self, chat: int, do: str, **rest: Json) -> object:
        if do not in ACTS:
            raise ValueError(f"do is one of {sorted(ACTS)}")
        given = rest.get("with", {})
        people = {name: self._server.chat(given[name]) for name in ("by", "person") if name in given}
        result = getattr(self._server.chat(chat), do)(**given | people)
        return result.id if isinstance(result, Group) else result

    def _sees(self, chat: int) -> object:
        return [asdict(seen) for seen in self._server.chat(chat).sees()]

    async def _wait(self, chat: int, text: str, seconds: float = 5.0) -> object:
        return asdict(await self._server.chat(chat).waits_for_text(text, seconds))

    async def _quiet(self, seconds: float = 5.0, lull: float = 0.05) -> bool:
        await self._server.quiet(seconds, lull)
        return True

    def _advance(self, seconds: float) -> str:
        self._server.advance(seconds=seconds)
        return self._server.clock.now().isoformat()

    def _fault(self, kind: str, **more: Any) -> bool:
        self._server.faults.plan(Fault(Kind(kind), **more))
        return True

    def _mix(self, **shares: Any) -> bool:
        self._server.faults.mix = Mix(**shares)
        return True

    def _log(self) -> Json:
        server = self._server
        return {
            "sent": [asdict(sent) for sent in server.sent],
            "unprotected": len(server.unprotected()),
            "violations": server.violations,
            "requests": [vars(one) | {"params": plain_params(one.params)} for one in server.requests],
            "deliveries": [asdict(one) for one in server.deliveries],
            "unconfirmed": len(server.feed.live()),
        }


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
