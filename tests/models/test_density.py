from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

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
from models.distributions import DiagonalGaussian, DiagonalGaussianMixture, StandardNormal
from models.latent_plane import axes_plane
from models.vae import VAE

NORMAL = StandardNormal(torch.zeros(2))


def test_rows_are_z2_and_columns_z1(trained: Callable[..., VAE]) -> None:
    """The transpose trap."""
    prior = trained("mog").latent_prior()
    z1, z2 = latent_grid(Bounds(-1.0, 2.0, -3.0, 4.0), 9)
    values = grid_log_density(prior, z1, z2)
    here = torch.stack([z1[7], z2[2]]).float().unsqueeze(0)
    assert float(values[2, 7]) == pytest.approx(float(prior.log_prob(here)), abs=1e-5)


def test_a_grid_in_parts_is_that_at_its_points() -> None:
    """Of a mixture with so many components that few points are worked out at once."""
    generator = torch.Generator().manual_seed(0)
    loc = torch.randn(700, 2, generator=generator)
    mixture = DiagonalGaussianMixture(torch.linspace(-2.0, 0.0, 700), loc, loc.abs() + 0.1)
    z1, z2 = latent_grid(Bounds(-3.0, 3.0, -2.0, 4.0), 31)
    values = grid_log_density(mixture, z1, z2)
    assert torch.equal(values.flatten(), mixture.log_prob(grid_points(z1, z2).float()))


def test_bounds_hold_prior_and_points(trained: Callable[..., VAE], digits: Dataset) -> None:
    vae = trained("vampprior")
    prior, posterior = vae.latent_prior(), vae.posterior(digits.test.x)
    bounds = latent_bounds(prior, posterior)
    assert bounds == latent_bounds(prior, posterior)
    z = torch.cat([prior.sample((10_000,)), posterior.loc])
    low = torch.tensor([bounds.z1_min, bounds.z2_min])
    high = torch.tensor([bounds.z1_max, bounds.z2_max])
    assert ((z > low) & (z < high)).all(-1).double().mean() > 0.9995
    assert ((posterior.loc > low) & (posterior.loc < high)).all()


def test_a_far_point_widens_the_box() -> None:
    posterior = DiagonalGaussian(torch.tensor([[50.0, 0.0]]), torch.tensor([[1.0, 1.0]]))
    assert latent_bounds(NORMAL, posterior).z1_max > 53


def test_the_integral_sees_what_lies_outside() -> None:
    z1, z2 = latent_grid(Bounds(0.0, 8.0, -8.0, 8.0), 200)
    assert integral(grid_log_density(NORMAL, z1, z2), z1, z2) == pytest.approx(0.5, abs=1e-3)


def test_a_line_has_one_row(trained: Callable[..., VAE], digits: Dataset) -> None:
    vae = trained("flow", 1)
    prior, q = vae.latent_prior(), AggregatedPosterior(vae.posterior(digits.train.x))
    bounds = latent_bounds(prior, q.posterior)
    assert bounds[2:] == (0.0, 0.0)
    z1, z2 = latent_grid(bounds, 2000)
    assert len(z2) == 0
    for values in (grid_log_density(prior, z1, z2), q.grid_log_density(z1, z2)):
        assert values.shape == (1, 2000)
        assert integral(values, z1, z2) == pytest.approx(1.0, abs=2e-3)


def test_more_dimensions_need_a_plane() -> None:
    solid = StandardNormal(torch.zeros(3))
    posterior = DiagonalGaussian(torch.tensor([[1.0, 2.0, 30.0]]), torch.ones(1, 3))
    z1, z2 = latent_grid(Bounds(-1.0, 1.0, -1.0, 1.0), 8)
    with pytest.raises(ValueError, match="this model has 3"):
        grid_log_density(solid, z1, z2)
    with pytest.raises(ValueError, match="this model has 3"):
        latent_bounds(solid, posterior)
    bounds = latent_bounds(solid, posterior, axes_plane(1, 3, torch.zeros(3)))
    assert bounds.z1_max < 6
    assert bounds.z2_max > 33
