"""A mother changes her phone or her messenger and keeps her place, as seen from outside on both messengers (S17)."""

import re
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select

from bot.core.people import Role
from storage.schema import accounts, moves, participants
from tests.fakes.bot_api.people import Person
from tests.fakes.cloud_api.people import CloudPerson
from tests.two_banks import TwoBanks

WORDS = "шавҳарам маро мезанад, аз ӯ метарсам"
ANSWER = "Ман инҷо ҳастам"
CLOSED = "Ин сӯҳбат баста шуд"
HERE = "аз ҳамон ҷое"
WRONG = "Ин рамз ҳоло чизеро намекушояд"
PAGE = "Вақти худам · 1 аз 30"
Anybody = Person | CloudPerson


class Move:
    """A desk, a mother in the middle of her first page, and the phone that she moves to."""

    def __init__(self, banks: TwoBanks, coordinator: Person, facilitator: Person) -> None:
        self.banks, self.coordinator, self.facilitator = banks, coordinator, facilitator

    async def reads(self, old: Anybody) -> None:
        """She is in the middle of a page."""
        await self.banks.opens_module(self.facilitator)
        await self.presses(old, "push.open")
        await self.presses(old, "lesson.next")

    async def asks(self, by: Person | None = None) -> None:
        """Her facilitator says that she asked for a code."""
        by = by or self.facilitator
        await self.banks.says(by, "/menu")
        for choice in ("menu.people", "person:", "meet.move", "move.ask"):
            await self.banks.presses(by, choice)

    async def code(self, by: Person | None = None) -> str:
        """A code for her, as the facilitator reads it."""
        await self.asks(by)
        return self.shown(by or self.facilitator)

    def shown(self, by: Person) -> str:
        found = re.findall(r"\b\d{4} \d{4}\b", self.banks.screen(by))
        return found[-1] if found else ""

    async def writes(self, person: Anybody, text: str) -> list[str]:
        if isinstance(person, Person):
            return await self.banks.says(person, text)
        return await self.banks.writes(person, text)

    async def presses(self, person: Anybody, choice: str) -> list[str]:
        if isinstance(person, Person):
            return await self.banks.presses(person, choice)
        return await self.banks.chooses(person, choice)

    def screen(self, person: Anybody) -> str:
        return self.banks.screen(person) if isinstance(person, Person) else person.screen

    async def opens_case(self, old: Anybody, taker: Person, words: str = WORDS) -> None:
        """She writes of violence, and somebody takes it."""
        await self.writes(old, words)
        await self.banks.passes(minutes=10)
        await self.banks.presses(taker, "case.take")

    def is_confirmed(self) -> bool:
        with self.banks.app.store.database.reading() as connection:
            return all(connection.execute(select(participants.c.is_confirmed)).scalars())

    def kept(self) -> int:
        """How many addresses can be read by the bot."""
        with self.banks.app.store.database.reading() as connection:
            return sum(one is not None for one in connection.execute(select(accounts.c.address)).scalars())


@pytest.fixture
async def move(banks: TwoBanks) -> Move:
    coordinator = await banks.coordinator()
    return Move(banks, coordinator, await banks.facilitator(coordinator))


def telegram(banks: TwoBanks) -> Anybody:
    return banks.person(390)


def whatsapp(banks: TwoBanks) -> Anybody:
    return banks.wa.person(990)


BEFORE: dict[str, Callable[[TwoBanks, str], Awaitable[Anybody]]] = {
    "telegram": lambda banks, language: banks.mother(language=language),
    "whatsapp": lambda banks, language: banks.her(language=language),
}
AFTER = {"telegram": telegram, "whatsapp": whatsapp}


CARD = "Ин даҳ дақиқа аз они ман"
"""In the second card of the first page."""


IN: dict[str, dict[str, str]] = {
    "tg": {"words": WORDS, "answer": ANSWER, "closed": CLOSED, "here": HERE, "card": CARD},
    "ru": {
        "words": "муж меня бьёт, мне страшно",
        "answer": "Я здесь, пишите",
        "closed": "Этот чат закрыт",
        "here": "с того же места",
        "card": "«Эти десять минут — мои»",
    },
}
"""What is said and shown, by her language."""


