"""A server with trained runs, for what is measured through HTTP and in the browser."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from backend.client import PriorscopeClient
from backend.schemas import Run
from models.priors import PRIORS

_BRIEF = {"epochs": 5, "warmup_epochs": 1}


@contextlib.contextmanager
def server() -> Iterator[PriorscopeClient]:
    """Start ``priorscope serve`` on an empty store and a free port; stop it at the end."""
    with process() as (client, _):
        yield client


@contextlib.contextmanager
def process(token: str | None = None) -> Iterator[tuple[PriorscopeClient, int]]:
    """Start a server, with a token or without; yield a client and the server's process id."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder), token) as started,
        PriorscopeClient(started.url, token) as client,
    ):
        yield client, started.process


class Running(NamedTuple):
    """A server: the id of its process, and its address."""

    process: int
    url: str


@contextlib.contextmanager
def running(folder: Path, token: str | None = None) -> Iterator[Running]:
    """Run ``priorscope serve`` on that folder and a free port until the block ends."""
    command = [sys.executable, "-m", "backend.cli", "serve", "--port", "0", "--no-open"]
    started = subprocess.Popen(
        [*command, "--no-demo", "--data-dir", str(folder / "data")],
        env=os.environ | ({} if token is None else {"PRIORSCOPE_TOKEN": token}),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None
    try:
        words = (word for line in started.stdout for word in line.split())
        yield Running(started.pid, next(word for word in words if word.startswith("http://")))
    finally:
        started.terminate()
        started.wait()


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
