"""Telegram's JSON in, Inbound out: the whitelist of S18, and nothing that cannot be read is lost."""

import copy
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.updates import ALLOWED, Reader
from bot.channels.watch import Watch
from bot.channels.wire import parse
from bot.core.addresses import Address, Line
from bot.core.messages import Inbound, Kind, Sort
from tests.channels.conftest import NOON, Noon
from tests.fakes.telegram import KINDS, FakeTelegram

LINE = Line("telegram", "1000000001")
BOT = {"id": 1_000_000_001, "is_bot": True, "first_name": "Invented Bot", "username": "invented_test_bot"}
AT = datetime(2026, 11, 2, 6, 59, tzinfo=UTC)
DATE = int(AT.timestamp())
GROUP_ID = -1_000_000_000_500

PLANTED = (
    "Нигинаи",
    "Сохта",
    "nigina_sokhta",
    "+000000000000",
    "38.123456",
    "Гурӯҳи сохта",
    "Шахси дигар",
    "Канали сохта",
    "Кӯчаи сохта",
    "sokhta.pdf",
    "ABCDEVCARD",
    "9000002",
    "Суруди сохта",
)
HER = {
    "id": 7,
    "is_bot": False,
    "first_name": "Нигинаи",
    "last_name": "Сохта",
    "username": "nigina_sokhta",
    "language_code": "tg",
}
CHAT = {"id": 7, "type": "private", "first_name": "Нигинаи", "last_name": "Сохта", "username": "nigina_sokhta"}
GROUP = {"id": GROUP_ID, "type": "supergroup", "title": "Гурӯҳи сохта"}
CHANNEL = {"id": -1_009_000_000_001, "type": "channel", "title": "Канали сохта"}
OTHER = {"id": 9_000_002, "is_bot": False, "first_name": "Шахси дигар"}
TEXT = {"message_id": 5, "date": DATE, "chat": CHAT, "from": HER, "text": "Салом"}
SAID = {"message_id": 5, "date": DATE, "chat": GROUP, "from": HER, "text": "Салом"}
FILE = {"file_id": "file-1", "file_unique_id": "u"}
SIZES = [
    FILE | {"file_id": name, "width": w, "height": h}
    for name, w, h in (("s", 90, 67), ("x", 1280, 960), ("y", 2560, 1920))
]
ORIGINS = (
    {"type": "user", "date": 1, "sender_user": OTHER},
    {"type": "hidden_user", "date": 1, "sender_user_name": "Шахси дигар"},
    {"type": "channel", "date": 1, "chat": CHANNEL, "message_id": 7},
)


def without(body: dict, *names: str) -> dict:
    return {name: value for name, value in body.items() if name not in names}


BARE = without(TEXT, "text")


def read(kind: str, body: object) -> list[Inbound]:
    return Reader(LINE, Watch(Noon())).read({"update_id": 11, kind: body})


def address(number: int) -> Address:
    return Address(str(LINE), str(number))


def hers(**more: object) -> Inbound:
    said = {"kind": Kind.TEXT, "text": "", "message_id": "5"} | more
    return Inbound(
        "11", more.pop("sort", Sort.MESSAGE), address(7), address(7), said.pop("at", AT), **without(said, "sort")
    )


def in_group(sort: Sort, sender: int, **more: object) -> Inbound:
    return Inbound("11", sort, address(GROUP_ID), address(sender), AT, is_group=True, **more)


# --- messages


