"""How "forget me" is recorded: everything of hers goes in this commit, her keys right after it (S22)."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from bot.core.conversation import Owner
from bot.core.effects import Forget
from storage import accounts, fsm_keys
from storage.erase import erase
from storage.schema import accounts as account_rows
from storage.unit import Turn


def forget(turn: Turn, effect: Forget) -> None:
    """Erase her; what this turn still says, and takes out of her chat, goes to the same address under a new id.

    Her conversation is a stranger's from now on, as if she had never written.
    """
    del effect
    unit, row = turn.unit, turn.row
    unit.is_desk_changed = True  # who kept apart from her need not any more
    old = row.account_id
    hers = _hers(turn)
    address = accounts.addresses(turn.connection, turn.sealer, hers)
    address |= {id_: unit.addresses[id_] for id_ in hers if id_ in unit.addresses}
    persons = {fsm_keys.person(turn.sealer, one) for one in address.values()}
    unit.profiles.pop(turn.owner_id, None)
    unit.stored_profiles.pop(turn.owner_id, None)
    unit.timers.unschedule(turn.conversation_id, "")
    unit.bulk.write(turn.connection)
    erased = erase(turn.connection, unit.ids, turn.conversation_id, turn.now, persons)
    for gone, new in erased.account_ids.items():
        known = unit.addresses.pop(gone, None) or address.get(gone)
        if known is not None:
            unit.addresses[new] = known
    unit.outbox = [w._replace(account_id=erased.account_ids.get(w.account_id, w.account_id)) for w in unit.outbox]
    for message in unit.messages:
        message["account_id"] = erased.account_ids.get(message["account_id"], message["account_id"])
    row.account_id = erased.account_ids.get(old or "", old)
    row.conversation = replace(
        row.conversation, owner=Owner.STRANGER, owner_id=row.account_id or row.conversation.id, data={}, held_by=None
    )
    unit.after_commit.append(lambda: turn.sealer.forget(erased.subjects))


def _hers(turn: Turn) -> Sequence[str]:
    """All accounts of this conversation."""
    c = account_rows.c
    return turn.connection.scalars(select(c.id).where(c.conversation_id == turn.conversation_id)).all()
