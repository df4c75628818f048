"""Who writes, where a messenger may name one person twice: by an id of her own, and by a number, her alias.

The id is her address.  The number is kept sealed beside it, found by its keyed hash, and serves to know her again when
a call names nothing else; nothing is sent to it once she has an id.  A number belongs to whoever was seen with it last:
two who show the same one are two persons and never become one, and whoever had it before is doubted (S13).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter

from sqlalchemy import Connection, bindparam, or_, select, update

from bot.core.addresses import Address
from bot.core.effects import CancelSends
from bot.core.events import ReachChanged
from bot.core.messages import Inbound, Sort
from storage.accounts import PLACE as ADDRESS
from storage.accounts import Known, addresses, drop_alias, end_alias, known_as, retire
from storage.accounts import states as states_of
from storage.driver import Statement
from storage.inbox import Post
from storage.schema import accounts, conversations
from storage.sealing import Sealer
from storage.unit import Unit
from storage.upsert import AnyRow

PLACE = "accounts.alias"


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever was seen with a number; `is_main`: it is all by which she is known, else the alias beside her own id.

    What was written before `since` and names the number with another id is of somebody who had it before her.
    """

    known: Known
    state: str
    is_main: bool
    since: datetime | None


OVERLAP = timedelta(days=1)
"""Nobody gets a number so soon after it was another's; what waited in an outage may be hers."""


def _number(inbound: Inbound) -> Address:
    return Address(inbound.chat.line, inbound.alias)


def states(connection: Connection, sealer: Sealer, inbounds: Sequence[Inbound]) -> list[str | None]:
    """The states of the conversations in which these would be played; None where nobody is known."""
    blinds = [sealer.blind(inbound.chat.key) for inbound in inbounds]
    found = states_of(connection, blinds)
    numbers = {
        blind: sealer.blind(_number(inbound).key)
        for blind, inbound in zip(blinds, inbounds, strict=True)
        if inbound.alias and blind not in found
    }
    held = _holders(connection, numbers.values())
    for blind, number in numbers.items():
        holder = held.get(number)
        if holder is not None and (holder.is_main or blind == number):
            found[blind] = holder.state
    return [found.get(blind) for blind in blinds]


