"""A browser window as the tests of the page use it: what can be done and seen on the phones in it."""

from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Window:
    """A browser window, what it complained about, and the hosts it asked for anything."""

    page: Any
    troubles: list[str]
    hosts: set[str]

    def phone(self, name: str) -> Any:
        """One phone on the page."""
        return self.page.locator(f"#{name}")

    async def press(self, phone: str, label: str) -> None:
        """Press the latest button of this label on a phone."""
        await self.phone(phone).get_by_role("button", name=label, exact=True).last.click()

    async def write(self, phone: str, text: str) -> None:
        """Write on a phone and press Enter."""
        box = self.phone(phone).locator("textarea")
        await box.fill(text)
        await box.press("Enter")

    async def sees(self, phone: str, text: str) -> None:
        """Wait until a phone shows this text."""
        await self.phone(phone).locator(".text", has_text=text).last.wait_for()

    async def prepare(self) -> None:
        """Let the team get ready."""
        await self.page.locator("button:has-text('Подготовить команду')").click()
        await self.sees("facilitator", "Спасибо, записано.")
