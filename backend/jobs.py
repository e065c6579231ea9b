"""Training jobs: the queue, its worker processes, cancelling, and recovery after crashes."""

from __future__ import annotations

import contextlib
import logging
import signal
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait

from pebble import ProcessExpired

from backend import fork_server, worker
from backend.errors import (
    DiskFullError,
    NoProcessError,
    QueueFullError,
    RunStateError,
    UnknownRunError,
)
from backend.resuming import (
    AFTER,
    PROCESS_DIED,
    PROCESS_STOPPED,
    SERVER_DIED,
    SERVER_STOPPED,
    no_room,
)
from backend.schemas import Run, Status, Trainer
from backend.settings import Settings
from backend.storage import RunStore
from backend.worker_pool import WorkerPool
from models.config import RunConfig

logger = logging.getLogger(__name__)

_ATTEMPTS = 3
_INTERRUPTED = (
    "The program that trained this run ended before the training did. "
    "The weights stored last can still be explored."
)


class TrainingJobs:
    """Trains queued runs, each in a process, as many at a time as there are workers.

    Each process has a pool of its own and starts when the others are busy: whoever trains one run
    on many cores need not wait for, or find memory for, a process on each of them. What waits is
    known here and in the store, so that a broken pool can be replaced and a waiting run be
    cancelled without asking anyone.

    A run whose worker dies goes on in another one. A ``trainer`` that is a server also takes up
    what other servers left; what a command left it does not touch.
    """

    def __init__(self, store: RunStore, settings: Settings, trainer: Trainer = "command") -> None:
        self._store = store
        self._trainer = trainer
        self._settings = settings
        self._lock = threading.RLock()
        self._waiting: deque[str] = deque()
        self._tasks: dict[Future[None], tuple[str, WorkerPool]] = {}
        """Which runs are trained, and where; one that was resumed at once may be twice in it"""
        self._idle: list[WorkerPool] = []
        self._starting: dict[Future[None], WorkerPool] = {}
        self._refusal: str | None = None
        """Why no process can be started for what waits"""
        self._deaths: dict[str, tuple[int | None, int]] = {}
        """Of runs whose worker died: steps done by then, and how often it died there"""
        self._unsaid: dict[str, str] = {}
        """Why runs failed, where the disk had no room for that"""
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many runs wait for a worker here."""
        return len(self._waiting)

    @property
    def training(self) -> int:
        """How many runs workers have in hand here."""
        return len(self._in_hand())

    @property
    def fault(self) -> str | None:
        """Why there are no workers, nor can be, for what there is to train; None if there are."""
        with self._lock:
            if self._closed or any(pool.broken for _, pool in self._tasks.values()):
                return "The processes that train are gone. Start the server anew."
            return self._refusal

    @property
    def standstill(self) -> str | None:
        """The fault, where no run is in a worker's hands or about to be."""
        with self._lock:
            return None if self._tasks or self._starting else self.fault

    def recover(self) -> None:
        """Take over what another server left: what it trained, and its queue."""
        self._reap(SERVER_DIED, SERVER_STOPPED)
        with self._lock:
            waiting = [run_id for run_id in self._store.ids("queued") if not self._has(run_id)]
            self._waiting.extend(waiting)
            self._fill()

    def reap(self) -> None:
        """Take up the runs whose server, or process, is gone; mark those that died elsewhere."""
        self._reap(PROCESS_DIED, PROCESS_STOPPED)

    def submit(
        self, config: RunConfig, name: str | None = None, frozen_from: Run | None = None
    ) -> Run:
        """Create a run and queue it; with ``frozen_from``, on that one's encoder and decoder.

        Raises:
            QueueFullError: too many runs wait already.
            NoCheckpointError: ``frozen_from`` has no weights.
        """
        with self._lock:
            self._check_room()
            run = self._store.create(config, name, frozen_from)
            self._waiting.append(run.id)
            self._fill()
            return run

    def resume(self, run_id: str) -> Run:
        """Queue a run that stopped before its end; it goes on from where it was.

        Raises:
            UnknownRunError: no run has this id.
            RunStateError: it has not stopped, or cannot go on.
            QueueFullError: too many runs wait already.
        """
        with self._lock:
            status = self._store.get(run_id).status
            self._check_room()
            run = self._store.requeue(run_id, AFTER.get(status, ""))
            self._deaths.pop(run_id, None)
            self._waiting.append(run_id)
            self._fill()
            return run

    def cancel(self, run_id: str) -> Run:
        """Stop a run soon, keeping what was trained; a queued one ends at once.

        Raises:
            UnknownRunError: no run has this id.
            RunStateError: it has ended.
        """
        run = self._store.request_stop(run_id, "cancelled")
        self._forget(run_id)
        return run

    def delete(self, run_id: str) -> None:
        """Remove a run that is not running.

        Raises:
            UnknownRunError: no run has this id.
            RunStateError: it is running.
        """
        self._store.delete(run_id)
        self._forget(run_id)

    def wait(self) -> None:
        """Wait until nothing trains, and nothing waits but for room for a process."""
        while futures := self._futures():
            wait(futures)

    def cancel_all(self) -> None:
        """Cancel everything that was submitted here, and wait until it has stopped."""
        with self._lock:
            asked = [*self._waiting, *self._in_hand()]
            self._waiting.clear()
        for run_id in asked:
            self._ask_to_stop(run_id, "cancelled")
        self.wait()

    def close(self, seconds: float = 8.0) -> None:
        """Stop training, keeping what was trained; what waits stays queued for the next time."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
            running = set(self._store.ids("running")) & self._in_hand()
            futures = [future for future, (run_id, _) in self._tasks.items() if run_id in running]
            futures += self._starting
        for run_id in running:
            self._ask_to_stop(run_id, "interrupted")
        wait(futures, timeout=seconds)
        with self._lock:
            pools = [*(pool for _, pool in self._tasks.values()), *self._idle]
            for pool in self._starting.values():
                # Nobody waits for one that has not begun to live by now.
                pool.retire()
            self._tasks.clear()
            self._starting.clear()
        with ThreadPoolExecutor() as threads:
            list(threads.map(WorkerPool.close, pools))
        self.reap()

    def _reap(self, died: str, stopped: str) -> None:
        self._say()
        adopting = self._trainer == "server" and not self._closed
        servers = self._store.ids("running", "server") if adopting else []
        for run_id in self._store.ids("running"):
            # The lock keeps a run whose worker just died here from being taken for another's.
            with self._lock:
                if self._has(run_id) or self._store.checkpoints.is_training(run_id):
                    continue
                if run_id in servers:
                    self._adopt(run_id, died)
                else:
                    self._store.finish(run_id, "interrupted", error=_INTERRUPTED)
        for run_id in self._store.ids("interrupted", "server") if adopting else []:
            with self._lock:
                self._adopt(run_id, stopped)
        with self._lock:
            self._fill()

    def _ask_to_stop(self, run_id: str, status: Status) -> None:
        with contextlib.suppress(RunStateError, UnknownRunError):
            self._store.request_stop(run_id, status)

    def _check_room(self) -> None:
        # Those that workers are being started for do not wait for others to finish.
        waiting = len(self._waiting) - len(self._starting)
        if waiting >= self._settings.max_queue:
            raise QueueFullError(
                f"{waiting} runs are waiting already, which is the most allowed "
                "(PRIORSCOPE_MAX_QUEUE). Wait for one to finish, or cancel some."
            )

    def _has(self, run_id: str) -> bool:
        return run_id in self._waiting or run_id in self._in_hand() or run_id in self._unsaid

    def _in_hand(self) -> set[str]:
        with self._lock:
            return {run_id for run_id, _ in self._tasks.values()}

    def _say(self) -> None:
        """Note in runs why they failed, as soon as there is room for that."""
        with self._lock:
            for run_id, why in list(self._unsaid.items()):
                with contextlib.suppress(DiskFullError):
                    self._store.finish(run_id, "failed", error=why)
                    del self._unsaid[run_id]

    def _adopt(self, run_id: str, interruption: str) -> None:
        """Queue a run whose trainer is gone. The lock is held."""
        if self._closed:
            return
        with contextlib.suppress(RunStateError, UnknownRunError):
            self._store.requeue(run_id, interruption, dead=True)
            self._waiting.append(run_id)
            self._fill()

    def _forget(self, run_id: str) -> None:
        with self._lock, contextlib.suppress(ValueError):
            self._waiting.remove(run_id)

    def _futures(self) -> list[Future[None]]:
        with self._lock:
            return [*self._tasks, *self._starting]

    def _fill(self) -> None:
        """Give waiting runs to idle workers; start those that are missing. The lock is held."""
        if not self._waiting:
            self._refusal = None
        for pool in [pool for pool in self._idle if pool.broken]:
            # In its place another one starts, in a thread, which may take seconds.
            self._idle.remove(pool)
            pool.retire()
        while self._waiting and self._idle and not self._closed:
            run_id, pool = self._waiting.popleft(), self._idle.pop()
            try:
                future = pool.schedule(worker.train_run, run_id, self._trainer)
            except NoProcessError as error:
                # Until a worker is idle or somebody reaps; those that live come before this one.
                self._waiting.appendleft(run_id)
                self._idle.insert(0, pool)
                self._refuse(error)
                return
            self._refusal = None
            self._tasks[future] = run_id, pool
            future.add_done_callback(self._ended)
        free = self._settings.workers - len(self._tasks) if not self._closed else 0
        for _ in range(min(len(self._waiting), free) - len(self._starting)):
            self._start()

    def _start(self) -> None:
        """Start one more worker. The lock is held."""
        pool = WorkerPool(1, worker.prepare, (self._settings,), fork_server.context())
        future = pool.start()
        self._starting[future] = pool
        future.add_done_callback(self._started)

    def _started(self, future: Future[None]) -> None:
        with self._lock:
            if (pool := self._starting.pop(future, None)) is None:
                return
            error = future.exception()
            if error is None:
                self._idle.append(pool)
                self._fill()
            else:
                self._refuse(error)

    def _refuse(self, error: BaseException) -> None:
        if self._refusal is None:
            logger.error("%s", error)
        self._refusal = str(error)

    def _ended(self, future: Future[None]) -> None:
        error = None if future.cancelled() else future.exception()
        with self._lock:
            if future not in self._tasks:
                return
            run_id, pool = self._tasks.pop(future)
            if isinstance(error, ProcessExpired) and error.exitcode == fork_server.LOST:
                # It is only given up and lives on for a moment, in which it would take what comes
                # next out of its successor's hands.
                pool.retire()
            else:
                self._idle.append(pool)
            # Whoever has been resumed meanwhile is not concerned any more.
            if not self._has(run_id):
                self._note(run_id, error)
            self._fill()

    def _note(self, run_id: str, error: BaseException | None) -> None:
        if isinstance(error, DiskFullError):
            self._unsaid[run_id] = no_room(error.detail)
        elif error is not None and not self._closed:
            with contextlib.suppress(UnknownRunError):
                self._failed(run_id, error)

    def _failed(self, run_id: str, error: BaseException) -> None:
        """Let a run whose worker died go on in another one, unless that gets it nowhere."""
        run = self._store.get(run_id)
        taken_over = self._store.checkpoints.is_training(run_id)
        if taken_over or (run.ended and run.status != "interrupted"):
            return
        step = self._store.states.step(run_id)
        died_at, times = self._deaths.get(run_id, (step, 0))
        times = times + 1 if step == died_at else 1
        self._deaths[run_id] = step, times
        # One that died before it began has cost nothing.
        harmless = run.status == "queued" and times < _ATTEMPTS
        level = logging.INFO if harmless else logging.ERROR
        logger.log(level, "The worker of run %s ended: %s", run_id, error)
        if times == _ATTEMPTS:
            self._store.finish(run_id, "failed", error=_explain(run, error))
            return
        if run.status != "queued":
            self._store.requeue(run_id, f"its training process {_how(error)}", dead=True)
        self._waiting.appendleft(run_id)


def _explain(run: Run, error: BaseException) -> str:
    if run.status == "queued":
        return f"The training process could not be started ({error}). The server's log says more."
    kept = (
        "The weights stored last can still be explored."
        if run.checkpoint
        else "No weights had been stored yet."
    )
    done = f"{run.progress.epoch} of {run.progress.epochs}"
    return f"The training process {_how(error)} after epoch {done}. {kept} The other runs go on."


def _how(error: BaseException) -> str:
    if not isinstance(error, ProcessExpired):
        return f"stopped on an error ({error})"
    if error.exitcode < 0:
        return f"was killed ({signal.Signals(-error.exitcode).name}, perhaps for lack of memory)"
    return f"ended unexpectedly (exit status {error.exitcode})"
