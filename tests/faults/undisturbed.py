"""What came of trainings that nobody disturbed, to compare others with."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from backend.schemas import Run
from backend.settings import Settings
from backend.storage import RunStore
from models.config import RunConfig
from tests.faults.nursery import Nursery
from tests.outcome import Outcome, check_same, outcome


class Undisturbed:
    """A folder with runs that wait, and what came of copies of them that nobody disturbed."""

    def __init__(
        self, folder: Path, nursery: Nursery, configs: list[RunConfig], task: str = "train_writing"
    ) -> None:
        self.folder = folder / "undisturbed"
        self.waiting = folder / "waiting"
        store = RunStore(Settings(data_dir=self.waiting))
        self.runs = [store.create(config) for config in configs]
        store.close()
        shutil.copytree(self.waiting, self.folder)
        self.seconds, self.outcomes = {}, {}
        for run in self.runs:
            began = time.monotonic()
            assert nursery.run(task, self.folder, run.id)
            self.seconds[run.id] = time.monotonic() - began
        for run in self.runs:
            self.outcomes[run.id] = read(self.folder, run)
            assert self.outcomes[run.id].status == "finished"


def read(folder: Path, run: Run) -> Outcome:
    store = RunStore(Settings(data_dir=folder))
    try:
        return outcome(store, run.id)
    finally:
        store.close()


def check_finished(folder: Path, undisturbed: Undisturbed, run: Run) -> None:
    """The run came to what it would have come to, and nothing needless is left."""
    check_same(read(folder, run), undisturbed.outcomes[run.id])
    left = {path.name for path in (folder / "runs" / run.id).iterdir()}
    assert left - {"weights.tmp", "training.tmp"} <= {
        "weights.safetensors",
        "snapshots",
        "trainer.lock",
    }
