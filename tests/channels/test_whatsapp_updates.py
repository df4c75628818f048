"""What comes in from WhatsApp: its JSON in, our dataclass out, and nothing else of it."""

import base64
import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels.watch import Watch
from bot.channels.whatsapp.ids import mark
from bot.channels.whatsapp.updates import Read, Reader
from bot.channels.wire import parse
from bot.core.addresses import Address, Line
from bot.core.messages import Inbound, Kind, SendFailure, Sort, Stage, Trouble, Word
from tests.channels.conftest import Noon

Json = dict[str, Any]

LINE = Line("whatsapp", "100000000000001")
HER_ID, HER_NUMBER = "TJ.0000000000000007", "000111000222"
HER = Address(str(LINE), HER_ID)
AT = 1_762_000_000
SECRETS = ("Invented Name", "invented_name", "Invented Place", "Invented Card", "31.5", "invented.pdf")


def reader() -> Reader:
    return Reader(LINE, Watch(Noon()))


def value(*messages: Json, **more: object) -> Json:
    contact = {
        "profile": {"name": "Invented Name", "username": "invented_name"},
        "wa_id": HER_NUMBER,
        "user_id": HER_ID,
    }
    metadata = {"display_phone_number": "000", "phone_number_id": LINE.name}
    return {
        "messaging_product": "whatsapp",
        "metadata": metadata,
        "contacts": [contact],
        "messages": [*messages],
    } | more


def payload(*values: Json) -> Json:
    changes = [{"field": "messages", "value": one} for one in values]
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}


def message(kind: str, body: object = None, **more: object) -> Json:
    head = {"id": "wamid.A", "from": HER_NUMBER, "timestamp": str(AT), "type": kind}
    return head | ({kind: body} if body is not None else {}) | more


def chosen(kind: str, choice: str) -> Json:
    return message("interactive", {"type": kind, kind: {"id": choice, "title": "x", "description": "y"}})


def read(*messages: Json) -> list[Inbound]:
    return reader().read(payload(value(*messages))).inbounds


def status(stage: str, **more: object) -> Json:
    return {"id": "wamid.B", "status": stage, "timestamp": str(AT), "biz_opaque_callback_data": "01ROW"} | more


PLAIN = {"message_id": mark("wamid.A")}


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (message("text", {"body": "салом"}), {"text": "салом"}),
        (message("text", {"body": "ha\0h\ud83d"}), {"text": "hah�"}),
        (message("text", {"body": "x"}, context={"id": "wamid.Z"}), {"text": "x", "reply_to": mark("wamid.Z")}),
        (message("text", {"body": "x"}, context={"forwarded": True}), {"text": "x", "is_forwarded": True}),
        (message("text", {"body": "x"}, context={"frequently_forwarded": True}), {"text": "x", "is_forwarded": True}),
        (message("text", {"body": "x"}, context=None), {"text": "x"}),
        (message("text", {"body": "x"}, context={"id": None, "from": None}), {"text": "x"}),
        (message("image", {"id": "78", "caption": None}), {"kind": Kind.PHOTO, "file": f"{LINE}/78"}),
        (
            message("audio", {"id": "77", "voice": True, "mime_type": "audio/ogg"}),
            {"kind": Kind.VOICE, "file": f"{LINE}/77"},
        ),
        (message("audio", {"id": "77", "voice": False}), {"kind": Kind.DOCUMENT}),
        (message("audio", {"id": "77"}), {"kind": Kind.DOCUMENT}),
        (
            message("audio", {"id": "77", "voice": True}, context={"forwarded": True}),
            {"kind": Kind.VOICE, "is_forwarded": True},
        ),
        (
            message("image", {"id": "78", "caption": "ин чист"}),
            {"kind": Kind.PHOTO, "text": "ин чист", "file": f"{LINE}/78"},
        ),
        (
            message("image", {"id": "78"}, context={"frequently_forwarded": True}),
            {"kind": Kind.PHOTO, "is_forwarded": True},
        ),
        (
            message("video", {"id": "79", "caption": "нигар"}),
            {"kind": Kind.VIDEO, "text": "нигар", "file": f"{LINE}/79"},
        ),
        (message("document", {"id": "80", "filename": "invented.pdf"}), {"kind": Kind.DOCUMENT}),
        (message("sticker", {"id": "81", "animated": True}), {"kind": Kind.STICKER}),
        (
            message("location", {"latitude": 31.5, "longitude": 0, "name": "Invented Place"}),
            {"kind": Kind.LOCATION},
        ),
        (message("contacts", [{"name": {"formatted_name": "Invented Card"}}]), {"kind": Kind.CONTACT}),
        (message("order", {"text": "маро мезанад"}), {"kind": Kind.OTHER, "text": "маро мезанад"}),
        (message("unsupported", errors=[{"code": 131051}]), {"kind": Kind.OTHER}),
        (message("interactive", errors=[{"code": 131051}]), {"kind": Kind.OTHER}),
        (message("interactive", {"type": "nfm_reply", "nfm_reply": {"body": "x"}}), {"kind": Kind.OTHER}),
        (message("a kind of the future"), {"kind": Kind.OTHER}),
    ],
)  # fmt: skip
def test_every_kind_of_message_is_taken_in_without_what_is_not_ours_to_know(sent: Json, expected: Json) -> None:
    [inbound] = read(sent)
    at = datetime.fromtimestamp(AT, UTC)
    assert inbound == Inbound(mark("wamid.A"), Sort.MESSAGE, HER, HER, at, alias=HER_NUMBER, **PLAIN | expected)  # type: ignore[arg-type]
    assert not any(secret in json.dumps(asdict(inbound), default=str) for secret in SECRETS)


