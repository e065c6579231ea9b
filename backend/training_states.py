"""Files that trainings are taken up again from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from backend.artefact import number_in, read_artefact, read_metadata, write_artefact
from backend.errors import DamagedArtefactError

_NAME = "training.safetensors"


class TrainingStates:
    """The latest state of every training: ``<folder>/<run id>/training.safetensors``.

    The file is replaced in one step; ``Checkpoints.delete`` removes it with the run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, run_id: str, state: Mapping[str, Tensor]) -> None:
        """Write the state of ``fit``; on return it survives a power cut."""
        write_artefact(self._path(run_id), state, {"step": str(int(state["step"]))})

    def load(self, run_id: str) -> dict[str, Tensor]:
        """Return the state that was saved last.

        Raises:
            FileNotFoundError: there is none.
            DamagedArtefactError: the file is damaged.
        """
        return read_artefact(self._path(run_id))[0]

    def step(self, run_id: str) -> int | None:
        """Return how many steps were done in the state that was saved last; None: there is none."""
        try:
            path = self._path(run_id)
            return number_in(path, read_metadata(path), "step")
        except (FileNotFoundError, DamagedArtefactError):
            return None

    def delete(self, run_id: str) -> None:
        """Remove the state, if there is one."""
        self._path(run_id).unlink(missing_ok=True)

    def of_runs(self) -> list[str]:
        """Return the ids of the runs that have a state."""
        return [path.parent.name for path in self.folder.glob(f"*/{_NAME}")]

    def _path(self, run_id: str) -> Path:
        return self.folder / run_id / _NAME
