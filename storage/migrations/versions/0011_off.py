"""Until when somebody of the team has put her duty hours aside, since she ended a shift; the hours themselves stay."""

import sqlalchemy as sa
from alembic import op

from storage.instants import Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("off_from", Instant(), nullable=True))
    op.add_column("staff", sa.Column("off_until", Instant(), nullable=True))
