"""Worker processes that are replaced when they break."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from multiprocessing.context import BaseContext
from typing import Any

from pebble import ProcessPool

from backend.errors import NoProcessError


class WorkerPool:
    """A pool of processes, started when the first task comes. Not for several threads at once."""

    def __init__(
        self,
        workers: int,
        initializer: Callable[..., None],
        arguments: tuple[Any, ...] = (),
        context: BaseContext | None = None,
    ) -> None:
        """``context`` says how processes start; they are spawned where it does not."""
        self._workers = workers
        self._initializer = initializer
        self._arguments = arguments
        self._context = context or multiprocessing.get_context("spawn")
        self._pool: ProcessPool | None = None

    def start(self) -> Future[None]:
        """Start the processes, in a thread, for the first of a fork server takes seconds.

        The future has no result, or the NoProcessError that says why no worker can be started.
        """
        started: Future[None] = Future()

        def start() -> None:
            try:
                with self._refusing(), _interrupts_blocked():
                    self._working()
            except NoProcessError as error:
                started.set_exception(error)
            else:
                started.set_result(None)

        try:
            with self._refusing():
                threading.Thread(target=start, daemon=True).start()
        except NoProcessError as error:
            started.set_exception(error)
        return started

    def schedule(
        self, function: Callable[..., Any], *arguments: Any, timeout: float | None = None
    ) -> Future[Any]:
        """Run a function in a worker; one that takes longer than ``timeout`` seconds is killed.

        Raises:
            NoProcessError: no worker can be started.
        """
        with self._refusing(), _interrupts_blocked():
            future: Future[Any] = self._working().schedule(
                function, args=arguments, timeout=timeout
            )
            return future

    @property
    def broken(self) -> bool:
        """Whether its processes are gone, before the next task brings new ones."""
        return self._pool is not None and not self._pool.active

    def close(self) -> None:
        """Kill the workers."""
        _end(self._pool)

    def retire(self) -> None:
        """Kill the workers, in a thread; the next task brings others, with their own queue."""
        self._give_up()

    def _working(self) -> ProcessPool:
        """Return the pool; a new one where there is none or the last one broke."""
        if self.broken:
            self._give_up()
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=self._workers,
                initializer=self._initializer,
                initargs=self._arguments,
                context=self._context,
            )
        if not self._pool.active:
            raise RuntimeError("the pool does not start")
        return self._pool

    @contextlib.contextmanager
    def _refusing(self) -> Iterator[None]:
        """Turn what keeps processes from starting into a sentence."""
        try:
            yield
        except Exception as error:
            # Whatever it is, a run that nobody trains must not wait without a reason.
            self._give_up()
            raise NoProcessError(
                f"No process can be started on the server ({error.__cause__ or error}). It may "
                "lack memory; try again later."
            ) from error

    def _give_up(self) -> None:
        pool, self._pool = self._pool, None
        # Where there is no room for a process there may be none for a thread.
        with contextlib.suppress(RuntimeError):
            # In a thread, for this may be one of the pool's own, which cannot wait for itself.
            threading.Thread(target=_end, args=(pool,), daemon=True).start()


def _end(pool: ProcessPool | None) -> None:
    if pool is None:
        return
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


@contextlib.contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Let processes and threads that start in this block never see Ctrl-C.

    A terminal sends it to every process of its group; the workers have to end in an orderly way,
    when their server tells them to, not in the middle of an import.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    # It would unblock what is blocked, when the first lock that processes share is made.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
