"""Metrics, holes, anatomy and fields over HTTP, against what can be worked out from points."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import create_engine, text
from typer.testing import CliRunner

from backend.cli import app
from backend.client import PriorscopeClient, ProblemError
from backend.schemas import Run

FIELDS = ("prior", "aggregated_posterior", "log_ratio")


def log_q(client: PriorscopeClient, run: Run, z: NDArray[Any], split: Any = "train") -> Any:
    """log q(z) from the points of the split, by the textbook."""
    points = client.points(run.id, split=split)
    loc, scale = points.loc.astype(float), points.scale.astype(float)
    terms = -0.5 * ((z[:, None] - loc) / scale) ** 2 - np.log(scale * math.sqrt(2 * math.pi))
    terms = terms.sum(-1)
    top = terms.max(1, keepdims=True)
    return (top + np.log(np.exp(terms - top).mean(1, keepdims=True)))[:, 0]


@pytest.mark.parametrize("split", ["train", "test"])
def test_fields_agree_with_the_points(client: PriorscopeClient, run: Run, split: Any) -> None:
    prior, q, ratio = (
        client.density(run.id, field=field, resolution=64, split=split) for field in FIELDS
    )
    rows, columns = np.array([5, 30, 60]), np.array([60, 20, 2])
    z = np.stack([q.z1[columns], q.z2[rows]], axis=-1)
    found = q.values[rows, columns]
    np.testing.assert_allclose(found, log_q(client, run, z, split), rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(ratio.values, prior.values - q.values, rtol=1e-4, atol=1e-2)
    assert (ratio.integral, prior.smallest_scale, prior.note) == (None, None, None)


def test_the_aggregated_posterior_integrates_to_one(
    client: PriorscopeClient, finished: dict[str, Run]
) -> None:
    for run in finished.values():
        density = client.density(run.id, field="aggregated_posterior", resolution=400)
        assert density.integral == pytest.approx(1.0, abs=1e-3)


def test_a_grid_that_is_too_coarse_says_so(client: PriorscopeClient, run: Run) -> None:
    coarse = client.density(run.id, field="log_ratio", resolution=8, bounds=(-20, 20, -20, 20))
    assert coarse.note is not None
    assert "too coarse" in coarse.note
    assert coarse.step > coarse.smallest_scale
    z1, z2 = coarse.z1[3], coarse.z2[3]
    fine = client.density(run.id, field="log_ratio", bounds=(z1, z1 + 0.5, z2, z2 + 0.5))
    assert fine.note is None


def test_metrics_come_with_estimators_and_add_up(
    client: PriorscopeClient, finished: dict[str, Run]
) -> None:
    for run in finished.values():
        metrics = client.metrics(run.id)
        assert run.metrics is not None
        assert run.metrics.test == metrics.test
        for split in (metrics.train, metrics.test):
            left = split.cross_entropy.value - split.posterior_entropy.value
            right = split.mutual_information.value + split.marginal_kl.value
            assert left == pytest.approx(right, rel=1e-6)
            assert split.log_likelihood.estimator == "quadrature"
            assert split.log_likelihood.standard_error is None
            assert split.elbo.standard_error > 0
        assert set(metrics.hole_mass) == {"3", "10", "100"}
        curve = metrics.hole_curve
        assert (curve.epsilon[0], curve.epsilon[-1]) == (0.0, 1.0)
        assert curve.mass == sorted(curve.mass)
        at = curve.mass[curve.epsilon.index(0.05)]
        assert at == pytest.approx(metrics.hole_at_5_percent.value)
    raw = client.http.get("/api/runs", params={"limit": 1}).json()["items"][0]
    assert "hole_curve" not in (raw["metrics"] or {})


def test_runs_are_sorted_by_their_figures(
    client: PriorscopeClient, finished: dict[str, Run]
) -> None:
    read: dict[Any, Callable[[Any], float]] = {
        "log_likelihood": lambda m: m.test.log_likelihood.value,
        "marginal_kl": lambda m: m.train.marginal_kl.value,
        "hole_mass": lambda m: m.hole_mass["10"].value,
    }
    for key, value in read.items():
        values = [value(run.metrics) for run in client.runs(sort=key).items if run.metrics]
        assert len(values) >= 6
        assert values == sorted(values)


def test_a_running_run_has_no_metrics_yet(client: PriorscopeClient, endless: Run) -> None:
    with pytest.raises(ProblemError, match="measured when its training has ended") as problem:
        client.metrics(endless.id)
    assert problem.value.status == 409
    assert client.holes(endless.id).tau == 10.0


def test_metrics_of_older_estimators_are_made_anew(
    client: PriorscopeClient, server: Any, finished: dict[str, Run]
) -> None:
    run = finished["standard"]
    expected = client.metrics(run.id)
    database = create_engine(f"sqlite:///{server.data_dir}/priorscope.db")
    update = (
        "update runs set metrics = json_set(metrics, '$.version', 0, '$.reverse_kl.value', 7) "
        f"where id = '{run.id}'"
    )
    with database.begin() as connection:
        connection.execute(text(update))
    database.dispose()
    # Under another address, for the server keeps answers about runs that have ended.
    anew = client.http.get(f"/api/runs/{run.id}/metrics?again=1").raise_for_status().json()
    assert anew["reverse_kl"]["value"] == pytest.approx(expected.reverse_kl.value)
    stored = client.run(run.id).metrics
    assert stored is not None
    assert stored.version == expected.version


def test_holes_are_ranked_and_show_what_comes_out(
    client: PriorscopeClient, finished: dict[str, Run]
) -> None:
    run = finished["standard"]
    holes = client.holes(run.id, tau=3.0)
    assert holes.found >= len(holes.holes) > 0
    masses = [hole.mass for hole in holes.holes]
    assert masses == sorted(masses, reverse=True)
    assert sum(masses) <= holes.hole_mass.value + 1e-6
    assert sum(masses) > holes.hole_mass.value - 0.01
    for hole in holes.holes[:3]:
        place = hole.at_peak
        z = np.array([hole.peak])
        decoded = client.decode(run.id, z.tolist())
        np.testing.assert_array_equal(decoded.images[0], place.image)
        ratio = decoded.log_prior - decoded.log_aggregated_posterior
        assert ratio[0] == pytest.approx(hole.log_ratio_at_peak, abs=1e-3)
        assert ratio[0] >= math.log(3.0)
        assert ratio[0] == pytest.approx(
            decoded.log_prior[0] - log_q(client, run, z)[0], rel=1e-4, abs=1e-2
        )
        assert hole.contour[0][0] == hole.contour[0][-1]
    metrics = client.metrics(run.id)
    assert holes.hole_mass.value == pytest.approx(metrics.hole_mass["3"].value, abs=2e-3)


def test_a_click_tells_the_nearest_image_and_the_drift(client: PriorscopeClient, run: Run) -> None:
    z = [[0.3, -0.4], [2.0, 1.0]]
    decoded = client.decode(run.id, z, nearest=3)
    images = client.dataset_images("digits", split="train")
    pixels = images.images.reshape(1000, -1) / 255.0
    for row in range(2):
        distance = np.linalg.norm(pixels - decoded.images[row].reshape(-1) / 255.0, axis=1)
        best = decoded.nearest.index[row, 0]
        assert distance[best] == pytest.approx(distance.min(), abs=0.02)
        assert decoded.nearest.distance[row, 0] == pytest.approx(distance[best], abs=0.02)
        assert decoded.nearest.label[row, 0] == images.label[best]
        assert list(decoded.nearest.distance[row]) == sorted(decoded.nearest.distance[row])
    assert decoded.reencoded is not None
    drift = np.linalg.norm(decoded.reencoded.loc - np.array(z), axis=1)
    np.testing.assert_allclose(decoded.reencoded.drift, drift, rtol=1e-4)
    brief = client.decode(run.id, z, nearest=0, reencode=False)
    assert brief.nearest.index.shape == (2, 0)
    assert brief.reencoded is None
    np.testing.assert_array_equal(brief.images, decoded.images)


def test_encoding_a_picture_finds_its_point(client: PriorscopeClient, run: Run) -> None:
    points = client.points(run.id, split="test")
    pictures = client.dataset_images("digits", split="test", index=[0, 7]).images
    encoded = client.encode(run.id, pictures.tolist())
    np.testing.assert_allclose(encoded.loc, points.loc[[0, 7]], atol=0.05)
    again = client.decode(run.id, encoded.loc.tolist()).images
    np.testing.assert_array_equal(encoded.reconstruction, again)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ([[[0.0] * 8] * 7], "8 rows of 8 pixels"),
        ([[[0.0] * 9] * 8], "8 rows of 8 pixels"),
        ([[[256.0] * 8] * 8], "from 0 to 255"),
    ],
)
def test_pictures_of_another_kind_are_refused(
    client: PriorscopeClient, run: Run, x: Any, message: str
) -> None:
    with pytest.raises(ProblemError, match=message) as problem:
        client.encode(run.id, x)
    assert problem.value.status == 422


def test_the_anatomy_of_every_prior(client: PriorscopeClient, finished: dict[str, Run]) -> None:
    for kind, run in finished.items():
        anatomy = client.anatomy(run.id)
        assert anatomy.kind == kind
        if anatomy.components is not None:
            assert anatomy.components.loc.shape == anatomy.components.scale.shape == (16, 2)
            assert anatomy.components.weights.sum() == pytest.approx(1.0, abs=1e-5)
            assert 1.0 <= anatomy.components.effective_number <= 16.001
        if anatomy.pseudo_inputs is not None:
            assert anatomy.pseudo_inputs.shape == (16, 8, 8)
    assert len(client.anatomy(finished["gtm"].id).lines or []) == 8


def test_samples_carry_their_log_ratio(client: PriorscopeClient, run: Run) -> None:
    samples = client.samples(run.id, n=9)
    expected = samples.log_prior - log_q(client, run, samples.z.astype(float))
    np.testing.assert_allclose(samples.log_ratio, expected, rtol=1e-3, atol=1e-2)


def test_more_dimensions_list_the_worst_samples(client: PriorscopeClient, solid: Run) -> None:
    holes = client.holes(solid.id, tau=2.0)
    assert holes.hole_mass.standard_error is not None
    ratios = [place.log_ratio for place in holes.worst_samples]
    assert len(ratios) == 12
    assert ratios == sorted(ratios, reverse=True)
    assert len(holes.worst_samples[0].z) == 3
    metrics = client.metrics(solid.id)
    assert metrics.test.log_likelihood.estimator == "importance_weighted"
    assert metrics.grid is None
    assert client.anatomy(solid.id).lines is None


@pytest.mark.parametrize("tau", ["1", "0", "-3", "nan", "inf", "x"])
def test_a_threshold_that_is_none_is_refused(client: PriorscopeClient, run: Run, tau: str) -> None:
    answer = client.http.get(f"/api/runs/{run.id}/holes", params={"tau": tau})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "tau"


def test_the_command_lists_the_holes(
    client: PriorscopeClient, server: Any, finished: dict[str, Run]
) -> None:
    run = finished["standard"]
    options = [run.id, "--tau", "3", "--data-dir", str(server.data_dir)]
    shown = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["holes", *options])
    assert shown.exit_code == 0, shown.output
    holes = client.holes(run.id, tau=3.0)
    assert f"{len(holes.holes)} of {holes.found} holes" in shown.output
    assert f"{holes.holes[0].mass:.4f}" in shown.output
    assert f"{100 * holes.hole_mass.value:.2f}" in shown.output
