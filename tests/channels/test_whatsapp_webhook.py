"""The webhook of WhatsApp: who may knock, and that nothing is confirmed before it is committed."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence

import httpx
import pytest

from bot.channels.watch import Watch
from bot.channels.whatsapp import LARGEST_CALL
from bot.channels.whatsapp.updates import Reader
from bot.channels.whatsapp.webhook import Webhook
from bot.channels.wire import COME_AGAIN, FAILED, TAKEN, UNKNOWN_CALLER
from bot.core.errors import StorageUnavailable
from bot.core.messages import Word
from bot.doors import Hook, outer
from tests.channels.conftest import Door, Noon
from tests.channels.test_whatsapp_updates import LINE, message, payload, status, value

SECRET, WORD = "invented-app-secret", "invented-word"


class Ear:
    def __init__(self) -> None:
        self.heard: list[Word] = []
        self.is_deaf = False

    async def hear(self, words: Sequence[Word]) -> None:
        if self.is_deaf:
            raise StorageUnavailable("the database is away")
        self.heard += words


@pytest.fixture
def webhook() -> Webhook:
    return Webhook(Reader(LINE, Watch(Noon())), SECRET, WORD)


@pytest.fixture
def ear() -> Ear:
    return Ear()


BODY = json.dumps(payload(value(message("text", {"body": "салом"}), statuses=[status("sent")])), ensure_ascii=False)


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


async def test_a_signed_call_is_confirmed_after_everything_in_it_is_committed(
    webhook: Webhook, door: Door, ear: Ear
) -> None:
    body = BODY.encode()
    assert await webhook.take_in(body, signed(body), door.accept, ear.hear) == TAKEN
    assert [inbound.text for inbound in door.taken] == ["салом"]
    assert [word.key for word in ear.heard] == ["01ROW"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Hub-Signature-256": ""},
        {"X-Hub-Signature-256": "sha256="},
        {"X-Hub-Signature-256": "sha256=é"},
        {"X-Hub-Signature": signed(BODY.encode())["X-Hub-Signature-256"]},
        signed(BODY.encode(), "another secret"),
        signed(json.dumps(json.loads(BODY)).encode()),
        {"X-Hub-Signature-256": signed(BODY.encode())["X-Hub-Signature-256"].upper()},
    ],
)
async def test_a_call_with_a_wrong_signature_is_not_even_read(
    webhook: Webhook, door: Door, ear: Ear, headers: dict[str, str]
) -> None:
    assert await webhook.take_in(BODY.encode(), headers, door.accept, ear.hear) == UNKNOWN_CALLER
    assert (door.batches, ear.heard) == ([], [])


async def test_an_outage_asks_to_come_again_whatever_it_hits(webhook: Webhook, door: Door, ear: Ear) -> None:
    body = BODY.encode()
    door.is_away(1)
    assert await webhook.take_in(body, signed(body), door.accept, ear.hear) == COME_AGAIN
    ear.is_deaf = True
    assert await webhook.take_in(body, signed(body), door.accept, ear.hear) == COME_AGAIN
    assert await webhook.take_in(body, signed(body), None, None) == COME_AGAIN


async def test_a_mistake_of_ours_is_not_confirmed(webhook: Webhook, door: Door, ear: Ear) -> None:
    door.failures.append(RuntimeError("a bug"))
    body = BODY.encode()
    assert await webhook.take_in(body, signed(body), door.accept, ear.hear) == FAILED


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"\xff"])
async def test_signed_nonsense_is_confirmed_and_never_blocks(
    webhook: Webhook, door: Door, ear: Ear, body: bytes
) -> None:
    assert await webhook.take_in(body, signed(body), door.accept, ear.hear) == TAKEN
    assert door.batches == []


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ({"hub.mode": "subscribe", "hub.verify_token": WORD, "hub.challenge": "17"}, "17"),
        ({"hub.mode": "subscribe", "hub.verify_token": WORD + "x", "hub.challenge": "17"}, None),
        ({"hub.mode": "unsubscribe", "hub.verify_token": WORD, "hub.challenge": "17"}, None),
        ({"hub.mode": "subscribe", "hub.verify_token": "é", "hub.challenge": "17"}, None),
        ({}, None),
    ],
)
def test_the_challenge_is_answered_to_who_knows_the_word(
    webhook: Webhook, query: dict[str, str], answer: str | None
) -> None:
    assert webhook.challenge(query) == answer


async def test_the_world_reaches_the_webhook_at_its_own_address(webhook: Webhook, door: Door, ear: Ear) -> None:
    async def is_ready() -> bool:
        return True

    async def take_in(body: bytes, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str]]:
        return await webhook.take_in(body, headers, door.accept, ear.hear)

    pages = outer(is_ready, [Hook("whatsapp", take_in, webhook.challenge)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(pages), base_url="http://invented.example") as world:
        asked = {"hub.mode": "subscribe", "hub.verify_token": WORD, "hub.challenge": "17"}
        answer = await world.get("/whatsapp", params=asked)
        assert (answer.status_code, answer.text) == (200, "17")
        assert (await world.get("/whatsapp", params=asked | {"hub.verify_token": "x"})).status_code == 403
        assert (await world.post("/whatsapp", content=BODY.encode())).status_code == 401
        posted = await world.post("/whatsapp", content=BODY.encode(), headers=signed(BODY.encode()))
        assert (posted.status_code, posted.content) == (200, b"")
        assert (await world.post("/telegram")).status_code == 404
    assert len(door.taken) == 1


async def test_a_bundle_of_3_mb_is_taken_in_whole_and_no_more_than_that_is_read(
    webhook: Webhook, door: Door, ear: Ear
) -> None:
    """What is refused for its size would come again for days, and every concern in it."""

    async def is_ready() -> bool:
        return True

    async def take_in(body: bytes, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str]]:
        return await webhook.take_in(body, headers, door.accept, ear.hear)

    pages = outer(is_ready, [Hook("whatsapp", take_in, webhook.challenge, LARGEST_CALL)])
    many = [message("text", {"body": "кӯмак"}, id=f"wamid.{number}") for number in range(16_000)]
    body = json.dumps(payload(value(*many)), ensure_ascii=False).encode()
    body = body.ljust(3 << 20)
    assert 1 << 20 < len(body.rstrip()) <= len(body) == 3 << 20
    async with httpx.AsyncClient(transport=httpx.ASGITransport(pages), base_url="http://invented.example") as world:
        assert (await world.post("/whatsapp", content=body, headers=signed(body))).status_code == 200
        assert (await world.post("/whatsapp", content=body + b" ", headers=signed(body + b" "))).status_code == 413
    assert len(door.taken) == len(many)
