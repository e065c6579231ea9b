"""The aggregated posterior q(z), exactly."""

from __future__ import annotations

import math
from functools import cached_property

import torch
from torch import Tensor

from models.distributions import DiagonalGaussian, LatentDistribution
from models.grid_error import grid_error
from models.log_sum import log_sum_exp_
from models.plane_gaussians import PlaneGaussians

_TERMS = 1 << 18  # (z, n) pairs at once: they stay in the cache, or near it
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)


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
        """Return log q(z) at any list of points: ``(batch, L) -> (batch,)``, by logsumexp.

        The exponents are quadratic in z: one matrix product of (z^2, z, 1) with their coefficients.
        """
        rows = max(1, _TERMS // self.num_points)
        parts = _powers(z.double()).split(rows)
        sums = [log_sum_exp_(part @ self._coefficients) for part in parts]
        return torch.cat(sums) - math.log(self.num_points)

    @cached_property
    def _coefficients(self) -> Tensor:
        """Those of z^2, z and 1 in log N(z; loc_n, scale_n^2), ``(2L + 1, N)``."""
        loc, scale = self.posterior.loc, self.posterior.scale
        precision = scale.square().reciprocal()
        constant = -0.5 * loc.square() * precision - scale.log() - _HALF_LOG_2PI
        whole = constant.sum(-1, keepdim=True)
        return torch.cat([-0.5 * precision, precision * loc, whole], dim=1).T.contiguous()

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

    def grid_error(self, step: float) -> float:
        """Return the share of q that a grid of that step may misplace, as ``grid_error``."""
        return grid_error(self.posterior.scale, step)


def _powers(z: Tensor) -> Tensor:
    """Return z^2, z and 1, ``(batch, 2L + 1)``."""
    return torch.cat([z.square(), z, torch.ones_like(z[:, :1])], dim=1)
