"""What happens inside a worker process."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from types import FrameType
from typing import TYPE_CHECKING

from backend import logs
from backend.memory import keep_freed_memory
from backend.schemas import Trainer
from backend.settings import Settings
from backend.starting import importing

if TYPE_CHECKING:
    from backend.storage import RunStore
    from backend.training import StopSignal

_SECONDS_TO_END = 10.0
# Trainings take all cores and have no hurry; whoever explores is answered first.
_NICENESS = 10


class _Worker:
    """The state of this process: what it trains, and whether it should stop."""

    def __init__(self, store: RunStore, stop: StopSignal) -> None:
        self.store = store
        self.stop = stop
        self.busy = False

    def train(self, run_id: str, trainer: Trainer) -> None:
        from backend.training import train

        self.busy = True
        try:
            train(self.store, run_id, self.stop, trainer=trainer)
        finally:
            self.busy = False

    def end(self) -> None:
        """Stop training, keeping what was trained, then leave."""
        self.stop.here = "interrupted"
        deadline = time.monotonic() + _SECONDS_TO_END
        while self.busy and time.monotonic() < deadline:
            time.sleep(0.05)
        # Not 0, which the pool would take for a worker that ended as planned, its task forgotten.
        os._exit(1)


_worker: _Worker | None = None


def prepare(settings: Settings) -> None:
    """Set this process up as a worker, once.

    Workers do not outlive their server: they stop when it dies, however it dies, and when they are
    told to terminate.
    """
    global _worker
    logs.configure(settings)
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    # Only here, for a process that starts imports this module before it can do anything about it.
    with importing():
        import torch

        from backend.storage import RunStore
        from backend.training import StopSignal
    # The cores are shared out among the workers; more threads in each would only fight for them.
    torch.set_num_threads(1)
    keep_freed_memory()
    _worker = _Worker(RunStore(settings), StopSignal())
    threading.Thread(target=_end_with_parent, args=(_worker,), daemon=True).start()
    signal.signal(signal.SIGTERM, _end_soon)


def train_run(run_id: str, trainer: Trainer) -> None:
    """Train a queued run in this worker."""
    if _worker is None:
        raise RuntimeError("prepare() was not called in this process")
    _worker.train(run_id, trainer)


def _end_with_parent(worker: _Worker) -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        worker.end()


def _end_soon(_signal: int, _frame: FrameType | None) -> None:
    # In a thread of its own: a signal handler interrupts the training, which has to go on to end.
    if _worker is not None:
        threading.Thread(target=_worker.end, daemon=True).start()
