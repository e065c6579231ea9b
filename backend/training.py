"""Training one run: the loop over ``fit()`` that keeps the store up to date."""

from __future__ import annotations

import copy
import logging
import time
from collections.abc import Callable, Mapping

from torch import Tensor

from backend.errors import DamagedArtefactError, DiskFullError, PriorscopeError
from backend.pace import Pace
from backend.resuming import no_room
from backend.schemas import Epoch, Run, Status, Trainer
from backend.storage import RunStore
from models.data import Dataset
from models.frozen import fit_prior, freeze
from models.metrics import measure
from models.snapshot import SnapshotRows, is_snapshot_epoch, take_snapshot
from models.train import EpochRecord, EpochRecords, TrainingDivergedError, fit
from models.training_state import StateMisfitError, best_epoch_of, epoch_of, is_between_epochs
from models.vae import VAE, build_vae

logger = logging.getLogger(__name__)

Watch = Callable[[Epoch], None]
"""Is told of every epoch."""

State = Mapping[str, Tensor]

_FLUSH_SECONDS = 0.25
_SAVE_SECONDS = 1.0
# Of the time of a training, at the most: writing a large network takes a while.
_WEIGHTS_SHARE = 0.03
_STATE_SHARE = 0.02
_ASK_SECONDS = 0.1
_INTERRUPTED: dict[Trainer, str] = {
    "server": "The server was stopped during the training, which goes on when it is started again.",
    "command": "The program that trained this run was stopped. What it had trained is kept.",
}


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
    """Writes a run's epochs, snapshots, weights and state to the store, now and then.

    What is written first never depends on what is written later: whenever a crash comes, the state
    is at an epoch up to which all others are there.
    """

    def __init__(
        self,
        store: RunStore,
        run_id: str,
        vae: VAE,
        rows: SnapshotRows,
        records: EpochRecords,
        watch: Watch | None,
    ) -> None:
        """Take the VAE that is trained, the images that its snapshots are of, and its training."""
        self.store = store
        self.run_id = run_id
        self.vae = vae
        self.rows = rows
        self.records = records
        self.watch = watch
        self.epoch = 0
        self._seconds, self._epochs = 0.0, 0
        self._waiting: list[Epoch] = []
        self._snapshots: dict[int, dict[str, Tensor]] = {}
        self._passed: VAE | None = None
        """The VAE after the last epoch, where that one had no snapshot"""
        self._flushed_at = -_FLUSH_SECONDS
        self._weights_pace = Pace(_SAVE_SECONDS, _WEIGHTS_SHARE)
        self._state_pace = Pace(_SAVE_SECONDS, _STATE_SHARE)
        self._seconds_left = 0.0

    def begin(self, state: State | None) -> None:
        """Store the state before training, or go on from one that was restored."""
        if state is None:
            self._snapshots[0] = take_snapshot(self.vae, self.rows)
            self.flush()
            return
        self.epoch = epoch_of(state)
        if is_between_epochs(state) and not is_snapshot_epoch(self.epoch):
            self._passed = copy.deepcopy(self.vae)

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
        self._seconds, self._epochs = self._seconds + record.seconds, self._epochs + 1
        self._seconds_left = self._seconds / self._epochs * (record.epochs - record.epoch)
        if time.monotonic() - self._flushed_at > _FLUSH_SECONDS:
            self.flush()
        if self._weights_pace.due:
            self.save()
        if self._state_pace.due:
            self.save_state()
        if self.watch is not None:
            self.watch(epoch)

    def end(self) -> None:
        """Write all that waits, the snapshot of the last epoch and the weights as they are now."""
        if self._passed is not None:
            self._snapshots[self.epoch] = take_snapshot(self._passed, self.rows)
        self.flush()
        # Where the training was stopped once, there is one of the epoch that was the last then.
        self.store.keep_snapshots(
            self.run_id, lambda epoch: is_snapshot_epoch(epoch) or epoch == self.epoch
        )
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
        with self._weights_pace.taking():
            self.store.save_weights(self.run_id, self.vae.state_dict())

    def save_state(self) -> None:
        """Store what it takes to go on from here, after the epochs that led to it."""
        self.flush()
        with self._state_pace.taking():
            self.store.states.save(self.run_id, self.records.state())


