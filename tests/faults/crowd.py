"""Many more mothers in a village: copies of one who joined by her buttons, each with an account and keys of her own."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from bot.core.addresses import Address
from bot.core.conversation import Owner
from bot.system import RandomIds
from storage import accounts as addresses
from storage import conversations as chats
from storage import profiles
from storage.database import open_database
from storage.keys import KeyPlaces
from storage.schema import accounts, conversations, participants
from storage.sealing import Sealer
from tests.faults.village import Village
from tests.world import FrozenClock

Row = dict[str, Any]


def add_mothers(village: Village, numbers: Sequence[int]) -> None:
    """Let these invented people live in the village as if they had joined."""
    folder = village.folder
    keyring = KeyPlaces(folder / "keys", f"sqlite:///{folder / 'keys.db'}").open(FrozenClock())
    database = open_database(village.url)
    sealer, ids = Sealer(keyring), RandomIds()
    try:
        with database.transaction() as connection:
            first = _first(connection)
            made = [tuple(ids.id() for _ in range(3)) for _ in numbers]
            sealer.ensure([f"participant:{her}" for her, _, _ in made] + [f"account:{account}" for *_, account in made])
            rows = [_copy(sealer, first, *of, number) for of, number in zip(made, numbers, strict=True)]
            for n, table in enumerate((conversations, accounts, participants)):
                connection.execute(insert(table), [row[n] for row in rows])
    finally:
        database.dispose()
        keyring.close()


def _first(connection: Connection) -> tuple[Row, Row, Row]:
    """The rows of somebody who joined."""
    theirs = select(conversations).where(conversations.c.owner == Owner.PARTICIPANT).order_by(conversations.c.id)
    chat = connection.execute(theirs).first()
    assert chat is not None
    account = connection.execute(select(accounts).where(accounts.c.id == chat.account_id)).one()
    her = connection.execute(select(participants).where(participants.c.id == chat.owner_id)).one()
    return dict(chat._mapping), dict(account._mapping), dict(her._mapping)


def _copy(
    sealer: Sealer, first: tuple[Row, Row, Row], her_id: str, chat_id: str, account_id: str, number: int
) -> tuple[Row, Row, Row]:
    chat, account, her = first
    old, new = f"participant:{her['id']}", f"participant:{her_id}"
    data = sealer.open_json(old, chats.PLACE, chat["id"], chat["data"]) if chat["data"] else {}
    profile = sealer.open_json(old, profiles.PLACE, her["id"], her["profile"])
    address = Address(account["line"], str(number))
    return (
        {
            **chat,
            "id": chat_id,
            "owner_id": her_id,
            "account_id": account_id,
            "data": sealer.seal_json(new, chats.PLACE, chat_id, data),
        },
        {
            **account,
            "id": account_id,
            "conversation_id": chat_id,
            "blind": sealer.blind(address.key),
            "address": sealer.seal(f"account:{account_id}", addresses.PLACE, account_id, address.id.encode()),
        },
        {
            **her,
            "id": her_id,
            "conversation_id": chat_id,
            "code_name": f"Bahor-{number}",
            "profile": sealer.seal_json(new, profiles.PLACE, her_id, profile),
        },
    )
