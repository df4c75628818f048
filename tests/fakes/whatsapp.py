"""A Cloud API server of our own for tests: its limits, signed webhooks, scripted people, faults on order.

In the test: `async with FakeWhatsApp() as wa`, then `wa.hook.point_to(channel.take_in)`.
"""

import json
from collections import deque
from datetime import datetime, timedelta
from itertools import count
from random import Random
from types import TracebackType
from typing import Any, Self

from bot.core.ports import Clock
from tests.fakes.bot_api.http import HttpAnswer, HttpRequest, HttpServer
from tests.fakes.bot_api.time import Bell, ServerClock
from tests.fakes.cloud_api import limits
from tests.fakes.cloud_api.hook import Hook
from tests.fakes.cloud_api.ids import OURS, message_id
from tests.fakes.cloud_api.limits import Meter, Rates, Refusal
from tests.fakes.cloud_api.people import Bubble, CloudPerson
from tests.fakes.cloud_api.schema import find_schema

Json = dict[str, Any]

TOKEN = "THIS-IS-NO-REAL-TOKEN"
PHONE_ID = "100000000000001"
APP_SECRET = "invented-app-secret"
VERIFY_TOKEN = "invented-word"
DISPLAY_NUMBER = "+0 00 0000001"
ACCOUNT = "100000000000009"
LOST_BEFORE, LOST_AFTER = "lost_before", "lost_after"
MEDIA_LIFETIME = timedelta(days=7)


