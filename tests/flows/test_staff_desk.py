"""Duty, sessions, the cohort, the alarm's rehearsal, broadcasts; and the staff's catalogue."""

import ast
import string
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files

import polib
import pytest

from bot.core.calendar import Hours
from bot.core.cases import Level
from bot.core.conversation import BroadcastFigures
from bot.core.effects import (
    AcknowledgeAlarm,
    Amend,
    Arrange,
    OpenModule,
    Say,
    SetDuty,
    StartAlarmTest,
    StartBroadcast,
    SteerBroadcast,
)
from bot.core.events import (
    AccessEnded,
    AlarmTested,
    BroadcastMoved,
    CaseRang,
    DeskAlarmed,
    FreezeAsked,
    MessageReceived,
    PersonConfirmed,
)
from bot.core.messages import Kind
from bot.core.people import Readiness
from bot.core.teamwork import ShiftRested
from bot.flows.policy import Policy
from bot.flows.timetable import parse, say
from tests.flows.desk_world import NOW, Chat, cohort, coordinator, engine, facilitator, id_of, open_case

ZARA, LOLA, NIGORA = facilitator("zara"), facilitator("lola"), coordinator("nigora")
ARCHA = coordinator("archa")
WEEK = (0, 1, 2, 3, 4)
TAJIK, RUSSIAN = "Пагоҳ соати даҳ вохӯрӣ дорем", "Завтра в десять встречаемся"


# ---- duty hours


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("пн-пт 9-17", (("09:00", "17:00", WEEK),)),
        ("дш-ҷм 9-17", (("09:00", "17:00", WEEK),)),
        ("дш-чм 9-17", (("09:00", "17:00", WEEK),)),
        ("ПН–ПТ 9:30–17.00", (("09:30", "17:00", WEEK),)),
        ("пн, ср 9-12", None),
        ("пн ср 9-12", (("09:00", "12:00", (0, 2)),)),
        ("пн-пт 9-13, сб 10-13", (("09:00", "13:00", WEEK), ("10:00", "13:00", (5,)))),
        ("шанбе якшанбе 8-20", (("08:00", "20:00", (5, 6)),)),
        ("сб-вт 20-8", (("20:00", "08:00", (0, 1, 5, 6)),)),
        ("ҳар рӯз 8-20", (("08:00", "20:00", (0, 1, 2, 3, 4, 5, 6)),)),
        ("каждый день 0-24", (("00:00", "00:00", (0, 1, 2, 3, 4, 5, 6)),)),
        ("9-17", (("09:00", "17:00", (0, 1, 2, 3, 4, 5, 6)),)),
        ("пн-пт 9-25", None),
        ("пн-пт", None),
        ("завтра 9-17", None),
        ("пн-пт 9-17 и ещё", None),
        ("", None),
    ],
)
def test_hours_are_understood_as_people_write_them(text, expected):
    assert parse(text) == expected


@pytest.mark.parametrize("language", ["tg", "ru"])
def test_hours_are_said_so_that_they_are_understood_again(language):
    stretches = (("09:00", "17:00", WEEK), ("10:00", "13:30", (5,)), ("20:00", "08:00", (0, 6)))
    lines = say(stretches, language).replace(", ", " ")
    assert parse(lines) == stretches


def test_duty_hours_are_shown_back_before_they_count():
    chat = Chat.of(replace(ZARA, duty=()))
    chat.press("menu.duty")
    chat.press_now("duty.days:0")
    chat.press_now("duty.hours:1")
    assert not chat.asked(SetDuty)
    assert "пн–пт 09:00–17:00" in chat.said
    chat.press_now("duty.more")
    chat.write("сб 10-13")
    chat.press_now("duty.save")
    assert chat.asked(SetDuty) == [SetDuty((("09:00", "17:00", WEEK), ("10:00", "13:00", (5,))))]


def test_hours_that_are_not_understood_change_nothing():
    chat = Chat.of(ZARA)
    chat.press("menu.duty")
    chat.write("когда смогу")
    assert not chat.asked(SetDuty)
    assert "сб 10-13" in chat.said


def test_the_last_on_duty_who_ends_her_shift_is_thanked_and_coordinators_know():
    chat = Chat.of(ZARA, [NIGORA], cases=(open_case("one", "4821", ZARA),))
    chat.press("menu.shift")
    assert not chat.asked(SetDuty), "her week stays as it is, in the rota and for what is promised"
    (rests,) = chat.asked(Arrange)
    assert [(p.event, p.to) for p in chat.posts] == [(DeskAlarmed("nobody_on_duty"), NIGORA.conversation_id)]
    assert "Ещё у Вас: 1" in chat.said
    chat.press("duty.back", staff=replace(ZARA, off=rests.changes["off"]))
    assert chat.asked(Arrange) == [Arrange({"off": None})]
    assert "снова действуют" in chat.said
    chat.press("duty.back")
    assert not chat.asked(Arrange), "once is enough"


