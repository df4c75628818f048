"""What people and machines send that nobody expects: every time a kind answer or silence, one effect, nothing lost."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from bot.channels.telegram import TelegramChannel
from bot.core.people import Role
from bot.doors import LARGEST_BODY, Hook, outer
from storage.schema import attempts, inbox, invitations, participants
from tests.fakes.bot_api.chats import Seen
from tests.fakes.bot_api.people import Chat
from tests.town import JOINING, Town, find_button, open_town
from tests.world import FrozenClock

WORRYING = "шавҳарам маро мезанад, аз ӯ метарсам"
FULL = 4096
"""The longest text that Telegram lets anybody write."""
ODD = {
    "emoji": "😀" * FULL,
    "letters": "ҷ" * FULL,
    "one word": "салом " * (FULL // 6),
    "right to left": "\u202eمرحبا\u202c \u2067שלום\u2069",
    "nothing to see": "\u200b\u200d\u2060\ufeff",
    "marks without letters": "\u0301" * 200,
    "control": "\x00\x01\x1b[31m",
    "looks like a template": "{name} %s ${x} {{7*7}}",
    "looks like mark-up": "<b>*_`[x](tg://user?id=1)</b> &lt;",
    "looks like a query": "'; DROP TABLE participants; --",
    "only digits": "0" * 500,
    "a command of nobody": "/" + "x" * 300,
}


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path, FrozenClock()) as opened:
        yield opened


def bot_says(chat: Chat) -> list[str]:
    return [seen.text for seen in chat.sees() if seen.from_bot]


def choices(seen: Seen) -> list[str]:
    return [(button.data or "").partition("|")[2].partition(":")[0] for button in seen.buttons]


def count(town: Town, table: object) -> int:
    """How many rows a table has."""
    with town.app.store.database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


# ---- words


async def test_whatever_she_writes_is_answered_and_her_next_word_too(town: Town) -> None:
    facilitator = await town.facilitator(await town.coordinator())
    mother = await town.mother()
    for kind, text in ODD.items():
        assert await town.says(mother, text) != [], kind
        assert await town.says(mother, "меню") != [], kind
    assert "case.take" not in choices(facilitator.last())


async def test_a_worry_under_odd_characters_is_still_heard(town: Town) -> None:
    coordinator = await town.coordinator()
    group = await town.bound_group(coordinator, await town.facilitator(coordinator))
    mother = await town.mother()
    await town.says(mother, "😀" * 3000 + "\u202e\u200b" + WORRYING.replace(" ", " \u200d"))
    assert choices(group.last()) == ["case.take"]


async def test_strangers_get_the_first_screen_whatever_they_write(town: Town) -> None:
    for number, text in enumerate(ODD.values(), 700):
        stranger = town.person(number)
        await town.says(stranger, text)
        assert choices(stranger.last())[:2] == ["language", "language"], text[:9]


async def test_what_is_no_text_does_not_become_a_name(town: Town) -> None:
    mother = town.person(300)
    await town.starts(mother, town.invite(Role.MOTHER))
    for choice in ("language:tg", *JOINING, "phone.no"):
        await town.presses(mother, choice)
    assert "name.skip" in choices(mother.last())
    for kind in ("sticker", "contact", "location", "document"):
        assert await town.sends(mother, kind) != [], kind
        find_button(mother, "name.skip")
    await town.presses(mother, "name.skip")
    await town.presses(mother, "hours:9")
    assert await town.says(mother, "меню") != []


async def test_a_name_of_emoji_or_of_a_page_is_no_reason_to_fall(town: Town) -> None:
    mother = town.person(300)
    await town.starts(mother, town.invite(Role.MOTHER))
    for choice in ("language:tg", *JOINING, "phone.no"):
        await town.presses(mother, choice)
    for kind in ("emoji", "letters", "nothing to see", "right to left"):
        assert await town.says(mother, ODD[kind]) != [], kind
        assert ODD["emoji"] not in "".join(bot_says(mother))


# ---- buttons


async def test_ten_presses_at_once_have_the_effect_of_one(town: Town) -> None:
    facilitator = await town.facilitator(await town.coordinator())
    once, hasty = await town.mother(300), await town.mother(301)
    await town.opens_module(facilitator)
    for mother in (once, hasty):
        await town.presses(mother, "push.open")
    await town.presses(once, "lesson.next_card")
    seen, data = find_button(hasty, "lesson.next_card")
    for _ in range(10):
        hasty.presses(seen, data)
    await town.settle()
    assert hasty.last().text == once.last().text
    assert set(bot_says(hasty)) == set(bot_says(once))
    (again,) = await town.presses(hasty, "lesson.next_card")
    assert [again] == await town.presses(once, "lesson.next_card")


async def test_ten_presses_of_a_dead_button_bring_one_fresh_screen(town: Town) -> None:
    mother = await town.mother()
    seen, data = find_button(mother, "hours:9")
    before = len(town.tg.sent)
    for _ in range(10):
        mother.presses(seen, data, is_stale=True)
    await town.settle()
    assert len([sent for sent in town.tg.sent[before:] if sent.chat_id == mother.id]) == 1
    assert await town.presses(mother, "days") != [], "the buttons of the fresh screen are good"


async def test_an_album_is_answered_once_and_its_taker_can_see_every_photo(town: Town) -> None:
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    group = await town.bound_group(coordinator, facilitator)
    mother = await town.mother()
    before = len(town.tg.sent)
    mother.sends_album(5)
    await town.settle()
    assert len([sent for sent in town.tg.sent[before:] if sent.chat_id == mother.id]) == 1
    await town.presses(group, "case.take", by=facilitator)
    shown = [seen for seen in facilitator.sees() if "case.file" in choices(seen)]
    assert len(shown) == 5
    before = len(town.tg.sent)
    mother.sends_album(3)
    await town.settle()
    assert len([sent for sent in town.tg.sent[before:] if sent.chat_id == mother.id]) == 1


async def test_ten_who_take_a_case_at_once_are_one_taker(town: Town) -> None:
    coordinator = await town.coordinator()
    first = await town.facilitator(coordinator)
    second = await town.facilitator(coordinator, 201, "ru", "Тополь")
    group = await town.bound_group(coordinator, first, second)
    await town.says(await town.mother(), WORRYING)
    seen, data = find_button(group, "case.take")
    for turn in range(10):
        group.presses(seen, data, by=(first, second)[turn % 2])
    await town.settle()
    assert [WORRYING in town.screen(staff) for staff in (first, second)].count(True) == 1


async def test_a_button_of_an_earlier_step_shows_the_present_one(town: Town) -> None:
    mother = town.person(300)
    await town.starts(mother, town.invite(Role.MOTHER))
    seen, data = find_button(mother, "language:ru")
    for choice in ("language:tg", *JOINING):
        await town.presses(mother, choice)
    present = mother.last()
    mother.presses(seen, data, is_stale=True)
    await town.settle()
    assert mother.last().text == present.text
    assert choices(mother.last()) == choices(present)
    for choice in ("phone.no", "name.skip", "hours:9"):
        await town.presses(mother, choice)
    assert count(town, participants) == 1


@pytest.mark.parametrize(
    "data", ["", "|", "999999|push.open", "-1|hours:9", "x|name.skip", "1|no.such", "1|" + "я" * 30]
)
async def test_a_button_that_nobody_made_shows_the_present_screen(town: Town, data: str) -> None:
    mother = await town.mother()
    await town.says(mother, "меню")
    present = mother.last()
    chat = {"id": mother.id, "type": "private"}
    message = {"message_id": present.message_id, "chat": chat, "date": 1, "text": present.text}
    query = {"id": "77", "from": mother.user_body(), "message": message, "chat_instance": "7", "data": data}
    town.tg.emits("callback_query", query, mother.id)
    await town.settle()
    assert choices(mother.last()) == choices(present)
    assert count(town, participants) == 1


# ---- codes


async def test_a_code_that_is_unknown_run_out_or_used_up_opens_nothing_and_says_so_alike(town: Town) -> None:
    used, late = town.invite(Role.MOTHER), town.invite(Role.MOTHER)
    await _joins(town, 300, used)
    town.clock.advance(days=8)
    answers = []
    for number, code in enumerate((used, late, "A1-" + "x" * 30), 301):
        stranger = town.person(number)
        answers.append(await town.starts(stranger, code))
        assert choices(stranger.last())[:2] == ["language", "language"]
    assert answers[0] == answers[1] == answers[2]
    assert count(town, participants) == 1


async def _joins(town: Town, number: int, code: str) -> Chat:
    mother = town.person(number)
    await town.starts(mother, code)
    for choice in ("language:tg", *JOINING, "phone.no", "name.skip", "hours:9"):
        await town.presses(mother, choice)
    return mother


async def test_after_five_wrong_codes_even_the_right_one_waits_an_hour(town: Town) -> None:
    spoken = town.app.desk.invite(Role.MOTHER, "Bahor", 1, 7).spoken
    mother = town.person(300)
    await town.starts(mother)
    await town.presses(mother, "language:ru")
    wrong = [f"{(int(spoken) + n) % 10**8:08d}" for n in range(1, 6)]
    for code in wrong:
        assert "не открывает" in (await town.says(mother, code))[0]
    assert count(town, attempts) == 5
    (paused,) = (await town.says(mother, spoken))[:1]
    assert "час" in paused
    assert "consent.next" not in choices(mother.last())
    town.clock.advance(minutes=61)
    await town.says(mother, spoken)
    assert "consent.next" in choices(mother.last())


async def test_s16_a_second_code_from_her_account_changes_nothing_and_is_told_to_her_facilitator(town: Town) -> None:
    facilitator = await town.facilitator(await town.coordinator())
    mother = await town.mother()
    codes = [town.invite(Role.MOTHER), town.invite(Role.MOTHER, "Tobiston")]
    for code in codes:
        told = len(bot_says(facilitator))
        (refused, *_) = await town.starts(mother, code)
        assert "код" in refused.casefold() or "рамз" in refused.casefold()
        assert len(bot_says(facilitator)) > told
        assert code not in town.screen(facilitator)
    assert count(town, participants) == 1
    with town.app.store.database.reading() as connection:
        left = sorted(connection.scalars(select(invitations.c.uses_left)))
    assert left[-2:] == [1, 1]


# ---- people of the desk


async def test_s14_a_stranger_who_presses_take_in_the_group_sees_nothing_and_the_case_stays_free(town: Town) -> None:
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    group = await town.bound_group(coordinator, facilitator)
    stranger = town.person(666)
    await town.says(await town.mother(), WORRYING)
    for _ in range(3):
        await town.presses(group, "case.take", by=stranger)
    assert stranger.sees() == []
    assert "не знаем" in town.screen(coordinator)
    await town.presses(group, "case.take", by=facilitator)
    assert WORRYING in town.screen(facilitator)


async def test_s13_whatever_staff_send_loosely_goes_to_nobody(town: Town) -> None:
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    group = await town.bound_group(coordinator, facilitator)
    mother = await town.mother()
    await town.says(mother, WORRYING)
    await town.presses(group, "case.take", by=facilitator)
    shown = len(bot_says(mother))
    for text in ("Фардо биёед", ODD["emoji"], ODD["right to left"]):
        await town.says(facilitator, text)
        await town.says(group, text, by=facilitator)
    for kind in ("voice", "photo", "contact", "location"):
        await town.sends(facilitator, kind)
    await town.passes(hours=1)
    assert "Фардо" not in town.screen(mother)
    assert len(bot_says(mother)) == shown


# ---- the webhook's door

SECRET = "invented-webhook_SECRET-1"
KEY = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
HUGE = 2**70


def update(**over: object) -> bytes:
    """A message of an invented person as Telegram posts it, with one thing changed."""
    person = {"id": over.pop("who", 7), "is_bot": False, "first_name": "Invented"}
    chat = {"id": over.pop("chat", person["id"]), "type": "private"}
    message = {"message_id": 5, "date": 1, "chat": chat, "from": person, "text": "Салом"}
    return json.dumps({"update_id": over.pop("update_id", 11), "message": message | over}).encode()


@pytest.fixture
async def door(town: Town) -> AsyncIterator[httpx.AsyncClient]:
    """The world's side of the door of the same town."""
    channel = TelegramChannel(town.tg.token, town.tg.root, town.clock, ("https://invented.example", SECRET))
    channel._accept = town.app.intake.accept

    async def is_ready() -> bool:
        return True

    transport = httpx.ASGITransport(outer(is_ready, [Hook("telegram", channel.take_in)]))
    async with httpx.AsyncClient(transport=transport, base_url="http://invented.example") as client:
        yield client
    await channel.close()


