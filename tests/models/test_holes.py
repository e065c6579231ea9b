"""Holes against toys whose answers are known without this code."""

from __future__ import annotations

import math

import pytest
import torch
from scipy.optimize import brentq
from scipy.stats import norm

from models.aggregated_posterior import AggregatedPosterior
from models.density import Bounds
from models.distributions import DiagonalGaussian, DiagonalGaussianMixture, StandardNormal
from models.hole import find_holes, highest_density_level
from models.holes import Atoms, HoleCurve, hole_mass, uncovered_mass
from models.latent_plane import PrincipalComponents
from models.plane import Plane, marginal_plane, plane
from models.plane_density import on_plane
from models.plane_gaussians import PlaneGaussians

NORMAL = StandardNormal(torch.zeros(2))
BOX = Bounds(-7.0, 7.0, -7.0, 7.0)


def corners(scale: float = 0.3) -> DiagonalGaussian:
    """Four tight Gaussians at the corners: the middle is a hole of the standard prior."""
    loc = torch.tensor([[-2.0, -2.0], [-2.0, 2.0], [2.0, -2.0], [2.0, 2.0]])
    return DiagonalGaussian(loc, torch.full_like(loc, scale))


def atoms(grid: Plane) -> tuple[Atoms, Atoms]:
    return (
        Atoms.of_cells(grid.log_ratio, grid.log_prior),
        Atoms.of_cells(grid.log_ratio, grid.log_aggregated_posterior),
    )


def shifted(shift: float) -> Plane:
    """p = N(0, I), q = N((shift, 0), I): everything is known in closed form."""
    posterior = DiagonalGaussian(torch.tensor([[shift, 0.0]]), torch.ones(1, 2))
    return plane(NORMAL, posterior, Bounds(-9.0, 9.0, -9.0, 9.0), 721)


@pytest.mark.parametrize("shift", [0.5, 1.0, 2.0])
def test_two_gaussians_agree_with_the_closed_forms(shift: float) -> None:
    """s = shift^2/2 - shift z1 is Gaussian under both, so every figure follows from Phi."""
    p, q = atoms(shifted(shift))
    half = shift**2 / 2
    assert p.mean_log_ratio() == pytest.approx(half, abs=1e-4)
    assert -q.mean_log_ratio() == pytest.approx(half, abs=1e-4)
    for tau in (3.0, 10.0, 100.0):
        expected = norm.cdf((half - math.log(tau)) / shift)
        assert hole_mass(p, tau) == pytest.approx(expected, abs=6e-3)
        # By symmetry the uncovered mass is the same.
        assert uncovered_mass(q, tau) == pytest.approx(expected, abs=6e-3)
    curve = HoleCurve.of(p, q)
    for epsilon in (0.01, 0.05, 0.3, 0.9):
        expected = norm.cdf(norm.ppf(epsilon) + shift)
        assert float(curve.at(epsilon)) == pytest.approx(expected, abs=2e-3)
    assert curve.total_variation() == pytest.approx(2 * norm.cdf(shift / 2) - 1, abs=1e-3)


def test_a_hole_of_known_mass() -> None:
    """Between tight corners p/q >= tau all over the middle disc; its mass is 1 - exp(-r^2/2)."""
    grid = plane(NORMAL, corners(0.1), BOX, 701)
    p, q = atoms(grid)
    radius = 1.0
    disc = 1 - math.exp(-(radius**2) / 2)
    inside = grid.points.norm(dim=-1) < radius
    assert float(p.mass[inside].sum()) == pytest.approx(disc, abs=2e-3)
    assert (p.log_ratio[inside] > math.log(100)).all()
    # What is no hole: four discs around the corners where q >= p/10, found by hand from densities.
    near = (grid.points.abs() - 2.0).norm(dim=-1)
    covered = math.sqrt(
        2 * 0.1**2 * (math.log(10 / 4) - 2 * math.log(0.1) + 4.0)
    )  # log q(r) = log p(corner) - log 10, p taken as constant over the disc
    expected = 1 - float(p.mass[near < covered].sum())
    assert hole_mass(p, 10.0) == pytest.approx(expected, abs=5e-3)
    assert hole_mass(p, 10.0) > 0.95
    assert q.mass_above(math.log(10.0)) <= hole_mass(p, 10.0) / 10.0


def test_a_prior_equal_to_the_aggregated_posterior_has_no_holes() -> None:
    q = corners(0.5)
    prior = DiagonalGaussianMixture(torch.zeros(4), q.loc, q.scale)
    grid = plane(prior, q, BOX, 300)
    p_atoms, q_atoms = atoms(grid)
    curve = HoleCurve.of(p_atoms, q_atoms)
    epsilon = torch.linspace(0, 1, 21, dtype=torch.float64)
    assert [hole_mass(p_atoms, tau) for tau in (3, 10, 100)] == [0.0, 0.0, 0.0]
    torch.testing.assert_close(curve.at(epsilon), epsilon, rtol=0.0, atol=1e-4)
    assert curve.total_variation() == pytest.approx(0.0, abs=1e-4)
    assert q_atoms.mean_log_ratio() == pytest.approx(0.0, abs=1e-5)
    assert find_holes(grid, 10.0) == []


