"""Pushes that wait for a person's word, and how often a cohort told of harm."""

import sqlalchemy as sa
from alembic import op

from storage.instants import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("participants", sa.Column("withheld_at", Instant(), nullable=True))
    op.add_column("cohorts", sa.Column("withheld_at", Instant(), nullable=True))
    op.create_table(
        "harms",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("cohort_id", sa.String(26), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name="fk_harms_cohort_id"),
        sa.PrimaryKeyConstraint("id", name="pk_harms"),
    )
    op.create_index("ix_harms_expires_at", "harms", ["expires_at"])