class FakeWhatsApp:
    """`wa.root` is the Graph's address with its version; every message is checked against the published description.

    Rates hold when `rates` are given.  `faults` are used up one a message: a Refusal, LOST_BEFORE or LOST_AFTER for a
    connection that breaks, None for nothing.  What is sent outside the 24 hours fails by a later status, as on the
    real server, or at once when `refuses_at_once`.
    """

    def __init__(self, *, clock: Clock | None = None, rates: Rates | None = None, seed: int = 0) -> None:
        self.root = ""
        self.token = TOKEN
        self.phone_id = PHONE_ID
        self.schema = find_schema()
        self.faults: deque[Refusal | str | None] = deque()
        self.templates: dict[tuple[str, str], int] = {}
        self.refuses_at_once = False
        self.stages: tuple[str, ...] = ("sent", "delivered")
        self.people: dict[str, CloudPerson] = {}
        self.requests: list[Json] = []
        self.sent: list[tuple[str, Bubble]] = []
        self.violations: list[str] = []
        self.fetched: list[bytes] = []
        self.listed: list[Json] = []
        self.file_status = 200
        self.standing = "CONNECTED"
        self.apps: list[Json] = [{"whatsapp_business_api_data": {"id": "0", "name": "Invented"}}]
        self._bell = Bell()
        self.clock = ServerClock(clock, self._bell)
        self.hook = Hook(APP_SECRET, Random(seed), self._bell)
        self._meter = Meter(rates) if rates else None
        self._server = HttpServer(self._respond, self.clock)
        self._ids = count(1)
        self._made: dict[str, datetime] = {}

    async def __aenter__(self) -> Self:
        """Start on a free port."""
        self.root = f"http://127.0.0.1:{await self._server.start()}/v23.0"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        await self.hook.close()
        await self._server.close()

    # ---- people

    def person(self, number: int, *, has_username: bool = False, is_legacy: bool = False) -> CloudPerson:
        """An invented person; `is_legacy`: WhatsApp names no business-scoped id of hers."""
        phone = None if has_username else f"{number:012}"
        found = CloudPerson("" if is_legacy else f"TJ.{number:016}", phone, self._bring, self.clock.now)
        self.people[found.address] = found
        return found

    def names(self, person: CloudPerson, *, id_: str | None = None, number: str | None = None) -> CloudPerson:
        """From now on WhatsApp names her so; what is left out is not named."""
        person.id, person.number = id_ or "", number
        self.people[person.address] = person
        return person

    def tells(self, value: Json) -> None:
        """Bring any value of a `messages` change."""
        metadata = {"display_phone_number": DISPLAY_NUMBER, "phone_number_id": PHONE_ID}
        self.hook.add({"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata} | value})

    def forgets_files(self) -> None:
        """Seven days are over for every file."""
        self._made = dict.fromkeys(self._made, self.clock.now() - MEDIA_LIFETIME - MEDIA_LIFETIME)

    def _bring(self, person: CloudPerson, message: Json) -> None:
        for media_id in person.files.keys() - self._made.keys():
            self._made[media_id] = self.clock.now()
        self.tells({"contacts": [person.contact()], "messages": [message]})

    # ---- requests

    async def _respond(self, request: HttpRequest) -> HttpAnswer | None:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return _answer(limits.TOKEN)
        path = request.target.partition("?")[0].removeprefix("/v23.0/")
        if request.method == "POST" and path == f"{self.phone_id}/messages":
            return self._take(request.body)
        if path == self.phone_id:
            return _answer({"id": self.phone_id, "display_phone_number": DISPLAY_NUMBER, "status": self.standing})
        if path == f"{ACCOUNT}/subscribed_apps":
            return _answer({"data": self.apps})
        if path == f"{ACCOUNT}/message_templates":
            return _answer({"data": self.listed})
        return self._give_file(path)

    def _give_file(self, path: str) -> HttpAnswer:
        """A file's address by its id, and then the file itself."""
        if path.startswith("files/"):
            content = self._file(path.removeprefix("files/")) or b""
            self.fetched.append(content)
            return HttpAnswer(self.file_status, content, {"Content-Type": "audio/ogg"})
        if self._file(path) is not None:
            return _answer({"url": f"{self.root}/files/{path}", "mime_type": "audio/ogg", "id": path})
        return _answer(limits.UNKNOWN_NUMBER)

    def _file(self, media_id: str) -> bytes | None:
        made_at = self._made.get(media_id)
        if made_at is None or self.clock.now() - made_at > MEDIA_LIFETIME:
            return None
        return next((person.files[media_id] for person in self.people.values() if media_id in person.files), None)

    def _take(self, body: bytes) -> HttpAnswer | None:
        message: Json = json.loads(body)
        self.requests.append(message)
        wrong = self.schema.wrong_message(message) if self.schema else []
        wrong = wrong or limits.too_much(message)
        if wrong:
            self.violations += wrong
            return _answer(limits.WRONG)
        fault = self.faults.popleft() if self.faults else None
        if isinstance(fault, Refusal):
            return _answer(fault)
        if fault == LOST_BEFORE:
            return None
        whom = message.get("recipient") or message["to"]
        if self._meter and (refusal := self._meter.refuse(whom, self.clock.now())):
            return _answer(refusal)
        answer = self._carry(whom, message)
        return None if fault == LOST_AFTER else _answer(answer)

    def _carry(self, whom: str, message: Json) -> Json | Refusal:
        person = self.people.get(whom)
        failure = self._refusal(person, message)
        if (
            failure is not None
            and failure.code != limits.UNDELIVERABLE
            and (self.refuses_at_once or message["type"] == "template")
        ):
            return failure
        number = (person.number if person is not None else None) or whom
        name = message_id(number, OURS, next(self._ids))
        if failure is None and person is not None:
            bubble = Bubble(name, message, self.clock.now())
            person.bubbles.append(bubble)
            self.sent.append((whom, bubble))
        stages = self.stages if failure is None else ("failed",)
        for stage in stages:
            self._tell_stage(name, whom, message, stage, failure)
        contact = {"input": whom} | ({"user_id": whom} if "recipient" in message else {"wa_id": whom})
        return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": name}]}

    def _refusal(self, person: CloudPerson | None, message: Json) -> Refusal | None:
        if person is None or not person.is_reachable:
            return Refusal(400, limits.UNDELIVERABLE)
        if message["type"] == "template":
            return self._wrong_template(message["template"])
        last = person.last_in_at
        is_open = last is not None and self.clock.now() - last < limits.DAY
        return None if is_open else limits.OUTSIDE_WINDOW

    def _wrong_template(self, template: Json) -> Refusal | None:
        expected = self.templates.get((template["name"], template["language"]["code"]))
        if expected is None:
            return limits.NO_TEMPLATE
        given = [len(one["parameters"]) for one in template.get("components", ()) if one["type"] == "body"]
        return None if sum(given) == expected else limits.PARAMETERS

    def _tell_stage(self, message_id: str, whom: str, message: Json, stage: str, failure: Refusal | None) -> None:
        status: Json = {"id": message_id, "status": stage, "timestamp": str(int(self.clock.now().timestamp()))}
        status |= {"recipient_user_id": whom} if "recipient" in message else {"recipient_id": whom}
        if "biz_opaque_callback_data" in message:
            status["biz_opaque_callback_data"] = message["biz_opaque_callback_data"]
        if failure is not None:
            status["errors"] = [{"code": failure.code, "title": "Invented", "error_data": {"details": "Invented"}}]
        self.tells({"statuses": [status]})


def _answer(result: Json | Refusal) -> HttpAnswer:
    if isinstance(result, Refusal):
        return HttpAnswer(result.status, json.dumps(result.body()).encode())
    return HttpAnswer(200, json.dumps(result).encode())
