"""The latent space of every stored epoch, over HTTP."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from fastapi import Request

from backend.api import shared_route
from backend.client import PriorscopeClient, ProblemError
from backend.explore import Explorer
from backend.schemas import Epoch, Run
from backend.settings import Settings
from backend.storage import RunStore
from backend.training import StopSignal, train
from models.config import RunConfig
from tests.backend.conftest import brief

if TYPE_CHECKING:
    from tests.conftest import ServerProcess

Until = Callable[[Callable[[], object]], None]


def test_every_epoch_of_a_short_run_is_stored(
    client: PriorscopeClient, finished: dict[str, Run]
) -> None:
    for run in finished.values():
        assert client.snapshots(run.id) == [0, 1, 2]
        progress = [e.data["snapshot"] for e in client.events(run.id) if e.kind == "progress"]
        assert progress[0] == 0
        assert progress[-1] == 2
        assert progress == sorted(progress)


def test_the_snapshot_of_the_best_epoch_is_what_the_weights_say(
    client: PriorscopeClient, finished: dict[str, Run]
) -> None:
    for run in finished.values():
        now, then = client.points(run.id), client.points(run.id, epoch=run.best_epoch)
        assert (now.epoch, then.epoch) == (None, run.best_epoch)
        assert (now.checkpoint, then.checkpoint) == (run.checkpoint, 0)
        np.testing.assert_array_equal(now.loc, then.loc)
        np.testing.assert_array_equal(now.scale, then.scale)
        np.testing.assert_array_equal(now.index, then.index)
        box = client.density(run.id, resolution=8).bounds
        for field in ("prior", "aggregated_posterior", "log_ratio"):
            asked: dict[str, Any] = {"field": field, "resolution": 32, "bounds": box}
            fields = [
                client.density(run.id, **asked, epoch=epoch, split="test")
                for epoch in (None, run.best_epoch)
            ]
            np.testing.assert_allclose(fields[1].values, fields[0].values, rtol=1e-4, atol=1e-4)
            assert fields[1].epoch == run.best_epoch
        holes, once = (client.holes(run.id, tau=3.0, epoch=e) for e in (None, run.best_epoch))
        assert once.hole_mass.value == pytest.approx(holes.hole_mass.value, abs=1e-5)
        assert [hole.contour for hole in once.holes] == [hole.contour for hole in holes.holes]
        assert all(hole.at_peak is None for hole in once.holes)
        assert all(hole.at_peak is not None for hole in holes.holes)
        parts, part = (client.anatomy(run.id, epoch=e) for e in (None, run.best_epoch))
        assert (part.kind, part.what) == (parts.kind, parts.what)
        if parts.components is not None and part.components is not None:
            np.testing.assert_array_equal(part.components.loc, parts.components.loc)
        if parts.pseudo_inputs is not None:
            np.testing.assert_array_equal(part.pseudo_inputs, parts.pseudo_inputs)
        if parts.lines is not None:
            np.testing.assert_allclose(part.lines, parts.lines, rtol=1e-5, atol=1e-6)


def test_training_moves_the_points_and_the_prior(client: PriorscopeClient, run: Run) -> None:
    locs = [client.points(run.id, epoch=epoch).loc for epoch in (0, 1, 2)]
    assert not np.array_equal(locs[0], locs[1])
    assert not np.array_equal(locs[1], locs[2])
    first, last = (client.anatomy(run.id, epoch=epoch).components for epoch in (0, 2))
    assert first is not None
    assert last is not None
    assert not np.array_equal(first.loc, last.loc)


def trained(store: RunStore, epochs: int, **options: Any) -> Run:
    """Train in this process and interrupt after that epoch, so that nothing is measured."""
    torch.set_num_threads(1)
    training = {"epochs": 99, "patience": 99, "validation_samples": 1, "batch_size": 1000}
    body = {"prior": {"kind": "flow"}, "network": {"hidden": [8]}, "training": training}
    run, stop = store.create(RunConfig.model_validate(body | options)), StopSignal()

    def watch(epoch: Epoch) -> None:
        if epoch.epoch == epochs:
            stop.here = "interrupted"

    train(store, run.id, stop, watch)
    return store.get(run.id)


def test_between_two_snapshots_the_earlier_one_answers(store: RunStore) -> None:
    run = trained(store, epochs=23)
    # The last epoch is stored though it is not one of those that usually are.
    assert list(store.snapshot_epochs(run.id)) == [*range(21), 22, 23]
    explorer = Explorer(store, Settings())
    answers = {epoch: explorer.points(run, "test", epoch).epoch for epoch in (0, 21, 22, 10**9)}
    assert answers == {0: 0, 21: 20, 22: 22, 10**9: 23}


def test_a_running_run_shows_its_snapshots(
    client: PriorscopeClient, endless: Run, until: Until
) -> None:
    until(lambda: len(client.snapshots(endless.id)) > 2)
    response = client.http.get(f"/api/runs/{endless.id}/points?epoch=1")
    assert response.json()["epoch"] == 1
    assert response.headers["cache-control"] == "no-cache"
    assert "etag" not in response.headers


def test_an_answer_while_a_run_trains_is_not_taken_for_one_of_its_end(store: RunStore) -> None:
    ended = trained(store, epochs=1)
    running = ended.model_copy(update={"status": "running"})
    app = SimpleNamespace(state=SimpleNamespace(store=store))
    for path, path_params in (("/api/overview", {}), ("/api/runs/a/points", {"run_id": ended.id})):
        scope = {"type": "http", "app": app, "path": path, "path_params": path_params}
        request = Request(scope | {"query_string": b""})
        tags = [shared_route._headers(request, [run]).get("ETag") for run in (running, ended)]
        assert tags[0] != tags[1]
        keys = [shared_route._key(request, [run]) for run in (running, ended)]
        assert keys[0] != keys[1]


def test_a_run_without_snapshots_says_so(client: PriorscopeClient, server: ServerProcess) -> None:
    run = client.create_run(brief())
    list(client.events(run.id))
    folder = server.data_dir / "runs" / run.id / "snapshots"
    assert folder.exists()
    shutil.rmtree(folder)
    assert client.snapshots(run.id) == []
    with pytest.raises(ProblemError, match=r"No snapshot of “.*” was ever stored") as problem:
        client.density(run.id, epoch=0)
    assert problem.value.status == 422
    assert client.points(run.id).epoch is None
    client.delete_run(run.id)


def test_who_knows_snapshots_hears_that_they_were_removed(
    client: PriorscopeClient, server: ServerProcess
) -> None:
    run = client.create_run(brief())
    list(client.events(run.id))
    paths = ("snapshots", "points?epoch=0", "points")
    known = [client.http.get(f"/api/runs/{run.id}/{path}") for path in paths]
    folder = server.data_dir / "runs" / run.id / "snapshots"
    last = max(client.snapshots(run.id))
    for epoch in range(last):
        (folder / f"{epoch}.safetensors").unlink()
    epochs, then, now = (
        client.http.get(one.url, headers={"If-None-Match": one.headers["etag"]}) for one in known
    )
    assert (epochs.status_code, then.status_code, now.status_code) == (200, 422, 304)
    assert epochs.json() == {"epochs": [last]}
    client.delete_run(run.id)


def test_snapshots_of_other_dimensions(store: RunStore) -> None:
    run, explorer = trained(store, epochs=1, latent_dim=3), Explorer(store, Settings())
    assert explorer.points(run, "test", 0).loc.shape == (447, 3)
    holes = explorer.holes(run, 2.0, 1)
    assert holes.worst_samples == []
    assert holes.hole_mass.standard_error is not None
    assert explorer.anatomy(run, 1).lines is None
    density = explorer.density(run, "prior", 16, None, "train", 1)
    assert (density.epoch, density.reading) == (1, "marginal")
