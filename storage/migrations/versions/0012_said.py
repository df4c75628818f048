"""When she did what opened a case, which after an outage is long before it came to us."""

import sqlalchemy as sa
from alembic import op

from storage.instants import Instant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("said_at", Instant(), nullable=True))
