"""The tables of the key store, a database apart from the one that the keys are for.

`info` carries class of data and retention, as in schema.py.
"""

from typing import Any

from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table
from sqlalchemy.types import TypeEngine

from storage.instants import Instant

metadata = MetaData()


def _col(name: str, kind: TypeEngine[Any] | type[TypeEngine[Any]], *, data: str, keep: str, **kw: Any) -> Column[Any]:
    return Column(name, kind, info={"class": data, "keep": keep}, nullable=False, **kw)


# One key for each subject, wrapped by a master key.
data_keys = Table(
    "data_keys",
    metadata,
    _col("subject", String(80), data="id", keep="until destroyed", primary_key=True),
    _col("wrapped", LargeBinary(), data="key", keep="until destroyed"),
    _col("master", Integer, data="work", keep="until destroyed"),
    _col("made_at", Instant(), data="work", keep="until destroyed"),
)

# The master keys that may have wrapped them: number and a keyed word to know each again, never the key.
masters = Table(
    "masters",
    metadata,
    _col("number", Integer, data="work", keep="until the next rotation", primary_key=True),
    _col("check", LargeBinary(), data="index", keep="until the next rotation"),
)

# The store's own random name and its database's, a keyed word to know the index key, whether a rotation is due.
key_facts = Table(
    "key_facts",
    metadata,
    _col("name", String(40), data="work", keep="row", primary_key=True),
    _col("value", String(400), data="work", keep="row"),
)
