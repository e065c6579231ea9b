"""The split of a data set's own is called “given”: not all have an order of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _rename("file_order", "given")


def downgrade() -> None:
    _rename("given", "file_order")


def _rename(old: str, new: str) -> None:
    runs = sa.table("runs", sa.column("id", sa.String), sa.column("config", sa.JSON))
    connection = op.get_bind()
    for run_id, config in connection.execute(sa.select(runs.c.id, runs.c.config)).all():
        if config.get("split", {}).get("kind") == old:
            changed = {**config, "split": {"kind": new}}
            connection.execute(sa.update(runs).where(runs.c.id == run_id).values(config=changed))
