"""Checkpoint files and the locks of trainers, in a folder for each run."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from filelock import FileLock, Timeout
from torch import Tensor

from backend.artefact import number_in, read_artefact, read_metadata, read_whole, write_artefact
from backend.errors import DamagedArtefactError


class Checkpoints:
    """The latest weights of every run: ``<folder>/<run id>/weights.safetensors``.

    The file is replaced in one step, so that a reader sees the old weights or the new ones whole,
    and carries its own number, so that neither can be taken for the other.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, run_id: str, number: int, weights: Mapping[str, Tensor]) -> None:
        """Write the weights as checkpoint ``number``; on return they survive a power cut."""
        write_artefact(self._weights(run_id), weights, {"checkpoint": str(number)})

    def load(self, run_id: str) -> tuple[int, dict[str, Tensor]]:
        """Return the number and the weights of the latest checkpoint.

        Raises:
            FileNotFoundError: none was stored yet, or the run was deleted.
            DamagedArtefactError: the file is damaged.
        """
        path = self._weights(run_id)
        weights, metadata = read_artefact(path)
        return number_in(path, metadata, "checkpoint"), weights

    def file(self, run_id: str) -> bytes:
        """Return the file of the latest checkpoint.

        Raises:
            FileNotFoundError, DamagedArtefactError: as ``load``.
        """
        return read_whole(self._weights(run_id))

    def number(self, run_id: str) -> int:
        """Return the number of the latest checkpoint, 0 where none can be read."""
        try:
            path = self._weights(run_id)
            return number_in(path, read_metadata(path), "checkpoint")
        except (FileNotFoundError, DamagedArtefactError):
            return 0

    def delete(self, run_id: str) -> None:
        """Remove the run's folder, if there is one."""
        shutil.rmtree(self.folder / run_id, ignore_errors=True)

    def lock(self, run_id: str) -> FileLock:
        """Return the lock that a trainer of the run holds; the system frees it when it dies."""
        folder = self.folder / run_id
        folder.mkdir(parents=True, exist_ok=True)
        return FileLock(folder / "trainer.lock", timeout=10)

    def is_training(self, run_id: str) -> bool:
        """Whether a living process trains the run."""
        try:
            with self.lock(run_id).acquire(blocking=False):
                return False
        except Timeout:
            return True

    def _weights(self, run_id: str) -> Path:
        return self.folder / run_id / "weights.safetensors"
