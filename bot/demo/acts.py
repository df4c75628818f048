"""What people do on their phones, and what goes wrong on the way: one function for each verb."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.channels.simulator import TELEGRAM, WHATSAPP, Bubble, Phone
from bot.core.errors import CommandRefused
from bot.core.messages import Button, Kind
from bot.core.people import Role
from bot.demo.mishaps import strike
from bot.demo.notes import Person
from bot.demo.refusals import Refused
from bot.demo.steps import MISHAP, Step, Verb

if TYPE_CHECKING:
    from bot.demo.stage import Stage

Act = Callable[["Stage", Phone, Step], Awaitable[Step]]


async def perform(stage: "Stage", step: Step) -> Step:
    """Carry out a step; gives it back with what its button stood for.  Raises CommandRefused."""
    if step.actor == MISHAP:
        await strike(stage, step.value)
        return step
    phone = stage.channel.phones.get(step.phone)
    if phone is None or step.actor not in stage.notes.people:
        raise Refused("nobody", name=step.actor if phone else step.phone)
    if not step.where:
        _check_in_hand(phone, step.verb)
        phone.reads()
    return await ACTS[step.verb](stage, phone, step)


def _check_in_hand(phone: Phone, verb: Verb) -> None:
    """Nobody writes or presses on a phone that is off, or to a bot that she has blocked."""
    if verb not in TALKING:
        return
    if not phone.is_online:
        raise Refused("off", who=phone.id)
    if phone.has_blocked:
        raise Refused("block", who=phone.id)


async def _start(stage: "Stage", phone: Phone, step: Step) -> Step:
    person = stage.notes.people[step.phone]
    if person.role is Role.GROUP:
        return await _bind(stage, phone, step)
    code = person.code or await issue(stage, person)
    person.code = ""
    await stage.channel.says(phone, f"/start {code}")
    return step


async def issue(stage: "Stage", person: Person) -> str:
    """A real invitation for somebody on the stage."""
    made = await asyncio.to_thread(stage.app.desk.invite, person.role, person.cohort, 1, 7)
    return made.code


async def _bind(stage: "Stage", group: Phone, step: Step) -> Step:
    """The bot becomes the group's administrator; a coordinator writes the code there."""
    code = await asyncio.to_thread(lambda: stage.app.desk.invite(Role.GROUP, None, 1, 7).code)
    is_coordinator = stage.notes.people[step.actor].role is Role.COORDINATOR
    sender = step.actor if is_coordinator else _first(stage, Role.COORDINATOR)
    await stage.channel.appoints_bot(group, sender)
    await stage.app.settle()
    await stage.channel.says(group, f"/bind {code}", sender=sender)
    return replace(step, actor=sender, where=group.id)


def _first(stage: "Stage", role: Role) -> str:
    return next((name for name, person in stage.notes.people.items() if person.role is role), "")


async def _write(stage: "Stage", phone: Phone, step: Step) -> Step:
    await stage.channel.says(phone, _text(step), sender=_sender(step))
    return step


def _text(step: Step) -> str:
    if not step.value.strip():
        raise Refused("empty")
    return step.value


async def _press(stage: "Stage", phone: Phone, step: Step) -> Step:
    if phone.channel == WHATSAPP and (number := _number(phone, step.value)):
        await stage.channel.says(phone, number)
        return step
    bubble, button = _find(phone, step)
    await stage.channel.presses_button(phone, bubble, button, sender=_sender(step))
    return replace(step, value=button.label, choice=button.choice)


def _number(phone: Phone, label: str) -> str:
    """The number under which a choice stands in the text of the latest message, too many for buttons."""
    last = phone.last()
    found = re.search(rf"(?m)^(\d+)\. {re.escape(label)}$", last.text) if last is not None and not last.rows else None
    return found.group(1) if found else ""


def _find(phone: Phone, step: Step) -> tuple[Bubble, Button]:
    """The button with this label or choice, `back` passed over; raises CommandRefused that names those there are."""
    buttons = [(bubble, button) for bubble in reversed(phone.screen) for row in bubble.rows for button in row]
    found = [(bubble, b) for bubble, b in buttons if step.value in {b.label, b.choice}]
    if len(found) > step.back:
        return found[step.back]
    seen = ", ".join(dict.fromkeys(f"[{button.label}]" for _, button in buttons[:12])) or "—"
    raise Refused("button", who=phone.id, button=step.value, seen=seen)


async def _send(stage: "Stage", phone: Phone, step: Step) -> Step:
    try:
        kind = Kind(step.value)
    except ValueError:
        raise CommandRefused(f"«{step.value}» cannot be sent: {', '.join(Kind)} can") from None
    await stage.channel.says(phone, "", kind=kind, sender=_sender(step))
    return step


async def _forward(stage: "Stage", phone: Phone, step: Step) -> Step:
    await stage.channel.says(phone, _text(step), sender=_sender(step), is_forwarded=True)
    return step


async def _edit(stage: "Stage", phone: Phone, step: Step) -> Step:
    own = (bubble for bubble in reversed(phone.bubbles) if not bubble.is_ours and bubble.kind is Kind.TEXT)
    mine = next(own, None)
    if mine is None:
        raise Refused("edit", who=step.actor)
    await stage.channel.edits(phone, mine.id, _text(step))
    return step


async def _reply(stage: "Stage", phone: Phone, step: Step) -> Step:
    ours = [bubble for bubble in reversed(phone.screen) if bubble.is_ours]
    if len(ours) <= step.back:
        raise Refused("reply")
    await stage.channel.says(phone, _text(step), sender=_sender(step), reply_to=ours[step.back].id)
    return step


async def _turn(_: "Stage", phone: Phone, step: Step) -> Step:
    if step.value in {TELEGRAM, WHATSAPP}:
        if phone.is_group:
            raise Refused("group_channel")
        phone.goes_to(step.value)
        return step
    phone.turns(is_online=step.value != "off")
    return step


async def _block(stage: "Stage", phone: Phone, step: Step) -> Step:
    await stage.channel.changes_reach(phone, is_reachable=step.verb is Verb.UNBLOCKS)
    return step


async def _join(stage: "Stage", phone: Phone, step: Step) -> Step:
    if not phone.is_group:
        raise CommandRefused("somebody joins a group: «facilitator joins in group»")
    await stage.channel.joins(phone, step.actor)
    return step


def _sender(step: Step) -> str:
    return step.actor if step.where else ""


TALKING = {Verb.STARTS, Verb.WRITES, Verb.PRESSES, Verb.SENDS, Verb.FORWARDS, Verb.EDITS, Verb.REPLIES}
ACTS: dict[Verb, Act] = {
    Verb.STARTS: _start,
    Verb.WRITES: _write,
    Verb.PRESSES: _press,
    Verb.SENDS: _send,
    Verb.FORWARDS: _forward,
    Verb.EDITS: _edit,
    Verb.REPLIES: _reply,
    Verb.TURNS: _turn,
    Verb.BLOCKS: _block,
    Verb.UNBLOCKS: _block,
    Verb.JOINS: _join,
}
