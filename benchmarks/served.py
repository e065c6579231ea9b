"""A server with trained runs, for what is measured through HTTP and in the browser."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from backend.client import PriorscopeClient
from backend.schemas import Run
from models.priors import PRIORS

_BRIEF = {"epochs": 5, "warmup_epochs": 1}


@contextlib.contextmanager
def server() -> Iterator[PriorscopeClient]:
    """Start ``priorscope serve`` on an empty store and a free port; stop it at the end."""
    with tempfile.TemporaryDirectory() as folder:
        data_dir = str(Path(folder) / "data")
        command = [sys.executable, "-m", "backend.cli", "serve", "--port", "0"]
        process = subprocess.Popen(
            [*command, "--data-dir", data_dir, "--no-open"], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        try:
            words = (word for line in process.stdout for word in line.split())
            url = next(word for word in words if word.startswith("http://"))
            with PriorscopeClient(url) as client:
                yield client
        finally:
            process.terminate()
            process.wait()


def train(client: PriorscopeClient, seeds: int) -> list[Run]:
    """Train every prior with each seed, briefly; return the runs when all have ended."""
    created = [
        client.create_run({"prior": {"kind": kind}, "training": _BRIEF | {"seed": seed}})
        for seed in range(seeds)
        for kind in PRIORS
    ]
    while any(not client.run(run.id).ended for run in created):
        time.sleep(0.5)
    return [client.run(run.id) for run in created]
