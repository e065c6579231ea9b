"""A server with trained runs, for what is measured through HTTP and in the browser."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from backend.client import PriorscopeClient
from backend.schemas import Run
from models.priors import PRIORS

_BRIEF = {"epochs": 5, "warmup_epochs": 1}


@contextlib.contextmanager
def server(folder: Path | None = None) -> Iterator[PriorscopeClient]:
    """Start a server on an empty data folder, or that one, and a free port; stop it at the end."""
    with contextlib.ExitStack() as until_the_end:
        if folder is None:
            folder = Path(until_the_end.enter_context(tempfile.TemporaryDirectory()))
        with running(folder) as (_, url), PriorscopeClient(url) as client:
            yield client


@contextlib.contextmanager
def running(folder: Path) -> Iterator[tuple[int, str]]:
    """Run ``priorscope serve`` until the block ends; yield its process id and its address."""
    command = [sys.executable, "-m", "backend.cli", "serve", "--port", "0", "--no-open"]
    process = subprocess.Popen(
        [*command, "--no-demo", "--data-dir", str(folder / "data")],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        words = (word for line in process.stdout for word in line.split())
        yield process.pid, next(word for word in words if word.startswith("http://"))
    finally:
        process.terminate()
        process.wait()


def train(
    client: PriorscopeClient, seeds: int = 1, kinds: Iterable[str] = tuple(PRIORS)
) -> list[Run]:
    """Train every prior with each seed, briefly; return the runs when all have ended."""
    created = [
        client.create_run({"prior": {"kind": kind}, "training": _BRIEF | {"seed": seed}})
        for seed in range(seeds)
        for kind in kinds
    ]
    while any(not client.run(run.id).ended for run in created):
        time.sleep(0.5)
    return [client.run(run.id) for run in created]
