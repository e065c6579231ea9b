"""Trainings that stopped before their end, and went on."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch

from backend import training
from backend.client import PriorscopeClient, ProblemError
from backend.errors import RunStateError
from backend.jobs import TrainingJobs
from backend.schemas import Epoch, Run, Status
from backend.settings import Settings
from backend.storage import RunStore
from backend.training import StopSignal, train
from models.config import RunConfig
from tests.backend.conftest import brief
from tests.backend.test_cli import status_of
from tests.outcome import Outcome, check_same, outcome

if TYPE_CHECKING:
    from tests.conftest import ServerProcess

EPOCHS = 23  # of which the 21st has a snapshot only where it is the last one
SMALL = {
    "latent_dim": 1,
    "network": {"hidden": [8]},
    "training": {"epochs": EPOCHS, "batch_size": 200, "warmup_epochs": 1},
}


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def read(store: RunStore) -> Callable[[Run], Outcome]:
    return lambda run: outcome(store, run.id)


def queue(store: RunStore, kind: str = "standard", source: Run | None = None) -> Run:
    config = RunConfig.model_validate({"prior": {"kind": kind}, **SMALL})
    return store.create(config, frozen_from=source)


def stop_at(store: RunStore, run: Run, epoch: int, status: Status = "interrupted") -> Run:
    """Train until that epoch is over, and a little more."""
    stop = StopSignal()

    def watch(seen: Epoch) -> None:
        if seen.epoch == epoch:
            stop.here = status

    train(store, run.id, stop, watch, "server")
    stopped = store.get(run.id)
    assert (stopped.status, stopped.progress.epoch) == (status, epoch)
    return stopped


def test_it_ends_as_it_would_have_ended(store: RunStore, read: Callable[[Run], Outcome]) -> None:
    whole, run = queue(store, "mog"), queue(store, "mog")
    train(store, whole.id)
    for epoch, status in ((3, "interrupted"), (21, "cancelled")):
        stopped = stop_at(store, run, epoch, status)
        assert stopped.resumable
        assert list(store.snapshot_epochs(run.id))[-1] == epoch
        store.requeue(run.id, "it had been stopped")
        assert store.get(run.id).metrics is None
    train(store, run.id)
    check_same(read(run), read(whole))
    ended = store.get(run.id)
    assert ended.note == "Resumed 2 times, last at epoch 21, after it had been stopped."
    assert (ended.resumable, ended.resumed) == (False, 2)
    assert store.states.of_runs() == []


def test_stopped_at_once_again_it_keeps_what_it_had(
    store: RunStore, read: Callable[[Run], Outcome]
) -> None:
    run, stop = queue(store), StopSignal()
    stop_at(store, run, 21)
    before = read(run)
    store.requeue(run.id, "it had been stopped")
    stop.here = "interrupted"
    train(store, run.id, stop, trainer="server")
    check_same(read(run), before)


def test_in_the_middle_of_the_first_epoch(
    store: RunStore, read: Callable[[Run], Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, run = queue(store), queue(store)
    train(store, whole.id)
    answers = itertools.chain([None, None, "interrupted"], itertools.repeat(None))
    monkeypatch.setattr(training, "_ASK_SECONDS", -1.0)
    monkeypatch.setattr(store, "stop_requested", lambda _: next(answers))
    train(store, run.id, trainer="server")
    assert (store.get(run.id).status, store.states.step(run.id)) == ("interrupted", 2)
    store.requeue(run.id, "it had been stopped")
    train(store, run.id)
    check_same(read(run), read(whole))
    assert store.get(run.id).note == "Resumed in its first epoch, after it had been stopped."


def test_one_that_died_before_it_could_be_cancelled_is_cancelled(store: RunStore) -> None:
    run = queue(store)
    stop_at(store, run, 3)
    store.requeue(run.id, "it had been stopped")
    store.claim(run.id, "server")
    store.request_stop(run.id, "cancelled")
    store.requeue(run.id, "its training process was killed", dead=True)
    train(store, run.id)
    cancelled = store.get(run.id)
    assert (cancelled.status, cancelled.progress.epoch) == ("cancelled", 3)
    assert cancelled.metrics is not None
    store.requeue(run.id, "it had been cancelled")
    train(store, run.id)
    assert store.get(run.id).status == "finished"


def test_a_prior_alone_goes_on_too(store: RunStore, read: Callable[[Run], Outcome]) -> None:
    source = queue(store)
    stop_at(store, source, 2, "cancelled")
    whole, run = (queue(store, "flow", store.get(source.id)) for _ in range(2))
    train(store, whole.id)
    stop_at(store, run, 2)
    store.requeue(run.id, "it had been stopped")
    train(store, run.id)
    check_same(read(run), read(whole))


@pytest.mark.parametrize("how", ["gone", "damaged", "of another run", "newer than the history"])
def test_without_a_whole_state_it_begins_anew(
    how: str, store: RunStore, tmp_path: Path, read: Callable[[Run], Outcome]
) -> None:
    whole, run = queue(store), queue(store)
    train(store, whole.id)
    stop_at(store, run, 4)
    path = tmp_path / "data" / "runs" / run.id / "training.safetensors"
    match how:
        case "gone":
            path.unlink()
        case "damaged":
            content = bytearray(path.read_bytes())
            content[len(content) // 2] ^= 1
            path.write_bytes(content[:-1])
        case "of another run":
            other = queue(store, "mog")
            stop_at(store, other, 1)
            store.states.save(run.id, store.states.load(other.id))
        case _:
            newer = store.states.load(run.id) | {"epoch": torch.tensor(5)}
            store.states.save(run.id, newer)
    store.requeue(run.id, "the server had been stopped")
    train(store, run.id)
    check_same(read(run), read(whole))
    assert store.get(run.id).note == (
        "Began anew after the server had been stopped: there was nothing whole to go on from."
    )


def test_what_was_written_after_the_state_is_forgotten(
    store: RunStore, read: Callable[[Run], Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if it had been killed: epochs, snapshots and weights are newer than the state."""
    whole, run = queue(store), queue(store)
    train(store, whole.id)
    stop_at(store, run, 5)
    old = store.states.load(run.id)
    store.requeue(run.id, "it had been stopped")
    stop_at(store, run, 12)
    store.states.save(run.id, old)
    store.requeue(run.id, "it had been stopped")
    seen = []
    train(store, run.id, watch=lambda epoch: seen.append(epoch.epoch))
    assert seen[0] == 6
    check_same(read(run), read(whole))


