from __future__ import annotations

import math

import torch
from torch.distributions import Independent, Normal, kl_divergence

from models.distributions import DiagonalGaussian, DiagonalGaussianMixture, StandardNormal


def test_diagonal_gaussian_agrees_with_torch() -> None:
    loc, scale = torch.randn(7, 3), torch.rand(7, 3) + 0.1
    ours, oracle = DiagonalGaussian(loc, scale), Independent(Normal(loc, scale), 1)
    z = torch.randn(4, 7, 3)
    torch.testing.assert_close(ours.log_prob(z), oracle.log_prob(z))
    torch.testing.assert_close(ours.entropy(), oracle.entropy())


def test_entropy_and_cross_entropy_give_the_closed_form_kl() -> None:
    torch.manual_seed(0)
    loc, scale = torch.randn(5, 2), torch.rand(5, 2) + 0.2
    z = DiagonalGaussian(loc, scale).rsample(torch.randn(200_000, 5, 2))
    cross_entropy = -StandardNormal(loc).log_prob(z).mean(0)
    kl = kl_divergence(Independent(Normal(loc, scale), 1), Independent(Normal(0.0 * loc, 1.0), 1))
    ours = cross_entropy - DiagonalGaussian(loc, scale).entropy()
    torch.testing.assert_close(ours, kl, rtol=0.0, atol=0.02)


def test_effective_number_of_components_shows_a_collapse() -> None:
    loc, scale = torch.zeros(4, 2), torch.ones(4, 2)
    uniform = DiagonalGaussianMixture(torch.zeros(4), loc, scale)
    collapsed = DiagonalGaussianMixture(torch.tensor([50.0, 0.0, 0.0, 0.0]), loc, scale)
    assert math.isclose(uniform.effective_num_components, 4.0, rel_tol=1e-5)
    assert math.isclose(collapsed.effective_num_components, 1.0, rel_tol=1e-5)


def test_a_narrow_component_far_out_keeps_its_precision() -> None:
    """Expanding the square would lose nats to cancellation here."""
    mixture = DiagonalGaussianMixture(
        torch.zeros(1), torch.tensor([[20.0, -20.0]]), torch.full((1, 2), 1e-3)
    )
    z = torch.tensor([[20.001, -20.0]])
    exact = Independent(Normal(torch.tensor([20.0, -20.0]).double(), 1e-3), 1).log_prob(z.double())
    assert abs(float(mixture.log_prob(z)) - float(exact)) < 1e-2