def train(
    store: RunStore,
    run_id: str,
    stop: StopSignal | None = None,
    watch: Watch | None = None,
    trainer: Trainer = "command",
) -> None:
    """Train a queued run to its end, in this process; one that was interrupted goes on.

    Stops early where ``stop`` or the store says so; what was trained is kept. A run that is not
    queued any more is left alone. Errors end up in the run, not here.

    Raises:
        DiskFullError: there is not even room to say so in the run.
    """
    with store.checkpoints.lock(run_id):
        run = store.claim(run_id, trainer)
        if run is not None:
            _train_claimed(store, run, stop or StopSignal(), watch, trainer)


def _train_claimed(
    store: RunStore, run: Run, stop: StopSignal, watch: Watch | None, trainer: Trainer
) -> None:
    try:
        dataset = store.datasets.load(run.config.dataset, run.config.split)
        vae, records, state = _prepare(store, dataset, run, stop.asked(store, run.id))
        recorder = Recorder(store, run.id, vae, SnapshotRows.of(dataset), records, watch)
        recorder.begin(state)
        _fit(recorder, stop)
        _conclude(recorder, dataset, run, stop.status, trainer)
    except TrainingDivergedError as error:
        # It would do the same again.
        store.finish(run.id, "failed", error=str(error), resumable=False)
    except DiskFullError as error:
        logger.error("Run %s failed: %s", run.id, error.detail)
        # This may find no room either: whoever asked for the training says so once there is some.
        store.finish(run.id, "failed", error=no_room(error.detail))
    except PriorscopeError as error:
        store.finish(run.id, "failed", error=error.detail)
    except Exception as error:
        logger.exception("Run %s failed", run.id)
        store.finish(
            run.id,
            "failed",
            error=f"Training stopped because of an unexpected error "
            f"({type(error).__name__}: {error}). The server's log has the details.",
        )


def _fit(recorder: Recorder, stop: StopSignal) -> None:
    """Train; at the end, the best weights and all epochs are stored, even if training diverged."""
    try:
        for record in recorder.records:
            recorder.add(record)
    finally:
        recorder.end()
    if stop.status is not None:
        recorder.save_state()


def _prepare(
    store: RunStore, dataset: Dataset, run: Run, cancelled: Callable[[], bool]
) -> tuple[VAE, EpochRecords, State | None]:
    """Return the VAE, its training, and the state that this goes on from, if one is stored."""
    state = _stored_state(store, run.id) if run.resumed else None
    try:
        vae, records = _begin(store, dataset, run, cancelled, state)
    except StateMisfitError as error:
        logger.warning("The state of run %s is of no use: %s", run.id, error)
        state = None
        vae, records = _begin(store, dataset, run, cancelled, state)
    if run.resumed:
        store.rewind(run.id, epoch_of(state), best_epoch_of(state))
    return vae, records, state


def _stored_state(store: RunStore, run_id: str) -> State | None:
    try:
        state = store.states.load(run_id)
    except FileNotFoundError:
        return None
    except DamagedArtefactError as error:
        logger.warning("The state of run %s is damaged: %s", run_id, error)
        return None
    if epoch_of(state) > store.logged_epochs(run_id):
        # After a power cut the database may be older than the file.
        logger.warning("The state of run %s is newer than its history", run_id)
        return None
    return state


def _begin(
    store: RunStore,
    dataset: Dataset,
    run: Run,
    cancelled: Callable[[], bool],
    state: State | None,
) -> tuple[VAE, EpochRecords]:
    vae, training = build_vae(run.config, dataset), run.config.training
    if run.frozen_from is None:
        return vae, fit(vae, dataset, training, cancelled=cancelled, state=state)
    freeze(vae, store.load_weights(run.id)[1])
    return vae, fit_prior(vae, dataset, training, cancelled=cancelled, state=state)


def _conclude(
    recorder: Recorder, dataset: Dataset, run: Run, stopped: Status | None, trainer: Trainer
) -> None:
    """Measure the best weights, unless there are none or the server is in a hurry, and end."""
    metrics, error = None, None
    if stopped == "interrupted":
        error = _INTERRUPTED[trainer]
    elif recorder.epoch > 0:
        metrics = measure(recorder.vae, dataset, seed=run.metrics_seed)
    recorder.store.finish(run.id, stopped or "finished", error=error, metrics=metrics)


def _epoch(record: EpochRecord) -> Epoch:
    fields = {name: getattr(record, name) for name in Epoch.model_fields}
    return Epoch.model_validate(fields)
