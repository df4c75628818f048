"""Every state of staff and group meets every event that can reach it: nothing raises, and staff are answered."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.cases import Category, Level
from bot.core.conversation import BroadcastFigures
from bot.core.effects import Amend, Post, Say, Unsay
from bot.core.events import (
    AccessEnded,
    AlarmTested,
    AnswerSettled,
    BroadcastMoved,
    ButtonPressed,
    CardChanged,
    CaseGiven,
    CaseLeft,
    CaseMessageArrived,
    CaseRang,
    CommandGiven,
    DeskAlarmed,
    FileGiven,
    MessageEdited,
    MessageReceived,
    ReachChanged,
    SendsFailed,
    StaffConfirmed,
    StaffWaits,
    Started,
    SweepDue,
    TakeRefused,
)
from bot.core.groups import GroupBound, GroupChanged
from bot.core.messages import Kind
from bot.core.people import Role
from bot.core.teamwork import (
    BroadcastBegun,
    ConflictNamed,
    FallbackNamed,
    FollowUpAsked,
    GuidanceGiven,
    HistoryGiven,
    NoteLeft,
    OpinionWanted,
    RotaSet,
    ShiftRested,
)
from bot.flows.coordinator import ALARMS
from bot.flows.group import GROUP
from bot.flows.history import DONE
from bot.flows.interpret import EVERYWHERE
from bot.flows.staff_tables import STAFF_FLOWS
from tests.flows.desk_world import NOW, Chat, cohort, coordinator, facilitator, id_of, invitation, open_case, outgoings

ZARA = replace(facilitator("zara"), roles=frozenset({Role.FACILITATOR, Role.COORDINATOR}))
LOLA, NIGORA = facilitator("lola"), coordinator("nigora")
SARV = facilitator("sarv", roles=frozenset({Role.SUPERVISOR}), trained_on=None)
ONE = open_case("one", "4821", ZARA)
FREE = open_case("two", "1907")
ALONG = open_case("three", "5555", LOLA, second_id=ZARA.id)
CHAT = id_of("chat-a")

ACTS = (
    MessageReceived("Салом", message_id="m1"),
    MessageReceived("25", message_id="m1"),
    MessageReceived("пн-пт 9-17", message_id="m1"),
    MessageReceived("24.11-30.11", message_id="m1"),
    MessageReceived("", message_id="m1"),
    MessageReceived("", Kind.PHOTO, "m1"),
    MessageReceived("", Kind.STICKER, "m1"),
    MessageReceived("Дуруд", message_id="m1", is_forwarded=True),
    MessageReceived("😀" * 4096, message_id="m1"),
    MessageEdited("Дигар", "m1"),
    *(CommandGiven(word, "m1") for word in sorted(EVERYWHERE)),
    Started(),
    Started("code"),
)
POSTED = (
    ReachChanged(is_reachable=False),
    ReachChanged(is_reachable=True),
    SendsFailed("unreachable", ("case_text",), ONE.id),
    SweepDue(ONE.id),
    SweepDue(""),
    ShiftRested(),
    CaseRang(FREE.id, "1907", Level.URGENT, "tg", NOW - timedelta(days=3), 2),
    CaseRang(FREE.id, "1907", Level.URGENT, "tg", NOW, 2, first="Zara"),
    CaseRang(FREE.id, "1907", Level.URGENT, "tg", NOW, 2, first="Lola"),
    CaseRang(FREE.id, "1907", Level.URGENT, "tg", NOW, passed_by="Lola"),
    *(CardChanged(ONE.id, "4821", state, "Лола") for state in ("taken", "waiting", "passed", "closed", "erased", "?")),
    *(
        GuidanceGiven(ONE.id, "4821", level, category)
        for level in (Level.CONCERN, Level.URGENT)
        for category in ("", *Category, "?")
    ),
    HistoryGiven(ONE.id, "4821", tuple((NOW, what, "Lola") for what in (*DONE, "?"))),
    OpinionWanted(ALONG.id, "5555", Level.CONCERN, "ru", "Lola"),
    NoteLeft(ONE.id, "4821", "Nigora", "матн"),
    NoteLeft(FREE.id, "1907", "Nigora", "матн"),
    *(FollowUpAsked("4821", "Себ 1", CHAT, why) for why in ("", "stopped", "unreachable", "open_case", "?")),
    ConflictNamed(ONE.conversation_id, is_apart=True, by=NIGORA.id),
    ConflictNamed(CHAT, is_apart=False, by=NIGORA.id),
    FallbackNamed(is_fallback=True, by=NIGORA.id),
    FallbackNamed(is_fallback=False, by="gone"),
    RotaSet((("09:00", "17:00", (0, 1)),), ("tg",), 3, (("22:00", "07:00", (0,)),), ("2026-11-24", "2026-11-30")),
    RotaSet((), ("tg", "ru"), 5),
    *(
        CaseGiven(
            case.id,
            case.number,
            Level.CONCERN,
            "Себ 1",
            "ru",
            category,
            (),
            tuple((id_of(f"m{kind}"), "hers", kind, NOW, "") for kind in Kind),
            lesson="1.1",
            earlier="3333",
        )
        for case in (ONE, FREE, ALONG)
        for category in ("", *Category)
    ),
    *(TakeRefused(ONE.id, "4821", why) for why in ("taken", "closed", "role", "?")),
    *(CaseMessageArrived(ONE.id, "4821", id_of("m"), kind, "") for kind in Kind),
    FileGiven(ONE.id, "4821", "file-id", Kind.PHOTO),
    *(
        AnswerSettled(ONE.id, "4821", how, NOW)
        for how in ("sent", "waits", "expired", "refused", "failed", "unknown", "unreachable", "?")
    ),
    *(CaseLeft(ONE.id, "4821", why) for why in ("closed", "passed", "revoked", "replaced", "erased", "opinion", "?")),
    CaseLeft(ONE.id, "4821", "closed", is_heavy=True),
    StaffWaits("", id_of("chat-new"), "Чинор", (Role.AUDITOR,)),
    StaffConfirmed("", NIGORA.id, is_accepted=True, roles=(Role.FACILITATOR,)),
    StaffConfirmed("", NIGORA.id, is_accepted=False),
    AlarmTested(id_of("test"), "Nigora"),
    *(DeskAlarmed(what, "Себ 1", "4821") for what in (*ALARMS, "?")),
    BroadcastBegun(id_of("cast"), "Чинор", 12, "Салом", "Привет"),
    BroadcastMoved(id_of("cast")),
    BroadcastMoved(id_of("other")),
    AccessEnded(),
)
CHOICES = (
    "stale",
    "unknown",
    *(f"menu.{m}" for m in "mine queue duty shift session people cohorts broadcast test newcomers ready help".split()),
    "menu.language",
    "menu.leave",
    "language.set:ru",
    "language.set:xx",
    *(
        f"case.{act}:{case}"
        for act in "take decline reply note pass close again file guide history assign ask advise".split()
        for case in (ONE.id, FREE.id, ALONG.id, "gone", "")
    ),
    f"assign.to:{LOLA.id}",
    "assign.to:gone",
    "menu.shared",
    "shared.again",
    "case.to:all",
    f"case.to:{LOLA.id}",
    "case.to:gone",
    f"case.second:{SARV.id}",
    "case.second:gone",
    "case.follow:7",
    "case.follow:99",
    "debrief.ask",
    f"follow.open:{CHAT}",
    f"follow.done:{CHAT}",
    "follow.open:gone",
    "menu.arrange",
    "menu.fallback",
    f"fallback:{LOLA.id}",
    "fallback:gone",
    "arrange.tongue:tg",
    "arrange.tongue:xx",
    "arrange.limit:3",
    "arrange.limit:99",
    "arrange.rest",
    "arrange.no_rest",
    "arrange.away",
    "arrange.days:7",
    "arrange.here",
    "meet.mine",
    "meet.whose",
    f"apart:{LOLA.id}",
    "apart:gone",
    "case.passed",
    "case.outcome:handled",
    "case.outcome:nonsense",
    "answer.ready:0",
    "answer.ready:99",
    "answer.send",
    "answer.change",
    "answer.drop",
    "duty.days:0",
    "duty.days:x",
    "duty.hours:1",
    "duty.hours:99",
    "duty.save",
    "duty.more",
    "duty.back",
    f"held.cohort:{id_of('bahor')}",
    "held.cohort:gone",
    "held.yes",
    f"person:{CHAT}",
    "person:gone",
    "people.from:0",
    "people.from:x",
    "meet.confirm",
    "meet.freeze",
    "meet.lift",
    f"cast.cohort:{id_of('bahor')}",
    "cast.cohort:gone",
    *(f"cast.{act}" for act in "write me tajik russian all go".split()),
    *(f"cast.{act}:{id_of('cast')}" for act in ("pause", "on", "cancel")),
    f"staff.accept:{id_of('chat-new')}:a",
    f"staff.refuse:{id_of('chat-new')}:a",
    f"staff.accept:{id_of('chat-new')}:f",
    "staff.remind",
    f"alarm.seen:{id_of('test')}",
)
STEP = {
    "case": ONE.id,
    "number": ONE.number,
    "to": ONE.conversation_id,
    "language": "tg",
    "draft": "матн",
    "summary": "матн",
    "follow_up": 7,
    "outcome": "handled",
    "stretches": [["09:00", "17:00", [0, 1]]],
    "days": [0],
    "cohort": id_of("bahor"),
    "module": "m2",
    "lesson": "2.1",
    "file": "recorded",
    "seconds": 9,
    "size": 9000,
    "person": CHAT,
    "from": 0,
    "cohorts": [id_of("bahor")],
    "tg": "Мо пагоҳ вохӯрӣ дорем",
    "ru": "Завтра встречаемся в десять",
    "is_seen": True,
    "count": 10,
}
STATES = sorted(state.name for flow in STAFF_FLOWS for state in flow.states)
BROADCAST = BroadcastFigures(id_of("cast"), "running", {"sent": 3, "left_out": 1, "unknown": 1})


def chat_in(state, staff=ZARA, cases=(ONE, FREE, ALONG), language="ru"):
    chat = Chat.of(staff, [LOLA, NIGORA, SARV], state, cases=cases, cohorts=(cohort(),), broadcast=BROADCAST)
    data = {"step": dict(STEP), "files": {id_of("m"): ONE.id}, "follow_ups": {CHAT: "4821"}}
    chat.conversation = replace(chat.conversation, data=data, language=language)
    return chat


SILENT = (ReachChanged(is_reachable=True), ShiftRested())
"""That a member of the team can be written to again is noted, and the end of her rest was announced before."""


def is_answered(effects):
    return any(isinstance(effect, Say | Amend | Unsay | Post) for effect in effects)


@pytest.mark.parametrize("language", ["tg", "ru"])
@pytest.mark.parametrize("state", STATES)
def test_no_state_of_staff_raises_or_stays_silent(state, language):
    events = [*ACTS, *POSTED, *(ButtonPressed(choice) for choice in CHOICES)]
    others = (LOLA, NIGORA, SARV, facilitator("zara", is_confirmed=False), None)
    people = (ZARA, *others) if language == "ru" else (ZARA,)  # rights do not depend on the language
    for event in events:
        for who in people:
            for replied in (None, ONE.id, FREE.id) if isinstance(event, MessageReceived) else (None,):
                chat = chat_in(state, language=language)
                effects = chat.play(event, staff=who, replied_case=replied, invitation=invitation(Role.AUDITOR))
                assert is_answered(effects) or event in SILENT, (state, event, who)


@pytest.mark.parametrize("state", [state.name for state in GROUP.states])
def test_no_state_of_a_group_raises(state):
    here = (
        *ACTS,
        *(ButtonPressed(choice) for choice in CHOICES),
        *(e for e in POSTED if isinstance(e, CaseRang | CardChanged | ReachChanged | SendsFailed)),
        *(GroupChanged(change) for change in ("joined", "left", "pressed", "administrator", "member", "lost", "?")),
        GroupBound(NIGORA.id, "code"),
        GroupBound(),
    )
    for event in here:
        chat = Chat.group([NIGORA, ZARA], state)
        chat.play(event)
        if isinstance(event, MessageReceived | MessageEdited | ButtonPressed | CommandGiven | Started):
            assert not chat.last


@pytest.mark.parametrize("state", STATES)
def test_every_button_is_short_ascii_and_every_message_has_words(state):
    for event in (*POSTED, *(ButtonPressed(choice) for choice in CHOICES)):
        for outgoing in outgoings(chat_in(state).play(event)):
            assert outgoing.text.strip() or outgoing.file
            for row in outgoing.rows:
                for button in row:
                    assert button.choice.isascii()
                    assert len(button.choice) <= 45
                    assert button.label.strip()


def test_s13_no_state_lets_loose_text_reach_a_mother():
    for state in STATES:
        if state.startswith(
            ("Case:noting", "Case:reason", "Opinion:advising")
        ):  # there the text is asked for, and stays with the desk
            continue
        chat = chat_in(state)
        chat.write("Салом")
        assert not [p for p in chat.posts if p.to == ONE.conversation_id], state
