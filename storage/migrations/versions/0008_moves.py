"""Codes by which a mother moves to another address."""

import sqlalchemy as sa
from alembic import op

from storage.instants import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "moves",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("conversation_id", sa.String(26), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_moves_conversation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_moves"),
        sa.UniqueConstraint("hash", name="uq_moves_hash"),
        sa.UniqueConstraint("conversation_id", name="uq_moves_conversation_id"),
    )
