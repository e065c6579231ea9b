"""The data folder as a whole: making it, and having it to oneself.

One server at a time, or one command that changes what is stored, holds the lock ``server.lock``,
which the system frees however its holder ends. ``server.json`` says who that is. Commands that only
add a run or read (``train``, ``compare``, ``runs``, ``holes``, ``backup``) work beside a server.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ValidationError

from backend.clock import now
from backend.database_file import unwritable
from backend.durable_file import full_disk_named, replace_file
from backend.errors import PriorscopeError, StoreError

_LOCK, _NOTE = "server.lock", "server.json"
_PATIENCE_SECONDS = 0.5  # for those who only ask who is there


class OccupiedError(PriorscopeError):
    """Another process has the data folder to itself."""

    status, slug, title = 409, "occupied", "The data folder is in use"


class Occupant(BaseModel):
    """Who has the data folder to itself."""

    what: str
    process: int
    since: datetime
    address: str | None = None

    def __str__(self) -> str:
        where = "" if self.address is None else f" at {self.address}"
        return f"{self.what}{where} (process {self.process}, since {self.since:%Y-%m-%d %H:%M} UTC)"


_UNKNOWN = "Another Priorscope"


def make_data_folder(folder: Path) -> None:
    """Make the folder, where it is missing.

    Raises:
        StoreError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The data folder {folder} cannot be made ({error.strerror}). "
            "Choose another one with --data-dir."
        ) from error


class Occupation:
    """The lock on a data folder, held by this process."""

    def __init__(self, folder: Path, what: str) -> None:
        self._folder = folder
        self._occupant = Occupant(what=what, process=os.getpid(), since=now())
        self._write()

    def announce(self, address: str) -> None:
        """Tell others where the server is."""
        self._occupant = self._occupant.model_copy(update={"address": address})
        self._write()

    def _write(self) -> None:
        replace_file(self._folder / _NOTE, self._occupant.model_dump_json().encode())


@contextlib.contextmanager
def occupy(folder: Path, what: str) -> Iterator[Occupation]:
    """Have a data folder to oneself; ``what`` is told to others that want it.

    Raises:
        OccupiedError: another process has it.
        StoreError, DiskFullError: it cannot be written to.
    """
    make_data_folder(folder)
    lock = FileLock(folder / _LOCK)
    try:
        with full_disk_named(folder):
            lock.acquire(timeout=_PATIENCE_SECONDS)
    except Timeout as error:
        raise OccupiedError(
            f"The data folder {folder} is in use: {_read(folder) or _UNKNOWN} has it. Use that "
            "one, stop it first, or choose another --data-dir."
        ) from error
    except OSError as error:
        raise unwritable(folder, error.strerror or str(error)) from error
    try:
        yield Occupation(folder, what)
    finally:
        lock.release()


def occupant(folder: Path) -> str | None:
    """Return who else has the data folder to itself; None where nobody has."""
    if not (folder / _LOCK).exists():
        return None
    try:
        with FileLock(folder / _LOCK).acquire(blocking=False):
            return None
    except Timeout:
        found = _read(folder)
        return None if found and found.process == os.getpid() else str(found or _UNKNOWN)


def _read(folder: Path) -> Occupant | None:
    try:
        return Occupant.model_validate_json((folder / _NOTE).read_bytes())
    except (OSError, ValidationError):
        return None
