"""Whether everybody can read and use the page: judged by axe in a real Chromium, in all languages and in the dark."""

import re
from pathlib import Path

import pytest

from bot.console.words import LANGUAGES
from tests.ui.window import Window

pytestmark = pytest.mark.asyncio(loop_scope="session")
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
MERMAID = """texts => Promise.all(texts.map(([name, text]) => mermaid.parse(text).then(
    () => null, error => `${name}: ${error.message}`))).then(all => all.filter(Boolean))"""


async def judge(window: Window, address: str) -> list[str]:
    """What axe finds wrong on a page with everything unfolded."""
    axe = pytest.importorskip("axe_playwright_python.async_playwright", reason="not tested: axe is not here").Axe()
    await window.page.goto(address)
    await window.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    found = (await axe.run(window.page)).response["violations"]
    return [f"{one['id']}: {node['html'][:200]} — {node['failureSummary']}" for one in found for node in one["nodes"]]


async def lived(window: Window) -> None:
    """A run that leaves something to see everywhere: bubbles, old buttons, what waits, a log, a case."""
    await window.prepare()
    await window.press("mother", "Начать (по приглашению)")
    await window.press("mother", "Русский")
    await window.sees("mother", "Сначала три коротких сообщения.")
    await window.write("mother", "Он меня бьёт, мне страшно")
    await window.sees("group", "срочно")


async def test_axe_finds_nothing_wrong(window: Window):
    await lived(window)
    assert await judge(window, "/sim?lang=tg&who=mother") == []


@pytest.mark.soak
async def test_axe_finds_nothing_wrong_in_any_language_width_or_light(window: Window):
    await lived(window)
    link = await window.page.locator("a[href^='/sim/shared']").get_attribute("href")
    for light in ("light", "dark"):
        await window.page.emulate_media(color_scheme=light)
        for size in (WIDE, NARROW):
            await window.page.set_viewport_size(size)
            for language in LANGUAGES:
                for who in ("mother", "group"):
                    assert await judge(window, f"/sim?lang={language}&who={who}") == []
                assert await judge(window, f"/sim/proof?module=m1&lang={language}") == []
                assert await judge(window, f"{link}&lang={language}") == []


def drawings(root: Path) -> list[tuple[str, str]]:
    """Every Mermaid drawing of the documentation: its page and its text."""
    pages = [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
    fence = re.compile(r"^```mermaid\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return [(page.name, text) for page in pages for text in fence.findall(page.read_text(encoding="utf-8"))]


async def test_mermaid_itself_reads_every_drawing(window: Window, pytestconfig: pytest.Config):
    mermaid = pytest.importorskip("mermaidx", reason="not tested: Mermaid is not here")
    drawn = drawings(pytestconfig.rootpath)
    assert len(drawn) >= 40
    empty = await window.page.context.new_page()  # without the stage's rules about scripts
    await empty.add_script_tag(path=Path(mermaid.__file__).parent / "assets" / "mermaid.js")
    assert await empty.evaluate(MERMAID, [list(one) for one in drawn]) == []
    broken = await empty.evaluate(MERMAID, [["broken", "stateDiagram-v2\n    a --> : nowhere ]["]])
    assert broken[0].startswith("broken: ")