MESSAGES = [
    (TEXT, hers(text="Салом")),
    (TEXT | {"entities": [{"type": "text_mention", "offset": 0, "length": 5, "user": OTHER}]}, hers(text="Салом")),
    (TEXT | {"text": "a\0b\ud83dc"}, hers(text="ab�c")),
    (TEXT | {"text": "\ud83c\udf37"}, hers(text="🌷")),
    (
        TEXT | {"reply_to_message": SAID | {"message_id": 4, "from": BOT, "text": "Гузашта"}},
        hers(text="Салом", reply_to="4"),
    ),
    (TEXT | {"external_reply": {"origin": ORIGINS[0]}, "quote": {"text": "Шахси дигар"}}, hers(text="Салом")),
    (BARE | {"voice": FILE}, hers(kind=Kind.VOICE, file="file-1")),
    (
        BARE | {"voice": FILE | {"duration": 42, "file_size": 80_000, "mime_type": "audio/ogg"}},
        hers(kind=Kind.VOICE, file="file-1", seconds=42, size=80_000, format="audio/ogg"),
    ),
    (BARE | {"voice": FILE, "caption": "Шунавед"}, hers(kind=Kind.VOICE, file="file-1", text="Шунавед")),
    (BARE | {"photo": SIZES}, hers(kind=Kind.PHOTO, file="x")),
    (BARE | {"photo": SIZES[2:]}, hers(kind=Kind.PHOTO, file="y")),
    (BARE | {"photo": []}, hers(kind=Kind.PHOTO)),
    (
        BARE | {"photo": SIZES, "live_photo": FILE | {"photo": SIZES}, "media_group_id": "g"},
        hers(kind=Kind.PHOTO, file="x", album="g"),
    ),
    (BARE | {"photo": SIZES, "via_bot": BOT}, hers(kind=Kind.PHOTO)),
    (BARE | {"video": FILE | {"file_name": "sokhta.pdf"}}, hers(kind=Kind.VIDEO, file="file-1")),
    (BARE | {"video_note": FILE}, hers(kind=Kind.VIDEO, file="note:file-1")),
    (BARE | {"audio": FILE | {"title": "Суруди сохта"}}, hers(kind=Kind.DOCUMENT)),
    (BARE | {"document": FILE | {"file_name": "sokhta.pdf"}, "caption": "Ана"}, hers(kind=Kind.DOCUMENT, text="Ана")),
    (BARE | {"animation": FILE, "document": FILE}, hers(kind=Kind.OTHER)),
    (BARE | {"sticker": FILE | {"emoji": "🙂"}}, hers(kind=Kind.STICKER)),
    (
        BARE
        | {
            "contact": {
                "phone_number": "+000000000000",
                "first_name": "Шахси дигар",
                "user_id": 9_000_002,
                "vcard": "ABCDEVCARD",
            }
        },
        hers(kind=Kind.CONTACT),
    ),
    (BARE | {"location": {"latitude": 38.123456, "longitude": 1.5}}, hers(kind=Kind.LOCATION)),
    (
        BARE | {"venue": {"title": "Кӯчаи сохта", "address": "Кӯчаи сохта"}, "location": {"latitude": 38.123456}},
        hers(kind=Kind.LOCATION),
    ),
    (BARE | {"dice": {"emoji": "🎲", "value": 4}}, hers(kind=Kind.OTHER)),
    (BARE | {"story": {"chat": CHANNEL, "id": 4}}, hers(kind=Kind.OTHER)),
    (BARE | {"kind_of_the_future": {"name": "Нигинаи"}}, hers(kind=Kind.OTHER)),
    (
        BARE | {"poll": {"question": "Чӣ?", "options": [{"text": "Ҳа", "added_by_user": OTHER}]}},
        hers(kind=Kind.OTHER, text="Чӣ?\nҲа"),
    ),
    (
        BARE | {"checklist": {"title": "Корҳо", "tasks": [{"id": 1, "completed_by_user": OTHER}]}},
        hers(kind=Kind.OTHER, text="Корҳо"),
    ),
    (
        BARE | {"rich_message": {"blocks": [{"type": "paragraph", "text": ["Ҳа ", {"type": "bold", "text": "не"}]}]}},
        hers(text="Ҳа не"),
    ),
    *[(TEXT | {"forward_origin": origin}, hers(text="Салом", is_forwarded=True)) for origin in ORIGINS],
    (BARE | {"voice": FILE, "forward_origin": ORIGINS[0]}, hers(kind=Kind.VOICE, is_forwarded=True)),
    (BARE | {"photo": SIZES, "forward_from": OTHER, "forward_date": 1}, hers(kind=Kind.PHOTO, is_forwarded=True)),
    (SAID, in_group(Sort.MESSAGE, 7, text="Салом", message_id="5")),
    (
        SAID | {"message_thread_id": 3, "is_topic_message": True},
        in_group(Sort.MESSAGE, 7, text="Салом", message_id="5"),
    ),
    (
        SAID
        | {"from": OTHER | {"id": 1_087_968_824, "is_bot": True}, "sender_chat": GROUP, "author_signature": "Нигинаи"},
        in_group(Sort.MESSAGE, GROUP_ID, text="Салом", message_id="5"),
    ),
]


@pytest.mark.parametrize(("body", "inbound"), MESSAGES)
def test_s18_of_a_message_only_the_whitelist_comes_in(body: dict, inbound: Inbound):
    assert read("message", body) == [inbound]


