"""The store: all SQL, and through ``checkpoints.py`` and ``snapshots.py`` all files, are here."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from typing import get_args

from pydantic import TypeAdapter
from sqlalchemy import delete, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from torch import Tensor

from backend.checkpoints import Checkpoints
from backend.clock import now_after
from backend.data_folder import make_data_folder
from backend.database import Database
from backend.datasets import Datasets
from backend.errors import (
    DatasetStateError,
    NoCheckpointError,
    PriorscopeError,
    RunStateError,
    StoreError,
)
from backend.known_runs import KnownRuns
from backend.provenance import made_with, versions
from backend.resuming import ANEW, refusal
from backend.run_filter import RunFilter, order
from backend.run_rows import (
    METRICS,
    STATUS,
    default_name,
    epochs_of,
    event_of,
    log,
    log_status,
    row_of,
    run_of,
    set_metrics,
)
from backend.schemas import (
    Epoch,
    Event,
    History,
    Run,
    RunPage,
    SortKey,
    Status,
    Trainer,
)
from backend.settings import Settings
from backend.snapshots import Snapshots
from backend.tables import EventRow, RunRow
from backend.training_states import TrainingStates
from models.config import RunConfig
from models.frozen import networks
from models.metrics import Metrics

_NAMED = 5  # runs, in an error
_NO_WEIGHTS = (
    "This run has no weights yet, or its files are gone: "
    "there is nothing to explore until its first epoch has ended."
)

_TRAINER: TypeAdapter[Trainer | None] = TypeAdapter(Trainer | None)


class RunStore:
    """Runs, their events and their weights. Every method is one transaction; threads may share it.

    Whatever changes a run also logs an event, so that who follows the log knows all.
    """

    def __init__(self, settings: Settings) -> None:
        make_data_folder(settings.data_dir)
        self._database = Database(settings.url, settings.data_dir)
        self._write, self._read = self._database.write, self._database.read
        self.checkpoints = Checkpoints(settings.data_dir / "runs")
        self.datasets = Datasets(settings)
        self.states = TrainingStates(settings.data_dir / "runs")
        self._snapshots = Snapshots(settings.data_dir / "runs")
        self._known = KnownRuns(self._database.version)

    def close(self) -> None:
        """Close all connections."""
        self._database.close()

    def ping(self) -> float:
        """Return how many seconds the database takes to answer.

        Raises:
            StoreError: it does not answer.
        """
        begin = time.perf_counter()
        try:
            with self._read() as session:
                session.execute(select(1))
        except (SQLAlchemyError, PriorscopeError) as error:
            raise StoreError(f"The database does not answer ({type(error).__name__}).") from error
        return time.perf_counter() - begin

    # Runs

    def create(
        self, config: RunConfig, name: str | None = None, frozen_from: Run | None = None
    ) -> Run:
        """Add a queued run; without a name it gets ``default_name``.

        One that is frozen from another gets a copy of the encoder and the decoder, so that it does
        not need the other one any more.

        Raises:
            NoCheckpointError: the other one has no weights.
        """
        run_id = secrets.token_hex(6)
        if frozen_from is not None:
            _, weights = self.load_weights(frozen_from.id)
            # Not counted as a checkpoint: without a prior there is nothing to explore.
            self.checkpoints.save(run_id, 0, networks(weights))
        row = RunRow(
            id=run_id,
            name=name or default_name(config, frozen=frozen_from is not None),
            status="queued",
            config=config.model_dump(mode="json"),
            prior=config.prior.kind,
            dataset=config.dataset,
            epoch=0,
            epochs=config.training.epochs,
            checkpoint=0,
            versions=versions().model_dump(),
            frozen_from=None if frozen_from is None else frozen_from.frozen_from or frozen_from.id,
            metrics_seed=None if frozen_from is None else frozen_from.metrics_seed,
            resumable=False,
            resumed=0,
        )
        with self._write() as session:
            row.created_at = now_after(session.scalar(select(func.max(RunRow.created_at))))
            session.add(row)
            return log_status(session, row)

    def get(self, run_id: str) -> Run:
        """Return the run.

        Raises:
            UnknownRunError: no run has this id.
        """
        return self._known.get(run_id, self._get)

    def at_hand(self, run_id: str) -> Run | None:
        """Return the run where it was read since the last commit of any process; never waits."""
        return self._known.find(run_id)

    def _get(self, run_id: str) -> Run:
        with self._read() as session:
            return run_of(row_of(session, run_id))

    def list(
        self,
        chosen: RunFilter | None = None,
        *,
        sort: SortKey = "-created_at",
        limit: int = 50,
        offset: int = 0,
    ) -> RunPage:
        """Return a page of the runs that ``chosen`` lets pass."""
        conditions = (chosen or RunFilter()).conditions()
        rows = select(RunRow).where(*conditions).order_by(*order(sort)).limit(limit).offset(offset)
        with self._read() as session:
            total = session.scalar(select(func.count()).select_from(RunRow).where(*conditions))
            items = [run_of(row) for row in session.scalars(rows)]
        return RunPage(items=items, total=total or 0, limit=limit, offset=offset)

    def ids(self, status: Status, trained_by: Trainer | None = None) -> Sequence[str]:
        """Return the ids of all runs in a state, or of those of a trainer, the oldest first."""
        chosen = select(RunRow.id).where(RunRow.status == status)
        if trained_by is not None:
            chosen = chosen.where(RunRow.trained_by == trained_by)
        with self._read() as session:
            return session.scalars(chosen.order_by(RunRow.created_at, RunRow.id)).all()

    def newest(self, statuses: Sequence[Status]) -> Sequence[str]:
        """Return the ids of all runs in one of these states, the newest first."""
        chosen = select(RunRow.id).where(RunRow.status.in_(statuses))
        with self._read() as session:
            return session.scalars(chosen.order_by(RunRow.created_at.desc(), RunRow.id)).all()

    def counts(self) -> dict[Status, int]:
        """Return how many runs are in each state, those that no run is in included."""
        counted = select(RunRow.status, func.count()).group_by(RunRow.status)
        with self._read() as session:
            found = {row[0]: row[1] for row in session.execute(counted)}
        return {status: found.get(status, 0) for status in get_args(Status)}

    def rename(self, run_id: str, name: str) -> Run:
        """Give the run another name."""
        with self._write() as session:
            row = row_of(session, run_id)
            row.name = name
            return log_status(session, row)

    def delete(self, run_id: str) -> None:
        """Remove the run with its events and files.

        Raises:
            RunStateError: it is running.
        """
        with self._write() as session:
            row = row_of(session, run_id)
            if row.status == "running":
                raise RunStateError(f"“{row.name}” is still training. Cancel it first.")
            session.delete(row)
            session.execute(delete(EventRow).where(EventRow.run_id == run_id))
            log(session, run_id, "deleted", {"run": run_id})
        self.checkpoints.delete(run_id)

    def remove_dataset(self, dataset_id: str) -> None:
        """Remove a data set that was added.

        Raises:
            DatasetNotFoundError, DatasetStateError: as ``Datasets.remove``.
            DatasetStateError: runs need it.
        """
        self.datasets.check_removable(dataset_id)
        users = self.list(RunFilter(dataset=[dataset_id]), limit=_NAMED)
        if users.total:
            names = ", ".join(f"“{run.name}”" for run in users.items)
            more = f" and {users.total - _NAMED} more" if users.total > _NAMED else ""
            raise DatasetStateError(
                f"“{dataset_id}” is used by {users.total} "
                f"run{'' if users.total == 1 else 's'}: {names}{more}. Delete them first."
            )
        self.datasets.remove(dataset_id)

    # Training

    def claim(self, run_id: str, trainer: Trainer = "command") -> Run | None:
        """Turn a queued run into a running one; None where someone else was faster."""
        with self._write() as session:
            row = session.get(RunRow, run_id)
            if row is None or row.status != "queued":
                return None
            row.status, row.trained_by = "running", trainer
            row.started_at = row.started_at or now_after(row.created_at)
            row.versions = made_with(RunConfig.model_validate(row.config)).model_dump()
            return log_status(session, row)

    def requeue(self, run_id: str, interruption: str, *, dead: bool = False) -> Run:
        """Let a run that stopped before its end wait for a trainer, to go on where it was.

        ``interruption`` is what happened to it; ``dead`` says that its trainer is known to be gone
        though the run still counts as running.

        Raises:
            UnknownRunError: no run has this id.
            RunStateError: it has not stopped, or cannot go on.
        """
        with self._write() as session:
            row = row_of(session, run_id)
            run = run_of(row)
            trainer = _TRAINER.validate_python(row.trained_by)
            why = refusal(row.name, run.status, trainer, resumable=row.resumable)
            if why is not None and not (dead and run.status == "running"):
                raise RunStateError(why)
            row.status, row.resumable = "queued", False
            # Who was asked to stop and died meanwhile goes on to do so, and to measure what it has.
            row.stop = "cancelled" if row.stop == "cancelled" else None
            row.error, row.finished_at, row.seconds_left = None, None, None
            row.resumed, row.resumed_at, row.interruption = row.resumed + 1, None, interruption
            set_metrics(row, None)
            return log_status(session, row)

    def logged_epochs(self, run_id: str) -> int:
        """Return how many epochs the run's history has."""
        with self._read() as session:
            return session.scalar(select(func.count()).where(*epochs_of(run_id))) or 0

    def rewind(self, run_id: str, epoch: int | None, best_epoch: int | None = None) -> None:
        """Let a running run go on after ``epoch``, or begin anew (None).

        What came later is forgotten, to come again.
        """
        last = epoch or 0
        later = select(EventRow.id).where(*epochs_of(run_id)).order_by(EventRow.id).offset(last)
        self._snapshots.keep(run_id, lambda number: number <= last)
        with self._write() as session:
            row = row_of(session, run_id)
            first = session.scalar(later.limit(1))
            if first is not None:
                session.execute(delete(EventRow).where(*epochs_of(run_id), EventRow.id >= first))
            row.epoch, row.best_epoch = last, best_epoch
            row.resumed_at = ANEW if epoch is None else epoch
            # The file may be newer than the row, and no number may stand for two of them.
            row.checkpoint = max(row.checkpoint, self.checkpoints.number(run_id))
            log_status(session, row)

    def keep_snapshots(self, run_id: str, is_kept: Callable[[int], bool]) -> None:
        """Remove the run's snapshots of all other epochs."""
        self._snapshots.keep(run_id, is_kept)

    def record(
        self,
        run_id: str,
        epochs: Sequence[Epoch],
        seconds_left: float | None,
        snapshots: Mapping[int, Mapping[str, Tensor]] | None = None,
    ) -> None:
        """Log epochs of a running run and, once, how far it is; store snapshots by their epoch."""
        for number, tensors in (snapshots or {}).items():
            self._snapshots.save(run_id, number, tensors)
        with self._write() as session:
            row = row_of(session, run_id)
            for epoch in epochs:
                log(session, run_id, "epoch", {"run": run_id, **epoch.model_dump()})
                row.best_epoch = epoch.epoch if epoch.is_best else row.best_epoch
                row.epoch, row.seconds_left = epoch.epoch, seconds_left
            self._log_progress(session, row)

    def save_weights(self, run_id: str, weights: Mapping[str, Tensor]) -> None:
        """Store weights as the run's next checkpoint. Only its trainer may call this."""
        number = self.get(run_id).checkpoint + 1
        self.checkpoints.save(run_id, number, weights)
        with self._write() as session:
            row = row_of(session, run_id)
            row.checkpoint = number
            self._log_progress(session, row)

    def load_weights(self, run_id: str) -> tuple[int, dict[str, Tensor]]:
        """Return the number and the weights of the latest checkpoint.

        Raises:
            NoCheckpointError: there is none.
        """
        try:
            return self.checkpoints.load(run_id)
        except FileNotFoundError as error:
            raise NoCheckpointError(_NO_WEIGHTS) from error

    def weights_file(self, run_id: str) -> bytes:
        """Return the file of the latest checkpoint: safetensors.

        Raises:
            NoCheckpointError: there is none.
        """
        try:
            return self.checkpoints.file(run_id)
        except FileNotFoundError as error:
            raise NoCheckpointError(_NO_WEIGHTS) from error

    def lose_weights(self, run_id: str, why: str) -> None:
        """Note in the run that its weights are gone; what else is known of it stays."""
        with self._write() as session:
            row = row_of(session, run_id)
            row.checkpoint, row.error = 0, why
            log_status(session, row)

    def snapshot_epochs(self, run_id: str) -> Sequence[int]:
        """Return the epochs of which a snapshot is stored, in order."""
        return self._snapshots.epochs(run_id)

    def first_snapshot(self, run_id: str) -> int | None:
        """Return the first of ``snapshot_epochs``, which changes where older ones are removed."""
        return next(iter(self._snapshots.epochs(run_id)), None)

    def load_snapshot(self, run_id: str, epoch: int) -> dict[str, Tensor]:
        """Return the snapshot of one of ``snapshot_epochs``.

        Raises:
            NoCheckpointError: its file is gone.
        """
        try:
            return self._snapshots.load(run_id, epoch)
        except FileNotFoundError as error:
            raise NoCheckpointError(
                f"The snapshot of epoch {epoch} of this run is gone; was the run deleted?"
            ) from error

    def finish(
        self,
        run_id: str,
        status: Status,
        *,
        error: str | None = None,
        metrics: Metrics | None = None,
        resumable: bool = True,
    ) -> None:
        """End a queued or running run; nothing happens to one that has ended already.

        One that has not finished can go on later, unless it is said that it is not ``resumable``.
        """
        with self._write() as session:
            row = session.get(RunRow, run_id)
            if row is None or row.status not in ("queued", "running"):
                return
            row.status, row.error = status, error
            row.finished_at = now_after(row.started_at or row.created_at)
            row.stop, row.seconds_left = None, None
            row.resumable = resumable and status != "finished"
            set_metrics(row, metrics)
            log_status(session, row)
            kept = row.resumable
        if not kept:
            self.states.delete(run_id)

    def tidy(self) -> None:
        """Remove the states of runs that cannot go on, where a crash left them."""
        found = set(self.states.of_runs())
        kept = select(RunRow.id).where(RunRow.resumable | RunRow.status.in_(["queued", "running"]))
        with self._read() as session:
            needless = found - set(session.scalars(kept))
        for run_id in needless:
            self.states.delete(run_id)

    def metrics(self, run_id: str) -> Metrics | None:
        """Return what was measured of the run, with the hole curve; None where nothing was."""
        with self._read() as session:
            stored = row_of(session, run_id).metrics
        return None if stored is None else METRICS.validate_python(stored)

    def save_metrics(self, run_id: str, metrics: Metrics) -> None:
        """Store new metrics of a run that has ended."""
        with self._write() as session:
            row = row_of(session, run_id)
            set_metrics(row, metrics)
            log_status(session, row)

    def request_stop(self, run_id: str, status: Status) -> Run:
        """Ask the trainer of a running run to stop with ``status``; end a queued one at once.

        Raises:
            RunStateError: the run has ended.
        """
        with self._write() as session:
            row = row_of(session, run_id)
            if row.status == "running":
                row.stop = status
                return run_of(row)
            if row.status != "queued":
                raise RunStateError(f"“{row.name}” is not training any more: it is {row.status}.")
            row.status, row.resumable = status, True
            row.finished_at = now_after(row.started_at or row.created_at)
            row.stop = None
            return log_status(session, row)

    def stop_requested(self, run_id: str) -> Status | None:
        """Return the status that the run was asked to stop with, if it was."""
        with self._read() as session:
            stop = session.scalar(select(RunRow.stop).where(RunRow.id == run_id))
        return None if stop is None else STATUS.validate_python(stop)

    # Events

    def _log_progress(self, session: Session, row: RunRow) -> None:
        progress = {
            "run": row.id,
            "epoch": row.epoch,
            "epochs": row.epochs,
            "seconds_left": row.seconds_left,
            "checkpoint": row.checkpoint,
            "snapshot": max(self._snapshots.epochs(row.id), default=None),
        }
        log(session, row.id, "progress", progress)

    def history(self, run_id: str) -> History:
        """Return the run's epochs as columns."""
        events = select(EventRow.data).where(*epochs_of(run_id)).order_by(EventRow.id)
        with self._read() as session:
            best_epoch = row_of(session, run_id).best_epoch
            epochs = [Epoch.model_validate(data) for data in session.scalars(events)]
        return History.of(epochs, best_epoch)

    def last_event_id(self) -> int:
        """Return the number of the newest event, 0 where there is none."""
        with self._read() as session:
            return session.scalar(select(func.max(EventRow.id))) or 0

    def events_after(
        self, event_id: int, *, run_id: str | None = None, limit: int = 500
    ) -> Sequence[Event]:
        """Return the events after ``event_id``, of one run or of all, in order."""
        events = select(EventRow).where(EventRow.id > event_id).order_by(EventRow.id).limit(limit)
        if run_id is not None:
            events = events.where(EventRow.run_id == run_id)
        with self._read() as session:
            return [event_of(row) for row in session.scalars(events)]
