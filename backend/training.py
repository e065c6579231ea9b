"""Training one run: the loop over ``fit()`` that keeps the store up to date."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from backend.errors import DamagedArtefactError, DiskFullError, PriorscopeError
from backend.recorder import Recorder, State, Watch
from backend.resuming import no_room
from backend.schemas import Run, Status, Trainer
from backend.storage import RunStore
from models.data import Dataset
from models.frozen import fit_prior, freeze
from models.metrics import measure
from models.snapshot import SnapshotRows
from models.train import EpochRecords, TrainingDivergedError, fit
from models.training_state import StateMisfitError, best_epoch_of, epoch_of
from models.vae import VAE, build_vae

logger = logging.getLogger(__name__)

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
    if state is not None:
        store.rewind(run.id, epoch_of(state), best_epoch_of(state))
    elif run.resumed:
        store.rewind(run.id, None)
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
