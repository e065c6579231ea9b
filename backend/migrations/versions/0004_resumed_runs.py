"""What is known of runs that were interrupted, and of those that went on."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("trained_by", sa.String(16)))
    op.add_column(
        "runs", sa.Column("resumable", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("runs", sa.Column("resumed", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("runs", sa.Column("resumed_at", sa.Integer()))
    op.add_column("runs", sa.Column("interruption", sa.Text()))


def downgrade() -> None:
    for column in ("interruption", "resumed_at", "resumed", "resumable", "trained_by"):
        op.drop_column("runs", column)
