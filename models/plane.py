"""A line or a plane as a grid that carries both densities of a run."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from models.aggregated_posterior import AggregatedPosterior
from models.density import Bounds, grid_log_density, grid_points, latent_bounds, latent_grid
from models.distributions import DiagonalGaussian, LatentDistribution
from models.plane_density import PlaneDensity
from models.plane_gaussians import PlaneGaussians

_MIN_RESOLUTION = 200  # the edges of holes should not show the grid
_MAX_RESOLUTION = 640
_MAX_LINE_RESOLUTION = 8192
MEASURING_RESOLUTION = 2048  # at the most, where a few seconds do not matter


@dataclass(frozen=True)
class Plane:
    """log p and log q on one regular grid, ``(len(z2), len(z1))`` float64, rows are z2.

    On a line ``z2`` is empty, and there is one row.
    """

    z1: Tensor
    z2: Tensor
    log_prior: Tensor
    log_aggregated_posterior: Tensor
    smallest_scale: float
    """of the posteriors that make up q: with a step no larger, the grid misses nothing"""
    grid_error: float
    """the share of q that the grid may misplace"""

    @property
    def log_ratio(self) -> Tensor:
        """s = log p - log q."""
        return self.log_prior - self.log_aggregated_posterior

    @property
    def cell_area(self) -> float:
        """The area of a cell, in units of z; of a line, its length."""
        return math.prod(self._sides)

    @property
    def step(self) -> float:
        """The larger side of a cell."""
        return _step(self.z1, self.z2)

    @property
    def points(self) -> Tensor:
        """The grid's points row by row, ``(len(z2) * len(z1), 2)``; of a line ``(n, 1)``."""
        return grid_points(self.z1, self.z2)

    @property
    def _sides(self) -> list[float]:
        return [float(line[1] - line[0]) for line in (self.z1, self.z2) if len(line)]

    def of(self, posterior: DiagonalGaussian) -> Plane:
        """Return the same grid and prior with the q of other images."""
        q = AggregatedPosterior(posterior)
        return replace(
            self,
            log_aggregated_posterior=q.grid_log_density(self.z1, self.z2),
            smallest_scale=q.smallest_scale(),
            grid_error=q.grid_error(self.step),
        )

    def mean(self, log_density: Tensor, values: Tensor) -> float:
        """Return the integral of density times values; where the density is 0 so is the product."""
        density = log_density.exp()
        return torch.where(density > 0, density * values, 0.0).sum().item() * self.cell_area


def sufficient_resolution(
    bounds: Bounds,
    largest_step: float,
    *,
    fewest: int = _MIN_RESOLUTION,
    most: int = _MAX_RESOLUTION,
) -> int:
    """Return the points along a side for which the step is at most ``largest_step``.

    Between ``fewest`` and ``most`` (8192 of a line); past that the grid is too coarse, which
    ``Plane.step`` shows.
    """
    most = most if bounds.z2_max > bounds.z2_min else _MAX_LINE_RESOLUTION
    return max(fewest, min(most, math.ceil(bounds.longer_side / largest_step) + 1))


@torch.inference_mode()
def plane(
    prior: LatentDistribution,
    posterior: DiagonalGaussian,
    bounds: Bounds | None = None,
    resolution: int | None = None,
) -> Plane:
    """Return log p and log q on a grid; by default one that holds both, and is fine enough.

    ``posterior`` is that of the training images: q is their mixture.

    Raises:
        ValueError: the latent space is neither a line nor a plane.
    """
    box = bounds or latent_bounds(prior, posterior)
    aggregated_posterior = AggregatedPosterior(posterior)
    scale = aggregated_posterior.smallest_scale()
    z1, z2 = latent_grid(box, resolution or sufficient_resolution(box, scale))
    return Plane(
        z1=z1,
        z2=z2,
        log_prior=grid_log_density(prior, z1, z2).double(),
        log_aggregated_posterior=aggregated_posterior.grid_log_density(z1, z2),
        smallest_scale=scale,
        grid_error=aggregated_posterior.grid_error(_step(z1, z2)),
    )


@torch.inference_mode()
def marginal_plane(prior: PlaneDensity, posterior: PlaneGaussians, bounds: Bounds) -> Plane:
    """Return the marginals of p and q on a plane of a larger space, on a grid fine enough."""
    scale = posterior.smallest_scale()
    z1, z2 = latent_grid(bounds, sufficient_resolution(bounds, scale))
    return Plane(
        z1=z1,
        z2=z2,
        log_prior=prior.grid_log_density(z1, z2),
        log_aggregated_posterior=posterior.grid_log_density(z1, z2),
        smallest_scale=scale,
        grid_error=posterior.grid_error(_step(z1, z2)),
    )


def _step(z1: Tensor, z2: Tensor) -> float:
    return max(float(line[1] - line[0]) for line in (z1, z2) if len(line))
