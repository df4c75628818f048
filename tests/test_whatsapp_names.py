"""She is one person to everybody, whether WhatsApp names her by her own id, by her number, or by both."""

import base64
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.core.people import Role
from storage.schema import accounts, cases, participants
from tests.fakes.bot_api.people import Person
from tests.fakes.cloud_api.ids import wraps
from tests.fakes.cloud_api.people import CloudPerson
from tests.two_banks import JOINING, TwoBanks

WORDS = "шавҳарам маро мезанад, аз ӯ метарсам"
ANSWER = "Ман инҷо ҳастам"
CARD = "Ин даҳ дақиқа аз они ман"
HER, NUMBER = "TJ.0000000000000900", "000000000900"
SHAPES = {"both": (HER, NUMBER), "id": (HER, None), "number": (None, NUMBER)}


async def joins(banks: TwoBanks, shape: str) -> CloudPerson:
    """A mother whom WhatsApp names so."""
    person = shows(banks, banks.wa.person(900), shape)
    await banks.writes(person, banks.invite(Role.MOTHER))
    for choice in ("language:tg", *JOINING, "phone.no", "name.skip", "hours:9"):
        await banks.chooses(person, choice)
    return person


def shows(banks: TwoBanks, person: CloudPerson, shape: str) -> CloudPerson:
    """From now on WhatsApp names her so."""
    own, number = SHAPES[shape]
    return banks.wa.names(person, id_=own, number=number)


def count(banks: TwoBanks) -> tuple[int, int]:
    """How many mothers and cases there are."""
    with banks.app.store.database.reading() as connection:
        found = [connection.scalar(select(func.count()).select_from(table)) for table in (participants, cases)]
    return int(found[0] or 0), int(found[1] or 0)


async def takes(banks: TwoBanks, facilitator: Person) -> None:
    await banks.passes(minutes=10)
    await banks.presses(facilitator, "case.take")


async def answers(banks: TwoBanks, facilitator: Person) -> None:
    await banks.presses(facilitator, "case.reply")
    await banks.says(facilitator, ANSWER)
    await banks.presses(facilitator, "answer.send")


@pytest.mark.parametrize(
    "shapes",
    [
        ("both", "number", "id"),
        ("number", "both", "id"),
        pytest.param(("both", "id", "number"), marks=pytest.mark.soak),
    ],
)
async def test_she_keeps_her_place_and_her_case_whatever_a_call_names_and_hears_by_her_own_id(
    banks: TwoBanks, shapes: tuple[str, str, str]
) -> None:
    facilitator = await banks.facilitator(await banks.coordinator())
    her = await joins(banks, shapes[0])
    await banks.meets_everybody(facilitator)
    await banks.opens_module(facilitator)
    await banks.chooses(her, "push.open")
    shows(banks, her, shapes[1])
    assert CARD in "".join(await banks.chooses(her, "lesson.next"))
    await banks.writes(her, WORDS)
    await takes(banks, facilitator)
    shows(banks, her, shapes[2])
    await banks.writes(her, WORDS)
    sent = len(banks.wa.requests)
    await answers(banks, facilitator)
    await banks.chooses(her, "case.now")
    assert ANSWER in her.screen
    assert count(banks) == (1, 1)
    assert {one.get("recipient") for one in banks.wa.requests[sent:]} == {HER}


async def test_s13_who_shows_her_number_with_another_id_is_somebody_unknown_and_nothing_of_hers_goes_to_him(
    banks: TwoBanks,
) -> None:
    facilitator = await banks.facilitator(await banks.coordinator())
    her = await joins(banks, "both")
    await banks.meets_everybody(facilitator)
    await banks.writes(her, WORDS)
    await takes(banks, facilitator)
    await banks.writes(her, "салом")
    await answers(banks, facilitator)
    told = len(facilitator.sees())
    him = banks.wa.names(banks.wa.person(901), id_="TJ.0000000000000901", number=NUMBER)
    await banks.writes(him, "салом")
    heard = "".join(seen.text for seen in facilitator.sees()[told:])
    assert "рӯ ба рӯ бинед" in heard
    assert "бозпас гирифта шуд" in heard
    banks.wa.names(him, number=NUMBER)
    banks.wa.people[NUMBER] = banks.wa.people["TJ.0000000000000901"] = him
    await banks.writes(him, "меню")
    await banks.passes(hours=2)
    assert len(him.bubbles) > 1
    assert not any(word in him.screen for word in (ANSWER, CARD, "случай", "муроҷиат"))
    assert count(banks) == (1, 1)
    shown = len(her.bubbles)
    await banks.writes(her, "меню")
    assert len(her.bubbles) > shown, "by her own id she is herself still"
    with banks.app.store.database.reading() as connection:
        assert connection.scalar(select(participants.c.is_confirmed)) is False


