"""The variational auto-encoder: encoder, decoder and prior."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from models.config import RunConfig
from models.data import Dataset
from models.data_range import DataRange
from models.decoder import Decoder
from models.distributions import DiagonalGaussian, LatentDistribution
from models.encoder import Encoder
from models.likelihoods import Likelihood
from models.networks import check_network
from models.priors import Shapes, build_prior
from models.priors.base import Prior


@dataclass(frozen=True)
class ElboTerms:
    """The three terms of the ELBO for each image, ``(N,)``, in nats."""

    reconstruction: Tensor
    """E_q[log p(x|z)]"""
    cross_entropy: Tensor
    """-E_q[log p(z)]"""
    posterior_entropy: Tensor
    """H[q(z|x)], in closed form"""

    @property
    def elbo(self) -> Tensor:
        """reconstruction - cross_entropy + posterior_entropy."""
        return self.reconstruction - self.cross_entropy + self.posterior_entropy


class VAE(nn.Module):
    """p(x, z) = p(x|z) p(z) with the posterior q(z|x) (Kingma & Welling 2014)."""

    def __init__(self, encoder: Encoder, decoder: Decoder, prior: Prior) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.prior = prior

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.encoder.offset.device

    def posterior(self, x: Tensor) -> DiagonalGaussian:
        """Return q(z|x) of ``(N, D)`` images."""
        posterior: DiagonalGaussian = self.encoder(x)
        return posterior

    def latent_prior(self) -> LatentDistribution:
        """Return p(z)."""
        prior: LatentDistribution = self.prior(self.encoder)
        return prior

    def decode(self, z: Tensor) -> Likelihood:
        """Return p(x|z) for ``(..., L)`` latents."""
        likelihood: Likelihood = self.decoder(z)
        return likelihood

    def elbo_terms(self, x: Tensor, noise: Tensor) -> ElboTerms:
        """Estimate the terms of the ELBO for ``x`` (N, D), reparameterised.

        ``noise`` is standard normal, ``(S, N, L)``; reconstruction and cross_entropy are means over
        its S samples, posterior_entropy is exact.
        """
        posterior = self.posterior(x)
        z = posterior.rsample(noise)
        return ElboTerms(
            reconstruction=_mean_of_draws(self.decode(z).log_prob(x)),
            cross_entropy=-_mean_of_draws(
                self.latent_prior().log_prob(z.flatten(0, 1)).view(z.shape[:2])
            ),
            posterior_entropy=posterior.entropy(),
        )


def _mean_of_draws(values: Tensor) -> Tensor:
    """Return the mean over S: ``(S, N) -> (N,)``; in training S is 1, and nothing to be done."""
    return values.squeeze(0) if len(values) == 1 else values.mean(0)


def build_vae(config: RunConfig, dataset: Dataset) -> VAE:
    """Build the VAE of ``config`` for ``dataset``, with the initial weights of its seed.

    Raises:
        LikelihoodMisfitError, NetworkMisfitError: the configuration does not fit the data.
    """
    data = DataRange.of(dataset)
    check_network(config.network, data)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.training.seed)
        return VAE(
            Encoder(data, config.latent_dim, config.network),
            Decoder(data, config.latent_dim, config.network, config.likelihood),
            build_prior(config.prior, Shapes(config.latent_dim, data)),
        )
