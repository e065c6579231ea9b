"""Planes of latent spaces with more than two dimensions, and lines, over HTTP."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from backend.cli import app
from backend.client import PriorscopeClient, ProblemError
from backend.explore_schemas import PlaneInfo
from backend.schemas import Run

SMALL = {"network": {"hidden": [16]}, "training": {"epochs": 1, "warmup_epochs": 0}}
POINTS = "points:0,0,0;1,1,0;0,1,2"


@pytest.fixture(scope="module")
def flow(client: PriorscopeClient) -> Run:
    """A finished run with a flow over three dimensions."""
    prior = {"kind": "flow", "num_couplings": 3, "hidden_width": 16}
    run = client.create_run({"prior": prior, "latent_dim": 3} | SMALL)
    assert list(client.events(run.id)), "nothing happened"
    return client.run(run.id)


@pytest.fixture(scope="module")
def line(client: PriorscopeClient) -> Run:
    """A finished run whose latent space is a line."""
    run = client.create_run({"prior": {"kind": "standard"}, "latent_dim": 1} | SMALL)
    assert list(client.events(run.id)), "nothing happened"
    return client.run(run.id)


def lifted(plane: PlaneInfo, a: float, b: float) -> list[float]:
    z: list[float] = (np.array(plane.origin) + np.array([a, b]) @ np.array(plane.axes)).tolist()
    return z


@pytest.mark.parametrize("asked", ["axes:3,1", "pca", "pca:3,2", POINTS])
def test_a_plane_says_where_it_lies(client: PriorscopeClient, solid: Run, asked: str) -> None:
    plane = client.plane(solid.id, plane=asked)
    assert plane.plane == {"pca": "pca:1,2"}.get(asked, asked)
    assert plane.checkpoint == solid.checkpoint
    axes = np.array(plane.axes)
    np.testing.assert_allclose(axes @ axes.T, np.eye(2), atol=1e-12)
    loc = client.points(solid.id, split="train").loc.astype(float)
    shown = (loc - plane.origin) @ axes.T
    low, high = shown.min(0), shown.max(0)
    a_min, a_max, b_min, b_max = plane.bounds
    assert a_min < low[0] < high[0] < a_max
    assert b_min < low[1] < high[1] < b_max
    draws = client.samples(solid.id, n=4096)
    assert (draws.log_prior < plane.edge[0]).mean() == pytest.approx(0.001, abs=0.002)
    shares = plane.explained + [direction.explained for direction in plane.directions]
    assert all(0 <= share <= 1 for share in shares)
    if plane.directions:
        assert sum(shares) == pytest.approx(1.0)
        (beside,) = plane.directions
        np.testing.assert_allclose(axes @ beside.axis, 0.0, atol=1e-9)
        assert beside.low < beside.mean < beside.high
        assert beside.value == pytest.approx(beside.mean)


def test_the_default_plane_shows_the_most_of_q(client: PriorscopeClient, solid: Run) -> None:
    usual = client.plane(solid.id)
    assert (usual.plane, usual.names) == ("pca:1,2", ("PC 1", "PC 2"))
    for other in ("pca:1,3", "axes:1,2", "axes:1,3", "axes:2,3"):
        assert sum(client.plane(solid.id, plane=other).explained) <= sum(usual.explained) + 1e-9


def test_a_plane_moves_beside_itself(client: PriorscopeClient, solid: Run) -> None:
    moved = client.plane(solid.id, plane="axes:3,1", at=[7.0, 0.5, -7.0])
    assert moved.names == ("z3", "z1")
    assert moved.origin == [0.0, 0.5, 0.0]
    assert [(each.name, each.value) for each in moved.directions] == [("z2", 0.5)]
    pca = client.plane(solid.id, at=[0.3, 0.4, 0.5])
    a, b = (np.array([0.3, 0.4, 0.5]) - pca.origin) @ np.array(pca.axes).T
    np.testing.assert_allclose(lifted(pca, a, b), [0.3, 0.4, 0.5])


def test_a_slice_is_the_density_of_decoded_points(
    client: PriorscopeClient, solid: Run, flow: Run
) -> None:
    at = [0.1, -0.2, 0.3]
    for run in (solid, flow):
        for plane in ("axes:1,3", "pca"):
            asked: dict[str, Any] = {"plane": plane, "at": at, "reading": "slice"}
            field = client.density(run.id, field="log_ratio", resolution=16, **asked)
            assert (field.reading, field.estimator, field.samples) == ("slice", "closed_form", None)
            assert field.integral is None
            assert field.plane is not None
            z = lifted(field.plane, field.z1[4], field.z2[11])
            decoded = client.decode(run.id, [z])
            ratio = decoded.log_prior[0] - decoded.log_aggregated_posterior[0]
            assert field.values[11, 4] == pytest.approx(ratio, rel=1e-4, abs=1e-3)


def test_a_marginal_of_q_follows_from_the_points(client: PriorscopeClient, solid: Run) -> None:
    points = client.points(solid.id, split="train")
    field = client.density(solid.id, field="aggregated_posterior", plane="axes:1,3", resolution=200)
    assert (field.reading, field.estimator) == ("marginal", "closed_form")
    assert field.integral == pytest.approx(1.0, abs=2e-3)
    loc, scale = points.loc[:, [0, 2]].astype(float), points.scale[:, [0, 2]].astype(float)
    for row, column in [(90, 100), (50, 20)]:
        u = np.array([field.z1[column], field.z2[row]])
        terms = -0.5 * ((u - loc) / scale) ** 2 - np.log(scale * math.sqrt(2 * math.pi))
        expected = np.log(np.exp(terms.sum(1)).mean())
        assert field.values[row, column] == pytest.approx(expected, rel=1e-4, abs=1e-3)
    elsewhere = client.density(
        solid.id,
        field="aggregated_posterior",
        plane="axes:1,3",
        resolution=200,
        at=[0.0, 5.0, 0.0],
    )
    np.testing.assert_array_equal(elsewhere.values, field.values)


def test_a_flow_s_marginal_says_that_it_is_drawn(client: PriorscopeClient, flow: Run) -> None:
    field = client.density(flow.id, field="prior", plane="pca", resolution=64)
    assert (field.reading, field.estimator, field.samples) == ("marginal", "monte_carlo", 16_384)
    assert field.integral == pytest.approx(1.0, abs=0.02)
    assert 0.005 < field.standard_error < 0.1
    assert field.plane is not None
    z = client.samples(flow.id, n=4096).z.astype(float)
    inside = ((z - field.plane.origin) @ np.array(field.plane.axes).T)[:, 0] < field.z1[32]
    cells = np.exp(field.values) * (field.z1[1] - field.z1[0]) * (field.z2[1] - field.z2[0])
    assert cells[:, :32].sum() == pytest.approx(inside.mean(), abs=0.04)
    exact = client.density(flow.id, field="aggregated_posterior", plane="pca", resolution=16)
    assert (exact.estimator, exact.samples, exact.standard_error) == ("closed_form", None, None)


def test_holes_of_a_plane_are_cylinders(client: PriorscopeClient, solid: Run, flow: Run) -> None:
    for run, estimator in ((solid, "quadrature"), (flow, "monte_carlo")):
        holes = client.holes(run.id, tau=1.5, plane="axes:1,3")
        assert holes.plane is not None
        assert holes.plane.plane == "axes:1,3"
        assert holes.hole_mass.estimator == "monte_carlo"
        assert holes.plane_hole_mass is not None
        assert holes.plane_hole_mass.estimator == estimator
        assert len(holes.holes) > 0
        assert sum(hole.mass for hole in holes.holes) <= holes.plane_hole_mass.value + 1e-6
        first = holes.holes[0]
        assert first.at_peak is not None
        assert len(first.at_peak.z) == 3
        beside = math.dist((first.at_peak.z[0], first.at_peak.z[2]), first.peak)
        assert beside < 0.5
        assert first.contour[0][0] == first.contour[0][-1]
        past = client.holes(run.id, tau=1.5, plane="axes:1,3", epoch=0)
        assert past.epoch == 0
        assert [hole.at_peak for hole in past.holes] == [None] * len(past.holes)


def test_the_plane_stays_put_as_epochs_go_by(client: PriorscopeClient, solid: Run) -> None:
    now, before = (client.density(solid.id, resolution=8, epoch=epoch) for epoch in (None, 0))
    assert now.plane is not None
    assert before.plane is not None
    assert (now.plane.axes, now.plane.origin) == (before.plane.axes, before.plane.origin)
    assert now.plane.explained != before.plane.explained


def test_a_manifold_lies_on_the_plane(client: PriorscopeClient, solid: Run) -> None:
    at = [0.0, 0.7, 0.0]
    manifold = client.manifold(solid.id, resolution=4, plane="axes:1,3", at=at)
    assert manifold.plane is not None
    z = [lifted(manifold.plane, manifold.z1[2], manifold.z2[1])]
    assert z[0][1] == 0.7
    tile = manifold.sprite[2 * 8 : 3 * 8, 2 * 8 : 3 * 8]
    np.testing.assert_array_equal(tile, client.decode(solid.id, z).images[0])


def test_lines_of_a_grid_pass_through_its_components(client: PriorscopeClient) -> None:
    run = client.create_run({"prior": {"kind": "gtm", "grid_size": 2}, "latent_dim": 3} | SMALL)
    assert list(client.events(run.id)), "nothing happened"
    anatomy = client.anatomy(run.id)
    assert anatomy.components is not None
    assert anatomy.lines is not None
    assert len(anatomy.lines) == 4
    np.testing.assert_allclose(anatomy.lines[0], anatomy.components.loc[:2], rtol=1e-6)


REFUSED = [
    ("plane=axes:1,1", "plane", "two different coordinates; both are 1"),
    ("plane=axes:1,4", "plane", "no coordinate 4; this latent space has 1 to 3"),
    ("plane=axes:0,1", "plane", "no coordinate 0"),
    ("plane=axes:1", "plane", "two whole numbers"),
    ("plane=axes:1,x", "plane", "two whole numbers"),
    ("plane=axes:-1,2", "plane", "two whole numbers"),
    ("plane=axes:1,99999999999999999999", "plane", "two whole numbers"),
    ("plane=pca:2,2", "plane", "two different principal components; both are 2"),
    ("plane=pca:1,5", "plane", "no principal component 5"),
    ("plane=tsne", "plane", "is no plane. It is axes:1,3"),
    ("plane=", "plane", "is no plane"),
    ("plane=points:0,0,0;1,1,1", "plane", "There are 2 points"),
    ("plane=points:0,0,0;1,1,1;2,2", "plane", "2 coordinates; this run's latent space has 3"),
    ("plane=points:0,0,0;1,1,1;2,2,2", "plane", "lie on one line"),
    ("plane=points:0,0,0;1,1,1;1,1,1", "plane", "are the same"),
    ("plane=points:0,0,0;1,1,nan;1,0,1", "plane", "3 finite numbers within"),
    ("plane=points:0,0,0;1,1,2e6;1,0,1", "plane", "3 finite numbers within"),
    ("plane=points:0,0,0;1,1,one;1,0,1", "plane", "3 finite numbers within"),
    (f"plane={POINTS}&at=0,0,0", "at", "Leave “at” out"),
    ("at=0,0", "at", "A point has 2 coordinates"),
    ("at=0,0,inf", "at", "3 finite numbers within"),
]


@pytest.mark.parametrize(("query", "field", "message"), REFUSED)
def test_a_plane_that_is_none_is_refused(
    client: PriorscopeClient, solid: Run, query: str, field: str, message: str
) -> None:
    for route in ("plane", "density", "holes", "manifold"):
        answer = client.http.get(f"/api/runs/{solid.id}/{route}?{query}")
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert error["field"] == field
        assert message in error["message"]


def test_a_slice_has_no_holes(client: PriorscopeClient, solid: Run) -> None:
    answer = client.http.get(f"/api/runs/{solid.id}/holes?reading=slice")
    assert answer.status_code == 422
    assert "A slice has no holes" in answer.json()["detail"]
    assert client.http.get(f"/api/runs/{solid.id}/density?reading=both").status_code == 422


@pytest.mark.parametrize("query", ["plane=axes:1,2", "plane=pca", "at=0,0", "reading=marginal"])
def test_what_is_a_plane_itself_has_none_to_choose(
    client: PriorscopeClient, run: Run, line: Run, query: str
) -> None:
    for whole, message in ((run, "is a plane itself"), (line, "is a line")):
        answer = client.http.get(f"/api/runs/{whole.id}/density?{query}")
        assert answer.status_code == 422
        assert message in answer.json()["detail"]
        with pytest.raises(ProblemError, match="more than 2"):
            client.plane(whole.id)
    assert client.density(run.id, resolution=8).reading == "density"
    assert client.density(run.id, resolution=8).plane is None
    assert client.holes(run.id).plane_hole_mass is None


def test_a_line_has_curves_and_intervals(client: PriorscopeClient, line: Run) -> None:
    prior = client.density(line.id, resolution=401)
    assert prior.values.shape == (1, 401)
    assert prior.z2.shape == (0,)
    assert prior.bounds[2:] == (0.0, 0.0)
    assert prior.integral == pytest.approx(1.0, abs=1e-3)
    expected = -0.5 * prior.z1**2 - 0.5 * math.log(2 * math.pi)
    np.testing.assert_allclose(prior.values[0], expected, atol=1e-4)
    ratio = client.density(line.id, field="log_ratio", resolution=33, bounds=[-1.0, 1.0])
    assert (ratio.z1[0], ratio.z1[-1]) == (-1.0, 1.0)
    decoded = client.decode(line.id, [[ratio.z1[7]]])
    there = decoded.log_prior[0] - decoded.log_aggregated_posterior[0]
    assert ratio.values[0, 7] == pytest.approx(there, abs=1e-3)
    holes = client.holes(line.id, tau=1.5)
    assert holes.hole_mass.estimator == "quadrature"
    assert holes.worst_samples == []
    for hole in holes.holes:
        ((left, right),) = hole.contour
        assert left[0] <= hole.peak[0] <= right[0]
        assert (left[1], hole.peak[1], right[1]) == (0.0, 0.0, 0.0)
        assert hole.at_peak is not None
        assert hole.at_peak.z == [pytest.approx(hole.peak[0])]
    metrics = client.metrics(line.id)
    assert metrics.test.log_likelihood.estimator == "quadrature"
    assert metrics.hole_mass["3"].estimator == "quadrature"
    with pytest.raises(ProblemError, match="is a line; a manifold of pictures needs a plane"):
        client.manifold(line.id)
    with pytest.raises(ProblemError, match="There are 4 numbers; for this run they are z1_min"):
        client.density(line.id, bounds=[0.0, 1.0, 0.0, 1.0])


def test_the_command_lists_the_holes_of_a_plane(
    client: PriorscopeClient, server: Any, solid: Run
) -> None:
    options = ["--tau", "1.5", "--plane", "axes:1,3", "--data-dir", str(server.data_dir)]
    shown = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["holes", solid.id, *options])
    assert shown.exit_code == 0, shown.output
    assert "z1, z3 of the peak" in shown.output
    assert "The plane axes:1,3 shows" in shown.output
    assert "largest p/q" in shown.output
