"""Slices and marginals on planes, against densities of the whole space and draws from it."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from scipy.stats import chisquare
from torch import Tensor

from models.aggregated_posterior import AggregatedPosterior
from models.data import Dataset
from models.density import (
    Bounds,
    grid_log_density,
    grid_points,
    integral,
    latent_bounds,
    latent_grid,
)
from models.distributions import (
    DiagonalGaussian,
    DiagonalGaussianMixture,
    LatentDistribution,
    StandardNormal,
)
from models.latent_plane import LatentPlane, PrincipalComponents, axes_plane, plane_through
from models.plane_density import MonteCarloMarginal, flow_marginal, on_plane, whole_space
from models.priors.flow import FlowDistribution
from models.vae import VAE

L = 5


def posterior(count: int = 300, latent_dim: int = L) -> DiagonalGaussian:
    generator = torch.Generator().manual_seed(count)
    mixing = torch.randn(latent_dim, latent_dim, generator=generator)
    loc = torch.randn(count, latent_dim, generator=generator) @ mixing
    return DiagonalGaussian(loc, 0.1 + torch.rand(count, latent_dim, generator=generator))


def mixture() -> DiagonalGaussianMixture:
    parts = posterior(6)
    return DiagonalGaussianMixture(torch.linspace(-1.0, 1.0, 6), parts.loc, parts.scale)


DISTRIBUTIONS: dict[str, Callable[[], LatentDistribution]] = {
    "mixture": mixture,
    "standard normal": lambda: StandardNormal(torch.zeros(L)),
    "q": lambda: AggregatedPosterior(posterior()),
}
PLANES: dict[str, Callable[[], LatentPlane]] = {
    "axes": lambda: axes_plane(2, 4, torch.full((L,), 0.3)),
    "pca": lambda: PrincipalComponents.of(posterior()).plane(1, 2, torch.full((L,), 0.3)),
    "points": lambda: plane_through(torch.randn(3, L, generator=torch.Generator().manual_seed(4))),
}
each_distribution = pytest.mark.parametrize("distribution", DISTRIBUTIONS)
each_plane = pytest.mark.parametrize("plane", PLANES)


def box(draws: Tensor) -> Bounds:
    low, high = draws.amin(0) - 1.0, draws.amax(0) + 1.0
    return Bounds(float(low[0]), float(high[0]), float(low[1]), float(high[1]))


def cells_agree(log_density: Tensor, z1: Tensor, z2: Tensor, draws: Tensor) -> None:
    """Chi-squared over 12 x 12 tiles of the grid's cells, those with few expected draws merged."""
    edges = [torch.cat([line - (line[1] - line[0]) / 2, line[-1:] + 1]) for line in (z1, z2)]
    tile = len(z1) // 12
    mass = log_density.exp() * (z1[1] - z1[0]) * (z2[1] - z2[0])
    expected = mass.view(12, tile, 12, tile).sum((1, 3)).flatten() * len(draws)
    column = torch.searchsorted(edges[0], draws[:, 0].contiguous()) - 1
    row = torch.searchsorted(edges[1], draws[:, 1].contiguous()) - 1
    observed = torch.bincount((row // tile) * 12 + column // tile, minlength=144).double()
    often = expected > 10
    pooled = [torch.cat([of[often], of[~often].sum().view(1)]) for of in (observed, expected)]
    pooled[1] *= pooled[0].sum() / pooled[1].sum()
    assert chisquare(pooled[0].numpy(), pooled[1].numpy()).pvalue > 1e-4


@each_plane
@each_distribution
def test_the_exact_marginal_equals_the_monte_carlo_one(distribution: str, plane: str) -> None:
    whole, on = DISTRIBUTIONS[distribution](), PLANES[plane]()
    draws = on.project(whole.sample((50_000,), torch.Generator().manual_seed(0)))
    z1, z2 = latent_grid(box(draws), 240)
    log_density = on_plane(whole, on, "marginal").grid_log_density(z1, z2)
    assert integral(log_density, z1, z2) == pytest.approx(1.0, abs=1e-3)
    cells_agree(log_density, z1, z2, draws)


@each_plane
@each_distribution
def test_a_slice_is_the_density_at_the_points(distribution: str, plane: str) -> None:
    whole, on = DISTRIBUTIONS[distribution](), PLANES[plane]()
    z1, z2 = latent_grid(Bounds(-3.0, 4.0, -5.0, 3.0), 25)
    values = on_plane(whole, on, "slice").grid_log_density(z1, z2)
    expected = whole.log_prob(on.lift(grid_points(z1, z2))).view(25, 25)
    torch.testing.assert_close(values, expected.double(), rtol=1e-5, atol=1e-5)


@each_distribution
def test_slices_at_every_height_add_up_to_the_marginal(distribution: str) -> None:
    """In three dimensions, with the coordinate that the plane leaves out."""
    solid = {
        "mixture": DiagonalGaussianMixture(
            torch.zeros(5), posterior(5, 3).loc, posterior(5, 3).scale
        ),
        "standard normal": StandardNormal(torch.zeros(3)),
        "q": AggregatedPosterior(posterior(40, 3)),
    }[distribution]
    z1, z2 = latent_grid(Bounds(-2.0, 2.0, -2.0, 2.0), 9)
    heights = torch.linspace(-15.0, 15.0, 1501, dtype=torch.float64)
    total = torch.zeros(9, 9, dtype=torch.float64)
    for height in heights:
        plane = axes_plane(3, 1, torch.tensor([0.0, float(height), 0.0]))
        total += on_plane(solid, plane, "slice").grid_log_density(z1, z2).exp()
    marginal = on_plane(solid, plane, "marginal").grid_log_density(z1, z2)
    torch.testing.assert_close((total * (heights[1] - heights[0])).log(), marginal)


def test_the_whole_plane_read_either_way_is_today_s_density(
    trained: Callable[..., VAE], digits: Dataset
) -> None:
    vae = trained("vampprior")
    prior, q = vae.latent_prior(), AggregatedPosterior(vae.posterior(digits.train.x))
    plane = axes_plane(1, 2, torch.zeros(2))
    bounds = latent_bounds(prior, q.posterior)
    torch.testing.assert_close(
        torch.tensor(latent_bounds(prior, q.posterior, plane)), torch.tensor(bounds)
    )
    z1, z2 = latent_grid(bounds, 60)
    for reading in ("slice", "marginal"):
        torch.testing.assert_close(
            on_plane(q, plane, reading).grid_log_density(z1, z2),
            q.grid_log_density(z1, z2),
            rtol=1e-12,
            atol=1e-9,
        )
        torch.testing.assert_close(
            on_plane(prior, plane, reading).grid_log_density(z1, z2),
            grid_log_density(prior, z1, z2).double(),
            rtol=1e-4,
            atol=1e-4,
        )


def test_axes_and_components_agree_where_they_are_the_same_plane() -> None:
    """q stretched so that its components are its axes, in another order."""
    generator = torch.Generator().manual_seed(0)
    loc = torch.randn(4000, 3, generator=generator)
    loc = (loc - loc.mean(0)) @ torch.linalg.cholesky(torch.linalg.inv(torch.cov(loc.T)))
    stretched = DiagonalGaussian(loc * torch.tensor([1.0, 5.0, 2.0]), torch.full((4000, 3), 0.3))
    q = AggregatedPosterior(stretched)
    components = PrincipalComponents.of(stretched)
    pca = components.plane(1, 2, torch.zeros(3))
    axes = axes_plane(2, 3, torch.zeros(3))
    # The components lie where the axes do but for rounding, and are counted from the mean.
    torch.testing.assert_close(pca.axes_tensor, axes.axes_tensor, atol=1e-5, rtol=0.0)
    z1, z2 = latent_grid(Bounds(-9.0, 9.0, -4.0, 4.0), 30)
    torch.testing.assert_close(
        on_plane(q, pca, "marginal").grid_log_density(z1, z2),
        on_plane(q, axes, "marginal").grid_log_density(z1, z2),
        atol=1e-2,
        rtol=1e-3,
    )


@pytest.fixture(scope="module")
def flow(trained: Callable[..., VAE]) -> FlowDistribution:
    distribution: FlowDistribution = trained("flow", 3).latent_prior()
    return distribution


def test_the_flow_s_marginal_agrees_with_quadrature_within_its_error(
    flow: FlowDistribution,
) -> None:
    """Over the one coordinate that the plane leaves out."""
    plane = axes_plane(3, 1, torch.zeros(3))
    draws = flow.sample((20_000,), torch.Generator().manual_seed(1))
    z1, z2 = latent_grid(box(plane.project(draws)), 48)
    estimate = on_plane(flow, plane, "marginal")
    assert isinstance(estimate, MonteCarloMarginal)
    values = estimate.grid_log_density(z1, z2)
    height = torch.linspace(float(draws[:, 1].min()) - 1, float(draws[:, 1].max()) + 1, 300)
    points = plane.lift(grid_points(z1, z2)).float().repeat(300, 1, 1)
    points[:, :, 1] = height.unsqueeze(-1)
    log_density = flow.log_prob(points.flatten(0, 1)).view(300, 48, 48).double()
    exact = log_density.logsumexp(0) + math.log(height[1] - height[0])
    cell = (z1[1] - z1[0]) * (z2[1] - z2[0])
    error = float(((values.exp() - exact.exp()).abs() * cell).sum())
    claimed = estimate.standard_error(z1, z2, values)
    assert 0.005 < claimed < 0.1
    # The mean absolute deviation of a Gaussian is .8 standard errors.
    assert error < 1.2 * claimed
    assert integral(values, z1, z2) == pytest.approx(1.0, abs=2e-3)


def test_the_flow_s_marginal_agrees_with_its_draws_on_any_plane(flow: FlowDistribution) -> None:
    plane = plane_through(torch.randn(3, 3, generator=torch.Generator().manual_seed(5)))
    draws = plane.project(flow.sample((10_000,), torch.Generator().manual_seed(1)))
    z1, z2 = latent_grid(box(draws), 120)
    cells_agree(on_plane(flow, plane, "marginal").grid_log_density(z1, z2), z1, z2, draws)


def test_the_flow_s_error_falls_with_the_draws_and_its_seed_holds(flow: FlowDistribution) -> None:
    plane = axes_plane(1, 2, torch.zeros(3))
    z1, z2 = latent_grid(Bounds(-4.0, 4.0, -4.0, 4.0), 40)
    errors = []
    for samples in (1000, 4000):
        estimate = flow_marginal(flow, plane, samples)
        values = estimate.grid_log_density(z1, z2)
        again = flow_marginal(flow, plane, samples).grid_log_density(z1, z2)
        assert torch.equal(values, again)
        errors.append(estimate.standard_error(z1, z2, values))
    assert errors[0] / errors[1] == pytest.approx(2.0, rel=0.15)


def test_a_plane_s_own_density_is_that_at_its_points() -> None:
    z1, z2 = latent_grid(Bounds(-6.0, 6.0, -5.0, 5.0), 50)
    parts = posterior(6, latent_dim=2)
    mixed = DiagonalGaussianMixture(torch.linspace(-1.0, 1.0, 6), parts.loc, parts.scale)
    for distribution in (mixed, StandardNormal(torch.zeros(2))):
        torch.testing.assert_close(
            whole_space(distribution).grid_log_density(z1, z2),
            grid_log_density(distribution, z1, z2).double(),
            rtol=1e-4,
            atol=1e-4,
        )
