"""Each limit of Telegram, from both sides of it."""

from datetime import timedelta

import httpx
import pytest

from tests.fakes.bot_api.limits import Refusal, read_text
from tests.fakes.bot_api.rates import Meter, Rates
from tests.fakes.bot_api.schema import find_schema
from tests.fakes.conftest import NOON, Noon, Raw
from tests.fakes.telegram import FakeTelegram

needs_description = pytest.mark.skipif(find_schema() is None, reason="the published description is not here")


def keyboard(*rows: int, data: str = "x") -> dict:
    return {"inline_keyboard": [[{"text": "Next", "callback_data": data}] * row for row in rows]}


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"text": "x" * 4096}, None),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "🙂" * 2049}, "message is too long"),
        ({"text": ""}, "message text is empty"),
        ({"text": " \n "}, "message text is empty"),
        ({"text": f"<b>{'x' * 4096}</b> ", "parse_mode": "HTML"}, None),
        ({"text": "<b></b>", "parse_mode": "HTML"}, "message text is empty"),
        ({"text": "<b>x", "parse_mode": "HTML"}, "can't parse entities"),
        ({"text": "<script>x</script>", "parse_mode": "HTML"}, "can't parse entities"),
        ({"text": "x", "reply_markup": keyboard(1, data="д" * 32)}, None),
        ({"text": "x", "reply_markup": keyboard(1, data="д" * 32 + "x")}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": keyboard(1, data="")}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": keyboard(8)}, None),
        ({"text": "x", "reply_markup": keyboard(9)}, "reply markup is too long"),
        ({"text": "x", "reply_markup": keyboard(*[8] * 12, 4)}, None),
        ({"text": "x", "reply_markup": keyboard(*[8] * 12, 5)}, "reply markup is too long"),
        ({"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "Next"}]]}}, "unallowed"),
        ({"text": "x", "reply_parameters": {"message_id": 5}}, "message to be replied not found"),
        ({"text": "x", "reply_parameters": {"message_id": 5, "allow_sending_without_reply": True}}, None),
    ],
)
async def test_a_message_keeps_within_its_limits(tg: FakeTelegram, call: Raw, params: dict, words: str | None) -> None:
    person = tg.person(1)
    status, answer = await call("sendMessage", chat_id=1, **params)
    assert status == (400 if words else 200)
    assert (words or "") in answer.get("description", "")
    assert len(person.sees()) == (words is None)


