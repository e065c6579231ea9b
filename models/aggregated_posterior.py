"""The aggregated posterior q(z), exactly."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from models.distributions import DiagonalGaussian, LatentDistribution

_POINTS = 512  # of the N Gaussians at once: two (512, resolution) factors stay in the cache
_TERMS = 1 << 20  # (z, n) pairs at once off the grid: bounds the memory
_TILE_TERMS = 1 << 16  # (cell, n) pairs for which a tile of underflowed cells is small enough
_LEAST = 1e-150  # of a factor, relative to its peak: products stay clear of denormal numbers
_NEGLIGIBLE = 60.0  # nats below the largest term: N of them would still not change a float64


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
        parts = [_log_sum(part, self.posterior) for part in z.double().split(rows)]
        return torch.cat(parts) - math.log(self.num_points)

    def sample(self, sample_shape: tuple[int], generator: torch.Generator | None = None) -> Tensor:
        """Draw ``(n, L)``: an image at random, then its posterior."""
        (n,) = sample_shape
        rows = torch.randint(self.num_points, (n,), generator=generator)
        loc, scale = self.posterior.loc[rows], self.posterior.scale[rows]
        return loc + scale * torch.randn(loc.shape, generator=generator, dtype=loc.dtype)

    def grid_log_density(self, z1: Tensor, z2: Tensor) -> Tensor:
        """Return log q on a regular grid of the plane, ``(len(z2), len(z1))``: rows are z2.

        For diagonal Gaussians the sum over n factorises into one matrix product, B^T A / N with
        A[n, j] = N(z1_j; loc_n1, scale_n1) and B[n, i] = N(z2_i; loc_n2, scale_n2). Cells in which
        the products are too small for that are worked out by logsumexp.
        """
        density = torch.zeros(len(z2), len(z1), dtype=torch.float64)
        locs, scales = self.posterior.loc, self.posterior.scale
        for loc, scale in zip(locs.split(_POINTS), scales.split(_POINTS), strict=True):
            density.addmm_(
                _gaussian(z2, loc[:, 1:], scale[:, 1:]).T, _gaussian(z1, loc[:, :1], scale[:, :1])
            )
        # What the factors left out is below this share of the largest density a Gaussian reaches.
        peak = (1.0 / (2.0 * math.pi * scales.prod(-1))).max().item()
        lost = density < self.num_points * _LEAST * peak * math.exp(_NEGLIGIBLE)
        values = density.log_() - math.log(self.num_points)
        self._fill(values, lost, z1, z2)
        return values

    def smallest_scale(self) -> float:
        """Return the smallest posterior scale: a grid should have steps no larger."""
        return self.posterior.scale.min().item()

    def _fill(self, values: Tensor, lost: Tensor, z1: Tensor, z2: Tensor) -> None:
        """Replace the ``lost`` cells of the grid by their logsumexp.

        Halving the grid again and again, each tile keeps only the Gaussians that matter in it.
        """
        log_num_points = math.log(self.num_points)

        def fill(gaussians: DiagonalGaussian, rows: range, columns: range) -> None:
            tile = lost[rows.start : rows.stop, columns.start : columns.stop]
            if not tile.any():
                return
            i, j = tile.nonzero(as_tuple=True)
            z = torch.stack([z1[columns.start + j], z2[rows.start + i]], dim=-1)
            gaussians = _those_that_matter(gaussians, z)
            if len(z) == 1 or len(z) * len(gaussians.loc) <= _TILE_TERMS:
                sums = _log_sum(z, gaussians) - log_num_points
                values[rows.start + i, columns.start + j] = sums
                return
            for upper in _halves(rows):
                for left in _halves(columns):
                    fill(gaussians, upper, left)

        fill(self.posterior, range(len(z2)), range(len(z1)))


def _those_that_matter(gaussians: DiagonalGaussian, z: Tensor) -> DiagonalGaussian:
    """Return the Gaussians that are not negligible everywhere in the box around ``z`` (n, 2).

    The largest value that one takes in the box is compared with the least that the best one takes
    there, so none is dropped whose absence a float64 could show.
    """
    low, high = z.amin(0), z.amax(0)
    loc, scale = gaussians.loc, gaussians.scale
    nearest = loc.clamp(low, high) - loc
    farthest = torch.maximum((loc - low).abs(), (high - loc).abs())
    norm = scale.log().sum(-1)
    most = -0.5 * (nearest / scale).square().sum(-1) - norm
    least = -0.5 * (farthest / scale).square().sum(-1) - norm
    keep = most > least.max() - _NEGLIGIBLE
    return DiagonalGaussian(loc[keep], scale[keep])


def _halves(cells: range) -> tuple[range, ...]:
    middle = (cells.start + cells.stop) // 2
    halves = range(cells.start, middle), range(middle, cells.stop)
    return tuple(half for half in halves if half)


def _log_sum(z: Tensor, gaussians: DiagonalGaussian) -> Tensor:
    return torch.logsumexp(gaussians.log_prob(z.unsqueeze(-2)), dim=-1)


def _gaussian(z: Tensor, loc: Tensor, scale: Tensor) -> Tensor:
    """Return the density of one dimension: ``(R,)`` coordinates, ``(n, 1)`` -> ``(n, R)``.

    Less than ``_LEAST`` of the peak becomes 0. Without that the matrix product, and the exponential
    itself, would spend four fifths of their time on denormal numbers.
    """
    standardised = (z - loc).div_(scale * math.sqrt(2.0))
    relative = standardised.square_().neg_().clamp_min_(2.0 * math.log(_LEAST)).exp_()
    return torch.threshold_(relative, _LEAST, 0.0).div_(scale * math.sqrt(2.0 * math.pi))
