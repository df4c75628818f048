"""The stage's page over HTTP, as a browser without JavaScript sees it."""

import asyncio
import re
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import httpx2
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from bot.concern.screen import Screen
from bot.console.guard import Guard
from bot.console.pages import stage_pages
from bot.console.words import WORDS
from bot.core.errors import CommandRefused, ConfigurationError
from bot.core.people import Role
from bot.demo.coverage import unvisited
from bot.demo.house import serve
from bot.demo.link import pack, unpack
from bot.demo.notes import Notes
from bot.demo.port import Port
from bot.demo.stage import CAST, Stage
from bot.demo.steps import Step, Verb
from bot.demo.team import prepare
from bot.doors import outer
from bot.flows.book import Book
from bot.settings import Settings
from storage import showing


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    door = httpx2.ASGITransport(app=stage_pages(Port(stage)))
    async with httpx2.AsyncClient(transport=door, base_url="http://localhost", follow_redirects=True) as browser:
        yield browser


async def act(browser: httpx2.AsyncClient, **form: str) -> str:
    answer = await browser.post("/sim/act", data=form)
    assert answer.status_code == 200
    return answer.text


async def test_the_front_door_leads_to_the_stage(browser: httpx2.AsyncClient):
    answer = await browser.get("/", headers={"Accept-Language": "tg"})
    assert answer.url.path == "/sim"
    assert WORDS["tg"]["banner"] in answer.text


@pytest.mark.parametrize("language", ["tg", "ru", "en"])
async def test_the_page_speaks_three_languages(browser: httpx2.AsyncClient, language: str):
    page = (await browser.get("/sim", params={"lang": language})).text
    assert f'<html lang="{language}">' in page
    assert WORDS[language]["prepare"] in page


async def test_a_team_that_is_ready_is_not_offered_again(browser: httpx2.AsyncClient, stage: Stage):
    await prepare(stage, "ru")
    page = (await browser.get("/sim", params={"lang": "ru"})).text
    assert WORDS["ru"]["prepare"] not in page


def test_every_word_of_the_page_is_there_in_three_languages():
    assert all(text for words in WORDS.values() for text in words.values())


async def test_a_start_button_opens_a_real_invitation(browser: httpx2.AsyncClient, stage: Stage):
    page = await act(browser, actor="mother", verb="starts")
    assert "/start demo-" in page
    assert "Салом. Забонро интихоб кунед." in page
    assert stage.place("mother") is not None


async def test_a_button_on_the_page_is_a_press_on_the_phone(browser: httpx2.AsyncClient):
    await act(browser, actor="mother", verb="starts")
    assert "Сначала три коротких сообщения." in await act(browser, actor="mother", verb="presses", value="Русский")


async def test_a_phone_is_switched_to_whatsapp_and_back(browser: httpx2.AsyncClient, stage: Stage):
    assert WORDS["ru"]["free_until"] not in await act(browser, actor="mother", verb="changes messenger")
    assert stage.channel.phones["mother"].channel == "whatsapp"
    shown = await act(browser, actor="mother", verb="starts")
    assert f"WhatsApp · {WORDS['ru']['free_until']}" in shown
    assert stage.place("mother") is not None, "behind the scenes it is the chat in WhatsApp"
    assert "WhatsApp ⇄ Telegram" in shown
    await act(browser, actor="mother", verb="changes messenger")
    assert stage.channel.phones["mother"].bubbles == []
    assert stage.place("mother") is None, "there she has not written yet"
    refused = await browser.post("/sim/act", data={"actor": "group", "verb": "changes messenger"})
    assert WORDS["ru"]["cannot_group_channel"] in refused.text


async def test_what_cannot_be_done_is_one_sentence(browser: httpx2.AsyncClient):
    for form in (
        {"actor": "mother", "verb": "presses", "value": "nothing like it"},
        {"actor": "nobody", "verb": "writes", "value": "x"},
        {"actor": "mother", "verb": "writes", "value": "  "},
        {"actor": "mother", "verb": "explodes"},
        {"actor": "mishap", "verb": "strikes", "value": "flood"},
        {"actor": "time", "verb": "passes", "value": "a while"},
        {},
    ):
        assert 'class="refused"' in await act(browser, **form)


