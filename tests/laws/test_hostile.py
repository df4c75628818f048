"""S12, S13: whatever she types, staff see plain text: nothing to tap, and nothing that turns a line round."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from bot.channels.telegram.sending import calls_of as render
from bot.core.addresses import Address
from bot.core.events import CaseMessageArrived
from bot.core.messages import Act, Kind, Parcel
from bot.flows.plain import plain
from tests.flows.desk_world import Chat, facilitator, open_case, outgoings
from tests.town import open_town
from tests.world import FrozenClock

PARTS = (
    "<b>жирно</b>", "<a href='https://invented.example'>тут</a>", "*звезда*", "_черта_",
    "[ссылка](https://invented.example)", "https://invented.example/путь?а=1", "invented.example",
    "@invented_test_bot", "@admin", "/start", "/bind code", "/menu", "||тайна||", "`код`", "```\nкод\n```",
    "&lt;i&gt;", "tg://user?id=1", "mailto:a@invented.example", "+992 00 000 00 00", "\u202eоборот\u202c",
    "\u2067назад\u2069", "\u200f", "\u200e", "\u061c", "\u200b", "\u200d", "\u2060", "\ufeff", "a\u0301" * 9,
    "😀", "👩‍👧‍👦", "🇹🇯", "№ 1234 · срочно", "\r\n\r\n", "\t", "{number}", "%s", "${x}", "\\n",
    "'; DROP TABLE cases; --", "\u2028", "ҳ", "ӯ", "+992000000000", "00-000-00-00", "(00) 000 00 00", "8 000 000.00.00",
    "000", "0000 0000 0000 0000", "0000-0000-0000-0000", "192.0.2.1", "192.0.2.1:80/a", "пример.рф", "t.me/invented",
    "invented。example", "#\u200cтег", "#тег", "$USD", "a@invented.example", "www.invented.example", "tel:+0000000",
    "٠٠٠٠٠٠٠", "ton://invented", "и/или", "9.15", "12:30",
)  # fmt: skip
TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
TAPPED = re.compile(r"[/@#$][\w\u200c]|\w[.。][^\W\d_]|:/")
"""Of what messengers make something to tap by themselves: commands, mentions, tags, links, addresses."""
DIALLED = re.compile("\\d(?:[-x\u2010-\u2015\u2212\\s\u00ad\u200b\u2060().\\[\\]/~,]{0,4}\\d){2,}")
"""Telephone and card numbers, and addresses of numbers: figures with all that a phone lets stand between them."""
OURS = re.compile(r"№ \d+")
FORMATTED = {"parse_mode", "entities", "caption_entities"}


def strings(count: int) -> Iterator[str]:
    """What she might type, or somebody who holds her phone."""
    chance = Random(5000)
    for n in range(count):
        text = "".join(chance.choice((*PARTS, "мама ", "a", " ")) for _ in range(chance.randrange(1, 9)))
        yield (text * 4096)[:4096] if n % 50 == 0 else text or "."


def shown(text: str) -> list[dict[str, object]]:
    """What is asked of the Bot API when she writes it to the one who has her case."""
    zara = facilitator("zara")
    case = open_case("one", "4821", zara)
    chat = Chat.of(zara, cases=(case,))
    chat.play(CaseMessageArrived(case.id, case.number, "m1", Kind.TEXT, text))
    parcels = [Parcel("key", Address("telegram:1", "7"), Act.SEND, outgoing) for outgoing in outgoings(chat.last)]
    return [call.params for parcel in parcels for call in render(parcel)]


def is_plain(params: dict[str, object]) -> bool:
    text = str(params.get("text", ""))
    preview = params.get("link_preview_options")
    is_dialled = DIALLED.search(OURS.sub("№", text))
    is_bare = not (TURNING.search(text) or TAPPED.search(text) or is_dialled or FORMATTED & params.keys())
    return is_bare and preview == {"is_disabled": True}


def test_s13_five_thousand_hostile_strings_are_plain_text_to_staff_and_lose_no_word() -> None:
    for text in strings(5_000):
        calls = shown(text)
        assert calls, repr(text)
        assert all(map(is_plain, calls)), repr(text)
        arrived = words("".join(str(call["text"]) for call in calls))
        assert words(text) in arrived, repr(text)


def words(text: str) -> str:
    """The letters and figures alone, as a reader sees them."""
    return "".join(c for c in unicodedata.normalize("NFC", text) if c.isalnum())


async def test_s13_through_the_bot_api_hostile_strings_reach_the_one_who_has_the_case_as_they_are(
    tmp_path: Path,
) -> None:
    async with open_town(tmp_path, FrozenClock()) as town:
        coordinator = await town.coordinator()
        owner = await town.facilitator(coordinator)
        group = await town.bound_group(coordinator, owner)
        mother = await town.mother()
        await town.says(mother, "шавҳарам маро мезанад")
        await town.presses(group, "case.take", by=owner)
        asked = len(town.tg.requests)
        for text in strings(12):
            if text.strip() and not text.startswith("/"):
                await town.says(mother, text)
                town.clock.advance(minutes=1)
        sends = [request.params for request in town.tg.requests[asked:] if request.method == "sendMessage"]
        brought = [params for params in sends if params["chat_id"] == owner.id]
        assert len(brought) >= 8
        assert all(map(is_plain, brought))
        assert not any(FORMATTED & params.keys() for params in sends)


@pytest.mark.parametrize(
    "hers", ["Занг занед: +992 00 000 00 00", "0000 0000 0000 0000", "192.0.2.1", "пример.рф, ё не?"]
)
def test_s13_what_is_parted_looks_as_she_wrote_it(hers: str) -> None:
    parted = plain(hers)
    assert parted != hers
    assert "".join(c for c in parted if unicodedata.category(c) != "Cf") == hers