@pytest.mark.parametrize(
    ("sent", "choice", "version"),
    [
        (chosen("button_reply", "7|lesson.next"), "lesson.next", 7),
        (chosen("list_reply", "|help"), "help", None),
        (message("button", {"payload": "|push.open", "text": "x"}), "push.open", None),
        (message("button", {"payload": "Of somebody else", "text": "x"}), "", None),
        (message("button", {"text": "x"}), "", None),
        (message("button", {"text": "x", "payload": None}), "", None),
    ],
)  # fmt: skip
def test_a_choice_is_a_press_with_its_version(sent: Json, choice: str, version: int | None) -> None:
    [inbound] = read(sent | {"context": {"id": "wamid.ours"}})
    assert (inbound.sort, inbound.choice, inbound.version) == (Sort.PRESS, choice, version)
    assert inbound.message_id == mark("wamid.ours")


def test_an_edit_brings_its_words_and_what_it_changes() -> None:
    body = {"original_message_id": "wamid.first", "message": {"type": "text", "text": {"body": "дигар"}}}
    [inbound] = read(message("edit", body))
    assert (inbound.sort, inbound.text, inbound.message_id) == (Sort.EDIT, "дигар", mark("wamid.first"))
    picture = {
        "original_message_id": "wamid.first",
        "message": {"type": "image", "image": {"id": "1", "caption": "нав"}},
    }
    assert [one.text for one in read(message("edit", picture))] == ["нав"]


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (message("reaction", {"message_id": "wamid.ours", "emoji": "👍"}), "yes"),
        (message("reaction", {"message_id": "wamid.ours"}), "yes"),
        (message("system", {"type": "user_changed_number", "wa_id": "000000000008"}), "elsewhere"),
        (
            message("system", {"type": "user_changed_user_id", "previous_user_id": HER_ID, "user_id": "T.8"}),
            "elsewhere",
        ),
        (message("system", {"type": "customer_identity_changed"}), "another"),
    ],
)
def test_signs_and_changes_tell_only_whether_she_can_be_reached(sent: Json, text: str) -> None:
    [inbound] = read(sent)
    assert (inbound.sort, inbound.text, inbound.chat, inbound.message_id) == (Sort.REACH, text, HER, "")


def test_a_message_taken_back_names_only_which() -> None:
    [inbound] = read(message("revoke", {"original_message_id": "wamid.first"}))
    assert (inbound.sort, inbound.text, inbound.chat) == (Sort.WITHDRAWN, "", HER)
    assert inbound.message_id == mark("wamid.first")


def test_a_new_id_after_a_new_number_never_takes_her_place() -> None:
    change = message("system", {"type": "user_changed_user_id", "previous_user_id": HER_ID, "user_id": "TJ.8"})
    del change["from"]
    [inbound] = reader().read(payload(value(change, contacts=[{"user_id": "TJ.8"}]))).inbounds
    assert (inbound.chat, inbound.text) == (HER, "elsewhere")


