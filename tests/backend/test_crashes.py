"""What happens when processes die: each in the middle of real trainings."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from backend.client import ProblemError
from backend.jobs import TrainingJobs
from backend.schemas import Run, RunPage
from backend.settings import Settings
from backend.storage import RunStore
from models.config import RunConfig
from models.priors import PRIORS
from tests.backend.conftest import brief

if TYPE_CHECKING:
    from tests.conftest import Serve, ServerProcess

Body = Callable[..., dict[str, Any]]
Until = Callable[[Callable[[], object]], None]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A dead child that nobody waited for still has a number.
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


def train_two(server: ServerProcess, body: Body, until: Until) -> list[Run]:
    """Start two endless trainings and wait until both have stored weights."""
    ids = [server.client.create_run(body(seed=seed)).id for seed in range(2)]
    until(lambda: all(server.client.run(run_id).checkpoint for run_id in ids))
    return [server.client.run(run_id) for run_id in ids]


def in_state(page: RunPage, status: str) -> list[Run]:
    return [run for run in page.items if run.status == status]


def check_interrupted(after: Run, before: Run) -> None:
    assert after.status == "interrupted"
    assert after.error is not None
    assert after.finished_at is not None
    assert after.progress.epoch >= before.progress.epoch
    assert after.checkpoint >= before.checkpoint


def stop_with_open_stream(server: ServerProcess, send: Callable[[], None]) -> int:
    """Stop the server while a client listens; return its exit status."""
    with server.client.http.stream("GET", "/api/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": open"
        send()
        # The stream ends, rather than hold the server up.
        assert list(lines)
    # Who is in a hurry presses Ctrl-C twice; it must not hurt.
    with contextlib.suppress(ProcessLookupError):
        send()
    return server.stop()


def test_a_killed_worker_hurts_its_own_run_only(
    serve: Serve, tmp_path: Path, body: Body, until: Until
) -> None:
    server = serve(tmp_path / "data", workers=2, max_queue=1)
    client = server.client
    train_two(server, body, until)
    waiting = client.create_run(body(seed=2))
    with pytest.raises(ProblemError, match="1 runs are waiting already") as full:
        client.create_run(body(seed=3))
    assert full.value.status == 429

    victim, other = server.workers()
    os.kill(victim, signal.SIGKILL)
    until(lambda: in_state(client.runs(), "failed"))

    (failed,) = in_state(client.runs(), "failed")
    assert failed.error is not None
    assert f"killed (SIGKILL, perhaps for lack of memory) after epoch {failed.progress.epoch}" in (
        failed.error
    )
    assert failed.progress.epoch > 0
    assert failed.finished_at is not None
    assert client.points(failed.id).count == 447
    assert client.decode(failed.id, [[0.0, 0.0]]).images.shape == (1, 8, 8)
    assert client.history(failed.id).epoch == list(range(1, failed.progress.epoch + 1))
    last = list(client.events(failed.id))[-1]
    assert (last.kind, last.data["status"], last.data["error"]) == (
        "status",
        "failed",
        failed.error,
    )

    # The other one goes on, and the one that waited gets a new worker.
    assert alive(other)
    until(lambda: client.run(waiting.id).checkpoint)
    (survivor,) = [r for r in in_state(client.runs(), "running") if r.id != waiting.id]
    until(lambda: client.run(survivor.id).progress.epoch > survivor.progress.epoch)

    # A request to terminate the server keeps what was trained.
    before, processes = in_state(client.runs(), "running"), server.processes()
    assert stop_with_open_stream(server, server.process.terminate) == 0
    assert "Traceback" not in server.log.read_text()
    until(lambda: not any(alive(pid) for pid in processes))
    store = RunStore(Settings(data_dir=tmp_path / "data"))
    for run in before:
        check_interrupted(store.get(run.id), run)
    store.close()


def test_a_killed_server_loses_nothing(serve: Serve, tmp_path: Path, until: Until) -> None:
    """Two servers in turn work on one demo; the first is killed, the second is stopped."""

    def start() -> tuple[ServerProcess, Run]:
        """Start a server on the same store, and wait until it trains."""
        server = serve(tmp_path / "data", "--demo", workers=1)
        runs = server.client.runs(sort="created_at").items
        assert [run.name for run in runs] == [prior.title for prior in PRIORS.values()]
        until(lambda: any(run.checkpoint for run in in_state(server.client.runs(), "running")))
        (running,) = in_state(server.client.runs(), "running")
        return server, running

    server, first = start()
    processes = server.processes()
    assert len(server.workers()) == 1
    server.process.kill()
    server.process.wait()
    # Its worker notices, stores what it has, and ends.
    until(lambda: not any(alive(pid) for pid in processes))

    # What waited is trained by the next one, without being asked again.
    server, second = start()
    check_interrupted(server.client.run(first.id), first)
    assert server.client.points(first.id).count == 447
    assert second.id != first.id

    # A terminal sends Ctrl-C to the server and all its workers.
    processes, group = server.processes(), server.process.pid
    assert stop_with_open_stream(server, lambda: os.killpg(group, signal.SIGINT)) == 0
    assert server.log.read_text() == ""
    until(lambda: not any(alive(pid) for pid in processes))
    store = RunStore(Settings(data_dir=tmp_path / "data"))
    check_interrupted(store.get(second.id), second)
    assert len(store.ids("queued")) == len(PRIORS) - 2
    store.close()


def test_idle_workers_that_are_killed_are_replaced(server: ServerProcess, until: Until) -> None:
    client = server.client
    for _ in range(2):
        run = client.create_run(brief())
        assert [event.data for event in client.events(run.id)][-1]["status"] == "finished"
        until(lambda: len(server.workers()) == 2)
        busy = [*in_state(client.runs(), "running"), *in_state(client.runs(), "queued")]
        assert busy == []
        for pid in server.workers():
            os.kill(pid, signal.SIGKILL)


def test_runs_that_others_train_are_left_alone(store: RunStore) -> None:
    config = RunConfig.model_validate({"prior": {"kind": "standard"}})
    mine, dead = store.create(config), store.create(config)
    jobs = TrainingJobs(store, Settings())
    with store.checkpoints.lock(mine.id):
        store.claim(mine.id)
        store.claim(dead.id)
        jobs.reap()
        assert store.get(mine.id).status == "running"
        assert store.get(dead.id).status == "interrupted"
    jobs.reap()
    assert store.get(mine.id).status == "interrupted"
