"""One transaction of turns: what happens to a batch of jobs in the worker thread."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import takewhile
from operator import itemgetter

import structlog

from bot.concern.screen import Screen
from bot.core.cases import NOTHING, Finding
from bot.core.conversation import Conversation, Facts
from bot.core.event import Event
from bot.core.events import MessageReceived
from bot.core.messages import Inbound, Kind, Sort
from bot.core.moving import MoveUsed
from bot.core.ports import Clock, Ids
from bot.flows.arrival import event_of
from bot.flows.book import HER_ACTS, Book
from bot.flows.policy import Policy
from storage.handing import Handed, Offer
from storage.store import NO_OFFERS, Store
from storage.work import Arrived, Work

log = structlog.get_logger()


class Bundle:
    """Jobs that came together: `settled` once all of them are, with the error of one that could not be recorded."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._left = size
        self._error: Exception | None = None
        if not size:
            self.settled.set_result(None)

    def settle(self, error: Exception | None = None) -> None:
        """One more of them is settled."""
        self._left -= 1
        self._error = error or self._error
        if self._left or self.settled.done():
            return
        if self._error is None:
            self.settled.set_result(None)
        else:
            self.settled.set_exception(self._error)
            self.settled.exception()  # a failure was logged already; nobody need await it


@dataclass(slots=True, eq=False)
class Job:
    """One event on its way: an update (`inbound`), a posted event (`inbox_id`) or a timer (conversation id, key)."""

    inbound: Inbound | None = None
    inbox_id: str = ""
    timer: tuple[str, str] | None = None
    bundle: Bundle | None = None
    lane: str = field(init=False)
    """Jobs of one lane never share a batch, so that their order holds."""

    def __post_init__(self) -> None:
        self.lane = self.inbox_id or repr(self.timer) if self.inbound is None else self.inbound.chat.key


@dataclass(frozen=True, slots=True)
class Ready:
    """A job that found its conversation; `event` None is one that this release cannot read."""

    source: str
    conversation_id: str
    event: Event | None
    inbound: Inbound | None = None
    finding: Finding = NOTHING


@dataclass(slots=True)
class Written:
    """What a batch left to be done after its commit: posts to play, lines to look for mail on, timers to look at.

    `handed` is what the sender of each line gets that made an offer.

    `moves` are the posts that come before everything that waits, in their order: it may be hers who moves by them.
    """

    posted: list[str] = field(default_factory=list)
    lines: set[str] = field(default_factory=set)
    has_timers: bool = False
    moves: list[str] = field(default_factory=list)
    handed: dict[str, Handed] = field(default_factory=dict)


