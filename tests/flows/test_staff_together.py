"""Facilitators carry cases together: guidance, ready answers, passing on, second opinions, rest, and keeping apart."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from bot.core.calendar import Hours
from bot.core.cases import Category, Level, Outcome
from bot.core.effects import Arrange, Audit, KeepApart, Purpose, Say, Schedule, SetDuty
from bot.core.events import (
    AnswerGiven,
    CaseCloseAsked,
    CaseGiven,
    CaseHandedBack,
    CaseLeft,
    CaseRang,
    DeskAlarmed,
    ReadAsked,
    TakeRefused,
)
from bot.core.people import Away, Role
from bot.core.teamwork import (
    ConflictNamed,
    FallbackNamed,
    FollowUpAsked,
    FollowUpBegun,
    GuidanceAsked,
    GuidanceGiven,
    NoteLeft,
    OpinionAsked,
    OpinionGiven,
    OpinionWanted,
    RotaSet,
)
from bot.flows.arranging import read_dates
from bot.flows.policy import HelpLine, Policy
from bot.guidance.model import Referral, Topic
from tests.flows.desk_world import ENGINE, NOW, Chat, cohort, coordinator, engine, facilitator, id_of, open_case

ZARA, LOLA, NIGORA = facilitator("zara"), facilitator("lola"), coordinator("nigora")
SARV = facilitator("sarv", roles=frozenset({Role.SUPERVISOR}), trained_on=None)
ONE = open_case("one", "4821", ZARA)
HERS = id_of("chat-a")
DAY = Hours(time(9), time(17), frozenset(range(5)))


def desk(me=ZARA, *others, **facts):
    return Chat.of(me, others or (LOLA, NIGORA, SARV), **{"cases": (ONE,), "cohorts": (cohort(),), **facts})


def given_case(case=ONE, *lines, category=Category.SELF_HARM, **changes):
    lines = lines or ((id_of("w1"), "hers", "text", NOW, "Салом, гап ҳаст"),)
    event = CaseGiven(case.id, case.number, case.level, "Себ 1", case.language, category, ("concept",), lines)
    return replace(event, **changes)


def texts(chat):
    return [effect.outgoing.text for effect in chat.asked(Say)]


def desk_with(policy):
    """A desk whose operator has entered help lines or contacts."""
    chat = desk()
    chat.engine = engine(policy)
    return chat


# ---- guidance


@pytest.mark.parametrize("language", ["tg", "ru"])
@pytest.mark.parametrize("level", [Level.CONCERN, Level.URGENT])
@pytest.mark.parametrize("category", ["", *Category])
def test_the_taker_gets_the_guidance_of_her_case_after_her_messages(category, level, language):
    chat = desk()
    chat.conversation = replace(chat.conversation, language=language)
    chat.play(given_case(category=category, level=level))
    said = texts(chat)
    assert len(said) == 4, "heading, her message, guidance, what next"
    card = ENGINE.library.guidance.card(category, level)
    assert all(text[language] in said[2] for text in card.sections.values())
    assert len(said[2]) <= 4096


def test_s12_guidance_leaves_the_chat_with_the_texts_of_the_case():
    chat = desk()
    chat.play(given_case())
    for effect in chat.asked(Say):
        assert (effect.purpose, effect.case_id, effect.expires_at) == (
            Purpose.CASE_TEXT, ONE.id, NOW + timedelta(hours=47),
        )  # fmt: skip
    assert [effect.key for effect in chat.asked(Schedule)] == [f"sweep:{ONE.id}"]


def test_guidance_that_nobody_has_reviewed_says_so():
    chat = desk()
    chat.play(GuidanceGiven(ONE.id, ONE.number, Level.URGENT, "self_harm"))
    assert "Черновик" in chat.said
    reviewed = ENGINE.library.guidance.card("self_harm", Level.URGENT)
    assert not reviewed.is_reviewed


def test_guidance_is_asked_of_the_case_and_shown_to_nobody_else():
    chat = desk()
    chat.press(f"case.guide:{ONE.id}")
    assert [(p.event, p.to) for p in chat.posts] == [(GuidanceAsked(ONE.id, ZARA.id), ONE.conversation_id)]
    other = desk(LOLA, ZARA)
    other.press(f"case.guide:{ONE.id}")
    assert not other.posts
    other.play(GuidanceGiven(ONE.id, ONE.number, Level.URGENT, "self_harm"))
    assert not other.last


def test_a_second_look_does_not_repeat_the_guidance():
    chat = desk()
    chat.play(given_case(is_reading_again=True))
    assert len(texts(chat)) == 3


def contact(topic, checked_on, place="Боғ", name="Маркази намунавӣ"):
    return Referral({"tg": place, "ru": place}, topic, {"tg": name, "ru": name}, "000", checked_on)


def test_contacts_are_those_of_the_topic_with_the_day_they_were_checked():
    fresh, old = NOW.date(), NOW.date() - timedelta(days=181)
    referrals = (
        contact(Topic.MIND, fresh, name="Гӯши шунаво"),
        contact(Topic.HEALTH, old, name="Духтур"),
        contact(Topic.WORK, fresh, name="Кор"),
    )
    chat = desk_with(Policy(referrals=referrals))
    chat.play(GuidanceGiven(ONE.id, ONE.number, Level.URGENT, "self_harm"))
    assert "Боғ: Гӯши шунаво, 000 (23.11.2026)" in chat.said
    assert "Духтур, 000 (проверен 26.05.2026, проверьте" in chat.said
    assert "Кор" not in chat.said
    assert chat.said.index("Гӯши") < chat.said.index("Духтур"), "in the order of the card's topics"


def test_without_contacts_the_card_says_whom_to_ask():
    chat = desk()
    chat.play(GuidanceGiven(ONE.id, ONE.number, Level.CONCERN, ""))
    assert "Контакты: оператор" in chat.said


def test_the_earlier_case_is_named_to_the_taker():
    chat = desk()
    chat.play(given_case(earlier="3333"))
    assert "№ 3333" in texts(chat)[0]


# ---- ready answers


def in_tajik(key, **values):
    return ENGINE.library.texts.say("tg", key, **values)


def ready(chat, label):
    """Press a ready answer by its label and give the text that would go."""
    chat.press(f"case.reply:{ONE.id}")
    said = ENGINE.library.texts.say("ru", label)
    rows = [b for effect in chat.asked(Say) for row in effect.outgoing.rows for b in row if b.label == said]
    if not rows:
        return None
    chat.press_now(rows[0].choice)
    chat.press_now("answer.send")
    [post] = chat.posts
    assert isinstance(post.event, AnswerGiven)
    return post.event.text


def test_ready_answers_are_filled_from_her_shifts_in_the_mothers_language():
    staff = replace(ZARA, duty=(DAY,))
    assert ready(desk(staff), "Until when I am here") == in_tajik(
        "I am here today until {time}, by our time.", time="17:00"
    )
    again = ready(desk(staff), "When I am here again")
    assert "24 ноябри соли 2026" in again
    assert "09:00" in again


def test_a_ready_answer_that_cannot_be_filled_is_not_offered():
    off = replace(ZARA, duty=())
    assert ready(desk(off), "Until when I am here") is None
    assert ready(desk(off), "When I am here again") is None
    assert ready(desk(off), "Numbers") is None
    chat = desk(off)
    chat.press(f"case.reply:{ONE.id}")
    chat.press_now("answer.ready:5")
    assert chat.state == "Answer:writing"
    assert not chat.posts


def test_s5_the_numbers_are_the_one_list_for_everybody():
    line = HelpLine("TJ", "000", {"tg": "Хатти намунавӣ", "ru": "Пример"}, NOW.date())
    assert ready(desk_with(Policy(help_lines=(line,))), "Numbers") == in_tajik(
        "These people answer by telephone too:\n{lines}", lines="Хатти намунавӣ: 000"
    )


# ---- passing on


def test_a_case_is_passed_on_with_a_note_to_a_named_colleague():
    chat = desk()
    chat.press(f"case.pass:{ONE.id}")
    chat.write("Обещала написать завтра.", "typed-1")
    assert not chat.posts
    assert f"case.to:{LOLA.id}" in chat.choices
    assert f"case.to:{NIGORA.id}" not in chat.choices
    assert f"case.to:{ZARA.id}" not in chat.choices
    chat.press_now(f"case.to:{LOLA.id}")
    expected = CaseHandedBack(ONE.id, ZARA.id, "Обещала написать завтра.", LOLA.id)
    assert [(p.event, p.to) for p in chat.posts] == [(expected, ONE.conversation_id)]
    chat.play(CaseLeft(ONE.id, ONE.number, "passed"))
    assert chat.last[0].message_ids == ("typed-1",), "the note leaves the chat too"


def test_a_note_may_go_to_everybody():
    chat = desk()
    chat.press(f"case.pass:{ONE.id}")
    chat.write("1")
    chat.press_now("case.to:all")
    assert [p.event for p in chat.posts] == [CaseHandedBack(ONE.id, ZARA.id, "1", "")]


@pytest.mark.parametrize(
    "changes",
    [{"away": Away(date(2026, 11, 20), date(2026, 11, 30))}, {"conflicts": frozenset({ONE.conversation_id})}],
    ids=["away", "relative"],
)
def test_a_case_is_not_offered_to_one_who_is_away_or_knows_her(changes):
    chat = desk(ZARA, replace(LOLA, **changes), NIGORA)
    chat.press(f"case.pass:{ONE.id}")
    chat.write("…")
    assert f"case.to:{LOLA.id}" not in chat.choices
    chat.press_now(f"case.to:{LOLA.id}")
    assert not chat.posts


def test_s13_a_case_that_moved_while_the_note_was_written_is_not_passed_on():
    chat = desk()
    chat.press(f"case.pass:{ONE.id}")
    chat.write("…")
    chat.press_now(f"case.to:{LOLA.id}", cases=(open_case("one", "4821", LOLA),))
    assert not chat.posts
    assert chat.state == "Staff:menu"


def test_the_note_of_a_hand_over_is_what_the_next_owner_reads_first():
    lines = (
        (id_of("w1"), "hers", "text", NOW, "аввал"),
        (id_of("w2"), "brief", "text", NOW, "қайди Зара"),
        (id_of("w3"), "hers", "text", NOW, "охир"),
    )
    chat = desk()
    chat.play(given_case(ONE, *lines))
    assert ["қайди Зара" in texts(chat)[1], "аввал" in texts(chat)[2], "охир" in texts(chat)[3]] == [True] * 3


def test_one_to_whom_a_case_is_passed_on_hears_by_whom_and_may_take_it():
    free = open_case("one", "4821")
    chat = desk(LOLA, ZARA, cases=(free,))
    chat.play(CaseRang(free.id, "4821", Level.URGENT, "tg", NOW, passed_by="Zara"))
    assert "Zara" in chat.said
    assert chat.choices == [f"case.take:{free.id}", f"case.decline:{free.id}"]


@pytest.mark.parametrize(
    ("first", "expected"), [("Zara", "меньше всего"), ("Lola", "Сначала просят: Lola"), ("", "ждёт")]
)
def test_a_private_ring_says_who_is_asked_first(first, expected):
    chat = desk(cases=(open_case("one", "4821"),))
    chat.play(CaseRang(ONE.id, "4821", Level.URGENT, "tg", NOW, 2, first=first))
    assert expected in chat.said


# ---- a second opinion


def test_the_owner_asks_a_supervisor_by_name():
    chat = desk()
    chat.press(f"case.ask:{ONE.id}")
    assert [c for c in chat.choices if c.startswith("case.second")] == [f"case.second:{SARV.id}"]
    chat.press_now(f"case.second:{SARV.id}")
    assert [(p.event, p.to) for p in chat.posts] == [(OpinionAsked(ONE.id, ZARA.id, SARV.id), ONE.conversation_id)]


def test_without_a_supervisor_she_is_told_whom_to_talk_to():
    chat = desk(ZARA, LOLA, NIGORA)
    chat.press(f"case.ask:{ONE.id}")
    assert "нет супервизора" in chat.said
    assert chat.choices == ["menu.leave"]


@pytest.fixture
def along():
    return desk(SARV, ZARA, cases=(replace(ONE, second_id=SARV.id),))


def test_s12_s14_a_supervisor_sees_no_word_before_she_asks_for_it(along):
    along.play(OpinionWanted(ONE.id, ONE.number, ONE.level, ONE.language, "Zara"))
    assert along.choices == [f"case.{act}:{ONE.id}" for act in ("again", "advise", "guide", "history")]
    along.press(f"case.again:{ONE.id}")
    assert [p.event for p in along.posts] == [ReadAsked(ONE.id, SARV.id)]


def test_s13_a_supervisor_has_no_way_to_write_to_the_mother(along):
    along.play(given_case(is_reading_again=True))
    assert set(along.choices) == {f"case.{act}:{ONE.id}" for act in ("again", "advise", "guide", "history")}
    for act in ("reply", "note", "pass", "close", "ask"):
        along.press(f"case.{act}:{ONE.id}")
        assert not along.posts
    along.write("Салом", replied_case=ONE.id)
    assert not along.posts
    along.press("menu.mine")
    assert f"case.reply:{ONE.id}" not in along.choices
    assert f"case.advise:{ONE.id}" in along.choices


def test_a_supervisors_note_goes_to_the_case_and_from_there_to_its_owner(along):
    along.press(f"case.advise:{ONE.id}")
    along.write("Спросите о детях.")
    assert [(p.event, p.to) for p in along.posts] == [
        (OpinionGiven(ONE.id, SARV.id, "Спросите о детях."), ONE.conversation_id)
    ]
    owner = desk()
    owner.play(NoteLeft(ONE.id, ONE.number, "Sarv", "Спросите о детях."))
    [said] = owner.asked(Say)
    assert said.purpose is Purpose.CASE_TEXT
    assert "Sarv" in said.outgoing.text
    late = desk(LOLA, ZARA)
    late.play(NoteLeft(ONE.id, ONE.number, "Sarv", "Спросите о детях."))
    assert "Спросите" not in late.said


def test_a_note_is_refused_when_she_is_no_longer_asked(along):
    along.press(f"case.advise:{ONE.id}")
    along.write("…", cases=(ONE,))
    assert not along.posts


# ---- afterwards


def test_after_a_heavy_case_she_is_thanked_and_may_ask_for_somebody_to_listen():
    chat = desk()
    chat.play(CaseLeft(ONE.id, ONE.number, "closed", is_heavy=True))
    assert "debrief.ask" in chat.choices
    for word in ("насил", "самоуб", "ребён", "экстрем", "смерт", "побо"):
        assert word not in chat.said.lower()
    chat.press("debrief.ask")
    assert [(p.event, p.to) for p in chat.posts] == [(DeskAlarmed("debrief", code_name="Zara"), SARV.conversation_id)]


def test_without_a_supervisor_coordinators_are_asked_to_listen():
    chat = desk(ZARA, LOLA, NIGORA)
    chat.press("debrief.ask")
    assert [p.to for p in chat.posts] == [NIGORA.conversation_id]
    chat = desk(ZARA, LOLA)
    chat.press("debrief.ask")
    assert not chat.posts
    assert "кому доверяете" in chat.said


def test_a_light_case_ends_without_more_words():
    chat = desk()
    chat.play(CaseLeft(ONE.id, ONE.number, "closed"))
    assert "debrief.ask" not in chat.choices


def test_a_look_in_some_days_is_chosen_at_closing():
    chat = desk()
    chat.knows(cases=(replace(ONE, acted_at=NOW),))
    chat.press(f"case.close:{ONE.id}")
    chat.press_now("case.outcome:handled")
    chat.press_now("case.follow:7")
    assert "Вам через 7 дней" in chat.said
    chat.write("Договорились.")
    assert [p.event for p in chat.posts] == [CaseCloseAsked(ONE.id, ZARA.id, Outcome.HANDLED, "Договорились.", 7, NOW)]


def test_s21_a_false_alarm_is_not_looked_after():
    chat = desk()
    chat.press(f"case.close:{ONE.id}")
    chat.press_now("case.outcome:false_alarm")
    assert not [c for c in chat.choices if c.startswith("case.follow")]
    chat.press_now("case.follow:7")
    chat.write("Песня.")
    assert [p.event.follow_up_days for p in chat.posts] == [0]


def test_the_look_is_a_task_that_is_done_once():
    chat = desk()
    chat.play(FollowUpAsked("4821", "Себ 1", HERS))
    chat.press(f"follow.open:{HERS}")
    assert [(p.event, p.to) for p in chat.posts] == [(FollowUpBegun(ZARA.id, "4821", "Себ 1"), HERS)]
    chat.press(f"follow.open:{HERS}")
    assert not chat.posts
    chat.press("follow.open:chat-of-somebody")
    assert not chat.posts


def test_s3_a_look_at_one_who_wants_quiet_offers_no_writing():
    chat = desk()
    chat.play(FollowUpAsked("4821", "Себ 1", HERS, "stopped"))
    assert not chat.choices


# ---- how she works


def test_languages_and_limit_are_pressed_and_shown_as_they_will_be():
    chat = desk()
    chat.press("menu.arrange")
    chat.press_now("arrange.tongue:ru")
    assert chat.asked(Arrange) == [Arrange({"languages": ("tg",)})]
    assert "Вы отвечаете: на таджикском" in chat.said
    chat.press_now("arrange.limit:3")
    assert chat.asked(Arrange) == [Arrange({"load_limit": 3})]


def test_one_language_always_stays():
    chat = desk(replace(ZARA, languages=frozenset({"ru"})))
    chat.press("menu.arrange")
    chat.press_now("arrange.tongue:ru")
    assert chat.asked(Arrange) == [Arrange({"languages": ("ru",)})]


def test_rest_hours_are_written_like_duty_hours():
    chat = desk()
    chat.press("menu.arrange")
    chat.press_now("arrange.rest")
    chat.write("ночью")
    assert not chat.asked(Arrange)
    chat.write("пн-вс 22-7")
    assert chat.asked(Arrange) == [Arrange({"rest": (("22:00", "07:00", tuple(range(7))),)})]


def test_days_away_are_pressed_or_written_and_her_cases_are_remembered():
    chat = desk()
    chat.press("menu.arrange")
    chat.press_now("arrange.away")
    chat.press_now("arrange.days:3")
    assert chat.asked(Arrange) == [Arrange({"away": ("2026-11-23", "2026-11-25")})]
    assert "Ещё у Вас: 1" in chat.said
    chat.press_now("arrange.away")
    chat.write("1.12-5.12")
    assert chat.asked(Arrange) == [Arrange({"away": ("2026-12-01", "2026-12-05")})]
    chat.press_now("arrange.away")
    chat.press_now("arrange.here")
    assert chat.asked(Arrange) == [Arrange({"away": None})]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24.11-30.11", (date(2026, 11, 24), date(2026, 11, 30))),
        ("24.11", (date(2026, 11, 24), date(2026, 11, 24))),
        ("28.12 – 3.1", (date(2026, 12, 28), date(2027, 1, 3))),
        ("1.2.2027-3.2.2027", (date(2027, 2, 1), date(2027, 2, 3))),
        ("22.11.2026", None),
        ("31.11", None),
        ("30.11-24.11", None),
        ("0.0", None),
        ("когда смогу", None),
        ("24.11-30.11 и ещё", None),
    ],
)
def test_dates_are_understood_as_people_write_them(text, expected):
    assert read_dates(text, date(2026, 11, 23)) == expected


def test_the_operators_rota_holds_and_is_told():
    chat = desk()
    week = (("09:00", "17:00", (0, 1)),)
    chat.play(RotaSet(week, ("tg",), 3, (), ("2026-11-24", "2026-11-30")))
    assert chat.asked(SetDuty) == [SetDuty(week)]
    assert chat.asked(Arrange) == [
        Arrange({"languages": ("tg",), "load_limit": 3, "rest": (), "away": ("2026-11-24", "2026-11-30")})
    ]
    assert "09:00–17:00" in chat.said


def test_a_coordinator_names_one_fallback_person_and_releases_the_one_before():
    named = replace(LOLA, is_fallback=True)
    chat = desk(NIGORA, ZARA, named, SARV)
    chat.press("menu.fallback")
    chat.press_now(f"fallback:{SARV.id}")
    assert {(p.to, p.event.is_fallback) for p in chat.posts} == {
        (SARV.conversation_id, True),
        (LOLA.conversation_id, False),
    }
    chosen = desk(SARV, NIGORA)
    chosen.play(FallbackNamed(is_fallback=True, by=NIGORA.id))
    assert chosen.asked(Arrange) == [Arrange({"is_fallback": True})]
    assert "Nigora" in chosen.said


def test_only_a_coordinator_names_the_fallback_person():
    chat = desk()
    chat.press("menu.fallback")
    assert chat.state == "Staff:menu"
    assert not [choice for choice in chat.choices if choice.startswith("fallback")]


# ---- keeping apart


def test_a_facilitator_says_that_a_mother_is_her_relative_and_her_case_goes_back():
    hers = replace(ONE, conversation_id=HERS)
    chat = desk(cases=(hers,))
    chat.press("menu.people")
    chat.press_now(f"person:{HERS}")
    chat.press_now("meet.mine")
    assert chat.asked(KeepApart) == [KeepApart(HERS, ZARA.id)]
    assert chat.asked(Audit) == [Audit("keep_apart", ZARA.id)]
    assert [(p.event, p.to) for p in chat.posts] == [(CaseHandedBack(ONE.id, ZARA.id), HERS)]


def test_nobody_takes_back_by_herself_that_she_is_a_relative():
    both = replace(ZARA, roles=frozenset({Role.FACILITATOR, Role.COORDINATOR}), conflicts=frozenset({HERS}))
    chat = desk(both, LOLA, NIGORA)
    chat.press("menu.people")
    chat.press_now(f"person:{HERS}")
    assert "meet.mine" not in chat.choices
    chat.press_now("meet.whose")
    assert f"apart:{ZARA.id}" not in chat.choices
    chat.press_now(f"apart:{ZARA.id}")
    assert not chat.posts
    assert not chat.asked(KeepApart)


def test_a_coordinator_keeps_a_colleague_apart_and_takes_it_back():
    for had, is_apart in ((frozenset(), True), (frozenset({HERS}), False)):
        chat = desk(NIGORA, replace(LOLA, conflicts=had), ZARA)
        chat.press("menu.people")
        chat.press_now(f"person:{HERS}")
        chat.press_now("meet.whose")
        chat.press_now(f"apart:{LOLA.id}")
        assert [(p.event, p.to) for p in chat.posts] == [
            (ConflictNamed(HERS, is_apart, NIGORA.id), LOLA.conversation_id)
        ]


def test_s14_only_a_coordinator_keeps_others_apart():
    chat = desk()
    chat.press("menu.people")
    chat.press_now(f"person:{HERS}")
    assert "meet.whose" not in chat.choices
    chat.press_now("meet.whose")
    assert chat.state != "Apart:whose"


def test_one_who_is_kept_apart_is_not_told_of_whom():
    chat = desk(LOLA, ZARA)
    chat.play(ConflictNamed(HERS, is_apart=True, by=NIGORA.id))
    assert chat.asked(KeepApart) == [KeepApart(HERS, NIGORA.id)]
    assert "Себ 1" not in chat.said


def test_one_who_is_kept_apart_meets_only_the_words_of_any_case_that_is_not_hers():
    free = open_case("one", "4821")
    chat = desk(LOLA, ZARA, cases=())
    chat.press(f"case.take:{free.id}")
    said = chat.said
    chat.play(TakeRefused(free.id, "4821", "other"))
    assert chat.said == said
    assert not chat.posts


def test_a_ring_of_a_case_she_may_not_know_offers_no_take():
    chat = desk(coordinator("nigora"), ZARA, cases=())
    chat.play(CaseRang(ONE.id, "4821", Level.URGENT, "tg", NOW, 3))
    assert not chat.choices
    assert "Zara" in chat.said