@pytest.mark.parametrize(
    "body",
    [
        TEXT | {"from": BOT},
        SAID | {"from": BOT},
        TEXT | {"chat": CHANNEL},
        SAID | {"sender_chat": CHANNEL},
        SAID | {"sender_chat": CHANNEL, "is_automatic_forward": True},
        BARE | {"pinned_message": TEXT},
        BARE | {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}},
        without(SAID, "text") | {"group_chat_created": True},
        without(SAID, "text") | {"new_chat_title": "Гурӯҳи сохта"},
        without(SAID, "text") | {"migrate_from_chat_id": -500},
        without(SAID, "text") | {"new_chat_members": [BOT]},
        without(SAID, "text") | {"left_chat_member": BOT},
    ],
)
def test_what_nobody_said_to_us_is_nothing(body: dict):
    assert read("message", body) == []


@pytest.mark.parametrize(
    ("body", "inbounds"),
    [
        (
            TEXT | {"edit_date": DATE + 30, "text": "Хуб"},
            [hers(sort=Sort.EDIT, text="Хуб", at=datetime(2026, 11, 2, 6, 59, 30, tzinfo=UTC))],
        ),
        (TEXT, [hers(sort=Sort.EDIT, text="Салом")]),
        (BARE | {"photo": SIZES, "caption": "Ана"}, [hers(sort=Sort.EDIT, kind=Kind.PHOTO, text="Ана", file="x")]),
        (BARE | {"location": {"latitude": 38.123456, "longitude": 1.5}, "edit_date": DATE}, []),
        (BARE | {"poll": {"question": "Чӣ?"}}, []),
    ],
)
def test_an_edit_is_what_she_changed_in_words(body: dict, inbounds: list[Inbound]):
    assert read("edited_message", body) == inbounds


# --- presses


def press(data: str | None, chat: dict = CHAT, **more: object) -> dict:
    shown = {"message_id": 5, "date": DATE, "chat": chat, "from": BOT, "text": "Нигинаи"} | more
    body = {"id": "77", "from": HER, "message": shown, "chat_instance": "1"}
    return body | ({"data": data} if data is not None else {})


@pytest.mark.parametrize(
    ("data", "choice", "version"),
    [
        ("3|next", "next", 3),
        ("|help", "help", None),
        (f"{10**18 - 1}|{'x' * 40}", "x" * 40, 10**18 - 1),
        ("next", "", None),
        ("3|", "", None),
        ("-3|next", "", None),
        ("٣|next", "", None),
        ("3|а", "", None),
        (f"{10**18}|next", "", None),
        (None, "", None),
    ],
)
def test_a_press_is_read_back_and_a_strange_one_is_stale(data: str | None, choice: str, version: int | None):
    (found,) = read("callback_query", press(data))
    assert found == Inbound(
        "11", Sort.PRESS, address(7), address(7), NOON, message_id="5", choice=choice, version=version, press_id="77"
    )


def test_a_press_in_a_group_names_who_pressed():
    (found,) = read("callback_query", press("|take", GROUP))
    assert (found.chat, found.sender, found.is_group) == (address(GROUP_ID), address(7), True)


def test_a_press_on_a_message_that_is_no_longer_kept_still_counts():
    body = press("3|next") | {"message": {"chat": CHAT, "message_id": 5, "date": 0}}
    assert [(one.choice, one.message_id) for one in read("callback_query", body)] == [("next", "5")]


def test_a_press_without_a_message_is_an_item_for_people():
    (found,) = read("callback_query", without(press("3|next"), "message"))
    assert (found.sort, found.chat) == (Sort.UNREADABLE, address(7))


# --- places


def change(old: str, new: str, user: dict = OTHER, chat: dict = GROUP, **more: object) -> dict:
    sides = {"old_chat_member": {"user": user, "status": old}, "new_chat_member": {"user": user, "status": new} | more}
    return {"chat": chat, "from": HER, "date": DATE} | sides


@pytest.mark.parametrize(("old", "new", "text"), [("member", "kicked", "no"), ("kicked", "member", "yes")])
def test_blocking_and_unblocking_change_her_reach(old: str, new: str, text: str):
    found = read("my_chat_member", change(old, new, BOT, CHAT))
    assert found == [Inbound("11", Sort.REACH, address(7), address(7), AT, text=text)]


@pytest.mark.parametrize(
    ("new", "more", "text"),
    [
        ("administrator", {}, "administrator"),
        ("member", {}, "member"),
        ("restricted", {"is_member": True}, "member"),
        ("restricted", {"is_member": False}, "left"),
        ("left", {}, "left"),
        ("kicked", {}, "left"),
    ],
)
def test_what_we_are_in_a_group_comes_with_who_made_us_so(new: str, more: dict, text: str):
    assert read("my_chat_member", change("left", new, BOT, **more)) == [in_group(Sort.BOT_IN_GROUP, 7, text=text)]