@pytest.mark.parametrize(
    ("shape", "next_one"),
    [
        ("number", (None, NUMBER)),
        pytest.param("number", ("TJ.0000000000000901", NUMBER), marks=pytest.mark.soak),
        pytest.param("both", (None, NUMBER), marks=pytest.mark.soak),
    ],
)
async def test_s13_once_whatsapp_says_that_she_has_another_number_whoever_gets_hers_is_somebody_unknown(
    banks: TwoBanks, shape: str, next_one: tuple[str | None, str]
) -> None:
    facilitator = await banks.facilitator(await banks.coordinator())
    her = await joins(banks, shape)
    await banks.meets_everybody(facilitator)
    await banks.writes(her, WORDS)
    await takes(banks, facilitator)
    await banks.writes(her, "салом")
    await answers(banks, facilitator)
    told = len(facilitator.sees())
    for kind in ("user_changed_number", "customer_changed_number"):
        await banks.acts(her, lambda kind=kind: her.system(kind, wa_id="000000000999"))  # type: ignore[misc]
    heard = [seen.text for seen in facilitator.sees()[told:]]
    assert ["бо рамз бармегардад" in text for text in heard].count(True) == 1
    assert "бозпас гирифта шуд" in "".join(heard)
    told = len(facilitator.sees())
    him = banks.wa.names(banks.wa.person(901), id_=next_one[0], number=next_one[1])
    await banks.writes(him, "меню")
    await banks.writes(him, "салом")
    assert "салом" not in "".join(seen.text for seen in facilitator.sees()[told:])
    assert not any(word in him.screen for word in (ANSWER, CARD, "муроҷиат"))
    with banks.app.store.database.reading() as connection:
        [(unreachable_at, is_confirmed)] = connection.execute(
            select(participants.c.unreachable_at, participants.c.is_confirmed)
        )
    assert unreachable_at is not None
    assert not is_confirmed


async def test_what_was_done_before_the_notice_and_comes_after_it_opens_the_old_address_to_nothing(
    banks: TwoBanks,
) -> None:
    await banks.coordinator()
    her = await joins(banks, "both")
    late = str(int(banks.clock.now().timestamp()))
    await banks.passes(minutes=30)
    await banks.acts(her, lambda: her.system("user_changed_number", wa_id="000000000999", user_id="TJ.999"))
    head = {"from": her.number, "from_user_id": her.id, "timestamp": late}
    sign = {"id": "wamid.a", "type": "reaction", "reaction": {"message_id": "x", "emoji": "👍"}}
    shown = len(her.bubbles)
    for what in (sign, {"id": "wamid.b", "type": "text", "text": {"body": "меню"}}):
        banks.wa.tells({"contacts": [her.contact()], "messages": [head | what]})
        await banks.settle()
    with banks.app.store.database.reading() as connection:
        assert connection.scalar(select(participants.c.unreachable_at)) is not None
        assert connection.scalar(select(func.count(accounts.c.alias))) == 0
    assert len(her.bubbles) == shown


async def test_s22_her_number_is_forgotten_with_her(banks: TwoBanks) -> None:
    await banks.coordinator()
    her = await joins(banks, "both")
    with banks.app.store.database.reading() as connection:
        assert connection.scalar(select(func.count(accounts.c.alias))) == 1
    await banks.writes(her, "маро фаромӯш кунед")
    await banks.chooses(her, "forget.yes")
    shows(banks, her, "number")
    await banks.writes(her, "салом")
    with banks.app.store.database.reading() as connection:
        assert connection.scalar(select(func.count(accounts.c.alias))) == 0
    assert count(banks) == (0, 0)


async def test_s18_her_number_stands_nowhere_on_the_disk_neither_plain_nor_in_an_id_of_a_message(
    banks: TwoBanks, tmp_path: Path
) -> None:
    facilitator = await banks.facilitator(await banks.coordinator())
    her = banks.wa.names(await joins(banks, "both"), id_=HER, number="731900000555")
    stranger = banks.wa.names(banks.wa.person(733), id_="TJ.733", number="731900000666")
    await banks.writes(stranger, "салом")
    written = her.says(WORDS)
    await banks.settle()
    await takes(banks, facilitator)
    await answers(banks, facilitator)
    await banks.acts(her, lambda: her.takes_back(written))
    assert "дигар дар телефонаш нест" in banks.screen(facilitator), "it is known again all the same"
    assert [number for number in (her.number, stranger.number) if stands_in(tmp_path, number)] == []


def stands_in(folder: Path, number: str | None) -> bool:
    """Whether any file shows the number, plain or wrapped as in the ids of messages."""
    assert number is not None
    assert base64.b64encode(number.encode())[4:-4] in wraps(number)
    content = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return any(one in each for one in (number.encode(), *wraps(number)) for each in content)
