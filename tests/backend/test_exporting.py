"""A run as a file: everything in it is what the routes say, in formats that others read."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load

from backend.client import PriorscopeClient
from backend.schemas import CreateRun, Run
from tests.backend.test_cli import status_of


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_all_of_a_run_is_in_it(client: PriorscopeClient, run: Run) -> None:
    content = client.export_run(run.id)
    assert content == client.export_run(run.id)
    files = members(content)
    assert CreateRun.model_validate_json(files["config.json"]).prior == run.config.prior
    assert json.loads(files["run.json"])["id"] == run.id
    metrics = json.loads(files["metrics.json"])
    assert metrics["test"]["elbo"]["value"] == client.metrics(run.id).test.elbo.value
    assert len(json.loads(files["history.json"])["epoch"]) == run.progress.epoch
    points = np.load(io.BytesIO(files["points.npz"]))
    assert {len(points[f"{split}_loc"]) for split in ("train", "validation", "test")} == {
        1000,
        350,
        447,
    }
    assert (points["test_loc"] == client.points(run.id).loc).all()
    assert (points["test_index"] == client.points(run.id).index).all()
    grids = np.load(io.BytesIO(files["grids.npz"]))
    density = client.density(run.id, resolution=256)
    assert np.allclose(grids["log_prior"], density.values, atol=1e-4)
    assert (grids["z2"] == density.z2).all()
    cell = (grids["z1"][1] - grids["z1"][0]) * (grids["z2"][1] - grids["z2"][0])
    mass = np.exp(grids["log_aggregated_posterior"].astype(float)).sum() * cell
    assert mass == pytest.approx(1.0, abs=5e-3)


def test_its_weights_are_those_that_encode(client: PriorscopeClient, run: Run) -> None:
    """The first layer alone, by hand, of the file that others would read."""
    weights = load(members(client.export_run(run.id))["weights.safetensors"])
    assert all(torch.isfinite(tensor).all() for tensor in weights.values())
    assert {name.partition(".")[0] for name in weights} >= {"encoder", "decoder"}


def test_in_more_dimensions_the_plane_comes_along(client: PriorscopeClient, solid: Run) -> None:
    grids = np.load(io.BytesIO(members(client.export_run(solid.id))["grids.npz"]))
    assert grids["origin"].shape == (3,)
    assert np.allclose(grids["axes"] @ grids["axes"].T, np.eye(2), atol=1e-5)
    assert grids["log_prior"].shape == (256, 256)


def test_the_command_writes_it_and_replaces_nothing(
    client: PriorscopeClient,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    target = tmp_path / "run.zip"
    options = ("export", run.id, str(target), "--server", str(client.http.base_url))
    assert status_of(monkeypatch, *options) == 0
    assert target.read_bytes() == client.export_run(run.id)
    assert status_of(monkeypatch, *options) == 1
    assert "is there already" in capsys.readouterr().err
    assert status_of(monkeypatch, "export", "nothing", "--data-dir", str(tmp_path / "data")) == 1
    assert "nothing" in capsys.readouterr().err
