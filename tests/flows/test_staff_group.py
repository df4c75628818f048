"""S12: the group's transcript; S14: who is in the group."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.concern.screen import load_screen
from bot.core.cases import Category, Level
from bot.core.conversation import Owner
from bot.core.effects import Amend, BindGroup, CancelSends, Say, Stand, Unsay
from bot.core.events import (
    CardChanged,
    CardLost,
    CaseRang,
    CommandGiven,
    DeskAlarmed,
    MessageReceived,
    ReachChanged,
    SendsFailed,
)
from bot.core.groups import GroupBound, GroupChanged
from bot.core.people import Group, Role, Roster
from bot.curriculum.wordlist import word_list
from bot.flows.cards import CATEGORIES, LANGUAGES, LEVELS
from tests.flows.desk_world import (
    NOW,
    Chat,
    coordinator,
    facilitator,
    id_of,
    invitation,
    open_case,
    outgoings,
    staff_texts,
)

NIGORA, ZARA = coordinator("nigora"), facilitator("zara")
CASE = id_of("one")


def rang(step=0, level=Level.URGENT, number="4821", language="tg"):
    return CaseRang(CASE, number, level, language, NOW, step)


EVENTS = st.one_of(
    st.builds(
        CaseRang,
        case_id=st.just(CASE),
        number=st.from_regex(r"[1-9][0-9]{3}", fullmatch=True),
        level=st.sampled_from([Level.URGENT, Level.CONCERN]),
        language=st.sampled_from(["tg", "ru"]),
        opened_at=st.datetimes(timezones=st.just(NOW.tzinfo), max_value=NOW.replace(tzinfo=None)),
        step=st.integers(0, 40),
    ),
    st.builds(
        CardChanged,
        case_id=st.just(CASE),
        number=st.just("4821"),
        state=st.sampled_from(["taken", "waiting", "closed", "erased", "something new"]),
        alias=st.sampled_from(["", "Чинор"]),
    ),
)


@given(st.lists(EVENTS, max_size=8), st.sampled_from(["tg", "ru"]))
def test_s12_the_groups_transcript_holds_no_sensitive_and_no_category_word(events, language):
    chat = Chat.group([NIGORA, ZARA])
    chat.conversation = replace(chat.conversation, language=language)
    for event in events:
        chat.play(event)
    transcript = "\n".join(
        [o.text for o in outgoings(chat.effects)]
        + [b.label for o in outgoings(chat.effects) for row in o.rows for b in row]
    )
    texts = staff_texts()
    for section in ("push", "banned", "signs"):
        assert word_list(section).first(transcript) is None
    for category in Category:
        for spoken in ("tg", "ru"):
            assert texts.say(spoken, CATEGORIES[category]).casefold() not in transcript.casefold()
        assert category.value not in transcript


@pytest.mark.parametrize("level", [Level.URGENT, Level.CONCERN])
@pytest.mark.parametrize("language", ["tg", "ru"])
def test_s12_a_card_is_number_level_language_waiting_time_and_take(level, language):
    chat = Chat.group([NIGORA])
    chat.play(rang(level=level, language=language))
    (say,) = chat.asked(Say)
    texts = staff_texts()
    fields = ["№ 4821", texts.say("ru", LEVELS[level]), texts.say("ru", LANGUAGES[language]), "ждёт меньше минуты"]
    assert say.outgoing.text == " · ".join(fields)
    assert [b.choice for row in say.outgoing.rows for b in row] == [f"case.take:{CASE}"]
    assert (say.tag, say.case_id) == (f"card:{CASE}", None)
    assert len(f"case.take:{CASE}".encode()) <= 40


def test_ringing_again_takes_the_old_card_away_and_brings_a_new_one():
    chat = Chat.group([NIGORA])
    chat.play(rang(step=1))
    assert [type(e) for e in chat.last] == [CancelSends, Unsay, Say]
    assert {e.lane for e in chat.last[1:]} == {"escalation"}
    assert chat.last[0].ref == chat.last[-1].ref == CASE, "one that waits for an outage to end never goes"


def test_a_taken_card_has_no_button_any_more():
    chat = Chat.group([NIGORA])
    chat.play(CardChanged(CASE, "4821", "taken", "Чинор"))
    (amend,) = chat.asked(Amend)
    assert amend.tag == f"card:{CASE}"
    assert not amend.outgoing.rows


def test_s14_a_confirmed_coordinator_binds_the_group():
    chat = Chat.group([NIGORA], state="Onboarding:new")
    chat.play(GroupBound(NIGORA.id, "code"), invitation=invitation(Role.GROUP))
    assert [e.by for e in chat.asked(BindGroup)] == [NIGORA.id]
    assert chat.state == "Group:bound"
    assert chat.said


@pytest.mark.parametrize(("rights", "is_asked"), [("member", True), ("administrator", False)])
def test_s14_a_group_in_which_the_bot_has_no_rights_says_so_when_it_is_bound(rights, is_asked):
    chat = Chat.group([NIGORA], state="Group:unbound")
    chat.play(GroupChanged(rights, NIGORA.id))
    chat.play(GroupBound(NIGORA.id, "code"), invitation=invitation(Role.GROUP))
    assert ("не администратор" in chat.said) is is_asked


@pytest.mark.parametrize(
    ("by", "made"),
    [
        (ZARA.id, invitation(Role.GROUP)),
        ("", invitation(Role.GROUP)),
        (NIGORA.id, None),
        (NIGORA.id, invitation(Role.MOTHER)),
        (NIGORA.id, invitation(Role.GROUP, expires_at=NOW)),
    ],
)
def test_s14_nobody_else_and_no_other_code_binds_it(by, made):
    chat = Chat.group([NIGORA, ZARA], state="Group:unbound")
    chat.play(GroupBound(by, "code"), invitation=made)
    assert not chat.asked(BindGroup)
    assert chat.state == "Group:unbound"
    assert chat.said


@pytest.mark.parametrize(
    ("event", "what"),
    [
        (GroupChanged("joined"), "group_stranger"),
        (GroupChanged("pressed"), "group_stranger"),
        (GroupChanged("lost"), "group_lost"),
        (GroupChanged("member"), "group_lost"),
        (ReachChanged(is_reachable=False), "group_lost"),
    ],
)
def test_s14_strangers_and_a_lost_group_alarm_the_coordinators(event, what):
    chat = Chat.group([NIGORA, ZARA])
    chat.play(event)
    assert [(p.event, p.to) for p in chat.posts] == [(DeskAlarmed(what), NIGORA.conversation_id)]
    assert not chat.said


@pytest.mark.parametrize("staff_id", [id_of("revoked"), id_of("inert")])
def test_s14_who_has_no_rights_any_more_or_not_yet_is_a_stranger_in_the_group(staff_id):
    chat = Chat.group([NIGORA, ZARA, facilitator("inert", is_confirmed=False)])
    chat.play(GroupChanged("joined", staff_id))
    assert [post.event for post in chat.posts] == [DeskAlarmed("group_stranger")]
    chat.play(GroupChanged("joined", ZARA.id))
    assert not chat.posts


@pytest.mark.parametrize("state", ["Staff:ended", "Staff:waiting"])
def test_s14_one_without_rights_who_presses_take_is_told_of_once_an_hour_and_opens_nothing(state):
    ex = facilitator("ex", is_confirmed=False)
    chat = Chat.of(ex, [NIGORA], state=state)
    told = []
    for minutes in (0, 1, 59, 60):
        chat.press(f"case.take:{CASE}", now=NOW + timedelta(minutes=minutes))
        told += [(minutes, post.event.what, post.to) for post in chat.posts]
        assert chat.said
    assert told == [(n, "group_stranger", NIGORA.conversation_id) for n in (0, 60)]


def test_s10_who_presses_or_binds_without_end_does_not_stand_in_the_way_of_real_cases():
    chat = Chat.group([NIGORA])
    told, said = 0, 0
    for seconds in range(0, 7200, 60):
        now = NOW + timedelta(seconds=seconds)
        chat.play(GroupChanged("pressed"), now=now)
        told += len(chat.posts)
        chat.play(GroupBound("", "wrong"), now=now)
        said += len(chat.asked(Say))
    assert (told, said) == (2, 2)


def test_s14_each_stranger_who_comes_in_is_told_of():
    chat = Chat.group([NIGORA])
    for minutes in range(3):
        chat.play(GroupChanged("joined"), now=NOW + timedelta(minutes=minutes))
        assert chat.posts


@pytest.mark.parametrize(
    "event",
    [GroupChanged("lost"), GroupChanged("member"), ReachChanged(is_reachable=False), SendsFailed("unreachable")],
)
def test_s10_a_lost_group_is_marked_once_and_a_regained_one_rings_again(event):
    chat = Chat.group([NIGORA])
    chat.play(event)
    assert chat.asked(Stand) == [Stand({"unreachable_at": NOW})]
    chat.knows(roster=Roster((NIGORA,), (Group(chat.conversation.id, is_reachable=False),)))
    chat.play(event)
    assert not chat.last
    chat.play(GroupChanged("administrator"))
    assert chat.asked(Stand) == [Stand({"unreachable_at": None})]


@pytest.mark.parametrize(
    "event",
    [
        GroupChanged("lost"),
        GroupChanged("member"),
        ReachChanged(is_reachable=False),
        SendsFailed("unreachable", ("card",)),
        SendsFailed("refused", ("card",)),  # a topic that was closed
        SendsFailed("expired", ("card",)),
    ],
)
def test_s10_each_case_that_nobody_acted_on_hears_that_the_group_did_not_show_its_card(event):
    chat = Chat.group([NIGORA, ZARA])
    silent, taken = open_case("one", "4821"), open_case("two", "4822", ZARA)
    acted = open_case("three", "4823", ZARA, acted_at=NOW)
    chat.play(event, cases=(silent, taken, acted))
    told = [(post.event, post.to) for post in chat.posts if isinstance(post.event, CardLost)]
    assert told == [(CardLost(case.id), case.conversation_id) for case in (silent, taken)]


def test_s10_a_card_that_was_on_its_way_while_the_group_was_lost_rings_without_another_general_word():
    chat = Chat.group([NIGORA])
    chat.knows(roster=Roster((NIGORA,), (Group(chat.conversation.id, is_reachable=False),)))
    case = open_case("one", "4821")
    chat.play(SendsFailed("unreachable", ("card",)), cases=(case,))
    assert [post.event for post in chat.posts] == [CardLost(case.id)]


def test_a_card_that_came_too_late_is_told_but_the_group_is_not_lost():
    chat = Chat.group([NIGORA])
    chat.play(SendsFailed("expired", ("card",)))
    assert not chat.asked(Stand)
    assert [p.event for p in chat.posts] == [DeskAlarmed("group_lost")]


@pytest.mark.parametrize("event", [MessageReceived("сӯҳбат"), CommandGiven("help"), GroupChanged("joined", ZARA.id)])
@pytest.mark.parametrize("state", ["Group:bound", "Group:unbound", "Onboarding:new"])
def test_people_talk_among_themselves_and_nothing_is_said_or_kept(event, state):
    chat = Chat.group([NIGORA, ZARA], state=state)
    chat.play(event)
    assert not chat.last
    assert not chat.conversation.data
    assert chat.conversation.owner is Owner.GROUP


@pytest.mark.parametrize("language", ["tg", "ru"])
def test_s12_screening_itself_finds_nothing_in_a_groups_transcript(language):
    chat = Chat.group([NIGORA, ZARA])
    chat.conversation = replace(chat.conversation, language=language)
    for level in (Level.URGENT, Level.CONCERN):
        for spoken in ("tg", "ru"):
            chat.play(rang(1, level, language=spoken))
    for state in ("taken", "waiting", "closed", "erased"):
        chat.play(CardChanged(CASE, "4821", state, "Чинор"))
    screen = load_screen()
    for outgoing in outgoings(chat.effects):
        for text in (outgoing.text, *(button.label for row in outgoing.rows for button in row)):
            assert screen.screen(text, chat.state).level is Level.NONE, text


def test_s10_a_case_that_became_urgent_leaves_no_older_card_with_a_button_behind():
    chat = Chat.group([NIGORA, ZARA])
    chat.play(rang(level=Level.CONCERN))
    assert Unsay not in {type(effect) for effect in chat.last}
    chat.play(replace(rang(), is_again=True))
    assert [type(effect) for effect in chat.last] == [CancelSends, Unsay, Say]
