"""Parcel in, exact request out; and what each answer of Telegram comes to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.parts import split, units
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram.api import Done, Refusal, read_answer
from bot.channels.telegram.troubles import Floods, failure_of
from bot.channels.wire import Garbage, Silence
from bot.core.addresses import Address
from bot.core.errors import ConfigurationError
from bot.core.messages import Act, Button, Kind, Outgoing, Parcel, SendFailure, Sent, Trouble
from tests.channels.conftest import Noon
from tests.fakes.telegram import TOKEN, FakeTelegram, Fault, Gate
from tests.fakes.telegram import Kind as Fails

LINE = "telegram:1000000001"
HER = Address(LINE, "7")
GROUP = -1_000_000_000_500
ROWS = ((Button("Next", "next"),), (Button("Help", "help", is_standing=True), Button("Hide", "hide", is_standing=True)))
KEYS = {
    "inline_keyboard": [
        [{"text": "Next", "callback_data": "3|next"}],
        [{"text": "Help", "callback_data": "|help"}, {"text": "Hide", "callback_data": "|hide"}],
    ]
}
PLAIN = {"chat_id": 7, "protect_content": True}
NO_PREVIEW = {"link_preview_options": {"is_disabled": True}}


def parcel(
    text: str = "Invented", act: Act = Act.SEND, targets: tuple[str, ...] = (), to: Address = HER, **more: object
) -> Parcel:
    return Parcel("row-1", to, act, None if act is Act.DELETE else Outgoing(text, **more), targets)


# --- requests


@pytest.mark.parametrize(
    ("sent", "method", "params"),
    [
        (parcel("Салом"), "sendMessage", PLAIN | NO_PREVIEW | {"text": "Салом"}),
        (parcel("a", rows=ROWS, version=3), "sendMessage", PLAIN | NO_PREVIEW | {"text": "a", "reply_markup": KEYS}),
        (parcel("<b>&_*"), "sendMessage", PLAIN | NO_PREVIEW | {"text": "<b>&_*"}),
        (parcel("a\0b\ud83dc"), "sendMessage", PLAIN | NO_PREVIEW | {"text": "ab�c"}),
    ],
)
async def test_a_message_is_sent_exactly_so(tg: FakeTelegram, channel, sent: Parcel, method: str, params: dict):
    tg.person(7)
    receipt = await channel.send(sent)
    assert (receipt, tg.requests[-1].method, tg.requests[-1].params) == (Sent(("101",)), method, params)


@pytest.mark.parametrize("kind", [Kind.VOICE, Kind.PHOTO, Kind.VIDEO, Kind.DOCUMENT])
async def test_a_file_of_hers_goes_by_its_id_with_a_caption(tg: FakeTelegram, channel, kind: Kind):
    tg.person(7).sends(kind.value)
    file = next(iter(tg._cloud.files))
    await channel.send(parcel("№ 1234", rows=ROWS, version=3, file=file, file_kind=kind))
    wanted = PLAIN | {kind.value: file, "caption": "№ 1234", "reply_markup": KEYS}
    assert (tg.requests[-1].method, tg.requests[-1].params) == (f"send{kind.value.title()}", wanted)


async def test_s19_a_round_video_goes_as_what_it_is_and_its_number_follows(tg: FakeTelegram, channel):
    tg.person(7).sends("video_note")
    file = next(iter(tg._cloud.files))
    await channel.send(parcel("№ 1234", rows=ROWS, version=3, file=f"note:{file}", file_kind=Kind.VIDEO))
    assert [request.method for request in tg.requests] == ["sendVideoNote", "sendMessage"]
    assert tg.requests[0].params == {"chat_id": 7, "protect_content": True, "video_note": file}


async def test_a_caption_that_is_too_long_follows_as_a_message_with_the_buttons(tg: FakeTelegram, channel):
    tg.person(7).sends("voice")
    file = next(iter(tg._cloud.files))
    receipt = await channel.send(parcel("б" * 1025, rows=ROWS, file=file, file_kind=Kind.VOICE))
    assert [request.method for request in tg.requests] == ["sendVoice", "sendMessage"]
    assert len(receipt.message_ids) == 2
    assert [set(request.params) & {"caption", "reply_markup"} for request in tg.requests] == [set(), {"reply_markup"}]


async def test_an_edit_shows_the_buttons_again(tg: FakeTelegram, channel):
    tg.person(7)
    (first,) = (await channel.send(parcel("a", rows=ROWS, version=2))).message_ids
    assert await channel.send(parcel("b", Act.EDIT, (first,), rows=ROWS, version=3)) == Sent((first,))
    wanted = {"chat_id": 7, "message_id": int(first), "text": "b", "reply_markup": KEYS} | NO_PREVIEW
    assert tg.requests[-1].params == wanted
    assert tg.chat(7).last().labels == ("Next", "Help", "Hide")


async def test_an_edit_that_changes_nothing_is_done(tg: FakeTelegram, channel):
    tg.person(7)
    (first,) = (await channel.send(parcel("a"))).message_ids
    assert await channel.send(parcel("a", Act.EDIT, (first,))) == Sent((first,))


@pytest.mark.parametrize("is_hers", [True, False])
async def test_an_edit_of_what_is_not_there_or_not_ours_finds_it_gone(tg: FakeTelegram, channel, is_hers: bool):
    hers = tg.person(7).says("Invented")
    target = hers if is_hers else 9999
    assert (await channel.send(parcel("b", Act.EDIT, (str(target),)))).trouble is Trouble.GONE


async def test_messages_of_both_sides_are_deleted_a_hundred_at_a_time(tg: FakeTelegram, channel):
    her = tg.person(7)
    ids = [str(her.says("Invented")) for _ in range(101)]
    assert await channel.send(parcel(act=Act.DELETE, targets=tuple(ids))) == Sent()
    assert ([len(call.params["message_ids"]) for call in tg.calls("deleteMessages")], her.sees()) == ([100, 1], [])


async def test_one_message_too_old_to_delete_does_not_keep_the_others(tg: FakeTelegram, channel):
    her = tg.person(7)
    old = her.says("Invented old")
    tg.advance(hours=49)
    new = her.says("Invented new")
    receipt = await channel.send(parcel(act=Act.DELETE, targets=(str(old), "9999", str(new))))
    assert receipt == SendFailure(Trouble.REFUSED, "message can't be deleted")
    assert [seen.text for seen in her.sees()] == ["Invented old"]


async def test_a_deletion_that_is_repeated_is_done(tg: FakeTelegram, channel):
    message = str(tg.person(7).says("Invented"))
    receipts = [await channel.send(parcel(act=Act.DELETE, targets=(message,))) for _ in range(2)]
    assert receipts == [Sent(), Sent()]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (parcel(rows=((Button("Next", "x" * 63),),)), "button_data_invalid"),
        (parcel(rows=((Button("Next", "баъд"),),)), "button_data_invalid"),
        (parcel(rows=((Button("Next", ""),),)), "button_data_invalid"),
        (parcel(file="f", file_kind=Kind.STICKER), "kind of file"),
        (parcel("x" * 4097, Act.EDIT, ("1",)), "message is too long"),
        (parcel("x", Act.EDIT), "not one text"),
        (parcel("x", Act.EDIT, ("one",)), "not an address"),
        (parcel(to=Address(LINE, "seven")), "not an address"),
        (parcel(to=Address("telegram:2", "7")), "other line"),
        (Parcel("row-1", HER, Act.SEND), "no message"),
    ],
)
async def test_what_can_never_be_sent_is_refused_without_a_call(tg: FakeTelegram, channel, wrong: Parcel, code: str):
    tg.person(7)
    assert (await channel.send(wrong), tg.requests) == (SendFailure(Trouble.REFUSED, code), [])


async def test_the_longest_button_that_fits_comes_back_whole(tg: FakeTelegram, channel):
    tg.person(7)
    choice, version = "x" * 40, 10**18
    assert isinstance(await channel.send(parcel(rows=((Button("Next", choice),),), version=version)), Sent)
    assert tg.chat(7).last().buttons[0].data == f"{version}|{choice}"


# --- long texts


async def test_a_long_text_becomes_several_messages_with_the_buttons_on_the_last(tg: FakeTelegram, channel):
    her = tg.person(7)
    receipt = await channel.send(parcel("Калима 🌷. " * 1200, rows=ROWS))
    shown = her.sees()
    assert receipt == Sent(tuple(str(seen.message_id) for seen in shown))
    assert [bool(seen.rows) for seen in shown] == [False] * (len(shown) - 1) + [True]
    assert len(tg.unprotected()) == 0


async def test_a_new_attempt_goes_on_where_the_last_one_ended(tg: FakeTelegram, channel):
    her = tg.person(7)
    first, rest = "a" * 4000, "b" * 4000
    tg.faults.plan(Fault(Fails.SLOW, "sendMessage", seconds=0))  # the first part passes
    tg.faults.plan(Fault(Fails.SERVER_ERROR, "sendMessage"))
    assert (await channel.send(parcel(f"{first}\n\n{rest}"))).trouble is Trouble.AGAIN
    assert len((await channel.send(parcel(f"{first}\n\n{rest}"))).message_ids) == 2
    assert her.hears() == [first, rest]


@pytest.mark.parametrize(
    ("text", "at_most", "parts"),
    [
        ("one\n\ntwo three", 12, ["one\n\ntwo", "three"]),
        ("aaaa bbb\n\ncc dd", 12, ["aaaa bbb", "cc dd"]),
        ("aaaa bbbb.\nccc ddd", 14, ["aaaa bbbb.", "ccc ddd"]),
        ("One is. Two is. Three", 18, ["One is. Two is.", "Three"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("🌷🌷🌷", 5, ["🌷🌷", "🌷"]),
        ("👩‍👧👩‍👧", 6, ["👩‍👧", "👩‍👧"]),
        ("", 5, [""]),
    ],
)
def test_a_text_is_cut_where_a_reader_would_pause(text: str, at_most: int, parts: list[str]):
    assert split(text, at_most) == parts


@given(st.text(alphabet=st.sampled_from("аҷ .\n🌷!x\u0301\u200d"), max_size=200), st.integers(2, 40))
def test_cutting_loses_nothing_but_space_and_every_part_fits(text: str, at_most: int):
    parts = split(text, at_most)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(units(part) <= at_most for part in parts)
    assert all(parts) or parts == [""]


# --- answers


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (Silence(is_written=False, kind="ConnectError"), SendFailure(Trouble.AGAIN, "ConnectError")),
        (Silence(is_written=True, kind="ReadTimeout"), SendFailure(Trouble.AMBIGUOUS, "ReadTimeout")),
        (Garbage(200), SendFailure(Trouble.AMBIGUOUS, "unreadable 200")),
        (Garbage(502), SendFailure(Trouble.AGAIN, "unreadable 502")),
        (Garbage(504), SendFailure(Trouble.AMBIGUOUS, "unreadable 504")),
        (Garbage(403), SendFailure(Trouble.AGAIN, "unreadable 403")),
        (Done([]), SendFailure(Trouble.AMBIGUOUS, "unknown result")),
        (Refusal(500, "Internal Server Error: restart"), SendFailure(Trouble.AGAIN, "500")),
        (Refusal(401, "Unauthorized"), SendFailure(Trouble.TOKEN, "401")),
        (Refusal(404, "Not Found"), SendFailure(Trouble.TOKEN, "404")),
        (Refusal(429, "Too Many Requests: retry after 7", 7.0), SendFailure(Trouble.RATE, "429", 7.0)),
        (Refusal(429, "Too Many Requests"), SendFailure(Trouble.RATE, "429", 1.0)),
        (Refusal(400, "Bad Request: chat not found"), SendFailure(Trouble.UNREACHABLE, "chat not found")),
        (Refusal(403, "Forbidden: user is deactivated"), SendFailure(Trouble.UNREACHABLE, "user is deactivated")),
        (Refusal(403, "Forbidden: something new"), SendFailure(Trouble.UNREACHABLE, "403")),
        (Refusal(400, "Bad Request: BUTTON_DATA_INVALID"), SendFailure(Trouble.REFUSED, "button_data_invalid")),
        (Refusal(400, "Bad Request: Zarina wrote this"), SendFailure(Trouble.REFUSED, "400")),
        (
            Refusal(400, "Bad Request: message to edit not found"),
            SendFailure(Trouble.GONE, "message to edit not found"),
        ),
        (
            Refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", moved_to="-1009"),
            SendFailure(Trouble.MOVED, "moved", moved_to="-1009"),
        ),
    ],
)
def test_every_answer_has_its_trouble(answer: Done | Refusal | Garbage | Silence, failure: SendFailure):
    assert failure_of(answer) == failure


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (200, b'{"ok":true,"result":true}', Done(True)),
        (200, b"<html>", Garbage(200, b"<html>")),
        (200, b'{"ok":true}', Garbage(200)),
        (200, b"[]", Garbage(200)),
        (200, b"[" * 100_000, Garbage(200, b"[" * 100_000)),
        (400, b'{"ok":false,"description":7}', Garbage(400)),
        (400, b'{"ok":false,"error_code":"x","description":"no","parameters":[]}', Refusal(400, "no")),
        (429, b'{"ok":false,"description":"no","parameters":{"retry_after":1e99}}', Refusal(429, "no", 86400.0)),
        (400, b'{"ok":false,"description":"no","parameters":{"migrate_to_chat_id":-5}}', Refusal(400, "no", 0.0, "-5")),
    ],
)
def test_an_answer_is_read_for_what_it_is(status: int, body: bytes, answer: object):
    assert read_answer(status, body) == answer


@given(st.binary(max_size=80), st.integers(100, 599))
def test_no_answer_whatever_raises(body: bytes, status: int):
    read_answer(status, body)


@pytest.mark.parametrize(
    ("fault", "trouble", "is_shown"),
    [
        (Fails.SERVER_ERROR, Trouble.AGAIN, False),
        (Fails.BAD_GATEWAY, Trouble.AGAIN, False),
        (Fails.LOST_BEFORE, Trouble.AMBIGUOUS, False),
        (Fails.LOST_AFTER, Trouble.AMBIGUOUS, True),
        (Fails.TOO_MANY, Trouble.RATE, False),
    ],
)
async def test_every_fault_of_the_way_is_a_value(tg: FakeTelegram, channel, fault, trouble, is_shown):
    her = tg.person(7)
    tg.faults.plan(Fault(fault, "sendMessage", seconds=4))
    receipt = await channel.send(parcel())
    assert (receipt.trouble, her.hears()) == (trouble, ["Invented"] if is_shown else [])
    assert isinstance(await channel.send(parcel()), Sent)


async def test_people_and_groups_that_are_gone_are_unreachable(tg: FakeTelegram, channel):
    blocker, gone, by = tg.person(7), tg.person(8), tg.person(9)
    blocker.blocks()
    gone.deactivates()
    tg.person(10, is_known=False)
    tg.group(GROUP).removes_bot(by)
    tg.group(GROUP - 1, bot_status="left")
    tg.group(GROUP - 2).dies()
    chats = (7, 8, 10, 11, GROUP, GROUP - 1, GROUP - 2)
    receipts = [await channel.send(parcel(to=Address(LINE, str(chat)))) for chat in chats]
    assert {receipt.trouble for receipt in receipts} == {Trouble.UNREACHABLE}
    assert [receipt.code for receipt in receipts] == [
        "bot was blocked by the user",
        "user is deactivated",
        "chat not found",
        "chat not found",
        "bot was kicked",
        "bot is not a member",
        "the group chat was deleted",
    ]


async def test_a_group_that_moved_says_where_to(tg: FakeTelegram, channel):
    tg.group(-500).upgrades(GROUP, by=tg.person(7))
    receipt = await channel.send(parcel(to=Address(LINE, "-500")))
    assert receipt == SendFailure(Trouble.MOVED, "moved", moved_to=str(GROUP))


async def test_a_server_that_cannot_be_reached_got_nothing():
    channel = TelegramChannel(TOKEN, "http://127.0.0.1:9", Noon())
    receipt = await channel.send(parcel())
    await channel.close()
    assert receipt == SendFailure(Trouble.AGAIN, "ConnectError")


async def test_a_server_that_does_not_answer_leaves_a_doubt(tg: FakeTelegram, channel):
    tg.person(7)
    gate = Gate()
    tg.faults.plan(Fault(Fails.HELD_AFTER, "sendMessage", gate=gate))
    answer = await channel._api.call("sendMessage", {"chat_id": 7, "text": "Invented"}, 0.05)
    gate.open()
    assert answer == Silence(is_written=True, kind="ReadTimeout")


async def test_after_closing_nothing_is_sent(tg: FakeTelegram, channel):
    tg.person(7)
    await channel.close()
    assert (await channel.send(parcel()), tg.requests) == (SendFailure(Trouble.AGAIN, "closed"), [])


async def test_a_wrong_token_stops_the_line(tg: FakeTelegram):
    channel = TelegramChannel("1000000001:ANOTHER-INVENTED-TOKEN-000000", tg.root, Noon())
    receipt = await channel.send(parcel())
    await channel.close()
    assert receipt == SendFailure(Trouble.TOKEN, "401")


# --- floods


@pytest.mark.parametrize(
    ("earlier", "chat", "seconds", "is_line_wide"),
    [
        ([], "7", 3, False),
        ([], "7", 3600, False),
        ([], "-500", 45, False),
        ([("7", 0.0)], "7", 3, False),
        ([("8", 0.5)], "7", 3, True),
        ([("8", 0.5)], "-500", 3, True),
        ([("8", 1.5)], "7", 3, False),
    ],
)
def test_a_flood_is_of_one_chat_until_facts_say_otherwise(earlier, chat, seconds, is_line_wide):
    floods, now = Floods(), datetime(2026, 11, 2, tzinfo=UTC)
    for other, ago in earlier:
        floods.is_line_wide(other, 1, now - timedelta(seconds=ago))
    assert floods.is_line_wide(chat, seconds, now) is is_line_wide


def test_a_long_wait_of_one_mother_silences_no_alarm_and_one_of_two_is_everybodys():
    floods, now = Floods(), datetime(2026, 11, 2, tzinfo=UTC)
    assert [floods.is_line_wide("7", 3600, now + timedelta(minutes=m)) for m in (0, 5)] == [False, False]
    assert floods.is_line_wide("8", 3600, now + timedelta(minutes=20))
    assert not Floods().is_line_wide("8", 3600, now + timedelta(hours=3))


async def test_two_chats_told_to_wait_at_once_hold_the_line(tg: FakeTelegram, channel):
    for number in (7, 8):
        tg.person(number)
        tg.faults.plan(Fault(Fails.TOO_MANY, "sendMessage", chat=number, seconds=4))
    receipts = [await channel.send(parcel(to=replace(HER, id=number))) for number in ("7", "8")]
    assert receipts == [
        SendFailure(Trouble.RATE, "429", 4.0, is_line_wide=False),
        SendFailure(Trouble.RATE, "429", 4.0, is_line_wide=True),
    ]


# --- setting up


@pytest.mark.parametrize("token", ["", "abc", "123", "123:short", "123:" + "ж" * 30, "x:" + "a" * 35, f"{TOKEN}\n"])
def test_a_token_of_the_wrong_shape_is_refused_in_one_line_without_it(token: str):
    with pytest.raises(ConfigurationError) as caught:
        TelegramChannel(token, "https://api.telegram.org", Noon())
    assert "\n" not in str(caught.value)
    assert len(token) < 5 or token.strip() not in str(caught.value)


@pytest.mark.parametrize("root", ["", "api.telegram.org", "ftp://x", "http://", "http://x:99999"])
def test_a_root_that_is_no_address_is_refused(root: str):
    with pytest.raises(ConfigurationError, match="HAMROH_TELEGRAM_API_URL"):
        TelegramChannel(TOKEN, root, Noon())


async def test_checking_gives_the_name_and_sets_the_menu(tg: FakeTelegram, channel):
    assert await channel.check() == "invented_test_bot"
    names = ["menu", "help", "stop", "hide", "language"]
    assert {code: [one["command"] for one in menu] for code, menu in tg.profile.commands.items()} == {
        "": names,
        "tg": names,
        "ru": names,
    }
    assert tg.profile.commands["tg"] == tg.profile.commands[""] != tg.profile.commands["ru"]


async def test_a_refused_token_is_told_in_one_line_without_it(tg: FakeTelegram):
    token = "1000000001:ANOTHER-INVENTED-TOKEN-000000"
    channel = TelegramChannel(token, tg.root, Noon())
    with pytest.raises(ConfigurationError, match="HAMROH_TELEGRAM_TOKEN is refused by Telegram; ") as caught:
        await channel.check()
    await channel.close()
    assert token not in str(caught.value)


async def test_an_unreachable_telegram_is_no_reason_not_to_start():
    channel = TelegramChannel(TOKEN, "http://127.0.0.1:9", Noon())
    assert await channel.check() == ""
    await channel.close()


async def test_the_token_is_in_no_log_line(tg: FakeTelegram, channel, caplog, capsys):
    caplog.set_level("DEBUG")
    tg.person(7)
    tg.faults.plan(Fault(Fails.LOST_AFTER, "sendMessage"))
    await channel.check()
    await channel.send(parcel("Зарина"))
    await channel.send(parcel("Зарина"))
    await TelegramChannel(TOKEN, "http://127.0.0.1:9", Noon()).check()
    said = caplog.text + "".join(capsys.readouterr()) + repr(channel) + str(vars(channel))
    assert (TOKEN.partition(":")[2] in said, "Зарина" in said) == (False, False)
