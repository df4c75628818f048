"""Answers to the questions asked before, in the middle and after."""

import sqlalchemy as sa
from alembic import op

from storage.instants import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "measures",
        sa.Column("participant_id", sa.String(26), nullable=False),
        sa.Column("moment", sa.String(10), nullable=False),
        sa.Column("question", sa.String(20), nullable=False),
        sa.Column("answer", sa.SmallInteger(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("answer BETWEEN 1 AND 5", name=op.f("ck_measures_answer")),
        sa.ForeignKeyConstraint(["participant_id"], ["participants.id"], name="fk_measures_participant_id"),
        sa.PrimaryKeyConstraint("participant_id", "moment", "question", name="pk_measures"),
    )