class Batch:
    """Screens, plays and records jobs; synchronous, for one worker thread."""

    def __init__(self, store: Store, book: Book, screen: Screen, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._book = book
        self._screen = screen
        self._clock = clock
        self._ids = ids

    @property
    def policy(self) -> Policy:
        """What the operator decided."""
        return self._book.policy

    def write(self, jobs: list[Job], offers: Mapping[str, Offer] = NO_OFFERS, *, is_spent: bool = False) -> Written:
        """Play all jobs in one transaction; a turn that raises is quarantined in it, with its finding (S7).

        `offers` are those of the lines' senders.

        Raises InvitationSpent when a code is used up; played again with `is_spent` the turn can say so.
        """
        findings = self._screen_texts(jobs)
        with self._store.work(offers) as work:
            waiting = self._find(work, jobs, findings)
            while waiting:
                turns = _next_turns(waiting)
                self._play(work, turns, is_spent=is_spent)
                played = set(map(id, turns))
                waiting = [ready for ready in waiting if id(ready) not in played]
                if waiting:
                    work.flush()
                    waiting = self._follow(work, turns, waiting)
        return Written(
            list(work.posted_ids),
            set(work.woken_lines),
            work.timers_changed,
            list(work.moves),
            work.handed,
        )

    def write_spent(self, jobs: list[Job]) -> Written:
        """Play a job whose code was used up by somebody quicker: she hears it, and how to go on."""
        return self.write(jobs, is_spent=True)

    def set_aside(self, jobs: list[Job]) -> Written:
        """The humblest way: quarantine without playing anything; for what even the fall-back could not record."""
        with self._store.work() as work:
            for ready in self._find(work, jobs, {}):
                body = {"text": ready.inbound.text} if ready.inbound else {}
                work.quarantine(ready.source, ready.conversation_id, body)
        return Written()

    def _screen_texts(self, jobs: list[Job]) -> dict[int, Finding]:
        """Findings by position, made before the transaction; the conversation's state is one of the inputs."""
        texts = {
            n: job.inbound
            for n, job in enumerate(jobs)
            if job.inbound is not None and job.inbound.text and _is_screened(job.inbound)
        }
        if not texts:
            return {}
        states = self._store.states(list(texts.values()))
        return {
            n: self._screen.screen(inbound.text, state)
            for (n, inbound), state in zip(texts.items(), states, strict=True)
        }

    def _find(self, work: Work, jobs: list[Job], findings: dict[int, Finding]) -> list[Ready]:
        """The jobs that are new and concern somebody, each with its conversation, in their order."""
        fresh = [(n, job.inbound) for n, job in enumerate(jobs) if job.inbound is not None]
        admitted = work.admit([inbound for _, inbound in fresh]) if fresh else []
        found: list[tuple[int, Ready]] = []
        for (n, _), arrived in zip(fresh, admitted, strict=True):
            if arrived is not None:
                found += [(n, ready) for ready in self._read(work, arrived, findings.get(n, NOTHING))]
        places = {job.inbox_id: n for n, job in enumerate(jobs) if job.inbox_id}
        for posted in work.posted(list(places)):
            found.append((places[posted.inbox_id], Ready(posted.inbox_id, posted.conversation_id, posted.event)))
        for fallen in work.fallen([job.timer for job in jobs if job.timer is not None]):
            found.append((len(jobs), Ready(self._ids.id(), fallen.conversation_id, fallen.event)))
        return [ready for _, ready in sorted(found, key=itemgetter(0))]

    def _read(self, work: Work, arrived: Arrived, finding: Finding) -> list[Ready]:
        inbound, chat, sender = arrived.inbound, arrived.chat, arrived.sender
        if inbound.sort is Sort.MIGRATED:
            work.move(chat.account_id, inbound.text)
            work.done([arrived.inbox_id])
            return []
        if inbound.sort is Sort.UNREADABLE and inbound.is_group:  # talk in a group is neither answered nor kept
            work.done([arrived.inbox_id])
            return []
        if inbound.sort is Sort.UNREADABLE:
            return [Ready(arrived.inbox_id, chat.conversation_id, None, inbound, finding)]
        staff_id = (sender.staff_id if sender else None) or ""
        where, event = event_of(inbound, chat.owner, staff_id)
        target = sender.conversation_id if where == "sender" and sender else chat.conversation_id
        if event is None:
            work.done([arrived.inbox_id])
            return []
        return [Ready(arrived.inbox_id, target, event, inbound, finding)]

    def _follow(self, work: Work, played: list[Ready], waiting: list[Ready]) -> list[Ready]:
        """What waits, where it belongs after a move: what came from her new address is hers, and screened as hers."""
        if not any(isinstance(ready.event, MoveUsed) for ready in played):
            return waiting
        moved = work.moved([(r.source, r.conversation_id, r.inbound) for r in waiting if r.inbound is not None])
        followed: list[Ready] = []
        for ready in waiting:
            arrived = moved.get(ready.source)
            if arrived is None:
                followed.append(ready)
            else:
                followed += self._read(work, arrived, self._screen_again(work, arrived, ready.finding))
        return followed

    def _screen_again(self, work: Work, arrived: Arrived, finding: Finding) -> Finding:
        inbound, chat_id = arrived.inbound, arrived.chat.conversation_id
        chat = work.lock([chat_id]).get(chat_id)
        if chat is None or not (inbound.text and _is_screened(inbound)):
            return finding
        return self._screen.screen(inbound.text, chat.state)

    def _play(self, work: Work, turns: list[Ready], *, is_spent: bool) -> None:
        """Play one turn of each conversation."""
        now = self._clock.now()
        conversations = work.lock(ready.conversation_id for ready in turns)
        present = [ready for ready in turns if ready.conversation_id in conversations]
        before = [_as_acted(conversations[r.conversation_id], r, now) for r in present]
        events = [ready.event or MessageReceived(kind=Kind.OTHER) for ready in present]
        findings = [ready.finding for ready in present]
        acts = [_acted_at(conversations[r.conversation_id], r, now) for r in present]
        facts = work.facts(list(zip(before, events, strict=True)), now, findings, acts, self._book.policy.completed)
        if is_spent:
            facts = [replace(one, is_spent=True) for one in facts]
        quarantined = {
            ready.source
            for ready, conversation, event, known in zip(present, before, events, facts, strict=True)
            if not self._play_one(work, ready, conversation, event, known)
        }
        work.done([ready.source for ready in turns if ready.source not in quarantined])

    def _play_one(self, work: Work, ready: Ready, before: Conversation, event: Event, facts: Facts) -> bool:
        """Play and record one turn; False when it had to be quarantined."""
        is_played = True
        try:
            _refuse_unreadable(ready)
            played = self._book.play(before, event, facts, self._ids)
        except Exception as error:  # noqa: BLE001 - poison never blocks: any mistake in a turn is set aside, not passed on
            log.warning(
                "turn_quarantined",
                inbox=ready.source,
                state=before.state,
                happened=type(event).__name__,
                error=type(error).__name__,
            )
            is_played = False
            played = self._book.fall_back(before, event, facts, self._ids, ready.source)
            work.quarantine(ready.source, before.id, {"text": ready.inbound.text} if ready.inbound else {})
        work.record(ready.source, before, played.conversation, played.effects, facts.now, ready.inbound)
        return is_played


class UnreadableEvent(Exception):
    """Raised and caught here: the update or post is one that this release cannot read."""


def _refuse_unreadable(ready: Ready) -> None:
    if ready.event is None:
        raise UnreadableEvent


def _next_turns(waiting: list[Ready]) -> list[Ready]:
    """The first turn of each conversation, in the order in which they came; a move is played alone.

    It must know what everything before it has done at the new address, and it decides whose the rest is.
    """
    if isinstance(waiting[0].event, MoveUsed):
        return waiting[:1]
    firsts: dict[str, Ready] = {}
    for ready in takewhile(lambda ready: not isinstance(ready.event, MoveUsed), waiting):
        firsts.setdefault(ready.conversation_id, ready)
    return list(firsts.values())


def _is_screened(inbound: Inbound) -> bool:
    """Talk in a group is staff's; everything else with text is screened (S7)."""
    return not inbound.is_group and inbound.sort in {Sort.MESSAGE, Sort.EDIT, Sort.UNREADABLE}


def _as_acted(conversation: Conversation, ready: Ready, now: datetime) -> Conversation:
    """With the clock of S1 set when this event is her own act: the newest of her acts, never later than now."""
    if ready.inbound is None or not (isinstance(ready.event, HER_ACTS) or ready.event is None):
        return conversation
    at, last = min(ready.inbound.at, now), conversation.last_in_at
    return replace(conversation, last_in_at=at if last is None else max(last, at))


def _acted_at(was: Conversation, ready: Ready, now: datetime) -> datetime | None:
    """The time of this very act, never later than now; None of what is no act of a person.

    WhatsApp brings acts for days, in any order, each with its own time.  Telegram keeps their order, and names no time
    of a press, which it drops when it could not bring it within 150 seconds: its reader puts the time of arrival there,
    and what comes after it was done after it.
    """
    if ready.inbound is None:
        return None
    at = min(ready.inbound.at, now)
    if not ready.inbound.chat.is_shuffled and was.last_in_at is not None:
        at = max(at, was.last_in_at)
    return at