@pytest.mark.parametrize("scale", [0.3, 0.8])
def test_grid_and_monte_carlo_agree(scale: float) -> None:
    q = AggregatedPosterior(corners(scale))
    p_grid, q_grid = atoms(plane(NORMAL, corners(scale), BOX, 1000))
    generator = torch.Generator().manual_seed(0)
    draws = NORMAL.sample((400_000,), generator), q.sample((400_000,), generator)
    p, q_draws = (
        Atoms.of_draws(NORMAL.log_prob(z.double()) - q.log_prob(z.double())) for z in draws
    )
    for tau in (3, 10, 100):
        assert hole_mass(p, tau) == pytest.approx(hole_mass(p_grid, tau), abs=2e-3)
        assert uncovered_mass(q_draws, tau) == pytest.approx(uncovered_mass(q_grid, tau), abs=2e-3)
    exact, estimate = HoleCurve.of(p_grid, q_grid), HoleCurve.of(p, q_draws)
    assert float(estimate.at(0.05)) == pytest.approx(float(exact.at(0.05)), abs=3e-3)
    assert estimate.total_variation() == pytest.approx(exact.total_variation(), abs=3e-3)


def test_the_curve_does_not_change_when_the_latent_space_is_stretched() -> None:
    p, q = atoms(plane(NORMAL, corners(0.6), BOX, 401))
    stretched = DiagonalGaussianMixture(
        torch.zeros(1), torch.zeros(1, 2), torch.tensor([[10.0, 0.1]])
    )
    wide = corners(0.6)
    factor = torch.tensor([10.0, 0.1])
    other = plane(
        stretched,
        DiagonalGaussian(wide.loc * factor, wide.scale * factor),
        Bounds(-70.0, 70.0, -0.7, 0.7),
        401,
    )
    first, second = HoleCurve.of(p, q), HoleCurve.of(*atoms(other))
    epsilon = torch.linspace(0, 1, 51, dtype=torch.float64)
    torch.testing.assert_close(first.at(epsilon), second.at(epsilon), rtol=0.0, atol=1e-4)


def test_the_curve_starts_with_what_q_never_reaches() -> None:
    p = Atoms(torch.tensor([5.0, 1.0]).double(), torch.tensor([0.3, 0.7]).double())
    q = Atoms(torch.tensor([1.0, -1.0]).double(), torch.tensor([0.5, 0.5]).double())
    curve = HoleCurve.of(p, q)
    wanted = torch.tensor([0.0, 0.25, 0.5, 1.0], dtype=torch.float64)
    torch.testing.assert_close(
        curve.at(wanted), torch.tensor([0.3, 0.65, 1.0, 1.0], dtype=torch.float64)
    )
    assert curve.total_variation() == pytest.approx(0.5)


def test_holes_are_found_ranked_and_outlined() -> None:
    """Data on one wide Gaussian and nothing at two spots where the prior has its other parts."""
    prior = DiagonalGaussianMixture(
        torch.tensor([0.7, 0.2, 0.1]).log(),
        torch.tensor([[0.0, 0.0], [5.0, 0.0], [-4.0, 4.0]]),
        torch.tensor([[1.0, 1.0], [0.3, 0.3], [0.3, 0.3]]),
    )
    posterior = DiagonalGaussian(torch.zeros(1, 2), torch.ones(1, 2))
    holes = find_holes(plane(prior, posterior, Bounds(-7.0, 7.0, -7.0, 7.0), 601), 10.0)
    first, second = holes[0], holes[1]
    assert first.mass == pytest.approx(0.2, abs=2e-3)
    assert second.mass == pytest.approx(0.1, abs=2e-3)
    assert sum(hole.mass for hole in holes[2:]) < 1e-3
    assert first.centroid == pytest.approx((5.0, 0.0), abs=0.02)
    assert second.centroid == pytest.approx((-4.0, 4.0), abs=0.02)
    assert first.log_ratio_at_peak > second.log_ratio_at_peak * 0.5 > math.log(10)
    for hole in (first, second):
        ring = torch.tensor(hole.contour[0])
        assert torch.equal(ring[0], ring[-1]), "the outline is closed"
        x, y = ring[:, 0], ring[:, 1]
        shoelace = 0.5 * float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum().abs())
        assert shoelace == pytest.approx(hole.area, rel=0.05)
        distance = (ring - torch.tensor(hole.centroid)).norm(dim=-1)
        assert 0.5 < float(distance.min()) <= float(distance.max()) < 2.0
        assert math.dist(hole.peak, hole.centroid) < 2.0


