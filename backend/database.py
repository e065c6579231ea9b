"""Opening the database: engine, SQLite's pragmas, migrations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from filelock import FileLock
from sqlalchemy import Connection, Engine, create_engine, event

from backend.errors import StoreError

_BUSY_MILLISECONDS = 20_000


def open_database(url: str, data_dir: Path) -> Engine:
    """Open the database and bring its tables up to date, one process at a time.

    Raises:
        StoreError: a newer Priorscope wrote it.
    """
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    with FileLock(data_dir / "migration.lock"), engine.begin() as connection:
        _migrate(connection)
    return engine


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreError(
            f"The database {connection.engine.url!r} does not fit this version of Priorscope "
            f"({error}). Update Priorscope, or choose another --data-dir."
        ) from error


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Without this the driver begins transactions by its own rules, after the first read.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later would fail at once, without waiting, where
    # another process wrote in between; one that says so at its start waits its turn.
    writes = connection.get_execution_options().get("writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
