"""Of which revision a database is, and whether this version of Priorscope knows it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from backend.database_file import untouched
from backend.errors import StoreError

FOLDER = Path(__file__).parent / "migrations"

# A migration's file begins with its number: to read them all as Alembic does would take longer
# than all else that is looked at before the server listens.
KNOWN = frozenset(file.name.partition("_")[0] for file in FOLDER.glob("versions/[0-9]*.py"))
NEWEST = max(KNOWN)


def refuse_newer(path: Path) -> None:
    """Look at the database before anything is written.

    Raises:
        StoreError: a newer Priorscope wrote it; no byte of it has changed.
    """
    if path.exists() and (revision := stored_revision(path)) is not None:
        check_known(revision, path)


def stored_revision(path: Path) -> str | None:
    """Return the number of the last migration of a database; None where it has none."""
    try:
        with untouched(path) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        # Empty, or damaged, which is said when it is opened.
        return None
    return None if row is None else str(row[0])


def check_known(revision: str, where: Path | str) -> None:
    """Refuse a revision of the future.

    Raises:
        StoreError: it is one.
    """
    if revision not in KNOWN:
        raise StoreError(
            f"The database {where} was written by a newer version of Priorscope (its tables are of "
            f"revision {revision}), and is left as it is. Update Priorscope, or choose another "
            "--data-dir."
        )
