"""What people do, as updates in exactly Telegram's shape."""

import pytest
from telegram import Bot, Update

from tests.fakes.bot_api.schema import find_schema
from tests.fakes.conftest import Raw
from tests.fakes.telegram import KINDS, FakeTelegram

GROUP = -1_000_000_000_500
ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member", "chat_member"]


def busy_day(tg: FakeTelegram) -> None:
    """Everything a person or a group can do, once."""
    person = tg.person(1, "Invented", "tg")
    for kind in KINDS:
        person.sends(kind, caption="Invented caption" if kind in {"photo", "voice"} else None)
    person.sends_album(2, caption="Invented album")
    for origin in ("user", "hidden_user", "channel"):
        person.forwards("Invented news", origin_kind=origin)
    first = person.starts("code")
    person.edits(first, "/help")
    person.says("Invented answer", reply_to=first)
    person.blocks()
    person.unblocks()
    small, large = tg.group(-500), tg.group(GROUP)
    small.joins(person)
    small.leaves(person)
    large.says("Invented", by=person)
    large.appoints(person)
    large.demotes_bot(person)
    large.adds_bot(person, is_administrator=True)
    large.removes_bot(person)
    small.upgrades(-1_000_000_000_600, by=person)
    tg.posts_in_channel("Invented post")


@pytest.mark.skipif(find_schema() is None, reason="the published description is not here")
async def test_every_update_fits_the_published_description(tg: FakeTelegram, call: Raw) -> None:
    await call("getUpdates", allowed_updates=[*ALLOWED, "channel_post"])
    busy_day(tg)
    other = tg.person(2)
    markup = {"inline_keyboard": [[{"text": "Next", "callback_data": "x"}]]}
    await call("sendMessage", chat_id=2, text="x", reply_markup=markup)
    other.presses(pressed := other.last(), "Next")
    await call("deleteMessage", chat_id=2, message_id=pressed.message_id)
    other.presses(pressed, "Next", is_stale=True)
    updates = (await call("getUpdates", offset=1))[1]["result"]
    wrong = [line for update in updates for line in find_schema().wrong_object("Update", update)]
    assert (len(updates) > 30, wrong) == (True, [])


@pytest.mark.skipif(find_schema() is None, reason="the published description is not here")
async def test_every_answer_fits_the_published_description(tg: FakeTelegram, call: Raw) -> None:
    person, schema = tg.person(1), find_schema()
    group = tg.group(GROUP)
    group.appoints(person, "creator")
    person.sends("voice", content=b"x")
    file_id = (await call("getUpdates"))[1]["result"][0]["message"]["voice"]["file_id"]
    calls = [
        ("getMe", {}),
        ("getUpdates", {}),
        ("getWebhookInfo", {}),
        ("getFile", {"file_id": file_id}),
        ("sendMessage", {"chat_id": 1, "text": "x", "reply_parameters": {"message_id": 101}}),
        ("editMessageText", {"chat_id": 1, "message_id": 102, "text": "y"}),
        ("sendVoice", {"chat_id": 1, "voice": file_id}),
        ("getChatMember", {"chat_id": GROUP, "user_id": 1}),
        ("getChatAdministrators", {"chat_id": GROUP, "return_bots": True}),
        ("setWebhook", {"url": "http://127.0.0.1:1/telegram", "allowed_updates": ["message"]}),
        ("getWebhookInfo", {}),
    ]
    for method, params in calls:
        status, answer = await call(method, **params)
        assert (method, status) == (method, 200)
        assert schema.wrong_result(method, answer["result"]) == []


async def test_a_stranger_reads_every_update(tg: FakeTelegram, bot: Bot) -> None:
    await bot.get_updates(allowed_updates=[*ALLOWED, "channel_post"])
    busy_day(tg)
    updates = await bot.get_updates()
    assert all(update.effective_chat is not None for update in updates)
    assert [update.update_id for update in updates] == list(range(updates[0].update_id, updates[-1].update_id + 1))


async def test_a_start_command_is_marked_as_one(tg: FakeTelegram, bot: Bot) -> None:
    tg.person(1, "Invented", "tg").starts("code")
    (update,) = await bot.get_updates()
    assert update.message.text == "/start code"
    assert update.message.parse_entities() == {update.message.entities[0]: "/start"}
    assert (update.message.from_user.language_code, update.message.chat.type) == ("tg", "private")


async def test_blocking_and_coming_back_are_told(tg: FakeTelegram, bot: Bot) -> None:
    person = tg.person(1)
    person.blocks()
    person.says("I am back")
    seen = [(u.my_chat_member.new_chat_member.status if u.my_chat_member else "text") for u in await bot.get_updates()]
    assert seen == ["kicked", "member", "text"]


async def test_members_of_a_group_are_told_only_on_request_and_to_an_administrator(tg: FakeTelegram, bot: Bot) -> None:
    group, alice = tg.group(GROUP), tg.person(1)
    group.joins(alice)
    assert [kind(update) for update in await bot.get_updates(allowed_updates=ALLOWED)] == ["message"]
    await bot.get_updates(offset=tg.feed.next_id)
    group.leaves(alice)
    group.demotes_bot(alice)
    group.joins(alice)
    told = [kind(update) for update in await bot.get_updates()]
    assert told == ["message", "chat_member", "my_chat_member", "message"]


async def test_a_plain_member_hears_commands_and_replies_only(tg: FakeTelegram, bot: Bot) -> None:
    alice, group = tg.person(1), tg.group(GROUP, bot_status="member")
    ours = await bot.send_message(GROUP, "Salom")
    group.says("Unheard", by=alice)
    group.says("/bind code", by=alice)
    group.says("To you", by=alice, reply_to=ours.message_id)
    assert [update.message.text for update in await bot.get_updates()] == ["/bind code", "To you"]


async def test_private_chats_share_their_message_ids_and_supergroups_do_not(tg: FakeTelegram) -> None:
    alice, berta, group = tg.person(1), tg.person(2), tg.group(GROUP)
    assert [alice.says("A"), berta.says("B"), alice.says("C")] == [101, 102, 103]
    assert [group.says("D", by=alice), group.says("E", by=alice)] == [1, 2]


async def test_poison_of_any_kind_can_be_made(tg: FakeTelegram, call: Raw) -> None:
    tg.emits("kind_of_the_future", {"strange": [1, None]}, owner=1)
    (update,) = (await call("getUpdates"))[1]["result"]
    assert update["kind_of_the_future"] == {"strange": [1, None]}


def kind(update: Update) -> str:
    """Which field of the update is set."""
    return next(name for name in update.to_dict() if name != "update_id")
