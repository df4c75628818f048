"""The first schema.

Made from the tables themselves: nothing was released before it.  Every later step is written out.
"""

from alembic import op

from storage.schema import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())
