"""What a training leaves in the store while it runs."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping

from torch import Tensor

from backend.pace import Pace
from backend.schemas import Epoch
from backend.storage import RunStore
from models.snapshot import SnapshotRows, is_snapshot_epoch, take_snapshot
from models.train import EpochRecord, EpochRecords
from models.training_state import epoch_of, is_between_epochs
from models.vae import VAE

Watch = Callable[[Epoch], None]
"""Is told of every epoch."""

State = Mapping[str, Tensor]
"""What ``fit`` goes on from."""

_FLUSH_SECONDS = 0.25
_SAVE_SECONDS = 1.0
# Of the time of a training, at the most: writing a large network takes a while.
_WEIGHTS_SHARE = 0.03
_STATE_SHARE = 0.02


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


def _epoch(record: EpochRecord) -> Epoch:
    fields = {name: getattr(record, name) for name in Epoch.model_fields}
    return Epoch.model_validate(fields)
