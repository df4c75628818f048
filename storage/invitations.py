"""Codes by which people come: made once, stored as keyed hashes, spent in the commit of the joining."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, or_, select, update

from bot.core.effects import CountAttempt
from bot.core.errors import InvitationSpent
from bot.core.people import Invitation, Role
from bot.core.ports import Ids
from storage.schema import attempts, invitations
from storage.sealing import Sealer
from storage.unit import Turn

ATTEMPTS_COUNT_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Codes:
    """A new invitation's codes, shown once; `spoken` is for mothers only."""

    code: str
    spoken: str | None


def make(connection: Connection, sealer: Sealer, ids: Ids, invitation: Invitation, now: datetime) -> Codes:
    """Make an invitation; nothing but the hashes of its codes is stored."""
    codes = Codes(ids.token(), ids.spoken() if invitation.role is Role.MOTHER else None)
    connection.execute(
        insert(invitations).values(
            id=invitation.id,
            hash=sealer.code_hash(codes.code),
            spoken_hash=None if codes.spoken is None else sealer.code_hash(codes.spoken),
            role=invitation.role,
            cohort_id=invitation.cohort_id,
            uses_left=invitation.uses_left,
            used=0,
            expires_at=invitation.expires_at,
            made_at=now,
        )
    )
    return codes


def find(connection: Connection, sealer: Sealer, codes: Iterable[str]) -> dict[str, Invitation]:
    """What these codes name, by code; the rows stay locked, so that what was read can still be used."""
    hashes = {sealer.code_hash(code): code for code in codes}
    if not hashes:
        return {}
    c = invitations.c
    query = select(invitations).where(or_(c.hash.in_(sorted(hashes)), c.spoken_hash.in_(sorted(hashes))))
    found: dict[str, Invitation] = {}
    for row in connection.execute(query.order_by(c.id).with_for_update()):
        for hashed, is_spoken in ((row.hash, False), (row.spoken_hash, True)):
            if hashed in hashes:
                found[hashes[hashed]] = Invitation(
                    row.id, Role(row.role), row.cohort_id, row.uses_left, row.expires_at, is_spoken
                )
    return found


def spend(turn: Turn, invitation_id: str) -> tuple[Role, str | None]:
    """Use an invitation once; its role and cohort.  Raises InvitationSpent when somebody else was quicker."""
    c = invitations.c
    used = (
        update(invitations)
        .where(c.id == invitation_id, c.uses_left > 0, c.expires_at > turn.now)
        .values(uses_left=c.uses_left - 1, used=c.used + 1)
        .returning(c.role, c.cohort_id)
    )
    row = turn.connection.execute(used).one_or_none()
    if row is None:
        raise InvitationSpent(f"invitation {invitation_id} was used up or ran out meanwhile")
    return Role(row.role), row.cohort_id


def count_attempt(turn: Turn, effect: CountAttempt) -> None:
    """A wrong code was given here."""
    del effect
    turn.connection.execute(
        insert(attempts).values(id=turn.unit.ids.id(), conversation_id=turn.conversation_id, at=turn.now)
    )


def attempts_of(connection: Connection, conversation_ids: Iterable[str], now: datetime) -> dict[str, int]:
    """How many wrong codes came from each conversation in the last hour."""
    wanted = sorted(set(conversation_ids))
    if not wanted:
        return {}
    c = attempts.c
    query = select(c.conversation_id, func.count()).where(
        c.conversation_id.in_(wanted), c.at > now - ATTEMPTS_COUNT_FOR
    )
    return {row[0]: row[1] for row in connection.execute(query.group_by(c.conversation_id))}
