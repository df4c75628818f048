"""The fake Bot API seen by python-telegram-bot, a client that knows nothing of us."""

import asyncio
import json
import sys
from pathlib import Path

import httpx
import pytest
from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, ReplyKeyboardMarkup, ReplyParameters
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter

from tests.fakes.bot_api.faults import Fault, Kind
from tests.fakes.conftest import Raw
from tests.fakes.telegram import FakeTelegram

KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton("Next", callback_data="next:1")]])


async def test_a_stranger_learns_who_the_bot_is(bot: Bot) -> None:
    assert bot.username == "invented_test_bot"


async def test_a_message_arrives_on_her_screen(tg: FakeTelegram, bot: Bot) -> None:
    person = tg.person(1)
    question = person.says("Invented question")
    sent = await bot.send_message(
        1, "Salom", reply_markup=KEYBOARD, protect_content=True, reply_parameters=ReplyParameters(question)
    )
    seen = person.last()
    assert (seen.message_id, seen.text, seen.labels) == (sent.message_id, "Salom", ("Next",))
    assert (seen.protect_content, seen.reply_to, seen.from_bot) == (True, question, True)
    assert sent.reply_to_message.text == "Invented question"
    assert tg.unprotected() == []


async def test_what_is_sent_without_protection_is_named(tg: FakeTelegram, bot: Bot) -> None:
    tg.person(1)
    sent = await bot.send_message(1, "Open to all")
    assert [one.message_id for one in tg.unprotected()] == [sent.message_id]


async def test_a_press_reaches_the_bot_and_its_toast_reaches_her(tg: FakeTelegram, bot: Bot) -> None:
    person = tg.person(1)
    await bot.send_message(1, "Salom", reply_markup=KEYBOARD)
    person.presses(person.last(), "Next")
    (update,) = await bot.get_updates()
    assert update.callback_query.data == "next:1"
    assert await update.callback_query.answer("Done")
    assert person.toasts() == ["Done"]


async def test_the_same_press_again_has_other_ids_and_the_same_data(tg: FakeTelegram, bot: Bot) -> None:
    person = tg.person(1)
    await bot.send_message(1, "Salom", reply_markup=KEYBOARD)
    person.presses(person.last(), "next:1")
    person.press_again()
    first, second = await bot.get_updates()
    assert first.update_id != second.update_id
    assert first.callback_query.id != second.callback_query.id
    assert first.callback_query.data == second.callback_query.data


async def test_edits_and_deletions_change_what_she_sees(tg: FakeTelegram, bot: Bot) -> None:
    person = tg.person(1)
    first = await bot.send_message(1, "One", reply_markup=KEYBOARD)
    second = await bot.send_message(1, "Two")
    await bot.edit_message_text("Uno", 1, first.message_id)
    await bot.edit_message_reply_markup(1, second.message_id, reply_markup=KEYBOARD)
    assert [(seen.text, seen.labels, seen.is_edited) for seen in person.sees()] == [
        ("Uno", (), True),
        ("Two", ("Next",), True),
    ]
    assert await bot.delete_message(1, first.message_id)
    assert person.hears() == ["Two"]
    assert [sent.text for sent in tg.sent] == ["One", "Two"]


async def test_a_button_that_is_gone_can_only_be_pressed_as_stale(tg: FakeTelegram, bot: Bot) -> None:
    person = tg.person(1)
    sent = await bot.send_message(1, "One", reply_markup=KEYBOARD)
    await bot.delete_message(1, sent.message_id)
    with pytest.raises(LookupError):
        person.presses(sent.message_id, "Next")
    person.presses(sent.message_id, "Next", is_stale=True)
    (update,) = await bot.get_updates()
    assert not update.callback_query.message.is_accessible


async def test_many_messages_of_both_sides_can_be_deleted_in_a_private_chat(tg: FakeTelegram, bot: Bot) -> None:
    person = tg.person(1)
    hers = person.says("Invented")
    ours = await bot.send_message(1, "Salom")
    assert await bot.delete_messages(1, [hers, ours.message_id, 999_999])
    assert person.sees() == []


async def test_a_voice_can_be_fetched_and_sent_on_by_its_id(tg: FakeTelegram, bot: Bot) -> None:
    person, other = tg.person(1), tg.person(2)
    person.sends("voice", content=b"OggS invented")
    (update,) = await bot.get_updates()
    file = await bot.get_file(update.message.voice.file_id)
    assert bytes(await file.download_as_bytearray()) == b"OggS invented"
    await bot.send_voice(2, update.message.voice.file_id, caption="For you", protect_content=True)
    assert (other.last().kind, other.last().text) == ("voice", "For you")
    with pytest.raises(BadRequest, match=r"(?i)type of file mismatch"):
        await bot.send_photo(2, update.message.voice.file_id)