@pytest.mark.parametrize("language", ["tg", "ru", "en"])
async def test_what_cannot_be_done_is_told_in_the_language_of_the_page(browser: httpx2.AsyncClient, language: str):
    waiting = {"actor": "time", "verb": "passes", "value": "until the next thing"}
    for form, why in (({"actor": "mother", "verb": "writes"}, "empty"), (waiting, "wait")):
        told = await browser.post("/sim/act", params={"lang": language}, data=form)
        assert WORDS[language][f"cannot_{why}"] in told.text


async def test_the_second_half_of_a_double_click_does_nothing(browser: httpx2.AsyncClient, stage: Stage):
    await act(browser, actor="mother", verb="starts")
    assert 'class="refused"' not in await act(browser, actor="mother", verb="starts")
    assert [step.key for step in stage.notes.steps] == ["mother starts"]


async def test_two_windows_that_act_at_once_act_one_after_the_other(browser: httpx2.AsyncClient, stage: Stage):
    await act(browser, actor="mother", verb="starts")
    await act(browser, actor="mother", verb="presses", value="Русский")
    flips = [
        act(browser, verb="flip"),
        act(browser, verb="flip"),
        act(browser, actor="mother", verb="writes", value="х"),
    ]
    assert all('class="refused"' not in page for page in await asyncio.gather(*flips))
    assert [step.value for step in stage.notes.steps] == ["", "Русский", "х"]


async def test_looks_are_taken_while_the_program_falls_and_begins_anew(browser: httpx2.AsyncClient, stage: Stage):
    looks = [browser.get(path) for path in ("/sim", "/metrics") for _ in range(5)]
    falls = [act(browser, actor="mishap", verb="strikes", value="crash"), act(browser, verb="reset")]
    answers = await asyncio.gather(*looks[:5], *falls, *looks[5:])
    assert all(isinstance(one, str) or one.status_code == 200 for one in answers)


async def test_every_role_of_the_team_can_be_brought_to_the_stage(browser: httpx2.AsyncClient, stage: Stage):
    page = (await browser.get("/sim")).text
    for role in (role for role in Role if role is not Role.GROUP):
        assert f'name="value" value="{role}"' in page
        await act(browser, verb="add", value=role)
        name = stage.next_name(role).replace("3", "2") if role in CAST else role
        await act(browser, actor=name, verb="starts")
        assert stage.place(name) is not None, name


async def test_what_people_write_stays_text_on_the_page(browser: httpx2.AsyncClient):
    await act(browser, actor="mother", verb="starts")
    page = await act(browser, actor="mother", verb="writes", value="<script>alert(1)</script>")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


async def test_the_rail_names_state_event_and_what_is_kept(browser: httpx2.AsyncClient):
    await act(browser, actor="mother", verb="starts")
    await act(browser, actor="mother", verb="presses", value="Русский")
    page = (await browser.get("/sim", params={"who": "mother", "lang": "en"})).text
    assert "ButtonPressed language:ru" in page
    assert "conversations.data" in page
    assert "sealed" in page
    assert 'aria-current="step"' in page


async def test_no_page_names_another_host_or_runs_anything_inline(browser: httpx2.AsyncClient):
    for path in ("/sim", "/sim/proof", "/sim/static/stage.css", "/sim/static/stage.js"):
        answer = await browser.get(path)
        assert answer.headers["content-security-policy"].startswith("default-src 'self'")
        assert not re.search(r"(?:src|href|url|action)\W{1,3}(?:https?:)?//", answer.text)
        assert not re.search(r"<script>|<style|\son\w+=|\sstyle=", answer.text)


async def test_the_first_load_is_light(browser: httpx2.AsyncClient):
    page = await browser.get("/sim")
    files = [
        page,
        *[await browser.get(path) for path in set(re.findall(r'(?:src|href)="(/sim/static/[^"]+)"', page.text))],
    ]
    assert sum(len(file.content) for file in files) <= 150_000


async def test_what_others_wrote_is_what_they_published(browser: httpx2.AsyncClient):
    listed = (await browser.get("/sim/static/VENDORED.txt")).text
    rows = [line.split() for line in listed.splitlines() if re.search(r"[0-9a-f]{64}$", line)]
    assert {row[0] for row in rows} == {"htmx.min.js", "hx-sse.min.js"}
    for row in rows:
        assert sha256((await browser.get(f"/sim/static/{row[0]}")).content).hexdigest() == row[-1]


