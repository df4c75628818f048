"""The stage in a real Chromium: the whole story on three phones, live, by mouse and by keyboard."""

import asyncio

import pytest

from bot.demo.stage import Stage
from tests.ui.window import Window

pytestmark = pytest.mark.asyncio(loop_scope="session")
JOINING = ("Русский", "Дальше", "Согласна", "Да, согласна", "Да", "Нет, только я")
LABEL = "document.activeElement.tagName + ' ' + document.activeElement.textContent.trim()"


async def test_a_cry_for_help_goes_from_phone_to_phone(window: Window):
    await window.prepare()
    await window.press("mother", "Начать (по приглашению)")
    await window.phone("coordinator").locator("textarea").fill("недописанное")
    await window.page.locator("summary", has_text="Что о ней хранится").click()
    for label in JOINING:
        await window.press("mother", label)
    await window.sees("mother", "Как к Вам обращаться?")
    await window.write("mother", "Он меня бьёт, мне страшно")
    await window.sees("group", "срочно")
    await window.press("group", "Взять")
    await window.sees("facilitator", "Он меня бьёт, мне страшно")
    assert "бьёт" not in await window.phone("group").inner_text()
    await window.press("facilitator", "Ответить")
    await window.write("facilitator", "Я рядом. Можно ли Вам сейчас писать?")
    await window.press("facilitator", "Отправить")
    await window.press("mother", "Сейчас")
    await window.sees("mother", "Я рядом. Можно ли Вам сейчас писать?")
    assert await window.phone("coordinator").locator("textarea").input_value() == "недописанное"
    assert await window.phone("mother").locator("textarea").input_value() == ""
    assert await window.page.locator(".rail table").is_visible(), "what was unfolded stays so"


async def crying(window: Window) -> None:
    """A team that is ready, and a stranger's cry whose case the facilitator has taken."""
    await window.prepare()
    await window.press("mother", "Начать (по приглашению)")
    await window.press("mother", "Русский")
    await window.sees("mother", "Сначала три коротких сообщения.")
    await window.write("mother", "Он меня бьёт, мне страшно")
    await window.sees("group", "срочно")
    await window.press("group", "Взять")
    await window.sees("facilitator", "дальше: ответьте ей")


async def test_s13_a_case_is_passed_on_with_a_note_to_a_colleague_who_takes_it(window: Window, stage: Stage):
    await window.page.locator(".add").get_by_role("button", name="Ведущая", exact=True).click()
    await crying(window)
    for label in ("Начать (по приглашению)", "Русский"):
        await window.press("facilitator-2", label)
    await window.sees("facilitator-2", "Выберите слово или напишите своё")
    await window.write("facilitator-2", "Себ")
    await window.press("facilitator-2", "Согласна")
    await window.sees("coordinator", "Себ, ведущая")
    await window.press("coordinator", "Это она")
    await window.sees("facilitator-2", "Коллега подтвердила Вас")
    await window.press("facilitator", "Передать")
    await window.sees("facilitator", "Передать №")
    await window.write("facilitator", "Ждёт до вечера, спросить о сестре.")
    await window.press("facilitator", "Себ")
    await window.sees("facilitator-2", "Анор передаёт Вам")
    await window.press("facilitator-2", "Взять")
    await window.sees("facilitator-2", "Ждёт до вечера, спросить о сестре.")
    await window.sees("group", "взяла Себ")
    for phone in ("facilitator", "group"):
        left = [bubble.text for bubble in stage.channel.phones[phone].bubbles if bubble.is_ours]
        assert not any("мне страшно" in text or "о сестре" in text for text in left)
    assert await window.phone("group").locator(".text", has_text="взяла").count() == 1


async def test_s10_a_case_is_closed_over_no_unread_word_and_comes_back_with_her_next(window: Window, stage: Stage):
    await crying(window)
    await window.press("facilitator", "Что я сделала")
    await window.sees("facilitator", "что Вы сделали")
    await window.write("facilitator", "Говорила с ней по телефону.")
    await window.sees("facilitator", "записано")
    await window.press("facilitator", "Закрыть")
    await window.press("facilitator", "Помогли")
    await window.sees("facilitator", "Помогли. Одной строкой")
    await window.write("mother", "я у сестры")
    await window.sees("facilitator", "она снова написала")
    await window.press("facilitator", "Закрыть")
    await window.phone("facilitator").get_by_role("button", name="К специалисту").nth(1).wait_for()
    await window.press("facilitator", "К специалисту")
    await window.sees("facilitator", "К специалисту. Одной строкой")
    await window.write("facilitator", "Договорились о встрече.")
    await window.sees("facilitator", "Спасибо, что взяли на себя эту ношу.")
    number = stage.channel.phones["group"].bubbles[-1].text.removesuffix(": закрыто.")
    assert not any("мне страшно" in bubble.text for bubble in stage.channel.phones["facilitator"].bubbles)
    await window.write("mother", "Он опять меня бьёт")
    await window.sees("group", "срочно")
    await window.press("group", "Взять")
    await window.sees("facilitator", f"Незадолго до этого у неё было {number}")


