"""Sums of weighted, correlated Gaussians on grids, against the textbook."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.distributions import MultivariateNormal

from models.density import Bounds, grid_points, integral, latent_grid
from models.plane_gaussians import PlaneGaussians


def some(count: int, largest_correlation: float, spread: float = 0.0) -> PlaneGaussians:
    """Gaussians of different sizes; their log weights differ by about ``spread`` nats."""
    generator = torch.Generator().manual_seed(count)

    def uniform(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator, dtype=torch.float64)

    return PlaneGaussians(
        log_weight=spread * uniform(count) - torch.tensor(count).log(),
        loc=8.0 * uniform(count, 2) - 4.0,
        scale=0.05 + 0.6 * uniform(count, 2) ** 4,
        correlation=largest_correlation * (2.0 * uniform(count) - 1.0),
    )


def covariance(gaussians: PlaneGaussians) -> Tensor:
    across = gaussians.correlation * gaussians.scale.prod(-1)
    matrix = torch.diag_embed(gaussians.scale.square())
    matrix[:, 0, 1] = matrix[:, 1, 0] = across
    return matrix


def textbook(gaussians: PlaneGaussians, z1: Tensor, z2: Tensor) -> Tensor:
    each = MultivariateNormal(gaussians.loc, covariance(gaussians))
    terms = gaussians.log_weight + each.log_prob(grid_points(z1, z2).unsqueeze(1))
    return terms.logsumexp(-1).view(len(z2), len(z1))


@pytest.mark.parametrize("count", [1, 700])
@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.999])
@pytest.mark.parametrize("spread", [0.0, 900.0])
@pytest.mark.parametrize("half", [5.0, 40.0])
def test_the_grid_equals_the_textbook(
    count: int, correlation: float, spread: float, half: float
) -> None:
    """Far away, with weights that underflow, and with needles too."""
    gaussians = some(count, correlation, spread)
    z1, z2 = latent_grid(Bounds(-half, half, -half, 1.5 * half), 41)
    values = gaussians.grid_log_density(z1, z2)
    torch.testing.assert_close(values, textbook(gaussians, z1, z2), rtol=1e-9, atol=1e-9)


def test_a_covariance_comes_back_and_has_its_smallest_scale() -> None:
    gaussians = some(50, 0.95)
    matrix = covariance(gaussians)
    again = PlaneGaussians.of_covariance(gaussians.log_weight, gaussians.loc, matrix)
    torch.testing.assert_close(again.scale, gaussians.scale)
    torch.testing.assert_close(again.correlation, gaussians.correlation)
    least = torch.linalg.eigvalsh(matrix).min().sqrt()
    assert gaussians.smallest_scale() == pytest.approx(float(least), rel=1e-9)


def test_squares_are_those_of_the_terms() -> None:
    one = some(1, 0.8)
    z1, z2 = latent_grid(Bounds(-3.0, 3.0, -3.0, 3.0), 9)
    torch.testing.assert_close(
        one.squared().grid_log_density(z1, z2), 2 * one.grid_log_density(z1, z2)
    )


def test_the_weights_are_what_it_integrates_to() -> None:
    gaussians = some(30, 0.7)
    z1, z2 = latent_grid(Bounds(-10.0, 10.0, -10.0, 10.0), 700)
    whole = integral(gaussians.grid_log_density(z1, z2), z1, z2)
    assert whole == pytest.approx(float(gaussians.log_weight.exp().sum()), abs=1e-4)
