"""Files that trainings are taken up again from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from backend.durable_file import replace_file


class TrainingStates:
    """The latest state of every training: ``<folder>/<run id>/training.safetensors``.

    The file is replaced in one step; ``Checkpoints.delete`` removes it with the run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, run_id: str, state: Mapping[str, Tensor]) -> None:
        """Write the state of ``fit``; on return it survives a power cut."""
        tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in state.items()}
        metadata = {"step": str(int(state["step"]))}
        replace_file(self._path(run_id), save(tensors, metadata=metadata))

    def load(self, run_id: str) -> dict[str, Tensor]:
        """Return the state that was saved last.

        Raises:
            FileNotFoundError: there is none.
            DamagedStateError: the file is not what was written.
        """
        try:
            state: dict[str, Tensor] = load_file(self._path(run_id))
        except SafetensorError as error:
            raise DamagedStateError(str(error)) from error
        return state

    def step(self, run_id: str) -> int | None:
        """Return how many steps were done in the state that was saved last; None: there is none."""
        try:
            with safe_open(self._path(run_id), framework="pt") as file:
                return int(file.metadata()["step"])
        except (FileNotFoundError, SafetensorError):
            return None

    def delete(self, run_id: str) -> None:
        """Remove the state, if there is one."""
        self._path(run_id).unlink(missing_ok=True)

    def of_runs(self) -> list[str]:
        """Return the ids of the runs that have a state."""
        return [path.parent.name for path in self.folder.glob(f"*/{_NAME}")]

    def _path(self, run_id: str) -> Path:
        return self.folder / run_id / _NAME


_NAME = "training.safetensors"


class DamagedStateError(Exception):
    """The file is not what was written."""