@pytest.mark.parametrize(
    ("old_channel", "new_channel", "language"),
    [
        ("telegram", "whatsapp", "ru"),
        ("whatsapp", "telegram", "tg"),
        pytest.param("telegram", "telegram", "tg", marks=pytest.mark.soak),
        pytest.param("whatsapp", "telegram", "ru", marks=pytest.mark.soak),
        pytest.param("telegram", "whatsapp", "tg", marks=pytest.mark.soak),
    ],
)
async def test_s17_in_mid_lesson_with_an_open_case_she_goes_on_elsewhere_and_nothing_written_comes_along(
    banks: TwoBanks, move: Move, old_channel: str, new_channel: str, language: str
) -> None:
    old, new, said = await BEFORE[old_channel](banks, language), AFTER[new_channel](banks), IN[language]
    await banks.meets_everybody(move.facilitator)
    await move.reads(old)
    await move.opens_case(old, move.facilitator, said["words"])
    await banks.presses(move.facilitator, "case.reply")
    await banks.says(move.facilitator, said["answer"])
    await banks.presses(move.facilitator, "answer.send")
    assert move.is_confirmed()
    shown = await move.writes(new, await move.code())
    assert [said["here"] in text for text in shown].count(True) == 1
    assert said["card"] in shown[-1]
    assert ("WhatsApp" in shown[0]) is (new_channel == "whatsapp")
    assert not move.is_confirmed()
    told = banks.screen(move.facilitator)
    assert "рӯ ба рӯ набинед" in told
    assert "бозпас гирифта шуд" in told
    await banks.passes(minutes=20)
    assert move.screen(old).count(said["closed"]) == 1
    assert await move.presses(new, "lesson.next")
    before = move.screen(new)
    await move.writes(old, "меню")
    assert said["card"] not in move.screen(old).rpartition(said["closed"])[2]
    assert (move.screen(new), move.kept()) == (before, 3)
    await move.writes(new, "салом")
    await banks.passes(minutes=20)
    assert not {said["words"], said["answer"]} & {*move.screen(new).splitlines()}
    assert said["answer"] not in move.screen(old)


@pytest.mark.parametrize("has_case", [False, pytest.param(True, marks=pytest.mark.soak)])
async def test_s17_with_a_new_id_and_the_same_number_her_code_may_be_the_first_word(
    banks: TwoBanks, move: Move, *, has_case: bool
) -> None:
    her = await banks.her()
    await move.reads(her)
    if has_case:
        await move.opens_case(her, move.facilitator)
    new = banks.wa.names(banks.wa.person(990), id_="TJ.0000000000000990", number=her.number)
    shown = await move.writes(new, await move.code())
    assert HERE in "".join(shown)
    assert CARD in shown[-1]
    with banks.app.store.database.reading() as connection:
        assert connection.execute(select(participants.c.unreachable_at)).scalars().all() == [None]


async def test_s17_a_button_in_the_chat_that_she_left_tells_nobody_of_pages(banks: TwoBanks, move: Move) -> None:
    her, new = await banks.her(), banks.person(390)
    await banks.opens_module(move.facilitator)
    await move.writes(new, await move.code())
    told = "".join([*await move.presses(her, "push.open"), *await move.presses(her, "push.later")])
    assert "аҳифа" not in told
    assert "вохӯрӣ" not in told


async def test_s17_there_and_back_again(banks: TwoBanks, move: Move) -> None:
    first, second = await banks.mother(), banks.wa.person(990)
    await move.reads(first)
    await move.writes(second, await move.code())
    assert banks.screen(first).splitlines() == [CLOSED + ". Ба шумо некӣ мехоҳем."], "all that could be taken out is"
    shown = await move.writes(first, await move.code())
    assert CARD in shown[-1]
    assert second.texts[-1].startswith(CLOSED)
    assert await move.presses(first, "lesson.next")
    assert PAGE not in "".join(await move.writes(second, "меню"))
    assert move.kept() == 3


