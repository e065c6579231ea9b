"""What becomes of runs between the queue and the workers, nearly without any process."""

from __future__ import annotations

import errno
import gc
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest
from pebble import ProcessExpired

from backend import fork_server
from backend.errors import NoProcessError, QueueFullError
from backend.jobs import TrainingJobs
from backend.settings import Settings
from backend.storage import RunStore
from backend.worker_pool import WorkerPool
from models.config import RunConfig
from tests.backend.conftest import brief

NO_ROOM = "No process can be started."


class Workers:
    """Stands in for the processes: every task ends when the test says so."""

    def __init__(self) -> None:
        self.tasks: list[Future[None]] = []
        self.room = True
        self.slow = False
        self.starts: list[Future[None]] = []
        self.dead: WorkerPool | None = None

    def start(self) -> Future[None]:
        started: Future[None] = Future()
        self.starts.append(started)
        if self.slow:
            return started
        if self.room:
            started.set_result(None)
        else:
            started.set_exception(NoProcessError(NO_ROOM))
        return started

    def schedule(self, pool: WorkerPool, _function: object, *_: object) -> Future[None]:
        if not self.room or pool is self.dead:
            raise NoProcessError(NO_ROOM)
        self.tasks.append(Future())
        return self.tasks[-1]


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Workers:
    workers = Workers()
    monkeypatch.setattr(WorkerPool, "start", lambda _: workers.start())
    monkeypatch.setattr(
        WorkerPool, "schedule", lambda pool, *task, **_: workers.schedule(pool, *task)
    )
    return workers


Make = Callable[..., TrainingJobs]


@pytest.fixture
def make(store: RunStore) -> Make:
    def make(**settings: Any) -> TrainingJobs:
        return TrainingJobs(store, Settings(**settings), trainer="server")

    return make


CONFIG = RunConfig.model_validate(brief(seed=0))


def test_a_run_waits_while_there_is_no_room_for_a_process(
    store: RunStore, workers: Workers, make: Make
) -> None:
    jobs = make(workers=1)
    workers.room = False
    first, second = jobs.submit(CONFIG), jobs.submit(CONFIG)
    assert (jobs.fault, jobs.waiting, jobs.training) == (NO_ROOM, 2, 0)
    assert jobs.standstill == NO_ROOM
    jobs.reap()
    assert (jobs.fault, jobs.waiting) == (NO_ROOM, 2)
    workers.room = True
    jobs.reap()
    assert (jobs.fault, jobs.waiting, jobs.training) == (None, 1, 1)
    workers.tasks[0].set_result(None)
    # In the order in which they came.
    assert len(workers.tasks) == 2
    assert jobs.waiting == 0
    assert [store.get(run.id).status for run in (first, second)] == ["queued"] * 2


def test_a_worker_that_lives_is_used_before_one_that_cannot_be_started(
    workers: Workers, make: Make
) -> None:
    jobs = make(workers=2)
    first, second = jobs.submit(CONFIG), jobs.submit(CONFIG)
    assert jobs.training == 2
    used = [pool for _, pool in jobs._tasks.values()]
    for task in workers.tasks:
        task.set_result(None)
    jobs.delete(first.id)
    jobs.delete(second.id)
    workers.dead = used[1]
    jobs.submit(CONFIG)
    assert (jobs.fault, jobs.waiting) == (NO_ROOM, 1)
    jobs.reap()
    assert (jobs.fault, jobs.waiting, jobs.training) == (None, 0, 1)


def test_nothing_is_wrong_where_nothing_waits_any_more(workers: Workers, make: Make) -> None:
    jobs = make(workers=1)
    workers.room = False
    run = jobs.submit(CONFIG)
    jobs.cancel(run.id)
    jobs.reap()
    assert jobs.fault is None


def test_a_run_that_is_resumed_before_its_worker_has_noticed_is_not_lost(
    workers: Workers, make: Make
) -> None:
    jobs = make(workers=2)
    run = jobs.submit(CONFIG)
    jobs.cancel(run.id)
    jobs.resume(run.id)
    first, second = workers.tasks
    assert jobs.training == 1
    # The second worker finds that the first has it in hand.
    second.set_result(None)
    assert jobs.training == 1
    first.set_result(None)
    assert jobs.training == 0


def test_the_end_of_the_worker_before_does_not_concern_it(
    store: RunStore, workers: Workers, make: Make
) -> None:
    jobs = make(workers=2)
    run = jobs.submit(CONFIG)
    jobs.cancel(run.id)
    jobs.resume(run.id)
    before = store.get(run.id)
    first, _ = workers.tasks
    first.set_exception(MemoryError("too late"))
    assert store.get(run.id) == before
    assert (jobs.training, jobs.waiting) == (1, 0)


def test_a_process_that_cannot_be_started_is_said_and_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_room(*_: object) -> None:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    def no_thread(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    pool = WorkerPool(1, gc.collect)
    with monkeypatch.context() as patch:
        patch.setattr("pebble.pool.process.launch_process", no_room)
        for _ in range(2):
            with pytest.raises(NoProcessError, match=r"started .*Cannot allocate memory"):
                pool.start().result()
            with pytest.raises(NoProcessError, match=r"started .*Cannot allocate memory"):
                pool.schedule(os.getpid)
        patch.setattr(threading.Thread, "start", no_thread)
        with pytest.raises(NoProcessError, match=r"started"):
            pool.start().result()
        with pytest.raises(NoProcessError, match=r"started"):
            pool.schedule(os.getpid)
    pool.start().result()
    assert pool.schedule(os.getpid).result() != os.getpid()
    pool.close()


def test_a_run_that_a_worker_is_being_started_for_takes_no_place_of_the_queue(
    workers: Workers, make: Make
) -> None:
    jobs = make(workers=1, max_queue=1)
    workers.slow = True
    jobs.submit(CONFIG)
    second = jobs.submit(CONFIG)
    with pytest.raises(QueueFullError, match="1 runs are waiting"):
        jobs.submit(CONFIG)
    assert (jobs.waiting, jobs.training, len(workers.starts)) == (2, 0, 1)
    jobs.cancel(second.id)
    workers.starts[0].set_result(None)
    assert (jobs.waiting, jobs.training) == (0, 1)


def test_nothing_stands_still_while_one_of_the_workers_may_come(
    workers: Workers, make: Make
) -> None:
    jobs = make(workers=2)
    workers.slow = True
    jobs.submit(CONFIG)
    jobs.submit(CONFIG)
    first, second = workers.starts
    first.set_exception(NoProcessError(NO_ROOM))
    assert (jobs.fault, jobs.standstill) == (NO_ROOM, None)
    second.set_result(None)
    # One of the two runs has it; the other one waits for it, or for another try.
    assert (jobs.fault, jobs.standstill, jobs.training, jobs.waiting) == (None, None, 1, 1)


def test_a_pool_whose_worker_may_still_live_is_not_used_again(
    workers: Workers, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    retired: list[WorkerPool] = []
    monkeypatch.setattr(WorkerPool, "retire", lambda pool: retired.append(pool))
    jobs = make(workers=1)
    jobs.submit(CONFIG)
    ((_, first),) = jobs._tasks.values()
    workers.tasks[0].set_exception(ProcessExpired("gone", code=fork_server.LOST, pid=0))
    ((_, second),) = jobs._tasks.values()
    assert second is not first
    assert retired == [first]
    assert jobs._idle == []
