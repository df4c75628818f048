"""S3: what she takes back on her phone closes and lowers nothing, and whoever has the case hears of it at once."""

import pytest
from sqlalchemy import select

from bot.texts import load_texts
from storage.schema import cases
from tests.fakes.bot_api.people import Person
from tests.fakes.cloud_api.people import CloudPerson
from tests.two_banks import TwoBanks

WORDS = {"tg": "шавҳарам маро мезанад", "ru": "муж меня бьёт"}
TOLD = (
    "She took a message of this case back: it is no longer on her phone. It stays here; please do not repeat it to "
    "her. Perhaps somebody is beside her."
)


def _standing(banks: TwoBanks) -> list[tuple[str, str]]:
    with banks.app.store.database.reading() as connection:
        return [(row.state, row.level) for row in connection.execute(select(cases.c.state, cases.c.level))]


async def _writes(banks: TwoBanks, her: CloudPerson, text: str) -> str:
    message_id = her.says(text)
    await banks.settle()
    return message_id


def _is_told(banks: TwoBanks, person: Person, language: str) -> bool:
    return load_texts().say(language, TOLD) in banks.screen(person)


@pytest.mark.parametrize("language", ["tg", "ru"])
async def test_s3_a_message_taken_back_on_whatsapp_is_told_to_the_owner_at_once_and_changes_no_case(
    banks: TwoBanks, language: str
) -> None:
    coordinator = await banks.coordinator()
    owner = await banks.facilitator(coordinator, 200, language)
    group = await banks.bound_group(coordinator, owner)
    her = await banks.her(language=language)
    asked = len(her.bubbles)
    written = await _writes(banks, her, WORDS[language])
    await banks.presses(group, "case.take", by=owner)
    before, answered = _standing(banks), len(her.bubbles)
    assert answered > asked
    await banks.acts(her, lambda: her.takes_back(written))
    assert _is_told(banks, owner, language)
    assert not _is_told(banks, group, language)
    assert _standing(banks) == before == [("taken", "urgent")]
    assert WORDS[language] in banks.screen(owner)
    assert len(her.bubbles) == answered, "nothing is said to her"


@pytest.mark.parametrize("is_taken", [True, pytest.param(False, marks=pytest.mark.soak)])
async def test_s3_a_message_whose_withdrawal_comes_first_is_told_as_well(banks: TwoBanks, *, is_taken: bool) -> None:
    coordinator = await banks.coordinator()
    owner = await banks.facilitator(coordinator, 200, "ru")
    group = await banks.bound_group(coordinator, owner)
    her = await banks.her()
    if is_taken:
        await _writes(banks, her, WORDS["tg"])
        await banks.presses(group, "case.take", by=owner)
    await banks.acts(her, lambda: her.takes_back("wamid.late"))
    assert not _is_told(banks, owner, "ru")
    head = {"from": her.number, "from_user_id": her.id, "timestamp": str(int(banks.clock.now().timestamp()))}
    late = {"id": "wamid.late", "type": "text", "text": {"body": "боз мезанад, ӯ дар хона аст"}}
    banks.wa.tells({"contacts": [her.contact()], "messages": [head | late]})
    await banks.settle()
    if not is_taken:
        await banks.presses(group, "case.take", by=owner)
    assert _is_told(banks, owner, "ru")
    assert "боз мезанад" in banks.screen(owner)


async def test_an_edit_that_comes_before_its_message_stays_the_newest_of_her_words(banks: TwoBanks) -> None:
    coordinator = await banks.coordinator()
    owner = await banks.facilitator(coordinator, 200, "ru")
    group = await banks.bound_group(coordinator, owner)
    her = await banks.her()
    await _writes(banks, her, WORDS["tg"])
    await banks.presses(group, "case.take", by=owner)
    await banks.acts(her, lambda: her.edits("wamid.late", "не приходите"))
    head = {"from": her.number, "from_user_id": her.id, "timestamp": str(int(banks.clock.now().timestamp()))}
    late = {"id": "wamid.late", "type": "text", "text": {"body": "приходите"}}
    banks.wa.tells({"contacts": [her.contact()], "messages": [head | late]})
    await banks.settle()
    [shown] = [seen.text for seen in owner.sees() if seen.text.endswith("\nприходите")]
    assert "а потом изменила" in shown


async def test_s3_a_message_taken_back_before_anybody_took_the_case_is_told_to_the_taker_and_the_alarm_goes_on(
    banks: TwoBanks,
) -> None:
    coordinator = await banks.coordinator()
    owner = await banks.facilitator(coordinator, 200, "ru")
    group = await banks.bound_group(coordinator, owner)
    her = await banks.her()
    written = await _writes(banks, her, WORDS["tg"])
    await banks.acts(her, lambda: her.takes_back("wamid.of.something.else"))
    await banks.acts(her, lambda: her.takes_back(written))
    rung = len(group.sees())
    await banks.passes(minutes=5)
    assert len(group.sees()) >= rung
    assert _standing(banks) == [("open", "urgent")]
    assert not _is_told(banks, owner, "ru")
    await banks.presses(group, "case.take", by=owner)
    assert _is_told(banks, owner, "ru")


async def test_s3_a_message_of_no_case_is_taken_back_without_a_word(banks: TwoBanks) -> None:
    coordinator = await banks.coordinator()
    owner = await banks.facilitator(coordinator, 200, "ru")
    her = await banks.her()
    written = await _writes(banks, her, "меню")
    shown = (len(her.bubbles), len(owner.sees()))
    await banks.acts(her, lambda: her.takes_back(written))
    assert (len(her.bubbles), len(owner.sees())) == shown
    assert _standing(banks) == []