async def test_a_form_from_another_site_is_refused(browser: httpx2.AsyncClient, stage: Stage):
    answer = await browser.post(
        "/sim/act", data={"actor": "mother", "verb": "starts"}, headers={"Origin": "http://elsewhere.invalid"}
    )
    assert answer.status_code == 403
    assert stage.notes.steps == []


async def test_a_name_that_another_site_pointed_at_this_machine_opens_nothing(
    browser: httpx2.AsyncClient, stage: Stage
):
    form, own = {"actor": "mother", "verb": "starts"}, {"Host": "rebound.invalid", "Origin": "http://rebound.invalid"}
    for answer in (await browser.post("/sim/act", data=form, headers=own), await browser.get("/sim", headers=own)):
        assert answer.status_code == 403
        assert "open http://localhost" in answer.text
    assert stage.notes.steps == []


NAMES = {  # where it is served: what it answers to, what it does not
    "127.0.0.1:8080": (
        ["localhost:8080", "LOCALHOST", "127.0.0.1:9999", "[::1]:8080"],
        [
            "",
            "box.invalid",
            "192.0.2.7:8080",
            "localhost.rebound.invalid",
            "[::1",
            "127.0.0.1.rebound.invalid",
        ],
    ),
    "0.0.0.0:8080": (["localhost:8080", "192.0.2.7:8080", "[2001:db8::7]:80"], ["box.invalid:8080"]),
    "192.0.2.7:8080": (["192.0.2.7:8080", "localhost"], ["192.0.2.8:8080", "box.invalid"]),
    "box.invalid:8080": (["box.invalid:8080", "127.0.0.1:8080"], ["other.invalid:8080", "192.0.2.7"]),
}


@pytest.mark.parametrize("listen", NAMES)
async def test_the_stage_answers_under_its_own_names_alone(listen: str):
    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("the stage")(scope, receive, send)

    door = httpx2.ASGITransport(app=Guard(page, listen))
    async with httpx2.AsyncClient(transport=door, base_url="http://localhost") as browser:
        for hosts, status in zip(NAMES[listen], (200, 403), strict=True):
            seen = {host: (await browser.get("/sim", headers={"Host": host})).status_code for host in hosts}
            assert set(seen.values()) == {status}, seen


async def test_the_proof_sheet_shows_a_module_in_both_languages(browser: httpx2.AsyncClient):
    page = (await browser.get("/sim/proof", params={"module": "m1"})).text
    assert "Ман ва қуввати ман" in page
    assert "Я и моя сила" in page


async def test_s24_the_real_bots_doors_have_no_stage(stage: Stage):
    async def is_ready() -> bool:
        return True

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=outer(is_ready)), base_url="http://x") as world:
        assert (await world.get("/sim")).status_code == 404
        assert (await world.post("/sim/act")).status_code == 404
        assert (await world.get("/")).status_code == 404


async def test_s24_the_stage_does_not_open_with_a_channel():
    with pytest.raises(ConfigurationError, match="only without one"):
        await serve(Settings(_env_file=None, telegram_token="1:invented"))


async def test_s24_the_stage_opens_only_a_demo_database(tmp_path: Path, stage: Stage, shared: tuple[Book, Screen]):
    stage.app.store.remember("demo", "no")
    with pytest.raises(ConfigurationError, match="demo"):
        showing.empty(stage.app.store)
    await stage._stop()
    with pytest.raises(ConfigurationError, match="demo"):
        await Stage(stage.settings, 7, *shared).open()


async def test_the_figures_of_the_real_bot_are_there_for_its_operator(browser: httpx2.AsyncClient):
    await act(browser, actor="mother", verb="starts")
    page = (await browser.get("/metrics")).text
    assert 'hamroh_sends{kind="sent"}' in page


async def test_the_flow_is_drawn_with_the_ways_that_were_gone(browser: httpx2.AsyncClient):
    await act(browser, actor="mother", verb="starts")
    await act(browser, actor="mother", verb="presses", value="Русский")
    page = (await browser.get("/sim", params={"who": "mother", "lang": "en"})).text
    drawn = page[page.index('<svg class="graph"') : page.index("</svg>", page.index('<svg class="graph"'))]
    assert 'class="way gone' in drawn
    assert re.search(r'class="node here".*?>([^<]+)</text>', drawn, re.DOTALL)