def test_channels_concern_nobody():
    assert read("my_chat_member", change("left", "administrator", BOT, CHANNEL)) == []
    assert read("chat_member", change("left", "member", OTHER, CHANNEL)) == []


@pytest.mark.parametrize(
    ("old", "new", "more", "texts"),
    [
        ("left", "member", {}, ["joined"]),
        ("left", "restricted", {"is_member": True}, ["joined"]),
        ("member", "left", {}, ["left"]),
        ("administrator", "kicked", {}, ["left"]),
        ("member", "administrator", {}, []),
        ("left", "kicked", {}, []),
    ],
)
def test_who_comes_and_goes_is_the_sender(old: str, new: str, more: dict, texts: list[str]):
    found = read("chat_member", change(old, new, OTHER, **more))
    assert found == [in_group(Sort.MEMBER, 9_000_002, text=text) for text in texts]


def test_another_bot_that_comes_is_told_for_it_reads_along():
    assert len(read("chat_member", change("left", "member", OTHER | {"is_bot": True}))) == 1


def service(**fields: object) -> dict:
    return {"update_id": 11, "message": without(SAID, "text") | fields}


def test_service_messages_tell_who_came_and_went_where_nothing_else_does():
    reader = Reader(LINE, Watch(Noon()))
    came = reader.read(service(new_chat_members=[OTHER, HER, BOT]))
    assert [(one.external_id, one.sender, one.text) for one in came] == [
        ("11", address(9_000_002), "joined"),
        ("11.1", address(7), "joined"),
    ]
    assert [(one.sender, one.text) for one in reader.read(service(left_chat_member=HER))] == [(address(7), "left")]


def test_service_messages_are_silent_where_changes_of_members_are_told():
    reader = Reader(LINE, Watch(Noon()))
    reader.read({"update_id": 10, "chat_member": change("left", "member")})
    assert reader.read(service(new_chat_members=[OTHER])) == []
    reader.read({"update_id": 12, "my_chat_member": change("administrator", "member", BOT)})
    assert len(reader.read(service(new_chat_members=[OTHER]))) == 1


def test_a_group_that_moves_names_its_new_address():
    assert read("message", without(SAID, "text") | {"migrate_to_chat_id": -1_009}) == [
        in_group(Sort.MIGRATED, GROUP_ID, text="-1009")
    ]


# --- what cannot be read


@pytest.mark.parametrize(
    ("update", "text"),
    [
        ({"message": TEXT | {"date": "today"}}, "Салом"),
        ({"message": TEXT | {"date": 10**30}}, "Салом"),
        ({"message": TEXT | {"chat": CHAT | {"type": "of the future"}}}, "Салом"),
        ({"message": without(TEXT, "from")}, "Салом"),
        ({"message": TEXT | {"text": ["Салом"]}}, ""),
        ({"message": TEXT | {"reply_to_message": 7}}, "Салом"),
        ({"message": BARE | {"caption": "Салом", "voice": 7}}, "Салом"),
        ({"kind_of_the_future": TEXT}, "Салом"),
        ({"kind_of_the_future": {"from": HER}}, ""),
        ({"callback_query": press("3|next") | {"id": 5}}, ""),
    ],
)
def test_s7_what_cannot_be_read_keeps_its_chat_and_its_words(update: dict, text: str):
    (found,) = Reader(LINE, Watch(Noon())).read({"update_id": 11} | update)
    assert found == Inbound("11", Sort.UNREADABLE, address(7), address(7), NOON, kind=Kind.OTHER, text=text)


@pytest.mark.parametrize(
    "update",
    [None, [], "x", {}, {"update_id": "11"}, {"update_id": True}, {"update_id": 11}, {"update_id": 11, "message": []}],
)
def test_what_names_nobody_is_counted(update: object):
    reader = Reader(LINE, Watch(Noon()))
    assert (reader.read(update), reader.unread) == ([], 1)


@pytest.mark.parametrize(
    ("body", "chats"),
    [
        (b'{"update_id":11,"message":{"chat":{"id":7},"x":' + b"[" * 100_000, ["7"]),
        (b'{"update_id": 11, "message": {"message_id": 1, "chat": {"type": "group", "id": -5}, oops', ["-5"]),
        (b'{"update_id":11,"message":{"text":"\\"chat\\":{\\"id\\":8}", oops', []),
        (b"\xff\xfe", []),
        (b"", []),
    ],
)
def test_what_is_not_json_keeps_its_chat(body: bytes, chats: list[str]):
    with pytest.raises(ValueError):  # noqa: PT011 - any way of not being JSON
        parse(body)
    assert [one.chat.id for one in Reader(LINE, Watch(Noon())).salvage(body)] == chats


