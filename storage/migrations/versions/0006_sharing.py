"""When a reflection was shared, for the reader's digest; the history of a case is read from the audit by case."""

import sqlalchemy as sa
from alembic import op

from storage.instants import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reflections", sa.Column("shared_at", Instant(), nullable=True))
    op.execute("UPDATE reflections SET shared_at = at WHERE is_shared")
    op.create_index("ix_reflections_shared_at", "reflections", ["shared_at"])
    op.create_index("ix_audit_case_id", "audit", ["case_id"])
