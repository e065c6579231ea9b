"""Snapshot files: the latent space of a run at some of its epochs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from torch import Tensor

from backend.artefact import read_artefact, write_artefact

_SUFFIX = ".safetensors"


class Snapshots:
    """The snapshots of every run: ``<folder>/<run id>/snapshots/<epoch>.safetensors``.

    A file never changes once it is there; ``Checkpoints.delete`` removes it with the run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, run_id: str, epoch: int, tensors: Mapping[str, Tensor]) -> None:
        """Write the snapshot of an epoch; on return it survives a power cut."""
        write_artefact(self._path(run_id, epoch), tensors, {"epoch": str(epoch)})

    def epochs(self, run_id: str) -> list[int]:
        """Return the epochs that have a snapshot, in order."""
        try:
            with os.scandir(self.folder / run_id / "snapshots") as files:
                names = [file.name for file in files]
        except FileNotFoundError:
            return []
        stems = (name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX))
        # A copy that somebody made has another name.
        return sorted(int(stem) for stem in stems if stem.isdecimal())

    def keep(self, run_id: str, is_kept: Callable[[int], bool]) -> None:
        """Remove the snapshots of all other epochs, the latest first."""
        for epoch in reversed(self.epochs(run_id)):
            if not is_kept(epoch):
                self._path(run_id, epoch).unlink(missing_ok=True)

    def load(self, run_id: str, epoch: int) -> dict[str, Tensor]:
        """Return the tensors of a snapshot.

        Raises:
            FileNotFoundError: there is none, or the run was deleted.
            DamagedArtefactError: the file is damaged.
        """
        tensors, _ = read_artefact(self._path(run_id, epoch))
        return tensors

    def _path(self, run_id: str, epoch: int) -> Path:
        return self.folder / run_id / "snapshots" / f"{epoch}{_SUFFIX}"