def test_a_ring_shaped_hole_has_two_outlines() -> None:
    """Data in the middle only: the hole is the prior's outside."""
    posterior = DiagonalGaussian(torch.zeros(1, 2), torch.full((1, 2), 0.3))
    (hole,) = find_holes(plane(NORMAL, posterior, BOX, 401), 10.0)
    assert len(hole.contour) == 2
    outer, inner = (torch.tensor(ring).norm(dim=-1).mean() for ring in hole.contour)
    assert float(outer) == pytest.approx(math.sqrt(-2 * math.log(0.001)), abs=0.05)
    # log p - log q = log 10 at r^2 (1/(2 s^2) - 1/2) = log 10 - 2 log s
    radius = math.sqrt((math.log(10) - 2 * math.log(0.3)) / (0.5 / 0.09 - 0.5))
    assert float(inner) == pytest.approx(radius, abs=0.02)
    mass = math.exp(-(radius**2) / 2) - 0.001
    assert hole.mass == pytest.approx(mass, abs=2e-3)


def test_holes_of_a_line_are_intervals() -> None:
    """Data at +-2 with scale .2: the ends are where log p - log q = log 10, in closed form."""
    narrow = DiagonalGaussian(torch.tensor([[-2.0], [2.0]]), torch.full((2, 1), 0.2))
    grid = plane(StandardNormal(torch.zeros(1)), narrow, Bounds(-6.0, 6.0, 0.0, 0.0), 6001)
    assert len(grid.z2) == 0
    assert grid.log_ratio.shape == (1, 6001)
    middle, *outer = find_holes(grid, 10.0)

    def excess(z: float) -> float:
        # Of q only the nearer Gaussian counts.
        log_q = norm.logpdf(abs(z), 2.0, 0.2) - math.log(2.0)
        return float(norm.logpdf(z) - log_q - math.log(10.0))

    inner = brentq(excess, 0.5, 2.0)
    ((left, right),) = middle.contour
    assert left == pytest.approx((-inner, 0.0), abs=1e-4)
    assert right == pytest.approx((inner, 0.0), abs=1e-4)
    assert middle.mass == pytest.approx(2 * norm.cdf(inner) - 1, abs=1e-3)
    assert middle.area == pytest.approx(2 * inner, abs=5e-3)
    assert (middle.centroid, middle.peak[1]) == (pytest.approx((0.0, 0.0), abs=1e-3), 0.0)
    beyond = brentq(excess, 2.0, 3.5)
    # The prior's mass ends where all but 1 in 1000 of its draws lie.
    edge = norm.isf(0.0005)
    ends = sorted(abs(end[0]) for end in outer[0].contour[0])
    assert ends == pytest.approx([beyond, edge], abs=3e-3)
    assert len(outer) == 2


def test_holes_of_a_marginal_plane_are_cylinders() -> None:
    """The masses found on the plane are those of the region over it in the whole space."""
    generator = torch.Generator().manual_seed(0)
    loc = torch.randn(12, 4, generator=generator)
    posterior = DiagonalGaussian(loc, torch.full_like(loc, 0.35))
    prior, q = StandardNormal(torch.zeros(4)), AggregatedPosterior(posterior)
    on = PrincipalComponents.of(posterior).plane(1, 2, torch.zeros(4))
    of_p, of_q = (on_plane(density, on, "marginal") for density in (prior, q))
    assert isinstance(of_q, PlaneGaussians)
    grid = marginal_plane(of_p, of_q, BOX)
    holes = find_holes(grid, 3.0)
    assert holes[0].mass > 0.02
    p_cells, q_cells = atoms(grid)

    def in_holes(z: torch.Tensor) -> float:
        u = on.project(z)
        step = grid.z1[1] - grid.z1[0]
        column, row = ((u - grid.z1[0]) / step).round().long().unbind(-1)
        return float((grid.log_ratio[row, column] >= math.log(3.0)).double().mean())

    draws = prior.sample((100_000,), generator), q.sample((100_000,), generator)
    assert in_holes(draws[0]) == pytest.approx(hole_mass(p_cells, 3.0), abs=6e-3)
    assert in_holes(draws[1]) == pytest.approx(q_cells.mass_above(math.log(3.0)), abs=6e-3)
    # Data processing: no region of the plane says more than the whole space does.
    ratio = prior.log_prob(draws[0]).double() - q.log_prob(draws[0])
    whole = HoleCurve.of(
        Atoms.of_draws(ratio),
        Atoms.of_draws(prior.log_prob(draws[1].float()).double() - q.log_prob(draws[1])),
    )
    assert HoleCurve.of(p_cells, q_cells).total_variation() < whole.total_variation()


def test_the_highest_density_level_holds_its_mass() -> None:
    grid = plane(NORMAL, corners(), BOX, 701)
    level = highest_density_level(grid.log_prior, 0.9)
    expected = -math.log(2 * math.pi) + math.log(0.1)
    assert level == pytest.approx(expected, abs=0.01)
