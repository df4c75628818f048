"""The stage as the page knows it: forms come in, views go out."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

from bot.channels.simulator import TELEGRAM, WHATSAPP
from bot.console.views import Answer, StageView, UnvisitedView
from bot.core.errors import CommandRefused, StorageUnavailable
from bot.core.people import Role
from bot.demo import coverage, link, rehearsal, script, view
from bot.demo.player import Player
from bot.demo.refusals import Refused
from bot.demo.stage import Stage
from bot.demo.steps import Step, Verb
from bot.demo.team import prepare

LONG = "Рӯзи хуб. " * 450
"""A text that is longer than a messenger takes in one message."""
MOST_TYPED = 20_000
HEARTBEAT = 25.0
"""Seconds after which the stream speaks although nothing happened, so that a dead one is noticed."""
BREATH = 0.2
"""Seconds from one view to the next: what goes fast, like invented weeks, is not slowed down by being watched."""
ARRANGES = {"pause", "add", "bring", "put away"}
"""What changes the stage, but nothing on any phone."""
HOLDS_TIME = {"reset", "flip", "prepare", "replay", "save"}
"""What stops time that goes by itself."""


class Port:
    """One stage behind the page."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._change = asyncio.Event()
        self._acting = asyncio.Lock()
        self._watching = 0
        self._player = Player(stage, lambda: self._watching > 0)
        stage.listeners.append(self._wake)

    def _wake(self) -> None:
        self._change.set()
        self._change = asyncio.Event()

    async def look(self, language: str, who: str) -> StageView:
        """What is to be shown now."""
        return await self._stage.looked(lambda: view.look(self._stage, language, who))

    async def changes(self) -> AsyncIterator[None]:
        """Yields at once, then after every change and now and then in between."""
        self._watching += 1
        try:
            while True:
                change = self._change
                yield
                await asyncio.sleep(BREATH)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(change.wait(), HEARTBEAT)
        finally:
            self._watching -= 1

    async def act(self, form: Mapping[str, str], language: str = "en") -> Answer:
        """Do what a form asks for, one form after the other; whatever is refused becomes one sentence."""
        try:
            if form.get("verb") in ARRANGES:
                return self._arrange(form)
            async with self._acting:
                return await self._act(form)
        except Refused as refused:
            return Answer(refused=refused.told(language))
        except StorageUnavailable:
            return Answer(refused=Refused("database").told(language))
        except CommandRefused as error:
            return Answer(refused=str(error))

    async def _act(self, form: Mapping[str, str]) -> Answer:
        verb, actor, value = form.get("verb", ""), form.get("actor", ""), form.get("value", "")[:MOST_TYPED]
        if self._is_done_already(verb, form.get("where") or actor):
            return Answer()
        if verb in HOLDS_TIME:
            await self._player.stop()
        match verb:
            case "reset" | "flip" | "replay":
                await self._begin_again(verb, value)
            case "play":
                self._player.start()
                self._wake()
            case "prepare":
                await prepare(self._stage, form.get("language", ""))
            case "show invitation":
                await self._stage.show_invitation(actor)
            case "save":
                return await self._save(value)
            case _:
                await self._stage.act(self._step(form, verb, actor, value))
        return Answer()

    def _is_done_already(self, verb: str, name: str) -> bool:
        """Whether it is the second half of a double click."""
        phone, notes = self._stage.channel.phones.get(name), self._stage.notes
        if verb in {"starts", "show invitation"}:
            return phone is not None and phone.has_begun
        return verb == "prepare" and bool(notes.team) and not notes.steps

    async def _begin_again(self, verb: str, run: str) -> None:
        """From an empty stage: nothing, the same run in the other language, or the run of a link."""
        if verb == "flip":
            await self._flip()
        elif verb == "replay":
            await rehearsal.play(self._stage, link.unpack(run))
        else:
            await self._stage.reset()

    def _arrange(self, form: Mapping[str, str]) -> Answer:
        """What changes the stage, but nothing on any phone."""
        verb = form["verb"]
        if verb == "pause":
            self._player.hold()
        else:
            self._put(verb, form.get("where") or form.get("actor", ""), form.get("value", ""))
        self._wake()
        return Answer()

    def _step(self, form: Mapping[str, str], verb: str, actor: str, value: str) -> Step:
        where, back = form.get("where", ""), form.get("back", "")[:4]
        phone = self._stage.channel.phones.get(where or actor)
        if verb.startswith("sends "):
            verb, value = "sends", verb.removeprefix("sends ")
        elif verb == "writes long":
            verb, value = "writes", LONG
        elif verb == "switches":
            verb, value = "turns", "off" if phone is not None and phone.is_online else "on"
        elif verb == "changes messenger":
            verb, value = "turns", TELEGRAM if phone is not None and phone.channel == WHATSAPP else WHATSAPP
        elif verb == "toggles block":
            verb, value = ("unblocks" if phone is not None and phone.has_blocked else "blocks"), ""
        elif verb == "joins":
            value = ""
        if verb not in set(Verb):
            raise Refused("verb", verb=verb)
        return Step(actor, Verb(verb), value, where, int(back) if back.isdecimal() else 0)

    def _put(self, verb: str, name: str, role: str) -> None:
        """A new phone on the stage, or one that is there already shown or not."""
        person = self._stage.notes.people.get(name)
        if verb == "add":
            wanted = Role(role) if role in set(Role) else Role.MOTHER
            self._stage.invite(self._stage.next_name(wanted), wanted)
        elif person is None:
            raise Refused("nobody", name=name)
        else:
            person.is_shown = verb == "bring"

    async def _flip(self) -> None:
        """The same run in the other language, from the beginning; as it was when that cannot be."""
        told = rehearsal.tell(self._stage.notes)
        try:
            await rehearsal.play(self._stage, rehearsal.in_other_language(told))
        except CommandRefused:
            await rehearsal.play(self._stage, told)
            raise

    async def _save(self, story: str) -> Answer:
        text = await rehearsal.record(self._stage, story)
        return Answer(told=str(await asyncio.to_thread(script.save, text, story)))

    async def figures(self) -> Mapping[str, int]:
        """What an operator would watch of the real bot."""

        def read() -> Mapping[str, int]:
            return self._stage.app.figures()

        return await self._stage.looked(read)

    async def script(self, story: str) -> str:
        """The run so far, played again on a stage of its own to see what it shows."""
        try:
            return await rehearsal.record(self._stage, story)
        except CommandRefused as error:
            return f"# {error}\n"

    def shared(self, run: str, language: str) -> Answer:
        """The steps of a run that came in a link, in words."""
        try:
            told = link.unpack(run)
        except Refused as refused:
            return Answer(refused=refused.told(language))
        return Answer(texts=tuple(f"{one.step.key}: {one.step.value}".rstrip(": ") for one in told.steps))

    async def unvisited(self, language: str) -> tuple[Answer, tuple[UnvisitedView, ...]]:
        """What no saved journey visits, flow by flow."""
        try:
            return Answer(), await coverage.unvisited(self._stage)
        except Refused as refused:
            return Answer(refused=refused.told(language)), ()

    async def proof(self, module: str) -> tuple[tuple[str, ...], tuple[tuple[str, str, str], ...]]:
        """The modules there are, and every text of one of them (the first, when it is not known)."""
        curriculum = self._stage.book.engine.library.curriculum
        chosen = next((m for m in curriculum.modules if m.id == module), curriculum.modules[0])
        pieces = [(chosen.id, chosen.texts()), *((lesson.id, lesson.texts()) for lesson in chosen.lessons)]
        texts = [
            (f"{name} · {part}", text.in_language("tg"), text.in_language("ru"))
            for name, parts in pieces
            for part, text in parts
        ]
        return tuple(m.id for m in curriculum.modules), tuple(texts)
