"""A folder for what is in the making: gone with the process that made it."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from filelock import FileLock, Timeout


class Workspace:
    """``<data folder>/incoming/<token>``, of this process alone.

    A lock beside it tells the next process whether this one still lives; what dead ones left is
    removed.
    """

    def __init__(self, data_dir: Path) -> None:
        root = data_dir / "incoming"
        root.mkdir(parents=True, exist_ok=True)
        token = secrets.token_hex(6)
        self._lock = FileLock(root / f"{token}.lock")
        self.folder = root / token
        # Nobody may take a folder whose lock is not held yet for one of the dead.
        with FileLock(root / "sweep.lock"):
            self._lock.acquire()
            self.folder.mkdir()
            _sweep(root)

    def make(self, name: str) -> Path:
        """Return a new empty folder."""
        folder = self.folder / name
        folder.mkdir(parents=True)
        return folder

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.release()
        Path(self._lock.lock_file).unlink(missing_ok=True)


def _sweep(root: Path) -> None:
    for folder in root.iterdir():
        if not folder.is_dir():
            continue
        path = folder.with_suffix(".lock")
        try:
            with FileLock(path).acquire(blocking=False):
                shutil.rmtree(folder, ignore_errors=True)
                path.unlink(missing_ok=True)
        except Timeout:
            continue
