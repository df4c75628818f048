"""The table of the aiogram adapter."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = ("bot_id", "chat_id", "user_id", "thread_id", "business_connection_id", "destiny")


def upgrade() -> None:
    op.create_table(
        "fsm",
        sa.Column("id", sa.String(26), nullable=False),
        *(sa.Column(name, sa.LargeBinary(16), nullable=False) for name in KEY),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fsm"),
        sa.UniqueConstraint(*KEY, name="uq_fsm_key"),
    )
    for name in ("chat_id", "user_id", "changed_at"):
        op.create_index(f"ix_fsm_{name}", "fsm", [name])