@pytest.mark.parametrize(
    ("contacts", "more", "address"),
    [
        ([{"user_id": HER_ID, "wa_id": HER_NUMBER}], {}, HER_ID),
        ([{"user_id": HER_ID}], {"from": None}, HER_ID),
        ([], {"from_user_id": HER_ID}, HER_ID),
        ([], {"from_user_id": HER_ID, "from": None}, HER_ID),
        ([{"wa_id": "0"}, {"wa_id": HER_NUMBER, "user_id": HER_ID}], {}, HER_ID),
        ([{"wa_id": HER_NUMBER}], {}, HER_NUMBER),
        ([], {}, HER_NUMBER),
        ([{"wa_id": "0", "user_id": "TJ.OTHER"}], {}, HER_NUMBER),
        ([{"user_id": "TJ.OTHER"}, {"wa_id": "0", "user_id": "TJ.ANOTHER"}], {}, HER_NUMBER),
        ([{"user_id": "TJ.OTHER"}, {"wa_id": HER_NUMBER}], {}, HER_NUMBER),
        ([{"user_id": 5, "wa_id": HER_NUMBER}], {}, HER_NUMBER),
        ([{"user_id": "TJ.\ud800", "wa_id": HER_NUMBER}], {}, HER_NUMBER),
        ([{"user_id": HER_ID}], {"from_user_id": 5}, HER_ID),
    ],
)
def test_her_address_is_the_id_that_is_hers_alone_and_a_number_only_without_it(
    contacts: list[Json], more: Json, address: str
) -> None:
    sent = {name: one for name, one in (message("text", {"body": "x"}) | more).items() if one is not None}
    [inbound] = reader().read(payload(value(sent, contacts=contacts))).inbounds
    assert inbound.chat.id == inbound.sender.id == address


@pytest.mark.parametrize(
    ("contacts", "more", "alias"),
    [
        ([{"user_id": HER_ID, "wa_id": HER_NUMBER}], {}, HER_NUMBER),
        ([], {}, HER_NUMBER),
        ([], {"from_user_id": HER_ID}, HER_NUMBER),
        ([{"user_id": HER_ID, "wa_id": HER_NUMBER}], {"from": None}, HER_NUMBER),
        ([{"user_id": HER_ID, "wa_id": HER_NUMBER}], {"from_user_id": HER_ID, "from": None}, HER_NUMBER),
        ([{"user_id": HER_ID}], {"from": None}, ""),
        ([{"user_id": "TJ.OTHER", "wa_id": "000999"}], {"from_user_id": HER_ID, "from": None}, ""),
        ([{"user_id": HER_ID, "wa_id": "no number"}], {"from": None}, ""),
        ([{"user_id": HER_ID, "wa_id": 5}], {"from": None}, ""),
        ([{"user_id": HER_ID, "wa_id": "0" * 21}], {"from": None}, ""),
        ([], {"from": HER_ID}, ""),
    ],
)
def test_her_number_goes_along_as_an_alias_where_it_is_hers_beyond_doubt(
    contacts: list[Json], more: Json, alias: str
) -> None:
    sent = {name: one for name, one in (message("text", {"body": "x"}) | more).items() if one is not None}
    [inbound] = reader().read(payload(value(sent, contacts=contacts))).inbounds
    assert inbound.alias == alias
    [unread] = reader().read(payload(value(sent | {"text": 5}, contacts=contacts))).inbounds
    assert (unread.sort, unread.alias) == (Sort.UNREADABLE, alias)


