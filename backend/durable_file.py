"""Files that survive a crash whole."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from backend.errors import DiskFullError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that after a crash either the old or the new content is there, whole.

    Raises:
        DiskFullError: there is no room for it; the old content stays.
    """
    temporary = path.with_suffix(".tmp")
    with full_disk_named(path.parent):
        try:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            sync_folder(path.parent)
        except OSError:
            # On a full disk, half of a file would keep the room from others.
            temporary.unlink(missing_ok=True)
            raise


def put_file(path: Path, written: Path) -> None:
    """Make the file ``written`` durable, and let it appear as ``path`` in one step."""
    with written.open("r+b") as file:
        os.fsync(file.fileno())
    written.replace(path)
    sync_folder(path.parent)


@contextlib.contextmanager
def full_disk_named(folder: Path) -> Iterator[None]:
    """Raise DiskFullError where something in the block finds no room on the disk of ``folder``."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise disk_full(folder) from error


def disk_full(folder: Path | str) -> DiskFullError:
    """Return the error that says so, and what to do."""
    return DiskFullError(
        f"The disk of {folder} is full. Delete runs or other files, or move the data folder to a "
        "larger disk; what was stored before is whole."
    )


def replace_folder(folder: Path, written: Path) -> None:
    """Put ``written``, whose files are durable already, in the place of ``folder``."""
    shutil.rmtree(folder, ignore_errors=True)
    place_folder(folder, written)


def place_folder(folder: Path, written: Path) -> None:
    """Make ``written``, whose files are durable already, appear as ``folder`` in one step.

    Raises:
        OSError: there is a folder already.
    """
    sync_folder(written)
    folder.parent.mkdir(parents=True, exist_ok=True)
    written.rename(folder)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` durable, where the system can (not on Windows)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
