"""Distributions over the latent space: diagonal Gaussians and their mixtures."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor

_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)


class LatentDistribution(ABC):
    """A density over z in R^L, jointly over its L dimensions.

    Unlike ``torch.distributions``, sampling takes a generator, so that threads which share the
    process draw reproducibly without touching the global one.
    """

    event_shape: torch.Size

    @abstractmethod
    def log_prob(self, z: Tensor) -> Tensor:
        """Return the joint log density in nats: ``(batch, L) -> (batch,)``."""

    @abstractmethod
    def sample(self, sample_shape: tuple[int], generator: torch.Generator | None = None) -> Tensor:
        """Draw ``(n,)`` samples, of shape ``(n, L)``, without gradient."""


class DiagonalGaussian:
    """N(z; loc, diag scale^2), one for each row: ``loc`` and ``scale`` are ``(N, L)``.

    The posterior q(z|x) of N images is one such batch.
    """

    def __init__(self, loc: Tensor, scale: Tensor) -> None:
        self.loc = loc
        self.scale = scale

    def log_prob(self, z: Tensor) -> Tensor:
        """Return log N(z; loc, scale^2), event dimensions summed: ``(..., N, L) -> (..., N)``."""
        standardised = (z - self.loc) / self.scale
        return (-0.5 * standardised.square() - self.scale.log() - _HALF_LOG_2PI).sum(-1)

    def rsample(self, noise: Tensor) -> Tensor:
        """Return ``loc + scale * noise`` for standard normal ``noise`` of shape ``(..., N, L)``."""
        return self.loc + self.scale * noise

    def entropy(self) -> Tensor:
        """Return the entropy in nats, in closed form: ``(N,)``."""
        return (self.scale.log() + 0.5 + _HALF_LOG_2PI).sum(-1)


class StandardNormal(LatentDistribution):
    """N(z; 0, I) in ``latent_dim`` dimensions, on the device and in the dtype of ``like``."""

    def __init__(self, like: Tensor) -> None:
        self.event_shape = torch.Size([like.shape[-1]])
        self._like = like

    def log_prob(self, z: Tensor) -> Tensor:
        """Return the joint log density: ``(batch, L) -> (batch,)``."""
        return (-0.5 * z.square() - _HALF_LOG_2PI).sum(-1)

    def sample(self, sample_shape: tuple[int], generator: torch.Generator | None = None) -> Tensor:
        """Draw ``(n, L)`` standard normal vectors."""
        shape = (*sample_shape, *self.event_shape)
        return torch.randn(
            shape, generator=generator, dtype=self._like.dtype, device=self._like.device
        )


class DiagonalGaussianMixture(LatentDistribution):
    """sum_k w_k N(z; loc_k, diag scale_k^2) with w = softmax(mixture_logits).

    Shapes: ``mixture_logits (K,)``, ``component_loc (K, L)``, ``component_scale (K, L)``.
    """

    def __init__(
        self, mixture_logits: Tensor, component_loc: Tensor, component_scale: Tensor
    ) -> None:
        self.event_shape = component_loc.shape[-1:]
        self.log_weights = mixture_logits.log_softmax(-1)
        self.component_loc = component_loc
        self.component_scale = component_scale

    @property
    def mixture_weights(self) -> Tensor:
        """The weights w, ``(K,)``, which sum to 1."""
        return self.log_weights.exp()

    @property
    def effective_num_components(self) -> Tensor:
        """exp(H(w)), between 1 (collapsed) and K (uniform)."""
        return torch.exp(-(self.mixture_weights * self.log_weights).sum())

    def log_prob(self, z: Tensor) -> Tensor:
        """Return the joint log density: ``(batch, L) -> (batch,)``.

        The event dimensions are summed *inside* each component and only then mixed. In the other
        order it would be a product of one-dimensional mixtures.
        """
        components = DiagonalGaussian(self.component_loc, self.component_scale)
        return torch.logsumexp(self.log_weights + components.log_prob(z.unsqueeze(-2)), dim=-1)

    def sample(self, sample_shape: tuple[int], generator: torch.Generator | None = None) -> Tensor:
        """Draw ``(n, L)`` samples: all the components at once, then all the noise at once."""
        (n,) = sample_shape
        with torch.no_grad():
            component = torch.multinomial(
                self.mixture_weights, n, replacement=True, generator=generator
            )
            loc, scale = self.component_loc[component], self.component_scale[component]
            noise = torch.randn(loc.shape, generator=generator, dtype=loc.dtype, device=loc.device)
            return loc + scale * noise
