"""The whole story with a mother on WhatsApp and the staff on Telegram, as seen from outside."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.app import _hooks
from bot.core.people import Role
from bot.doctor import examine
from bot.settings import Settings
from storage.schema import participants
from tests.fakes.bot_api.people import Person
from tests.fakes.cloud_api.limits import Rates
from tests.fakes.cloud_api.people import CloudPerson
from tests.fakes.whatsapp import ACCOUNT, LOST_AFTER
from tests.two_banks import JOINING, TwoBanks, open_banks
from tests.world import FrozenClock

WORDS = "шавҳарам маро мезанад, аз ӯ метарсам"
ANSWER = "Ман инҷо ҳастам"


async def test_a_mother_comes_by_her_code_to_her_first_lesson_without_typing_anything_else(banks: TwoBanks) -> None:
    coordinator = await banks.coordinator()
    facilitator = await banks.facilitator(coordinator)
    her = await banks.her()
    await banks.opens_module(facilitator)
    await banks.chooses(her, "push.open")
    assert "Вақти худам · 1 аз 30" in her.screen
    assert sum(bubble.body["type"] == "text" and not bubble.choices for bubble in her.bubbles) <= 2


async def test_a_concern_on_whatsapp_is_taken_on_telegram_and_the_answer_arrives_on_whatsapp(banks: TwoBanks) -> None:
    coordinator = await banks.coordinator()
    facilitator = await banks.facilitator(coordinator)
    group = await banks.bound_group(coordinator, facilitator)
    her = await banks.her()
    before = len(her.bubbles)
    await banks.writes(her, WORDS)
    assert len(her.bubbles) > before
    assert not re.search("зад|шавҳар|хушунат", "\n".join(her.texts[before:]))
    await banks.presses(group, "case.take", by=facilitator)
    assert WORDS in banks.screen(facilitator)
    await banks.presses(facilitator, "case.reply")
    await banks.says(facilitator, ANSWER)
    await banks.presses(facilitator, "answer.send")
    assert ANSWER not in her.screen
    await banks.chooses(her, "case.now")
    assert ANSWER in her.screen
    assert WORDS not in banks.screen(group)


async def test_typed_numbers_and_words_choose_as_buttons_do(banks: TwoBanks) -> None:
    her = banks.wa.person(901)
    await banks.writes(her, banks.invite(Role.MOTHER))
    await banks.writes(her, "1")
    for choice in (*JOINING, "phone.no"):
        await banks.chooses(her, choice)
    await banks.writes(her, "гузарондан")
    assert her.bubbles[-1].choices


async def test_a_storm_of_repeated_mixed_and_bundled_webhooks_changes_nothing(banks: TwoBanks) -> None:
    banks.wa.hook.duplicates, banks.wa.hook.shuffles, banks.wa.hook.batch = 0.5, True, 5
    her = await banks.her()
    sent = len(banks.wa.sent)
    shown = [bubble.body for bubble in her.bubbles]
    banks.wa.hook.duplicates = 0.9
    await banks.writes(her, "меню")
    assert len(banks.wa.sent) - sent == 1
    assert [bubble.body for bubble in her.bubbles][: len(shown)] == shown


async def test_an_answer_that_was_lost_on_the_way_is_not_said_twice(banks: TwoBanks) -> None:
    her = await banks.her()
    banks.wa.faults.append(LOST_AFTER)
    said = await banks.writes(her, "меню")
    await banks.passes(minutes=3)
    assert len(said) == 1
    assert her.texts.count(said[0]) == her.texts[: her.texts.index(said[0]) + 1].count(said[0])
    assert len([text for text in her.texts[-2:] if text == said[0]]) == 1


async def test_a_phone_without_whatsapp_is_told_to_her_facilitator_once_and_her_own_word_ends_it(
    banks: TwoBanks,
) -> None:
    coordinator = await banks.coordinator()
    facilitator = await banks.facilitator(coordinator)
    her = await banks.her()
    her.is_reachable = False
    told = len(facilitator.sees())
    await banks.opens_module(facilitator)
    assert len(facilitator.sees()) > told
    her.is_reachable = True
    assert await banks.writes(her, "меню")


async def test_behind_another_phone_she_is_not_met_and_nothing_goes_there_by_itself(banks: TwoBanks) -> None:
    coordinator = await banks.coordinator()
    facilitator = await banks.facilitator(coordinator)
    her = await banks.her()
    await banks.meets_everybody(facilitator)
    shown = len(her.bubbles)
    told = len(facilitator.sees())
    await banks.acts(her, lambda: her.system("customer_identity_changed"))
    assert ["рӯ ба рӯ бинед" in seen.text for seen in facilitator.sees()[told:]] == [True]
    await banks.opens_module(facilitator)
    await banks.passes(days=1)
    assert len(her.bubbles) == shown
    await banks.acts(her, lambda: her.reacts("x", ""))
    await banks.acts(her, lambda: her.takes_back("x"))
    await banks.passes(days=2)
    assert len(her.bubbles) == shown, "to write is to be there, a sign is not"
    await banks.writes(her, "меню")
    with banks.app.store.database.reading() as connection:
        assert connection.execute(select(participants.c.is_confirmed)).scalar_one() is False


async def test_a_gap_is_told_for_each_line_by_how_long_its_messenger_keeps_what_was_written(banks: TwoBanks) -> None:
    coordinator = await banks.coordinator()
    telegram, whatsapp = banks.app.offices
    for days, alarms in ((0, 0), (3, 0), (8, 1)):
        banks.clock.advance(days=days)
        told = len(coordinator.sees())
        await whatsapp.listen()
        await banks.settle()
        assert sum("WhatsApp неделю" in seen.text for seen in coordinator.sees()[told:]) == alarms
    assert telegram.line != whatsapp.line


async def test_what_nobody_can_look_at_is_answered_kindly(banks: TwoBanks) -> None:
    her = await banks.her()
    for kind in ("video", "document", "sticker", "location", "contacts", "unsupported", "audio"):
        assert await banks.acts(her, lambda kind=kind: her.sends(kind))
    assert await banks.acts(her, lambda: her.reacts("wamid.ours.000001")) == []
    assert await banks.acts(her, lambda: her.takes_back("wamid.1")) == []


async def test_a_whole_evening_of_reading_keeps_whatsapps_pace(tmp_path: Path) -> None:
    async with open_banks(tmp_path, FrozenClock(), rates=Rates()) as banks:
        coordinator = await banks.coordinator()
        facilitator = await banks.facilitator(coordinator)
        her = await banks.her()
        await banks.opens_module(facilitator)
        await banks.chooses(her, "push.open")
        for _ in range(60):
            await banks.writes(her, "меню")
            banks.clock.advance(seconds=2)
        await banks.passes(minutes=8)
        assert banks.app.figures().get("sends_rate", 0) == 0


async def test_invitations_have_a_link_to_each_messenger_and_staff_only_to_telegram(banks: TwoBanks) -> None:
    banks.app.desk.learn("bot_name", "invented_test_bot")
    banks.app.desk.learn("whatsapp_number", "0000000001")
    mother = banks.app.desk.invite(Role.MOTHER, "Bahor", 1, 7)
    assert mother.whatsapp == f"https://wa.me/0000000001?text={mother.code}"
    assert mother.telegram.endswith(f"?start={mother.code}")
    facilitator = banks.app.desk.invite(Role.FACILITATOR, "Bahor", 1, 7)
    assert (facilitator.whatsapp, bool(facilitator.telegram)) == ("", True)


async def test_s19_her_voice_on_whatsapp_reaches_the_taker_on_tap_and_nobody_before(banks: TwoBanks) -> None:
    coordinator = await banks.coordinator()
    facilitator = await banks.facilitator(coordinator)
    group = await banks.bound_group(coordinator, facilitator)
    her = await banks.her()
    await banks.acts(her, lambda: her.sends("voice", content=b"invented voice"))
    assert banks.wa.fetched == []
    await banks.passes(minutes=10)
    await banks.presses(group, "case.take", by=facilitator)
    assert banks.wa.fetched == []
    await banks.presses(facilitator, "case.file")
    assert banks.wa.fetched == [b"invented voice"]
    assert [seen.kind for seen in facilitator.sees() if seen.kind == "voice"] == ["voice"]
    assert all(seen.kind != "voice" for seen in group.sees())


async def test_a_voice_that_whatsapp_has_forgotten_is_told_to_the_taker(banks: TwoBanks) -> None:
    coordinator = await banks.coordinator()
    facilitator = await banks.facilitator(coordinator)
    group = await banks.bound_group(coordinator, facilitator)
    her = await banks.her()
    await banks.acts(her, lambda: her.sends("voice"))
    await banks.passes(minutes=10)
    await banks.presses(group, "case.take", by=facilitator)
    banks.wa.forgets_files()
    alarmed = len(coordinator.sees())
    told = await banks.presses(facilitator, "case.file")
    assert banks.wa.fetched == []
    assert "боз фиристад" in told[-1]
    assert len(coordinator.sees()) == alarmed


async def test_a_forwarded_voice_is_never_fetched(banks: TwoBanks) -> None:
    coordinator = await banks.coordinator()
    await banks.facilitator(coordinator)
    her = await banks.her()
    assert await banks.acts(her, lambda: her.sends("voice", is_forwarded=True))
    await banks.passes(hours=1)
    assert banks.wa.fetched == []


async def test_s12_nobody_works_in_a_chat_from_which_nothing_can_be_taken_out(banks: TwoBanks) -> None:
    person = banks.wa.person(905)
    code = banks.invite(Role.COORDINATOR, None)
    (told,) = await banks.writes(person, code)
    assert "Telegram" in told
    assert banks.app.store.desk()[0].staff == ()
    coordinator = await banks._enlisted(100, code, "ru", "Гранат")
    assert coordinator.last().text


@pytest.mark.parametrize(("language", "words"), [("tg", "чатро дар менюи"), ("ru", "очистите чат")])
async def test_she_is_told_once_and_before_her_yes_that_nothing_can_be_taken_out_of_her_chat(
    banks: TwoBanks, language: str, words: str
) -> None:
    her = await banks.her(language=language)
    told = [n for n, text in enumerate(her.texts) if words in text]
    assert len(told) == 1
    assert "consent.yes" in str(her.bubbles[told[0]].choices)
    on_telegram = await banks.mother(language=language)
    assert words not in banks.screen(on_telegram)


async def test_hide_says_nothing_untrue_and_nothing_unprompted_follows(banks: TwoBanks) -> None:
    coordinator = await banks.coordinator()
    facilitator = await banks.facilitator(coordinator)
    her = await banks.her()
    (screen,) = await banks.chooses(her, "hide")
    assert [choice for choice, _ in her.bubbles[-1].choices] == ["|hidden.open"]
    await banks.opens_module(facilitator)
    await banks.passes(days=2)
    assert her.texts[-1] == screen


# ---- a day after she last wrote


TEMPLATES = """
push: {name: page_ready, language: ru}
cover: {name: page_ready, language: ru}
"""


@pytest.fixture
async def templated(tmp_path: Path) -> AsyncIterator[TwoBanks]:
    file = tmp_path / "templates.yaml"
    file.write_text(TEMPLATES, encoding="utf-8")
    async with open_banks(tmp_path, FrozenClock(), whatsapp_templates_file=file) as opened:
        opened.wa.templates["page_ready", "ru"] = 0
        yield opened


async def test_after_a_day_a_page_is_announced_by_a_template_and_read_after_open(templated: TwoBanks) -> None:
    coordinator = await templated.coordinator()
    facilitator = await templated.facilitator(coordinator)
    her = await templated.her()
    await templated.passes(days=3)
    shown = len(her.bubbles)
    await templated.opens_module(facilitator)
    await templated.passes(days=1)
    assert her.texts[shown:] == ["template page_ready ru"]
    read = await templated.chooses(her, "push.open")
    assert any("Вақти худам · 1 аз 30" in text for text in read)


@pytest.mark.parametrize("is_templated", [True, False])
async def test_a_broadcast_reaches_who_is_silent_by_a_neutral_line_alone(tmp_path: Path, *, is_templated: bool) -> None:
    file = tmp_path / "templates.yaml"
    line = "broadcast: {name: page_ready, language: ru}" if is_templated else ""
    file.write_text(f"daily_reach: 2\n{line}", encoding="utf-8")
    async with open_banks(tmp_path, FrozenClock(), whatsapp_templates_file=file) as banks:
        banks.wa.templates["page_ready", "ru"] = 0
        coordinator = await banks.coordinator()
        facilitator = await banks.facilitator(coordinator)
        her, on_telegram = await banks.her(), await banks.mother()
        await banks.meets_everybody(facilitator)
        await banks.passes(days=2)
        shown = len(her.bubbles)
        await banks.says(coordinator, "/menu")
        for choice in ("menu.broadcast", "cast.cohort", "cast.write"):
            await banks.presses(coordinator, choice)
        await banks.says(coordinator, "Субҳ ба хайр")
        (told,) = await banks.says(coordinator, "Доброе утро")
        assert ("WhatsApp разрешает 2" in told, "Им ничего не уйдёт" in told) == (is_templated, not is_templated)
        for choice in ("cast.me", "cast.all", "cast.go"):
            await banks.presses(coordinator, choice)
        await banks.passes(days=1)
        assert "Субҳ ба хайр" in banks.screen(on_telegram)
        assert her.texts[shown:] == (["template page_ready ru"] if is_templated else [])
        if is_templated:
            assert "Субҳ ба хайр" in (await banks.chooses(her, "push.open"))[-1]
        else:
            assert (await banks.writes(her, "салом"))[0] == "Субҳ ба хайр"
            assert "Субҳ ба хайр" not in await banks.writes(her, "салом")
            assert "отправлено: 1, показано, когда сама открыла: 1" in coordinator.last().text


async def test_without_a_template_a_page_waits_in_her_menu(banks: TwoBanks) -> None:
    coordinator = await banks.coordinator()
    facilitator = await banks.facilitator(coordinator)
    her = await banks.her()
    await banks.passes(days=3)
    shown, asked = len(her.bubbles), len(banks.wa.requests)
    await banks.opens_module(facilitator)
    await banks.passes(days=5)
    assert (her.texts[shown:], len(banks.wa.requests)) == ([], asked)
    await banks.writes(her, "меню")
    assert "lesson.next" in str(her.bubbles[-1].choices)


async def notes_an_act(banks: TwoBanks, facilitator: Person) -> None:
    """She does something for her and writes it down, so that nothing rings while time passes."""
    await banks.presses(facilitator, "case.note")
    await banks.says(facilitator, "гап задам")


async def answered_late(banks: TwoBanks) -> tuple[CloudPerson, Person]:
    """She wrote of a concern; her answer comes a day and more later, in her hours."""
    coordinator = await banks.coordinator()
    facilitator = await banks.facilitator(coordinator)
    her = await banks.her()
    await banks.writes(her, WORDS)
    await banks.passes(minutes=10)
    await banks.presses(facilitator, "case.take")
    await notes_an_act(banks, facilitator)
    await banks.passes(days=1, minutes=20)
    await banks.presses(facilitator, "case.reply")
    await banks.says(facilitator, ANSWER)
    await banks.presses(facilitator, "answer.send")
    await banks.passes(hours=2)
    return her, facilitator


async def test_s1_an_answer_after_a_day_goes_back_to_its_owner_and_never_by_itself(banks: TwoBanks) -> None:
    her, facilitator = await answered_late(banks)
    assert "WhatsApp" in banks.screen(facilitator)
    await banks.writes(her, "салом")
    await banks.passes(minutes=30)
    assert ANSWER not in her.screen
    await banks.presses(facilitator, "answer.keep")
    shown = banks.screen(facilitator).count(ANSWER)
    await banks.writes(her, "салом")
    assert banks.screen(facilitator).count(ANSWER) == shown + 1
    assert "case.now" not in str(her.bubbles[-1].choices), "nothing goes before its owner says so"
    await banks.presses(facilitator, "answer.kept")
    assert ANSWER not in her.screen
    await banks.chooses(her, "case.now")
    assert her.screen.count(ANSWER) == 1
    await banks.presses(facilitator, "answer.kept")
    assert her.screen.count(ANSWER) == 1


async def test_s1_an_answer_that_waits_comes_back_when_the_day_for_free_words_ends(banks: TwoBanks) -> None:
    facilitator = await banks.facilitator(await banks.coordinator())
    her = await banks.her(hours="hours:15")
    await banks.writes(her, WORDS)
    await banks.presses(facilitator, "case.take")
    banks.clock.advance(hours=23, minutes=20)
    await banks.presses(facilitator, "case.reply")
    await banks.says(facilitator, ANSWER)
    await banks.presses(facilitator, "answer.send")
    seen = len(facilitator.sees())
    await banks.passes(minutes=45)
    assert "ҷавоби шумо баргардонида шуд" in "".join(bubble.text for bubble in facilitator.sees()[seen:])
    assert ANSWER not in her.screen


async def test_the_desk_sees_until_when_free_words_reach_her_and_that_nothing_can_be_taken_back(
    banks: TwoBanks,
) -> None:
    coordinator = await banks.coordinator()
    facilitator = await banks.facilitator(coordinator)
    her = await banks.her()
    await banks.writes(her, WORDS)
    await banks.passes(minutes=10)
    (given, *_) = [text for text in await banks.presses(facilitator, "case.take") if "WhatsApp" in text]
    assert re.search(r"то \d\d\.\d\d \d\d:\d\d", given)
    assert "то худаш чатро тоза накунад" in given
    asked = await banks.presses(facilitator, "case.reply")
    assert "WhatsApp" in asked[-1]
    await notes_an_act(banks, facilitator)
    await banks.passes(days=1, minutes=1)
    assert "бештар аз як рӯз" in (await banks.presses(facilitator, "case.reply"))[-1]
    await banks.says(facilitator, "/menu")
    assert "бештар аз як рӯз" in (await banks.presses(facilitator, "menu.mine"))[-1]


async def test_s1_behind_a_template_an_answer_is_read_only_after_open_and_now(templated: TwoBanks) -> None:
    her, _ = await answered_late(templated)
    assert "template page_ready ru" in her.texts
    assert ANSWER not in her.screen


def quick_replies(*titles: str) -> dict[str, Any]:
    return {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": title} for title in titles]}


async def test_doctor_compares_the_templates_with_those_approved(templated: TwoBanks, tmp_path: Path) -> None:
    wa = templated.wa
    found = {"name": "page_ready", "language": "ru", "status": "APPROVED"}
    quick = quick_replies("Открыть", "Позже")
    file = tmp_path / "with_account.yaml"
    file.write_text(f'account: "{ACCOUNT}"\n{TEMPLATES}', encoding="utf-8")
    settings = Settings(
        _env_file=None, whatsapp_token=wa.token, whatsapp_phone_id=wa.phone_id, whatsapp_app_secret="x",
        whatsapp_verify_token="x", whatsapp_api_url=wa.root, whatsapp_templates_file=file,
        database_url=f"sqlite:///{tmp_path}/doctor.db", keys_dir=tmp_path / "k", allow_unreviewed=True,
    )  # fmt: skip

    async def told() -> str:
        return next(result.text for result in await examine(settings) if result.name == "templates")

    assert not [result for result in await examine(settings) if result.name == "number"]
    wa.standing, wa.apps = "PENDING", []
    told_of = "".join(result.text for result in await examine(settings) if result.name == "number")
    assert "the number is PENDING" in told_of
    assert "no app is subscribed" in told_of
    assert "staff work on Telegram" in "".join(result.text for result in await examine(settings) if not result.is_well)
    assert "page_ready (ru) does not exist" in await told()
    body = {"type": "BODY", "text": "Ваша страница готова"}
    for changed, expected in (
        ({"status": "PENDING"}, "not approved yet"),
        ({"components": [body]}, "the quick replies none, it needs «Открыть»«Позже»"),
        ({"components": [body, quick_replies("Позже", "Открыть")]}, "it needs «Открыть»«Позже»"),
        ({"components": [body, quick_replies("Открыть", "Полиция")]}, "it needs «Открыть»«Позже»"),
        ({"components": [body, {**quick, "buttons": [{"type": "URL", "text": "Сайт"}, *quick["buttons"]]}]}, "a link"),
        ({"components": [{"type": "HEADER", "format": "IMAGE"}, body, quick]}, "a picture"),
        ({"components": [{"type": "HEADER", "format": "TEXT", "text": "{{1}}"}, body, quick]}, "a place beside"),
        ({"components": [{"type": "HEADER", "format": "TEXT", "text": "Насилие"}, body, quick]}, "a locked screen"),
        ({"components": [body, {"type": "FOOTER", "text": "домашнее насилие"}, quick]}, "a locked screen shows it"),
        ({"components": [{"type": "BODY", "text": "{{1}}, готово"}, quick]}, "1 places"),
        ({"components": [{"type": "BODY", "text": "Про насилие дома"}, quick]}, "a locked screen shows it"),
        ({"components": [body, quick]}, "approved and neutral"),
    ):
        wa.listed = [found | changed]
        assert expected in await told()


async def test_s13_an_answer_that_waits_goes_back_when_another_phone_is_behind_her_address(banks: TwoBanks) -> None:
    coordinator = await banks.coordinator()
    facilitator = await banks.facilitator(coordinator)
    her = await banks.her()
    await banks.writes(her, WORDS)
    await banks.passes(minutes=10)
    await banks.presses(facilitator, "case.take")
    await banks.writes(her, "салом")
    await banks.presses(facilitator, "case.reply")
    await banks.says(facilitator, ANSWER)
    await banks.presses(facilitator, "answer.send")
    assert "case.now" in str(her.bubbles[-1].choices)
    old, told = her.bubbles[-1], len(facilitator.sees())
    await banks.acts(her, lambda: her.system("customer_identity_changed"))
    assert "бозпас гирифта шуд" in "".join(seen.text for seen in facilitator.sees()[told:])
    await banks.writes(her, "салом")
    assert "case.now" not in str(her.bubbles[-1].choices)
    await banks.acts(her, lambda: her.presses_exactly(old, "|case.now"))
    await notes_an_act(banks, facilitator)
    await banks.passes(days=1, hours=3)
    assert ANSWER not in her.screen


async def test_each_door_is_as_wide_as_its_messengers_calls(banks: TwoBanks) -> None:
    hooks = _hooks([office.channel for office in banks.app.offices])
    assert {hook.name: hook.largest for hook in hooks} == {"telegram": 1 << 20, "whatsapp": 3 << 20}