@pytest.mark.parametrize(
    ("method", "params", "words"),
    [
        ("setMyDescription", {"description": "x" * 513}, "too long"),
        ("setMyShortDescription", {"short_description": "x" * 121}, "too long"),
        ("setMyCommands", {"commands": [{"command": "Help", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ("setMyCommands", {"commands": [{"command": "help", "description": ""}]}, "DESCRIPTION_INVALID"),
        ("setMyCommands", {"commands": [{"command": "help", "description": "x"}] * 101}, "TOO_MUCH"),
        ("setWebhook", {"url": "http://hamroh.invalid/telegram"}, "HTTPS"),
        ("setWebhook", {"url": "https://hamroh.invalid:8000/telegram"}, "ports"),
        ("setWebhook", {"url": "https://hamroh.invalid", "secret_token": "a b"}, "unallowed characters"),
        ("setWebhook", {"url": "https://hamroh.invalid", "max_connections": 101}, "max_connections"),
        ("getUpdates", {"limit": 101}, "limit"),
        ("getUpdates", {"limit": 0}, "limit"),
        ("deleteMessages", {"chat_id": 1, "message_ids": [1] * 101}, "between 1 and 100"),
        ("deleteMessages", {"chat_id": 1, "message_ids": []}, "between 1 and 100"),
        ("deleteMessage", {"chat_id": 1, "message_id": 1}, "message to delete not found"),
        ("editMessageText", {"chat_id": 1, "message_id": 1, "text": "x"}, "message to edit not found"),
        ("sendChatAction", {"chat_id": 1, "action": "thinking"}, "action"),
        ("getFile", {"file_id": "x"}, "invalid file_id"),
        ("sendVoice", {"chat_id": 1, "voice": "x"}, "wrong file identifier"),
        ("answerCallbackQuery", {"callback_query_id": "x"}, "query is too old"),
    ],
)
async def test_other_calls_keep_within_their_limits(
    tg: FakeTelegram, call: Raw, method: str, params: dict, words: str
) -> None:
    tg.person(1)
    status, answer = await call(method, **params)
    assert (status, words in answer["description"]) == (400, True)


@pytest.mark.parametrize(("length", "status"), [(1024, 200), (1025, 400)])
async def test_a_caption_has_1024_characters(tg: FakeTelegram, call: Raw, length: int, status: int) -> None:
    person = tg.person(1)
    person.sends("voice", content=b"x")
    file_id = person.kept[person.sees()[0].message_id].body["voice"]["file_id"]
    assert (await call("sendVoice", chat_id=1, voice=file_id, caption="x" * length))[0] == status


@pytest.mark.parametrize(("length", "status"), [(0, 200), (200, 200), (201, 400)])
async def test_a_toast_has_200_characters(tg: FakeTelegram, call: Raw, length: int, status: int) -> None:
    person = tg.person(1)
    await call("sendMessage", chat_id=1, text="x", reply_markup=keyboard(1))
    person.presses(person.last(), "Next")
    answered = await call("answerCallbackQuery", callback_query_id=tg.queries[0].body["id"], text="x" * length)
    assert answered[0] == status


async def test_a_press_cannot_be_answered_late(tg: FakeTelegram, call: Raw) -> None:
    person = tg.person(1)
    await call("sendMessage", chat_id=1, text="x", reply_markup=keyboard(1))
    person.presses(person.last(), "Next")
    tg.advance(seconds=61)
    status, answer = await call("answerCallbackQuery", callback_query_id=tg.queries[0].body["id"])
    assert (status, "query is too old" in answer["description"]) == (400, True)


async def test_an_edit_that_changes_nothing_is_refused(tg: FakeTelegram, call: Raw) -> None:
    tg.person(1)
    _, sent = await call("sendMessage", chat_id=1, text="Salom", reply_markup=keyboard(1))
    where = {"chat_id": 1, "message_id": sent["result"]["message_id"]}
    status, answer = await call("editMessageText", **where, text=" Salom ", reply_markup=keyboard(1))
    assert (status, "message is not modified" in answer["description"]) == (400, True)
    assert (await call("editMessageText", **where, text="Salom"))[0] == 200
    assert (await call("editMessageReplyMarkup", **where))[0] == 400


async def test_her_own_message_cannot_be_edited(tg: FakeTelegram, call: Raw) -> None:
    hers = tg.person(1).says("Invented")
    status, answer = await call("editMessageText", chat_id=1, message_id=hers, text="Other")
    assert (status, "can't be edited" in answer["description"]) == (400, True)


@pytest.mark.parametrize(("hours", "status"), [(47.9, 200), (48, 400)])
async def test_messages_can_be_deleted_for_48_hours(tg: FakeTelegram, call: Raw, hours: float, status: int) -> None:
    person = tg.person(1)
    hers = person.says("Invented")
    tg.advance(hours=hours)
    assert (await call("deleteMessage", chat_id=1, message_id=hers))[0] == status
    assert (person.sees() == []) is (status == 200)


async def test_one_old_message_refuses_the_whole_deletion(tg: FakeTelegram, call: Raw) -> None:
    person = tg.person(1)
    old = person.says("Old")
    tg.advance(hours=48)
    new = person.says("New")
    assert (await call("deleteMessages", chat_id=1, message_ids=[old, new]))[0] == 400
    assert len(person.sees()) == 2


async def test_a_fresh_dice_of_hers_stays_a_day(tg: FakeTelegram, call: Raw) -> None:
    dice = tg.person(1).sends("dice")
    assert (await call("deleteMessage", chat_id=1, message_id=dice))[0] == 400
    tg.advance(hours=25)
    assert (await call("deleteMessage", chat_id=1, message_id=dice))[0] == 200


@pytest.mark.parametrize(("bot_status", "status"), [("administrator", 200), ("member", 400)])
async def test_only_an_administrator_deletes_messages_of_others_in_a_group(
    tg: FakeTelegram, call: Raw, bot_status: str, status: int
) -> None:
    theirs = tg.group(-500, bot_status=bot_status).says("Invented", by=tg.person(1))
    _, ours = await call("sendMessage", chat_id=-500, text="Salom")
    assert (await call("deleteMessage", chat_id=-500, message_id=theirs))[0] == status
    assert (await call("deleteMessage", chat_id=-500, message_id=ours["result"]["message_id"]))[0] == 200


@needs_description
@pytest.mark.parametrize(
    ("params", "violation"),
    [
        ({"chat_id": 1, "text": "x", "silent": True}, "sendMessage.silent: unknown"),
        ({"chat_id": 1}, "sendMessage.text: missing"),
        ({"chat_id": 1, "text": 5}, "sendMessage.text: String expected"),
        ({"chat_id": True, "text": "x"}, "sendMessage.chat_id: Integer expected"),
        ({"chat_id": 1, "text": "x", "protect_content": "yes"}, "sendMessage.protect_content: Boolean expected"),
        (
            {"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "Next", "data": "x"}]]}},
            "sendMessage.reply_markup.inline_keyboard[0][0].data: unknown",
        ),
        ({"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": {}}}, "list expected"),
    ],
)
async def test_calls_that_the_description_forbids_are_violations(
    tg: FakeTelegram, call: Raw, params: dict, violation: str
) -> None:
    person = tg.person(1)
    assert (await call("sendMessage", **params))[0] == 400
    assert any(violation in line for line in tg.violations), tg.violations
    assert person.sees() == []


async def test_without_the_description_missing_parameters_are_still_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, tmp_path
) -> None:
    monkeypatch.setenv("HAMROH_SPECS_DIR", str(tmp_path))
    find_schema.cache_clear()
    try:
        async with FakeTelegram() as tg, httpx.AsyncClient() as client:
            tg.person(1)
            call = Raw(tg, client)
            assert (await call("sendMessage", chat_id=1))[0] == 400
            assert (await call("sendMessage", chat_id=1, text="x" * 4097))[0] == 400
            assert (await call("deleteMessage", chat_id=1))[0] == 400
            assert (await call("sendMessage", chat_id=1, text="x"))[0] == 200
            assert len(tg.violations) == 1
    finally:
        find_schema.cache_clear()
    assert capsys.readouterr().err.count("not checked") == 1


async def test_an_unreadable_body_is_a_violation(tg: FakeTelegram) -> None:
    async with httpx.AsyncClient() as client:
        json_type = {"Content-Type": "application/json"}
        url = f"{tg.root}/bot{tg.token}/sendMessage"
        assert (await client.post(url, content=b"{", headers=json_type)).status_code == 400
        assert (await client.post(url, content=b"[1]", headers=json_type)).status_code == 400
    assert tg.violations == ["sendMessage: unreadable body"] * 2


async def test_one_chat_gets_a_burst_and_then_one_message_a_second() -> None:
    async with FakeTelegram(clock=Noon(), rates=Rates(chat_burst=3)) as tg, httpx.AsyncClient() as client:
        tg.person(1)
        tg.person(2)
        call = Raw(tg, client)
        answers = [await call("sendMessage", chat_id=1, text=str(n)) for n in range(4)]
        assert [status for status, _ in answers] == [200, 200, 200, 429]
        assert answers[-1][1]["parameters"] == {"retry_after": 1}
        assert (await call("sendMessage", chat_id=2, text="Other"))[0] == 200
        assert tg.impatient == []
        assert (await call("sendMessage", chat_id=1, text="Too early"))[0] == 429
        assert len(tg.impatient) == 1
        tg.advance(seconds=1)
        assert (await call("sendMessage", chat_id=1, text="In time"))[0] == 200
        assert len(tg.impatient) == 1


def test_all_chats_together_get_30_messages_a_second() -> None:
    meter = Meter(Rates())
    answers = [meter.retry_after("sendMessage", chat, NOON) for chat in range(1, 32)]
    assert answers == [None] * 30 + [1]
    assert meter.retry_after("sendMessage", 31, NOON + timedelta(seconds=1)) is None


def test_a_group_gets_20_messages_and_edits_a_minute() -> None:
    meter = Meter(Rates(chat_burst=100))
    later = [NOON + timedelta(seconds=2 * n) for n in range(20)]
    assert [meter.retry_after("sendMessage", -5, at) for at in later[:10]] == [None] * 10
    assert [meter.retry_after("editMessageText", -5, at) for at in later[10:]] == [None] * 10
    assert meter.retry_after("sendMessage", -5, later[-1]) == 22
    assert meter.retry_after("deleteMessage", -5, later[-1]) is None
    assert meter.retry_after("sendMessage", -5, NOON + timedelta(seconds=60)) is None


def test_text_is_read_as_it_will_be_shown() -> None:
    assert read_text({"text": "  <b>A</b> &lt;&amp; B ", "parse_mode": "HTML"}) == "A <& B"
    assert read_text({"text": "<b>A"}) == "<b>A"
    assert isinstance(read_text({"text": "A", "parse_mode": "MarkdownV2"}), Refusal)