async def test_a_link_holds_a_run_that_is_looked_at_and_then_played(browser: httpx2.AsyncClient, stage: Stage):
    assert "/sim/shared" not in (await browser.get("/sim")).text
    await act(browser, actor="mother", verb="starts")
    await act(browser, actor="mother", verb="presses", value="Русский")
    link = re.search(r"/sim/shared\?run=([\w-]+)", (await browser.get("/sim")).text)
    assert link is not None
    await act(browser, verb="reset")
    assert "mother presses: Русский" in (await browser.get(link[0])).text
    assert stage.notes.steps == []
    assert "Сначала три коротких сообщения." in await act(browser, verb="replay", value=link[1])


@pytest.mark.parametrize("run", ["", "x", "eJw", "é", "A" * 9000])
async def test_a_link_that_is_not_whole_changes_nothing(browser: httpx2.AsyncClient, stage: Stage, run: str):
    await act(browser, actor="mother", verb="starts")
    broken = WORDS["ru"]["cannot_link"]
    assert broken in (await browser.get("/sim/shared", params={"run": run})).text
    assert broken in await act(browser, verb="replay", value=run)
    assert len(stage.notes.steps) == 1


def test_a_run_that_is_too_long_for_a_link_has_none():
    said = [Step("mother", Verb.WRITES, sha256(str(n).encode()).hexdigest()) for n in range(300)]
    assert pack(Notes(steps=said)) == ""
    told = unpack(pack(Notes(steps=said[:3], mothers=40, weeks=4)))
    assert [one.step for one in told.steps] == said[:3]
    assert (told.mothers, told.weeks) == (40, 4)


async def test_what_no_journey_visits_is_listed(stage: Stage, tmp_path: Path):
    journey = "story: x\nsteps:\n  - mother starts:\n  - mother presses: Русский\n  - mother presses: nothing like it\n"
    await asyncio.to_thread((tmp_path / "short.yaml").write_text, journey, encoding="utf-8")
    found = {one.flow: one for one in await unvisited(stage, tmp_path)}
    assert "Onboarding:language" not in found["Onboarding"].unseen
    assert found["Broadcasting"].states == len(found["Broadcasting"].unseen) > 0
    with pytest.raises(CommandRefused, match="no journeys"):
        await unvisited(stage, tmp_path / "nowhere")


async def test_an_invitation_can_be_shown_and_opened_by_its_picture(browser: httpx2.AsyncClient, stage: Stage):
    page = await act(browser, actor="mother", verb="show invitation")
    picture = re.search(r'src="(/sim/invitation.svg\?code=([\w-]+))"', page)
    assert picture is not None
    assert (await browser.get(picture[1])).text.startswith("<?xml")
    page = await act(browser, actor="mother", verb="starts")
    assert f"/start {picture[2]}" in page
    assert "invitation.svg" not in page
    assert stage.place("mother") is not None
    assert [step.key for step in stage.notes.steps] == ["mother starts"]
    assert 'class="refused"' in await act(browser, actor="group", verb="show invitation")


async def test_a_phone_in_whatsapp_looks_like_it_and_shows_where_its_owner_is(browser: httpx2.AsyncClient):
    await act(browser, actor="mother", verb="changes messenger")
    await act(browser, actor="mother", verb="starts")
    page = (await browser.get("/sim", params={"who": "mother", "lang": "en"})).text
    phone = page[page.index('id="mother"') - 200 : page.index('id="facilitator"')]
    assert 'class="phone chosen whatsapp"' in phone
    assert "free words until" in phone
    assert '<span class="state">Onboarding:language</span>' in phone
    assert 'aria-current="step"' in page, "the rail knows her too"
    await act(browser, actor="time", verb="passes", value="2 days")
    assert WORDS["en"]["window_closed"] in (await browser.get("/sim", params={"lang": "en"})).text


async def test_many_choices_in_whatsapp_lie_behind_one_button(browser: httpx2.AsyncClient, stage: Stage):
    await act(browser, actor="mother", verb="changes messenger")
    await act(browser, actor="mother", verb="starts")
    rows = stage.channel.phones["mother"].bubbles[-1].rows
    page = (await browser.get("/sim", params={"lang": "en"})).text
    assert ('class="sheet"' in page) == (len(rows) > 3)
    assert len(rows) > 3, "languages, help and hide are four"
    assert "Русский" in page[page.index('class="sheet"') : page.index("</details>", page.index('class="sheet"'))]