@pytest.mark.parametrize(("left", "rested"), [(13, 13), (2, 8)])
def test_ending_a_shift_keeps_the_week_from_its_end_on_and_after_a_rest(left, rested):
    chat = Chat.of(on_duty(NOW - timedelta(hours=1), NOW + timedelta(hours=left)), [NIGORA])
    chat.press("menu.shift")
    assert chat.asked(Arrange) == [Arrange({"off": (NOW, NOW + timedelta(hours=rested))})]


def test_hours_that_she_sets_while_she_rests_count_at_once():
    chat = Chat.of(replace(ZARA, off=(NOW, NOW + timedelta(hours=8))), [NIGORA])
    chat.press("menu.duty")
    chat.write("пн-пт 9-17")
    chat.press("duty.save")
    assert chat.asked(Arrange) == [Arrange({"off": None})]


def test_a_week_that_was_put_aside_by_an_ended_shift_is_given_back():
    chat = Chat.of(replace(ZARA, duty=()), [NIGORA])
    chat.conversation.data["shift"] = [["09:00", "17:00", [0, 1]]]
    chat.play(ShiftRested())
    assert chat.asked(SetDuty) == [SetDuty((("09:00", "17:00", (0, 1)),))]
    chat.play(ShiftRested())
    assert not chat.asked(SetDuty), "once is enough"


def test_ending_a_shift_outside_of_it_keeps_the_week():
    chat = Chat.of(on_duty(NOW - timedelta(hours=3), NOW - timedelta(hours=1)), [NIGORA])
    chat.press("menu.shift")
    assert not chat.asked(SetDuty)
    assert "остаются как есть" in chat.said


def on_duty(begin, end):
    return replace(ZARA, duty=(Hours(begin.time(), end.time()),), zone="UTC")


def test_a_shift_that_ends_while_another_is_on_duty_alarms_nobody():
    chat = Chat.of(ZARA, [NIGORA, LOLA])
    chat.press("menu.shift")
    assert not chat.posts


# ---- rings and the queue


def test_s12_a_private_ring_holds_the_fields_of_the_card_and_take():
    chat = Chat.of(ZARA, cases=(open_case("one", "4821"),))
    chat.play(CaseRang(id_of("one"), "4821", Level.URGENT, "tg", NOW - timedelta(minutes=7), 2))
    (say_,) = chat.asked(Say)
    assert say_.outgoing.text.startswith("№ 4821 · срочно · на таджикском · ждёт 7 минут\n")
    assert say_.lane == "escalation"
    assert chat.choices == [f"case.take:{id_of('one')}"]


def test_s10_who_has_the_case_is_rung_for_an_answer_and_not_for_taking_it():
    chat = Chat.of(ZARA, [LOLA], cases=(open_case("one", "4821", ZARA),))
    chat.play(CaseRang(id_of("one"), "4821", Level.URGENT, "tg", NOW, 3, first=LOLA.alias))
    assert f"case.reply:{id_of('one')}" in chat.choices
    assert f"case.take:{id_of('one')}" not in chat.choices
    assert LOLA.alias not in chat.said


def test_a_coordinator_who_may_not_take_hears_who_can():
    chat = Chat.of(NIGORA, [ZARA, LOLA], cases=(open_case("one", "4821"),))
    chat.play(CaseRang(id_of("one"), "4821", Level.URGENT, "tg", NOW, 3))
    assert "Lola, Zara" in chat.said
    assert not chat.choices


def test_the_queue_is_ordered_by_level_then_age():
    cases = (
        open_case("a", "1111", level=Level.CONCERN, opened_at=NOW - timedelta(hours=9)),
        open_case("b", "2222", opened_at=NOW - timedelta(minutes=2)),
        open_case("c", "3333", opened_at=NOW - timedelta(minutes=5)),
    )
    chat = Chat.of(ZARA, cases=cases)
    chat.press("menu.queue")
    assert [s.outgoing.text[2:6] for s in chat.asked(Say)] == ["3333", "2222", "1111"]


def test_s10_a_case_taken_but_left_without_an_act_can_be_taken_by_another():
    case = open_case("one", "4821", LOLA, taken_at=NOW - timedelta(minutes=15))
    chat = Chat.of(ZARA, [LOLA], cases=(case,))
    chat.press(f"case.take:{case.id}")
    assert [p.to for p in chat.posts] == [case.conversation_id]


