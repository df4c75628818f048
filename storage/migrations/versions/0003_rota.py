"""How staff work, whom they keep apart from, and two things that a case remembers."""

import sqlalchemy as sa
from alembic import op

from storage.instants import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("languages", sa.String(20), nullable=False, server_default="ru,tg"),
        sa.Column("load_limit", sa.SmallInteger(), nullable=False, server_default="5"),
        sa.Column("rest", sa.String(2000), nullable=False, server_default="[]"),
        sa.Column("away_from", sa.String(10), nullable=True),
        sa.Column("away_until", sa.String(10), nullable=True),
        sa.Column("is_fallback", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("staff", column)
    op.add_column("cases", sa.Column("second_id", sa.String(26), nullable=True))
    op.add_column("cases", sa.Column("earlier", sa.String(10), nullable=True))
    op.create_table(
        "conflicts",
        sa.Column("staff_id", sa.String(26), nullable=False),
        sa.Column("conversation_id", sa.String(26), nullable=False),
        sa.Column("named_by", sa.String(26), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_conflicts_staff_id"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_conflicts_conversation_id"),
        sa.PrimaryKeyConstraint("staff_id", "conversation_id", name="pk_conflicts"),
    )
