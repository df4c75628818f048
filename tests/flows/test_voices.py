"""Pages read aloud: recorded, checked and heard by a facilitator; offered with their size, sent only on her tap."""

from datetime import timedelta

import pytest

from bot.core.effects import KeepVoiceNote, OpenCase, Purpose, RemoveVoiceNote, Unsay
from bot.core.events import MessageReceived
from bot.core.messages import LANGUAGES, Kind
from bot.core.people import Role
from bot.core.voice_notes import VoiceNote, kilobytes, most
from bot.curriculum.load import load
from tests.flows import desk_world as desk
from tests.flows.chat import NOON, mother, participant

CURRICULUM = load()
PAGE = CURRICULUM.lesson("1.1")
NOTE = VoiceNote("1.1", "tg", PAGE.version, "telegram:1", "invented-file", 55, 112_000)
ZARA, NIGORA = desk.facilitator("zara"), desk.coordinator("nigora")
VOICE = {"kind": Kind.VOICE, "file": "recorded", "seconds": 50, "size": 90_000, "format": "audio/ogg"}


def at_the_page(staff=ZARA, language="tg", **facts):
    """A facilitator who has chosen the first page in a language."""
    chat = desk.Chat.of(staff, (NIGORA,), **facts)
    chat.press("menu.voices")
    chat.press_now("voices.module:m1")
    chat.press_now(f"voices.page:1.1:{language}")
    return chat


def send(chat, **changes):
    return chat.play(MessageReceived("", message_id="v1", **(VOICE | changes)))


def files(chat):
    return [o.file for o in desk.outgoings(chat.last) if o.file]


# ---- the team


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_recorded_heard_and_kept(language):
    chat = at_the_page(language=language)
    assert PAGE.cards[0].in_language(language) in chat.said
    send(chat)
    assert chat.state == "Voices:heard"
    assert files(chat) == ["recorded"]
    assert not chat.asked(KeepVoiceNote)
    chat.press_now("voices.keep")
    assert chat.asked(KeepVoiceNote) == [KeepVoiceNote("1.1", language, PAGE.version, "recorded", 50, 90_000)]
    assert chat.state == "Staff:menu"


def test_a_recording_is_made_again_before_it_is_kept():
    chat = at_the_page()
    send(chat)
    send(chat, file="second")
    assert files(chat) == ["second"]
    chat.press_now("voices.again")
    assert chat.state == "Voices:one"
    send(chat, file="third")
    chat.press_now("voices.keep")
    assert chat.asked(KeepVoiceNote)[0].file == "third"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"seconds": 61, "size": 100_000}, "61"),
        ({"seconds": 60, "size": 122_881}, "121"),
        ({"seconds": 30, "size": 90_000}, "60"),
        ({"format": "audio/mpeg"}, "Telegram"),
        ({"seconds": 0}, "Telegram"),
        ({"size": 0}, "Telegram"),
        ({"kind": Kind.DOCUMENT}, "микрофон"),
        ({"kind": Kind.TEXT, "file": ""}, "микрофон"),
        ({"is_forwarded": True, "file": ""}, "микрофон"),
    ],
)
def test_what_is_too_long_too_large_or_no_recording_is_refused_and_explained(changes, told):
    chat = at_the_page()
    send(chat, **changes)
    assert told in desk.outgoings(chat.last)[0].text
    assert chat.state == "Voices:one"
    chat.press_now("voices.keep")
    assert not chat.asked(KeepVoiceNote)


@pytest.mark.parametrize("changes", [{"seconds": 60, "size": 122_880}, {"seconds": 3, "size": 10_000}])
def test_a_minute_may_have_120_kilobytes(changes):
    chat = at_the_page()
    send(chat, **changes)
    assert chat.state == "Voices:heard"
    assert (most(60), most(30), kilobytes(122_880), kilobytes(1)) == (122_880, 61_440, 120, 1)


def test_what_there_is_can_be_heard_replaced_and_removed():
    chat = at_the_page(voice_notes=(NOTE,))
    assert "110" in chat.said
    chat.press_now("voices.hear")
    assert files(chat) == ["invented-file"]
    assert [e for e in chat.last if getattr(e, "purpose", None) is Purpose.DESK]
    chat.press_now("voices.remove")
    assert chat.asked(RemoveVoiceNote) == [RemoveVoiceNote("1.1", "tg")]


def test_a_tick_says_which_pages_have_a_recording():
    chat = desk.Chat.of(ZARA, (NIGORA,), voice_notes=(NOTE,))
    chat.press("menu.voices")
    chat.press_now("voices.module:m1")
    labels = [b.label for o in desk.outgoings(chat.last) for row in o.rows for b in row if "✓" in b.label]
    assert labels == ["1.1 тоҷикӣ ✓"]


