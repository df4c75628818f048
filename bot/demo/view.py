"""What the stage looks like at one moment: phones, and the rail about one of them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.channels.simulator import Bubble, Phone
from bot.console.views import (
    ArrowView,
    BubbleView,
    ButtonView,
    EntryView,
    GraphView,
    KeptView,
    PendingView,
    PhoneView,
    StageView,
)
from bot.console.words import WEEKDAYS
from bot.core.addresses import Address
from bot.core.messages import Kind
from bot.core.people import Role
from bot.demo.graph import draw
from bot.demo.link import pack
from bot.demo.mishaps import armed
from bot.demo.stage import Stage
from bot.flows.draw import arrows_from, flow_of
from storage import showing
from storage.showing import Place

SHOWN = 60
"""Bubbles of a phone that are shown."""
LISTED = 40
_ID = re.compile(r"[0-9A-Z]{26}")


@dataclass(slots=True)
class _Look:
    """One look at the stage and its database."""

    stage: Stage
    language: str
    places: dict[str, Place]
    names: dict[str, str]

    @property
    def now(self) -> datetime:
        return self.stage.clock.now()

    def when(self, at: datetime) -> str:
        """A moment in the programme's time zone, the day added when it is not today."""
        zone = ZoneInfo(self.stage.settings.timezone)
        local, today = at.astimezone(zone), self.now.astimezone(zone)
        return f"{local:%H:%M}" if local.date() == today.date() else f"{local:%d.%m. %H:%M}"

    def day(self, at: datetime) -> str:
        """The day as it stands above the first message of it."""
        local = at.astimezone(ZoneInfo(self.stage.settings.timezone))
        return f"{WEEKDAYS[self.language][local.weekday()]}, {local:%d.%m.%Y}"

    def name_of(self, conversation_id: str) -> str:
        """Whose conversation it is."""
        return self.names.get(conversation_id, "·")


def look(stage: Stage, language: str, who: str) -> StageView:
    """Everything that the page shows; synchronous, reads the database."""
    people = dict(stage.notes.people)  # a look is taken beside the acts, which may bring somebody new
    owners = _owners(stage)
    with stage.app.store.database.reading() as connection:
        found = [(*owners[place.blind], place) for place in showing.places(connection, list(owners))]
        seen = _look_at(stage, language, found)
        places = seen.places
        chosen = who if who in people else next((n for n, p in people.items() if p.is_shown), "")
        due = showing.next_moment(connection, seen.now)
        pending = _pending(seen, showing.waiting(connection, seen.now, LISTED), showing.coming(connection, LISTED))
        kept = showing.kept(connection, places[chosen]) if chosen in places else []
    graph, arrows = _diagram(seen, places.get(chosen))
    return StageView(
        version=stage.version,
        clock=f"{seen.day(seen.now)} · {seen.when(seen.now)}",
        seed=stage.notes.seed,
        steps=len(stage.notes.steps),
        has_team=bool(stage.notes.team),
        has_weeks=bool(stage.notes.weeks),
        next_due=seen.when(due) if due else "",
        phones=tuple(_phone(seen, name) for name, person in people.items() if person.is_shown),
        away=tuple(name for name, person in people.items() if not person.is_shown),
        who=chosen,
        graph=graph,
        is_playing=stage.is_playing,
        share=pack(stage.notes),
        arrows=arrows,
        pending=tuple(pending),
        log=tuple(_entries(seen)),
        kept=tuple(
            KeptView(k.table, k.column, k.data, k.rows, k.keep, seen.when(k.expires_at) if k.expires_at else "")
            for k in kept
        ),
        armed=armed(stage),
    )


def _owners(stage: Stage) -> dict[bytes, tuple[str, str]]:
    """Whose every address is: its line and her name."""
    lines, blind = (str(stage.channel.line), str(stage.channel.whatsapp)), stage.app.store.sealer.blind
    return {blind(Address(line, name).key): (line, name) for name in list(stage.notes.people) for line in lines}


def _look_at(stage: Stage, language: str, found: list[tuple[str, str, Place]]) -> _Look:
    """Everybody is where the messenger is that she uses; her other conversation is hers all the same."""
    used = {name: stage.channel.line_of(phone) for name, phone in list(stage.channel.phones.items())}
    places = {name: place for line, name, place in found if line == used[name]}
    return _Look(stage, language, places, {place.conversation_id: name for _, name, place in found})