class Naming:
    """What one batch tells of names: `resolve` before anybody is looked for, `note` what is new, `write` at the end."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._held: dict[bytes, Holder] = {}
        self._named: dict[str, tuple[bytes, Address]] = {}  # account → her number's hash, the id she has shown
        self._lost: dict[str, tuple[bytes, bool]] = {}  # account → the number's hash, whether it was all there was
        self._seen: dict[str, tuple[bytes, Address, datetime]] = {}  # account → the number, and when it was seen
        self._left: dict[str, datetime] = {}  # account → when she left the number for another one

    def resolve(self, inbounds: Sequence[Inbound]) -> list[Inbound]:
        """The same updates, each under the id of her own if one is known or told beside it."""
        numbers = {_number(inbound) for inbound in inbounds if inbound.alias}
        if not numbers:
            return list(inbounds)
        self._held = _holders(self._unit.connection, map(self._blind, numbers))
        bare = {i.chat for i in inbounds if i.alias == i.chat.id}
        told = [i for i in inbounds if i.alias and i.alias != i.chat.id and not self._is_late(i)]
        own = self._own_ids(bare) | {_number(i): i.chat for i in sorted(told, key=attrgetter("at"))}
        return [
            _under(inbound, own[inbound.chat]) if inbound.chat in bare & own.keys() else inbound for inbound in inbounds
        ]

    def _is_late(self, inbound: Inbound) -> bool:
        """Whether it was written before whoever is known by this number had it."""
        holder = self._held.get(self._blind(_number(inbound)))
        return holder is not None and holder.since is not None and inbound.at < holder.since

    def _own_ids(self, numbers: Iterable[Address]) -> dict[Address, Address]:
        """The ids of those who are known by more than these numbers."""
        held = {number: self._held.get(self._blind(number)) for number in numbers}
        accounts_of = {n: holder.known.account_id for n, holder in held.items() if holder and not holder.is_main}
        found = addresses(self._unit.connection, self._unit.sealer, accounts_of.values())
        return {number: found[account_id] for number, account_id in accounts_of.items() if account_id in found}

    def heirs(self, inbounds: Sequence[Inbound], found: dict[bytes, Known]) -> dict[bytes, Known]:
        """Those who were known by a number alone, by the hash of the id that they show with it for the first time."""
        heirs: dict[bytes, Known] = {}
        for inbound in inbounds:
            if not inbound.alias or self._is_late(inbound):
                continue
            own, holder = self._blind(inbound.chat), self._held.get(self._blind(_number(inbound)))
            is_new = own not in found and holder is not None and holder.is_main
            if holder is not None and is_new and holder.known not in heirs.values():
                heirs[own] = holder.known
        return heirs

    def note(self, inbox_id: str, inbound: Inbound, known: Known) -> set[str]:
        """Take a new update in; gives the further conversations that must be locked before anything is written."""
        if inbound.sort is Sort.REACH and inbound.text == "elsewhere":
            self._leave(inbound, known)
            return set()
        if not inbound.alias or inbound.alias == inbound.chat.id:
            return set()
        number = self._blind(_number(inbound))
        holder = self._held.get(number)
        if self._is_late(inbound):
            return set()  # somebody else was seen with the number since
        self._seen[known.account_id] = (number, _number(inbound), inbound.at)
        self._held[number] = Holder(known, "", is_main=False, since=inbound.at)
        if holder is None:
            return set()
        if holder.known.account_id != known.account_id:
            return self._take_from(holder, number, inbox_id, known)
        if holder.is_main:
            self._named[known.account_id] = (number, inbound.chat)
        return set()

    def _take_from(self, holder: Holder, number: bytes, inbox_id: str, taker: Known) -> set[str]:
        """The number shows with another id: nothing more goes by it to whoever had it, and her people hear of it."""
        chat = holder.known.conversation_id
        self._lost[holder.known.account_id] = (number, holder.is_main)
        self._seen.pop(holder.known.account_id, None)
        if chat == taker.conversation_id:
            return set()
        doubt = ReachChanged(is_reachable=False, is_another=True)
        self._unit.posts.append(Post(self._unit.ids.id(), f"{inbox_id}/0", chat, doubt))
        if holder.is_main:
            self._unit.cancels.append((chat, CancelSends()))
        return {chat}

    def _leave(self, inbound: Inbound, known: Known) -> None:
        """She has another number: whoever shows the old one from now on is somebody unknown."""
        self._seen.pop(known.account_id, None)
        if inbound.alias == inbound.chat.id:
            self._lost[known.account_id] = (self._blind(inbound.chat), True)
            self._unit.cancels.append((known.conversation_id, CancelSends()))
        else:
            self._left[known.account_id] = inbound.at

    @property
    def is_waiting(self) -> bool:
        """Whether there is anything to write."""
        return bool(self._seen or self._lost or self._left)

    def write(self) -> None:
        """Write it; the conversations of all these accounts must be locked."""
        for account_id, (number, was_main) in sorted(self._lost.items()):
            (retire if was_main else drop_alias)(self._unit.connection, account_id, number)
        for account_id, at in sorted(self._left.items()):
            end_alias(self._unit.connection, account_id, at)
        for account_id, (number, own) in sorted(self._named.items()):
            self._rename(account_id, number, own)
        self._keep_aliases()
        self._lost.clear()
        self._left.clear()
        self._named.clear()
        self._seen.clear()

    def _rename(self, account_id: str, number: bytes, own: Address) -> None:
        is_here = (accounts.c.id == account_id) & (accounts.c.blind == number)
        kept = self._unit.connection.execute(select(accounts.c.address).where(is_here)).one_or_none()
        if kept is None:
            return  # another process did it a moment ago
        sealed = kept.address and self._seal(account_id, ADDRESS, own)
        values = {"blind": self._blind(own), "address": sealed}
        self._unit.connection.execute(update(accounts).where(is_here).values(values))

    def _keep_aliases(self) -> None:
        """A number is kept only where an address is (S18)."""
        if not self._seen:
            return
        kept = _KEPT.rows(self._unit.connection, ids=sorted(self._seen))
        rows = [
            {"row": row.id, "blind": number, "sealed": self._seal(row.id, PLACE, address), "at": at}
            for row in kept
            for number, address, at in (self._seen[row.id],)
            if row.alias_blind != number and (row.aliased_at is None or row.aliased_at <= at)
        ]
        if rows:
            _ALIAS.each(self._unit.connection, rows)

    def _seal(self, account_id: str, place: str, address: Address) -> bytes:
        return self._unit.sealer.seal(f"account:{account_id}", place, account_id, address.id.encode())

    def _blind(self, address: Address) -> bytes:
        return self._unit.sealer.blind(address.key)


def _under(inbound: Inbound, own: Address) -> Inbound:
    return replace(inbound, chat=own, sender=own)


def _holders(connection: Connection, blinds: Iterable[bytes]) -> dict[bytes, Holder]:
    """Who has these numbers, by their hashes; the alias of somebody comes before an address that is only a number."""
    wanted = sorted(set(blinds))
    if not wanted:
        return {}
    rows = _HOLDERS.rows(connection, mains=wanted, aliases=wanted)
    mains = {row.blind: _holder(row, is_main=True) for row in rows if row.blind in wanted}
    return mains | {row.alias_blind: _holder(row, is_main=False) for row in rows if row.alias_blind in wanted}


def _holder(row: AnyRow, *, is_main: bool) -> Holder:
    return Holder(known_as(row), row.state, is_main, row.made_at - OVERLAP if is_main else row.aliased_at)


_HOLDERS = Statement(
    select(
        accounts.c.id,
        accounts.c.blind,
        accounts.c.alias_blind,
        accounts.c.aliased_at,
        accounts.c.made_at,
        accounts.c.conversation_id,
        conversations.c.owner,
        conversations.c.owner_id,
        conversations.c.state,
    )
    .join(conversations, conversations.c.id == accounts.c.conversation_id)
    .where(
        or_(
            accounts.c.blind.in_(bindparam("mains", expanding=True)),
            accounts.c.alias_blind.in_(bindparam("aliases", expanding=True)),
        )
    )
)
_KEPT = Statement(
    select(accounts.c.id, accounts.c.alias_blind, accounts.c.aliased_at).where(
        accounts.c.id.in_(bindparam("ids", expanding=True)), accounts.c.address.is_not(None)
    )
)
_THIS = accounts.c.id == bindparam("row")
_ALIAS = Statement(
    update(accounts)
    .where(_THIS)
    .values(alias=bindparam("sealed"), alias_blind=bindparam("blind"), aliased_at=bindparam("at"))
)