# ---- sessions and the cohort


def test_session_held_opens_the_next_module_after_a_look():
    chat = Chat.of(ZARA, cohorts=(cohort(),))
    chat.press("menu.session")
    chat.press_now(f"held.cohort:{id_of('bahor')}")
    assert "12" in chat.said
    assert not chat.asked(OpenModule)
    assert "Себ" not in chat.said
    chat.press_now("held.yes")
    assert chat.asked(OpenModule) == [OpenModule(id_of("bahor"), "m2")]


def test_a_module_is_never_opened_twice():
    chat = Chat.of(ZARA, cohorts=(cohort(),))
    chat.press("menu.session")
    chat.press_now(f"held.cohort:{id_of('bahor')}")
    chat.press_now("held.yes", cohorts=(cohort(opened=("m1", "m2")),))
    assert not chat.asked(OpenModule)
    assert chat.said


@pytest.mark.parametrize(
    ("choice", "event"),
    [
        ("meet.confirm", PersonConfirmed(ZARA.id)),
        ("meet.freeze", FreezeAsked(is_frozen=True, staff_id=ZARA.id)),
        ("meet.lift", FreezeAsked(is_frozen=False, staff_id=ZARA.id)),
    ],
)
def test_s16_s3_a_mother_is_confirmed_or_frozen_by_her_code_name(choice, event):
    chat = Chat.of(ZARA, cohorts=(cohort(),))
    chat.press("menu.people")
    chat.press_now(f"person:{id_of('chat-a')}")
    chat.press_now(choice)
    assert [(p.event, p.to) for p in chat.posts] == [(event, id_of("chat-a"))]


def test_a_mother_of_another_cohort_is_out_of_reach():
    chat = Chat.of(ZARA, cohorts=(cohort(),))
    chat.press("menu.people")
    chat.press_now(f"person:{id_of('chat-x')}")
    assert chat.state == "Meeting:list"
    assert not chat.posts


# ---- the alarm's rehearsal and readiness


def test_s11_a_rehearsal_reaches_everybody_and_each_acknowledges_for_herself():
    chat = Chat.of(NIGORA, [ZARA, LOLA])
    chat.press("menu.test")
    (test,) = chat.asked(StartAlarmTest)
    assert {p.to for p in chat.posts} == {ZARA.conversation_id, LOLA.conversation_id}
    assert chat.choices == [f"alarm.seen:{test.test_id}"]
    hers = Chat.of(ZARA, [NIGORA])
    hers.play(AlarmTested(test.test_id, "Nigora"))
    hers.press(hers.choices[0])
    assert hers.asked(AcknowledgeAlarm) == [AcknowledgeAlarm(test.test_id)]


def test_only_a_coordinator_rehearses_and_broadcasts():
    chat = Chat.of(ZARA, [NIGORA], cohorts=(cohort(),))
    for choice in ("menu.test", "menu.broadcast", "menu.ready"):
        chat.press(choice)
        assert not chat.posts
        assert chat.state == "Staff:menu"
        assert chat.said


def test_s11_readiness_says_what_is_missing_and_who_does_it():
    chat = Chat.of(NIGORA, [ZARA])
    chat.press("menu.ready")
    assert chat.said.count("—") == 3
    ready = Readiness(frozenset({ZARA.id, NIGORA.id}), NOW.date(), NOW.date())
    chat.press("menu.ready", readiness=ready)
    assert "Всё готово" in chat.said


# ---- broadcasts


def test_words_where_there_are_only_buttons_are_told_so_and_a_picture_is_told_what_is_understood():
    chat = Chat.of(NIGORA, cohorts=(cohort(),))
    chat.press("menu.broadcast")
    chat.write("абракадабра")
    assert "Нажмите здесь" in chat.said
    assert "cast.cohort" in chat.choices[0]
    chat.play(MessageReceived("", Kind.PHOTO, message_id="hers-2"))
    assert "только текст и кнопки" in chat.said


def compose(chat, tajik=TAJIK, russian=RUSSIAN):
    chat.press("menu.broadcast")
    chat.press_now(f"cast.cohort:{id_of('bahor')}")
    chat.press_now("cast.write")
    chat.write(tajik)
    chat.write(russian)


@pytest.fixture
def desk():
    return Chat.of(NIGORA, [ZARA], cohorts=(cohort(),))


