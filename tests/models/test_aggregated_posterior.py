from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from models.aggregated_posterior import AggregatedPosterior
from models.density import Bounds, integral, latent_grid
from models.distributions import DiagonalGaussian


def posterior(count: int, latent_dim: int = 2, smallest: float = 0.05) -> DiagonalGaussian:
    generator = torch.Generator().manual_seed(count)
    loc = 1.2 * torch.randn(count, latent_dim, generator=generator)
    return DiagonalGaussian(
        loc, smallest + 0.2 * torch.rand(count, latent_dim, generator=generator)
    )


def naive(q: DiagonalGaussian, z1: Tensor, z2: Tensor) -> Tensor:
    """The textbook broadcast over (rows, columns, N), written from the formula."""
    loc, scale = q.loc.double(), q.scale.double()
    z = torch.stack(torch.meshgrid(z2, z1, indexing="ij")[::-1], dim=-1).unsqueeze(-2)
    terms = -0.5 * ((z - loc) / scale) ** 2 - torch.log(scale * math.sqrt(2 * math.pi))
    return torch.logsumexp(terms.sum(-1), dim=-1) - math.log(len(loc))


@pytest.mark.parametrize("count", [1, 7, 513, 1200])
@pytest.mark.parametrize("half", [2.0, 5.0, 40.0])
def test_the_factorised_grid_equals_the_naive_broadcast(count: int, half: float) -> None:
    """Far from the data too, where every product of the factors underflows."""
    q = posterior(count)
    z1, z2 = latent_grid(Bounds(-half, half, -half, 1.5 * half), 40)
    values = AggregatedPosterior(q).grid_log_density(z1, z2)
    torch.testing.assert_close(values, naive(q, z1, z2), rtol=1e-10, atol=1e-10)
    if half == 40.0:
        assert values.min() < -800, "some cells must have underflowed for this test to see them"


def test_on_and_off_the_grid_agree() -> None:
    q = AggregatedPosterior(posterior(900))
    z1, z2 = latent_grid(Bounds(-4.0, 5.0, -6.0, 4.0), 30)
    values = q.grid_log_density(z1, z2)
    z = torch.stack([z1[[3, 20]], z2[[28, 5]]], dim=-1)
    torch.testing.assert_close(values[[28, 5], [3, 20]], q.log_prob(z), rtol=1e-10, atol=1e-10)


def test_it_integrates_to_one_and_its_samples_follow_it() -> None:
    q = AggregatedPosterior(posterior(300))
    z1, z2 = latent_grid(Bounds(-7.0, 7.0, -7.0, 7.0), 400)
    values = q.grid_log_density(z1, z2)
    assert integral(values, z1, z2) == pytest.approx(1.0, abs=1e-6)
    step = float(z1[1] - z1[0])
    entropy = -float((values.exp() * values.clamp_min(-700)).sum()) * step**2
    z = q.sample((40_000,), torch.Generator().manual_seed(0))
    log_prob = q.log_prob(z)
    error = float(log_prob.std()) / 200
    assert float(-log_prob.mean()) == pytest.approx(entropy, abs=4 * error)


def test_it_is_the_mean_over_all_images_in_any_dimension() -> None:
    for latent_dim in (1, 5):
        q = posterior(50, latent_dim)
        z = torch.randn(20, latent_dim, dtype=torch.float64)
        alone = torch.stack(
            [
                DiagonalGaussian(loc.double(), scale.double()).log_prob(z).exp()
                for loc, scale in zip(q.loc, q.scale, strict=True)
            ]
        ).mean(0)
        torch.testing.assert_close(AggregatedPosterior(q).log_prob(z).exp(), alone)