@pytest.mark.parametrize(
    ("system", "contacts", "chat", "alias"),
    [
        ({"type": "user_changed_number", "wa_id": "000000000008"}, [], HER_NUMBER, HER_NUMBER),
        ({"type": "user_changed_number", "wa_id": "000000000008"}, [{"user_id": HER_ID}], HER_ID, ""),
        ({"type": "user_changed_user_id", "previous_user_id": HER_ID, "user_id": "TJ.8"}, [], HER_ID, ""),
        ({"type": "customer_identity_changed"}, [], HER_NUMBER, HER_NUMBER),
        ({"type": "customer_identity_changed"}, [{"user_id": HER_ID, "wa_id": HER_NUMBER}], HER_ID, ""),
    ],
)
def test_what_whatsapp_says_of_a_change_gives_nobody_a_number(
    system: Json, contacts: list[Json], chat: str, alias: str
) -> None:
    [inbound] = reader().read(payload(value(message("system", system), contacts=contacts))).inbounds
    assert (inbound.sort, inbound.chat.id, inbound.alias) == (Sort.REACH, chat, alias)


def test_every_entry_change_and_message_of_a_call_is_read() -> None:
    second = message("text", {"body": "b"}, id="wamid.2")
    third = message("text", {"body": "c"}, id="wamid.3")
    body = payload(value(message("text", {"body": "a"}), second))
    body["entry"] += payload(value(third), value(statuses=[status("sent"), status("read")]))["entry"]
    body["entry"][0]["changes"].append({"field": "message_template_status_update", "value": {"event": "APPROVED"}})
    found = reader().read(body)
    assert [inbound.text for inbound in found.inbounds] == ["a", "b", "c"]
    assert [word.stage for word in found.words] == [Stage.SENT, Stage.ARRIVED]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (status("sent"), Word("01ROW", mark("wamid.B"), Stage.SENT)),
        (status("delivered"), Word("01ROW", mark("wamid.B"), Stage.ARRIVED)),
        (status("read"), Word("01ROW", mark("wamid.B"), Stage.ARRIVED)),
        (status("sent", biz_opaque_callback_data="01ROW+1"), Word("01ROW", mark("wamid.B"), Stage.SENT, is_last=False)),
        (
            status("failed", errors=[{"code": 131047, "title": "x"}]),
            Word("01ROW", mark("wamid.B"), Stage.FAILED, failure=SendFailure(Trouble.WINDOW, "131047")),
        ),
        (
            status("failed", errors=[{"code": 131026}]),
            Word("01ROW", mark("wamid.B"), Stage.FAILED, failure=SendFailure(Trouble.UNREACHABLE, "131026")),
        ),
        (status("failed"), Word("01ROW", mark("wamid.B"), Stage.FAILED, failure=SendFailure(Trouble.REFUSED, "-1"))),
        (status("warning"), None),
        (status("sent", biz_opaque_callback_data=None), None),
    ],
)
def test_a_status_is_a_word_about_the_row_whose_key_it_brings_back(sent: Json, expected: Word | None) -> None:
    when = datetime.fromtimestamp(int(sent["timestamp"]), UTC)
    assert reader().read(payload(value(statuses=[sent]))).words == ([replace(expected, at=when)] if expected else [])


def test_what_one_call_brings_is_read_in_the_order_in_which_it_was_done() -> None:
    later, sooner = (message("text", {"body": body}, timestamp=str(AT + s)) for body, s in (("b", 30), ("a", 0)))
    assert [inbound.text for inbound in reader().read(payload(value(later), value(sooner))).inbounds] == ["a", "b"]


@pytest.mark.parametrize(
    "sent",
    [
        message("text", {"body": 5}),
        message("text", {"body": None}),
        message("text", "x"),
        message("image", {"caption": "x"}),
        message("audio"),
        message("interactive", {"type": "list_reply"}),
        message("edit", {}),
        message("text", {"body": "x"}, timestamp="soon"),
        message("text", {"body": "x"}, timestamp=True),
        {"id": "wamid.A", "from": HER_NUMBER},
    ],
)
def test_what_cannot_be_read_goes_on_as_an_item_for_people(sent: Json) -> None:
    [inbound] = read(sent)
    assert (inbound.sort, inbound.chat, inbound.external_id) == (Sort.UNREADABLE, HER, mark("wamid.A"))


@pytest.mark.parametrize(
    "sent",
    [
        message("text", {"body": "маро мезанад"}, timestamp="soon"),
        message("text", {"body": "маро мезанад"}, context=5),
        message("image", {"caption": "маро мезанад"}),
        message("button", {"text": "маро мезанад", "payload": 5}),
        message("edit", {"message": {"type": "text", "text": {"body": "маро мезанад"}}}),
        message("edit", {"message": {"image": {"caption": "маро мезанад"}}, "original_message_id": "wamid.1"}),
    ],
)
def test_s7_the_words_of_what_cannot_be_read_are_kept_for_screening(sent: Json) -> None:
    [inbound] = read(sent)
    assert (inbound.sort, inbound.text) == (Sort.UNREADABLE, "маро мезанад")


