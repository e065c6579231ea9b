"""What is removed where somebody asked for that, and what never is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch

from backend import cli
from backend.client import ProblemError
from backend.retention import Retention, Rule
from backend.storage import RunStore
from models.config import RunConfig
from tests.backend.conftest import brief

if TYPE_CHECKING:
    from tests.conftest import Serve

Until = Callable[[Callable[[], object]], None]
CONFIG = RunConfig.model_validate(brief())
STATES = ["finished", "running", "failed", "queued", "cancelled", "interrupted", "finished"]


@pytest.fixture
def names(store: RunStore) -> dict[str, str]:
    """Fill the store with a run in each state, the oldest first; their ids by their names."""
    ids = {}
    for number, status in enumerate(STATES):
        run = store.create(CONFIG, f"{number} {status}")
        ids[run.name] = run.id
        if status == "queued":
            continue
        store.claim(run.id)
        for epoch in (0, 5, 9):
            store.record(run.id, [], None, {epoch: {"loc": torch.zeros(2)}})
        store.save_weights(run.id, {"weight": torch.ones(1)})
        if status != "running":
            store.finish(run.id, status)
    return ids


def left(store: RunStore) -> list[str]:
    return [run.name for run in store.list(sort="created_at").items]


def snapshots(store: RunStore, ids: dict[str, str]) -> dict[str, list[int]]:
    return {name: list(store.snapshot_epochs(ids[name])) for name in left(store)}


def follow(store: RunStore, *rule: int | None) -> None:
    Retention(store, Rule(*rule)).follow()


def test_the_newest_ended_runs_are_kept(
    store: RunStore, names: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    follow(store, None, None)
    follow(store, 4, None)
    assert left(store) == list(names)
    follow(store, 2, None)
    # Those that are not through are neither counted nor touched.
    assert left(store) == [
        *("1 running", "3 queued", "4 cancelled", "5 interrupted", "6 finished"),
    ]
    assert f"Removed run {names['0 finished']} “0 finished”" in caplog.text
    assert not (store.checkpoints.folder / names["2 failed"]).exists()
    assert {event.kind for event in store.events_after(0, run_id=names["2 failed"])} == {"deleted"}


def test_older_runs_keep_their_last_snapshot(store: RunStore, names: dict[str, str]) -> None:
    follow(store, None, 1)
    whole = [0, 5, 9]
    assert snapshots(store, names) == {
        "0 finished": [9],
        "1 running": whole,
        "2 failed": [9],
        "3 queued": [],
        "4 cancelled": [9],
        "5 interrupted": whole,
        "6 finished": whole,
    }
    assert store.load_weights(names["0 finished"])[0] == 1


def test_it_follows_what_happens(store: RunStore) -> None:
    retention = Retention(store, Rule(1, 0))
    for name in ("first", "second"):
        run = store.create(CONFIG, name)
        store.claim(run.id)
        for epoch in (0, 5):
            store.record(run.id, [], None, {epoch: {"loc": torch.zeros(2)}})
        retention.follow()
        assert list(store.snapshot_epochs(run.id)) == [0, 5]
        store.finish(run.id, "finished")
        retention.follow()
        assert left(store) == [name]
        assert list(store.snapshot_epochs(run.id)) == [5]


def test_by_hand(
    store: RunStore,
    names: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data_dir = ("--data-dir", str(store.checkpoints.folder.parent))

    def prune(*options: str) -> tuple[object, str]:
        monkeypatch.setattr(sys, "argv", ["priorscope", "prune", *options, *data_dir])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        shown = capsys.readouterr()
        return ended.value.code, shown.out + shown.err

    status, shown = prune()
    assert (status, "Say what to keep" in shown) == (1, True)
    options = ("--keep-runs", "3", "--keep-snapshots", "2")
    status, shown = prune(*options, "--dry-run")
    assert (status, shown) == (
        0,
        f"Would remove run {names['0 finished']} “0 finished”.\n"
        f"Would remove all snapshots but the last of run {names['2 failed']} “2 failed”.\n",
    )
    assert left(store) == list(names)
    assert prune(*options) == (0, shown.replace("Would remove", "Removed"))
    assert left(store) == list(names)[1:]
    assert list(store.snapshot_epochs(names["2 failed"])) == [9]
    assert prune(*options) == (0, "There is nothing to remove.\n")


def test_a_server_does_it_by_itself(serve: Serve, tmp_path: Path, until: Until) -> None:
    """Frozen runs hold all that they need: what they came from may go."""
    server = serve(tmp_path / "data", workers=1, keep_runs=1, keep_snapshots=0)
    client = server.client
    source = client.create_run(brief(epochs=3))
    assert list(client.events(source.id))[-1].data["status"] == "finished"
    until(lambda: client.snapshots(source.id) == [3])
    body: dict[str, Any] = {"prior": {"kind": "mog"}, "training": {"epochs": 2}}
    frozen = client.create_run(body, frozen_from=source.id)
    until(lambda: client.run(frozen.id).status == "finished")
    until(lambda: [run.id for run in client.runs().items] == [frozen.id])
    until(lambda: len(client.snapshots(frozen.id)) == 1)
    assert client.points(frozen.id).count == 447
    with pytest.raises(ProblemError, match="that is kept is that of epoch 2") as early:
        client.points(frozen.id, epoch=1)
    assert early.value.status == 422
    assert "Removed run" in server.log.read_text()
    server.stop()
