"""Servers and their workers that are killed while they start, train and import."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from backend.dataset_schemas import CreateDataset
from backend.schemas import Run
from backend.settings import Settings
from backend.storage import RunStore
from models.config import RunConfig
from tests.conftest import COMMAND, ROOT, Serve, ServerProcess
from tests.faults.conftest import check_database, some
from tests.faults.nursery import Nursery
from tests.faults.undisturbed import Undisturbed, check_finished
from tests.outcome import check_same, outcome

KINDS = ["standard", "mog", "vampprior", "gtm", "gtm_vampprior", "flow"]


def config(kind: str, seed: int) -> RunConfig:
    """A training of a few seconds: its state is stored every second."""
    training = {"epochs": 90, "batch_size": 100, "patience": 90, "seed": seed}
    return RunConfig.model_validate(
        {
            "prior": {"kind": kind},
            "latent_dim": 1,
            "network": {"hidden": [8]},
            "training": training,
        }
    )


def kill(pid: int, what: str, kills: list[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        kills.append(what)


def kill_while_starting(folder: Path, chance: random.Random, kills: list[str]) -> None:
    with (folder.parent / "starting.log").open("w") as log:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", "--data-dir", str(folder)],
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    time.sleep(chance.uniform(0.5, 3.0))
    kill(process.pid, "servers", kills)
    process.wait()


def live(
    server: ServerProcess,
    until: Callable[..., None],
    chance: random.Random,
    kills: list[str],
    file: Path,
) -> None:
    """Let a server train and import, kill some of its workers, and then the server, or both."""

    def trains() -> bool:
        runs = server.client.runs().items
        return all(run.ended for run in runs) or any(run.status == "running" for run in runs)

    until(trains, 180.0)
    upload = server.client.create_upload(file)
    name = f"set-{chance.randrange(10**9)}"
    server.client.create_dataset(CreateDataset(upload=upload.id, id=name))
    # Three in a row could be too many for one run.
    for _ in range(2):
        time.sleep(chance.uniform(0.0, 1.5))
        if workers := server.workers():
            kill(chance.choice(workers), "workers", kills)
    time.sleep(chance.uniform(0.0, 2.0))
    workers = server.workers()
    kill(server.process.pid, "servers", kills)
    if chance.random() < 0.5:
        for worker in workers:
            kill(worker, "workers", kills)
    server.stop(signal.SIGKILL)


def check_folder(folder: Path, undisturbed: Undisturbed, imported: Callable[[str], bool]) -> int:
    """Look at everything; return how many runs are not finished yet."""
    check_database(folder)
    store, left = RunStore(Settings(data_dir=folder)), 0
    try:
        for run in undisturbed.runs:
            now = store.get(run.id)
            assert now.status in ("queued", "running", "interrupted", "finished"), now.error
            if now.status == "finished":
                check_same(outcome(store, run.id), undisturbed.outcomes[run.id])
            else:
                left += 1
        for dataset_id in store.datasets.ids():
            if imported(dataset_id):
                assert len(store.datasets.load(dataset_id).rows.x) == 20_000
    finally:
        store.close()
    return left


@pytest.mark.faults
def test_killed_servers_lose_nothing(
    serve: Serve,
    nursery: Nursery,
    chance: random.Random,
    kills: list[str],
    tmp_path: Path,
    until: Callable[..., None],
) -> None:
    file = tmp_path / "pictures.npz"
    x = np.random.default_rng(0).integers(0, 256, (20_000, 8, 8), dtype=np.uint8)
    np.savez(file, x=x, y=np.arange(20_000) % 3)
    configs = [config(kind, seed) for seed in range(some(2)) for kind in KINDS]
    undisturbed = Undisturbed(tmp_path, nursery, configs, task="train")
    folder = tmp_path / "data"
    shutil.copytree(undisturbed.waiting, folder)

    def imported(dataset_id: str) -> bool:
        return dataset_id.startswith("set-")

    for _ in range(some(14)):
        if chance.random() < 0.3:
            kill_while_starting(folder, chance, kills)
        else:
            live(serve(folder, workers=2), until, chance, kills, file)
        if check_folder(folder, undisturbed, imported) == 0:
            break

    server = serve(folder, workers=2)

    def ended(run: Run) -> bool:
        return server.client.run(run.id).ended

    for run in undisturbed.runs:
        until(lambda run=run: ended(run), 300.0)
    server.stop()
    assert "Traceback" not in server.log.read_text()
    assert check_folder(folder, undisturbed, imported) == 0
    for run in undisturbed.runs:
        check_finished(folder, undisturbed, run)
    store = RunStore(Settings(data_dir=folder))
    assert any(store.get(run.id).resumed for run in undisturbed.runs)
    store.close()
    assert [path for path in (folder / "incoming").iterdir() if path.is_dir()] == []