async def test_a_link_to_a_file_dies_after_an_hour(tg: FakeTelegram, bot: Bot) -> None:
    tg.person(1).sends("voice")
    (update,) = await bot.get_updates()
    link = (await bot.get_file(update.message.voice.file_id)).file_path
    tg.advance(seconds=3601)
    async with httpx.AsyncClient() as client:
        assert (await client.get(link)).status_code == 404


async def test_a_file_above_20_megabytes_cannot_be_fetched(tg: FakeTelegram, bot: Bot) -> None:
    tg.person(1).sends("video", size=20 * 1024 * 1024 + 1)
    (update,) = await bot.get_updates()
    with pytest.raises(BadRequest, match="too big"):
        await bot.get_file(update.message.video.file_id)


async def test_a_document_is_uploaded(tg: FakeTelegram, bot: Bot) -> None:
    person = tg.person(1)
    sent = await bot.send_document(1, b"\r\n--binary \x00\xff bytes\r\n", filename="report.bin", caption="Report")
    file = await bot.get_file(sent.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"\r\n--binary \x00\xff bytes\r\n"
    assert person.last().kind == "document"
    assert tg.violations == []


async def test_menu_and_descriptions_are_kept_by_language(tg: FakeTelegram, bot: Bot) -> None:
    await bot.set_my_commands([BotCommand("help", "Кӯмак")], language_code="tg")
    await bot.set_my_description("Long", language_code="ru")
    await bot.set_my_short_description("Short")
    assert tg.profile.commands["tg"][0]["description"] == "Кӯмак"
    assert (tg.profile.description, tg.profile.short_description) == ({"ru": "Long"}, {"": "Short"})


async def test_a_reply_keyboard_stands_until_it_is_removed(tg: FakeTelegram, bot: Bot, call: Raw) -> None:
    person = tg.person(1)
    await bot.send_message(1, "Choose", reply_markup=ReplyKeyboardMarkup([["Help", "Stop"]]))
    assert person.keyboard == ("Help", "Stop")
    await call("sendMessage", chat_id=1, text="Thanks", reply_markup={"remove_keyboard": True})
    assert person.keyboard == ()


async def test_refusals_have_telegrams_words(tg: FakeTelegram, bot: Bot) -> None:
    blocked, gone, unmet = tg.person(1), tg.person(2), tg.person(3, is_known=False)
    blocked.blocks()
    gone.deactivates()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(1, "Salom")
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(2, "Salom")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(unmet.id, "Salom")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(99, "Salom")
    blocked.says("I am back")
    await bot.send_message(1, "Salom")


async def test_an_upgraded_group_names_its_new_id(tg: FakeTelegram, bot: Bot) -> None:
    alice = tg.person(1)
    group = tg.group(-500)
    await bot.send_message(-500, "Before")
    upgraded = group.upgrades(-1_000_000_000_500, by=alice)
    with pytest.raises(ChatMigrated) as refused:
        await bot.send_message(-500, "After")
    assert refused.value.new_chat_id == upgraded.id
    await bot.send_message(upgraded.id, "After")
    moved = [
        (update.message.migrate_to_chat_id, update.message.migrate_from_chat_id) for update in await bot.get_updates()
    ]
    assert moved == [(upgraded.id, None), (None, -500)]


async def test_a_bot_thrown_out_of_a_group_is_told_so(tg: FakeTelegram, bot: Bot) -> None:
    alice = tg.person(1)
    group = tg.group(-1_000_000_000_500)
    group.removes_bot(alice)
    with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
        await bot.send_message(group.id, "Salom")
    group.adds_bot(alice, is_administrator=True)
    await bot.send_message(group.id, "Salom")
    await bot.leave_chat(group.id)
    with pytest.raises(Forbidden, match="not a member"):
        await bot.send_message(group.id, "Salom")


async def test_members_and_administrators_of_a_group(tg: FakeTelegram, bot: Bot) -> None:
    alice, berta = tg.person(1, "Alice"), tg.person(2, "Berta")
    group = tg.group(-500)
    group.appoints(alice)
    group.joins(berta)
    assert [one.user.first_name for one in await bot.get_chat_administrators(-500)] == ["Alice"]
    assert (await bot.get_chat_member(-500, 2)).status == "member"
    assert (await bot.get_chat_member(-500, bot.id)).status == "administrator"
    with pytest.raises(BadRequest, match="not found"):
        await bot.get_chat_member(-500, 3)


async def test_a_wrong_token_is_unauthorized(tg: FakeTelegram) -> None:
    wrong = Bot(tg.token[:-1] + "1", base_url=f"{tg.root}/bot")
    with pytest.raises(InvalidToken):
        await wrong.initialize()
    await wrong.shutdown()


async def test_an_unknown_method_is_404(tg: FakeTelegram, call: Raw) -> None:
    status, answer = await call("sendTelepathy", chat_id=1)
    assert (status, answer["ok"], answer["error_code"]) == (404, False, 404)
    assert tg.violations == ["sendTelepathy: no such method here"]


async def test_a_newer_poller_ends_the_older_one_with_409(tg: FakeTelegram, call: Raw, bot: Bot) -> None:
    older = asyncio.create_task(call("getUpdates", timeout=50))
    await tg.waits_for_calls("getUpdates")
    newer = asyncio.create_task(bot.get_updates(timeout=50))
    status, answer = await older
    assert (status, answer["description"].split(":")[0]) == (409, "Conflict")
    tg.person(1).says("Invented")
    assert len(await newer) == 1


async def test_polling_is_refused_while_a_webhook_is_set(tg: FakeTelegram, bot: Bot) -> None:
    await bot.set_webhook("https://hamroh.invalid/telegram")
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()
    assert (await bot.get_webhook_info()).url == "https://hamroh.invalid/telegram"
    await bot.delete_webhook()
    assert await bot.get_updates() == ()


@pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")
async def test_a_429_tells_when_to_come_back(tg: FakeTelegram, bot: Bot) -> None:
    tg.person(1)
    tg.faults.plan(Fault(Kind.TOO_MANY, "sendMessage", seconds=35))
    with pytest.raises(RetryAfter) as refused:
        await bot.send_message(1, "Salom")
    assert refused.value.retry_after == 35


async def test_control_does_what_a_test_does(tg: FakeTelegram, call: Raw) -> None:
    async with httpx.AsyncClient(base_url=tg.root) as client:

        async def control(name: str, **args: object) -> object:
            answer = await client.post(f"/control/{name}", json=args)
            assert answer.status_code == 200, answer.text
            return answer.json()

        await control("person", person_id=1)
        await control("group", group_id=-500, title="Invented")
        await control("act", chat=-500, do="joins", **{"with": {"person": 1}})
        moved = await control("act", chat=-500, do="upgrades", **{"with": {"new_id": -1_000_000_000_500, "by": 1}})
        hers = await control("act", chat=moved, do="says", **{"with": {"text": "Invented", "by": 1}})
        assert [seen["message_id"] for seen in await control("sees", chat=moved)][-1] == hers
        await control("fault", kind="too_many", method="sendMessage", seconds=7)
        assert (await call("sendMessage", chat_id=1, text="x"))[1]["parameters"] == {"retry_after": 7}
        await control("mix", server_error=1.0)
        assert (await call("sendMessage", chat_id=1, text="x"))[0] == 500
        assert (await control("advance", seconds=60)) == "2026-11-02T07:01:00+00:00"
        assert [one["fault"] for one in (await control("log"))["requests"]] == ["too_many", "server_error"]
        assert (await client.post("/control/nothing")).status_code == 404


async def test_as_a_process_it_is_scripted_over_http() -> None:
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fakes.telegram", stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    try:
        ready = json.loads(await server.stdout.readline())
        api = f"{ready['root']}/bot{ready['token']}"
        async with httpx.AsyncClient(base_url=ready["root"]) as client:
            await client.post("/control/person", json={"person_id": 1, "first_name": "Invented"})
            await client.post("/control/act", json={"chat": 1, "do": "starts", "with": {"payload": "code"}})
            (update,) = (await client.post(f"{api}/getUpdates", json={})).json()["result"]
            assert update["message"]["text"] == "/start code"
            await client.post(f"{api}/sendMessage", json={"chat_id": 1, "text": "Salom", "protect_content": True})
            await client.post(f"{api}/getUpdates", json={"offset": update["update_id"] + 1})
            assert (await client.post("/control/quiet")).json() is True
            assert (await client.post("/control/wait", json={"chat": 1, "text": "Salom"})).json()["from_bot"] is True
            log = (await client.post("/control/log")).json()
            assert (len(log["sent"]), log["unprotected"], log["violations"]) == (1, 0, [])
            assert (await client.post("/control/act", json={"chat": 1, "do": "keep"})).status_code == 400
    finally:
        server.kill()
        await server.wait()
