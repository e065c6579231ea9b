"""Bringing the database of an older version up to date; refusing one of a newer version."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from backend.clock import now
from backend.data_folder import occupant
from backend.database_file import copy_database, untouched
from backend.errors import StoreError

logger = logging.getLogger(__name__)


def refuse_newer(path: Path) -> None:
    """Look at the database before anything is written.

    Raises:
        StoreError: a newer Priorscope wrote it; no byte of it has changed.
    """
    if path.exists() and (revision := stored_revision(path)) is not None:
        _check_known(revision, path)


def stored_revision(path: Path) -> str | None:
    """Return the number of the last migration of a database; None where it has none."""
    try:
        with untouched(path) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        # Empty, or damaged, which is said when it is opened.
        return None
    return None if row is None else str(row[0])


def upgrade(connection: Connection, path: Path | None, data_dir: Path) -> None:
    """Migrate in the transaction of ``connection``; before, copy the file beside itself.

    Nothing is copied where there are no runs yet. A process that dies in the middle leaves the old
    tables or the new ones, for SQLite changes tables in transactions, too.

    Raises:
        StoreError: a newer Priorscope wrote it, an older one serves it, or it cannot be copied.
        DiskFullError: there is no room for a copy.
    """
    current = MigrationContext.configure(connection).get_current_revision()
    if current == _scripts().get_current_head():
        return
    if current is not None:
        _check_known(current, path or connection.engine.url.render_as_string())
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
    config = migrations()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def migrations() -> Config:
    """Return where Alembic finds the migrations."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _check_known(revision: str, where: Path | str) -> None:
    if revision not in {script.revision for script in _scripts().walk_revisions()}:
        raise StoreError(
            f"The database {where} was written by a newer version of Priorscope (its tables are of "
            f"revision {revision}), and is left as it is. Update Priorscope, or choose another "
            "--data-dir."
        )


def _backup_of(path: Path, revision: str) -> Path:
    """Return a free name, such as ``priorscope.of-0003.20261125-080500.db``."""
    moment = now().strftime("%Y%m%d-%H%M%S")
    name = f"{path.stem}.of-{revision}.{moment}"
    backup, number = path.with_name(f"{name}.db"), 1
    while backup.exists():
        number += 1
        backup = path.with_name(f"{name}-{number}.db")
    return backup


def _has_runs(connection: Connection) -> bool:
    if not inspect(connection).has_table("runs"):
        return False
    return connection.execute(text("SELECT 1 FROM runs LIMIT 1")).first() is not None


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(migrations())