@pytest.mark.parametrize(
    ("reach", "goes", "says"),
    [
        (0, True, "больше суток молчат: 4. Им ничего не уйдёт"),
        (4, True, "WhatsApp разрешает 4"),
        (3, False, "WhatsApp разрешает 3"),
    ],
)
def test_a_broadcast_counts_who_is_silent_on_whatsapp_and_keeps_to_what_it_allows(reach, goes, says):
    chat = Chat.of(NIGORA, cohorts=(cohort(silent=4),))
    chat.engine = engine(Policy(silent_reach=reach))
    compose(chat)
    assert "не больше 10" in chat.said
    assert says in chat.said
    chat.press_now("cast.me")
    chat.press_now("cast.all")
    assert (chat.state == "Broadcast:counting") is goes
    assert goes or "больше, чем WhatsApp разрешает" in chat.said


def test_s4_a_broadcast_goes_after_send_to_me_the_count_and_two_minutes(desk):
    compose(desk)
    assert "не больше 10" in desk.said
    assert "открытое обращение, 1" in desk.said
    desk.press_now("cast.me")
    assert {TAJIK, RUSSIAN} <= {s.outgoing.text for s in desk.asked(Say)}
    desk.press_now("cast.all")
    assert not desk.asked(StartBroadcast)
    desk.write("10")
    (start,) = desk.asked(StartBroadcast)
    assert (start.tg, start.ru, start.cohort_ids) == (TAJIK, RUSSIAN, (id_of("bahor"),))
    assert start.starts_at == NOW + timedelta(seconds=120)
    assert desk.choices == [f"cast.cancel:{start.broadcast_id}"]


@pytest.mark.parametrize(("texts", "is_told"), [((TAJIK, RUSSIAN), False), ((RUSSIAN, TAJIK), True)])
def test_texts_in_the_wrong_order_are_hinted_at_before_they_go(desk, texts, is_told):
    compose(desk, *texts)
    assert ("Таджикский текст похож на русский" in desk.said) is is_told
    assert ("Русский текст похож на таджикский" in desk.said) is is_told


def test_s4_every_other_coordinator_sees_what_goes_and_may_stop_it():
    desk = Chat.of(NIGORA, [ARCHA], cohorts=(cohort(),))
    compose(desk)
    for choice in ("cast.me", "cast.all", "cast.go"):
        desk.press_now(choice)
    (start,) = desk.asked(StartBroadcast)
    (post,) = desk.posts
    assert post.to == ARCHA.conversation_id
    other = Chat.of(ARCHA, [NIGORA])
    other.play(post.event)
    assert TAJIK in other.said
    assert RUSSIAN in other.said
    other.press(f"cast.cancel:{start.broadcast_id}")
    assert other.asked(SteerBroadcast) == [SteerBroadcast(start.broadcast_id, "cancelled")]


def test_s4_what_a_revoked_coordinator_began_ends_with_her_access(desk):
    desk.play(AccessEnded())
    assert desk.asked(SteerBroadcast) == [SteerBroadcast(None, "cancelled")]


@pytest.mark.parametrize("forced", ["cast.all", "cast.go", "10"])
def test_s4_nothing_starts_without_send_to_me(desk, forced):
    compose(desk)
    if forced.isdecimal():
        desk.write(forced)
    else:
        desk.press_now(forced)
    assert not desk.asked(StartBroadcast)
    assert desk.state == "Broadcast:preview"


def test_s4_a_changed_text_must_be_looked_at_again(desk):
    compose(desk)
    desk.press_now("cast.me")
    desk.press_now("cast.russian")
    desk.write("Послезавтра в десять встречаемся")
    desk.press_now("cast.all")
    assert desk.state == "Broadcast:preview"
    assert "cast.me" in desk.choices


@pytest.mark.parametrize("text", ["Приходите, если муж Вас бьёт", "Мактаби модарон пагоҳ", "Полиция завтра"])
def test_s4_a_text_that_is_not_neutral_is_refused_with_the_word(desk, text):
    compose(desk, tajik=text)
    assert "нельзя" in "\n".join(e.outgoing.text for e in desk.effects if isinstance(e, Say))
    assert "tg" not in desk.conversation.data["step"] or desk.conversation.data["step"]["tg"] != text
    desk.press_now("cast.all")
    assert not [e for e in desk.effects if isinstance(e, StartBroadcast)]


def test_the_same_text_for_both_languages_is_refused(desk):
    compose(desk, russian=TAJIK)
    assert desk.state == "Broadcast:russian"


def test_a_wrong_or_changed_count_starts_nothing(desk):
    compose(desk)
    desk.press_now("cast.me")
    desk.press_now("cast.all")
    desk.write("11")
    assert not desk.asked(StartBroadcast)
    desk.press_now("cast.all")
    desk.press_now("cast.go", cohorts=(cohort(total=40),))
    assert not desk.asked(StartBroadcast)


