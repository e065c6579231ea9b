"""Training one run: the loop over ``fit()`` that keeps the store up to date."""

from __future__ import annotations

import copy
import logging
import time
from collections.abc import Callable

from torch import Tensor

from backend.schemas import Epoch, Run, Status
from backend.storage import RunStore
from models.data import Dataset
from models.frozen import fit_prior, freeze
from models.metrics import measure
from models.snapshot import SnapshotRows, is_snapshot_epoch, take_snapshot
from models.train import EpochRecord, TrainingDivergedError, fit
from models.vae import VAE, build_vae

logger = logging.getLogger(__name__)

Watch = Callable[[Epoch], None]
"""Is told of every epoch."""

_FLUSH_SECONDS = 0.25
_SAVE_SECONDS = 1.0
_ASK_SECONDS = 0.1


class StopSignal:
    """Why a training should stop before its end: a request in the store, or one made here."""

    def __init__(self) -> None:
        self.here: Status | None = None
        """Set by this process, from a signal handler for example."""
        self.status: Status | None = None
        """The request that was obeyed; the run ends in this state."""

    def asked(self, store: RunStore, run_id: str) -> Callable[[], bool]:
        """Return the function that ``fit()`` asks between batches."""
        self.status = None
        asked_at = 0.0

        def cancelled() -> bool:
            nonlocal asked_at
            if self.status is None and self.here is not None:
                self.status = self.here
            if self.status is None and time.monotonic() - asked_at > _ASK_SECONDS:
                self.status = store.stop_requested(run_id)
                asked_at = time.monotonic()
            return self.status is not None

        return cancelled


class Recorder:
    """Writes a run's epochs, snapshots and weights to the store, not at once but at every tick."""

    def __init__(
        self, store: RunStore, run_id: str, vae: VAE, rows: SnapshotRows, watch: Watch | None
    ) -> None:
        """Take the VAE that is trained, and the images that its snapshots are of."""
        self.store = store
        self.run_id = run_id
        self.vae = vae
        self.rows = rows
        self.watch = watch
        self.seconds = 0.0
        self.epoch = 0
        self._waiting: list[Epoch] = []
        self._snapshots: dict[int, dict[str, Tensor]] = {}
        self._passed: VAE | None = None
        """The VAE after the last epoch, where that one had no snapshot"""
        self._flushed_at = self._saved_at = -_SAVE_SECONDS
        self._seconds_left = 0.0

    def begin(self) -> None:
        """Store the state before training."""
        self._snapshots[0] = take_snapshot(self.vae, self.rows)
        self.flush()

    def add(self, record: EpochRecord) -> None:
        """Take one epoch, and write if it is time."""
        epoch = _epoch(record)
        self._waiting.append(epoch)
        self.epoch = record.epoch
        self._passed = None
        if is_snapshot_epoch(record.epoch):
            self._snapshots[record.epoch] = take_snapshot(self.vae, self.rows)
        else:
            # Any epoch may turn out to be the last; a copy costs less than encoding the images.
            self._passed = copy.deepcopy(self.vae)
        self.seconds += record.seconds
        self._seconds_left = self.seconds / record.epoch * (record.epochs - record.epoch)
        if time.monotonic() - self._flushed_at > _FLUSH_SECONDS:
            self.flush()
        if time.monotonic() - self._saved_at > _SAVE_SECONDS:
            self.save()
        if self.watch is not None:
            self.watch(epoch)

    def end(self) -> None:
        """Write all that waits, the snapshot of the last epoch and the weights as they are now."""
        if self._passed is not None:
            self._snapshots[self.epoch] = take_snapshot(self._passed, self.rows)
        self.flush()
        if self.epoch > 0:
            self.save()

    def flush(self) -> None:
        """Write the epochs and the snapshots that wait."""
        if self._waiting or self._snapshots:
            self.store.record(self.run_id, self._waiting, self._seconds_left, self._snapshots)
            self._waiting.clear()
            self._snapshots.clear()
        self._flushed_at = time.monotonic()

    def save(self) -> None:
        """Store the weights as they are now, after the epochs that led to them."""
        self.flush()
        self.store.save_weights(self.run_id, self.vae.state_dict())
        self._saved_at = time.monotonic()


def train(
    store: RunStore, run_id: str, stop: StopSignal | None = None, watch: Watch | None = None
) -> None:
    """Train a queued run to its end, in this process.

    Stops early where ``stop`` or the store says so; what was trained is kept. A run that is not
    queued any more is left alone. Errors end up in the run, not here.
    """
    with store.checkpoints.lock(run_id):
        run = store.claim(run_id)
        if run is not None:
            _train_claimed(store, run, stop or StopSignal(), watch)


def _train_claimed(store: RunStore, run: Run, stop: StopSignal, watch: Watch | None) -> None:
    try:
        dataset = store.datasets.load(run.config.dataset, run.config.split)
        rows = SnapshotRows.of(dataset)
        recorder = Recorder(store, run.id, build_vae(run.config, dataset), rows, watch)
        _fit(recorder, dataset, run, stop)
        _conclude(recorder, dataset, run, stop.status)
    except TrainingDivergedError as error:
        store.finish(run.id, "failed", error=str(error))
    except Exception as error:
        logger.exception("Run %s failed", run.id)
        store.finish(
            run.id,
            "failed",
            error=f"Training stopped because of an unexpected error "
            f"({type(error).__name__}: {error}). The server's log has the details.",
        )


def _fit(recorder: Recorder, dataset: Dataset, run: Run, stop: StopSignal) -> None:
    """Train; at the end, the best weights and all epochs are stored, even if training diverged."""
    vae, cancelled = recorder.vae, stop.asked(recorder.store, run.id)
    if run.frozen_from is None:
        records = fit(vae, dataset, run.config.training, cancelled=cancelled)
    else:
        freeze(vae, recorder.store.load_weights(run.id)[1])
        records = fit_prior(vae, dataset, run.config.training, cancelled=cancelled)
    recorder.begin()
    try:
        for record in records:
            recorder.add(record)
    finally:
        recorder.end()


def _conclude(recorder: Recorder, dataset: Dataset, run: Run, stopped: Status | None) -> None:
    """Measure the best weights, unless there are none or the server is in a hurry, and end."""
    metrics, error = None, None
    if stopped == "interrupted":
        error = "The server was stopped during the training. What was trained until then is kept."
    elif recorder.epoch > 0:
        metrics = measure(recorder.vae, dataset, seed=run.metrics_seed)
    recorder.store.finish(run.id, stopped or "finished", error=error, metrics=metrics)


def _epoch(record: EpochRecord) -> Epoch:
    fields = {name: getattr(record, name) for name in Epoch.model_fields}
    return Epoch.model_validate(fields)
