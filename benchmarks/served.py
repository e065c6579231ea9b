"""A server with trained runs, for what is measured through HTTP and in the browser."""

from __future__ import annotations

import contextlib
import os
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
    with process() as (client, _):
        yield client


@contextlib.contextmanager
def process(token: str | None = None) -> Iterator[tuple[PriorscopeClient, int]]:
    """Start a server, with a token or without; yield a client and the server's process id."""
    with tempfile.TemporaryDirectory() as folder:
        data_dir = str(Path(folder) / "data")
        command = [sys.executable, "-m", "backend.cli", "serve", "--port", "0"]
        started = subprocess.Popen(
            [*command, "--data-dir", data_dir, "--no-open"],
            env=os.environ | ({} if token is None else {"PRIORSCOPE_TOKEN": token}),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert started.stdout is not None
        try:
            words = (word for line in started.stdout for word in line.split())
            url = next(word for word in words if word.startswith("http://"))
            with PriorscopeClient(url, token) as client:
                yield client, started.pid
        finally:
            started.terminate()
            started.wait()


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