async def test_s17_the_owner_of_her_case_is_asked_and_only_her_word_makes_the_code(banks: TwoBanks, move: Move) -> None:
    other = await banks.facilitator(move.coordinator, 201, alias="Арча")
    her, new = await banks.mother(), banks.wa.person(990)
    await move.writes(her, WORDS)
    await banks.passes(minutes=10)
    await move.asks()
    assert move.shown(move.facilitator) == "", "nobody has taken it"
    await banks.presses(other, "case.take")
    await move.asks()
    assert move.shown(move.facilitator) == ""
    await banks.presses(other, "move.no")
    assert "розӣ нест" in banks.screen(move.facilitator)
    await banks.presses(other, "move.yes")
    assert move.shown(move.facilitator) == "", "a second word about the same question"
    await move.asks()
    await banks.presses(other, "move.yes")
    code = move.shown(move.facilitator)
    assert HERE in "".join(await move.writes(new, code))
    assert "аз муроҷиат он ҷо чизе нишон дода нашуд".casefold() in banks.screen(other).casefold()
    assert WORDS not in new.screen
    assert move.shown(other) == ""


async def test_s17_a_code_is_worth_nothing_once_she_is_frozen_or_her_case_is_another_one(
    banks: TwoBanks, move: Move
) -> None:
    her, new = await banks.mother(), banks.wa.person(990)
    code = await move.code()
    await banks.says(move.facilitator, "/menu")
    for choice in ("menu.people", "person:", "meet.freeze"):
        await banks.presses(move.facilitator, choice)
    assert WRONG in "".join(await move.writes(new, code)), "frozen"
    await move.asks()
    assert "бозмедорад" in banks.screen(move.facilitator)
    await banks.says(move.facilitator, "/menu")
    for choice in ("menu.people", "person:", "meet.lift"):
        await banks.presses(move.facilitator, choice)
    code = await move.code()
    await move.writes(her, WORDS)
    assert WRONG in "".join(await move.writes(new, code))
    assert "аз нав пурсидан лозим" in banks.screen(move.facilitator)
    assert await move.writes(her, "салом")


async def test_s17_an_answer_that_was_begun_before_she_moved_goes_back(banks: TwoBanks, move: Move) -> None:
    her, new = await banks.mother(), banks.person(390)
    await move.opens_case(her, move.facilitator)
    code = await move.code()
    await banks.presses(move.facilitator, "case.reply")
    await banks.says(move.facilitator, ANSWER)
    await move.writes(new, code)
    await banks.presses(move.facilitator, "answer.send")
    assert "бозпас гирифта шуд" in banks.screen(move.facilitator)
    await banks.says(new, "салом")
    assert find_choices(new).isdisjoint({"case.now"})
    await banks.presses(move.facilitator, "case.reply")
    await banks.says(move.facilitator, ANSWER)
    await banks.presses(move.facilitator, "answer.send")
    assert ANSWER not in banks.screen(new)
    await banks.presses(new, "case.now")
    assert ANSWER in banks.screen(new)


def find_choices(person: Person) -> set[str]:
    return {button.data.partition("|")[2] for seen in person.sees() for button in seen.buttons if button.data}