def test_only_facilitators_and_coordinators_record():
    for staff, is_let in (
        (ZARA, True),
        (NIGORA, True),
        (desk.facilitator("x", roles=frozenset({Role.AUDITOR})), False),
    ):
        chat = desk.Chat.of(staff)
        chat.press("menu.voices")
        assert (chat.state == "Voices:module") is is_let


@pytest.mark.parametrize(
    "choice", ["voices.module:m99", "voices.page:9.9:tg", "voices.page:1.1:uz", "voices.page:2.1:tg"]
)
def test_a_bent_choice_leads_nowhere(choice):
    chat = desk.Chat.of(ZARA, (NIGORA,))
    chat.press("menu.voices")
    chat.press_now("voices.module:m1")
    chat.press_now(choice)
    assert chat.state in {"Voices:lesson", "Staff:menu"}
    assert chat.said


# ---- a mother


@pytest.mark.parametrize(("language", "label"), [("tg", "Шунидан · 110 KB"), ("ru", "Послушать · 110 КБ")])
def test_she_sees_a_button_with_the_size_and_gets_the_recording_only_on_her_tap(book, language, label):
    note = VoiceNote("1.1", language, PAGE.version, "telegram:1", "invented-file", 55, 112_000)
    chat = mother(book, language=language, voice_notes=(note,))
    chat.press("lesson.next")
    assert label in [button.label for row in chat.says[-1].outgoing.rows for button in row]
    assert not [say for say in chat.says if say.outgoing.file]
    chat.press("lesson.listen:1.1")
    (said,) = chat.says
    assert (said.outgoing.file, said.outgoing.file_kind) == ("invented-file", Kind.VOICE)
    assert said.expires_at == NOON + timedelta(minutes=10)
    chat.press("lesson.next_card")
    assert chat.conversation.data["step"] == 1


@pytest.mark.parametrize(
    "note",
    [
        None,
        VoiceNote("1.1", "ru", PAGE.version - 1, "telegram:1", "old", 55, 112_000),
        VoiceNote("1.1", "tg", PAGE.version, "telegram:1", "other language", 55, 112_000),
        VoiceNote("1.2", "ru", PAGE.version, "telegram:1", "other page", 55, 112_000),
    ],
)
def test_without_a_recording_of_these_words_there_is_no_button_and_a_kind_word(book, note):
    chat = mother(book, voice_notes=(note,) if note else ())
    chat.press("lesson.next")
    assert not [choice for choice in chat.choices if choice.startswith("lesson.listen")]
    assert "нет записи" in chat.press("lesson.listen:1.1")[0]


def test_a_page_that_is_not_hers_yet_is_not_sent(book):
    note = VoiceNote("9.1", "ru", CURRICULUM.lesson("9.1").version, "telegram:1", "file", 55, 112_000)
    chat = mother(book, voice_notes=(note,))
    assert "нет записи" in chat.press("lesson.listen:9.1")[0]
    chat.participant = participant(finished=frozenset({"9.1"}))
    chat.press("lesson.listen:9.1")
    assert chat.says[0].outgoing.file == "file"


def test_s3_hide_takes_recordings_away_and_their_button_shows_nothing(book):
    note = VoiceNote("1.1", "ru", PAGE.version, "telegram:1", "invented-file", 55, 112_000)
    chat = mother(book, voice_notes=(note,))
    chat.press("lesson.next")
    chat.press("lesson.listen:1.1")
    chat.press("hide")
    assert Unsay(everything=True) in chat.effects
    chat.press("lesson.listen:1.1")
    assert not [say for say in chat.says if say.outgoing.file]
    assert chat.state == "Safety:hidden"


# ---- her own voice


@pytest.mark.parametrize("language", LANGUAGES)
def test_s19_before_her_first_voice_she_is_told_that_a_person_hears_it_with_text_and_skip_beside(book, language):
    for page in CURRICULUM.lessons():
        chat = mother(book, "Lesson:asked", language, data={"lesson": page.id, "step": 0})
        chat.press("stale")
        (text,) = chat.texts
        assert ("услышит человек" if language == "ru" else "одам мешунавад") in text
        assert {"prompt.skip", "prompt.think"} <= set(chat.choices)


def test_s19_her_voice_is_an_answer_to_every_prompt_and_the_page_goes_on(book):
    for page in CURRICULUM.lessons():
        chat = mother(book, "Lesson:asked", data={"lesson": page.id, "step": 0})
        first, last = chat.send(Kind.VOICE)
        assert chat.asked(OpenCase)
        assert "услышит" in first
        assert page.practice.ru in last
        assert chat.state == "Lesson:practice"
    chat = mother(book, "Lesson:asked", data={"lesson": "1.1", "step": 0})
    chat.send(Kind.PHOTO)
    assert chat.state == "Lesson:asked"
