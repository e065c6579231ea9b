"""What happens when processes die: each in the middle of real trainings."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
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
from tests.backend.conftest import ENDLESS, brief
from tests.processes import alive, lineages

if TYPE_CHECKING:
    from tests.conftest import Serve, ServerProcess

Body = Callable[..., dict[str, Any]]
Until = Callable[[Callable[[], object]], None]


def train_two(server: ServerProcess, body: Body, until: Until) -> list[Run]:
    """Start two endless trainings and wait until both have stored what they can go on from."""
    ids = [server.client.create_run(body(seed=seed)).id for seed in range(2)]
    # The state comes after the first weights, and before the second.
    until(lambda: all(server.client.run(run_id).checkpoint > 1 for run_id in ids))
    return [server.client.run(run_id) for run_id in ids]


def in_state(page: RunPage, status: str) -> list[Run]:
    return [run for run in page.items if run.status == status]


def check_interrupted(after: Run, before: Run) -> None:
    assert after.status == "interrupted"
    assert after.error is not None
    assert after.finished_at is not None
    assert after.progress.epoch >= before.progress.epoch
    assert after.checkpoint >= before.checkpoint


def check_all_interrupted(data_dir: Path, before: list[Run]) -> None:
    store = RunStore(Settings(data_dir=data_dir))
    for run in before:
        check_interrupted(store.get(run.id), run)
    store.close()


def stop_with_open_stream(server: ServerProcess, send: Callable[[], None]) -> int:
    """Stop the server while a client listens; return its exit status."""
    with server.client.http.stream("GET", "/api/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": open"
        send()
        # The stream ends, rather than hold the server up.
        assert list(lines)
    # Who is in a hurry presses Ctrl-C again and again, to the last moment; it must not hurt.
    while server.process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            send()
        time.sleep(0.01)
    return server.stop()


def test_a_killed_worker_hurts_nobody(
    serve: Serve, tmp_path: Path, body: Body, until: Until
) -> None:
    server = serve(tmp_path / "data", workers=2, max_queue=1)
    client = server.client
    before = {run.id: run for run in train_two(server, body, until)}
    waiting = client.create_run(body(seed=2))
    with pytest.raises(ProblemError, match="1 runs are waiting already") as full:
        client.create_run(body(seed=3))
    assert full.value.status == 429

    victim, other = server.workers()
    os.kill(victim, signal.SIGKILL)
    until(lambda: any(client.run(run_id).resumed for run_id in before))

    # The other one goes on, and so does the victim's run, before the one that waited.
    assert alive(other)
    (run_id,) = [run_id for run_id in before if client.run(run_id).resumed]
    until(lambda: (client.run(run_id).note or "").startswith("Resumed at epoch "))
    resumed = client.run(run_id)
    assert resumed.note is not None
    assert resumed.note.endswith("was killed (SIGKILL, perhaps for lack of memory).")
    until(lambda: client.run(run_id).progress.epoch > resumed.progress.epoch)
    epochs = client.history(run_id).epoch
    assert epochs == list(range(1, len(epochs) + 1))
    assert client.run(waiting.id).status == "queued"
    for survivor in before:
        until(lambda run=survivor: client.run(run).progress.epoch > before[run].progress.epoch + 1)
    client.cancel_run(waiting.id)

    # A request to terminate the server keeps what was trained.
    running, processes = in_state(client.runs(), "running"), server.processes()
    assert len(running) == 2
    assert stop_with_open_stream(server, server.process.terminate) == 0
    assert "Traceback" not in server.log.read_text()
    until(lambda: not any(alive(pid) for pid in processes))
    check_all_interrupted(tmp_path / "data", running)


def test_a_run_that_only_kills_its_workers_is_given_up(
    serve: Serve, tmp_path: Path, body: Body, until: Until
) -> None:
    """Its first epoch takes so long that nothing is stored before the next kill."""
    server = serve(tmp_path / "data", workers=1)
    client = server.client
    endless = body(batch_size=1) | {"network": {"hidden": [2000, 2000]}}
    run = client.create_run(endless)
    for _ in range(3):
        # In this order: a run whose worker died is queued before there is another worker.
        until(lambda: server.workers() and client.run(run.id).status == "running")
        (victim,) = server.workers()
        os.kill(victim, signal.SIGKILL)
        until(lambda pid=victim: pid not in server.workers())
    until(lambda: client.run(run.id).ended)
    failed = client.run(run.id)
    assert failed.status == "failed"
    assert failed.error == (
        "The training process was killed (SIGKILL, perhaps for lack of memory) after epoch 0 of "
        "100000. No weights had been stored yet. The other runs go on."
    )
    last = list(client.events(run.id))[-1]
    assert (last.kind, last.data["error"]) == ("status", failed.error)
    # Whoever has found the reason can try again.
    assert client.resume_run(run.id).status == "queued"
    anew = "Began anew after it had failed: there was nothing whole to go on from."
    until(lambda: client.run(run.id).note == anew)
    server.stop()


def test_a_killed_server_loses_nothing(serve: Serve, tmp_path: Path, until: Until) -> None:
    """Two servers in turn work on one demo; the first is killed, the second is stopped."""

    def start(checkpoint: int = 0) -> tuple[ServerProcess, Run]:
        """Start a server on the same store, and wait until it stores more weights."""
        server = serve(tmp_path / "data", "--demo", workers=1)
        runs = server.client.runs(sort="created_at").items
        assert [run.name for run in runs] == [prior.title for prior in PRIORS.values()]

        found: list[Run] = []

        def stored() -> bool:
            running = in_state(server.client.runs(), "running")
            found[:] = [run for run in running if run.checkpoint > checkpoint]
            return bool(found)

        until(stored)
        (running,) = found
        return server, running

    server, first = start()
    processes = server.processes()
    assert len(server.workers()) == 1
    server.process.kill()
    server.process.wait()
    # Its worker notices, stores what it has, and ends.
    until(lambda: not any(alive(pid) for pid in processes))
    store = RunStore(Settings(data_dir=tmp_path / "data"))
    check_interrupted(store.get(first.id), first)

    # The next one goes on with it, without being asked.
    server, second = start(store.get(first.id).checkpoint)
    assert second.id == first.id
    assert second.note is not None
    assert second.note.startswith("Resumed at epoch")
    assert server.client.points(first.id).count == 447

    # A terminal sends Ctrl-C to the server and all its workers.
    processes, group = server.processes(), server.process.pid
    assert stop_with_open_stream(server, lambda: os.killpg(group, signal.SIGINT)) == 0
    assert server.log.read_text() == ""
    until(lambda: not any(alive(pid) for pid in processes))
    check_interrupted(store.get(second.id), second)
    assert len(store.ids("queued")) == len(PRIORS) - 1
    store.close()


def test_idle_workers_that_are_killed_are_replaced(server: ServerProcess, until: Until) -> None:
    client = server.client
    for _ in range(2):
        run = client.create_run(brief())
        assert [event.data for event in client.events(run.id)][-1]["status"] == "finished"
        busy = [*in_state(client.runs(), "running"), *in_state(client.runs(), "queued")]
        assert busy == []
        killed = server.workers()
        assert killed
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        until(lambda killed=killed: not set(killed) & set(server.workers()))


def test_a_worker_starts_when_the_others_are_busy(
    store: RunStore, tmp_path: Path, until: Until
) -> None:
    def workers() -> set[int | None]:
        return {process.pid for process in multiprocessing.active_children()} - before

    def config(**training: int) -> RunConfig:
        return RunConfig.model_validate(brief(seed=0, **training))

    before = {process.pid for process in multiprocessing.active_children()}
    jobs = TrainingJobs(store, Settings(data_dir=tmp_path / "data", workers=3))
    for _ in range(2):
        jobs.submit(config())
        jobs.wait()
        until(lambda: jobs.training == 0)
    first = workers()
    assert len(first) == 1
    long = [jobs.submit(config(**ENDLESS)) for _ in range(2)]
    until(lambda: all(store.get(run.id).status == "running" for run in long))
    assert len(workers()) == 2
    assert workers() > first
    jobs.close()
    assert workers() == set()
    assert [store.get(run.id).status for run in long] == ["interrupted"] * 2


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
        assert store.get(dead.id).resumable
    jobs.reap()
    assert store.get(mine.id).status == "interrupted"


def origins(server: ServerProcess) -> set[int]:
    """The processes that those that train were forked from."""
    return {above[0] for above in lineages().values() if server.process.pid in above[1:2]}


def test_without_the_process_that_they_were_forked_from_trainings_go_on(
    serve: Serve, tmp_path: Path, body: Body, until: Until
) -> None:
    server = serve(tmp_path / "data", workers=2)
    client = server.client
    before = train_two(server, body, until)
    (origin,) = origins(server)
    os.kill(origin, signal.SIGKILL)
    # They take it for their server's end, store what they have, and are taken up again.
    for run in before:
        until(lambda run=run: (client.run(run.id).note or "").startswith("Resumed"), 120.0)
        now = client.run(run.id)
        assert now.progress.epoch >= run.progress.epoch
        assert now.note is not None
        assert ", after its training process " in now.note
    assert origins(server)
    assert origin not in origins(server)
    assert server.stop() == 0


def test_a_request_to_end_that_reaches_all_processes_keeps_what_was_trained(
    serve: Serve, tmp_path: Path, body: Body, until: Until
) -> None:
    """As service managers do it."""
    server = serve(tmp_path / "data", workers=2)
    before = train_two(server, body, until)
    processes = server.processes()
    for pid in processes:
        os.kill(pid, signal.SIGTERM)
    assert server.stop() == 0
    assert "Traceback" not in server.log.read_text()
    until(lambda: not any(alive(pid) for pid in processes))
    check_all_interrupted(tmp_path / "data", before)
