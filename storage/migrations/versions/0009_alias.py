"""The number by which a messenger may name somebody who has an id of her own, sealed beside her address."""

import sqlalchemy as sa
from alembic import op

from storage.instants import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("alias_blind", sa.LargeBinary(16), nullable=True))
    op.add_column("accounts", sa.Column("alias", sa.LargeBinary(), nullable=True))
    op.add_column("accounts", sa.Column("aliased_at", Instant(), nullable=True))
    op.create_index("uq_accounts_alias_blind", "accounts", ["alias_blind"], unique=True)
