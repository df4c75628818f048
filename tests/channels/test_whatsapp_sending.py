"""What goes out to WhatsApp: our parcel in, its request out; its answers as values every channel shares."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.channels.whatsapp import WhatsAppChannel
from bot.channels.whatsapp.ids import mark
from bot.channels.whatsapp.rendering import OPENS_LIST, render
from bot.channels.whatsapp.troubles import Pairs, failure_of, judge_code
from bot.channels.wire import Garbage
from bot.core.addresses import Address
from bot.core.errors import ConfigurationError
from bot.core.messages import UNFETCHED, Act, Button, Kind, Outgoing, Parcel, Receipt, SendFailure, Sent, Trouble
from bot.core.templates import Template, Templates
from tests.channels.conftest import NOON, Noon
from tests.fakes.cloud_api.limits import Refusal, choices_of, too_much
from tests.fakes.cloud_api.people import CloudPerson
from tests.fakes.cloud_api.schema import find_schema
from tests.fakes.whatsapp import APP_SECRET, LOST_AFTER, LOST_BEFORE, PHONE_ID, VERIFY_TOKEN, FakeWhatsApp

HELP, HIDE = Button("Кӯмак", "help", is_standing=True), Button("Тоза", "hide", is_standing=True)


@pytest.fixture
async def wa() -> AsyncIterator[FakeWhatsApp]:
    async with FakeWhatsApp(clock=Noon()) as server:
        yield server
        assert server.violations == []


@pytest.fixture
async def channel(wa: FakeWhatsApp) -> AsyncIterator[WhatsAppChannel]:
    made = WhatsAppChannel(wa.token, wa.phone_id, (APP_SECRET, VERIFY_TOKEN), wa.root, Noon())
    yield made
    await made.close()


@pytest.fixture
def her(wa: FakeWhatsApp) -> CloudPerson:
    person = wa.person(7)
    person.last_in_at = NOON
    return person


def parcel(
    channel: WhatsAppChannel, person: CloudPerson, text: str, *rows: tuple[Button, ...], **more: object
) -> Parcel:
    outgoing = Outgoing(text, rows, 5, **more)  # type: ignore[arg-type]
    return Parcel("01ROW", Address(str(channel.line), person.address), Act.SEND, outgoing)


def numbered(count: int) -> tuple[Button, ...]:
    return tuple(Button(f"Рақам {n}", f"n:{n}") for n in range(count))


async def test_a_text_goes_to_the_id_that_is_hers_with_our_key(
    wa: FakeWhatsApp, channel: WhatsAppChannel, her: CloudPerson
) -> None:
    receipt = await channel.send(parcel(channel, her, "Салом"))
    assert receipt == Sent((mark(her.bubbles[0].id),))
    assert wa.requests == [
        {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "biz_opaque_callback_data": "01ROW",
            "recipient": "TJ.0000000000000007",
            "type": "text",
            "text": {"body": "Салом", "preview_url": False},
        }
    ]


async def test_a_number_is_written_to_as_a_number(wa: FakeWhatsApp, channel: WhatsAppChannel) -> None:
    old = wa.person(8, is_legacy=True)
    old.last_in_at = NOON
    assert isinstance(await channel.send(parcel(channel, old, "Салом")), Sent)
    assert wa.requests[0]["to"] == "000000000008"
    assert "recipient" not in wa.requests[0]


async def test_three_choices_are_buttons_ten_are_a_list_more_are_numbers(
    wa: FakeWhatsApp, channel: WhatsAppChannel, her: CloudPerson
) -> None:
    await channel.send(parcel(channel, her, "Интихоб кунед", numbered(1), (HELP, HIDE)))
    await channel.send(parcel(channel, her, "Интихоб кунед", numbered(8), (HELP, HIDE)))
    await channel.send(parcel(channel, her, "Интихоб кунед", numbered(9), (HELP, HIDE)))
    buttons, rows, typed = (bubble.body for bubble in her.bubbles)
    assert choices_of(buttons) == [("5|n:0", "Рақам 0"), ("|help", "Кӯмак"), ("|hide", "Тоза")]
    assert buttons["interactive"]["type"] == "button"
    assert len(choices_of(rows)) == 10
    assert rows["interactive"]["action"]["button"] == OPENS_LIST
    assert typed["type"] == "text"
    assert typed["text"]["body"].startswith("Интихоб кунед\n\n1. Рақам 0\n2. Рақам 1")
    assert typed["text"]["body"].endswith("10. Кӯмак\n11. Тоза")


def test_numbers_go_on_where_the_message_before_ended() -> None:
    [body] = render(Outgoing("x", (numbered(11),), 5, first=4))
    assert "4. Рақам 0" in body["text"]["body"]
    assert "14. Рақам 10" in body["text"]["body"]


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (("Ҳ" * 20, "x"), "button"),
        (("Ҳ" * 21, "x"), "list"),
        (("Ҳ" * 24, "x"), "list"),
        (("Ҳ" * 25, "x"), "text"),
        (("🙂" * 10, "x"), "button"),
        (("🙂" * 11, "x"), "list"),
        (("x", "x"), "text"),
        (("", "x"), "text"),
    ],
)
def test_a_label_that_does_not_fit_is_never_cut(labels: tuple[str, ...], kind: str) -> None:
    rows = tuple((Button(label, f"n:{n}"),) for n, label in enumerate(labels))
    [body] = render(Outgoing("x", rows, 5))
    assert (body["interactive"]["type"] if body["type"] == "interactive" else "text") == kind
    assert all(label in str(body) for label in labels)


def test_a_long_text_ends_with_its_choices() -> None:
    text = "\n\n".join(f"{n} " + "Сатр. " * 100 for n in range(9))
    *before, last = render(Outgoing(text, ((HELP, HIDE),), 5))
    assert [one["type"] for one in before] == ["text"] * len(before)
    assert 0 < len(last["interactive"]["body"]["text"]) <= 1024
    said = [*(one["text"]["body"] for one in before), last["interactive"]["body"]["text"]]
    assert " ".join(said).split() == text.split()


WORDS = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=6000).filter(
    lambda t: bool(t.strip("\0").strip())
)


@given(WORDS, st.lists(st.text(min_size=1, max_size=30), max_size=14))
def test_whatever_is_said_fits_whatsapp(text: str, labels: list[str]) -> None:
    """A law: every message that is rendered is allowed by the published description and the real limits."""
    assume(text.replace("\0", "").strip())
    schema = find_schema()
    rows = tuple((Button(label, f"n:{n}"),) for n, label in enumerate(labels))
    for body in render(Outgoing(text, rows, 5)):
        whole = {"messaging_product": "whatsapp", "recipient_type": "individual", "recipient": "TJ.1"} | body
        assert too_much(whole) == []
        assert schema is None or schema.wrong_message(whole) == []


@pytest.mark.parametrize(
    ("outgoing", "code"),
    [
        (Outgoing(" \n "), "no text"),
        (Outgoing("x", file="AwAC", file_kind=Kind.VOICE), "kind of file"),
        (Outgoing("x", ((Button("x", "й"),),)), "button id"),
        (Outgoing("x", ((Button("x", ""),),)), "button id"),
        (None, "no message"),
    ],
)
async def test_what_can_never_be_sent_is_refused_without_a_call(
    wa: FakeWhatsApp, channel: WhatsAppChannel, her: CloudPerson, outgoing: Outgoing | None, code: str
) -> None:
    receipt = await channel.send(Parcel("01ROW", Address(str(channel.line), her.address), Act.SEND, outgoing))
    assert receipt == SendFailure(Trouble.REFUSED, code)
    assert wa.requests == []


async def test_nothing_can_be_deleted_and_an_edit_is_said_anew(
    wa: FakeWhatsApp, channel: WhatsAppChannel, her: CloudPerson
) -> None:
    address = Address(str(channel.line), her.address)
    gone = await channel.send(Parcel("01ROW", address, Act.DELETE, targets=("wamid.1",)))
    assert gone == SendFailure(Trouble.GONE, "cannot be deleted")
    edited = await channel.send(Parcel("01ROW", address, Act.EDIT, Outgoing("Нав"), ("wamid.1",)))
    assert isinstance(edited, Sent)
    assert her.texts == ["Нав"]
    assert len(wa.requests) == 1


async def test_a_parcel_of_another_line_is_refused(wa: FakeWhatsApp, channel: WhatsAppChannel) -> None:
    strange = Parcel("01ROW", Address("whatsapp:9", "TJ.1"), Act.SEND, Outgoing("x"))
    assert await channel.send(strange) == SendFailure(Trouble.REFUSED, "other line")
    assert wa.requests == []


@pytest.mark.parametrize(
    ("fault", "receipt"),
    [
        (Refusal(400, 131056), SendFailure(Trouble.RATE, "131056", 4.0)),
        (Refusal(429, 130429), SendFailure(Trouble.RATE, "130429", 1.0, is_line_wide=True)),
        (Refusal(400, 80007), SendFailure(Trouble.RATE, "80007", 60.0, is_line_wide=True)),
        (Refusal(400, 131048), SendFailure(Trouble.RATE, "131048", 3600.0, is_line_wide=True)),
        (Refusal(400, 131047), SendFailure(Trouble.WINDOW, "131047")),
        (Refusal(400, 131026), SendFailure(Trouble.UNREACHABLE, "131026")),
        (Refusal(403, 130497), SendFailure(Trouble.UNREACHABLE, "130497")),
        (Refusal(400, 131049), SendFailure(Trouble.REFUSED, "131049")),
        (Refusal(400, 130472), SendFailure(Trouble.REFUSED, "130472")),
        (Refusal(400, 131062), SendFailure(Trouble.REFUSED, "131062")),
        (Refusal(400, 100), SendFailure(Trouble.REFUSED, "100")),
        (Refusal(400, 132001), SendFailure(Trouble.TEMPLATE, "132001")),
        (Refusal(500, 131000), SendFailure(Trouble.AGAIN, "131000")),
        (Refusal(503, 999), SendFailure(Trouble.AGAIN, "503")),
        (Refusal(504, 999), SendFailure(Trouble.AMBIGUOUS, "504")),
        (Refusal(429, 999), SendFailure(Trouble.RATE, "429", 1.0, is_line_wide=True)),
        (Refusal(401, 190), SendFailure(Trouble.TOKEN, "190")),
        (Refusal(403, 131031), SendFailure(Trouble.TOKEN, "131031")),
        (Refusal(403, 200), SendFailure(Trouble.TOKEN, "200")),
        (Refusal(403, 368), SendFailure(Trouble.TOKEN, "368")),
        (Refusal(400, 133010), SendFailure(Trouble.TOKEN, "133010")),
        (Refusal(500, 131045), SendFailure(Trouble.TOKEN, "131045")),
        (Refusal(400, 100, 33), SendFailure(Trouble.TOKEN, "33")),
        (Refusal(400, 613), SendFailure(Trouble.RATE, "613", 60.0, is_line_wide=True)),
        (LOST_AFTER, SendFailure(Trouble.AMBIGUOUS, "RemoteProtocolError")),
    ],
)
async def test_every_answer_is_a_value(
    wa: FakeWhatsApp, channel: WhatsAppChannel, her: CloudPerson, fault: Refusal | str, receipt: Receipt
) -> None:
    wa.faults.append(fault)
    found = await channel.send(parcel(channel, her, "Салом"))
    if fault == LOST_AFTER:
        assert isinstance(found, SendFailure)
        found = SendFailure(found.trouble, "RemoteProtocolError")
    assert found == receipt


@pytest.mark.parametrize(
    ("status", "failure"),
    [(404, SendFailure(Trouble.GONE, "file gone")), (401, SendFailure(Trouble.AGAIN, UNFETCHED))],
)
async def test_a_file_whose_address_is_empty_is_gone_and_any_other_trouble_is_tried_again(
    wa: FakeWhatsApp, channel: WhatsAppChannel, her: CloudPerson, status: int, failure: SendFailure
) -> None:
    her.sends("voice")
    [media_id] = her.files
    wa.file_status = status
    assert await channel.fetch(f"{channel.line}/{media_id}") == failure


@pytest.mark.parametrize(
    ("status", "trouble"), [(502, Trouble.AMBIGUOUS), (500, Trouble.AMBIGUOUS), (503, Trouble.AGAIN)]
)
def test_a_gateways_page_does_not_say_what_became_of_the_call(status: int, trouble: Trouble) -> None:
    assert failure_of(Garbage(status, b"<html>")) == SendFailure(trouble, f"unreadable {status}")


async def test_a_server_that_is_not_there_got_nothing(channel: WhatsAppChannel, her: CloudPerson) -> None:
    away = WhatsAppChannel("x", PHONE_ID, ("a", "b"), "http://127.0.0.1:9/v23.0", Noon())
    receipt = await away.send(parcel(channel, her, "Салом"))
    await away.close()
    assert isinstance(receipt, SendFailure)
    assert receipt.trouble is Trouble.AGAIN


async def test_a_long_text_goes_on_from_the_part_that_was_lost(
    wa: FakeWhatsApp, channel: WhatsAppChannel, her: CloudPerson
) -> None:
    text = "Сатр аввал. " * 500
    whole = parcel(channel, her, text)
    wa.faults.extend([None, LOST_BEFORE])
    assert isinstance(await channel.send(whole), SendFailure)
    assert isinstance(await channel.send(whole), Sent)
    assert " ".join(her.texts).split() == text.split()
    assert [request["biz_opaque_callback_data"] for request in wa.requests] == ["01ROW+1", "01ROW", "01ROW"]


def test_a_person_who_got_too_much_is_left_alone_longer_each_time() -> None:
    pairs = Pairs()
    at = datetime(2026, 11, 2, tzinfo=UTC)
    assert [pairs.wait("TJ.1", at) for _ in range(6)] == [4.0, 16.0, 64.0, 256.0, 1024.0, 1024.0]
    assert pairs.wait("TJ.2", at) == 4.0
    assert pairs.wait("TJ.1", at + timedelta(hours=2)) == 4.0
    pairs.passed("TJ.1")
    assert pairs.wait("TJ.1", at + timedelta(hours=2)) == 4.0


@given(st.integers(-10, 200_000))
def test_every_code_means_something(code: int) -> None:
    """A law: no code of WhatsApp is without a meaning, and none stops a whole line but those about the account."""
    failure = judge_code(code)
    assert failure.code == str(code)
    assert (failure.retry_after > 0) == (failure.trouble is Trouble.RATE)


async def test_the_number_for_links_is_learnt_and_a_refused_token_is_one_clear_line(
    wa: FakeWhatsApp, channel: WhatsAppChannel
) -> None:
    assert await channel.check() == "0000000001"
    for token, phone_id in (("wrong", PHONE_ID), (wa.token, "12345")):
        other = WhatsAppChannel(token, phone_id, ("a", "b"), wa.root, Noon())
        with pytest.raises(ConfigurationError, match="HAMROH_WHATSAPP_TOKEN"):
            await other.check()
        await other.close()
    away = WhatsAppChannel("x", PHONE_ID, ("a", "b"), "http://127.0.0.1:9/v23.0", Noon())
    assert await away.check() == ""
    await away.close()


@pytest.mark.parametrize(("phone_id", "root"), [("+7 900", "https://x"), ("", "https://x"), ("12345", "graph")])
def test_a_number_or_root_that_cannot_be_right_is_refused(phone_id: str, root: str) -> None:
    with pytest.raises(ConfigurationError, match="HAMROH_WHATSAPP_"):
        WhatsAppChannel("x", phone_id, ("a", "b"), root, Noon())


async def test_no_token_text_or_address_is_logged(
    wa: FakeWhatsApp, channel: WhatsAppChannel, her: CloudPerson, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    wa.faults.append(Refusal(400, 100))
    await channel.send(parcel(channel, her, "Рози ман"))
    await channel.send(parcel(channel, her, "Рози ман"))
    assert not any(secret in caplog.text for secret in (wa.token, "Рози ман", her.address, APP_SECRET))


# ---- a day after she last wrote


LINE = Template("page_ready", "ru", ("Мадина",), 2)
OPEN, LATER = Button("Кушодан", "push.open", is_standing=True), Button("Баъдтар", "push.later", is_standing=True)


@pytest.fixture
async def patient(wa: FakeWhatsApp) -> AsyncIterator[WhatsAppChannel]:
    templates = Templates({"push": LINE})
    made = WhatsAppChannel(wa.token, wa.phone_id, (APP_SECRET, VERIFY_TOKEN), wa.root, Noon(), templates)
    yield made
    await made.close()


def after(channel: WhatsAppChannel, person: CloudPerson, purpose: str, silence: timedelta, *row: Button) -> Parcel:
    person.last_in_at = NOON - silence
    plain = parcel(channel, person, "Саҳифаи шумо тайёр аст", *([row] if row else []))
    return replace(plain, purpose=purpose, heard_at=NOON - silence)


@pytest.mark.parametrize("purpose", ["answer", "reply", "cover", "case_text"])
async def test_s1_after_a_day_nothing_but_a_template_even_tries_to_go(
    wa: FakeWhatsApp, patient: WhatsAppChannel, her: CloudPerson, purpose: str
) -> None:
    late = after(patient, her, purpose, timedelta(hours=24), OPEN, LATER)
    assert await patient.send(late) == SendFailure(Trouble.WINDOW, "closed")
    assert wa.requests == []
    in_time = after(patient, her, purpose, timedelta(hours=23, minutes=58), OPEN, LATER)
    assert isinstance(await patient.send(in_time), Sent)


async def test_a_template_stands_for_the_line_and_says_not_a_word_of_it(
    wa: FakeWhatsApp, patient: WhatsAppChannel, her: CloudPerson
) -> None:
    wa.templates["page_ready", "ru"] = 1
    receipt = await patient.send(after(patient, her, "push", timedelta(days=3), OPEN, LATER))
    assert isinstance(receipt, Sent)
    [bubble] = her.bubbles
    assert "Саҳифаи" not in str(bubble.body)
    assert [choice for choice, _ in bubble.choices] == ["|push.open", "|push.later"]
    assert bubble.body["template"]["components"][0]["parameters"] == [{"type": "text", "text": "Мадина"}]


async def test_a_broadcast_whose_own_words_were_made_within_the_day_does_not_go_after_it(
    wa: FakeWhatsApp, patient: WhatsAppChannel, her: CloudPerson
) -> None:
    assert await patient.send(after(patient, her, "push", timedelta(days=3))) == SendFailure(Trouble.WINDOW, "closed")
    assert wa.requests == []


@pytest.mark.parametrize("row", [(OPEN,), (OPEN, LATER, HELP)])
async def test_a_template_with_other_buttons_never_goes(
    wa: FakeWhatsApp, patient: WhatsAppChannel, her: CloudPerson, row: tuple[Button, ...]
) -> None:
    receipt = await patient.send(after(patient, her, "push", timedelta(days=3), *row))
    assert receipt == SendFailure(Trouble.REFUSED, "template buttons")
    assert wa.requests == []


async def test_a_template_that_is_not_approved_is_refused_by_whatsapp_and_told(
    patient: WhatsAppChannel, her: CloudPerson
) -> None:
    receipt = await patient.send(after(patient, her, "push", timedelta(days=3), OPEN, LATER))
    assert receipt == SendFailure(Trouble.TEMPLATE, "132001")


async def test_what_we_do_not_know_whatsapp_decides(wa: FakeWhatsApp, patient: WhatsAppChannel) -> None:
    wa.refuses_at_once = True
    silent = wa.person(9)
    assert await patient.send(parcel(patient, silent, "Салом")) == SendFailure(Trouble.WINDOW, "131047")
    assert silent.bubbles == []