def _phone(seen: _Look, name: str) -> PhoneView:
    phone, person, place = seen.stage.channel.phones[name], seen.stage.notes.people[name], seen.places.get(name)
    number = name.rpartition(" ")[2]
    return PhoneView(
        name=name,
        role=person.role,
        number=int(number) if number.isdecimal() else 1,
        is_group=phone.is_group,
        is_online=phone.is_online,
        has_blocked=phone.has_blocked,
        channel=phone.channel,
        free_until=seen.when(phone.free_until) if phone.free_until is not None else "",
        is_free=phone.free_until is None or seen.now < phone.free_until,
        has_begun=phone.has_begun,
        state=place.state if place else "",
        language=place.language if place else "",
        code_name=place.code_name if place else "",
        is_held=bool(place and place.is_held),
        unseen=len(phone.bubbles) - len(phone.screen),
        bubbles=tuple(_bubbles(seen, phone, place)),
        speakers=tuple(_speakers(seen.stage)) if phone.is_group else (),
        code=person.code,
    )


def _speakers(stage: Stage) -> Iterable[str]:
    people = list(stage.notes.people.items())
    for role in (Role.FACILITATOR, Role.COORDINATOR, Role.SUPERVISOR, Role.AUDITOR, Role.MOTHER):
        yield from (name for name, person in people if person.role is role)


def _bubbles(seen: _Look, phone: Phone, place: Place | None) -> Iterable[BubbleView]:
    later: dict[str, int] = {}
    views: list[BubbleView] = []
    for bubble in sorted([*phone.screen, *phone.failed], key=lambda one: one.at)[::-1]:
        rows = []
        for row in bubble.rows:
            shown = []
            for button in row:
                is_old = not button.is_standing and place is not None and bubble.version != place.version
                shown.append(ButtonView(button.label, later.get(button.label, 0), is_old))
            rows.append(tuple(shown))
        for button in (button for row in bubble.rows for button in row):
            later[button.label] = later.get(button.label, 0) + 1
        views.append(_bubble(seen, bubble, tuple(rows)))
    return _with_days(list(reversed(views))[-SHOWN:])


def _bubble(seen: _Look, bubble: Bubble, rows: tuple[tuple[ButtonView, ...], ...]) -> BubbleView:
    zone = ZoneInfo(seen.stage.settings.timezone)
    return BubbleView(
        id=bubble.id,
        is_ours=bubble.is_ours,
        text=bubble.text,
        time=f"{bubble.at.astimezone(zone):%H:%M}",
        day=seen.day(bubble.at),
        rows=rows,
        kind="" if bubble.kind is Kind.TEXT else bubble.kind,
        is_edited=bubble.is_edited,
        tick=bubble.tick,
        sender=bubble.sender,
    )


def _with_days(views: list[BubbleView]) -> Iterable[BubbleView]:
    before = ""
    for view in views:
        yield view if view.day != before else replace(view, day="")
        before = view.day


def _pending(seen: _Look, waiting: list[showing.Waiting], coming: list[showing.Timer]) -> Iterable[PendingView]:
    found = [
        (
            max(w.due_at, w.rests_until or w.due_at),
            seen.name_of(w.conversation_id),
            f"{w.act} · {w.purpose}",
            _reason(w, seen.now),
        )
        for w in waiting
    ]
    found += [(t.due_at, seen.name_of(t.conversation_id), _ID.sub("…", t.key), "timer") for t in coming]
    for due, who, what, reason in sorted(found)[:LISTED]:
        yield PendingView(who, what, seen.when(due), reason)


def _reason(waiting: showing.Waiting, now: datetime) -> str:
    """Why it has not gone: a key of the page's words."""
    if waiting.rests_until is not None:
        return "rests"
    if waiting.attempts:
        return "retry"
    return "hours" if waiting.due_at > now else "queue"


def _entries(seen: _Look) -> Iterable[EntryView]:
    for entry in reversed(seen.stage.book.log[-LISTED:]):
        yield EntryView(
            time=seen.when(entry.at),
            who=seen.name_of(entry.conversation_id),
            event=entry.event,
            was=entry.was,
            now=entry.now,
            effects=", ".join(entry.effects),
            level="" if entry.level == "none" else entry.level,
            rules=", ".join(entry.rules),
            commit=entry.commit,
            is_quarantined=entry.is_quarantined,
            fault=entry.fault,
        )


def _diagram(seen: _Look, place: Place | None) -> tuple[GraphView, tuple[ArrowView, ...]]:
    """The flow in which somebody is, and the ways on from there."""
    flows = seen.stage.book.engine.flows
    flow = flow_of(flows, place.state) if place else None
    if flow is None or place is None:
        return GraphView(), ()
    log = seen.stage.book.log
    travelled = {(entry.was, entry.now) for entry in log if entry.conversation_id == place.conversation_id}
    arrows = (ArrowView(*arrow) for arrow in arrows_from(flows, flow.audience, place.state))
    return draw(flow, travelled, place.state), tuple(dict.fromkeys(arrows))
