"""Files that survive a crash whole."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that after a crash either the old or the new content is there, whole."""
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    _sync_folder(path.parent)


def replace_folder(folder: Path, written: Path) -> None:
    """Put ``written``, whose files are durable already, in the place of ``folder``."""
    shutil.rmtree(folder, ignore_errors=True)
    place_folder(folder, written)


def place_folder(folder: Path, written: Path) -> None:
    """Make ``written``, whose files are durable already, appear as ``folder`` in one step.

    Raises:
        OSError: there is a folder already.
    """
    _sync_folder(written)
    folder.parent.mkdir(parents=True, exist_ok=True)
    written.rename(folder)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` durable, where the system can (not on Windows)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
