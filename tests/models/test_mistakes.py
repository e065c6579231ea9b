"""One test for each mistake of public code that SCIENCE names and that has a place here."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch.distributions import Normal

from models.config import RunConfig
from models.data import Dataset
from models.density import Bounds, grid_log_density, integral, latent_grid
from models.distributions import DiagonalGaussianMixture
from models.elbo import evaluate
from models.likelihoods.categorical import CategoricalLikelihood
from models.vae import VAE, build_vae

WIDE = Bounds(-12.0, 12.0, -12.0, 12.0)


def two_corners() -> DiagonalGaussianMixture:
    return DiagonalGaussianMixture(
        torch.tensor([0.0, 0.0]), torch.tensor([[-3.0, -3.0], [3.0, 3.0]]), torch.full((2, 2), 0.5)
    )


def test_a_mixture_is_not_a_product_of_one_dimensional_mixtures() -> None:
    """The product would put two more Gaussians at (-3, 3) and (3, -3)."""
    on, off = two_corners().log_prob(torch.tensor([[3.0, 3.0], [3.0, -3.0]]))
    assert float(on) == pytest.approx(math.log(0.5) - math.log(2 * math.pi * 0.25), abs=1e-5)
    assert float(off) < float(on) - 50


def test_samples_have_the_standard_deviation_of_the_scale() -> None:
    """Drawing with exp(log-variance) would give 0.25 for 0.5."""
    mixture = DiagonalGaussianMixture(torch.zeros(1), torch.zeros(1, 2), torch.tensor([[0.5, 3.0]]))
    z = mixture.sample((100_000,), torch.Generator().manual_seed(0))
    torch.testing.assert_close(z.std(0), torch.tensor([0.5, 3.0]), rtol=0.02, atol=0.0)


@pytest.mark.parametrize("latent_dim", [2, 3])
def test_the_log_determinant_of_the_flow_counts_once(
    trained: Callable[..., VAE], latent_dim: int
) -> None:
    """Counted for each dimension, the density would integrate to e^3 in the public example.

    Importance sampling with a wide Gaussian: the integral is 1 in any dimension.
    """
    prior = trained("flow", latent_dim).latent_prior()
    z = prior.sample((20_000,), torch.Generator().manual_seed(0))
    wide = Normal(z.mean(0), 1.5 * z.std(0))
    draws = wide.sample((400_000,))
    weights = (prior.log_prob(draws) - wide.log_prob(draws).sum(-1)).exp()
    assert float(weights.mean()) == pytest.approx(1.0, abs=0.05)


def test_data_initialised_pseudo_inputs_are_training_images(
    config: Callable[..., RunConfig], digits: Dataset
) -> None:
    vae = build_vae(config("vampprior"), digits)
    vae.prior.initialize(vae.encoder, digits.train.x, torch.Generator().manual_seed(0))
    distance = torch.cdist(vae.prior.pseudo_inputs, digits.train.x.float())
    between_images = torch.cdist(digits.train.x[:200].float(), digits.train.x[200:].float())
    assert distance.amin(1).max() < 0.5 * between_images.amin(1).median()
    assert vae.prior.pseudo_inputs.min() > 0
    assert vae.prior.pseudo_inputs.max() < 16
    assert vae.prior.raw_pseudo_inputs.requires_grad


def test_the_elbo_is_not_one_noisy_sample(trained: Callable[..., VAE], digits: Dataset) -> None:
    vae = trained("standard")
    first = evaluate(vae, digits.test, samples=64, seed=1).elbo
    second = evaluate(vae, digits.test, samples=64, seed=2).elbo
    assert first.standard_error is not None
    assert second.standard_error is not None
    assert first.standard_error < 0.1
    error = math.hypot(first.standard_error, second.standard_error)
    assert first.value != second.value
    assert abs(first.value - second.value) < 5 * error


def test_the_likelihood_is_normalised_and_its_gradient_alive() -> None:
    """Clamped probabilities sum to more than 1 and have no gradient beyond the clamp."""
    logits = torch.tensor([[[40.0, 0.0, -40.0]]], requires_grad=True)
    likelihood = CategoricalLikelihood(logits)
    levels = torch.arange(3).view(3, 1, 1)
    log_prob = torch.stack([likelihood.log_prob(level) for level in levels])
    assert float(log_prob.detach().double().exp().sum()) == pytest.approx(1.0, abs=1e-6)
    (gradient,) = torch.autograd.grad(log_prob[2].sum(), logits)
    assert gradient.abs().max() > 0.5


def test_the_grid_of_a_mixture_integrates_to_one() -> None:
    z1, z2 = latent_grid(WIDE, 400)
    assert integral(grid_log_density(two_corners(), z1, z2), z1, z2) == pytest.approx(1.0, abs=1e-4)
