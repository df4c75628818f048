"""Which kept answers were read for the blind sample; each is read once."""

import sqlalchemy as sa
from alembic import op

from storage.instants import Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reflections", sa.Column("sampled_at", Instant(), nullable=True))