async def test_the_stage_fits_a_phone_and_its_invitation_opens_by_a_click(window: Window):
    await window.page.set_viewport_size({"width": 390, "height": 844})
    await window.press("mother", "Показать приглашение (QR)")
    await window.phone("mother").locator("button.qr").click()
    await window.sees("mother", "Салом. Забонро интихоб кунед.")
    assert await window.page.evaluate("document.documentElement.scrollWidth") == 390


async def tab_to(window: Window, label: str) -> None:
    """Press Tab until the button of this label has the focus."""
    for _ in range(120):
        await window.page.keyboard.press("Tab")
        if await window.page.evaluate(LABEL) == f"BUTTON {label}":
            return
    raise AssertionError(f"no Tab leads to {label}")


async def test_the_stage_needs_no_mouse(window: Window):
    await window.page.keyboard.press("Tab")
    assert await window.page.evaluate("document.activeElement.className") == "skip"
    await window.page.keyboard.press("Enter")
    await tab_to(window, "Начать (по приглашению)")
    await window.page.keyboard.press("Enter")
    await window.sees("mother", "Салом. Забонро интихоб кунед.")
    await window.page.locator("#mother .screen").focus()
    await tab_to(window, "Русский")
    await window.page.keyboard.press("Enter")
    await window.sees("mother", "Сначала три коротких сообщения.")
    assert await window.page.evaluate(LABEL) == "BUTTON Русский", "the focus stays where it was"


async def test_time_goes_by_itself_until_it_is_held(window: Window):
    await window.prepare()
    await window.press("mother", "Начать (по приглашению)")
    await window.write("mother", "Он меня бьёт, мне страшно")
    await window.sees("group", "срочно")
    clock, began = window.page.locator("#clock"), await window.page.locator("#clock").inner_text()
    await window.page.get_by_role("button", name="1 час в секунду").click()
    await window.page.get_by_role("button", name="Пауза").click()
    await window.page.get_by_role("button", name="1 час в секунду").wait_for()
    assert await clock.inner_text() != began


async def test_a_second_window_in_another_language_sees_what_happens_in_the_first(window: Window):
    other = await window.page.context.new_page()
    await other.goto("/sim?lang=tg")
    await window.press("mother", "Начать (по приглашению)")
    await other.locator("#mother .text", has_text="Салом. Забонро интихоб кунед.").wait_for()
    assert await other.locator("html").get_attribute("lang") == "tg"


async def test_the_page_comes_alive_however_late_a_script_arrives(window: Window):
    async def late(route):
        await asyncio.sleep(0.2)
        await route.continue_()

    await window.page.route("**/hx-sse.min.js", late)
    await window.page.goto("/sim?lang=ru")
    await window.press("mother", "Начать (по приглашению)")
    await window.sees("mother", "Салом. Забонро интихоб кунед.")


async def test_half_typed_text_outlives_a_reload_and_a_sent_one_does_not(window: Window):
    box = window.phone("mother").locator("textarea")
    await box.fill("недописанное")
    await window.page.reload()
    assert await box.input_value() == "недописанное"
    await box.press("Enter")
    await window.sees("mother", "недописанное")
    await window.page.reload()
    assert await box.input_value() == ""


async def test_who_speaks_in_the_group_stays_chosen_when_somebody_new_comes(window: Window):
    who = window.phone("group").locator(".composer select")
    await who.select_option("coordinator")
    await window.page.locator(".add").get_by_role("button", name="Супервизор").click()
    await who.locator("option[value=supervisor]").wait_for(state="attached")
    assert await who.input_value() == "coordinator"


async def test_a_refusal_can_be_seen_wherever_on_the_page_it_happened(window: Window):
    await window.page.set_viewport_size({"width": 390, "height": 844})
    await window.page.locator("#behind").get_by_role("button", name="Повтор обновления").click()
    notice = window.page.locator("#notice p")
    await notice.wait_for()
    assert (await notice.bounding_box())["y"] > 0
    await notice.click()
    await notice.wait_for(state="detached")


async def test_what_was_refused_stays_in_its_box(window: Window, stage: Stage):
    stage.channel.phones["mother"].turns(is_online=False)
    await window.write("mother", "слышно меня?")
    await window.page.locator("#notice .refused").wait_for()
    assert await window.phone("mother").locator("textarea").input_value() == "слышно меня?"
    stage.channel.phones["mother"].turns(is_online=True)
    await window.phone("mother").locator("textarea").press("Enter")
    await window.sees("mother", "слышно меня?")
    assert await window.phone("mother").locator("textarea").input_value() == ""


async def test_nothing_is_lost_by_one_careless_click_on_reset(window: Window):
    await window.press("mother", "Начать (по приглашению)")
    await window.sees("mother", "Салом. Забонро интихоб кунед.")
    window.page.once("dialog", lambda asked: asyncio.ensure_future(asked.dismiss()))
    await window.page.get_by_role("button", name="Начать заново").click()
    await window.press("mother", "Русский")
    await window.sees("mother", "Сначала три коротких сообщения.")
