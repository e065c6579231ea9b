from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch.distributions import Categorical, Independent

from models.config import RunConfig
from models.data import Dataset
from models.likelihoods.categorical import CategoricalLikelihood
from models.vae import VAE, build_vae


def test_categorical_likelihood_agrees_with_torch() -> None:
    logits = 3.0 * torch.randn(5, 6, 17)
    x = torch.randint(17, (5, 6))
    oracle = Independent(Categorical(logits=logits), 1)
    ours = CategoricalLikelihood(logits)
    torch.testing.assert_close(ours.log_prob(x), oracle.log_prob(x))
    levels = torch.arange(17.0)
    torch.testing.assert_close(ours.mean, (logits.softmax(-1) * levels).sum(-1))


def test_draws_follow_the_likelihood() -> None:
    likelihood = CategoricalLikelihood(torch.tensor([[[0.0, math.log(3.0)], [50.0, 0.0]]]))
    draws = likelihood.sample((20_000,), torch.Generator().manual_seed(0))
    assert draws.shape == (20_000, 1, 2)
    assert float(draws[:, 0, 0].float().mean()) == pytest.approx(0.75, abs=0.02)
    assert int(draws[:, 0, 1].max()) == 0


def test_a_likelihood_broadcasts_images_over_samples_of_z() -> None:
    likelihood = CategoricalLikelihood(torch.randn(3, 5, 6, 17))
    x = torch.randint(17, (5, 6))
    together = likelihood.log_prob(x)
    assert together.shape == (3, 5)
    alone = CategoricalLikelihood(likelihood.logits[1]).log_prob(x)
    torch.testing.assert_close(together[1], alone)


@pytest.mark.parametrize("latent_dim", [1, 2, 7])
def test_shapes(latent_dim: int, config: Callable[..., RunConfig], digits: Dataset) -> None:
    vae = build_vae(config("standard", latent_dim), digits)
    x = digits.test.x[:9]
    posterior = vae.posterior(x)
    assert posterior.loc.shape == posterior.scale.shape == (9, latent_dim)
    assert vae.decode(posterior.loc).mean.shape == (9, 64)
    terms = vae.elbo_terms(x, torch.randn(4, 9, latent_dim))
    assert terms.elbo.shape == (9,)


def test_the_posterior_scale_is_bounded_below(trained: Callable[..., VAE]) -> None:
    """However sure the encoder is, the entropy stays finite."""
    extreme = 1e6 * torch.randn(64, 64)
    posterior = trained("standard").posterior(extreme)
    assert posterior.scale.min() > 0
    assert posterior.entropy().isfinite().all()


def test_the_elbo_is_a_lower_bound(trained: Callable[..., VAE], digits: Dataset) -> None:
    """Against log p(x) by quadrature over the plane, worked out here from the densities."""
    vae, x = trained("mog"), digits.test.x[:20]
    line = torch.linspace(-15, 15, 301)
    z = torch.cartesian_prod(line, line)
    log_joint = torch.log_softmax(vae.decode(z).logits, -1)
    one_hot = torch.nn.functional.one_hot(x.long(), 17).float().flatten(1)
    log_likelihood = torch.logsumexp(
        log_joint.flatten(1) @ one_hot.T + vae.latent_prior().log_prob(z).unsqueeze(-1), 0
    ) + 2 * math.log(float(line[1] - line[0]))
    elbo = vae.elbo_terms(x, torch.randn(256, 20, 2)).elbo
    gap = log_likelihood - elbo
    assert (gap > -0.2).all()
    assert gap.mean() < 10
