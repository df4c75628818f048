"""What we hold is written down, column by column."""

from pathlib import Path

import pytest
from sqlalchemy import LargeBinary

from storage import fsm_schema, key_schema
from storage.holdings import ABOUT, CLASSES, page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "what-we-hold.md"
TABLES = [*fsm_schema.metadata.tables.values(), *key_schema.metadata.tables.values()]
COLUMNS = [column for table in TABLES for column in table.columns]


def test_the_page_is_current():
    """Make it again with: python -c "from storage.holdings import page; print(page(), end='')"."""
    assert PAGE.read_text() == page()


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_every_column_has_a_class_and_a_date(column):
    assert column.info["class"] in CLASSES
    assert column.info["keep"].strip()


@pytest.mark.parametrize("column", [c for c in COLUMNS if c.info["class"] == "sealed"], ids=str)
def test_what_is_sealed_is_bytes_and_does_not_live_as_long_as_its_row_by_default(column):
    assert isinstance(column.type, LargeBinary)
    assert column.info["keep"] != "row"


def test_every_table_is_explained_and_nothing_else_is():
    assert set(ABOUT) == {table.name for table in TABLES}
