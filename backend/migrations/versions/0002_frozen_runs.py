"""Runs that train their prior on the encoder and decoder of another run."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("frozen_from", sa.String(32)))
    op.add_column("runs", sa.Column("metrics_seed", sa.Integer()))


def downgrade() -> None:
    op.drop_column("runs", "metrics_seed")
    op.drop_column("runs", "frozen_from")