def test_who_cannot_go_on_is_told_why(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(run: Run) -> str:
        with pytest.raises(RunStateError) as error:
            store.requeue(run.id, "")
        return error.value.detail

    run = queue(store)
    assert "waits for its turn already" in refused(run)
    store.claim(run.id)
    assert "is training already" in refused(run)
    store.finish(run.id, "finished")
    assert "there is nothing to go on with" in refused(run)
    # Of an older version.
    run = queue(store)
    store.finish(run.id, "failed", resumable=False)
    assert "older Priorscope" in refused(run)
    config = {"prior": {"kind": "flow"}, "training": {"learning_rate": 0.9, "weight_decay": 0.0}}
    run = store.create(RunConfig.model_validate(config))
    train(store, run.id)
    failed = store.get(run.id)
    assert (failed.status, failed.resumable) == ("failed", False)
    assert "would only diverge again" in refused(failed)
    assert store.states.of_runs() == []


def test_an_unexpected_failure_can_go_on(
    store: RunStore, read: Callable[[Run], Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, run = queue(store), queue(store)
    train(store, whole.id)
    stop_at(store, run, 2)
    store.requeue(run.id, "it had been stopped")

    def fail(*_: Any, **__: Any) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as full:
        full.setattr(training, "measure", fail)
        train(store, run.id)
    assert store.get(run.id).status == "failed"
    assert store.get(run.id).resumable
    store.requeue(run.id, "it had failed")
    train(store, run.id)
    check_same(read(run), read(whole))


def test_a_server_takes_up_what_servers_left_and_nothing_else(store: RunStore) -> None:
    mine, stopped, commands, cancelled = (queue(store) for _ in range(4))
    for run, trainer in ((mine, "server"), (stopped, "server"), (commands, "command")):
        store.claim(run.id, trainer)
    store.finish(stopped.id, "interrupted")
    store.request_stop(cancelled.id, "cancelled")
    # Closed to begin with, so that nothing is trained.
    jobs = TrainingJobs(store, Settings(workers=1), trainer="server")
    jobs._fill = lambda: None
    jobs.recover()
    states = {run.id: store.get(run.id).status for run in (mine, stopped, commands, cancelled)}
    assert list(states.values()) == ["queued", "queued", "interrupted", "cancelled"]
    assert store.get(mine.id).note == (
        "Goes on when its turn comes, after the server had ended unexpectedly."
    )
    assert store.get(stopped.id).note == (
        "Goes on when its turn comes, after the server had been stopped."
    )
    assert store.get(commands.id).resumable
    assert jobs.waiting == 2


def test_the_states_of_runs_that_are_over_are_tidied_up(store: RunStore) -> None:
    finished, interrupted = queue(store), queue(store)
    for run in (finished, interrupted):
        stop_at(store, run, 1)
    state = store.states.load(finished.id)
    store.requeue(finished.id, "")
    store.claim(finished.id)
    store.finish(finished.id, "finished")
    store.states.save(finished.id, state)
    store.tidy()
    assert store.states.of_runs() == [interrupted.id]


@pytest.mark.parametrize("how", ["stopped", "dead"])
def test_on_the_command_line(
    how: str,
    store: RunStore,
    tmp_path: Path,
    read: Callable[[Run], Outcome],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    whole, run = queue(store), queue(store)
    train(store, whole.id)
    if how == "stopped":
        stop_at(store, run, 3, "cancelled")
    else:
        # Nobody holds the lock of this one.
        store.claim(run.id)
    resume = ("resume", run.id, "--data-dir", str(tmp_path / "data"))
    assert status_of(monkeypatch, *resume, "--id-only") == 0
    shown = capsys.readouterr()
    assert shown.out == f"{run.id}\n"
    assert f"finished after {EPOCHS} of {EPOCHS} epochs" in shown.err
    check_same(read(run), read(whole))
    note = store.get(run.id).note
    assert note is not None
    assert note.startswith("Resumed at epoch 3, after it had been" if how == "stopped" else "Began")
    assert status_of(monkeypatch, *resume) == 1
    assert "there is nothing to go on with" in capsys.readouterr().err


def test_on_the_command_line_of_a_server(
    run: Run,
    server: ServerProcess,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert status_of(monkeypatch, "resume", run.id, "--server", server.url) == 1
    assert "there is nothing to go on with" in capsys.readouterr().err
    assert status_of(monkeypatch, "resume", "x", "--server", "y", "--data-dir", "z") == 1
    assert "leave out --data-dir" in capsys.readouterr().err


def test_over_http(client: PriorscopeClient, until: Callable[..., None], endless: Run) -> None:
    with pytest.raises(ProblemError, match="is training already") as refused:
        client.resume_run(endless.id)
    assert refused.value.status == 409
    with pytest.raises(ProblemError) as refused:
        client.resume_run("nobody")
    assert refused.value.status == 404
    client.cancel_run(endless.id)
    until(lambda: client.run(endless.id).ended)
    cancelled = client.run(endless.id)
    assert cancelled.resumable
    assert cancelled.metrics is not None
    resumed = client.resume_run(endless.id)
    assert (resumed.metrics, resumed.finished_at, resumed.resumable) == (None, None, False)
    until(lambda: client.run(endless.id).progress.epoch > cancelled.progress.epoch)
    note = client.run(endless.id).note
    assert note == f"Resumed at epoch {cancelled.progress.epoch}, after it had been cancelled."
    # It goes on with the history that it had.
    epochs = client.history(endless.id).epoch
    assert epochs == list(range(1, len(epochs) + 1))
    run = client.create_run(brief())
    until(lambda: client.run(run.id).ended)
    with pytest.raises(ProblemError, match="nothing to go on with"):
        client.resume_run(run.id)