def test_a_mark_before_the_call_costs_nothing_of_it() -> None:
    call = json.dumps(payload(value(message("text", {"body": "меню"})))).encode()
    assert reader().read(parse(b"\xef\xbb\xbf" + call)) == reader().read(parse(call))


@pytest.mark.parametrize("body", [None, [], {}, {"entry": 5}, {"entry": [5, {"changes": [5, {"value": 5}]}]}])
def test_nonsense_is_nobodys_and_never_raises(body: object) -> None:
    assert reader().read(body) == Read()


def test_what_names_nobody_is_counted() -> None:
    counting = reader()
    assert counting.read(payload(value({"type": "text"}, contacts=[]))) == Read()
    assert counting.unread == 1


def test_another_number_of_the_same_app_and_groups_are_not_ours() -> None:
    other = value(message("text", {"body": "x"}), metadata={"phone_number_id": "999"})
    group = value(message("text", {"body": "x"}, group_id="G"))
    assert reader().read(payload(other, group)) == Read()


def test_opening_the_chat_is_no_message() -> None:
    assert read(message("request_welcome")) == []


def test_s18_no_id_of_a_message_is_kept_as_it_came_because_a_number_stands_in_it() -> None:
    """As WhatsApp makes them: the number in base64 behind a few bytes, then a random part."""
    number = f"\x1c\x18\x0c{HER_NUMBER}\x15\x02\x00\x12\x18"
    hers, other = (f"wamid.{base64.b64encode(f'{number}{rest}'.encode()).decode()}" for rest in ("A1", "B2" * 200))
    context = {"context": {"id": other}}
    first, again, second = read(*(message("text", {"body": "x"}, id=one, **context) for one in (hers, hers, other)))
    assert first == again
    assert first.external_id != second.external_id
    word, *_ = reader().read(payload(value(statuses=[status("sent", id=other)]))).words
    kept = [*(one for i in (first, second) for one in (i.external_id, i.message_id, i.reply_to)), word.message_id]
    assert all(0 < len(one) < 120 for one in kept)
    assert not any(base64.b64encode(HER_NUMBER.encode()).decode()[:8] in one or HER_NUMBER in one for one in kept)
    assert first.reply_to == second.message_id == second.external_id == word.message_id


POISON = ("\ud800", "a\0b")


@pytest.mark.parametrize("poison", POISON)
def test_an_id_that_cannot_be_kept_costs_its_own_element_alone(poison: str) -> None:
    """What cannot be written would come again for days, and everything beside it."""
    counting = reader()
    found = counting.read(
        payload(
            value(
                message("text", {"body": "кӯмак"}, id=poison),
                message("text", {"body": "x"}, id="wamid.2", context={"id": poison}),
                {"id": "wamid.3", "from": poison, "type": "text", "text": {"body": "nobody's"}},
                5,
                message("text", {"body": "y"}, id="wamid.4"),
                statuses=[status("sent", biz_opaque_callback_data=poison), status("sent", id=poison), status("sent")],
                contacts=[],
            )
        )
    )
    assert [inbound.text for inbound in found.inbounds] == ["кӯмак", "x", "y"]
    assert [word.key for word in found.words] == ["01ROW"]
    assert counting.unread == 4
    for inbound in found.inbounds:
        f"{inbound.external_id} {inbound.message_id} {inbound.reply_to} {inbound.chat.id}".encode()


@pytest.mark.parametrize("name", ["messages", "statuses"])
def test_an_object_where_a_list_belongs_is_counted(name: str) -> None:
    counting = reader()
    assert counting.read(payload(value() | {name: {"id": "wamid.8"}})) == Read()
    assert counting.unread == 1


def test_s1_what_cannot_be_read_keeps_the_hour_at_which_she_wrote_it() -> None:
    [inbound] = read(message("text", {"body": 5}))
    assert inbound.at == datetime.fromtimestamp(AT, UTC)