@pytest.mark.parametrize("mothers", [1, 2, 3])
def test_s4_a_small_count_is_typed_as_a_count_and_no_button_is_meant(mothers):
    few = cohort(total=mothers, left_out={}, by_language={"tg": mothers})
    for typed in (1, 2, 3):
        chat = Chat.of(NIGORA, [ZARA], cohorts=(few,))
        compose(chat)
        chat.press_now("cast.me")
        chat.press_now("cast.all")
        chat.write(str(typed))
        assert bool(chat.asked(StartBroadcast)) is (typed == mothers)
        assert typed == mothers or chat.state == "Broadcast:preview"


def test_progress_is_brought_up_to_date_in_place_and_can_be_steered(desk):
    id_ = id_of("cast")
    counts = {"sent": 3, "unknown": 1, "shown": 4, "late": 2, "left_out": 5}
    figures = BroadcastFigures(id_, "running", counts, {"case": 2, "open_case": 1, "stopped": 1, "erased": 1})
    desk.play(BroadcastMoved(id_), broadcast=figures)
    (amend,) = desk.asked(Amend)
    assert amend.tag == f"broadcast:{id_}"
    assert amend.outgoing.text.splitlines() == [
        "Отправляется.",
        "отправлено: 3, показано, когда сама открыла: 4, не включены: 5, не открыто в срок: 2, неизвестно: 1",
        "Не получат: открытое обращение, 3",
        "Не получат: другие причины, 1",
        "Не получат: остановила, 1",
    ]
    for choice, state in (("cast.pause", "paused"), ("cast.on", "running"), ("cast.cancel", "cancelled")):
        desk.press(f"{choice}:{id_}")
        assert desk.asked(SteerBroadcast) == [SteerBroadcast(id_, state)]


@pytest.mark.parametrize("may_open", [True, False])
def test_s4_what_has_reached_everybody_can_be_stopped_as_long_as_somebody_may_open_it(desk, may_open):
    id_ = id_of("cast")
    desk.play(BroadcastMoved(id_), broadcast=BroadcastFigures(id_, "done", {"sent": 3}, may_open=may_open))
    (amend,) = desk.asked(Amend)
    offered = [button.choice for row in amend.outgoing.rows for button in row]
    assert offered == ([f"cast.cancel:{id_}"] if may_open else [])


# ---- the catalogue


def catalogue(language, domain="staff"):
    return polib.pofile(str(files("bot") / "locales" / language / "LC_MESSAGES" / f"{domain}.po"))


def keys_in_code():
    """Every sentence-like literal of the staff's flows outside docstrings."""
    flows = files("bot") / "flows"
    names = (
        "answering broadcasting cards casework coordinator duty enlist group meeting newcomers reading ringing "
        "sessions staff staff_tables steps underway"
    )
    for name in names.split():
        tree = ast.parse((flows / f"{name}.py").read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"text", "button"} and node.args:
                said = node.args[0]
                if isinstance(said, ast.Constant):
                    yield said.value
                yield from (n.value for n in ast.walk(said) if isinstance(n, ast.Constant) and " " in str(n.value))
            if isinstance(node, ast.Dict):
                values = [n.value for n in node.values if isinstance(n, ast.Constant)]
                yield from (v for v in values if isinstance(v, str) and " " in v)


def fields(sentence):
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("language", ["tg", "ru"])
def test_the_staffs_catalogue_is_complete_with_equal_placeholders(language):
    entries = catalogue(language)
    assert {e.msgid for e in entries} == {e.msgid for e in polib.pofile(str(files("bot") / "locales" / "staff.pot"))}
    for entry in entries:
        assert entry.msgstr.strip(), entry.msgid
        assert fields(entry.msgid) == fields(entry.msgstr), entry.msgid
    assert set(keys_in_code()) <= {e.msgid for e in entries}


def test_the_tajik_catalogue_has_one_form_and_says_that_it_is_a_draft():
    tajik = catalogue("tg")
    assert tajik.metadata["Plural-Forms"] == "nplurals=1; plural=0;"
    assert "awaiting native review" in tajik.header


@pytest.mark.parametrize("language", ["tg", "ru"])
def test_no_key_of_staff_means_something_else_to_mothers(language):
    mothers = {e.msgid: e.msgstr for e in catalogue(language, "mothers")}
    twice = {e.msgid for e in catalogue(language) if e.msgid in mothers and mothers[e.msgid] != e.msgstr}
    assert not twice