@pytest.mark.parametrize("secret", [None, "", SECRET[:-1], SECRET.upper(), "я"])
async def test_who_does_not_know_the_secret_hears_nothing_and_leaves_nothing(door, town: Town, secret) -> None:
    headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret.encode()}
    for body in (update(), b"", b"{", b"\xff"):
        answer = await door.post("/telegram", content=body, headers=headers)
        assert (answer.status_code, answer.content) == (401, b"")
    assert count(town, inbox) == 0


async def test_a_body_that_is_too_large_is_not_read_to_its_end(door, town: Town) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while read < 8 * LARGEST_BODY:
            read += 1 << 16
            yield b" " * (1 << 16)

    assert (await door.post("/telegram", content=b" " * (LARGEST_BODY + 1), headers=KEY)).status_code == 413
    answer = await door.post("/telegram", content=endless(), headers=KEY)
    assert (answer.status_code, answer.content) == (413, b"")
    assert read <= LARGEST_BODY + (2 << 16)
    assert count(town, inbox) == 0


STRANGE = {
    "nothing": b"",
    "bad UTF-8": update(text="Q").replace(b"Q", b"\xff\xfe\xc0"),
    "half a letter": update(text="Q").replace(b'"Q"', rb'"\ud83d"'),
    "cut off": update()[:-20],
    "lists in lists": b"[" * 10_000 + b"]" * 10_000,
    "objects in objects": b'{"message":' * 10_000 + b"1" + b"}" * 10_000,
    "deep inside": update(text="Q").replace(b'"Q"', b"[" * 10_000 + b"]" * 10_000),
    "a list": b"[1, 2]",
    "a word": b'"update"',
    "a number": b"7",
    "null": b"null",
    "not a number": b'{"update_id": NaN}',
    "huge update": update(update_id=HUGE),
    "negative update": update(update_id=-1),
    "huge person": update(who=HUGE),
    "negative person": update(who=-HUGE),
    "nobody": update(who=0),
    "a person of letters": update(who="seven"),
    "huge message": update(message_id=HUGE),
    "huge date": update(date=HUGE),
    "negative date": update(date=-HUGE),
    "a text of numbers": update(text=[1, {"a": None}]),
    "nothing at all": update(text="\x00"),
    "no chat": b'{"update_id": 12, "message": {"text": "x"}}',
    "empty": b"{}",
}


