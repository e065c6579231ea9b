from __future__ import annotations

import math

import pytest
import torch

from models.aggregated_posterior import AggregatedPosterior
from models.density import Bounds, integral, latent_grid
from models.distributions import DiagonalGaussian
from models.grid_error import grid_error, widest_step


@pytest.mark.parametrize("ratio", [0.45, 0.6, 0.8])
def test_it_is_what_the_worst_placed_gaussian_loses(ratio: float) -> None:
    """Summed over points in steps of 1, wherever the Gaussian lies between two of them."""
    points = torch.arange(-20.0, 21.0, dtype=torch.float64)
    loc = torch.linspace(-0.5, 0.5, 101, dtype=torch.float64).unsqueeze(-1)
    density = torch.exp(-0.5 * ((points - loc) / ratio) ** 2) / (ratio * math.sqrt(2 * math.pi))
    worst = (density.sum(1) - 1).abs().max()
    assert grid_error(torch.tensor([[ratio]]), 1.0) == pytest.approx(float(worst), rel=0.05)


def test_a_few_narrow_ones_among_many_do_little() -> None:
    """The grid of their mixture integrates to 1 with steps larger than the narrowest of them."""
    generator = torch.Generator().manual_seed(0)
    scale = torch.full((1000, 2), 0.1)
    scale[:5] = 0.02
    q = AggregatedPosterior(DiagonalGaussian(torch.randn(1000, 2, generator=generator), scale))
    z1, z2 = latent_grid(Bounds(-5.0, 5.0, -5.0, 5.0), 150)
    step = float(z1[1] - z1[0])
    assert step > 3 * q.smallest_scale()
    assert 1e-4 < q.grid_error(step) < 6e-3
    assert abs(integral(q.grid_log_density(z1, z2), z1, z2) - 1) < q.grid_error(step)
    assert q.grid_error(5.0 * step) > 0.05


def test_the_widest_step_has_the_error_asked_for() -> None:
    scale = 0.05 + torch.rand(200, 2, generator=torch.Generator().manual_seed(0))
    step = widest_step(scale, 1e-3)
    assert grid_error(scale, step) == pytest.approx(1e-3, rel=1e-3)
    assert widest_step(scale, 1e-5) < step
