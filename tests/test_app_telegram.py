"""The whole story over a real channel: each of the four people, in both languages, as seen from outside."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.people import Role
from tests.fakes.bot_api.chats import Seen
from tests.fakes.bot_api.people import Chat
from tests.town import JOINING, Town, open_town
from tests.world import FrozenClock

TAJIK = "шавҳарам маро мезанад, аз ӯ метарсам"
CYRILLIC_OF_A_RUSSIAN_KEYBOARD = "шавхарам маро мезанад, аз у метарсам"
LATIN = "shavharam maro mezanad, az u metarsam"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path, FrozenClock()) as opened:
        yield opened


def bot_says(chat: Chat) -> list[str]:
    return [seen.text for seen in chat.sees() if seen.from_bot]


def choices(seen: Seen) -> list[str]:
    return [(button.data or "").partition("|")[2].partition(":")[0] for button in seen.buttons]


# ---- joining and reading


async def test_a_mother_comes_from_the_link_to_her_first_lesson_in_ten_taps_and_types_nothing(town: Town) -> None:
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    mother = town.person(300)
    await town.starts(mother, town.invite(Role.MOTHER))
    taps = 1
    for choice in ("language:tg", *JOINING, "phone.no", "name.skip", "hours:9"):
        await town.presses(mother, choice)
        taps += 1
    await town.opens_module(facilitator)
    await town.presses(mother, "push.open")
    taps += 1
    assert taps <= 10
    assert "Вақти худам · 1 аз 30" in town.screen(mother)


async def test_a_mother_without_a_link_writes_the_eight_digits_in_her_language(town: Town) -> None:
    spoken = town.app.desk.invite(Role.MOTHER, "Bahor", 3, 7).spoken
    for number, language, ask in ((300, "tg", "рақам"), (301, "ru", "цифр")):
        mother = town.person(number, language)
        await town.starts(mother)
        (asked,) = await town.presses(mother, f"language:{language}")
        assert ask in asked
        typed = spoken if language == "tg" else f"{spoken[:4]} {spoken[4:]}"
        await town.says(mother, typed)
        assert "consent.next" in choices(mother.last())


async def test_she_reads_a_lesson_to_its_end_and_changes_the_language_in_the_middle(town: Town) -> None:
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    mother = await town.mother()
    await town.opens_module(facilitator)
    await town.presses(mother, "push.open")
    (card,) = await town.presses(mother, "lesson.next_card")
    await town.says(mother, "zabon")
    (again,) = await town.presses(mother, "language:ru")
    assert "Зулфия" in card
    assert "Зульфи" in again
    while "lesson.next_card" in choices(mother.last()):
        await town.presses(mother, "lesson.next_card")
    (thanks,) = await town.says(mother, "Утром, пока все спят")
    assert "только для Вас" in thanks
    await town.presses(mother, "answer.no")
    (end,) = await town.presses(mother, "practice.yes")
    assert "Прочитано страниц: 1 из 30." in end
    await town.passes(hours=24)
    await town.presses(mother, "push.open")
    await town.presses(mother, "check.yes")
    await town.presses(mother, "menu.finished")
    (repeated,) = await town.presses(mother, "lesson.repeat")
    assert "1 из 30" in repeated


# ---- a case, from her words to its end


@pytest.mark.parametrize("words", [TAJIK, CYRILLIC_OF_A_RUSSIAN_KEYBOARD, LATIN])
async def test_a_worrying_message_reaches_a_person_and_comes_back_answered(town: Town, words: str) -> None:
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    group = await town.bound_group(coordinator, facilitator)
    mother = await town.mother()
    (automatic,) = await town.says(mother, words)
    assert "Раҳмат" in automatic or "Ташаккур" in automatic
    card = group.last()
    assert choices(card) == ["case.take"]
    assert re.fullmatch(r"№ \d{4} · срочно · на таджикском · ждёт меньше минуты", card.text)
    await town.presses(group, "case.take", by=facilitator)
    assert "Чинор" in group.last().text
    assert any("санҷида нашудааст" in text for text in bot_says(facilitator))
    assert words in town.screen(facilitator)
    assert words not in town.screen(coordinator)
    assert words not in town.screen(group)

    await town.presses(facilitator, "case.reply")
    (draft,) = await town.says(facilitator, "Ман ҳастам, шуморо мешунавам")
    assert "№" in draft
    assert "Ман ҳастам" not in town.screen(mother)
    await town.presses(facilitator, "answer.send")
    assert choices(mother.last()) == ["case.now", "case.later"]
    assert "Ман ҳастам" not in town.screen(mother)
    assert await town.presses(mother, "case.now") == ["Ман ҳастам, шуморо мешунавам"]
    await town.says(mother, "раҳмат")
    assert "раҳмат" in town.screen(facilitator)

    await town.presses(facilitator, "case.close")
    await town.presses(facilitator, "case.outcome:handled")
    await town.says(facilitator, "гап задем")
    assert words not in town.screen(facilitator)
    assert "раҳмат" not in town.screen(facilitator)
    assert "гап задем" not in town.screen(facilitator)
    assert choices(group.last()) == []


@pytest.mark.parametrize("phone", ["phone.no", "phone.yes"])
async def test_s5_later_takes_away_her_words_also_when_an_edit_made_them_a_worry(town: Town, phone: str) -> None:
    await town.facilitator(await town.coordinator())
    mother = await town.mother(phone=phone)
    written = mother.says("салом субҳ")
    await town.settle()
    mother.edits(written, TAJIK)
    await town.settle()
    assert TAJIK in town.screen(mother)
    await town.presses(mother, "notice.later")
    assert TAJIK not in town.screen(mother)


async def test_loose_words_of_a_facilitator_reach_nobody(town: Town) -> None:
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    group = await town.bound_group(coordinator, facilitator)
    mother = await town.mother(hours="hours:15")
    await town.says(mother, TAJIK)
    await town.presses(group, "case.take", by=facilitator)
    (said,) = await town.says(facilitator, "Фардо ба мактаб биёед")
    assert "Ин ба касе нарафт" in said
    (said,) = await town.says(coordinator, "Приходите завтра")
    assert "никому" in said
    assert "Фардо" not in town.screen(mother)
    await town.passes(hours=8)
    assert "Фардо" not in town.screen(mother)
    assert "Приходите" not in town.screen(mother)


async def test_s10_the_alarm_rings_at_0_5_10_and_15_minutes_and_ends_with_an_act(town: Town) -> None:
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    group = await town.bound_group(coordinator, facilitator)
    mother = await town.mother()

    def rings(since: int) -> list[int]:
        return [sent.chat_id for sent in town.tg.sent[since:] if sent.chat_id != mother.id and "№" in sent.text]

    async def rung_after(**time: float) -> list[int]:
        since = len(town.tg.sent)
        await town.passes(**time)
        return rings(since)

    since = len(town.tg.sent)
    await town.says(mother, TAJIK)
    assert rings(since) == [group.id]
    assert await rung_after(minutes=4.5) == []
    assert await rung_after(minutes=1) == [group.id]
    assert await rung_after(minutes=5) == [facilitator.id]
    assert sorted(set(await rung_after(minutes=5))) == sorted({group.id, facilitator.id, coordinator.id})
    assert set(await rung_after(minutes=15)) == {group.id, facilitator.id, coordinator.id}
    await town.presses(facilitator, "case.take")
    assert set(await rung_after(minutes=16)) >= {group.id}
    await town.presses(facilitator, "case.note")
    await town.says(facilitator, "занг задам")
    assert await rung_after(hours=3) == []


async def test_passing_on_rings_again_and_releases_her_at_her_step(town: Town) -> None:
    coordinator = await town.coordinator()
    first = await town.facilitator(coordinator)
    second = await town.facilitator(coordinator, 201, "ru", "Тополь")
    group = await town.bound_group(coordinator, first, second)
    mother = await town.mother()
    await town.opens_module(first)
    await town.presses(mother, "push.open")
    await town.says(mother, TAJIK)
    await town.presses(group, "case.take", by=first)
    await town.presses(first, "case.pass")
    await town.presses(first, "case.passed")
    assert TAJIK not in town.screen(first)
    await town.presses(group, "case.take", by=second)
    assert TAJIK in town.screen(second)
    await town.presses(second, "case.note")
    await town.says(second, "была у неё")
    await town.presses(second, "case.close")
    await town.presses(second, "case.outcome:handled")
    before = len(mother.sees())
    await town.says(second, "всё обсудили")
    await town.passes(hours=30)
    caught_up = [seen for seen in mother.sees()[before:] if seen.from_bot and "push.open" in choices(seen)]
    assert len(caught_up) == 1
    (card,) = await town.presses(mother, "push.open")
    assert "1 аз 30" in card


# ---- stop, pause, hide, freeze, forget


async def test_hide_takes_everything_away_and_nothing_follows_until_she_opens(town: Town) -> None:
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    group = await town.bound_group(coordinator, facilitator)
    mother = await town.mother(hours="hours:15")
    await town.says(mother, TAJIK)
    await town.presses(group, "case.take", by=facilitator)
    await town.presses(facilitator, "case.reply")
    await town.says(facilitator, "Як сухан")
    await town.presses(facilitator, "answer.send")
    await town.says(mother, "пинхон кунед")
    assert [choices(seen) for seen in mother.sees()] == [["hidden.open"]]
    await town.opens_module(facilitator)
    await town.passes(hours=8)
    assert [choices(seen) for seen in mother.sees()] == [["hidden.open"]]
    await town.presses(mother, "hidden.open")
    assert choices(mother.last()) != ["hidden.open"]


@pytest.mark.parametrize("steps", range(6))
async def test_s3_a_stranger_hides_at_every_step_of_joining(town: Town, steps: int) -> None:
    mother = town.person(300)
    await town.starts(mother, town.invite(Role.MOTHER))
    for choice in ("language:tg", *JOINING)[:steps]:
        await town.presses(mother, choice)
    await town.presses(mother, "hide")
    assert [choices(seen) for seen in mother.sees()] == [["hidden.open"]]
    await town.presses(mother, "hidden.open")
    assert "help" in choices(mother.last())


async def test_stop_pause_and_freeze_hold_until_the_right_one_lifts_them(town: Town) -> None:
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    mother = await town.mother()
    await town.says(mother, "стоп")
    await town.opens_module(facilitator)
    shown = len(bot_says(mother))
    await town.passes(hours=50)
    assert len(bot_says(mother)) == shown
    await town.says(mother, "start")
    await town.says(mother, "пауза")
    await town.presses(mother, "pause.days:3")
    shown = len(bot_says(mother))
    await town.passes(hours=60)
    assert len(bot_says(mother)) == shown
    code = _code_name(town)
    town.app.desk.freeze(code, is_frozen=True)
    await town.settle()
    shown = len(bot_says(mother))
    assert await town.says(mother, "меню") == []
    assert await town.says(mother, "start") == []
    await town.passes(hours=60)
    assert len(bot_says(mother)) == shown
    town.app.desk.freeze(code, is_frozen=False)
    await town.settle()
    assert await town.says(mother, "меню") != []


def _code_name(town: Town) -> str:
    with town.app.store.database.reading() as connection:
        found: str = connection.exec_driver_sql("select code_name from participants").scalar_one()
    return found


async def test_s22_forget_me_with_an_open_case_leaves_a_number_and_tells_its_owner(town: Town) -> None:
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    group = await town.bound_group(coordinator, facilitator)
    mother = await town.mother(language="ru")
    await town.says(mother, "муж меня бьёт, мне страшно")
    await town.presses(group, "case.take", by=facilitator)
    await town.says(mother, "забыть меня")
    await town.presses(mother, "forget.yes")
    assert "страшно" not in town.screen(facilitator)
    assert any("нанависед" in text for text in bot_says(facilitator))
    assert len(mother.sees()) == 1
    shown = len(bot_says(mother))
    await town.says(facilitator, "/menu")
    await town.presses(facilitator, "menu.mine")
    await town.presses(facilitator, "case.close")
    await town.presses(facilitator, "case.outcome:no_answer")
    await town.says(facilitator, "дар вохӯрӣ мебинам")
    await town.passes(hours=60)
    assert len(bot_says(mother)) == shown
    assert await town.says(mother, "салом") != []


@pytest.mark.parametrize("how", ["chat", "operator"])
async def test_s22_an_untaken_case_of_an_erased_mother_stays_open_for_group_and_facilitators_alike(
    town: Town, how: str
) -> None:
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    group = await town.bound_group(coordinator, facilitator)
    mother = await town.mother(language="ru")
    await town.says(mother, "муж меня бьёт, мне страшно")
    if how == "chat":
        await town.says(mother, "забыть меня")
        await town.presses(mother, "forget.yes")
    else:
        town.app.desk.erase(_code_name(town))
        await town.settle()
    assert choices(group.last()) == ["case.take"]
    assert re.fullmatch(r"№ \d{4} · срочно · на русском · ждёт .*", group.last().text)
    assert any("муроҷиаташ ҳанӯз кушода" in text for text in bot_says(facilitator))
    rung = len(town.tg.sent)
    await town.passes(minutes=16)
    assert {group.id, facilitator.id, coordinator.id} <= {sent.chat_id for sent in town.tg.sent[rung:]}
    await town.presses(group, "case.take", by=facilitator)
    assert "муроҷиат ҳанӯз кушода: нанависед" in facilitator.last().text
    await town.presses(facilitator, "case.reply")
    await town.presses(facilitator, "case.note")
    await town.says(facilitator, "дар вохӯрӣ мебинам")
    rung = len(town.tg.sent)
    await town.passes(minutes=40)
    assert town.tg.sent[rung:] == []
    await town.presses(facilitator, "case.close")
    await town.presses(facilitator, "case.outcome:no_answer")
    await town.says(facilitator, "дида шуд")
    assert choices(group.last()) == []
    assert "закрыто" in group.last().text


# ---- the desk


async def test_s14_revoking_takes_the_texts_away_and_rings_her_cases_again(town: Town) -> None:
    coordinator = await town.coordinator()
    first = await town.facilitator(coordinator)
    second = await town.facilitator(coordinator, 201, "ru", "Тополь")
    group = await town.bound_group(coordinator, first, second)
    mother = await town.mother()
    await town.says(mother, TAJIK)
    await town.presses(group, "case.take", by=first)
    before = len(town.tg.sent)
    town.app.desk.revoke("Чинор")
    await town.settle()
    assert TAJIK not in town.screen(first)
    assert any(sent.chat_id == group.id for sent in town.tg.sent[before:])
    (ended,) = await town.says(first, "/menu")
    assert ended.startswith("Дастрасии шумо")
    await town.presses(group, "case.take", by=first)
    assert TAJIK not in town.screen(first)
    await town.presses(group, "case.take", by=second)
    assert TAJIK in town.screen(second)


async def test_s4_a_broadcast_is_looked_at_counted_undone_and_sent_once_in_their_hours(town: Town) -> None:
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    group = await town.bound_group(coordinator, facilitator)
    quiet = await town.mother(300)
    russian = await town.mother(301, "ru")
    troubled = await town.mother(302)
    stopped = await town.mother(303)
    no_hours = await town.mother(304, hours="hours.skip")
    await town.meets_everybody(facilitator)
    stranger = await town.mother(305)
    await town.says(troubled, TAJIK)
    await town.presses(group, "case.take", by=facilitator)
    await town.presses(facilitator, "case.note")
    await town.says(facilitator, "Ба ӯ занг задам")
    await town.says(stopped, "стоп")

    async def prepare() -> None:
        await town.says(coordinator, "/menu")
        await town.presses(coordinator, "menu.broadcast")
        await town.presses(coordinator, "cast.cohort")
        await town.presses(coordinator, "cast.write")
        assert "Так отправить нельзя" in "".join(await town.says(coordinator, "Барномаи зидди экстремизм: биёед"))
        await town.says(coordinator, "Вохӯрии мо рӯзи шанбе аст.")
        preview = await town.says(coordinator, "Встречаемся в субботу.")
        assert "не больше 3" in preview[-1]
        assert "ещё не виделись лично, 1" in preview[-1]
        seen = await town.presses(coordinator, "cast.me")
        assert seen[:2] == ["Вохӯрии мо рӯзи шанбе аст.", "Встречаемся в субботу."]
        await town.presses(coordinator, "cast.all")
        await town.says(coordinator, "3")

    await prepare()
    await town.presses(coordinator, "cast.cancel")
    await town.passes(hours=30)
    assert not any("шанбе" in town.screen(m) for m in (quiet, russian, troubled, stopped, no_hours, stranger))
    await prepare()
    await town.passes(minutes=5)
    await town.presses(coordinator, "cast.cancel")
    assert "шанбе" not in "".join(await town.says(no_hours, "меню")), "it waited, and is withdrawn"
    await prepare()
    await town.passes(minutes=5)
    assert (await town.says(no_hours, "меню"))[0] == "Вохӯрии мо рӯзи шанбе аст."
    for left_out in (troubled, stopped, stranger):
        await town.says(left_out, "меню")
    await town.passes(hours=30)
    assert town.screen(quiet).count("Вохӯрии мо рӯзи шанбе") == 1
    assert town.screen(russian).count("Встречаемся в субботу") == 1
    assert town.screen(no_hours).count("Вохӯрии мо рӯзи шанбе") == 1
    for left_out in (troubled, stopped, stranger):
        assert "шанбе" not in town.screen(left_out)
    figures = "Завершено.\nотправлено: 2, показано, когда сама открыла: 1, не включены: 3"
    assert any(text.startswith(figures) for text in bot_says(coordinator))


async def test_s19_voices_wait_for_their_taker_and_forwards_for_nobody(town: Town) -> None:
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    group = await town.bound_group(coordinator, facilitator)
    mother = await town.mother()
    (told,) = await town.sends(mother, "voice")
    assert "кӯмак" in told.casefold()
    await town.presses(group, "case.take", by=facilitator)
    assert not [seen for seen in facilitator.sees() if seen.kind == "voice"]
    await town.presses(facilitator, "case.file")
    assert [seen.kind for seen in facilitator.sees()].count("voice") == 1
    for kind in ("document", "contact", "location", "sticker"):
        assert await town.sends(mother, kind) != []
    mother.forwards("чужие слова о чужой беде")
    await town.settle()
    assert "чужие слова" not in town.screen(facilitator)
    await town.passes(hours=48)
    assert not [seen for seen in facilitator.sees() if seen.kind == "voice"]


async def test_a_mother_who_blocks_the_bot_is_reported_and_not_written_to(town: Town) -> None:
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    mother = await town.mother()
    mother.blocks()
    await town.settle()
    assert "паём намерасад" in facilitator.last().text
    await town.opens_module(facilitator)
    before = len([r for r in town.tg.requests if r.params.get("chat_id") == mother.id])
    await town.passes(hours=30)
    assert len([r for r in town.tg.requests if r.params.get("chat_id") == mother.id]) == before
    mother.unblocks()
    await town.settle()
    assert await town.says(mother, "меню") != []


async def test_the_group_that_became_a_supergroup_still_rings(town: Town) -> None:
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    group = await town.bound_group(coordinator, facilitator, number=-777)
    mother = await town.mother()
    upgraded = group.upgrades(-100_778, coordinator)
    await town.settle()
    await town.says(mother, TAJIK)
    assert choices(upgraded.last()) == ["case.take"]
    await town.presses(upgraded, "case.take", by=facilitator)
    assert TAJIK in town.screen(facilitator)


async def test_s10_a_lost_group_rings_privately_and_a_regained_one_rings_again(town: Town) -> None:
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    group = await town.bound_group(coordinator, facilitator)
    group.removes_bot(coordinator)
    await town.settle()
    assert "рупп" in coordinator.last().text
    mother = await town.mother()
    await town.says(mother, TAJIK)
    assert "case.take" in choices(facilitator.last())
    await town.says(coordinator, "/menu")
    (ready,) = await town.presses(coordinator, "menu.ready")
    assert "рупп" in ready
    group.adds_bot(coordinator, is_administrator=True)
    await town.settle()
    other = await town.mother(301)
    await town.says(other, TAJIK)
    assert choices(group.last()) == ["case.take"]


async def test_a_stranger_who_presses_take_in_the_group_gets_nothing_and_is_reported(town: Town) -> None:
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    group = await town.bound_group(coordinator, facilitator)
    mother, stranger = await town.mother(), town.person(666)
    await town.says(mother, TAJIK)
    card = group.last()
    await town.presses(group, "case.take", by=stranger)
    assert group.last() == card
    assert stranger.sees() == []
    assert "не знаем" in coordinator.last().text


async def test_s14_who_was_revoked_comes_back_by_a_fresh_code_and_a_colleagues_word(town: Town) -> None:
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    town.app.desk.revoke("Чинор")
    await town.settle()
    old = town.invite(Role.FACILITATOR)
    (waits,) = await town.starts(facilitator, old)
    assert "тасдиқ" in waits
    assert await town.says(facilitator, "/menu") == [waits]
    await town.presses(coordinator, "staff.accept")
    assert "menu.queue" in choices((await town.says(facilitator, "/menu")) and facilitator.last())


async def test_what_cannot_be_read_in_the_group_is_passed_over_in_silence(town: Town) -> None:
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    group = await town.bound_group(coordinator, facilitator)
    before = len(town.tg.sent)
    chat = {"id": group.id, "type": "supergroup", "title": "Invented group"}
    broken = {"message_id": "seven", "chat": chat, "from": {"id": 5}, "date": "now", "text": 9}
    town.tg.emits("message", broken, group.id)
    await town.settle()
    assert town.tg.sent[before:] == []


async def test_what_cannot_be_read_of_hers_rings_and_is_answered_kindly(town: Town) -> None:
    coordinator = await town.coordinator()
    facilitator = await town.facilitator(coordinator)
    group = await town.bound_group(coordinator, facilitator)
    mother = await town.mother()
    chat = {"id": mother.id, "type": "private"}
    broken = {"message_id": 990, "chat": chat, "from": {"id": mother.id}, "date": "now", "text": "маро мезанад"}
    town.tg.emits("message", broken, mother.id)
    await town.settle()
    assert choices(group.last()) == ["case.take"]
    assert "чизе кор накард" in mother.last().text or "гум нашуд" in mother.last().text
    assert await town.says(mother, "меню") != []
