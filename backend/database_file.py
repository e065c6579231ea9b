"""SQLite's file itself: reading it without a trace, copying it, and what its errors mean."""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from backend.durable_file import disk_full, put_file
from backend.errors import BusyError, PriorscopeError, StoreError

_PRIMARY = 0xFF  # the part of an error's number that says what it is about
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
# Errors that have no number of their own: other tables than there should be, and damaged text.
_UNREADABLE = re.compile("no such (table|column)|already exists|Could not decode to UTF-8")
_REFUSED = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
_NO_ROOM = 200_000  # bytes; its journals begin with less


def explain(error: BaseException | None, path: Path) -> PriorscopeError | None:
    """Return what an error of SQLite means; None where it says nothing about the file."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & _PRIMARY
    if code == sqlite3.SQLITE_FULL:
        return disk_full(path.parent)
    if code in _BUSY:
        return BusyError("The database has been busy for too long. Try again in a while.")
    if code in _DAMAGED or _UNREADABLE.search(str(error)):
        return StoreError(
            f"The database {path} is damaged ({error}). “priorscope doctor” says more; “priorscope "
            "restore” brings back a backup."
        )
    if code == sqlite3.SQLITE_IOERR or code in _REFUSED:
        # On a full disk it cannot even begin its journals.
        if _free(path.parent) < _NO_ROOM:
            return disk_full(path.parent)
        if code in _REFUSED:
            return unwritable(path.parent, str(error))
        return StoreError(f"The disk of {path.parent} fails ({error}). Look at the system's log.")
    return None


def unwritable(folder: Path, why: str) -> StoreError:
    """Return the error that says that nothing can be stored, and what to do."""
    return StoreError(
        f"The data folder {folder} cannot be written to ({why}). Make it writable, or choose "
        "another one with --data-dir."
    )


@contextlib.contextmanager
def untouched(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database for reading alone, so that no byte of it changes.

    Where another process writes, or one died while it did, SQLite keeps account of who reads in the
    file that ends in ``-shm``; otherwise there is no trace at all.
    """
    with closing(_open(path, "mode=ro" if _has_journal(path) else "immutable=1")) as connection:
        yield connection


@contextlib.contextmanager
def snapshot(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database for reading it as it is now, whoever writes to it meanwhile."""
    with closing(_open(path, "mode=rw")) as connection:
        connection.isolation_level = None
        connection.execute("BEGIN")
        connection.execute("SELECT COUNT(*) FROM sqlite_schema").fetchone()
        yield connection


def copy_database(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, whoever writes to it; the copy appears whole.

    Raises:
        DiskFullError, StoreError: there is no room for it, or the source is damaged.
    """
    try:
        with snapshot(source) as original:
            copy_snapshot(original, target)
    except sqlite3.Error as error:
        raise _not_copied(error, source, target) from error


def copy_snapshot(original: sqlite3.Connection, target: Path) -> None:
    """Copy what a connection sees; the copy appears whole.

    Raises:
        DiskFullError, StoreError: there is no room for it, or the source is damaged.
    """
    temporary = target.with_name(f".{target.name}.tmp")
    temporary.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(temporary)) as copy:
            original.backup(copy)
            # One file, without a journal beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
        put_file(target, temporary)
    except (sqlite3.Error, OSError) as error:
        raise _not_copied(error, target, target) from error
    finally:
        temporary.unlink(missing_ok=True)


def _not_copied(error: Exception, source: Path, target: Path) -> PriorscopeError:
    if _free(target.parent) < _NO_ROOM:
        return disk_full(target.parent)
    return explain(error, source) or StoreError(f"{target} cannot be written: {error}.")


def _open(path: Path, how: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=20)


def _has_journal(path: Path) -> bool:
    return path.with_name(path.name + "-wal").exists()


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return _NO_ROOM