def test_stray_bytes_and_half_letters_do_not_spoil_an_update():
    raw = b'{"update_id":11,"message":{"message_id":5,"date":%d,"chat":{"id":7,"type":"private"},' % DATE
    raw += b'"from":{"id":7,"is_bot":false},"text":"a\xff\\ud83db\\u0000"}}'
    assert Reader(LINE, Watch(Noon())).read(parse(raw)) == [hers(text="a��b")]


# --- laws


SAMPLES = [
    *({"update_id": 11, "message": body} for body, _ in MESSAGES),
    {"update_id": 11, "edited_message": TEXT},
    {"update_id": 11, "callback_query": press("3|next")},
    {"update_id": 11, "my_chat_member": change("left", "administrator", BOT)},
    {"update_id": 11, "chat_member": change("left", "member", HER)},
    service(new_chat_members=[HER]),
    service(left_chat_member=HER),
]
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=9)
    | st.just("\ud800\0"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "type", "text"]), inner, max_size=3)
    ),
    max_leaves=4,
)


def places(value: object, path: tuple = ()) -> list[tuple]:
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(deeper for name, inner in steps for deeper in places(inner, (*path, name)))]


@st.composite
def spoilt(draw: st.DrawFn) -> object:
    """An update with something changed, taken out or put in, anywhere but its id."""
    update = copy.deepcopy(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from([place for place in places(update) if place and place != ("update_id",)] or [()]))
        if not path:
            break
        holder = update
        for step in path[:-1]:
            holder = holder[step]
        if draw(st.booleans()):
            holder[path[-1]] = draw(JUNK)
        elif isinstance(holder, dict):
            del holder[path[-1]]
    return update


def is_lawful(one: Inbound) -> bool:
    ids = (
        one.external_id,
        one.message_id,
        one.reply_to,
        one.chat.id,
        one.sender.id,
        one.file,
        one.choice,
        one.press_id,
    )
    return (
        all(isinstance(value, str) for value in (*ids, one.text))
        and one.at.tzinfo is UTC
        and "\0" not in one.text
        and one.text.encode() is not None
        and one.chat.line == one.sender.line == str(LINE)
        and not (one.is_forwarded and one.file)
    )


@given(spoilt())
def test_s18_no_update_however_spoilt_raises_or_brings_more_than_the_whitelist(update: object):
    found = Reader(LINE, Watch(Noon())).read(update)
    assert all(is_lawful(one) for one in found)
    shown = repr([without({name: getattr(one, name) for name in one.__slots__}, "sender") for one in found])
    assert [planted for planted in PLANTED if planted in shown] == []


@given(st.binary(max_size=200))
def test_no_body_whatever_raises(body: bytes):
    reader = Reader(LINE, Watch(Noon()))
    reader.salvage(body)
    try:
        reader.read(parse(body))
    except ValueError:
        assert reader.unread <= 1


async def test_all_that_people_do_in_a_fake_telegram_comes_in(tg: FakeTelegram, channel):
    await channel._api.call("getUpdates", {"allowed_updates": list(ALLOWED)})
    her, group = tg.person(7), tg.group(GROUP_ID)
    for kind in KINDS:
        her.sends(kind)
    her.sends_album(2, caption="Ана")
    her.forwards("Хабар", origin_kind="channel")
    her.edits(her.starts("code"), "/help")
    her.blocks()
    her.unblocks()
    group.joins(her)
    group.says("Салом", by=her)
    group.demotes_bot(her)
    tg.group(-500).upgrades(GROUP_ID - 1, by=her)
    tg.posts_in_channel("Хабар")
    reader = Reader(LINE, Watch(Noon()))
    answer = await channel._api.call("getUpdates", {"offset": 1})
    found = [one for update in answer.result for one in reader.read(update)]
    assert [one.kind for one in found[: len(KINDS)]] == [
        Kind.VOICE,
        Kind.PHOTO,
        Kind.VIDEO,
        Kind.DOCUMENT,
        Kind.DOCUMENT,
        Kind.STICKER,
        Kind.VIDEO,
        Kind.OTHER,
        Kind.CONTACT,
        Kind.LOCATION,
        Kind.OTHER,
        Kind.OTHER,
    ]
    untold = {Sort.PRESS, Sort.UNREADABLE, Sort.WITHDRAWN}  # Telegram says nothing of what is taken back
    assert {one.sort for one in found} == set(Sort) - untold
    assert len({one.external_id for one in found}) == len(found)
