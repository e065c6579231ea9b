"""Bringing the database of an older version up to date."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from backend.clock import now
from backend.data_folder import occupant
from backend.database_file import copy_database
from backend.errors import StoreError
from backend.revisions import FOLDER, NEWEST, check_known

if TYPE_CHECKING:
    from alembic.config import Config

logger = logging.getLogger(__name__)


def upgrade(connection: Connection, path: Path | None, data_dir: Path) -> None:
    """Migrate in the transaction of ``connection``; before, copy the file beside itself.

    Nothing is copied where there are no runs yet. A process that dies in the middle leaves the old
    tables or the new ones, for SQLite changes tables in transactions, too.

    Raises:
        StoreError: a newer Priorscope wrote it, an older one serves it, or it cannot be copied.
        DiskFullError: there is no room for a copy.
    """
    current = _revision_of(connection)
    if current == NEWEST:
        return
    if current is not None:
        check_known(current, path or connection.engine.url.render_as_string())
        if (holder := occupant(data_dir)) is not None:
            raise StoreError(
                f"The data folder {data_dir} has to be brought up to date, but {holder} works with "
                "it, which is of an older version. Stop that first."
            )
        if path is not None and _has_runs(connection):
            for unfinished in path.parent.glob(f".{path.stem}.of-*.tmp"):
                unfinished.unlink()
            backup = _backup_of(path, current)
            copy_database(path, backup)
            logger.warning("The store is brought up to date; as it was, it is kept in %s", backup)
    # Not imported before it is needed, which is seldom: it takes as long as SQLAlchemy.
    from alembic import command

    config = migrations()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def migrations() -> Config:
    """Return where Alembic finds the migrations."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config


def _backup_of(path: Path, revision: str) -> Path:
    """Return a free name, such as ``priorscope.of-0003.20261125-080500.db``."""
    moment = now().strftime("%Y%m%d-%H%M%S")
    name = f"{path.stem}.of-{revision}.{moment}"
    backup, number = path.with_name(f"{name}.db"), 1
    while backup.exists():
        number += 1
        backup = path.with_name(f"{name}-{number}.db")
    return backup


def _revision_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _has_runs(connection: Connection) -> bool:
    if not inspect(connection).has_table("runs"):
        return False
    return connection.execute(text("SELECT 1 FROM runs LIMIT 1")).first() is not None
