"""What the desk offers and says to whom: by her role, and by what holds now."""

from dataclasses import replace

import pytest

from bot.core.events import CommandGiven
from bot.core.messages import LANGUAGES
from bot.core.people import Role
from tests.flows.desk_world import Chat, cohort, coordinator, facilitator, id_of, open_case

ZARA, NIGORA = facilitator("zara"), coordinator("nigora")
SARV = facilitator("sarv", roles=frozenset({Role.SUPERVISOR}), trained_on=None)
BOTH = facilitator("mehr", roles=frozenset({Role.FACILITATOR, Role.COORDINATOR}))
LOOKS = {"tg": ("Қайд мондан", "Барои ҷавоб ба модар"), "ru": ("Оставить заметку", "Чтобы ответить матери")}


@pytest.mark.parametrize(
    ("stands", "offered"),
    [({}, ["freeze"]), ({"frozen"}, ["lift"]), ({"withheld"}, ["freeze", "release"])],
)
def test_s3_s23_my_cohort_offers_to_stop_or_to_let_go_on_whatever_holds(stands, offered):
    chat = Chat.of(ZARA, cohorts=(cohort(**dict.fromkeys(stands, frozenset({id_of("chat-a")}))),))
    chat.press("menu.people")
    chat.press_now(f"person:{id_of('chat-a')}")
    assert [f"meet.{act}" for act in ("freeze", "lift", "release") if f"meet.{act}" in chat.choices] == [
        f"meet.{act}" for act in offered
    ]
    assert ("Сообщения остановлены" in chat.said) is ("frozen" in stands)


@pytest.mark.parametrize(
    ("who", "rest"), [(ZARA, "menu.shift"), (BOTH, "menu.shift"), (NIGORA, "menu.arrange"), (SARV, "menu.arrange")]
)
@pytest.mark.parametrize("word", ["stop", "pause", "delete_me"])
def test_whoever_wants_a_rest_is_shown_a_button_that_she_has(who, rest, word):
    chat = Chat.of(who)
    chat.play(CommandGiven(word))
    assert chat.choices == [rest, "menu.leave"]
    offered = chat.choices[0]
    chat.press("menu.leave")
    assert offered in chat.choices


@pytest.mark.parametrize("language", LANGUAGES)
def test_s13_loose_text_is_told_what_its_writer_can_do(language):
    note, reply = LOOKS[language]
    along = open_case("one", "4821", ZARA, second_id=SARV.id)
    for who, cases, may_reply, may_note in (
        (ZARA, (), True, False),
        (SARV, (along,), False, True),
        (SARV, (), False, False),
        (NIGORA, (), False, False),
    ):
        chat = Chat.of(replace(who, language=language), [ZARA, NIGORA, SARV], cases=cases)
        chat.conversation = replace(chat.conversation, language=language)
        chat.write("ягон матни озод")
        assert (reply in chat.said, note in chat.said) == (may_reply, may_note), who.alias


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_to_do_speaks_of_taking_and_replying_only_to_who_can(language):
    for who, can in ((ZARA, True), (BOTH, True), (NIGORA, False), (SARV, False)):
        chat = Chat.of(who)
        chat.conversation = replace(chat.conversation, language=language)
        chat.press("menu.help")
        assert ({"tg": "«Мегирам»", "ru": "«Взять»"}[language] in chat.said) is can, who.alias
        assert len(chat.said.splitlines()) > 3
