"""The kinds of columns that tables are made of; each carries in `info` what it holds and how long it lives."""

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.types import TypeEngine

from storage.instants import Instant

COUNTER = BigInteger().with_variant(Integer, "sqlite")


def column(
    name: str, kind: TypeEngine[Any] | type[TypeEngine[Any]], *args: Any, data: str, keep: str, **kw: Any
) -> Column[Any]:
    """A column that says its class of data and how long it is kept."""
    return Column(name, kind, *args, info={"class": data, "keep": keep}, nullable=kw.pop("nullable", False), **kw)


def ident(name: str = "id", keep: str = "row", **kw: Any) -> Column[Any]:
    """One of our own random ids."""
    return column(name, String(26), data="id", keep=keep, **kw)


def ref(name: str, target: str, **kw: Any) -> Column[Any]:
    """An id that points to another table."""
    return column(name, String(26), ForeignKey(target), data="id", keep=kw.pop("keep", "row"), **kw)


def work(name: str, kind: TypeEngine[Any] | type[TypeEngine[Any]], **kw: Any) -> Column[Any]:
    """The state of the work, without words."""
    return column(name, kind, data="work", keep=kw.pop("keep", "row"), **kw)


def at(name: str, **kw: Any) -> Column[Any]:
    """An instant."""
    return work(name, Instant(), **kw)


def sealed(name: str, keep: str, **kw: Any) -> Column[Any]:
    """Bytes that are encrypted with the key of their subject."""
    return column(name, LargeBinary(), data="sealed", keep=keep, **kw)