@pytest.mark.parametrize("body", STRANGE.values(), ids=STRANGE)
async def test_no_body_makes_the_door_fail_and_the_next_comes_in(door, town: Town, body) -> None:
    answer = await door.post("/telegram", content=body, headers=KEY)
    assert (answer.status_code, answer.content) == (200, b"")
    await town.app.settle()
    before = count(town, inbox)
    assert (await door.post("/telegram", content=update(update_id=99, who=8), headers=KEY)).status_code == 200
    assert count(town, inbox) > before
    assert await town.says(town.person(9), "Салом") != []


# ---- codes


async def test_one_mother_more_than_a_code_has_uses_hears_it_and_has_a_way_on(town: Town) -> None:
    code = town.invite(Role.MOTHER, uses=1)
    quick, slow = town.person(310), town.person(311)
    for person in (quick, slow):
        await town.starts(person, code)
        for choice in ("language:tg", *JOINING[:-1]):
            await town.presses(person, choice)
    assert await town.presses(quick, JOINING[-1]) != []
    assert await town.presses(slow, JOINING[-1]) != []
    await town.starts(slow, town.invite(Role.MOTHER))
    for choice in (*JOINING, "phone.no"):
        assert await town.presses(slow, choice) != []
    assert await town.says(slow, "меню") != []
