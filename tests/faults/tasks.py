"""What processes that are to be killed do: train, open a store, import a data set."""

from __future__ import annotations

from pathlib import Path

import torch

from backend import recorder, training
from backend.commands import data
from backend.settings import Settings
from backend.storage import RunStore
from models.data.options import ImportOptions


def train(folder: str, run_id: str) -> None:
    """Train a run to its end, as a server does that finds it waiting, or left by a dead trainer."""
    torch.set_num_threads(1)
    store = RunStore(Settings(data_dir=Path(folder)))
    store.tidy()
    if store.get(run_id).status == "running":
        store.requeue(run_id, "it was killed", dead=True)
    training.train(store, run_id, trainer="server")
    store.close()


def train_writing(folder: str, run_id: str) -> None:
    """As ``train``, but everything is written at every epoch: the more there is to interrupt."""
    recorder._FLUSH_SECONDS = recorder._SAVE_SECONDS = 0.0
    recorder._WEIGHTS_SHARE = recorder._STATE_SHARE = 1e9
    train(folder, run_id)


def open_store(folder: str) -> None:
    """Bring a store up to date."""
    RunStore(Settings(data_dir=Path(folder))).close()


def import_file(folder: str, path: str, dataset_id: str) -> None:
    """Make a data set of a file."""
    settings = Settings(data_dir=Path(folder))
    if data.add(settings, Path(path), None, ImportOptions(id=dataset_id)) != 0:
        raise RuntimeError("it was not added")


TASKS = {task.__name__: task for task in (train, train_writing, open_store, import_file)}
