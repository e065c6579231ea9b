"""Six trainings at once: until all train, and the memory that they take together.

Beside it the same, with each process importing PyTorch and the rest for itself.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from multiprocessing import forkserver
from multiprocessing.context import BaseContext
from pathlib import Path
from unittest.mock import patch

from backend import fork_server
from backend.jobs import TrainingJobs
from backend.settings import Settings
from backend.storage import RunStore
from benchmarks.result import Result
from models.config import RunConfig
from models.priors import PRIORS

_TIMES = 5
_ENDLESS = {"epochs": 100_000, "patience": 100_000}


def run() -> list[Result]:
    """Measure seconds and megabytes, of both ways in turn."""
    ours, others = [], []
    for _ in range(_TIMES):
        ours.append(_train_six(fork_server.context()))
        # The next time it has to be started anew.
        forkserver._forkserver._stop()
        others.append(_train_six(multiprocessing.get_context("spawn")))
    seconds, megabytes = map(statistics.median, zip(*ours, strict=True))
    their_seconds, their_megabytes = map(statistics.median, zip(*others, strict=True))
    beside = "each process imports for itself"
    return [
        Result("six workers, until all train", seconds, "s", their_seconds, beside),
        Result(
            "memory of six workers that train on the digits, and what they share",
            megabytes,
            "MB",
            their_megabytes,
            beside,
        ),
    ]


def _train_six(context: BaseContext) -> tuple[float, float]:
    """Train each prior in a process of its own; return seconds until all do, and megabytes."""
    with (
        tempfile.TemporaryDirectory() as name,
        patch("backend.fork_server.context", lambda: context),
        contextlib.ExitStack() as stack,
    ):
        settings = Settings(data_dir=Path(name), workers=len(PRIORS))
        store = RunStore(settings)
        stack.callback(store.close)
        jobs = TrainingJobs(store, settings)
        stack.callback(jobs.close)
        began = time.perf_counter()
        configs = [{"prior": {"kind": kind}, "training": _ENDLESS} for kind in PRIORS]
        runs = [jobs.submit(RunConfig.model_validate(config)).id for config in configs]
        while not all(store.get(run).progress.epoch for run in runs):
            time.sleep(0.02)
        seconds = time.perf_counter() - began
        return seconds, sum(map(_megabytes, descendants(os.getpid())))


def descendants(process: int) -> Iterator[int]:
    """Return the processes that a process, and those, started."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[1]) == process:
                yield int(path.parent.name)
                yield from descendants(int(path.parent.name))


def _megabytes(process: int) -> float:
    """Return the resident memory of a process; what is shared counts in parts, on Linux."""
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0
