"""A number that changes with every commit to a file of SQLite."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path


class DatabaseVersion:
    """Tells whether anything was committed, by this process or another. Threads may share it."""

    def __init__(self, file: Path | None) -> None:
        """Take the file; None where the database is none of SQLite's."""
        self._file = file
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def read(self) -> int | None:
        """Return the number, in microseconds; None where it can't be had at once."""
        if self._file is None:
            return None
        with self._lock:
            try:
                # Only numbers that the same connection was given can be compared.
                if self._connection is None:
                    self._connection = _connect(self._file)
                (number,) = self._connection.execute("PRAGMA data_version").fetchone()
            except sqlite3.Error:
                return None
        return int(number)

    def close(self) -> None:
        """Let go of the file; from now on there is no number."""
        with self._lock:
            self._file = None
            if self._connection is not None:
                self._connection.close()


def _connect(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        # Never makes a file: a new one would tell of no commit at all.
        f"{file.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=0.0,
        isolation_level=None,
        check_same_thread=False,
    )
