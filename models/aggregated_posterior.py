"""The aggregated posterior q(z), exactly."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from models.distributions import DiagonalGaussian, LatentDistribution
from models.plane_gaussians import PlaneGaussians

_TERMS = 1 << 20  # (z, n) pairs at once: bounds the memory
_FEW_DIMENSIONS = 2  # up to here the terms themselves are as fast as matrix products


class AggregatedPosterior(LatentDistribution):
    """q(z) = 1/N sum_n q(z|x_n) over all N images given, in float64 (Hoffman & Johnson 2016).

    Each image's own Gaussian is part of it, and none is left out: an average over a minibatch
    would be off by nats.
    """

    def __init__(self, posterior: DiagonalGaussian) -> None:
        self.posterior = DiagonalGaussian(posterior.loc.double(), posterior.scale.double())
        self.num_points, latent_dim = self.posterior.loc.shape
        self.event_shape = torch.Size([latent_dim])

    def log_prob(self, z: Tensor) -> Tensor:
        """Return log q(z) at any list of points: ``(batch, L) -> (batch,)``, by logsumexp."""
        rows = max(1, _TERMS // self.num_points)
        log_terms = self.posterior.log_prob if z.shape[-1] <= _FEW_DIMENSIONS else self._products()
        parts = [
            torch.logsumexp(log_terms(part.unsqueeze(-2)), dim=-1)
            for part in z.double().split(rows)
        ]
        return torch.cat(parts) - math.log(self.num_points)

    def _products(self) -> Callable[[Tensor], Tensor]:
        """Return the log terms of q as two matrix products, ``(rows, 1, L) -> (rows, N)``.

        With P = scale^-2: (z - loc)^2 . P = z^2 . P - 2 z . (loc P) + loc^2 . P. What is cancelled
        is small as long as z is counted from the middle of all loc.
        """
        centre = self.posterior.loc.mean(0)
        loc, precision = self.posterior.loc - centre, self.posterior.scale.pow(-2)
        origin = DiagonalGaussian(loc, self.posterior.scale).log_prob(torch.zeros_like(centre))
        linear, quadratic = (loc * precision).T, -0.5 * precision.T

        def log_terms(z: Tensor) -> Tensor:
            offset = z.squeeze(-2) - centre
            return torch.addmm(origin, offset, linear).addmm_(offset.square(), quadratic)

        return log_terms

    def sample(self, sample_shape: tuple[int], generator: torch.Generator | None = None) -> Tensor:
        """Draw ``(n, L)``: an image at random, then its posterior."""
        (n,) = sample_shape
        rows = torch.randint(self.num_points, (n,), generator=generator)
        loc, scale = self.posterior.loc[rows], self.posterior.scale[rows]
        return loc + scale * torch.randn(loc.shape, generator=generator, dtype=loc.dtype)

    def grid_log_density(self, z1: Tensor, z2: Tensor) -> Tensor:
        """Return log q on a regular grid, ``(len(z2), len(z1))``: rows are z2.

        On a line, where ``z2`` is empty, there is one row.
        """
        if len(z2) == 0:
            return self.log_prob(z1.unsqueeze(-1)).unsqueeze(0)
        gaussians = PlaneGaussians.of_equal_weight(self.posterior.loc, self.posterior.scale)
        return gaussians.grid_log_density(z1, z2)

    def smallest_scale(self) -> float:
        """Return the smallest posterior scale: a grid should have steps no larger."""
        return self.posterior.scale.min().item()
