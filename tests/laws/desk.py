"""A whole desk in a house: a coordinator, a facilitator on duty at every hour, their group, and mothers."""

from dataclasses import dataclass

from bot.channels.simulator import Phone
from bot.core.people import Role
from tests.house import House

JOINING = ("consent.next", "consent.yes", "consent.yes", "adult.yes")


@dataclass
class Desk:
    """The phones of the team."""

    house: House
    coordinator: Phone
    facilitator: Phone
    group: Phone

    def cards(self) -> int:
        """How many cards ever came to the group."""
        return sum("case.take" in choices(bubble) for bubble in self.group.transcript)

    async def opens_module(self) -> None:
        """The session was held: the next module opens."""
        await self.house.says(self.facilitator, "/menu")
        for choice in ("menu.session", "held.cohort", "held.yes"):
            await press(self.house, self.facilitator, choice)

    async def takes_newest(self) -> None:
        """The facilitator presses Take on the newest card."""
        await press(self.house, self.group, "case.take", sender=self.facilitator.id)


def choices(bubble: object) -> list[str]:
    """What the buttons under a message choose."""
    return [button.choice.partition(":")[0] for row in bubble.rows for button in row]  # type: ignore[attr-defined]


async def press(house: House, phone: Phone, choice: str, *, sender: str = "") -> list[str]:
    """Press the newest button whose choice begins so."""
    for bubble in reversed(phone.bubbles):
        for row in bubble.rows:
            for button in row:
                if button.choice == choice or button.choice.partition(":")[0] == choice:
                    shown = len(phone.transcript)
                    await house.channel.presses_button(phone, bubble, button, sender=sender)
                    await house.app.settle()
                    return [bubble.text for bubble in phone.transcript[shown:] if bubble.is_ours]
    raise LookupError(f"{phone.name} sees no button {choice}")


async def open_desk(house: House) -> Desk:
    """The team, ready to be rung."""
    coordinator = await _enlist(house, "coordinator", house.invite(Role.COORDINATOR, None), "ru", "Гранат")
    facilitator = await _enlist(house, "facilitator", house.invite(Role.FACILITATOR), "tg", "Чинор")
    await press(house, coordinator, "staff.accept")
    await house.says(facilitator, "/menu")
    await press(house, facilitator, "menu.duty")
    await house.says(facilitator, "дш-яш 0-24")
    await press(house, facilitator, "duty.save")
    group = house.phone("group", is_group=True)
    await house.channel.appoints_bot(group, coordinator.id)
    await house.says(group, f"/bind {house.invite(Role.GROUP, None)}", sender=coordinator.id)
    return Desk(house, coordinator, facilitator, group)


async def _enlist(house: House, name: str, code: str, language: str, alias: str) -> Phone:
    phone = house.phone(name)
    await house.says(phone, f"/start {code}")
    await press(house, phone, f"enlist.language:{language}")
    await house.says(phone, alias)
    await press(house, phone, "enlist.agree")
    return phone


async def join(
    house: House, name: str, language: str = "tg", *, phone: str = "phone.no", hours: str = "hours:9"
) -> Phone:
    """A mother who came by a link and chose everything by buttons."""
    hers = house.phone(name)
    await house.says(hers, f"/start {house.invite(Role.MOTHER)}")
    for choice in (f"language:{language}", *JOINING, phone, "name.skip", hours):
        await press(house, hers, choice)
    return hers
