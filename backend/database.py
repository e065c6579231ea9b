"""Opening the database: engine, SQLite's pragmas, transactions."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from backend.database_file import explain, unwritable
from backend.database_version import DatabaseVersion
from backend.durable_file import full_disk_named
from backend.errors import StoreError
from backend.revisions import refuse_newer
from backend.upgrading import upgrade

_BUSY_MILLISECONDS = 20_000
_MEMORY = {"", ":memory:"}


class Database:
    """Transactions, for reading and for writing. Threads may share it."""

    def __init__(self, url: str, data_dir: Path) -> None:
        """Open the database and bring its tables up to date, one process at a time.

        Raises:
            StoreError: a newer Priorscope wrote it, it is damaged, or nothing can be written.
            DiskFullError: there is no room.
        """
        self.file = file_of(url)
        """Where the database is; None where it is not a file of SQLite."""
        self.version = DatabaseVersion(self.file)
        check_version(url)
        self._engine = _open(url)
        self._where = self.file or data_dir
        try:
            with (
                full_disk_named(data_dir),
                FileLock(data_dir / "migration.lock"),
                self._named(),
                self._engine.begin() as connection,
            ):
                upgrade(connection, self.file, data_dir)
        except OSError as error:
            raise unwritable(data_dir, error.strerror or str(error)) from error
        self._writing = sessionmaker(self._engine, expire_on_commit=False)
        self._reading = sessionmaker(self._engine.execution_options(writes=False))

    @contextlib.contextmanager
    def write(self) -> Iterator[Session]:
        """Write in one transaction.

        Raises:
            DiskFullError: there is no room for what was written; nothing has changed.
            BusyError, StoreError: others hold the database, or it does not work.
        """
        with self._named(), self._writing.begin() as session:
            yield session

    @contextlib.contextmanager
    def read(self) -> Iterator[Session]:
        """Read in one transaction.

        Raises:
            DiskFullError, BusyError, StoreError: the database does not work.
        """
        with self._named(), self._reading() as session:
            yield session

    def close(self) -> None:
        """Close all connections."""
        self.version.close()
        self._engine.dispose()

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            named = explain(error.orig, self._where)
            if named is None:
                raise
            raise named from error
        except ValueError as error:
            # What is stored is taken apart as it is read.
            raise StoreError(
                f"Something in the database {self._where} cannot be read. “priorscope doctor” says "
                "what it is, and “priorscope doctor --repair” takes it out."
            ) from error


def check_version(url: str) -> None:
    """Look at the database before anything is written to its folder.

    Raises:
        StoreError: a newer Priorscope wrote it; no byte of it has changed.
    """
    file = file_of(url)
    if file is not None:
        refuse_newer(file)


def file_of(url: str) -> Path | None:
    """Return the file of an SQLite database; None for one in memory and for other databases."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or (parsed.database or "") in _MEMORY:
        return None
    return Path(parsed.database or "")


def _open(url: str) -> Engine:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Without this the driver begins transactions by its own rules, after the first read.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
    connection.execute("PRAGMA journal_mode = WAL")
    # What is committed survives a power cut, too.
    connection.execute("PRAGMA synchronous = FULL")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later would fail at once, without waiting, where
    # another process wrote in between; one that says so at its start waits its turn.
    writes = connection.get_execution_options().get("writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