async def test_s17_whoever_else_tries_gets_nothing(banks: TwoBanks, move: Move) -> None:
    """Old, spent, replaced, guessed and late codes; another mother; a helped stranger; staff; and two at once."""
    her, other = await banks.mother(), await banks.mother(301)
    thieves = [banks.wa.person(number) for number in range(950, 956)]
    replaced = await move.code()
    code = await move.code()
    assert WRONG in "".join(await move.writes(thieves[0], replaced))
    assert "кор намекунад" in "".join(await banks.starts(other, code.replace(" ", "")))
    assert "аз телефон ё сӯҳбати нав" in "".join(await banks.starts(her, code.replace(" ", "")))
    await banks.starts(move.coordinator, code.replace(" ", ""))
    for guess in range(6):
        told = "".join(await move.writes(thieves[1], f"0000 000{guess}"))
    assert "як соат" in told
    assert "як соат" in "".join(await move.writes(thieves[1], code)), "the right one, too late for a guesser"
    thieves[2].says(WORDS)
    await banks.settle()
    assert WRONG in "".join(await move.writes(thieves[2], code)), "somebody is helped in that chat"
    code = await move.code()
    for thief in thieves[3:5]:
        thief.says(code)
    await banks.settle()
    assert sorted(HERE in thief.screen for thief in thieves[3:5]) == [False, True]
    assert WRONG in "".join(await move.writes(thieves[5], code)), "spent"
    late = await move.code()
    await banks.passes(minutes=16)
    assert late not in banks.screen(move.facilitator)
    assert WRONG in "".join(await move.writes(thieves[5], late))
    with banks.app.store.database.reading() as connection:
        stored = connection.execute(select(moves.c.hash)).scalars().all()
    assert all(code.replace(" ", "").encode() not in one for one in stored)


async def test_s17_only_a_facilitator_of_hers_gets_a_code_and_one_who_left_takes_it_with_her(
    banks: TwoBanks, move: Move
) -> None:
    await banks.mother()
    with pytest.raises(LookupError):
        await move.asks(move.coordinator)
    stranger = await banks.facilitator(move.coordinator, 201, alias="Арча", cohort="Tobiston")
    with pytest.raises(LookupError):
        await move.asks(stranger)
    leaves = await banks.facilitator(move.coordinator, 202, alias="Бодом")
    code = await move.code(leaves)
    banks.app.desk.revoke("Бодом")
    await banks.settle()
    assert WRONG in "".join(await move.writes(banks.wa.person(990), code))


async def test_s2_who_chose_no_hours_gets_no_line_on_the_old_phone_once_she_was_away_from_it(
    banks: TwoBanks, move: Move
) -> None:
    her = await banks.mother(hours="hours.skip")
    await banks.passes(minutes=11)
    assert HERE in "".join(await move.writes(banks.person(390), await move.code()))
    await banks.passes(days=2)
    assert CLOSED not in banks.screen(her)
    assert CLOSED not in "".join(await banks.says(her, "салом")), "who writes there is somebody unknown"


@pytest.mark.parametrize("word", ["hide", "stop"])
async def test_s17_who_hid_or_stopped_stays_so_and_her_old_phone_gets_no_line(
    banks: TwoBanks, move: Move, word: str
) -> None:
    her, new = await banks.mother(), banks.person(390)
    await move.reads(her)
    await banks.says(her, {"hide": "пинҳон", "stop": "ист"}[word])
    before = banks.screen(her)
    shown = await move.writes(new, await move.code())
    assert HERE not in "".join(shown)
    assert len(shown) == 1
    await banks.passes(days=2)
    assert CLOSED not in banks.screen(her)
    assert word == "hide" or before in banks.screen(her) or banks.screen(her) == ""
    await move.presses(new, {"hide": "hidden.open", "stop": "start"}[word])
    assert CARD in banks.screen(new)


async def test_s17_after_a_move_her_phone_counts_as_shared_and_erasing_leaves_nothing(
    banks: TwoBanks, move: Move
) -> None:
    old, new = await banks.mother(), banks.person(390)
    await move.writes(new, await move.code())
    await banks.opens_module(move.facilitator)
    await banks.passes(days=1)
    assert PAGE not in banks.screen(new), "no push with content (S2)"
    assert await banks.starts(old, banks.invite(Role.MOTHER))
    assert "consent.next" in find_choices(old), "whoever has the old phone is a stranger"
    await banks.says(new, "маро фаромӯш кунед")
    await banks.presses(new, "forget.yes")
    with banks.app.store.database.reading() as connection:
        assert connection.execute(select(participants.c.id)).all() == []
    assert move.kept() == 2
